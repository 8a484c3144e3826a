/* early_reads: what a thread works out is read by who started it, before it waits for the thread (RL704). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/threads/order.h"
#include "program/threads/reach.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool joins(const struct note *n, const struct root *thread)
{
    return n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_JOIN) && n->acc.object != 0 &&
           (n->acc.object == thread->object || n->acc.object == thread->executor);
}

/* How the thread that reads something waits for the one that works it out. */
enum waiting {
    WAITS_BEFORE, /* or gives it some time */
    WAITS_LATER,  /* behind the read, for the thread or for the pool that runs it */
    WAITS_NEVER,  /* for that thread, as far as is known */
};

static enum waiting waits_for(const struct finder *f, const struct acc *read, const struct root *thread)
{
    root_id reader = context_at(f->p, read->context)->root;
    bool later = false;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || context_at(f->p, n->acc.context)->root != reader)
            continue;
        const uint32_t pauses = EFFECT_BLOCKS | EFFECT_WAIT;
        bool waits = joins(n, thread);
        if (!waits && ((n->acc.model->effects & pauses) == 0 || (n->acc.model->effects & EFFECT_JOIN) ||
                       !sets_has(f->p->sets, n->acc.running, thread->object)))
            continue;
        int order = order_of(f->p, read, &n->acc);
        if (order >= 0 && (waits || order > 0))
            return WAITS_BEFORE;
        later |= waits;
    }
    return later ? WAITS_LATER : WAITS_NEVER;
}

/* Whether a field holds numbers, strings and the like, or nothing yet: no object that is known. */
static bool holds_scalars(const struct program *p, const struct acc *a)
{
    const struct field *field = heap_find(p, a->object, a->field);
    bool scalars = field != NULL && a->field != FIELD_CONTENTS && a->kind == ACCESS_LOAD;
    for (uint32_t i = 0; scalars && i < sets_count(p->sets, field->value); i++) {
        object_id member = sets_member(p->sets, field->value, i);
        scalars = object_at(p, member)->kind <= OBJECT_SCALAR;
    }
    return scalars;
}

/* Whether a call waits for the thread, or for the pool that runs it, behind one of its instructions. */
static bool joins_behind(const struct context *c, uint32_t op, const struct root *thread)
{
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *n = &c->records->notes.data[i];
        if (n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_JOIN) && n->acc.op > op &&
            (n->acc.object == thread->object || n->acc.object == thread->executor))
            return true;
    }
    return false;
}

/* Of a call only: at most containers that are of the call, too, have it. */
static bool is_local(const struct program *p, object_id object)
{
    for (int i = 0; i < 8; i++) {
        object = object_at(p, object)->home;
        if (object == 0 || object_at(p, object)->kind == OBJECT_CELLS)
            return true;
        if (object_at(p, object)->kind != OBJECT_MODELLED)
            return false;
    }
    return false;
}

/* A container is looked at by the very function that waits for the thread further down, or in a call that the function
 * makes which starts the thread and waits for it, where it is kept nowhere else: what an object or a module keeps may
 * be meant for readers while it grows. */
static bool looks_and_joins(const struct program *p, const struct acc *a, const struct root *thread)
{
    if (a->field != FIELD_CONTENTS || a->kind == ACCESS_USE)
        return false;
    struct point way[WAY_MAX];
    uint32_t count = order_way(p, a, way);
    for (uint32_t i = 0; i < count; i++)
        if ((i == 0 || (way[i].context == thread->spawner && is_local(p, a->object))) &&
            joins_behind(context_at(p, way[i].context), way[i].op, thread))
            return true;
    return false;
}

static bool reads_output(const struct acc *a)
{
    const uint32_t other = ACC_WRITES | ACC_CALLEE | ACC_CONSTRUCTOR | ACC_AUGMENTED;
    return (a->flags & other) == 0 && a->locks == 0;
}

/* What the thread changes, reads and changes again is its own business; a flag or a constant tells how far it is. */
static bool writes_output(const struct acc *a)
{
    return (a->flags & (ACC_CONSTANT | ACC_CONSTRUCTOR | ACC_LOCK)) == 0 && a->locks == 0;
}

