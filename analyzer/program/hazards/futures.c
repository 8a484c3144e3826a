/* futures: tasks whose future is dropped, and with it what they raise (RL703). */
#include "program/hazards/finder.h"

#include <stdlib.h>

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

/* The contexts of each root: a list for each, in order. */
struct by_root {
    context_id *first; /* [roots]; 0: none */
    context_id *next;  /* [contexts]; 0: the last one */
};

static void by_root_make(const struct program *p, struct by_root *by)
{
    by->first = memory_new((p->roots.len + 1) * sizeof *by->first);
    by->next = memory_new((p->contexts.len + 1) * sizeof *by->next);
    for (size_t i = p->contexts.len; i-- > 1;) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        by->next[i] = by->first[c->root];
        by->first[c->root] = (context_id)i;
    }
}

/* Whether a `try` of the function has a handler for everything: `except:`, `except Exception:`. */
static bool catches_all(const struct unit *u, const struct ir_function *fn)
{
    const struct ir_op *ops = u->ir->ops + fn->first_op;
    for (uint32_t i = 0; i < fn->op_count; i++) {
        if (ops[i].code != IR_EXCEPT)
            continue;
        for (uint32_t k = i + 1; k < fn->op_count; k++) {
            bool everything = ops[k].code == IR_CATCH && ops[k].a == 0;
            if (ops[k].code == IR_READ_GLOBAL)
                everything = str_equal(u->ir->names[ops[k].a], STR("Exception")) ||
                             str_equal(u->ir->names[ops[k].a], STR("BaseException"));
            if (everything)
                return true;
            if (ops[k].code == IR_CATCH || ops[k].code == IR_END)
                break;
        }
    }
    return false;
}

/* raise NotImplementedError: a class that derives from this one does it otherwise. */
static bool is_abstract(const struct unit *u, const struct ir_op *first, const struct ir_op *raised)
{
    for (const struct ir_op *op = raised; op-- > first && raised - op <= 2;)
        if (op->code == IR_READ_GLOBAL && str_equal(u->ir->names[op->a], STR("NotImplementedError")))
            return true;
    return false;
}

/* Follows instructions of one function in their order. */
struct handlers {
    uint32_t depth;  /* of regions */
    uint32_t inside; /* the depth of the outermost `try` whose handlers are around; 0: none */
};

static void handlers_pass(struct handlers *h, const struct ir_op *op)
{
    if (ir_opens(op->code)) {
        h->depth++;
        if (op->code == IR_TRY && h->inside == 0)
            h->inside = h->depth;
    } else if (op->code == IR_EXCEPT && h->inside == h->depth) {
        h->inside = 0; /* what a handler raises leaves */
    } else if (op->code == IR_END) {
        if (h->inside == h->depth)
            h->inside = 0;
        h->depth--;
    }
}

/* A `raise` that no handler of the same function is around. `asserts`: also a failed assertion. */
static const struct ir_op *raise_in(const struct unit *u, const struct ir_function *fn, bool asserts)
{
    struct handlers handlers = {0};
    for (uint32_t i = 0; i < fn->op_count; i++) {
        const struct ir_op *op = &u->ir->ops[fn->first_op + i];
        handlers_pass(&handlers, op);
        bool asserted = (op->flags & IR_FLAG_SYNTHETIC) != 0;
        if (op->code == IR_RAISE && handlers.inside == 0 && (asserts || !asserted) &&
            !is_abstract(u, u->ir->ops + fn->first_op, op))
            return op;
    }
    return NULL;
}

#define CALLERS_MAX 16 /* of a call, followed outwards */

/* Whether one of the calls that led here, as they were first seen, stands inside of a `try`. */
static bool is_handled(const struct program *p, const struct context *c)
{
    for (int i = 0; i < CALLERS_MAX && c->caller != 0; i++) {
        const struct context *caller = context_at(p, c->caller);
        const struct unit *u = &p->units.data[caller->unit];
        const struct ir_function *fn = &u->ir->functions[caller->function];
        struct handlers handlers = {0};
        if (caller->root != c->root)
            return false;
        for (uint32_t k = 0; k < c->caller_op && k < fn->op_count; k++)
            handlers_pass(&handlers, &u->ir->ops[fn->first_op + k]);
        if (handlers.inside != 0)
            return true;
        c = caller;
    }
    return false;
}

/* What asks the world outside and can fail: files, the network, processes. Not a pause. */
static bool may_fail(const struct note *n)
{
    const uint32_t waits = EFFECT_ACQUIRE | EFFECT_WAIT | EFFECT_JOIN | EFFECT_GET | EFFECT_PUT;
    return n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_BLOCKS) && (n->acc.model->effects & waits) == 0 &&
           !n->acc.model->pause;
}

