/* handoff: objects that are given to another thread, through a queue or as an argument, and changed by the giver
 * afterwards (RL310). What counts is that it is the same object for sure: by its path, or because it was made in this
 * call. */
#include "program/evaluate/frame.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/finder.h"
#include "program/threads/reach.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

/* ---- recording ---- */

static bool can_change(const struct program *p, object_id object)
{
    uint8_t kind = object_at(p, object)->kind;
    if (kind != OBJECT_MODELLED && kind != OBJECT_INSTANCE && kind != OBJECT_GENERIC && kind != OBJECT_PATH)
        return false;
    switch (object_role(p, object)) {
    case ROLE_NONE: return kind != OBJECT_PATH && kind != OBJECT_MODELLED;
    case ROLE_LIST:
    case ROLE_DICT:
    case ROLE_SET:
    case ROLE_DEQUE:
    case ROLE_BYTEARRAY: return true;
    default: return false;
    }
}

static void given(struct frame *f, const struct val *v, object_id queue, object_id thread)
{
    struct program *p = f->p;
    uint32_t count = sets_count(p->sets, v->set);
    for (uint32_t i = 0; i < count && f->handoffs.len < HANDOFFS_MAX; i++) {
        object_id object = sets_member(p->sets, v->set, i);
        bool own = count == 1 && sets_has(p->sets, f->now.owned, object);
        if (!can_change(p, object) || (v->path == 0 && !own))
            continue;
        struct acc acc = {.context = f->id,
                          .unit = f->c->unit,
                          .function = f->c->function,
                          .op = f->op,
                          .object = object,
                          .field = FIELD_CONTENTS,
                          .kind = ACCESS_USE,
                          .flags = ACC_HANDS,
                          .locks = f->now.locks,
                          .running = f->now.running,
                          .span = f->ops[f->op].span};
        uint32_t at = 0;
        while (at < f->handoffs.len &&
               (f->handoffs.data[at].given.op != f->op || f->handoffs.data[at].given.object != object))
            at++;
        if (at == f->handoffs.len)
            vec_push(&f->handoffs, ((struct handoff){0}));
        f->handoffs.data[at] = (struct handoff){
            .given = acc, .queue = queue, .thread = thread, .path = v->path, .loop = f->loop_depth > 0, .own = own};
        if (queue != 0 && v->path != 0 && f->c->rare->handed.len < HANDOFFS_MAX) {
            struct handoff kept = f->handoffs.data[at];
            kept.kept = true;
            struct rare_records *rare = context_rare(f->p, f->c);
            vec_push(&rare->handed, kept);
        }
        f->now.handed = sets_add(p->sets, f->now.handed, at);
    }
}

void handoff_put(struct frame *f, object_id queue, const struct val *v)
{
    if (object_at(f->p, queue)->model == NULL || object_at(f->p, queue)->model->scope == SCOPE_THREAD)
        given(f, v, queue, 0);
}

void handoff_started(struct frame *f, object_id thread, const struct val *v)
{
    given(f, v, 0, thread);
}

/* A path gets a new object: what was given away under that name is no longer reached by it. */
void handoff_rebound(struct frame *f, path_id path)
{
    struct sets *sets = f->p->sets;
    for (uint32_t i = 0; path != 0 && i < f->handoffs.len; i++)
        if (paths_begins(f->p, f->handoffs.data[i].path, path))
            f->now.handed = sets_remove(sets, f->now.handed, i);
}

/* The present instruction makes the object anew. */
void handoff_made(struct frame *f, object_id object)
{
    for (uint32_t i = 0; i < f->handoffs.len; i++)
        if (f->handoffs.data[i].given.object == object && f->handoffs.data[i].path == 0)
            f->now.handed = sets_remove(f->p->sets, f->now.handed, i);
}

static bool has_local(const struct frame *f, object_id object)
{
    for (uint32_t i = 0; i < f->fn->local_count; i++)
        if (sets_has(f->p->sets, f->now.locals[i].set, object))
            return true;
    return false;
}

/* What was made here and given away goes out of sight with the last variable that has it: a batch that is full, and the
 * next one in its place. */
void handoff_dropped(struct frame *f, const struct val *old)
{
    for (uint32_t i = 0; i < f->handoffs.len; i++) {
        object_id object = f->handoffs.data[i].given.object;
        if (f->handoffs.data[i].path == 0 && sets_has(f->p->sets, old->set, object) && !has_local(f, object))
            f->now.handed = sets_remove(f->p->sets, f->now.handed, i);
    }
}

/* The code waits for somebody: it may be for who has the objects now. */
void handoff_waited(struct frame *f)
{
    f->now.handed = 0;
}

void handoff_changed(struct frame *f, const struct acc *changed, path_id path)
{
    struct context *c = f->c;
    for (uint32_t i = 0; f->now.handed != 0 && i < f->handoffs.len; i++) {
        const struct handoff *h = &f->handoffs.data[i];
        if (h->given.object != changed->object || !sets_has(f->p->sets, f->now.handed, i) || h->path != path)
            continue;
        if (h->given.op == changed->op)
            continue;
        bool known = false;
        for (size_t k = 0; k < c->rare->handed.len && !known; k++)
            known =
                c->rare->handed.data[k].given.op == h->given.op && c->rare->handed.data[k].changed.op == changed->op;
        if (known || c->rare->handed.len >= HANDOFFS_MAX)
            continue;
        struct handoff record = *h;
        record.changed = *changed;
        record.loop = h->loop && f->loop_depth > 0;
        struct rare_records *rare = context_rare(f->p, c);
        vec_push(&rare->handed, record);
    }
}

/* ---- finding ---- */

