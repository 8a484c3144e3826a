#include "program/threads/order.h"

#include <stdlib.h>

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

#define REGIONS_MAX 64 /* open ones that are followed */

uint32_t order_way(const struct program *p, const struct acc *a, struct point way[WAY_MAX])
{
    uint32_t count = 0;
    way[count++] = (struct point){a->context, a->op};
    while (count < WAY_MAX) {
        const struct context *c = context_at(p, way[count - 1].context);
        if (c->caller == 0 || context_at(p, c->caller)->root != c->root)
            break;
        way[count++] = (struct point){c->caller, c->caller_op};
    }
    return count;
}

int order_of(const struct program *p, const struct acc *a, const struct acc *b)
{
    struct point x[WAY_MAX], y[WAY_MAX];
    uint32_t count_x = order_way(p, a, x), count_y = order_way(p, b, y);
    for (uint32_t i = 0; i < count_x; i++)
        for (uint32_t k = 0; k < count_y; k++)
            if (x[i].context == y[k].context)
                return (x[i].op > y[k].op) - (x[i].op < y[k].op);
    return 0;
}

/* ---- signals ---- */

static enum model_role role_of(const struct program *p, const struct note *n)
{
    return object_role(p, n->acc.object);
}

static bool waits(const struct program *p, const struct note *n)
{
    uint32_t effects = n->acc.model->effects;
    switch (role_of(p, n)) {
    case ROLE_EVENT:
    case ROLE_BARRIER:
    case ROLE_CONDITION: return (effects & EFFECT_WAIT) != 0;
    case ROLE_SEMAPHORE: return (effects & EFFECT_ACQUIRE) != 0;
    case ROLE_QUEUE: return (effects & (EFFECT_GET | EFFECT_JOIN)) != 0;
    default: return false;
    }
}

/* Whether a call gives the signal that `wait` waits for. */
static bool gives(const struct program *p, const struct note *n, const struct note *wait)
{
    uint32_t effects = n->acc.model->effects;
    switch (role_of(p, n)) {
    case ROLE_EVENT: return (effects & EFFECT_SET) != 0;
    case ROLE_CONDITION: return (effects & EFFECT_NOTIFY) != 0;
    case ROLE_SEMAPHORE: return (effects & EFFECT_RELEASE) != 0;
    case ROLE_BARRIER: return (effects & EFFECT_WAIT) != 0;
    case ROLE_QUEUE: return (effects & (wait->acc.model->effects & EFFECT_JOIN ? EFFECT_NOTIFY : EFFECT_PUT)) != 0;
    default: return false;
    }
}

static int compare_objects(const void *x, const void *y)
{
    const struct note *const *a = x, *const *b = y;
    return ((*a)->acc.object > (*b)->acc.object) - ((*a)->acc.object < (*b)->acc.object);
}

void order_prepare(struct program *p)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->notes.len; k++) {
            const struct note *n = &c->records->notes.data[k];
            if (n->kind != NOTE_CALL || n->acc.object == 0)
                continue;
            enum model_role role = role_of(p, n);
            if (role != ROLE_EVENT && role != ROLE_CONDITION && role != ROLE_SEMAPHORE && role != ROLE_BARRIER &&
                role != ROLE_QUEUE)
                continue;
            vec_push(&p->signals, n);
            if (waits(p, n))
                vec_push(&p->roots.data[c->root].waits, n);
        }
    }
    if (p->signals.len > 0)
        qsort(p->signals.data, p->signals.len, sizeof *p->signals.data, compare_objects);
}

/* The index of the first signal of an object. */
static size_t first_signal(const struct program *p, object_id object)
{
    size_t low = 0, high = p->signals.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->signals.data[middle]->acc.object < object)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether a loop of their call is around two points of it, the first of which comes first. */
static bool loops_around(const struct program *p, const struct point *x, const struct point *y)
{
    const struct context *c = context_at(p, x->context);
    const struct ir_module *ir = p->units.data[c->unit].ir;
    const struct ir_function *fn = &ir->functions[c->function];
    const struct ir_op *ops = ir->ops + fn->first_op;
    uint32_t open[REGIONS_MAX], depth = 0;
    for (uint32_t i = 0; i < fn->op_count; i++) {
        if (ir_opens(ops[i].code) && depth == REGIONS_MAX)
            return true; /* too deep to tell */
        if (ir_opens(ops[i].code))
            open[depth++] = i;
        if (ops[i].code != IR_END || depth == 0)
            continue;
        uint32_t first = open[--depth];
        if ((ops[first].code == IR_LOOP || ops[first].code == IR_FOR) && first < x->op && i > y->op)
            return true;
    }
    return false;
}

static bool in_one_function(const struct program *p, context_id a, context_id b)
{
    const struct context *x = context_at(p, a), *y = context_at(p, b);
    return x->unit == y->unit && x->function == y->function;
}