static void check_read(struct finder *f, const struct located *read)
{
    struct program *p = f->p;
    const struct acc *a = read->acc;
    const struct root *here = &p->roots.data[context_at(p, a->context)->root];
    if (here->kind == THREAD_CALLER || here->generic || a->running == 0 || !reads_output(a))
        return;
    for (size_t i = finder_lower_bound(f->writes.data, f->writes.len, read->place);
         i < f->writes.len && f->writes.data[i].place == read->place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        const struct root *thread = &p->roots.data[context_at(p, w->context)->root];
        if (thread->kind != THREAD_SPAWNED || thread == here || !writes_output(w) ||
            !sets_has(p->sets, a->running, thread->object) || parallel_accesses(p, a, w).kind != PARALLEL_ROOTS)
            continue;
        if (!holds_scalars(p, a) && !looks_and_joins(p, a, thread))
            continue;
        if (waits_for(f, a, thread) != WAITS_LATER || reach_goes_on(p, a) || reach_goes_on(p, w))
            continue;
        struct hazard h = {.kind = HAZARD_EARLY_READ, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
        h.why = STR("the thread is only waited for afterwards");
        finder_add(f, &h, a, a, w);
        return;
    }
}

/* ---- fields of a thread object ---- */

/* A thread object keeps what its run() works out: such writes are recorded apart as well, for of threads that a loop
 * makes it is not known which one another read is about. */
struct own_writes {
    VEC(const struct acc *) list;
};

static void collect_own(const struct program *p, struct own_writes *own)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && c->live && k < c->rare->own_writes.len; k++)
            if (writes_output(&c->rare->own_writes.data[k]) && !reach_goes_on(p, &c->rare->own_writes.data[k]))
                vec_push(&own->list, &c->rare->own_writes.data[k]);
    }
}

static bool is_joined(const struct finder *f, const struct root *thread)
{
    for (size_t i = 0; i < f->notes.len; i++)
        if (joins(f->notes.data[i], thread))
            return true;
    return false;
}

/* Where nobody ever waits for the thread, only a read by the very call that starts it is surely too early: others may
 * have been told that it is done. */
static bool reads_too_early(const struct finder *f, const struct acc *a, const struct root *thread)
{
    switch (waits_for(f, a, thread)) {
    case WAITS_BEFORE: return false;
    case WAITS_LATER: return true;
    case WAITS_NEVER: break;
    }
    return a->context == thread->spawner && a->op > thread->op && !is_joined(f, thread);
}

static void check_own(struct finder *f, const struct own_writes *own, const struct acc *a)
{
    struct program *p = f->p;
    uint64_t id;
    if (a->kind != ACCESS_LOAD || a->locks != 0 || !map_get(&p->root_by_object, a->object, &id))
        return;
    const struct root *thread = &p->roots.data[id], *here = &p->roots.data[context_at(p, a->context)->root];
    if (thread == here || here->kind == THREAD_CALLER || here->generic || !reads_output(a) ||
        !sets_has(p->sets, a->running, thread->object))
        return;
    for (size_t i = 0; i < own->list.len; i++) {
        const struct acc *w = own->list.data[i];
        if (w->object != a->object || w->field != a->field || reach_goes_on(p, a) || !reads_too_early(f, a, thread))
            continue;
        struct hazard h = {.kind = HAZARD_EARLY_READ, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
        h.why = STR("the thread is only waited for afterwards");
        if (!is_joined(f, thread)) {
            h.never_joined = true;
            h.confidence = CONFIDENCE_MEDIUM;
            h.why = STR("nobody waits for the thread");
        }
        finder_add(f, &h, a, a, w);
        return;
    }
}

void find_early_reads(struct finder *f)
{
    struct own_writes own = {0};
    collect_own(f->p, &own);
    for (size_t i = 0; i < f->all.len; i++) {
        if (f->all.data[i].acc->flags & ACC_WRITES)
            continue;
        check_read(f, &f->all.data[i]);
        if (own.list.len > 0)
            check_own(f, &own, f->all.data[i].acc);
    }
    vec_release(&own.list);
}
