#include "program/hazards/leaks.h"

#include "program/evaluate/contexts.h"
#include "program/locks/guards.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* ---- noting ---- */

#define LEAKS_MAX 32 /* kept per context */

static bool is_mutable_container(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind != OBJECT_PATH && (o->kind != OBJECT_MODELLED || o->home == 0))
        return false;
    enum model_role role = object_role(p, object);
    return role == ROLE_LIST || role == ROLE_DICT || role == ROLE_SET || role == ROLE_DEQUE || role == ROLE_BYTEARRAY;
}

static void note(struct frame *f, object_id object, enum leak_kind kind)
{
    struct context *c = f->c;
    for (size_t i = 0; i < c->rare->leaks.len; i++) {
        struct acc *known = &c->rare->leaks.data[i].acc;
        if (known->op != f->op || known->object != object)
            continue;
        known->locks = sets_intersection(f->p->sets, known->locks, f->now.locks); /* second pass of a loop */
        return;
    }
    if (c->rare->leaks.len == LEAKS_MAX)
        return;
    struct acc acc = {.context = f->id,
                      .unit = c->unit,
                      .function = c->function,
                      .op = f->op,
                      .object = object,
                      .field = FIELD_CONTENTS,
                      .kind = ACCESS_USE,
                      .locks = f->now.locks,
                      .running = f->now.running,
                      .span = f->ops[f->op].span};
    if (f->now.own_locks != 0)
        acc.flags |= ACC_OWN_LOCK;
    struct rare_records *rare = context_rare(f->p, c);
    vec_push(&rare->leaks, ((struct leak){acc, (uint8_t)kind}));
}

void leak_note(struct frame *f, set_id value, enum leak_kind kind)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++) {
        object_id object = sets_member(f->p->sets, value, i);
        if (is_mutable_container(f->p, object) && access_matters(f, object))
            note(f, object, kind);
    }
}

/* ---- finding ---- */

/* Whether the field that held the container got another one in the same call: then who has it now has it alone. */
static bool is_taken(const struct program *p, const struct context *c, object_id container)
{
    const struct object *o = object_at(p, container);
    object_id holder = o->kind == OBJECT_PATH ? o->a : o->home;
    name_id field = o->kind == OBJECT_PATH ? o->b : o->home_field;
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *acc = &c->records->accs.data[i];
        if ((acc->flags & ACC_WRITES) && acc->object == holder && acc->field == field)
            return true;
    }
    return false;
}

static bool is_public(const struct program *p, const struct acc *acc)
{
    const struct unit *u = &p->units.data[acc->unit];
    struct str name = u->ir->names[u->ir->functions[acc->function].name];
    return name.len > 0 && name.ptr[0] != '_';
}

/* What leaves its critical section: the lock is taken in this very call, or nowhere and any code may call this. */
static bool leaves(struct finder *f, const struct context *c, const struct leak *leak, const struct guard *guard)
{
    struct program *p = f->p;
    struct acc entry = leak->acc;
    entry.locks = sets_union(p->sets, c->locks, c->locks_kept);
    if (guard_holds(p, guard, &entry))
        return false; /* the caller still has the lock when it uses it */
    if (guard_holds(p, guard, &leak->acc))
        return true;
    return is_public(p, &leak->acc) && guard->kind >= GUARD_INFERRED;
}

struct found {
    const struct acc *partner;
    struct parallel_info parallel;
};

#define PARTNERS_MAX 512 /* accesses of a place that are looked at */

/* A change of the container under its lock, which the other code does not have. */
static struct found changed_by(struct finder *f, const struct acc *leak, const struct guard *guard)
{
    struct program *p = f->p;
    struct found best = {0};
    uint64_t place = finder_place(p, leak);
    size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
    for (size_t end = i + PARTNERS_MAX; i < end && i < f->writes.len && f->writes.data[i].place == place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        if ((w->flags & (ACC_RESIZES | ACC_REMOVES | ACC_INSERTS)) == 0 && (w->flags & ACC_ATOMIC))
            continue;
        if (!guard_holds(p, guard, w))
            continue;
        struct parallel_info parallel = parallel_accesses(p, leak, w);
        if (parallel.kind > best.parallel.kind)
            best = (struct found){w, parallel};
    }
    return best;
}

/* Whether the caller is seen to walk over the container, or to change it, without the lock. */
static bool is_misused(struct finder *f, const struct context *c, const struct acc *leak, const struct guard *guard)
{
    if (c->caller == 0)
        return false;
    const struct context *caller = context_at(f->p, c->caller);
    uint64_t place = finder_place(f->p, leak);
    size_t i = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t end = i + PARTNERS_MAX; i < end && i < f->all.len && f->all.data[i].place == place; i++) {
        const struct acc *use = f->all.data[i].acc;
        bool several = use->kind == ACCESS_ITERATE || (use->flags & ACC_WRITES);
        if (several && use->unit == caller->unit && use->function == caller->function && !guard_holds(f->p, guard, use))
            return true;
    }
    return false;
}

static void find_leak(struct finder *f, const struct context *c, const struct leak *leak)
{
    struct program *p = f->p;
    if (leak->kind == LEAK_PASSED || (leak->acc.flags & ACC_OWN_LOCK))
        return;
    const struct guard *guard = guard_of(f, &leak->acc);
    if (guard == NULL || guard->kind < GUARD_OF_WRITES || !leaves(f, c, leak, guard) ||
        is_taken(p, c, leak->acc.object))
        return;
    struct found found = changed_by(f, &leak->acc, guard);
    if (found.partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_LEAK, .exposure = EXPOSURE_ANY_BUILD};
    struct span s = {.first = &leak->acc, .last = &leak->acc, .via = VIA_ITERATION};
    h.confidence = confidence_of(p, &s, found.partner, found.parallel, GUARDED_OFTEN, &h.why);
    if (h.confidence == CONFIDENCE_HIGH && !is_misused(f, c, &leak->acc, guard))
        h.confidence = CONFIDENCE_MEDIUM;
    if (guard->kind == GUARD_DECLARED)
        h.confidence = CONFIDENCE_HIGH, h.why = STR("the guard is declared");
    guard_describe(f, &h, guard, &leak->acc);
    finder_add(f, &h, &leak->acc, &leak->acc, found.partner);
}

void find_leaks(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->rare->leaks.len; k++)
            find_leak(f, c, &c->rare->leaks.data[k]);
    }
}
