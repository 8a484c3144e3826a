/* iterators: one iterator that several threads take elements from (RL309). An iterator made from a container stands
 * beside the container in a value's set, so that walking it is still walking the container. */
#include "program/evaluate/frame.h"

#include <stdlib.h>

#include "program/hazards/finder.h"
#include "program/values/objects.h"

/* ---- recording ---- */

set_id iterator_over(struct frame *f, set_id walked, object_id external)
{
    struct program *p = f->p;
    const struct model *model = object_at(p, external)->model;
    bool iterates = model != NULL && model->role == ROLE_ITERATOR && !value_is_scalar(p, walked);
    bool wraps = model != NULL && model->role == ROLE_OBJECT && model->safety == SAFETY_UNSAFE; /* csv.writer */
    if (!iterates && !wraps)
        return walked;
    object_id iterator = object_modelled(p, external, frame_site(f), frame_heap_context(f));
    if (!frame_once(f))
        object_at(p, iterator)->flags |= OBJECT_MANY;
    frame_own(f, iterator);
    return sets_add(p->sets, walked, iterator);
}

set_id iterator_without(struct frame *f, set_id walked)
{
    set_id rest = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, walked); i++) {
        object_id object = sets_member(f->p->sets, walked, i);
        if (object_role(f->p, object) != ROLE_ITERATOR)
            rest = sets_add(f->p->sets, rest, object);
    }
    return rest;
}

void iterator_consumed(struct frame *f, set_id walked, struct ir_span span, const struct model *model)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, walked); i++) {
        object_id object = sets_member(p->sets, walked, i);
        if (object_at(p, object)->kind != OBJECT_MODELLED || object_role(p, object) != ROLE_ITERATOR)
            continue;
        if (!access_matters(f, object) || map_get(&p->root_by_object, object, NULL))
            continue;
        struct acc acc = {.context = f->id,
                          .unit = f->c->unit,
                          .function = f->c->function,
                          .op = f->op,
                          .object = object,
                          .field = FIELD_CONTENTS,
                          .kind = model != NULL ? ACCESS_METHOD : ACCESS_ITERATE,
                          .flags = ACC_WRITES,
                          .locks = f->now.locks,
                          .running = f->now.running,
                          .span = span,
                          .model = model};
        if (f->now.own_locks != 0)
            acc.flags |= ACC_OWN_LOCK;
        bool known = false;
        for (size_t k = 0; k < f->c->rare->consumed.len && !known; k++) {
            struct acc *other = &f->c->rare->consumed.data[k];
            known = other->op == acc.op && other->object == object;
            if (!known)
                continue;
            other->locks = sets_intersection(p->sets, other->locks, acc.locks);
            other->running = sets_union(p->sets, other->running, acc.running);
        }
        if (!known) {
            struct rare_records *rare = context_rare(f->p, f->c);
            vec_push(&rare->consumed, acc);
        }
    }
}

/* ---- finding ---- */

static int compare_consumed(const void *a, const void *b)
{
    const struct acc *x = *(const struct acc *const *)a, *y = *(const struct acc *const *)b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    return (x->context > y->context) - (x->context < y->context);
}

/* Elements that are handed out twice or not at all do less harm where they come again and again. */
static enum confidence endless(const struct program *p, object_id iterator, enum confidence confidence)
{
    const struct model *model = object_type_model(p, iterator);
    if (model == NULL || !model->endless)
        return confidence;
    if ((model->effects & EFFECT_VIEW) == 0) /* always the same one */
        return CONFIDENCE_LOW;
    return confidence == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : confidence;
}

static bool runs_python(const struct program *p, object_id iterator)
{
    const struct model *model = object_type_model(p, iterator);
    return model != NULL && str_equal(str_of(model->name), STR("collections.abc.Generator"));
}

#define CONSUMERS_MAX 64 /* of one iterator that are tried as partners */

/* Made by some call, and kept nowhere that others could find it. */
static bool is_passing(const struct program *p, object_id iterator)
{
    const struct object *o = object_at(p, iterator);
    return o->c == 0 && o->home == 0;
}

static void check_iterator(struct finder *f, const struct acc *const *list, size_t count)
{
    struct program *p = f->p;
    if (is_passing(p, list[0]->object))
        return;
    if (count > CONSUMERS_MAX)
        count = CONSUMERS_MAX;
    const struct acc *one = NULL, *other = NULL;
    struct parallel_info best = {PARALLEL_NO, false};
    for (size_t i = 0; i < count; i++)
        for (size_t k = i; k < count; k++) {
            if (sets_overlap(p->sets, list[i]->locks, list[k]->locks))
                continue;
            struct parallel_info parallel = parallel_accesses(p, list[i], list[k]);
            if (parallel.kind <= best.kind)
                continue;
            best = parallel;
            one = list[i];
            other = list[k];
        }
    if (one == NULL || (one->flags & ACC_OWN_LOCK))
        return;
    struct hazard h = {.kind = HAZARD_SHARED_ITERATOR};
    h.exposure = runs_python(p, one->object) ? EXPOSURE_ANY_BUILD : EXPOSURE_FREE_THREADED;
    struct span span = {.first = one, .last = one, .via = VIA_DATA};
    h.confidence = confidence_of(p, &span, other, best, GUARDED_NEVER, &h.why);
    /* an object's own iterator, in a class without a sign of threads, is no news */
    if (best.kind == PARALLEL_CALLERS && h.confidence == CONFIDENCE_LOW)
        return;
    h.confidence = endless(p, one->object, h.confidence);
    object_id lock = finder_suggestion(p, one, other);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, one);
    finder_add(f, &h, one, one, other);
}

void find_shared_iterators(struct finder *f)
{
    struct program *p = f->p;
    VEC(const struct acc *) all = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->consumed.len; k++)
            vec_push(&all, &c->rare->consumed.data[k]);
    }
    if (all.len > 0)
        qsort(all.data, all.len, sizeof *all.data, compare_consumed);
    for (size_t from = 0, to; from < all.len; from = to) {
        for (to = from + 1; to < all.len && all.data[to]->object == all.data[from]->object; to++)
            continue;
        check_iterator(f, all.data + from, to - from);
    }
    vec_release(&all);
}
