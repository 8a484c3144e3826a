/* nesting: records which locks are taken while which others are held, with the paths by which the code reaches them.
 * A function's takings are its callers' as well, in their words; so each nesting is recorded in the function that took
 * the first lock, however deep below it the second one is taken. */
#include "program/evaluate/frame.h"

#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

#define TAKINGS_MAX 24 /* kept per context */
#define NESTINGS_MAX 48
#define OWN_TOKEN 0x40000000u /* of locks that only this call has: never in flow->tokens */

/* ---- paths of values ---- */

static bool is_super(const struct frame *f, const struct val *callee)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, callee->set); i++) {
        const struct object *o = object_at(f->p, sets_member(f->p->sets, callee->set, i));
        if (o->kind == OBJECT_EXTERNAL && o->a == CLASS_SUPER)
            return true;
    }
    return false;
}

static bool is_literal(const struct frame *f, const struct val *v)
{
    return v->op < f->fn->op_count && f->ops[v->op].code == IR_CONST;
}

/* A value's path, or that of the literal it is. */
static path_id operand_path(struct frame *f, ir_value value)
{
    const struct val *v = val_at(f, value);
    if (v->path != 0 || !is_literal(f, v))
        return v->path;
    return paths_step(f->p, 0, PATH_CONST, name_of(f, f->ops[v->op].a), f->ops[v->op].aux);
}

/* sorted(), min(), max() */
static bool orders_arguments(const struct frame *f, const struct val *callee)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, callee->set); i++) {
        const struct model *model = object_at(f->p, sets_member(f->p->sets, callee->set, i))->model;
        if (model != NULL && (model->sorts || model->extreme))
            return true;
    }
    return false;
}

static path_id call_path(struct frame *f, const struct ir_op *op)
{
    const struct val *callee = val_at(f, op->a);
    if (orders_arguments(f, callee)) {
        f->c->orders = true;
        return paths_step(f->p, 0, PATH_SORTED, f->op, 0);
    }
    if (is_super(f, callee))
        return paths_step(f->p, 0, PATH_PARAM, 0, 0);
    for (uint32_t i = 0; i < op->c; i++) { /* most calls have an argument without a path, and so none themselves */
        const struct val *arg = val_at(f, f->u->ir->args[op->b + i].value);
        if (arg->path == 0 && !is_literal(f, arg))
            return 0;
    }
    path_id path = paths_step(f->p, callee->path, PATH_CALL, 0, 0);
    for (uint32_t i = 0; i < op->c && path != 0; i++) {
        const struct ir_arg *arg = &f->u->ir->args[op->b + i];
        path = paths_step(f->p, path, PATH_ARG, operand_path(f, arg->value), arg->kind);
    }
    return path;
}

path_id nesting_path(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    switch (op->code) {
    case IR_READ_ATTR: return paths_attr(p, val_at(f, op->a)->path, val_at(f, op->a)->set, name_of(f, op->b));
    case IR_READ_GLOBAL: return paths_step(p, 0, PATH_GLOBAL, name_of(f, op->a), f->c->unit);
    case IR_READ_FREE: return paths_step(p, 0, PATH_CELL, op->a, op->b);
    case IR_READ_ITEM: return paths_step(p, val_at(f, op->a)->path, PATH_ITEM, operand_path(f, op->b), 0);
    case IR_UNPACK: return paths_step(p, val_at(f, op->a)->path, PATH_PART, op->aux, 0);
    case IR_BINARY: return op->aux == IR_OP_MOD ? paths_step(p, 0, PATH_WRAPPED, f->op, 0) : 0;
    case IR_AWAIT: return val_at(f, op->a)->path;
    case IR_CALL: return call_path(f, op);
    default: return 0;
    }
}

path_id nesting_receiver(struct frame *f, object_id receiver, const struct call *call)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, call->callee.set); i++) {
        object_id callee = sets_member(p->sets, call->callee.set, i);
        const struct object *o = object_at(p, callee);
        if (callee == receiver)
            return call->callee.path;
        bool method = (o->kind == OBJECT_BOUND && o->b == receiver) || (o->kind == OBJECT_METHOD && o->a == receiver);
        if (!method || call->callee.path == 0)
            continue;
        const struct path *path = path_at(p, call->callee.path);
        return path->kind == PATH_ATTR ? path->base : 0;
    }
    if (call->callee.set != 0)
        return 0;
    const struct ir_op *op = &f->ops[f->op];
    switch (op->code) { /* a property, an operator, a protocol of the language */
    case IR_CALL: {     /* len(x) */
        const struct val *first = op->c > 0 ? val_at(f, f->u->ir->args[op->b].value) : NULL;
        return first != NULL && sets_has(p->sets, first->set, receiver) ? first->path : 0;
    }
    case IR_READ_ATTR:
    case IR_WRITE_ATTR:
    case IR_READ_ITEM:
    case IR_WRITE_ITEM:
    case IR_DELETE_ITEM:
    case IR_WITH:
    case IR_FOR: return val_at(f, op->a)->path;
    case IR_COMPARE: return op->aux == IR_OP_IN || op->aux == IR_OP_NOT_IN ? val_at(f, op->b)->path : 0;
    case IR_END:
        return f->regions.len > 0 && vec_last(&f->regions).code == IR_WITH ? vec_last(&f->regions).subject.path : 0;
    default: return 0;
    }
}

