/* unguarded: accesses without the lock that the other accesses of the place hold (RL302, RL303), or that its author
 * declares (RL304). */
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/locks/declared.h"
#include "program/locks/guards.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* What an access without the lock is. */
enum lapse {
    LAPSE_NONE,  /* one load of a value: it sees the old state or the new one */
    LAPSE_LOOK,  /* any other read in one step */
    LAPSE_COPY,  /* a read of all elements in one step */
    LAPSE_WALK,  /* a read in several steps */
    LAPSE_STORE, /* a change in one step */
    LAPSE_CHANGE /* a change in several steps */
};

static enum lapse lapse_of(const struct acc *acc)
{
    bool atomic = (acc->flags & ACC_ATOMIC) != 0;
    if (acc->flags & ACC_WRITES)
        return acc->kind == ACCESS_AUGMENTED || (acc->kind == ACCESS_METHOD && !atomic) ? LAPSE_CHANGE : LAPSE_STORE;
    if (acc->kind == ACCESS_ITERATE)
        return atomic ? LAPSE_COPY : LAPSE_WALK;
    if (acc->kind == ACCESS_METHOD && acc->model != NULL && (acc->model->effects & (EFFECT_SNAPSHOT | EFFECT_ITERATE)))
        return LAPSE_COPY;
    return acc->field == FIELD_CONTENTS ? LAPSE_LOOK : LAPSE_NONE;
}

/* ---- the other side ---- */

struct choice {
    const struct acc *partner;
    struct parallel_info parallel;
    uint32_t rank; /* greater is better */
};

#define PARTNERS_MAX 512 /* accesses of a place that are looked at */

/* Whether the function around an access touches the place more than once under the lock: what lies between is one step
 * for all who hold the lock. */
static bool is_compound_section(struct finder *f, const struct guard *guard, const struct acc *acc)
{
    const struct sited *sites = f->guards->sites.data + guard->first;
    uint32_t count = 0, last_op = UINT32_MAX;
    for (size_t i = 0; i < guard->count; i++) {
        const struct acc *other = sites[i].acc;
        if (other->unit != acc->unit || other->function != acc->function || other->op == last_op)
            continue;
        if (!guard_holds(f->p, guard, other))
            continue;
        last_op = other->op;
        count++;
    }
    return count >= 2;
}

/* An access that holds the lock, and that the lapse can meet; free: one that nothing but a lock could keep apart. */
static struct choice choose_of(struct finder *f, const struct guard *guard, const struct acc *acc, bool any, bool free)
{
    struct program *p = f->p;
    struct choice best = {0};
    uint64_t place = finder_place(p, acc);
    bool store = lapse_of(acc) == LAPSE_STORE;
    size_t i = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t end = i + PARTNERS_MAX; i < end && i < f->all.len && f->all.data[i].place == place; i++) {
        const struct acc *other = f->all.data[i].acc;
        if (((acc->flags | other->flags) & ACC_WRITES) == 0)
            continue;
        bool holds = guard_holds(p, guard, other);
        if (!holds && !any)
            continue;
        struct parallel_info parallel = parallel_accesses(p, acc, other);
        if (parallel.kind == PARALLEL_NO)
            continue;
        bool torn = holds && store && is_compound_section(f, guard, other); /* what a store harms */
        uint32_t rank = (uint32_t)parallel.kind * 16 + holds * 8u + torn * 4u + ((other->flags & ACC_WRITES) ? 2 : 0) +
                        (lapse_of(other) == LAPSE_CHANGE);
        if ((best.partner == NULL || rank > best.rank) && !(free && confidence_kept_apart(p, acc, other)))
            best = (struct choice){other, parallel, rank};
    }
    return best;
}

static struct choice choose(struct finder *f, const struct guard *guard, const struct acc *acc, bool any)
{
    struct choice best = choose_of(f, guard, acc, any, false);
    if (best.partner == NULL || !confidence_kept_apart(f->p, acc, best.partner))
        return best;
    struct choice other = choose_of(f, guard, acc, any, true);
    return other.partner != NULL ? other : best;
}

/* ---- inferred guards ---- */

static bool is_lapse(const struct guard *guard, enum lapse lapse)
{
    switch (guard->kind) {
    case GUARD_INFERRED: return lapse >= LAPSE_COPY;
    case GUARD_OF_WRITES: return lapse == LAPSE_COPY || lapse == LAPSE_WALK;
    case GUARD_SOMEWHERE: return lapse == LAPSE_CHANGE;
    case GUARD_DECLARED:
    case GUARD_NONE: return false;
    }
    return false;
}

static bool guards_all_writes(const struct guard *guard)
{
    return guard->kind == GUARD_INFERRED && guard->writes_held == guard->writes;
}

/* A change in one step harms only those who do more than one step under the lock; a flag that is set harms few. A copy
 * in one step is only wrong where what is done with it relies on the original. */