static bool raise_is_better(const struct acc *known, const struct acc *found)
{
    return known->unit == UINT32_MAX || found->unit < known->unit ||
           (found->unit == known->unit && found->span.start < known->span.start);
}

/* Where what the task runs raises something, by a `raise` of its own or by what may fail outside; false: nowhere that
 * is seen, or it handles all itself. */
static bool failure(const struct program *p, const struct by_root *by, root_id root, bool own_only, struct acc *where)
{
    where->unit = UINT32_MAX;
    for (context_id i = by->first[root]; i != 0; i = by->next[i]) {
        const struct context *c = context_at(p, i);
        const struct unit *u = &p->units.data[c->unit];
        const struct ir_function *fn = &u->ir->functions[c->function];
        if (catches_all(u, fn))
            return false;
        struct acc acc = {.context = i, .unit = c->unit, .function = c->function, .kind = ACCESS_USE};
        const struct ir_op *raised = raise_in(u, fn, !own_only); /* what a thread asserts is there for type checkers */
        if (raised != NULL) {
            acc.span = raised->span;
            if (raise_is_better(where, &acc) && !is_handled(p, c))
                *where = acc;
        }
        for (size_t k = 0; !own_only && k < c->records->notes.len; k++)
            if (may_fail(&c->records->notes.data[k]) && raise_is_better(where, &c->records->notes.data[k].acc)) {
                *where = c->records->notes.data[k].acc;
                where->locks = 0;
            }
    }
    return where->unit != UINT32_MAX;
}

static bool sets_attribute(const struct unit *u, name_id name)
{
    for (uint32_t k = 0; k < u->ir->op_count; k++)
        if (u->ir->ops[k].code == IR_WRITE_ATTR && u->names[u->ir->ops[k].b] == name)
            return true;
    return false;
}

/* Whether the program looks after threads that end with an exception: sets threading.excepthook, by whatever name. */
static bool has_hook(const struct program *p)
{
    for (size_t m = 0; m < models_count(p->models); m++) {
        const struct model *model = models_at(p->models, m);
        struct str full = str_of(model->name);
        struct str last = str_slice(full, str_rfind_char(full, '.') + 1, full.len);
        name_id name = model->sees_failures ? intern_find(p->names, last) : 0;
        for (size_t i = 0; name != 0 && i < p->units.len; i++)
            if (sets_attribute(&p->units.data[i], name))
                return true;
    }
    return false;
}

/* Threads that may end with an exception, which is printed and forgotten. Most programs can live with that. */
static void lost_in_threads(struct finder *f, const struct by_root *by)
{
    struct program *p = f->p;
    for (root_id i = ROOT_FIRST_SPAWNED; i < p->roots.len; i++) {
        const struct root *root = &p->roots.data[i];
        struct acc where;
        if (root->kind != THREAD_SPAWNED || root->entry || root->executor != 0 || root->object == 0 ||
            object_role(p, root->object) != ROLE_THREAD || !failure(p, by, i, true, &where))
            continue;
        if (has_hook(p))
            return;
        struct acc start = {.context = root->spawner,
                            .unit = root->unit,
                            .function = root->function,
                            .op = root->op,
                            .object = root->object,
                            .kind = ACCESS_USE};
        const struct unit *u = &p->units.data[root->unit];
        start.span = u->ir->ops[u->ir->functions[root->function].first_op + root->op].span;
        struct hazard h = {.kind = HAZARD_THREAD_LOST, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
        h.why = STR("no `threading.excepthook` is set");
        h.escape = describe_access(p, &where, NULL);
        finder_add(f, &h, &start, &start, NULL);
    }
}

void find_dropped_futures(struct finder *f)
{
    struct program *p = f->p;
    struct by_root by;
    by_root_make(p, &by);
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        uint64_t root;
        if (n->kind != NOTE_DROPPED || !map_get(&p->root_by_object, n->acc.object, &root))
            continue;
        struct hazard h = {.kind = HAZARD_DROPPED, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
        struct acc where;
        h.why = STR("nobody sees what it raises");
        bool unknown = by.first[root] == 0; /* no code of the program is seen that the task runs */
        bool fails = !unknown && failure(p, &by, (root_id)root, false, &where);
        if (!unknown && !fails)
            continue;
        if (unknown && (n->flags & NOTE_LISTENER))
            continue;
        h.while_loop = (n->flags & NOTE_LISTENER) != 0;
        if (fails) {
            h.confidence = CONFIDENCE_MEDIUM;
            h.escape = describe_access(p, &where, NULL);
        }
        finder_add(f, &h, &n->acc, &n->acc, NULL);
    }
    lost_in_threads(f, &by);
    free(by.first);
    free(by.next);
}