/* A method that takes out of the queue what another thread put in, and that may run at the time of the change. */
static const struct acc *find_taker(struct finder *f, const struct handoff *h, struct parallel_info *parallel)
{
    struct program *p = f->p;
    uint64_t place = (uint64_t)h->queue << 32 | FIELD_CONTENTS;
    const struct acc *best = NULL;
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place); i < f->all.len && f->all.data[i].place == place;
         i++) {
        const struct acc *taken = f->all.data[i].acc;
        if (taken->model == NULL || (taken->model->effects & EFFECT_GET) == 0)
            continue;
        struct parallel_info found = parallel_accesses(p, taken, &h->changed);
        if (found.kind == PARALLEL_NO || (best != NULL && found.kind <= parallel->kind))
            continue;
        best = taken;
        *parallel = found;
    }
    return best;
}

/* An access by the thread that got the object as an argument. */
static const struct acc *find_user(struct finder *f, const struct handoff *h, struct parallel_info *parallel)
{
    struct program *p = f->p;
    uint64_t root, place = finder_place(p, &h->changed);
    if (!map_get(&p->root_by_object, h->thread, &root) || !sets_has(p->sets, h->changed.running, h->thread))
        return NULL;
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place); i < f->all.len && f->all.data[i].place == place;
         i++) {
        const struct acc *used = f->all.data[i].acc;
        if (context_at(p, used->context)->root != root || sets_overlap(p->sets, used->locks, h->changed.locks))
            continue;
        *parallel = parallel_accesses(p, used, &h->changed);
        if (parallel->kind != PARALLEL_NO)
            return used;
    }
    return NULL;
}

/* Whether the task of a pool that got the object only looks at it, and not again and again: then it was meant to see
 * the object as it was given. */
static bool only_looks(struct finder *f, const struct handoff *h)
{
    struct program *p = f->p;
    uint64_t root, place = finder_place(p, &h->changed);
    if (!map_get(&p->root_by_object, h->thread, &root) || p->roots.data[root].executor == 0 || !h->own)
        return false;
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place); i < f->all.len && f->all.data[i].place == place;
         i++) {
        const struct acc *used = f->all.data[i].acc;
        if (context_at(p, used->context)->root == root && ((used->flags & ACC_WRITES) || reach_goes_on(p, used)))
            return false;
    }
    return true;
}

/* A literal is a sign rather than data. */
static bool changes_data(const struct acc *changed)
{
    return changed->kind != ACCESS_STORE || changed->stored == 0;
}

static void check_handoff(struct finder *f, const struct handoff *h)
{
    struct program *p = f->p;
    struct parallel_info parallel = {PARALLEL_NO, false};
    /* arguments are how threads share objects; one that is made ready for the next task, or emptied, was to be given
     * away */
    bool given_away = h->queue != 0 || h->loop || (h->changed.flags & ACC_REMOVES);
    if (!given_away && !(changes_data(&h->changed) && only_looks(f, h)))
        return;
    const struct acc *partner = h->queue != 0 ? find_taker(f, h, &parallel) : find_user(f, h, &parallel);
    if (partner == NULL)
        return;
    struct hazard hazard = {.kind = HAZARD_HANDED, .exposure = EXPOSURE_ANY_BUILD};
    struct span span = {.first = &h->given, .last = &h->changed, .via = VIA_ITERATION};
    hazard.confidence = confidence_of(p, &span, partner, parallel, GUARDED_NEVER, &hazard.why);
    if ((h->changed.locks != 0 || !given_away) && hazard.confidence == CONFIDENCE_HIGH)
        hazard.confidence = CONFIDENCE_MEDIUM;
    finder_add(f, &hazard, &h->given, &h->changed, partner);
}

/* ---- what is put on a queue and kept ---- */

/* Made by a constructor or a module's body, and the only object that its variable ever holds. */
static bool is_kept(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind != OBJECT_MODELLED || o->home == 0 || o->b >> 20 >= p->units.len)
        return false;
    const struct field *field = heap_find(p, o->home, o->home_field);
    const struct ir_module *ir = p->units.data[o->b >> 20].ir;
    if (field == NULL || sets_count(p->sets, field->value) != 1)
        return false;
    for (uint32_t i = 0; i < ir->function_count; i++) {
        const struct ir_function *fn = &ir->functions[i];
        uint32_t site = o->b & 0xfffff;
        if (site >= fn->first_op && site < fn->first_op + fn->op_count)
            return fn->kind == IR_FN_MODULE || str_equal(ir->names[fn->name], STR("__init__"));
    }
    return false;
}

/* Nobody replaces the object that is given away: whoever changes it later changes what the other thread has. */
static void check_kept(struct finder *f, const struct handoff *h)
{
    struct program *p = f->p;
    if (!is_kept(p, h->given.object))
        return;
    uint64_t place = finder_place(p, &h->given);
    for (size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
         i < f->writes.len && f->writes.data[i].place == place; i++) {
        struct handoff changed = *h;
        changed.changed = *f->writes.data[i].acc;
        changed.kept = false;
        if ((changed.changed.flags & ACC_VIA) == 0)
            check_handoff(f, &changed);
    }
}

/* Whether the function that gave the object away changes it, too: that tells more. */
static bool is_changed_there(const struct context *c, const struct handoff *kept)
{
    for (size_t i = 0; i < c->rare->handed.len; i++)
        if (!c->rare->handed.data[i].kept && c->rare->handed.data[i].given.object == kept->given.object)
            return true;
    return false;
}

void find_handoffs(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->handed.len; k++) {
            const struct handoff *h = &c->rare->handed.data[k];
            if (!h->kept)
                check_handoff(f, h);
            else if (!is_changed_there(c, h))
                check_kept(f, h);
        }
    }
}