static enum confidence weigh(struct finder *f, const struct guard *guard, const struct acc *acc,
                             const struct choice *choice, enum confidence confidence)
{
    uint32_t enough = lapse_of(acc) == LAPSE_WALK && guard->writes_held == guard->writes ? 1 : 2;
    bool copies = lapse_of(acc) == LAPSE_COPY;
    if ((guard->held < enough && !guard->named) || !guard->belongs || (copies && !guards_all_writes(guard)) ||
        guard_is_slack(f->p, guard, acc))
        return CONFIDENCE_LOW;
    if (lapse_of(acc) != LAPSE_STORE)
        return confidence;
    if (acc->flags & ACC_CONSTANT)
        return CONFIDENCE_LOW;
    if (!is_compound_section(f, guard, choice->partner))
        return CONFIDENCE_LOW;
    bool only_lapse = guard->held >= 3 && guard->held + 1 >= guard->of;
    if (acc->field != FIELD_CONTENTS && choice->parallel.kind == PARALLEL_CALLERS && !only_lapse)
        return CONFIDENCE_LOW;
    return confidence == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : confidence;
}

static void add(struct finder *f, struct hazard *h, const struct guard *guard, const struct acc *acc,
                const struct acc *partner)
{
    h->exposure = EXPOSURE_ANY_BUILD; /* the critical section lies within */
    if (guard->kind != GUARD_DECLARED && guard_is_made_by(f->p, guard->sample, acc))
        h->confidence = CONFIDENCE_LOW;
    h->locked_apart = guards_own(f->p, acc->locks, acc) && guards_own(f->p, partner->locks, partner);
    guard_describe(f, h, guard, acc);
    finder_add(f, h, acc, acc, partner);
}

/* Whether the lapse comes before its function starts the thread that the partner runs in. */
static bool precedes_start(const struct program *p, const struct acc *acc, const struct acc *partner)
{
    const struct root *root = &p->roots.data[context_at(p, partner->context)->root];
    bool spawner = root->kind == THREAD_SPAWNED && root->unit == acc->unit && root->function == acc->function;
    return spawner && !sets_has(p->sets, acc->running, root->object);
}

static enum confidence sure(struct program *p, const struct acc *acc, const struct acc *partner,
                            enum confidence confidence)
{
    return precedes_start(p, acc, partner) || convention_uncalled(p, acc) ? CONFIDENCE_LOW : confidence;
}

static void check_inferred(struct finder *f, const struct guard *guard, const struct acc *acc)
{
    if (!is_lapse(guard, lapse_of(acc)) || guard_holds(f->p, guard, acc))
        return;
    struct choice choice = choose(f, guard, acc, false);
    if (choice.partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_UNGUARDED};
    struct span s = {.first = acc, .last = acc, .via = VIA_ITERATION};
    enum confidence confidence = confidence_of(f->p, &s, choice.partner, choice.parallel, GUARDED_OFTEN, &h.why);
    h.confidence = sure(f->p, acc, choice.partner, weigh(f, guard, acc, &choice, confidence));
    add(f, &h, guard, acc, choice.partner);
}

/* A container that a call outside the program gets: most of what gets a container walks over it. */
static void check_passed(struct finder *f, const struct leak *leak)
{
    const struct acc *acc = &leak->acc;
    const struct guard *guard = leak->kind == LEAK_PASSED ? guard_of(f, acc) : NULL;
    if (guard == NULL || guard->kind < GUARD_OF_WRITES || guard_holds(f->p, guard, acc))
        return;
    if ((acc->flags & (ACC_OWN_LOCK | ACC_OWN_THREAD)) || guard_in_constructor(f->p, acc))
        return;
    struct choice choice = choose(f, guard, acc, false);
    if (choice.partner == NULL)
        return;
    struct hazard h = {.kind = guard->kind == GUARD_DECLARED ? HAZARD_VIOLATION : HAZARD_UNGUARDED,
                       .confidence = CONFIDENCE_LOW};
    if (guard->named && guard->writes_held == guard->writes) {
        struct span s = {.first = acc, .last = acc, .via = VIA_ITERATION};
        h.confidence = confidence_of(f->p, &s, choice.partner, choice.parallel, GUARDED_OFTEN, &h.why);
    }
    if (h.confidence == CONFIDENCE_LOW)
        h.why = STR("what the call does with it is not known");
    add(f, &h, guard, acc, choice.partner);
}

