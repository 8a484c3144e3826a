/* captures: closures that are made in a loop, run in a thread, and read a variable of the loop when they get round to
 * it: by then the loop has bound it again (RL312). */
#include "program/evaluate/frame.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/finder.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

/* ---- the loops of a function ---- */

/* The index behind the last instruction of the region that opens at `index`. */
static uint32_t region_close(const struct frame *f, uint32_t index)
{
    const struct ir_op *op = &f->ops[index];
    while (op->code != IR_END)
        op = &f->ops[op->c - f->fn->first_op];
    return (uint32_t)(op - f->ops);
}

static bool binds(const struct frame *f, uint32_t from, uint32_t to, uint32_t local, uint32_t *at)
{
    for (uint32_t i = from; i < to; i++)
        if (f->ops[i].code == IR_BIND && f->ops[i].a == local) {
            *at = i;
            return true;
        }
    return false;
}

/* The innermost loop around an instruction that binds the local: the index of its LOOP or FOR; UINT32_MAX: none. */
static uint32_t loop_that_binds(const struct frame *f, uint32_t index, uint32_t local, uint32_t *bind)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < index; i++) {
        if (f->ops[i].code != IR_LOOP && f->ops[i].code != IR_FOR)
            continue;
        uint32_t end = region_close(f, i), at;
        if (end > index && binds(f, i, end, local, &at)) {
            found = i;
            *bind = at;
        }
    }
    return found;
}

/* ---- recording ---- */

static uint32_t definition_of(const struct frame *f, uint32_t function)
{
    for (uint32_t i = 0; i < f->fn->op_count; i++)
        if (f->ops[i].code == IR_FUNCTION && f->ops[i].a == function)
            return i;
    return UINT32_MAX;
}

/* The variable holds the same object in every round. */
static bool is_invariant(const struct frame *f, uint32_t local)
{
    path_id path = f->now.locals[local].path;
    for (path_id id = path; id != 0; id = path_at(f->p, id)->base) {
        uint8_t kind = path_at(f->p, id)->kind;
        if (kind == PATH_ELEMENT || kind == PATH_CALL || kind == PATH_ARG || kind == PATH_ITEM)
            return false;
    }
    return path != 0;
}

static void keep(struct frame *f, const struct capture *capture)
{
    for (size_t i = 0; i < f->c->rare->captures.len; i++)
        if (f->c->rare->captures.data[i].read.op == capture->read.op &&
            f->c->rare->captures.data[i].read.function == capture->read.function &&
            f->c->rare->captures.data[i].thread == capture->thread)
            return;
    if (f->c->rare->captures.len < CAPTURES_MAX) {
        struct rare_records *rare = context_rare(f->p, f->c);
        vec_push(&rare->captures, *capture);
    }
}

/* One variable that the closure reads. */
static void captured(struct frame *f, object_id thread, uint32_t defined, uint32_t reader, uint32_t read)
{
    const struct ir_function *fn = &f->u->ir->functions[reader];
    const struct ir_op *op = &f->u->ir->ops[fn->first_op + read];
    uint32_t bind, loop = loop_that_binds(f, defined, op->b, &bind);
    if (loop == UINT32_MAX || is_invariant(f, op->b))
        return;
    struct capture c = {.thread = thread, .loop = loop};
    c.read = (struct acc){.unit = f->c->unit,
                          .function = reader,
                          .op = read,
                          .object = context_cells(f->p, f->id),
                          .field = local_name(f, f->c->function, op->b),
                          .kind = ACCESS_LOAD,
                          .span = op->span};
    c.bound = (struct acc){.context = f->id,
                           .unit = f->c->unit,
                           .function = f->c->function,
                           .op = bind,
                           .object = context_cells(f->p, f->id),
                           .field = c.read.field,
                           .kind = ACCESS_STORE,
                           .flags = ACC_WRITES,
                           .running = f->now.running,
                           .span = f->ops[bind].span};
    c.after = f->op < loop || f->op > region_close(f, loop);
    if (c.after)
        keep(f, &c); /* all rounds are over: every closure sees the last value */
    else if (f->own_captures.len < CAPTURES_MAX)
        vec_push(&f->own_captures, c);
}

static bool is_inside(const struct frame *f, uint32_t function, uint32_t outer)
{
    while (function != outer && function != IR_NO_INDEX)
        function = f->u->ir->functions[function].parent;
    return function == outer;
}

void capture_started(struct frame *f, object_id thread, set_id target)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, target); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, target, i));
        if (o->kind != OBJECT_FUNCTION || o->a != f->c->unit || o->c != f->id)
            continue;
        uint32_t closure = o->b, defined = definition_of(f, closure);
        if (defined == UINT32_MAX)
            continue;
        for (uint32_t n = closure; n < f->u->ir->function_count; n++) { /* what is nested in it comes behind it */
            if (!is_inside(f, n, closure))
                continue;
            const struct ir_function *fn = &f->u->ir->functions[n];
            for (uint32_t k = 0; k < fn->op_count; k++) {
                const struct ir_op *op = &f->u->ir->ops[fn->first_op + k];
                if (op->code == IR_READ_FREE && op->a == f->c->function)
                    captured(f, thread, defined, n, k);
            }
        }
    }
}

/* At the end of a loop's body: the threads that still run there are overtaken by the next round. */
void capture_overtaken(struct frame *f, uint32_t loop)
{
    if (f->now.dead)
        return;
    for (uint32_t i = 0; i < f->own_captures.len; i++)
        if (f->own_captures.data[i].loop == loop &&
            sets_has(f->p->sets, f->now.running, f->own_captures.data[i].thread))
            keep(f, &f->own_captures.data[i]);
}

/* ---- finding ---- */

/* Where the thread runs the closure. */
static context_id runs_in(const struct program *p, root_id root, const struct acc *read)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->root == root && c->unit == read->unit && c->function == read->function && c->status == CONTEXT_DONE)
            return (context_id)i;
    }
    return 0;
}

void find_captures(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->captures.len; k++) {
            const struct capture *capture = &c->rare->captures.data[k];
            uint64_t root;
            if (!map_get(&p->root_by_object, capture->thread, &root))
                continue;
            struct acc read = capture->read;
            read.context = runs_in(p, (root_id)root, &read);
            if (read.context == 0)
                continue;
            struct hazard h = {.kind = HAZARD_CAPTURE, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
            h.why = capture->after ? STR("the threads start when the loop is over")
                                   : STR("the loop goes on beside the threads that it starts");
            h.while_loop = !capture->after;
            finder_add(f, &h, &read, &read, &capture->bound);
        }
    }
}