/* ---- in which order ---- */

/* self.done < self.total: says nothing of which of two objects comes first. */
static bool of_one_object(const struct program *p, path_id x, path_id y)
{
    const struct path *a = path_at(p, x), *b = path_at(p, y);
    return a->kind == PATH_ATTR && b->kind == PATH_ATTR && a->base == b->base;
}

void nesting_compared(struct frame *f, const struct ir_op *op)
{
    bool by_size = op->aux == IR_OP_LT || op->aux == IR_OP_LE || op->aux == IR_OP_GT || op->aux == IR_OP_GE;
    path_id x = val_at(f, op->a)->path, y = val_at(f, op->b)->path;
    if (!by_size || x == 0 || y == 0 || x == y || of_one_object(f->p, x, y))
        return;
    f->c->orders = true;
    for (uint32_t i = 0; i < f->compared_count; i++)
        if (f->compared[i][0] == x && f->compared[i][1] == y)
            return;
    if (f->compared_count == COMPARED_MAX)
        return;
    f->compared[f->compared_count][0] = x;
    f->compared[f->compared_count++][1] = y;
}

/* Whether a value compared says something of the object at `path`; `own` are the origins that only this one has. */
static bool speaks_of(const struct program *p, path_id compared, path_id path, uint64_t own)
{
    if (paths_origins(p, compared) & own)
        return true;
    const struct path *last = path_at(p, compared);
    return last->kind == PATH_ATTR && last->base != 0 && path_at(p, last->base)->kind != PATH_PARAM &&
           paths_nested(p, last->base, path);
}

static bool is_ordered(const struct frame *f, path_id a, path_id b)
{
    const struct program *p = f->p;
    if (paths_sorted(p, a) || paths_sorted(p, b))
        return true;
    uint64_t of_a = paths_origins(p, a), of_b = paths_origins(p, b);
    for (uint32_t i = 0; i < f->compared_count; i++) {
        path_id x = f->compared[i][0], y = f->compared[i][1];
        if (speaks_of(p, x, a, of_a & ~of_b) && speaks_of(p, y, b, of_b & ~of_a))
            return true;
        if (speaks_of(p, y, a, of_a & ~of_b) && speaks_of(p, x, b, of_b & ~of_a))
            return true;
    }
    return false;
}

/* ---- on which arguments it depends ---- */

/* The parameters whose plain truth a condition asks for: `lock`, `not lock`, `lock is None`. */
static uint32_t asked_params(struct frame *f, ir_value condition)
{
    const struct ir_op *op = &f->ops[val_at(f, condition)->op];
    for (int i = 0; i < 4 && op->code == IR_UNARY && op->aux == IR_OP_NOT; i++)
        op = &f->ops[val_at(f, op->a)->op];
    if (op->code == IR_COMPARE && f->ops[val_at(f, op->b)->op].code == IR_CONST)
        op = &f->ops[val_at(f, op->a)->op];
    if (op->code != IR_LOCAL)
        return 0;
    uint32_t params = val_at(f, op->result)->params;
    bool method = f->fn->class_index != IR_NO_INDEX;
    return method ? params & ~1u : params;
}

void nesting_branched(struct frame *f, const struct ir_op *branch)
{
    if (val_at(f, branch->a)->op < f->fn->op_count)
        f->chosen |= asked_params(f, branch->a);
}

static uint32_t chosen_here(struct frame *f)
{
    uint32_t chosen = f->chosen;
    for (size_t i = 0; i < f->regions.len; i++) {
        const struct region *r = &f->regions.data[i];
        const struct ir_op *op = &f->ops[r->op];
        if (r->code == IR_IF && val_at(f, op->a)->op < f->fn->op_count)
            chosen |= asked_params(f, op->a);
    }
    return chosen;
}

