#include "program/hazards/deadlocks.h"

#include <stdlib.h>

#include "program/evaluate/contexts.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

/* Whether there is only one such lock in the whole program. */
static bool is_unique(const struct program *p, object_id lock)
{
    for (int i = 0; i < 8 && lock != 0; i++) {
        const struct object *o = object_at(p, lock);
        if (o->kind == OBJECT_MODULE || o->kind == OBJECT_CLASS || o->kind == OBJECT_EXTERNAL)
            return true;
        if ((o->kind != OBJECT_MODELLED && o->kind != OBJECT_INSTANCE) || (o->flags & OBJECT_MANY))
            return false;
        lock = o->home;
    }
    return lock == 0;
}

/* Whether threads that wait for this lock wait for another thread: a mutex between threads. */
static bool is_mutex(const struct program *p, object_id lock)
{
    const struct model *model = object_type_model(p, lock);
    if (model == NULL)
        return true; /* of unknown type, called a lock */
    enum model_role role = (enum model_role)model->role;
    return model->scope != SCOPE_ASYNCIO && (role == ROLE_LOCK || role == ROLE_RLOCK || role == ROLE_CONDITION);
}

bool lock_is_reentrant(const struct program *p, object_id lock)
{
    const struct model *model = object_type_model(p, lock);
    return model == NULL || model->role != ROLE_LOCK || model->reentrant;
}

struct acc deadlock_shown(const struct program *p, const struct acc *acc_of)
{
    struct acc acc = *acc_of;
    const struct object *o = object_at(p, acc.object);
    if (o->kind == OBJECT_PATH) {
        acc.field = o->b;
        acc.object = o->a;
    } else if (o->home != 0) {
        acc.field = o->home_field;
        acc.object = o->home;
    }
    return acc;
}

#define CALLERS_MAX 8 /* that are followed upwards */

bool deadlock_through_stranger(const struct program *p, const struct context *c, object_id lock)
{
    for (int i = 0; i < CALLERS_MAX && sets_has(p->sets, c->locks, lock) && c->caller != 0; i++) {
        if (c->callback)
            return true;
        c = context_at(p, c->caller);
    }
    return false;
}

/* ---- a lock taken twice by one thread ---- */

static bool deadlocks_itself(const struct program *p, const struct nesting *n)
{
    const struct taking *first = &n->first, *last = &n->last;
    object_id lock = last->acc.object;
    if (first->acc.object != lock || ((first->flags | last->flags) & TAKING_TRIED) || (last->flags & TAKING_PROBED))
        return false;
    if (!is_mutex(p, lock) || lock_is_reentrant(p, lock))
        return false;
    bool same = first->path == last->path && paths_names_one(p, last->path);
    if (!same && ((last->flags & TAKING_SEVERAL) || !is_unique(p, lock)))
        return false;
    if (first->flags & TAKING_SCOPED)
        return true;
    /* taken to be released by another thread: a signal, not a guard */
    if (object_at(p, lock)->flags & OBJECT_SIGNAL)
        return false;
    return (last->flags & TAKING_SCOPED) != 0 || (last->acc.flags & ACC_VIA) != 0;
}

static void self_deadlock(struct finder *f, const struct nesting *n)
{
    struct program *p = f->p;
    if (!deadlocks_itself(p, n))
        return;
    struct hazard h = {.kind = HAZARD_SELF_DEADLOCK, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.through_call = (n->last.acc.flags & ACC_VIA) != 0;
    h.why = STR("one thread is enough");
    if (n->last.flags & TAKING_BELOW_TEST) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("one thread is enough, where the tests on the way let it through");
    }
    if (n->last.flags & TAKING_CHOSEN) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("an argument decides whether the lock is taken again");
    }
    struct acc first = deadlock_shown(p, &n->first.acc), last = deadlock_shown(p, &n->last.acc);
    h.held = h.wanted = describe_lock(p, n->last.acc.object, &n->last.acc);
    finder_add(f, &h, &first, &last, NULL);
}

/* ---- locks taken in opposite orders ---- */

/* `to` is taken while `from` is held. */
struct edge {
    object_id from, to;
    const struct nesting *nesting;
};

struct graph {
    struct finder *f;
    VEC(struct edge) edges; /* by from, to, position */
};

