/* slow: calls that wait with a lock held, and the functions that do. */
#include "program/hazards/slow.h"

#include <stdlib.h>

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* put() into a queue that was made without a size: there is always room. */
static bool is_put_without_bound(const struct program *p, const struct note *n)
{
    const struct object *o = object_at(p, n->acc.object);
    const struct model *type = o->kind == OBJECT_MODELLED ? object_type_model(p, n->acc.object) : NULL;
    return (n->acc.model->effects & EFFECT_PUT) && type != NULL && type->role == ROLE_QUEUE &&
           heap_find(p, n->acc.object, FIELD_SEVERAL) == NULL;
}

/* An operation of an object that was told not to wait, or of one that takes what it is given at once. */
static bool is_at_once(const struct program *p, const struct note *n)
{
    return (n->flags & NOTE_AT_ONCE) || heap_find(p, n->acc.object, FIELD_AT_ONCE) != NULL;
}

bool slow_call(const struct program *p, const struct note *n)
{
    const uint32_t other = EFFECT_ACQUIRE | EFFECT_CALLBACK;
    return n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_BLOCKS) && (n->acc.model->effects & other) == 0 &&
           n->acc.locks != 0 && !is_put_without_bound(p, n) && !is_at_once(p, n);
}

static uint64_t function_key(const struct context *c)
{
    return (uint64_t)c->unit << 32 | c->function;
}

/* Adds to what one context waits under what its callees do, of the locks that it hands them; whether that was news. */
static bool add_callees(struct program *p, context_id id, set_id *waited)
{
    const struct context *c = context_at(p, id);
    set_id before = waited[id];
    for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->callees.len; k++) {
        context_id callee = c->records->callees.data[k];
        set_id given = waited[callee] != 0 ? context_at(p, callee)->locks : 0;
        if (given != 0)
            waited[id] = sets_union(p->sets, waited[id], sets_intersection(p->sets, waited[callee], given));
    }
    return waited[id] != before;
}

#define ROUNDS_MAX 32 /* functions that call functions that wait, with a lock held all the way */

void slow_prepare(struct program *p)
{
    set_id *waited = memory_new(p->contexts.len * sizeof *waited); /* by context: the locks held over what waits */
    bool news = false;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->notes.len; k++)
            if (slow_call(p, &c->records->notes.data[k]))
                waited[i] = sets_union(p->sets, waited[i], c->records->notes.data[k].acc.locks);
        news |= waited[i] != 0;
    }
    for (int round = 0; news && round < ROUNDS_MAX; round++) {
        news = false;
        for (size_t i = p->contexts.len - 1; i > 0; i--)
            news |= add_callees(p, (context_id)i, waited);
    }
    for (size_t i = 1; i < p->contexts.len; i++) {
        if (waited[i] == 0)
            continue;
        uint64_t *locks = map_slot(&p->waited, function_key(p->contexts.data[i]), 0);
        *locks = sets_union(p->sets, (set_id)*locks, waited[i]);
    }
    free(waited);
}

bool slow_under(const struct program *p, const struct context *c, object_id lock)
{
    uint64_t locks;
    return map_get(&p->waited, function_key(c), &locks) && sets_has(p->sets, (set_id)locks, lock);
}
