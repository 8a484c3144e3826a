#include "program/required.h"

#include <stdlib.h>

#include "program/classes.h"
#include "program/contexts.h"
#include "program/heap.h"

enum { CALLED_WITHOUT = 1, CALLED_WITH = 2 }; /* how a function is called by what counts */

struct survey {
    struct program *p;
    bool *reached;        /* [contexts]: what counts */
    VEC(context_id) open; /* generic contexts of functions that take no lock themselves */
    struct map calls;     /* function -> CALLED_WITHOUT if any call has no lock, else CALLED_WITH */
    struct map required;  /* function -> 1: found in the rounds before to be called with a lock only */
    struct map apart;     /* function -> 1: a thread or process runs it, and no code here calls it; 0: some does */
};

static uint64_t function_of(const struct context *c)
{
    return (uint64_t)c->unit << 32 | c->function;
}

/* Whether a method overrides one that requires a lock: the code that calls the one calls the other. */
static bool overrides_required(const struct survey *s, const struct context *c)
{
    const struct program *p = s->p;
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_function *fn = &u->ir->functions[c->function];
    object_id class_object = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : 0;
    const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
    for (size_t i = 1; info != NULL && i < info->mro.len; i++) {
        const struct field *member = heap_find(p, info->mro.data[i], u->names[fn->name]);
        for (uint32_t k = 0; member != NULL && k < sets_count(p->sets, member->value); k++) {
            const struct object *o = object_at(p, sets_member(p->sets, member->value, k));
            if (o->kind == OBJECT_FUNCTION && map_get(&s->required, (uint64_t)o->a << 32 | o->b, NULL))
                return true;
        }
    }
    return false;
}

/* A function that a thread of its own runs, or another process: who calls it says so, and it is not also run as any
 * caller would. What the program calls itself as well is. */
static void find_apart(struct survey *s)
{
    const struct program *p = s->p;
    struct map within = {0}; /* function -> 1: some call runs it in the caller's own thread */
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; k < c->callees.len; k++) {
            const struct context *callee = context_at(p, c->callees.data[k]);
            bool spawned = callee->root != c->root && p->roots.data[callee->root].kind == THREAD_SPAWNED;
            map_put(spawned ? &s->apart : &within, function_of(callee), 1);
        }
    }
    for (uint32_t i = 0; i < p->units.len; i++)
        for (uint32_t k = 1; k < p->units.data[i].ir->function_count; k++)
            if (p->units.data[i].detached[k])
                map_put(&s->apart, (uint64_t)i << 32 | k, 1);
    for (size_t i = 1; i < p->contexts.len; i++) {
        uint64_t function = function_of(p->contexts.data[i]);
        if (map_get(&within, function, NULL))
            map_put(&s->apart, function, 0);
    }
    map_release(&within);
}

/* Where evaluation began: module bodies, and functions run as any caller would, but for those that require a lock and
 * those that a thread runs. */
static bool is_entry(const struct survey *s, const struct context *c)
{
    uint64_t apart;
    if (c->generic && map_get(&s->apart, function_of(c), &apart) && apart == 1)
        return false;
    if (c->generic)
        return !map_get(&s->required, function_of(c), NULL);
    return c->caller == 0;
}

/* Follows the calls from all entries, and notes whether each of them holds a lock. */
static void follow(struct survey *s)
{
    struct program *p = s->p;
    VEC(context_id) work = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        s->reached[i] = false;
        if (is_entry(s, p->contexts.data[i]))
            vec_push(&work, (context_id)i);
    }
    while (work.len > 0) {
        context_id id = vec_pop(&work);
        if (s->reached[id])
            continue;
        s->reached[id] = true;
        const struct context *c = context_at(p, id);
        for (size_t i = 0; i < c->callees.len; i++) {
            const struct context *callee = context_at(p, c->callees.data[i]);
            uint64_t *how = map_slot(&s->calls, function_of(callee), CALLED_WITH);
            if (callee->locks == 0)
                *how = CALLED_WITHOUT;
            if (!s->reached[c->callees.data[i]])
                vec_push(&work, c->callees.data[i]);
        }
    }
    vec_release(&work);
}

/* What only the main thread does while nothing else runs counts as any caller's once its own budget is spent (see
 * context_call_root). Marks what code that callers or threads run reaches. */
static void follow_callers(struct survey *s, bool *reached)
{
    struct program *p = s->p;
    VEC(context_id) work = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        uint8_t kind = p->roots.data[p->contexts.data[i]->root].kind;
        bool caller = kind == THREAD_CALLER ? is_entry(s, p->contexts.data[i]) : kind == THREAD_SPAWNED;
        if (s->reached[i] && caller)
            vec_push(&work, (context_id)i);
    }
    while (work.len > 0) {
        context_id id = vec_pop(&work);
        if (reached[id])
            continue;
        reached[id] = true;
        const struct context *c = context_at(p, id);
        for (size_t i = 0; i < c->callees.len; i++) {
            bool body = context_at(p, c->callees.data[i])->function == 0; /* an import: it runs once, whoever asks */
            if (!reached[c->callees.data[i]] && !body)
                vec_push(&work, c->callees.data[i]);
        }
    }
    vec_release(&work);
}

/* A function that takes a lock itself asks for none, though its callers may hold that one already. */
static bool takes_lock(const struct program *p, const struct context *c)
{
    for (size_t i = 0; i < c->accs.len; i++)
        if (c->accs.data[i].locks != c->locks && sets_minus(p->sets, c->accs.data[i].locks, c->locks) != 0)
            return true;
    return false;
}

/* Whether the calls that count show further functions to require a lock. */
static bool learn(struct survey *s)
{
    size_t known = s->required.len;
    for (size_t i = 0; i < s->open.len; i++) {
        const struct context *c = context_at(s->p, s->open.data[i]);
        uint64_t how;
        bool called = map_get(&s->calls, function_of(c), &how);
        if (called ? how == CALLED_WITH : overrides_required(s, c))
            map_put(&s->required, function_of(c), 1);
    }
    return s->required.len > known;
}

#define ROUNDS_MAX 6 /* functions that require a lock because those that call them do, and so on */

void required_drop(struct program *p)
{
    struct survey s = {.p = p, .reached = memory_new(p->contexts.len * sizeof *s.reached)};
    for (size_t i = 1; i < p->contexts.len; i++)
        if (p->contexts.data[i]->generic && !takes_lock(p, p->contexts.data[i]))
            vec_push(&s.open, (context_id)i);
    find_apart(&s);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        map_clear(&s.calls);
        follow(&s);
        if (!learn(&s))
            break;
    }
    bool *by_callers = memory_new(p->contexts.len * sizeof *by_callers);
    follow_callers(&s, by_callers);
    for (size_t i = 1; i < p->contexts.len; i++) {
        bool callers = p->roots.data[p->contexts.data[i]->root].kind == THREAD_CALLER;
        if (!s.reached[i] || (callers && !by_callers[i]))
            p->contexts.data[i]->status = CONTEXT_STALE;
    }
    free(by_callers);
    map_release(&s.calls);
    map_release(&s.required);
    map_release(&s.apart);
    free(s.reached);
    vec_release(&s.open);
}