static int compare_takings(const struct acc *x, const struct acc *y)
{
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    return (x->context > y->context) - (x->context < y->context);
}

static int compare_edges(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    int order = compare_takings(&x->nesting->first.acc, &y->nesting->first.acc);
    return order != 0 ? order : compare_takings(&x->nesting->last.acc, &y->nesting->last.acc);
}

static size_t lower_bound(const struct graph *g, object_id from, object_id to)
{
    size_t low = 0, high = g->edges.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct edge *e = &g->edges.data[middle];
        if (e->from < from || (e->from == from && e->to < to))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The path of the object whose field the lock is; the lock's own where it is kept under another name: handed in. */
static path_id owner_path(const struct program *p, object_id lock, path_id path)
{
    const struct path *last = path_at(p, path);
    const struct object *o = object_at(p, lock);
    bool own = last->kind == PATH_ATTR && (o->home_field == last->a || o->kind == OBJECT_PATH);
    return own && last->base != 0 ? last->base : path;
}

/* Whether the two owners are parts of one object, told apart by the field alone: `left` and `right` of a node that made
 * them. */
static bool are_own_parts(const struct program *p, object_id lock, path_id a, path_id b)
{
    const struct path *x = path_at(p, a), *y = path_at(p, b);
    if (x->kind != PATH_ATTR || y->kind != PATH_ATTR || x->base != y->base)
        return false;
    object_id owner = object_at(p, lock)->home;
    if (owner == 0)
        return true;
    const struct object *o = object_at(p, owner);
    return o->kind == OBJECT_GENERIC || o->home_field == x->a || o->home_field == y->a;
}

static bool same_loop(const struct program *p, path_id a, path_id b)
{
    const struct path *x = path_at(p, a), *y = path_at(p, b);
    return x->kind == PATH_ELEMENT && y->kind == PATH_ELEMENT && x->a == y->a;
}

/* Locks of two objects made at the same place, taken in the order in which the caller named them. */
static bool is_unordered_pair(const struct program *p, const struct nesting *n)
{
    object_id lock = n->last.acc.object;
    path_id a = n->first.path, b = n->last.path;
    if (a == 0 || b == 0 || a == b || n->ordered || is_unique(p, lock))
        return false;
    if (paths_sorted(p, a) || paths_sorted(p, b))
        return false;
    path_id x = owner_path(p, lock, a), y = owner_path(p, lock, b);
    if (x == y || paths_nested(p, x, y) || same_loop(p, x, y) || are_own_parts(p, lock, x, y))
        return false;
    const struct context *c = context_at(p, n->last.acc.context);
    return c->caller == 0 || !context_at(p, c->caller)->orders;
}

static void add_edge(struct graph *g, const struct nesting *n)
{
    const struct program *p = g->f->p;
    const uint8_t unsure = TAKING_TRIED | TAKING_OWN | TAKING_SEVERAL;
    object_id from = n->first.acc.object, to = n->last.acc.object;
    if (((n->first.flags | n->last.flags) & unsure) || !is_mutex(p, from) || !is_mutex(p, to))
        return;
    if (from == to && !is_unordered_pair(p, n))
        return;
    if (n->first.path == n->last.path && paths_names_one(p, n->first.path))
        return; /* one lock, whatever objects it may be */
    if (from != to && sets_has(p->sets, n->last.acc.locks, to))
        return; /* held already: does not wait */
    vec_push(&g->edges, ((struct edge){from, to, n}));
}

#define CANDIDATES_MAX 12 /* edges of one kind that are tried against those of the other */

struct inversion {
    const struct nesting *one, *other;
    struct parallel_info parallel;
};

/* Whether two threads can hold the first locks of both at once: no third lock keeps them apart, and they may run
 * together. */
static bool can_meet(struct program *p, const struct nesting *x, const struct nesting *y,
                     struct parallel_info *parallel)
{
    set_id gates = sets_intersection(p->sets, x->first.acc.locks, y->first.acc.locks);
    gates = sets_remove(p->sets, sets_remove(p->sets, gates, x->first.acc.object), y->first.acc.object);
    if (gates != 0)
        return false;
    struct parallel_info a = parallel_accesses(p, &x->first.acc, &y->last.acc);
    struct parallel_info b = parallel_accesses(p, &x->last.acc, &y->first.acc);
    *parallel = a.kind < b.kind ? a : b;
    return parallel->kind != PARALLEL_NO;
}

static struct inversion choose(struct graph *g, size_t first, size_t first_end, size_t second, size_t second_end)
{
    struct inversion best = {0};
    if (first_end - first > CANDIDATES_MAX)
        first_end = first + CANDIDATES_MAX;
    if (second_end - second > CANDIDATES_MAX)
        second_end = second + CANDIDATES_MAX;
    for (size_t i = first; i < first_end; i++)
        for (size_t k = second; k < second_end; k++) {
            const struct nesting *x = g->edges.data[i].nesting, *y = g->edges.data[k].nesting;
            struct parallel_info parallel;
            if (!can_meet(g->f->p, x, y, &parallel))
                continue;
            if (best.one == NULL || parallel.kind > best.parallel.kind)
                best = (struct inversion){x, y, parallel};
        }
    return best;
}

static enum confidence inversion_confidence(struct program *p, const struct inversion *v, struct str *why)
{
    struct span span = {.first = &v->one->first.acc, .last = &v->one->last.acc, .via = VIA_DATA};
    enum confidence confidence = confidence_of(p, &span, &v->other->last.acc, v->parallel, GUARDED_OFTEN, why);
    if (confidence == CONFIDENCE_MEDIUM && v->parallel.kind == PARALLEL_CALLERS)
        *why = STR("locks are there for threads");
    return confidence;
}

static void report(struct graph *g, struct inversion v, const struct nesting *const *chain, uint32_t chain_count)
{
    struct program *p = g->f->p;
    if (compare_takings(&v.other->last.acc, &v.one->last.acc) < 0) {
        const struct nesting *swap = v.one;
        if (chain_count == 0)
            v.one = v.other, v.other = swap;
    }
    struct hazard h = {.kind = HAZARD_LOCK_ORDER, .exposure = EXPOSURE_ANY_BUILD};
    h.confidence = inversion_confidence(p, &v, &h.why);
    h.through_call = ((v.one->last.acc.flags | v.other->last.acc.flags) & ACC_VIA) != 0;
    h.held = describe_lock(p, v.one->first.acc.object, &v.one->first.acc);
    h.wanted = describe_lock(p, v.one->last.acc.object, &v.one->last.acc);
    struct acc first = deadlock_shown(p, &v.one->first.acc), last = deadlock_shown(p, &v.one->last.acc);
    struct acc partner_first = deadlock_shown(p, &v.other->first.acc), partner = deadlock_shown(p, &v.other->last.acc);
    h.partner_first = describe_access(p, &partner_first, describe_place(p, &partner_first));
    h.partner_side = describe_side(p, &partner_first, &partner);
    if (chain_count > 0) {
        const struct access **steps = arena_array(p->arena, chain_count, sizeof *steps);
        for (uint32_t i = 0; i < chain_count; i++) {
            struct acc step = deadlock_shown(p, &chain[i]->last.acc);
            steps[i] = describe_access(p, &step, describe_place(p, &step));
        }
        h.chain = steps;
        h.chain_count = chain_count;
    }
    finder_add(g->f, &h, &first, &last, &partner);
}

/* Two locks that are taken in both orders; two objects of one kind whose order is open. */
static void find_pairs(struct graph *g)
{
    size_t end;
    for (size_t i = 0; i < g->edges.len; i = end) {
        const struct edge *e = &g->edges.data[i];
        end = lower_bound(g, e->from, e->to + 1);
        if (e->from > e->to)
            continue;
        size_t back = lower_bound(g, e->to, e->from), back_end = lower_bound(g, e->to, e->from + 1);
        struct inversion v = choose(g, i, end, back, back_end);
        if (v.one != NULL)
            report(g, v, NULL, 0);
    }
}

/* ---- circles of more than two ---- */

#define CIRCLE_MAX 4
#define CIRCLE_STEPS_MAX 100000
#define CIRCLES_MAX 16

struct circle {
    const struct nesting *hops[CIRCLE_MAX];
    uint32_t count;
};

/* An edge of the kind at `from` that can meet all hops so far, or NULL. */
static const struct nesting *next_hop(struct graph *g, const struct circle *circle, size_t from)
{
    const struct edge *kind = &g->edges.data[from];
    size_t end = from + CANDIDATES_MAX;
    for (size_t i = from;
         i < end && i < g->edges.len && g->edges.data[i].from == kind->from && g->edges.data[i].to == kind->to; i++) {
        bool meets = true;
        struct parallel_info parallel;
        for (uint32_t k = 0; k < circle->count && meets; k++)
            meets = can_meet(g->f->p, circle->hops[k], g->edges.data[i].nesting, &parallel);
        if (meets)
            return g->edges.data[i].nesting;
    }
    return NULL;
}

static bool has_edge(const struct graph *g, object_id from, object_id to)
{
    size_t at = lower_bound(g, from, to);
    return at < g->edges.len && g->edges.data[at].from == from && g->edges.data[at].to == to;
}

/* Whether a lock can be the next in a circle: greater than the first, so that each circle is met once, and new in it.
 */
static bool fits(const struct graph *g, const struct circle *circle, object_id lock)
{
    if (lock <= circle->hops[0]->first.acc.object)
        return false;
    for (uint32_t i = 0; i < circle->count; i++) {
        object_id known = circle->hops[i]->last.acc.object;
        if (known == lock || has_edge(g, lock, known))
            return false; /* two of them alone make a circle: told already */
    }
    return true;
}

static bool close_circle(struct graph *g, struct circle *circle)
{
    struct program *p = g->f->p;
    object_id first = circle->hops[0]->first.acc.object, last = circle->hops[circle->count - 1]->last.acc.object;
    if (circle->count < 2 || circle->count == CIRCLE_MAX || !has_edge(g, last, first))
        return false;
    const struct nesting *closing = next_hop(g, circle, lower_bound(g, last, first));
    if (closing == NULL)
        return false;
    struct inversion v = {circle->hops[0], closing, {PARALLEL_NO, false}};
    if (!can_meet(p, v.one, v.other, &v.parallel))
        return false;
    report(g, v, circle->hops + 1, circle->count - 1);
    return true;
}

/* Depth first from one edge kind, with the place of each hop's candidates kept on the way. */
static uint32_t circles_from(struct graph *g, size_t start, uint32_t *steps)
{
    struct circle circle = {.count = 0};
    circle.hops[0] = next_hop(g, &circle, start);
    if (circle.hops[0] == NULL)
        return 0;
    circle.count = 1;
    size_t at[CIRCLE_MAX];
    at[1] = lower_bound(g, circle.hops[0]->last.acc.object, 0);
    while (circle.count > 0 && ++*steps < CIRCLE_STEPS_MAX) {
        object_id end = circle.hops[circle.count - 1]->last.acc.object;
        size_t *i = &at[circle.count];
        bool more = circle.count < CIRCLE_MAX - 1 && *i < g->edges.len && g->edges.data[*i].from == end;
        if (!more) {
            circle.count--;
            continue;
        }
        size_t kind = *i;
        *i = lower_bound(g, end, g->edges.data[kind].to + 1);
        if (!fits(g, &circle, g->edges.data[kind].to))
            continue;
        const struct nesting *hop = next_hop(g, &circle, kind);
        if (hop == NULL)
            continue;
        circle.hops[circle.count++] = hop;
        at[circle.count < CIRCLE_MAX ? circle.count : 0] = lower_bound(g, hop->last.acc.object, 0);
        if (close_circle(g, &circle))
            return 1;
    }
    return 0;
}

static void find_circles(struct graph *g)
{
    uint32_t steps = 0, found = 0;
    for (size_t i = 0; i < g->edges.len && found < CIRCLES_MAX && steps < CIRCLE_STEPS_MAX;) {
        const struct edge *e = &g->edges.data[i];
        size_t end = lower_bound(g, e->from, e->to + 1);
        if (e->from < e->to)
            found += circles_from(g, i, &steps);
        i = end;
    }
}

void find_deadlocks(struct finder *f)
{
    struct program *p = f->p;
    struct graph g = {.f = f};
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->rare->nestings.len; k++) {
            self_deadlock(f, &c->rare->nestings.data[k]);
            add_edge(&g, &c->rare->nestings.data[k]);
        }
    }
    if (g.edges.len > 0)
        qsort(g.edges.data, g.edges.len, sizeof *g.edges.data, compare_edges);
    find_pairs(&g);
    find_circles(&g);
    find_pool_waits(f);
    vec_release(&g.edges);
}
