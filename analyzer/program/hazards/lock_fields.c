/* lock_fields: locks that are not one and the same for all who use the state: made anew while others have the old one
 * (RL402), one for each instance where the state is shared by all of them (RL403), or one of processes (RL404). */
#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/locks/guards.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* ---- a lock that is stored again ---- */

/* The test of the same field that the store depends on, where the lock is made on first use; NULL for none. */
static const struct span *lazy_span(const struct program *p, const struct acc *store)
{
    const struct context *c = context_at(p, store->context);
    for (size_t i = 0; i < c->records->spans.len; i++) {
        const struct span *s = &c->records->spans.data[i];
        if (s->via == VIA_CONTROL && s->last->op == store->op && s->last->object == store->object &&
            s->last->field == store->field)
            return s;
    }
    return NULL;
}

/* Whether the object gets a lock in its constructor, or the module or class in its body: then what comes later replaces
 * it. */
static bool has_first_lock(const struct program *p, const struct acc *store)
{
    const struct field *field = heap_find(p, store->object, store->field);
    if (field == NULL || field->unit == UINT32_MAX)
        return false;
    const struct ir_module *ir = p->units.data[field->unit].ir;
    for (uint32_t i = 0; i < ir->function_count; i++) {
        const struct ir_function *fn = &ir->functions[i];
        if (field->op < fn->first_op || field->op >= fn->first_op + fn->op_count)
            continue;
        bool body = fn->kind == IR_FN_MODULE || fn->kind == IR_FN_CLASS_BODY;
        bool constructor =
            str_equal(ir->names[fn->name], STR("__init__")) || str_equal(ir->names[fn->name], STR("__new__"));
        return (body || constructor) && !sets_has(p->sets, field->value, NONE_OBJECT);
    }
    return false;
}

/* A method like _at_fork_reinit: in the new process there is one thread, and a lock that no thread holds any more. */
static bool is_after_fork(const struct program *p, const struct acc *store)
{
    const struct ir_module *ir = p->units.data[store->unit].ir;
    return str_find(ir->names[ir->functions[store->function].name], STR("fork")) != SIZE_MAX;
}

#define PARTNERS_MAX 256 /* accesses of a place that are looked at */

/* Somebody who takes the lock from the field meanwhile: another function's, or this one in another thread. */
static const struct acc *user_of(struct finder *f, const struct acc *store, struct parallel_info *parallel)
{
    const struct acc *best = NULL;
    uint64_t place = finder_place(f->p, store);
    size_t i = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t end = i + PARTNERS_MAX; i < end && i < f->all.len && f->all.data[i].place == place; i++) {
        const struct acc *other = f->all.data[i].acc;
        if (other->kind != ACCESS_LOAD)
            continue;
        struct parallel_info meets = parallel_accesses(f->p, store, other);
        bool same = other->unit == store->unit && other->function == store->function;
        if (meets.kind == PARALLEL_NO ||
            (best != NULL && (meets.kind < parallel->kind || (meets.kind == parallel->kind && same))))
            continue;
        best = other;
        *parallel = meets;
    }
    return best;
}

static void check_store(struct finder *f, const struct acc *store)
{
    struct program *p = f->p;
    if (store->kind != ACCESS_STORE || (store->flags & ACC_LOCK) == 0 || store->field == FIELD_CONTENTS)
        return;
    if (guard_in_constructor(p, store) || guards_own(p, store->locks, store))
        return;
    struct parallel_info parallel = {PARALLEL_NO, false};
    const struct acc *user = user_of(f, store, &parallel);
    if (user == NULL)
        return;
    const struct span *lazy = lazy_span(p, store);
    struct span s = lazy != NULL ? *lazy : (struct span){.first = store, .last = store, .via = VIA_DATA};
    s.flags &= ~(uint32_t)(SPAN_IDEMPOTENT | SPAN_REPLACEABLE); /* another lock is never as good */
    struct hazard h = {.kind = HAZARD_LOCK_REBOUND, .exposure = EXPOSURE_FREE_THREADED};
    h.confidence = confidence_of(p, &s, user, parallel,
                                 lazy != NULL || has_first_lock(p, store) ? GUARDED_OFTEN : GUARDED_NEVER, &h.why);
    if (lazy == NULL && (!has_first_lock(p, store) || is_after_fork(p, store)))
        h.confidence = CONFIDENCE_LOW;
    if (h.confidence == CONFIDENCE_MEDIUM && parallel.kind == PARALLEL_CALLERS)
        h.why = STR("a lock is meant for threads");
    finder_add(f, &h, lazy != NULL ? lazy->first : store, store, user);
}

void find_rebound_locks(struct finder *f)
{
    for (size_t i = 0; i < f->writes.len; i++)
        check_store(f, f->writes.data[i].acc);
}

/* ---- a lock of one instance for the state of all ---- */

static bool is_of_module(const struct program *p, object_id class_object, uint32_t unit)
{
    const struct object *o = object_at(p, class_object);
    return o->kind == OBJECT_CLASS && o->a == unit;
}

bool guards_wrong_scope(struct program *p, set_id locks, const struct acc *acc)
{
    uint8_t root = object_at(p, place_root_object(p, acc->object))->kind;
    if (root != OBJECT_MODULE && root != OBJECT_CLASS)
        return false;
    for (uint32_t i = 0; i < sets_count(p->sets, locks); i++) {
        const struct object *lock = object_at(p, sets_member(p->sets, locks, i));
        object_id holder = lock->kind == OBJECT_PATH ? lock->a : lock->home;
        uint8_t kind = holder != 0 ? object_at(p, holder)->kind : OBJECT_UNKNOWN;
        bool of_instance = kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC;
        if (of_instance && !is_of_module(p, object_class(p, holder), acc->unit))
            continue; /* held further up, for reasons of its own */
        object_id at = sets_member(p->sets, locks, i);
        if (of_instance && !parallel_lock_is_weak(p, at) && !parallel_lock_guards(p, at, acc))
            return true;
    }
    return false;
}

/* ---- a lock of processes for threads ---- */

static bool makes_processes(const struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct model *model = f->notes.data[i]->acc.model;
        if (f->notes.data[i]->kind == NOTE_CALL && (model->runs == RUNS_PROCESS || model->state == STATE_FORK))
            return true;
    }
    return false;
}

void find_process_locks(struct finder *f)
{
    struct program *p = f->p;
    bool asked = false;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        bool thread = c->status == CONTEXT_DONE && p->roots.data[c->root].kind == THREAD_SPAWNED;
        for (size_t k = 0; thread && k < c->records->takings.len; k++) {
            const struct taking *t = &c->records->takings.data[k];
            const struct model *type = object_type_model(p, t->acc.object);
            if (type == NULL || type->scope != SCOPE_PROCESS || (t->acc.flags & ACC_VIA) ||
                (type->role != ROLE_LOCK && type->role != ROLE_RLOCK))
                continue;
            if (!asked && makes_processes(f))
                return;
            asked = true;
            struct hazard h = {
                .kind = HAZARD_LOCK_FOR_PROCESSES, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
            h.why = STR("the program is not seen to make a process");
            h.held = describe_lock(p, t->acc.object, &t->acc);
            struct acc acc = deadlock_shown(p, &t->acc);
            finder_add(f, &h, &acc, &acc, NULL);
        }
    }
}
