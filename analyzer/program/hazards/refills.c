/* refills: a container that is emptied where others see it, and filled again afterwards (RL209). */
#include "program/evaluate/contexts.h"
#include "program/hazards/finder.h"
#include "program/records/written.h"
#include "program/threads/reach.h"

static bool empties(const struct acc *acc)
{
    bool method = acc->kind == ACCESS_METHOD && acc->field == FIELD_CONTENTS && acc->model != NULL;
    return method && (acc->flags & ACC_OWN_LOCK) == 0 && acc->model->discards && acc->model->key == MODEL_NO_ARG &&
           acc->model->elements == MODEL_NO_ARG; /* takes all out, whatever it is */
}

/* The first write of the same call that fills what was emptied; whether there is one. */
static bool find_refill(const struct program *p, const struct context *c, const struct acc *store, struct acc *later)
{
    for (size_t i = 0; i < c->records->written.len; i++) {
        *later = written_access(p, store->context, &c->records->written.data[i]);
        if (later->object == store->object && later->field == store->field && later->op > store->op &&
            (later->flags & ACC_INSERTS) && (later->flags & ACC_OWN_LOCK) == 0 && reach_leads_to(p, store, later->op))
            return true;
    }
    return false;
}

/* Whether a look-up fails where the container is empty. */
static bool relies(const struct acc *read)
{
    return read->kind == ACCESS_LOAD && (read->flags & ACC_RAISES) && (read->flags & ACC_WRITES) == 0;
}

static void check_refill(struct finder *f, const struct acc *store, const struct acc *later)
{
    struct program *p = f->p;
    set_id held = sets_intersection(p->sets, store->locks, later->locks);
    uint64_t place = finder_place(p, store);
    const struct acc *best = NULL;
    struct parallel_info parallel = {PARALLEL_NO, false};
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place); i < f->all.len && f->all.data[i].place == place;
         i++) {
        const struct acc *read = f->all.data[i].acc;
        bool own = read->unit == store->unit && read->function == store->function;
        if (!relies(read) || own || sets_overlap(p->sets, held, read->locks))
            continue;
        struct parallel_info found = parallel_accesses(p, store, read);
        if (found.kind != PARALLEL_NO && (best == NULL || found.kind > parallel.kind))
            best = read, parallel = found;
    }
    if (best == NULL)
        return;
    struct span span = {.first = store, .last = store, .via = VIA_ITERATION, .held = held};
    struct hazard h = {.kind = HAZARD_PUBLISH, .exposure = EXPOSURE_ANY_BUILD};
    h.confidence = confidence_of(p, &span, best, parallel, GUARDED_NEVER, &h.why);
    h.later = describe_access(p, later, describe_place(p, later));
    h.side = describe_side(p, store, later);
    finder_add(f, &h, store, store, best);
}

void find_refills(struct finder *f)
{
    for (size_t i = 1; i < f->p->contexts.len; i++) {
        const struct context *c = f->p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->written.len; k++) {
            const struct written *store = &c->records->written.data[k];
            struct acc later;
            if ((store->flags & ACC_VIA) == 0 && empties(store->origin) && find_refill(f->p, c, store->origin, &later))
                check_refill(f, store->origin, &later);
        }
    }
}
