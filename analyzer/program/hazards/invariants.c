#include "program/hazards/invariants.h"

#include <stdlib.h>

#include "base/hash.h"
#include "program/evaluate/contexts.h"
#include "program/locks/guards.h"
#include "program/threads/reach.h"
#include "program/values/objects.h"

#define FIELDS_MAX 8  /* fields written in one function that are paired with each other */
#define SITES_MAX 128 /* accesses of one field that are looked at */

/* Two fields written in one critical section. */
struct together {
    uint64_t a, b;                    /* guard_group() of the fields, a < b */
    const struct acc *first, *second; /* the writes, of a and of b */
};

struct torn {
    struct finder *f;
    VEC(struct together) list; /* by fields, then position */
    struct map told;           /* function and object: one finding */
};

static int compare_together(const void *left, const void *right)
{
    const struct together *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    if (x->first->unit != y->first->unit)
        return x->first->unit < y->first->unit ? -1 : 1;
    if (x->first->span.start != y->first->span.start)
        return x->first->span.start < y->first->span.start ? -1 : 1;
    return (x->first->context > y->first->context) - (x->first->context < y->first->context);
}

static bool is_field_write(const struct acc *acc)
{
    return (acc->flags & ACC_WRITES) && acc->field != FIELD_CONTENTS && acc->locks != 0 &&
           (acc->kind == ACCESS_STORE || acc->kind == ACCESS_AUGMENTED);
}

/* Whether one critical section covers both: taken in this call, or by the caller for all of it. */
static bool in_one_section(const struct program *p, const struct context *c, const struct acc *x, const struct acc *y)
{
    if (!sets_overlap(p->sets, x->locks, y->locks))
        return false;
    set_id common = sets_intersection(p->sets, x->locks, y->locks);
    return sets_overlap(p->sets, x->tokens, y->tokens) || sets_overlap(p->sets, common, c->locks);
}

static void pair_up(struct torn *t, const struct context *c)
{
    struct program *p = t->f->p;
    const struct acc *writes[FIELDS_MAX];
    uint32_t count = 0;
    for (size_t i = 0; i < c->records->accs.len && count < FIELDS_MAX; i++)
        if (is_field_write(&c->records->accs.data[i]) && !guard_in_constructor(p, &c->records->accs.data[i]))
            writes[count++] = &c->records->accs.data[i];
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++) {
            if (writes[i]->object != writes[k]->object || writes[i]->field == writes[k]->field)
                continue;
            if (!in_one_section(p, c, writes[i], writes[k]))
                continue;
            uint64_t a = guard_group(p, writes[i]->object, writes[i]->field),
                     b = guard_group(p, writes[k]->object, writes[k]->field);
            struct together pair = {a, b, writes[i], writes[k]};
            if (a > b)
                pair = (struct together){b, a, writes[k], writes[i]};
            vec_push(&t->list, pair);
        }
}

static const struct sited *site_at(const struct finder *f, const struct guard *guard, size_t i)
{
    return &f->guards->sites.data[guard->first + i];
}

/* Whether each write of a field comes with a write of the other one. */
static bool always_together(const struct finder *f, const struct guard *guard, const struct together *run, size_t count)
{
    if (guard->count > SITES_MAX || count > SITES_MAX)
        return false;
    for (size_t i = 0; i < guard->count; i++) {
        const struct acc *w = site_at(f, guard, i)->acc;
        bool known = (w->flags & ACC_WRITES) == 0;
        for (size_t k = 0; k < count && !known; k++)
            known = run[k].first->context == w->context ||
                    (run[k].first->unit == w->unit && run[k].first->function == w->function);
        if (!known)
            return false;
    }
    return true;
}

static bool is_plain_read(const struct acc *acc)
{
    return acc->kind == ACCESS_LOAD && (acc->flags & (ACC_WRITES | ACC_AUGMENTED | ACC_CALLEE)) == 0;
}

/* The read of the other field of the same object, in the same function and on the same way through it. */
static const struct acc *other_read(struct finder *f, const struct acc *read, uint64_t group)
{
    const struct context *c = context_at(f->p, read->context);
    const struct acc *found = NULL;
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *acc = &c->records->accs.data[i];
        if (acc->object != read->object || acc->field == FIELD_CONTENTS)
            continue;
        bool own = acc->field == read->field || guard_group(f->p, acc->object, acc->field) == group;
        if (own && (acc->flags & ACC_WRITES))
            return NULL; /* it changes them, too: other rules tell */
        if (found != NULL || !own || acc->field == read->field || !is_plain_read(acc))
            continue;
        const struct acc *early = acc->op < read->op ? acc : read, *late = early == acc ? read : acc;
        if (early->op != late->op && reach_leads_to(f->p, early, late->op))
            found = acc;
    }
    return found;
}

