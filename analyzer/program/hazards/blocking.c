/* blocking: what waits, calls code of others, or lets other tasks run, with a lock held (RL503, RL504, RL508). */
#include "program/hazards/finder.h"

#include <stdlib.h>

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/hazards/slow.h"
#include "program/values/objects.h"

static bool is_thread_lock(const struct program *p, object_id lock)
{
    const struct model *type = object_type_model(p, lock);
    return type != NULL && type->scope == SCOPE_THREAD && type->role != ROLE_SEMAPHORE && role_is_lock(type->role) &&
           !parallel_lock_is_weak(p, lock);
}

/* A lock held at a note that is not what the call is about; 0: none. */
static object_id lock_held(const struct program *p, const struct note *n)
{
    for (uint32_t i = 0; i < sets_count(p->sets, n->acc.locks); i++) {
        object_id lock = sets_member(p->sets, n->acc.locks, i);
        if (lock != n->acc.object && is_thread_lock(p, lock) &&
            !deadlock_through_stranger(p, context_at(p, n->acc.context), lock))
            return lock;
    }
    return 0;
}

/* ---- calls that wait ---- */

static bool is_condition(const struct program *p, object_id object)
{
    return object != 0 && object_role(p, object) == ROLE_CONDITION;
}

/* An acquisition somewhere in the program. */
struct taker {
    object_id lock;
    context_id context;
    const struct taking *taking;
};

/* All of them, by lock: a program has many locks and many calls that wait, and only those of one lock matter to one. */
struct takers {
    VEC(struct taker) list;
    VEC(const struct note *) slow; /* calls that take long with some lock held */
};

static int compare_takers(const void *a, const void *b)
{
    const struct taker *x = a, *y = b;
    if (x->lock != y->lock)
        return x->lock < y->lock ? -1 : 1;
    if (x->context != y->context)
        return x->context < y->context ? -1 : 1;
    return (x->taking > y->taking) - (x->taking < y->taking); /* of one context: of one array */
}

static void takers_collect(const struct program *p, struct takers *takers)
{
    for (context_id i = 1; i < p->contexts.len; i++) {
        const struct context *c = context_at(p, i);
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->takings.len; k++)
            vec_push(&takers->list,
                     ((struct taker){c->records->takings.data[k].acc.object, i, &c->records->takings.data[k]}));
    }
    if (takers->list.len > 0)
        qsort(takers->list.data, takers->list.len, sizeof *takers->list.data, compare_takers);
}