/* The code asks first whether it has the lock already: it knows of the danger. */
static void note_probes(const struct frame *f, struct taking *t)
{
    if (sets_has(f->p->sets, f->probed, t->acc.object))
        t->flags |= TAKING_PROBED;
    for (uint32_t i = f->now.control; i != 0; i = f->controls.data[i].parent)
        if (f->tests.data[f->controls.data[i].test].owner)
            t->flags |= TAKING_PROBED;
}

static void note_tests(const struct frame *f, struct taking *t)
{
    note_probes(f, t);
    for (size_t i = 0; i < f->regions.len; i++)
        if (f->regions.data[i].code == IR_IF)
            t->flags |= TAKING_BELOW_TEST;
}

void nesting_probed(struct frame *f, set_id locks)
{
    f->probed = sets_union(f->p->sets, f->probed, locks);
}

/* ---- recording ---- */

static struct taking taking_make(struct frame *f, object_id lock, path_id path, struct ir_span span, uint8_t flags)
{
    struct taking t = {.path = path, .flags = flags, .chosen = chosen_here(f)};
    t.acc = (struct acc){.context = f->id,
                         .unit = f->c->unit,
                         .function = f->c->function,
                         .op = f->op,
                         .object = lock,
                         .kind = ACCESS_USE,
                         .flags = ACC_TAKES,
                         .locks = f->now.locks,
                         .tokens = f->now.tokens,
                         .running = f->now.running,
                         .span = span};
    if (sets_has(f->p->sets, f->now.owned, lock))
        t.flags |= TAKING_OWN;
    note_tests(f, &t);
    return t;
}

static bool is_held(const struct frame *f, const struct acquired *a)
{
    if (a->taking.acc.context == 0)
        return false;
    if (a->taking.flags & TAKING_OWN)
        return sets_has(f->p->sets, f->now.own_locks, a->lock);
    return sets_has(f->p->sets, f->now.tokens, a->token);
}

static bool same_site(const struct acc *x, const struct acc *y)
{
    if (x->op != y->op || ((x->flags ^ y->flags) & ACC_VIA))
        return false;
    return (x->flags & ACC_VIA) == 0 || (x->inner.unit == y->inner.unit && x->inner.span.start == y->inner.span.start);
}

/* Pairs a taking with every lock that was taken in this call and is still held. */
static void nest(struct frame *f, const struct taking *t)
{
    struct context *c = f->c;
    for (uint32_t i = 0; i < f->acquired.len; i++) {
        const struct acquired *a = &f->acquired.data[i];
        if (!is_held(f, a) || same_site(&a->taking.acc, &t->acc))
            continue;
        bool known = false;
        for (size_t k = 0; k < c->rare->nestings.len && !known; k++) {
            const struct nesting *n = &c->rare->nestings.data[k];
            known = same_site(&n->first.acc, &a->taking.acc) && same_site(&n->last.acc, &t->acc) &&
                    n->first.acc.object == a->lock && n->last.acc.object == t->acc.object;
        }
        if (known || c->rare->nestings.len == NESTINGS_MAX)
            continue;
        struct rare_records *rare = context_rare(f->p, c);
        vec_push(&rare->nestings, ((struct nesting){a->taking, *t, is_ordered(f, a->taking.path, t->path)}));
    }
}

static void keep(struct context *c, const struct taking *t)
{
    for (size_t i = 0; i < c->records->takings.len; i++) {
        struct taking *known = &c->records->takings.data[i];
        if (known->acc.object != t->acc.object || known->path != t->path)
            continue;
        if (known->chosen != 0 && t->chosen == 0)
            *known = *t;
        return;
    }
    if (c->records->takings.len < TAKINGS_MAX)
        vec_push(&c->records->takings, *t);
}

static bool is_made_around(const struct program *p, object_id condition, object_id lock)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    return inner != NULL && sets_has(p->sets, inner->value, lock);
}

/* A Condition made around a lock is that lock: both go by one name, so that self.changed and self.lock are the same
 * path. */
static path_id lock_path(struct frame *f, object_id lock, path_id path)
{
    struct program *p = f->p;
    if (path == 0 || path_at(p, path)->kind != PATH_ATTR)
        return path;
    struct path step = *path_at(p, path);
    const struct object *o = object_at(p, lock);
    if (o->home != 0 && o->home_field == FIELD_INNER)
        o = object_at(p, o->home);
    if (o->home == 0 || o->home_field == step.a)
        return path;
    const struct field *named = heap_find(p, o->home, step.a);
    for (uint32_t i = 0; named != NULL && i < sets_count(p->sets, named->value); i++)
        if (is_made_around(p, sets_member(p->sets, named->value, i), lock))
            return paths_step(p, step.base, PATH_ATTR, o->home_field, 0);
    return path;
}

