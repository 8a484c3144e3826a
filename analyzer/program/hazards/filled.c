/* filled: a new object is put into a container where others find it, and gets its fields or items afterwards (RL209).
 * See publish.c for variables. */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/records/written.h"
#include "program/symbols/classes.h"
#include "program/threads/reach.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define READERS_MAX 64 /* of one place that are looked at */

/* A new object becomes an element, by `d[k] = new` or a method that adds it. */
static bool puts_new(const struct acc *a)
{
    bool put = a->kind == ACCESS_STORE || (a->flags & ACC_INSERTS) != 0;
    return put && a->field == FIELD_CONTENTS && (a->flags & ACC_FRESH) &&
           (a->flags & (ACC_OWN_LOCK | ACC_CONSTRUCTOR)) == 0;
}

/* Whether a write gives the element what it had no value for when it was put there. */
static bool fills(struct program *p, const struct acc *put, const struct acc *w)
{
    const struct object *o = object_at(p, w->object);
    if (w->op <= put->op || w->kind != ACCESS_STORE || w->function != put->function ||
        (w->flags & (ACC_VIA | ACC_NONE | ACC_AUGMENTED | ACC_LOCK)) || o->home != put->object ||
        o->home_field != FIELD_CONTENTS)
        return false;
    const struct field *field = heap_find(p, w->object, w->field);
    const struct ir_function *fn = &p->units.data[w->unit].ir->functions[w->function];
    if (field == NULL || field->unit != w->unit || field->op <= fn->first_op + put->op ||
        field->op > fn->first_op + w->op)
        return false;
    if (w->field == FIELD_CONTENTS)
        return object_role(p, w->object) == ROLE_DICT;
    object_id class_object = object_class(p, w->object);
    return o->kind == OBJECT_INSTANCE && class_object != 0 && class_member(p, class_object, w->field, 0).holder == 0;
}

/* Whether an access fails, or goes on with something else, where the write has not been yet. */
static bool relies_on(const struct acc *read, const struct acc *w)
{
    if (read->kind != ACCESS_LOAD || (read->flags & (ACC_WRITES | ACC_SAFE_KEY | ACC_VIA)) ||
        read->object != w->object || (read->unit == w->unit && read->function == w->function))
        return false;
    return w->field != FIELD_CONTENTS || (w->key_constant && read->key_constant && read->key == w->key);
}

static void check_pair(struct finder *f, const struct acc *put, const struct acc *w)
{
    struct program *p = f->p;
    uint64_t place = finder_place(p, w);
    size_t from = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t i = from; i < f->all.len && i < from + READERS_MAX && f->all.data[i].place == place; i++) {
        const struct acc *read = f->all.data[i].acc;
        if (!relies_on(read, w))
            continue;
        struct parallel_info parallel = parallel_accesses(p, w, read);
        if (parallel.kind != PARALLEL_ROOTS)
            continue; /* which callers there are nobody knows, and most objects that they get are complete */
        struct hazard h = {.kind = HAZARD_PUBLISH,
                           .via = VIA_CONTROL,
                           .exposure = EXPOSURE_ANY_BUILD,
                           .confidence = CONFIDENCE_MEDIUM,
                           .why = STR("both threads are started here")};
        h.later = describe_access(p, w, describe_place(p, w));
        h.side = describe_side(p, put, w);
        finder_add(f, &h, put, put, read);
        return;
    }
}

/* The last write that fills what is put in is the one that is kept. With a lock over both, others are kept out. */
static void check_put(struct finder *f, const struct context *c, const struct acc *put)
{
    for (size_t i = c->records->written.len; i-- > 0;) {
        struct acc w = written_access(f->p, put->context, &c->records->written.data[i]);
        if (!fills(f->p, put, &w) || !reach_leads_to(f->p, put, w.op))
            continue;
        if (!sets_overlap(f->p->sets, put->locks, w.locks))
            check_pair(f, put, &w);
    }
}

void find_filled(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && c->live && k < c->records->written.len; k++) {
            const struct written *put = &c->records->written.data[k];
            if ((put->flags & ACC_VIA) == 0 && puts_new(put->origin))
                check_put(f, c, put->origin);
        }
    }
}
