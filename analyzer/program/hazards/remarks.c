/* remarks: what the text of the program says of the GIL, and a few calls that ask about it or about other threads'
 * frames (RL801, RL802, RL803). */
#include "program/hazards/finder.h"

#include <stdlib.h>

#include "ir/opcodes.h"
#include "program/hazards/frames.h"
#include "program/hazards/gil_branches.h"
#include "program/values/objects.h"

/* ---- text ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || c == '_';
}

/* Whether a phrase (in lower case) stands at an offset, any white space for a blank. Returns the offset behind it, or
 * 0. */
static size_t phrase_at(struct str s, size_t at, const char *phrase)
{
    for (; *phrase != '\0'; phrase++) {
        if (at >= s.len)
            return 0;
        if (*phrase == ' ') {
            if (s.ptr[at] != ' ' && s.ptr[at] != '\n' && s.ptr[at] != '\t')
                return 0;
            while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\n' || s.ptr[at] == '\t' || s.ptr[at] == '#'))
                at++;
            continue;
        }
        if (lower(s.ptr[at++]) != *phrase)
            return 0;
    }
    return at;
}

static bool contains(struct str s, const char *phrase)
{
    for (size_t i = 0; i < s.len; i++)
        if (phrase_at(s, i, phrase) != 0)
            return true;
    return false;
}

/* Whether a text may speak of the GIL at all; few do, and they have "gil" or the middle of "interpreter". Where no
 * letter of these two stands, no word with it need be looked for: so two of three letters are not looked at. */
static bool may_name_gil(struct str s)
{
    for (size_t i = 2; i < s.len;) {
        char before = lower(s.ptr[i - 1]), first = lower(s.ptr[i - 2]);
        switch (s.ptr[i]) {
        case 'l':
        case 'L':
            if (before == 'i' && first == 'g')
                return true;
            i += 3;
            break;
        case 'r':
        case 'R':
            if (before == 'p' && first == 'r')
                return true;
            i += 2;
            break;
        case 'g':
        case 'G': i += 2; break;
        case 'i':
        case 'I':
        case 'p':
        case 'P': i++; break;
        default: i += 3; break;
        }
    }
    return false;
}

static bool contains_any(struct str s, const char *const *phrases)
{
    for (; *phrases != NULL; phrases++)
        if (contains(s, *phrases))
            return true;
    return false;
}

/* The GIL as a word of its own: its offset, and the one behind it. */
static bool find_gil(struct str s, size_t *from, size_t *to)
{
    static const char *const names[] = {"gil", "global interpreter lock", NULL};
    for (size_t i = 0; i < s.len; i++)
        for (const char *const *name = names; *name != NULL; name++) {
            size_t end = phrase_at(s, i, *name);
            bool person = end == i + 3 && s.ptr[i] == 'G' && s.ptr[i + 1] == 'i';
            if (end == 0 || person || (i > 0 && is_letter(s.ptr[i - 1])) || (end < s.len && is_letter(s.ptr[end])))
                continue;
            *from = i;
            *to = end;
            return true;
        }
    return false;
}

/* Words of sentences that say the opposite, or tell what the GIL is, costs, or does not do. */
static const char *const against[] = {"without",
                                      "no gil",
                                      " not ",
                                      "n't",
                                      "nogil",
                                      "no-gil",
                                      "free-thread",
                                      "free thread",
                                      "freethread",
                                      "releas",
                                      "drop",
                                      "despite",
                                      "even with",
                                      "regardless",
                                      "performance",
                                      "contention",
                                      "slow",
                                      "speed",
                                      "parallel",
                                      "disabl",
                                      "remov",
                                      "?",
                                      "no longer",
                                      "acquire",
                                      "never",
                                      "nor ",
                                      "hold",
                                      "one thread",
                                      "seul thread",
                                      "solo hilo",
                                      "solo thread",
                                      "ein thread",
                                      "uma thread",
                                      "bytecode",
                                      "mutex",
                                      "nicht",
                                      "ohne ",
                                      " sans ",
                                      " sin ",
                                      " senza ",
                                      "\320\261\320\265\320\267 ", /* Russian: without */
                                      "\346\262\241\346\234\211",  /* Chinese: there is none */
                                      NULL};
