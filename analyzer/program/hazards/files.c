/* files: a test of what is in the file system, and a step that relies on it; files of one name for all threads
 * (RL605). */
#include "program/hazards/finder.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/values/objects.h"

static const struct ir_op *op_of(const struct program *p, const struct note *n)
{
    const struct ir_module *ir = p->units.data[n->acc.unit].ir;
    return &ir->ops[ir->functions[n->acc.function].first_op + n->acc.op];
}

/* The `if` between the two that asks for the result of the check, itself or in one of its operands: NULL if none
 * does. */
static const struct ir_op *decider(const struct program *p, const struct note *check, const struct note *act)
{
    const struct ir_op *from = op_of(p, check), *to = op_of(p, act);
    ir_value value = from->result;
    uint32_t kept = IR_NO_INDEX; /* the variable that holds what `and` or `or` makes of it */
    for (const struct ir_op *op = from + 1; op < to; op++) {
        if (op->code == IR_UNARY && op->a == value && op->aux == IR_OP_NOT)
            value = op->result;
        if (op->code == IR_BIND && op->b == value && (op->flags & IR_FLAG_SYNTHETIC))
            kept = op->a;
        if (op->code == IR_LOCAL && op->a == kept)
            value = op->result;
        if (op->code == IR_IF && op->a == value)
            return op;
    }
    return NULL;
}

/* Whether an act lies in a branch of an `if`. */
static bool lies_in(const struct program *p, const struct ir_op *branch, const struct note *act)
{
    uint32_t depth = 1;
    for (const struct ir_op *op = branch + 1; op < op_of(p, act) && depth > 0; op++)
        depth += ir_opens(op->code) ? 1 : op->code == IR_END ? UINT32_MAX : 0;
    return depth > 0;
}

/* Whether a function makes the folder that it is given only where it is missing: a helper for whoever needs it, threads
 * or processes, of whom the second one gets an exception. With `exist_ok` there would be no need to ask. What a thread
 * of the program's is given may be its own; and who makes several folders lays out a tree, which he then fills alone.
 */
static bool is_made_once(const struct program *p, const struct ir_op *branch, const struct note *act)
{
    const struct context *c = context_at(p, act->acc.context);
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *other = &c->records->notes.data[i];
        if (other->kind == NOTE_FILE && other->acc.model->folder == FOLDER_MADE && other->acc.op != act->acc.op)
            return false;
    }
    bool by_callers = p->roots.data[c->root].kind == THREAD_CALLER;
    return by_callers && act->acc.model->folder == FOLDER_MADE && (act->flags & NOTE_OWN_KEY) && act->acc.locks == 0 &&
           lies_in(p, branch, act) && convention_meant(p, &act->acc) && !convention_uncalled(p, &act->acc) &&
           (p->has_threads || !p->has_entry);
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

/* `branch` is the `if` that asks for the result of the check, or NULL. */
static void check_act(struct finder *f, const struct note *check, const struct note *act, const struct ir_op *branch)
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
    if (!shared && !alone && branch != NULL && is_made_once(f->p, branch, act))
        h.confidence = CONFIDENCE_MEDIUM;
    finder_add(f, &h, &check->acc, &act->acc, shared ? &act->acc : NULL);
}

/* What a function does with files. */
static void check_context(struct finder *f, const struct context *c)
{
    for (size_t k = 0; k < c->records->notes.len; k++) {
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
            const struct ir_op *branch = same ? decider(f->p, check, act) : NULL;
            if (same && (only_names(check) || branch != NULL)) {
                check_act(f, check, act, branch);
                break;
            }
        }
    }
}

void find_files(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++)
        if (p->contexts.data[i]->status == CONTEXT_DONE)
            check_context(f, p->contexts.data[i]);
}