/* The write of the last field that may come between the two reads. */
static const struct acc *writer_between(struct torn *t, const struct together *run, size_t count,
                                        const struct acc *first, const struct acc *last, struct parallel_info *parallel)
{
    struct program *p = t->f->p;
    for (size_t i = 0; i < count; i++) {
        const struct acc *w = guard_group(p, last->object, last->field) == run[i].a ? run[i].first : run[i].second;
        const struct acc *v = w == run[i].first ? run[i].second : run[i].first;
        *parallel = parallel_accesses(p, last, w);
        if (parallel->kind != PARALLEL_NO && parallel_accesses(p, first, v).kind != PARALLEL_NO)
            return w;
    }
    return NULL;
}

/* Text for people may mix two states: it does no harm. */
static bool is_display(const struct program *p, const struct acc *acc)
{
    const struct unit *u = &p->units.data[acc->unit];
    struct str name = u->ir->names[u->ir->functions[acc->function].name];
    return str_equal(name, STR("__repr__")) || str_equal(name, STR("__str__")) || str_equal(name, STR("__format__"));
}

static void torn_add(struct torn *t, const struct together *run, size_t count, const struct acc *first,
                     const struct acc *last)
{
    struct finder *f = t->f;
    struct parallel_info parallel;
    const struct acc *writer = writer_between(t, run, count, first, last, &parallel);
    if (writer == NULL)
        return;
    uint32_t parts[3] = {last->unit, last->function, place_root_object(f->p, last->object)};
    uint64_t *told = map_slot(&t->told, hash_bytes(parts, sizeof parts) >> 1, 0);
    if (*told != 0 && *told != last->op + 1)
        return;
    *told = last->op + 1;
    struct span span = {.first = first, .last = last, .via = VIA_INVARIANT};
    struct hazard h = {.kind = HAZARD_TORN, .via = VIA_INVARIANT, .exposure = EXPOSURE_ANY_BUILD};
    h.confidence =
        is_display(f->p, last) ? CONFIDENCE_LOW : confidence_of(f->p, &span, writer, parallel, GUARDED_OFTEN, &h.why);
    object_id lock = finder_suggestion(f->p, last, writer);
    if (lock != 0)
        h.suggestion = describe_lock(f->p, lock, last);
    h.pair = describe_access(f->p, first, describe_place(f->p, first));
    finder_add(f, &h, first, last, writer);
}

/* Reads of the first field without the lock, with a read of the second one beside. */
static void torn_reads(struct torn *t, const struct guard *guard, uint64_t other, const struct together *run,
                       size_t count)
{
    for (size_t i = 0; i < guard->count && i < SITES_MAX; i++) {
        const struct acc *read = site_at(t->f, guard, i)->acc;
        if (!is_plain_read(read) || guard_holds(t->f->p, guard, read))
            continue;
        const struct acc *second = other_read(t->f, read, other);
        if (second == NULL)
            continue;
        if (read->op < second->op)
            torn_add(t, run, count, read, second);
        else
            torn_add(t, run, count, second, read);
    }
}

static void torn_pair(struct torn *t, const struct together *run, size_t count)
{
    struct finder *f = t->f;
    const struct guard *a = guard_of(f, run->first), *b = guard_of(f, run->second);
    if (a == NULL || b == NULL || a->lock != b->lock || a->writes_held != a->writes || b->writes_held != b->writes)
        return;
    if (!always_together(f, a, run, count) || !always_together(f, b, run, count))
        return;
    torn_reads(t, a, run->b, run, count);
}

void find_torn(struct finder *f)
{
    struct torn t = {.f = f};
    for (size_t i = 1; i < f->p->contexts.len; i++)
        if (f->p->contexts.data[i]->status == CONTEXT_DONE)
            pair_up(&t, f->p->contexts.data[i]);
    if (t.list.len > 0)
        qsort(t.list.data, t.list.len, sizeof *t.list.data, compare_together);
    for (size_t i = 0, end; i < t.list.len; i = end) {
        for (end = i;
             end < t.list.len && t.list.data[end].a == t.list.data[i].a && t.list.data[end].b == t.list.data[i].b;
             end++)
            continue;
        torn_pair(&t, &t.list.data[i], end - i);
    }
    vec_release(&t.list);
    map_release(&t.told);
}