/* Before the name of the GIL: it is the reason. */
static const char *const reasons[] = {
    "because of",
    "thanks to",
    "due to",
    "protected by",
    "guarded by",
    "guaranteed by",
    "rely on",
    "relies on",
    "relying on",
    "courtesy of",
    "since the",
    "because the",
    "ensured by",
    "serialized by",
    "serialised by",
    "under the",
    "as the",
    "dank",
    "wegen",
    "durch den",
    "durch das",
    "vom ",
    "par le ",
    "por el ",
    "pelo ",
    "dal ",
    "dzi\304\231ki", /* Polish: thanks to */
    "gr\303\242ce",
    "\303\240 cause du",
    "gracias al",
    "debido al",
    "grazie al",
    "gra\303\247as ao",
    "assume",
    "depends on",
    "\320\261\320\273\320\260\320\263\320\276\320\264\320\260\321\200\321\217", /* Russian: thanks to */
    "\320\270\320\267-\320\267\320\260",                                        /* because of */
    "\347\224\261\344\272\216",
    "\345\233\240\344\270\272", /* Chinese: because of */
    NULL};
/* Behind it: it does something for the code. */
static const char *const acts[] = {"protects",
                                   "guarantees",
                                   "ensures",
                                   "makes",
                                   "takes care",
                                   "serializes",
                                   "serialises",
                                   "prevents",
                                   "saves us",
                                   "keeps",
                                   "gives us",
                                   "will protect",
                                   "garantit",
                                   "garantiert",
                                   "garantiza",
                                   "garantisce",
                                   "garante",
                                   "protege",
                                   "prot\303\250ge",
                                   "sch\303\274tzt",
                                   "\353\215\225\353\266\204", /* Korean: thanks to */
                                   "\344\277\235\346\212\244",
                                   "\344\277\235\350\250\274", /* Chinese: protects; Japanese: guarantees */
                                   "-protected",
                                   "-safe",
                                   "\343\201\256\343\201\212\343\201\213\343\201\222", /* Japanese: thanks to */
                                   NULL};
/* Anywhere: there is no lock, and the GIL is why. */
static const char *const lockless[] = {
    "no lock ",     "no locks ",      "no lock:",        "no locking",           "need a lock", "need for a lock",
    "need to lock", "without a lock", "without locking", "lock is not",          "lock isn't",  "unlocked",
    "don't lock",   "do not lock",    "need no lock",    "needs no lock",        "sem lock",    "senza lock",
    "kein lock",    "keinen lock",    "kein schloss",    "pas besoin de verrou", "sin bloqueo", NULL};
/* ... unless it is about builds without it, or about giving it up. */
static const char *const others[] = {"free-thread", "free thread",     "freethread", "nogil",     "no-gil", "no gil",
                                     "releas",      "without the gil", "?",          "no longer", NULL};

/* Says that something is safe because of the GIL; not what the GIL is, costs, or does not do. */
static bool relies_on_gil(struct str sentence)
{
    size_t from, to;
    if (!find_gil(sentence, &from, &to))
        return false;
    if (contains_any(sentence, lockless) && !contains_any(sentence, others))
        return true;
    struct str before = str_slice(sentence, from > 30 ? from - 30 : 0, from);
    struct str after = str_slice(sentence, to, to + 30 < sentence.len ? to + 30 : sentence.len);
    /* "not strictly thread-safe, but atomic thanks to the GIL": it says what is so, and why */
    bool atomic =
        contains(sentence, "atomic") && !contains(sentence, "not atomic") && !contains(sentence, "n't atomic");
    if (atomic && contains_any(before, reasons) && !contains_any(sentence, others))
        return true;
    if (contains_any(sentence, against))
        return false;
    return contains_any(before, reasons) || contains_any(after, acts) || contains(sentence, "atomic");
}

#define CLAUSE 48 /* bytes before the name of the GIL that tell what is said of it */

/* Where the part of a long sentence begins that speaks of the GIL. */
static size_t clause_of(struct str sentence)
{
    size_t at = 0, end;
    find_gil(sentence, &at, &end);
    if (at <= CLAUSE)
        return 0;
    size_t space = str_find(str_slice(sentence, at - CLAUSE, at), STR(" "));
    return space != SIZE_MAX ? at - CLAUSE + space + 1 : 0;
}

/* The first sentence of a text that relies on the GIL, as offsets in it. */
static bool remark_in(struct str text, size_t *from, size_t *to)
{
    size_t begin = 0;
    for (size_t i = 0; i <= text.len; i++) {
        bool ends = i == text.len || ((text.ptr[i] == '.' || text.ptr[i] == ';' || text.ptr[i] == '!') &&
                                      (i + 1 == text.len || text.ptr[i + 1] == ' ' || text.ptr[i + 1] == '\n'));
        if (!ends)
            continue;
        if (relies_on_gil(str_slice(text, begin, i))) {
            *from = begin + clause_of(str_slice(text, begin, i));
            *to = i;
            return true;
        }
        begin = i + 1;
    }
    return false;
}