void nesting_take(struct frame *f, set_id locks, path_id path, struct ir_span span, uint8_t flags)
{
    struct program *p = f->p;
    uint32_t count = sets_count(p->sets, locks);
    if (count == 0)
        return;
    object_id lock = sets_member(p->sets, locks, 0);
    path = lock_path(f, lock, path);
    struct taking t = taking_make(f, lock, path, span, count > 1 ? flags | TAKING_SEVERAL : flags);
    nest(f, &t);
    if (flags & TAKING_TRIED)
        nesting_probed(f, locks);
    else
        keep(f->c, &t);
    lock_acquire(f, locks);
    if (count > 1)
        return;
    uint32_t token = t.flags & TAKING_OWN ? token_new(f, OWN_TOKEN | f->op, lock) : f->op + 1;
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (f->acquired.data[i].token == token && f->acquired.data[i].lock == lock)
            f->acquired.data[i].taking = t;
}

static bool is_given_constant(const struct frame *f, const struct val *v)
{
    return v->op >= f->fn->op_count || f->ops[v->op].code == IR_CONST || v->op == 0;
}

void nesting_from_call(struct frame *f, const struct context *callee, const struct val *params, uint32_t count)
{
    struct program *p = f->p;
    const struct ir_function *fn = &p->units.data[callee->unit].ir->functions[callee->function];
    if (callee->records->takings.len == 0 || (fn->flags & IR_FN_GENERATOR))
        return; /* a generator runs where it is consumed */
    if (f->calls_back)
        return; /* what code outside the program is given it may call later, when nothing is held any more */
    path_id given[32], locals[32];
    object_id parts[32];
    struct path_words words = {.params = given,
                               .parts = parts,
                               .param_count = count < 32 ? count : 32,
                               .env_function = UINT32_MAX,
                               .locals = locals,
                               .same_cells = callee->env == f->c->env && callee->env != 0};
    for (uint32_t i = 0; i < words.param_count; i++) {
        given[i] = params[i].path;
        parts[i] = paths_part(p, params[i].path, params[i].set);
    }
    if (callee->env == f->id) {
        words.env_function = f->c->function;
        words.local_count = f->fn->local_count < 32 ? f->fn->local_count : 32;
        for (uint32_t i = 0; i < words.local_count; i++)
            locals[i] = f->now.locals[i].path;
    }
    for (size_t i = 0; i < callee->records->takings.len; i++) {
        struct taking t = callee->records->takings.data[i];
        t.path = paths_translate(p, t.path, &words);
        uint32_t chosen = 0;
        for (uint32_t k = 0; k < words.param_count; k++) {
            if ((t.chosen >> k & 1) == 0)
                continue;
            if (is_given_constant(f, &params[k]))
                t.flags |= TAKING_CHOSEN;
            chosen |= params[k].params;
        }
        t.chosen = chosen | chosen_here(f);
        if ((t.acc.flags & ACC_VIA) == 0) {
            t.acc.flags |= ACC_VIA;
            t.acc.inner.unit = t.acc.unit;
            t.acc.inner.function = t.acc.function;
            t.acc.inner.span = t.acc.span;
        }
        t.acc.context = f->id;
        t.acc.unit = f->c->unit;
        t.acc.function = f->c->function;
        t.acc.op = f->op;
        t.acc.span = f->ops[f->op].span;
        note_probes(f, &t);
        nest(f, &t);
        note_tests(f, &t);
        keep(f->c, &t);
    }
}

/* A lock that is released where it is not held is used to wake a thread. */
void nesting_released(struct frame *f, set_id locks)
{
    struct sets *sets = f->p->sets;
    if (sets_overlap(sets, f->now.locks, locks) || sets_overlap(sets, f->now.own_locks, locks))
        return;
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (sets_has(sets, locks, f->acquired.data[i].lock))
            return; /* taken here: released on two paths, or by a callee */
    for (uint32_t i = 0; i < sets_count(sets, locks); i++)
        object_at(f->p, sets_member(sets, locks, i))->flags |= OBJECT_SIGNAL;
}

/* A helper left a lock taken: from here on it is held as if it had been taken by the call. */
void nesting_added(struct frame *f, set_id locks)
{
    for (uint32_t i = 0; i < f->acquired.len; i++) {
        struct acquired *a = &f->acquired.data[i];
        if (a->token != f->op + 1 || !sets_has(f->p->sets, locks, a->lock))
            continue;
        for (size_t k = 0; k < f->c->records->takings.len; k++) {
            const struct taking *t = &f->c->records->takings.data[k];
            if (t->acc.object == a->lock && t->acc.op == f->op && (t->acc.flags & ACC_VIA)) {
                a->taking = *t;
                a->taking.flags &= (uint8_t)~TAKING_SCOPED;
            }
        }
    }
}
