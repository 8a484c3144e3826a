/* files: a test of what is in the file system, and a step that relies on it; files of one name for all threads
 * (RL605). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/values/objects.h"

static const struct ir_op *op_of(const struct program *p, const struct note *n)
{
    const struct ir_module *ir = p->units.data[n->acc.unit].ir;
    return &ir->ops[ir->functions[n->acc.function].first_op + n->acc.op];
}

/* Whether an `if` between the two asks for the result of the check. */
static bool decides(const struct program *p, const struct note *check, const struct note *act)
{
    const struct ir_op *from = op_of(p, check), *to = op_of(p, act);
    ir_value value = from->result;
    for (const struct ir_op *op = from + 1; op < to; op++) {
        if (op->code == IR_UNARY && op->a == value && op->aux == IR_OP_NOT)
            value = op->result;
        if (op->code == IR_IF && op->a == value)
            return true;
    }
    return false;
}

/* Whether several threads come to the path by one object that all of them have. */
static bool is_of_shared(struct program *p, const struct note *n)
{
    struct acc holder = n->acc;
    if (n->targets == 0)
        return true;
    holder.object = sets_member(p->sets, n->targets, 0);
    return parallel_accesses(p, &holder, &holder).kind == PARALLEL_ROOTS;
}

static enum confidence file_confidence(struct program *p, const struct note *n, struct str *why)
{
    const struct root *root = &p->roots.data[context_at(p, n->acc.context)->root];
    *why = STR("another thread or process can come in between");
    bool many = root->kind == THREAD_SPAWNED && root->self_parallel;
    if (!many || (n->flags & NOTE_OWN_KEY) || n->acc.locks != 0 || !is_of_shared(p, n))
        return CONFIDENCE_LOW;
    *why = STR("several threads do this with the same file");
    return CONFIDENCE_MEDIUM;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "/tmp/out", "state.json.tmp", "temp.txt": the word stands for itself, and is no part of another. */
static bool is_temporary_name(struct str name)
{
    static const char *const words[] = {"tmp", "temp", "TMP", "TEMP"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str word = str_of(words[i]);
        for (size_t at = 0; at + word.len <= name.len; at++)
            if (str_starts(str_slice(name, at, name.len), word) && (at == 0 || !is_letter(name.ptr[at - 1])) &&
                (at + word.len == name.len || !is_letter(name.ptr[at + word.len])))
                return true;
    }
    return false;
}

/* Several threads that write a temporary file of one name: each writes into what another one is about to read. */
static void check_temporary(struct finder *f, const struct note *n)
{
    if (!n->acc.key_constant || (n->flags & (NOTE_OVERWRITES | NOTE_OWN_KEY)) != NOTE_OVERWRITES ||
        !is_temporary_name(name_text(f->p, n->acc.key)))
        return;
    struct hazard h = {.kind = HAZARD_FILE, .check = CHECK_TRUE, .exposure = EXPOSURE_ANY_BUILD};
    h.confidence = file_confidence(f->p, n, &h.why);
    if (h.confidence == CONFIDENCE_LOW)
        return; /* one thread is seen to write it, if any */
    struct place *place = arena_alloc(f->p->arena, sizeof *place);
    *place = (struct place){.root = PLACE_OBJECT, .name = name_text(f->p, n->acc.key)};
    place->field = place->variable = place->name;
    h.place = place;
    finder_add(f, &h, &n->acc, &n->acc, &n->acc);
}

/* A name that nobody has yet, and anybody may have when it is used. */
static bool only_names(const struct note *check)
{
    return check->acc.model->key == MODEL_NO_ARG && check->acc.model->key_keyword == NULL && check->acc.object == 0;
}

/* Whether the answer to a question is about what the act is done to: whether a folder is there says nothing of a file
 * that is opened. */
static bool is_about(const struct note *check, const struct note *act)
{
    const struct model *asked = check->acc.model, *done = act->acc.model;
    bool opens = done->mode != MODEL_NO_ARG || done->mode_keyword != NULL;
    return asked->file == FILE_CHECK || (asked->file == FILE_CHECK_FOLDER && !opens);
}

static void check_act(struct finder *f, const struct note *check, const struct note *act)
{
    struct hazard h = {.kind = HAZARD_FILE, .exposure = EXPOSURE_ANY_BUILD};
    h.confidence = file_confidence(f->p, act, &h.why);
    bool alone = convention_of_tests(f->p, act->acc.unit) || convention_at_exit(f->p, &act->acc);
    if (h.confidence == CONFIDENCE_LOW && alone && !only_names(check))
        return;
    if (only_names(check)) {
        h.check = CHECK_FALSE;
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("the name is free when it is asked for, and anybody's afterwards");
    }
    struct place *place = arena_alloc(f->p->arena, sizeof *place);
    *place = (struct place){.root = PLACE_OBJECT, .name = name_text(f->p, act->acc.key)};
    place->field = place->variable = place->name;
    h.place = place;
    bool shared = h.confidence >= CONFIDENCE_MEDIUM;
    finder_add(f, &h, &check->acc, &act->acc, shared ? &act->acc : NULL);
}

void find_files(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->notes.len; k++) {
            const struct note *act = &c->records->notes.data[k];
            if (act->kind != NOTE_FILE || act->acc.model->file != FILE_ACT)
                continue;
            check_temporary(f, act);
            if (act->flags & NOTE_HANDLED)
                continue;
            for (size_t j = 0; j < k; j++) {
                const struct note *check = &c->records->notes.data[j];
                bool same = check->kind == NOTE_FILE && is_about(check, act) && check->acc.key == act->acc.key &&
                            check->acc.op < act->acc.op;
                if (same && (only_names(check) || decides(p, check, act))) {
                    check_act(f, check, act);
                    break;
                }
            }
        }
    }
}
