#include "program/hazards/required.h"

#include <stdlib.h>

#include "program/evaluate/contexts.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"

enum { CALLED_NOT, CALLED_WITHOUT, CALLED_WITH }; /* how a function is called by what counts */

struct callable {
    uint8_t called;  /* CALLED_WITHOUT if any call has no lock, else CALLED_WITH */
    bool required;   /* found in the rounds before to be called with a lock only */
    bool apart;      /* a thread of its own runs it, or another process */
    bool called_too; /* some call runs it in the caller's own thread */
};

/* What is asked of a context again and again. */
struct node {
    uint32_t callable; /* its function: index into `callables` */
    uint32_t first;    /* of its callees in `callees`; they end where those of the next context begin */
    root_id root;
    bool generic, called; /* as any caller would call it; it has a caller in the program */
    bool locked;          /* some lock is held at entry */
    bool body;            /* of a module */
};

struct survey {
    struct program *p;
    struct node *nodes; /* by context; one more in the end */
    VEC(context_id) callees;
    bool *reached;              /* [contexts]: what counts */
    VEC(context_id) open;       /* generic contexts of functions that take no lock themselves */
    uint32_t *bases;            /* [units]: of a unit's functions in `callables` */
    struct callable *callables; /* by function of the program */
};

static struct callable *callable_at(const struct survey *s, uint32_t unit, uint32_t function)
{
    return &s->callables[s->bases[unit] + function];
}

static struct callable *callable_of(const struct survey *s, context_id id)
{
    return &s->callables[s->nodes[id].callable];
}

static void survey_begin(struct survey *s)
{
    struct program *p = s->p;
    uint32_t count = 0;
    s->reached = memory_new(p->contexts.len * sizeof *s->reached);
    s->bases = memory_new((p->units.len + 1) * sizeof *s->bases);
    for (size_t i = 0; i < p->units.len; i++) {
        s->bases[i] = count;
        count += p->units.data[i].ir->function_count;
    }
    s->callables = memory_new((count + 1) * sizeof *s->callables);
    s->nodes = memory_new((p->contexts.len + 1) * sizeof *s->nodes);
    for (context_id i = 1; i < p->contexts.len; i++) {
        const struct context *c = context_at(p, i);
        s->nodes[i] = (struct node){.callable = s->bases[c->unit] + c->function,
                                    .first = (uint32_t)s->callees.len,
                                    .root = c->root,
                                    .generic = c->generic,
                                    .called = c->caller != 0,
                                    .locked = c->locks != 0,
                                    .body = c->function == 0};
        for (size_t k = 0; k < c->records->callees.len; k++)
            vec_push(&s->callees, c->records->callees.data[k]);
    }
    s->nodes[p->contexts.len].first = (uint32_t)s->callees.len;
}

static void survey_end(struct survey *s)
{
    free(s->nodes);
    vec_release(&s->callees);
    free(s->callables);
    free(s->bases);
    free(s->reached);
    vec_release(&s->open);
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
            if (o->kind == OBJECT_FUNCTION && callable_at(s, o->a, o->b)->required)
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
    for (context_id i = 1; i < p->contexts.len; i++) {
        for (uint32_t k = s->nodes[i].first; k < s->nodes[i + 1].first; k++) {
            root_id root = s->nodes[s->callees.data[k]].root;
            bool spawned = root != s->nodes[i].root && p->roots.data[root].kind == THREAD_SPAWNED;
            struct callable *called = callable_of(s, s->callees.data[k]);
            called->apart |= spawned;
            called->called_too |= !spawned;
        }
    }
    for (uint32_t i = 0; i < p->units.len; i++)
        for (uint32_t k = 1; k < p->units.data[i].ir->function_count; k++)
            callable_at(s, i, k)->apart |= p->units.data[i].detached[k];
}

/* Where evaluation began: module bodies, and functions run as any caller would, but for those that require a lock and
 * those that a thread runs. */
static bool is_entry(const struct survey *s, context_id id)
{
    if (!s->nodes[id].generic)
        return !s->nodes[id].called;
    const struct callable *own = callable_of(s, id);
    return !own->required && (!own->apart || own->called_too);
}

/* Follows the calls from all entries, and notes whether each of them holds a lock. */
static void follow(struct survey *s)
{
    VEC(context_id) work = {0};
    for (context_id i = 1; i < s->p->contexts.len; i++) {
        s->reached[i] = false;
        if (is_entry(s, i))
            vec_push(&work, i);
    }
    while (work.len > 0) {
        context_id id = vec_pop(&work);
        if (s->reached[id])
            continue;
        s->reached[id] = true;
        for (uint32_t i = s->nodes[id].first; i < s->nodes[id + 1].first; i++) {
            context_id callee = s->callees.data[i];
            struct callable *called = callable_of(s, callee);
            if (called->called != CALLED_WITHOUT)
                called->called = s->nodes[callee].locked ? CALLED_WITH : CALLED_WITHOUT;
            if (!s->reached[callee])
                vec_push(&work, callee);
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
    for (context_id i = 1; i < p->contexts.len; i++) {
        uint8_t kind = p->roots.data[s->nodes[i].root].kind;
        bool caller = kind == THREAD_CALLER ? is_entry(s, i) : kind == THREAD_SPAWNED;
        if (s->reached[i] && caller)
            vec_push(&work, i);
    }
    while (work.len > 0) {
        context_id id = vec_pop(&work);
        if (reached[id])
            continue;
        reached[id] = true;
        for (uint32_t i = s->nodes[id].first; i < s->nodes[id + 1].first; i++) {
            context_id callee = s->callees.data[i]; /* an import runs once, whoever asks */
            if (!reached[callee] && !s->nodes[callee].body)
                vec_push(&work, callee);
        }
    }
    vec_release(&work);
}

/* Whether the calls that count show further functions to require a lock. */
static bool learn(struct survey *s)
{
    bool more = false;
    for (size_t i = 0; i < s->open.len; i++) {
        context_id id = s->open.data[i];
        struct callable *own = callable_of(s, id);
        bool required =
            own->called != CALLED_NOT ? own->called == CALLED_WITH : overrides_required(s, context_at(s->p, id));
        more |= required && !own->required;
        own->required |= required;
    }
    for (size_t i = 0; i < s->open.len; i++)
        callable_of(s, s->open.data[i])->called = CALLED_NOT;
    return more;
}

#define ROUNDS_MAX 6 /* functions that require a lock because those that call them do, and so on */

void required_drop(struct program *p)
{
    struct survey s = {.p = p};
    survey_begin(&s);
    for (size_t i = 1; i < p->contexts.len; i++)
        /* a function that takes a lock itself asks for none, though its callers may hold that one already */
        if (p->contexts.data[i]->generic && !p->contexts.data[i]->takes_lock)
            vec_push(&s.open, (context_id)i);
    find_apart(&s);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        follow(&s);
        if (!learn(&s))
            break;
    }
    bool *by_callers = memory_new(p->contexts.len * sizeof *by_callers);
    follow_callers(&s, by_callers);
    for (size_t i = 1; i < p->contexts.len; i++) {
        bool callers = p->roots.data[s.nodes[i].root].kind == THREAD_CALLER;
        if (!s.reached[i] || (callers && !by_callers[i]))
            p->contexts.data[i]->status = CONTEXT_STALE;
    }
    free(by_callers);
    survey_end(&s);
}