/* Where two points of threads that run one root meet: the index in the first way, and the point in the other one.
 * Threads that are started with other arguments run the same functions in contexts of their own. SIZE_MAX: nowhere. */
static size_t meet(const struct program *p, const struct point *x, uint32_t count_x, const struct point *y,
                   uint32_t count_y, const struct point **other)
{
    for (uint32_t i = 0; i < count_x; i++)
        for (uint32_t k = 0; k < count_y; k++)
            if (in_one_function(p, x[i].context, y[k].context)) {
                *other = &y[k];
                return i;
            }
    return SIZE_MAX;
}

/* Whether an access comes before a signal of its thread; with `once`: and no loop leads back to it from there. */
static bool is_over(const struct program *p, const struct acc *first, const struct acc *signal, bool once)
{
    struct point x[WAY_MAX], y[WAY_MAX];
    const struct point *other = NULL;
    uint32_t count_x = order_way(p, first, x), count_y = order_way(p, signal, y);
    size_t at = meet(p, x, count_x, y, count_y, &other);
    if (other == NULL || x[at].op >= other->op)
        return false;
    if (!once)
        return true;
    if (loops_around(p, &x[at], other))
        return false;
    while (++at < count_x)
        if (loops_around(p, &x[at], &x[at]))
            return false;
    return true;
}

static root_id root_at(const struct program *p, const struct acc *a)
{
    return context_at(p, a->context)->root;
}

/* Whether one signal is enough for the waiting call, or it waits for as many as threads give one. */
static bool counts(const struct program *p, const struct note *wait, root_id giver)
{
    bool many = p->roots.data[giver].self_parallel;
    switch (role_of(p, wait)) {
    case ROLE_EVENT: return !many;
    case ROLE_CONDITION: return (wait->flags & NOTE_IN_LOOP) || (wait->acc.model->effects & EFFECT_CALLBACK);
    case ROLE_SEMAPHORE: return !many || (wait->flags & NOTE_IN_LOOP);
    case ROLE_QUEUE: return !many || (wait->flags & NOTE_IN_LOOP) || (wait->acc.model->effects & EFFECT_JOIN) != 0;
    default: return true;
    }
}

/* Queue.join(): returns when all that was put before has been worked on. */
static bool is_joined(const struct program *p, const struct acc *first, const struct note *wait,
                      const struct note *other)
{
    if (other->acc.model->effects & EFFECT_PUT)
        return root_at(p, &other->acc) == root_at(p, first) ||
               (root_at(p, &other->acc) == root_at(p, &wait->acc) && order_of(p, &other->acc, &wait->acc) < 0);
    return (other->acc.model->effects & EFFECT_NOTIFY) == 0 || is_over(p, first, &other->acc, false);
}

/* Whether what a wait waits for comes only after the first access. */
static bool awaits(const struct program *p, const struct note *wait, const struct acc *first)
{
    root_id giver = root_at(p, first);
    bool given = false, join = (wait->acc.model->effects & EFFECT_JOIN) != 0;
    if (!counts(p, wait, giver))
        return false;
    for (size_t i = first_signal(p, wait->acc.object); i < p->signals.len; i++) {
        const struct note *n = p->signals.data[i];
        if (n->acc.object != wait->acc.object)
            break;
        if (n == wait)
            continue;
        if (n->acc.model->effects & EFFECT_CLEAR)
            return false;
        if (join && !is_joined(p, first, wait, n))
            return false;
        if (!gives(p, n, wait))
            continue;
        root_id root = root_at(p, &n->acc);
        bool partner = role_of(p, n) == ROLE_BARRIER && root == root_at(p, &wait->acc);
        if (root != giver && !partner)
            return false;
        if (root == giver && !join && !is_over(p, first, &n->acc, true))
            return false;
        given |= root == giver;
    }
    return given;
}

/* Whether a signal is the one that belongs to a place, of which the program may have many: both were made by one call,
 * or one object has both. */
static bool belongs(const struct program *p, object_id signal, object_id place)
{
    const struct object *s = object_at(p, signal), *o = object_at(p, place);
    if ((s->flags & OBJECT_MANY) == 0 || s->home == place)
        return true;
    return (s->home != 0 && s->home == o->home) ||
           (s->kind == OBJECT_MODELLED && o->kind == OBJECT_MODELLED && s->c == o->c);
}

bool order_signalled(const struct program *p, const struct acc *first, const struct acc *second)
{
    root_id giver = root_at(p, first), waiter = root_at(p, second);
    const struct root *root = &p->roots.data[waiter];
    for (size_t i = 0; giver != waiter && i < root->waits.len; i++) {
        const struct note *n = root->waits.data[i];
        if (n->flags & (NOTE_BELOW_TEST | NOTE_GIVES_UP))
            continue;
        if (belongs(p, n->acc.object, second->object) && order_of(p, &n->acc, second) < 0 && awaits(p, n, first))
            return true;
    }
    return false;
}