/* ---- findings ---- */

struct look {
    struct finder *f;
    uint32_t unit, function;
};

static void add(const struct look *look, enum hazard_kind kind, struct ir_span span, enum confidence confidence,
                const char *why)
{
    struct program *p = look->f->p;
    const struct unit *u = &p->units.data[look->unit];
    if (u->body == 0)
        return;
    struct acc acc = {.context = u->body,
                      .unit = look->unit,
                      .function = look->function,
                      .op = span.start,
                      .object = u->object,
                      .kind = ACCESS_USE,
                      .span = span};
    struct place *place = arena_alloc(p->arena, sizeof *place);
    *place = (struct place){.root = PLACE_GLOBAL,
                            .name = STR("the GIL"),
                            .field = STR("the GIL"),
                            .variable = STR("the GIL"),
                            .owner = u->dotted};
    place->declared = place->set_up =
        (struct site){.file = u->file, .span = span}; /* each text and call is a finding of its own */
    struct hazard h = {.kind = kind, .exposure = EXPOSURE_FREE_THREADED, .confidence = confidence};
    h.why = str_of(why);
    h.place = place;
    finder_add(look->f, &h, &acc, &acc, NULL);
}

static uint32_t function_at(const struct ir_module *ir, uint32_t offset)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < ir->function_count; i++)
        if (ir->functions[i].span.start <= offset && offset < ir->functions[i].span.end &&
            ir->functions[i].kind != IR_FN_LAMBDA)
            found = i;
    return found;
}

static void look_at_text(struct look *look, uint32_t start, uint32_t end)
{
    const struct unit *u = &look->f->p->units.data[look->unit];
    size_t from, to;
    struct str text = str_slice(u->file->text, start, end);
    if (!may_name_gil(text) || !remark_in(text, &from, &to))
        return;
    while (from < to && !is_letter(text.ptr[from]) && (unsigned char)text.ptr[from] < 0x80)
        from++;
    look->function = function_at(u->ir, start + (uint32_t)from);
    add(look, HAZARD_GIL_REMARK, (struct ir_span){start + (uint32_t)from, start + (uint32_t)to}, CONFIDENCE_MEDIUM,
        "the text says so");
}

/* Whether nothing but one line end stands between two comments. */
static bool is_next_line(struct str between)
{
    size_t lines = 0;
    for (size_t k = 0; k < between.len && lines < 2; k++) {
        char c = between.ptr[k];
        if (c != '\n' && c != ' ' && c != '\t' && c != '\r')
            return false;
        lines += c == '\n';
    }
    return lines == 1;
}

/* Comments on lines that follow each other are one text. */
static void look_at_comments(struct look *look)
{
    const struct unit *u = &look->f->p->units.data[look->unit];
    const struct ir_module *ir = u->ir;
    for (uint32_t i = 0, next; i < ir->comment_count; i = next) {
        uint32_t end = ir->comments[i].span.end;
        for (next = i + 1; next < ir->comment_count; next++) {
            if (!is_next_line(str_slice(u->file->text, end, ir->comments[next].span.start)))
                break;
            end = ir->comments[next].span.end;
        }
        look_at_text(look, ir->comments[i].span.start, end);
    }
}

/* The docstring behind an offset, if there is one. */
static void look_at_docstring(struct look *look, uint32_t at)
{
    struct str text = look->f->p->units.data[look->unit].file->text;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\n' || text.ptr[at] == '\t' ||
                             text.ptr[at] == '\r' || text.ptr[at] == ':'))
        at++;
    if (at < text.len && (text.ptr[at] == 'r' || text.ptr[at] == 'R'))
        at++;
    struct str quote = str_slice(text, at, at + 3 < text.len ? at + 3 : text.len);
    if (!str_equal(quote, STR("\"\"\"")) && !str_equal(quote, STR("'''")))
        return;
    size_t length = str_find(str_slice(text, at + 3, text.len), quote);
    if (length != SIZE_MAX)
        look_at_text(look, at + 3, at + 3 + (uint32_t)length);
}

/* ---- calls ---- */

static bool is_named(const struct ir_module *ir, const struct ir_op *op, const char *name)
{
    return op->code == IR_READ_ATTR && str_equal(ir->names[op->b], str_of(name));
}