/* The first acquisition of a lock in the list. */
static size_t takers_of(const struct takers *takers, object_id lock)
{
    size_t low = 0, high = takers->list.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (takers->list.data[middle].lock < lock)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether a call of the same function as the context leads to the note. */
static bool leads_to(const struct program *p, const struct context *c, const struct note *n)
{
    const struct context *at = context_at(p, n->acc.context);
    for (int depth = 0; depth < 8; depth++) {
        if (at->unit == c->unit && at->function == c->function)
            return true;
        if (at->caller == 0)
            return false;
        at = context_at(p, at->caller);
    }
    return false;
}

/* Another thread that takes the lock for something short: the acquisition. A lock under which all do the same slow
 * thing is there to take turns. */
static const struct acc *needs(struct program *p, const struct takers *takers, const struct note *n, object_id lock,
                               struct parallel_info *how)
{
    const struct acc *best = NULL;
    struct acc here = n->acc;
    here.object = lock;
    for (size_t i = takers_of(takers, lock); i < takers->list.len && takers->list.data[i].lock == lock; i++) {
        const struct acc *taken = &takers->list.data[i].taking->acc;
        const struct context *c = context_at(p, takers->list.data[i].context);
        if ((taken->flags & ACC_VIA) || leads_to(p, c, n) || slow_under(p, c, lock))
            continue;
        struct parallel_info info = parallel_accesses(p, &here, taken);
        if (info.kind > how->kind) {
            *how = info;
            best = taken;
        }
    }
    return best;
}

/* Whether the call waits for a thread (or pool) that takes the lock. */
static const struct acc *waits_for_taker(const struct program *p, const struct takers *takers, const struct note *n,
                                         object_id lock)
{
    if ((n->acc.model->effects & EFFECT_JOIN) == 0 || n->acc.object == 0)
        return NULL;
    for (size_t i = takers_of(takers, lock); i < takers->list.len && takers->list.data[i].lock == lock; i++) {
        const struct taking *taking = takers->list.data[i].taking;
        const struct root *root = &p->roots.data[context_at(p, takers->list.data[i].context)->root];
        bool waited = root->kind == THREAD_SPAWNED &&
                      (root->object == n->acc.object || (root->executor != 0 && root->executor == n->acc.object));
        if (waited && (taking->flags & TAKING_TRIED) == 0)
            return &taking->acc;
    }
    return NULL;
}

/* A call that waits with a lock held, which another thread needs. */
struct waiting {
    struct hazard hazard;
    struct acc acc, other; /* as shown */
    uint64_t section; /* what stands for the function that took the lock and made calls that led here; 0: its own */
    int depth;        /* how many calls lie between */
};

struct waitings {
    VEC(struct waiting) list;
    struct map best; /* section -> index of the one that is told: a section that waits in several ways is one mistake */
};

static void waitings_add(struct program *p, struct waitings *waitings, struct waiting *w, object_id lock)
{
    const struct context *c = context_at(p, w->acc.context);
    while (c->caller != 0 && sets_has(p->sets, c->locks, lock)) {
        c = context_at(p, c->caller);
        w->depth++;
    }
    if (w->depth > 0 && !w->hazard.while_loop) {
        const uint64_t spread = 0x9e3779b97f4a7c15; /* keeps numbers of functions and names apart */
        w->section = ((uint64_t)c->unit << 32 | c->function) * spread + object_at(p, lock)->home_field + 1;
        uint64_t *best = map_slot(&waitings->best, w->section, waitings->list.len);
        const struct waiting *known = *best < waitings->list.len ? &waitings->list.data[*best] : w;
        if (w->hazard.confidence > known->hazard.confidence ||
            (w->hazard.confidence == known->hazard.confidence && w->depth < known->depth))
            *best = waitings->list.len;
    }
    vec_push(&waitings->list, *w);
}

static void waitings_tell(struct finder *f, struct waitings *waitings)
{
    for (size_t i = 0; i < waitings->list.len; i++) {
        struct waiting *w = &waitings->list.data[i];
        uint64_t best = i;
        if (w->section == 0 || (map_get(&waitings->best, w->section, &best) && best == i))
            finder_add(f, &w->hazard, &w->acc, &w->acc, &w->other);
    }
    vec_release(&waitings->list);
    map_release(&waitings->best);
}

static void check_blocking(struct finder *f, const struct takers *takers, const struct note *n,
                           struct waitings *waitings)
{
    struct program *p = f->p;
    object_id lock = lock_held(p, n);
    if (lock == 0 || (n->acc.model->effects & EFFECT_WAIT && is_condition(p, n->acc.object)))
        return; /* of conditions: see conditions.c */
    struct hazard h = {.kind = HAZARD_BLOCKING, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
    struct parallel_info how = {PARALLEL_NO, false};
    const struct acc *partner = waits_for_taker(p, takers, n, lock);
    h.while_loop = partner != NULL; /* in a circle */
    if (partner == NULL)
        partner = needs(p, takers, n, lock, &how);
    if (partner == NULL || how.kind == PARALLEL_CALLERS)
        return;
    bool file = n->acc.model->file != FILE_NONE;
    h.why = STR("how long others wait depends on it");
    if (h.while_loop) { /* with a timeout it waits in vain, for as long as that */
        h.confidence = n->flags & NOTE_GIVES_UP ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
        h.why = STR("the thread that is waited for takes the lock");
    } else if (how.kind == PARALLEL_ROOTS && !file && (n->flags & NOTE_GIVES_UP) == 0) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("another thread takes the lock for something short");
    }
    h.held = describe_lock(p, lock, &n->acc);
    struct acc acc = n->acc, other = deadlock_shown(p, partner);
    if (acc.object == 0)
        acc.object = lock;
    struct waiting w = {.hazard = h, .acc = deadlock_shown(p, &acc), .other = other};
    waitings_add(p, waitings, &w, lock);
}

/* ---- callbacks ---- */

/* Whether a lock is one of the module that a note is in, or of its classes: not one that happens to be held further up.
 */
static bool is_near(const struct program *p, object_id lock, const struct note *n)
{
    const struct object *home = object_at(p, object_at(p, lock)->home);
    if (home->kind == OBJECT_CELLS)
        return context_at(p, home->a)->unit == n->acc.unit;
    if (home->kind == OBJECT_INSTANCE || home->kind == OBJECT_GENERIC)
        home = object_at(p, home->a);
    return (home->kind != OBJECT_CLASS && home->kind != OBJECT_MODULE) || home->a == n->acc.unit;
}

static void check_callback(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    object_id lock = lock_held(p, n);
    const struct model *type = lock != 0 ? object_type_model(p, lock) : NULL;
    if (type == NULL || type->role != ROLE_LOCK || !is_near(p, lock, n))
        return; /* who comes back in the same thread may take it again */
    struct hazard h = {.kind = HAZARD_CALLBACK, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
    h.why = STR("what it calls is not known here");
    if (n->flags & NOTE_LISTENER) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("it calls whatever was registered");
    }
    h.held = describe_lock(p, lock, &n->acc);
    struct acc acc = n->acc;
    acc.object = lock;
    acc = deadlock_shown(p, &acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- awaits ---- */

static void check_await(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    /* locks of callers are told where they were taken */
    set_id here = sets_minus(p->sets, n->acc.locks, context_at(p, n->acc.context)->locks);
    struct note own = *n;
    own.acc.locks = here;
    object_id lock = lock_held(p, &own);
    if (lock == 0)
        return;
    struct hazard h = {.kind = HAZARD_AWAIT_HOLDING, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("two tasks of one thread are enough");
    h.held = describe_lock(p, lock, &n->acc);
    struct acc acc = n->acc;
    acc.object = lock;
    acc = deadlock_shown(p, &acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

/* Another thread that holds the lock over something that takes long; NULL: none is seen. */
static const struct note *slow_holder(struct program *p, const struct takers *takers, const struct acc *taken)
{
    for (size_t i = 0; i < takers->slow.len; i++) {
        const struct note *n = takers->slow.data[i];
        if (!sets_has(p->sets, n->acc.locks, taken->object))
            continue;
        bool gives_back = (n->acc.model->effects & EFFECT_WAIT) && is_condition(p, n->acc.object);
        if (!gives_back && parallel_accesses(p, taken, &n->acc).kind == PARALLEL_ROOTS)
            return n;
    }
    return NULL;
}

/* Waiting for a second lock that another thread holds for long, with the first one held that others need, too. */
static void check_nested(struct finder *f, const struct takers *takers, const struct nesting *nesting)
{
    struct program *p = f->p;
    object_id lock = nesting->first.acc.object;
    struct note waits = {.kind = NOTE_CALL, .acc = nesting->last.acc};
    struct parallel_info how = {PARALLEL_NO, false};
    const uint8_t unsure = TAKING_TRIED | TAKING_OWN | TAKING_SEVERAL;
    if (lock == waits.acc.object || ((nesting->first.flags | nesting->last.flags) & unsure) ||
        !is_thread_lock(p, lock) || !is_thread_lock(p, waits.acc.object) || slow_holder(p, takers, &waits.acc) == NULL)
        return;
    const struct acc *partner = needs(p, takers, &waits, lock, &how);
    if (partner == NULL || how.kind != PARALLEL_ROOTS)
        return;
    struct hazard h = {.kind = HAZARD_BLOCKING, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
    h.why = STR("how long others wait depends on who has the second lock");
    h.held = describe_lock(p, lock, &nesting->last.acc);
    struct acc acc = deadlock_shown(p, &waits.acc), other = deadlock_shown(p, partner);
    finder_add(f, &h, &acc, &acc, &other);
}

/* A coroutine that waits for a lock of threads: everything else in its event loop waits, too. */
static void check_coroutine(struct finder *f, const struct takers *takers, const struct context *c)
{
    struct program *p = f->p;
    if ((p->units.data[c->unit].ir->functions[c->function].flags & IR_FN_ASYNC) == 0)
        return;
    for (size_t k = 0; k < c->records->takings.len; k++) {
        const struct taking *t = &c->records->takings.data[k];
        const struct note *holder = NULL;
        if ((t->acc.flags & ACC_VIA) == 0 && (t->flags & (TAKING_TRIED | TAKING_OWN)) == 0 &&
            is_thread_lock(p, t->acc.object))
            holder = slow_holder(p, takers, &t->acc);
        if (holder == NULL)
            continue;
        struct hazard h = {.kind = HAZARD_LOOP_WAITS, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
        h.why = STR("a thread holds the lock for long");
        h.held = describe_lock(p, t->acc.object, &t->acc);
        struct acc acc = deadlock_shown(p, &t->acc);
        finder_add(f, &h, &acc, &acc, &holder->acc);
    }
}

void find_blocking(struct finder *f)
{
    struct takers takers = {0};
    struct waitings waitings = {0};
    takers_collect(f->p, &takers);
    for (size_t i = 0; i < f->notes.len; i++)
        if (slow_call(f->p, f->notes.data[i]))
            vec_push(&takers.slow, f->notes.data[i]);
    for (size_t i = 0; i < takers.slow.len; i++)
        check_blocking(f, &takers, takers.slow.data[i], &waitings);
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind == NOTE_CALLBACK)
            check_callback(f, n);
        if (n->kind == NOTE_AWAIT)
            check_await(f, n);
    }
    waitings_tell(f, &waitings);
    for (size_t i = 1; i < f->p->contexts.len; i++) {
        const struct context *c = f->p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->nestings.len; k++)
            check_nested(f, &takers, &c->rare->nestings.data[k]);
    }
    for (size_t i = 1; i < f->p->contexts.len; i++)
        if (f->p->contexts.data[i]->status == CONTEXT_DONE)
            check_coroutine(f, &takers, f->p->contexts.data[i]);
    vec_release(&takers.list);
    vec_release(&takers.slow);
}