bool unguarded_breaks(struct finder *f, const struct span *span, const struct acc *w, struct parallel_info parallel)
{
    struct program *p = f->p;
    const struct guard *guard = guard_of(f, w);
    if (guard == NULL || guard_holds(p, guard, w) || finder_guarding(p, w->locks, w) != 0)
        return false;
    struct acc section = *span->last;
    section.locks = span->held;
    if (!guard_holds(p, guard, &section))
        return false;
    if (guard->kind == GUARD_DECLARED || guard_in_constructor(p, w))
        return true;
    struct hazard h = {.kind = HAZARD_UNGUARDED, .breaks_section = true};
    h.confidence = sure(p, w, span->last, confidence_of(p, span, w, parallel, GUARDED_OFTEN, &h.why));
    if (!guard->belongs || (guard->kind == GUARD_SOMEWHERE && lapse_of(w) == LAPSE_STORE))
        h.confidence = CONFIDENCE_LOW;
    add(f, &h, guard, w, span->last);
    return true;
}

/* ---- declared guards ---- */

/* The load of a variable that holds a container: what is done with the container counts. */
static bool only_leads_to_contents(const struct program *p, const struct acc *acc)
{
    if (acc->kind != ACCESS_LOAD || acc->field == FIELD_CONTENTS)
        return false;
    const struct field *field = heap_find(p, acc->object, acc->field);
    for (uint32_t i = 0; field != NULL && i < sets_count(p->sets, field->value); i++)
        if (role_is_container(object_role(p, sets_member(p->sets, field->value, i))))
            return true;
    return false;
}

static void check_declared(struct finder *f, const struct guard *guard, const struct acc *acc)
{
    if (guard_holds(f->p, guard, acc) || only_leads_to_contents(f->p, acc))
        return;
    struct choice choice = choose(f, guard, acc, true);
    if (choice.partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_VIOLATION, .confidence = CONFIDENCE_HIGH, .why = STR("the guard is declared")};
    add(f, &h, guard, acc, choice.partner);
}

void find_unguarded(struct finder *f)
{
    const struct guards *g = f->guards;
    for (size_t i = 0; i < g->list.len; i++) {
        const struct guard *guard = &g->list.data[i];
        if (guard->lock == 0)
            continue;
        for (size_t k = 0; k < guard->count; k++) {
            const struct acc *acc = g->sites.data[guard->first + k].acc;
            if (acc->flags & (ACC_OWN_LOCK | ACC_OWN_THREAD))
                continue;
            if (guard->kind == GUARD_DECLARED)
                check_declared(f, guard, acc);
            else
                check_inferred(f, guard, acc);
        }
    }
}

void find_passed(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->rare->leaks.len; k++)
            check_passed(f, &c->rare->leaks.data[k]);
    }
}

/* ---- what functions are declared to require ---- */

static bool has_requires(const struct program *p, const struct context *c)
{
    const struct unit *u = &p->units.data[c->unit];
    return u->required_locks != NULL && u->required_locks[c->function] != NULL;
}

/* For each function that requires a lock an access that it makes where its caller has it, a write if there is one:
 * index of the access's context in the low half, of the access in the high half. */
static void collect_required(struct program *p, struct map *required)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE || !has_requires(p, c))
            continue;
        for (size_t k = 0; k < c->records->accs.len; k++) {
            uint64_t *best = map_slot(required, (uint64_t)c->unit << 32 | c->function, UINT64_MAX);
            if (*best == UINT64_MAX || ((c->records->accs.data[k].flags & ACC_WRITES) && k > 0))
                *best = (uint64_t)k << 32 | i;
        }
    }
}

static void add_unmet(struct finder *f, const struct unmet *unmet, const struct map *required)
{
    struct program *p = f->p;
    struct hazard h = {.kind = HAZARD_VIOLATION,
                       .confidence = CONFIDENCE_HIGH,
                       .exposure = EXPOSURE_ANY_BUILD,
                       .why = STR("the function is declared to require the lock"),
                       .guard_kind = GUARD_DECLARED};
    uint64_t found;
    if (!map_get(required, (uint64_t)unmet->unit << 32 | unmet->function, &found))
        return; /* it touches nothing shared */
    if (!declared_locks_exist(p, unmet->unit, unmet->function))
        return;
    const struct acc *partner = &context_at(p, (context_id)found)->records->accs.data[found >> 32];
    if (parallel_accesses(p, &unmet->acc, partner).kind == PARALLEL_NO)
        return;
    const struct object *lock = object_at(p, unmet->acc.object);
    struct acc call = unmet->acc;
    if (lock->kind == OBJECT_PATH)
        call.object = lock->a, call.field = lock->b;
    if (lock->kind != OBJECT_PATH && lock->home != 0)
        call.object = lock->home, call.field = lock->home_field;
    h.guard = describe_lock(p, unmet->acc.object, &unmet->acc);
    h.requires = function_qualname(p, unmet->unit, unmet->function);
    finder_add(f, &h, &call, &call, partner);
}

void find_unmet(struct finder *f)
{
    struct program *p = f->p;
    struct map required = {0};
    collect_required(p, &required);
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->rare->unmet.len; k++)
            add_unmet(f, &c->rare->unmet.data[k], &required);
    }
    map_release(&required);
}