/* Whether the function asks for the version, or whether there is such a function, before it calls. */
static bool is_guarded(const struct ir_module *ir, const struct ir_function *fn, uint32_t at)
{
    uint32_t tries = 0;
    for (uint32_t i = 0; i < at; i++) {
        const struct ir_op *op = &ir->ops[fn->first_op + i];
        bool asks = (op->code == IR_READ_GLOBAL &&
                     (str_equal(ir->names[op->a], STR("hasattr")) || str_equal(ir->names[op->a], STR("getattr")))) ||
                    is_named(ir, op, "version_info") || is_named(ir, op, "hexversion") ||
                    (op->code == IR_READ_GLOBAL && str_find(ir->names[op->a], STR("PY")) != SIZE_MAX);
        if (asks)
            return true;
        tries += op->code == IR_TRY;
    }
    return tries > 0;
}

/* What a name may mean here; few modules have one that means anything. */
enum {
    NAME_CALLS = 1,    /* a call to look at is known by it */
    NAME_QUESTION = 2, /* it asks about the GIL */
    NAME_LOOKED_AT = 4
};

static uint8_t meaning_of(const struct models *models, struct str name)
{
    if (models_asks_gil(models, name))
        return NAME_LOOKED_AT | NAME_QUESTION | NAME_CALLS;
    return NAME_LOOKED_AT | (models_about_gil(models, name, GIL_SWITCH) ? NAME_CALLS : 0);
}

/* All that names of a module mean. `meanings`: by name_id, of those that were looked at for other modules. */
static uint8_t names_of(const struct program *p, const struct unit *u, uint8_t *meanings)
{
    uint8_t all = 0;
    for (uint32_t i = 0; i < u->ir->name_count; i++) {
        uint8_t *meaning = &meanings[u->names[i]];
        if (*meaning == 0)
            *meaning = meaning_of(p->models, u->ir->names[i]);
        all |= *meaning;
    }
    return all;
}

static void branch_found(void *data, uint32_t function, struct ir_span condition)
{
    struct look *look = data;
    look->function = function;
    add(look, HAZARD_GIL_BRANCH, condition, CONFIDENCE_MEDIUM, "one side of the branch locks, the other does not");
}

#define FIRST_WITH_PROBE 0x030d /* the version that brought sys._is_gil_enabled */

static void look_at_calls(struct look *look)
{
    const struct ir_module *ir = look->f->p->units.data[look->unit].ir;
    const struct models *models = look->f->p->models;
    for (uint32_t k = 0; k < ir->function_count; k++) {
        const struct ir_function *fn = &ir->functions[k];
        look->function = k;
        for (uint32_t i = 0; i < fn->op_count; i++) {
            const struct ir_op *op = &ir->ops[fn->first_op + i];
            bool called = (op->flags & IR_FLAG_CALLEE) != 0;
            if (op->code == IR_READ_ATTR && called && models_about_gil(models, ir->names[op->b], GIL_SWITCH))
                add(look, HAZARD_GIL_SWITCH, op->span, CONFIDENCE_MEDIUM, "there is nothing to switch");
            if (op->code == IR_READ_ATTR && called && models_about_gil(models, ir->names[op->b], GIL_PROBE) &&
                look->f->p->options.oldest_version < FIRST_WITH_PROBE && !is_guarded(ir, fn, i))
                add(look, HAZARD_GIL_PROBE, op->span, CONFIDENCE_MEDIUM, "Python 3.12 and older lack it");
        }
    }
}

static void frame_found(void *data, uint32_t function, struct ir_span span)
{
    struct look *look = data;
    look->function = function;
    add(look, HAZARD_FOREIGN_FRAME, span, CONFIDENCE_MEDIUM, "the frame belongs to a running thread");
}

void find_remarks(struct finder *f)
{
    uint8_t *meanings = memory_new(intern_count(f->p->names));
    for (uint32_t i = 0; i < f->p->units.len; i++) {
        const struct ir_module *ir = f->p->units.data[i].ir;
        struct look look = {f, i, 0};
        look_at_comments(&look);
        look_at_docstring(&look, 0);
        for (uint32_t k = 1; k < ir->function_count; k++)
            if (ir->functions[k].kind == IR_FN_FUNCTION)
                look_at_docstring(&look, ir->functions[k].head.end);
        for (uint32_t k = 0; k < ir->class_count; k++)
            look_at_docstring(&look, ir->classes[k].head.end);
        uint8_t named = names_of(f->p, &f->p->units.data[i], meanings);
        if (named & NAME_CALLS)
            look_at_calls(&look);
        frames_find(f->p, i, frame_found, &look);
        if (named & NAME_QUESTION)
            gil_branches_find(f->p, i, branch_found, &look);
    }
    free(meanings);
}
