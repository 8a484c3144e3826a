/* callables: calls of objects outside the program: partials, calls that are deferred, and those with a modelled
 * `__call__`. */
#include "program/evaluate/frame.h"

#include "program/evaluate/arguments.h"
#include "program/evaluate/effects.h"
#include "program/records/notes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define PARTIALS_MAX 4 /* of partials of partials: a name assigned in a loop may hold a partial of itself */

static struct val call_partial(struct frame *f, object_id object, const struct call *call)
{
    struct program *p = f->p;
    struct call inner;
    call_begin(&inner, call->op);
    inner.partials = call->partials + 1;
    if (inner.partials > PARTIALS_MAX)
        return val_of(sets_one(p->sets, UNKNOWN_OBJECT));
    set_id args = heap_read(p, object, FIELD_ARGS, f->id);
    for (uint32_t i = 0; i < sets_count(p->sets, args); i++) {
        struct val tuple = val_of(sets_one(p->sets, sets_member(p->sets, args, i)));
        call_add_star(f, &inner, &tuple);
    }
    struct val keywords = val_of(sets_one(p->sets, object));
    call_add_double_star(f, &inner, &keywords);
    for (uint32_t i = 0; i < call->count; i++)
        call_add(&inner, call->args[i], call->keywords[i], call->star[i]);
    inner.callee = val_of(heap_read(p, object, FIELD_TARGET, f->id));
    return call_run(f, &inner);
}

struct val call_defers(struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *target = effect_arg(f, call, model->target, model->target_keyword);
    object_id deferring = effect_fresh(f, object_external_named(f->p, model->name));
    heap_write(f->p, deferring, FIELD_DEFERRED, target != NULL ? target->set : sets_one(f->p->sets, UNKNOWN_OBJECT),
               UINT32_MAX, 0);
    return val_of(sets_one(f->p->sets, deferring));
}

/* delayed(f)(*args): a partial of what it defers. */
static struct val call_deferring(struct frame *f, object_id object, const struct call *call)
{
    struct program *p = f->p;
    struct call inner;
    call_begin(&inner, call->op);
    call_add(&inner, val_of(heap_read(p, object, FIELD_DEFERRED, f->id)), 0, false);
    for (uint32_t i = 0; i < call->count; i++)
        call_add(&inner, call->args[i], call->keywords[i], call->star[i]);
    object_id external = object_external_named(p, "functools.partial"), task = effect_fresh(f, external);
    effect_construct(f, task, object_at(p, external)->model, &inner);
    spawn_deferred(f, task, &inner);
    return val_of(sets_one(p->sets, task));
}

/* The `__call__` of an object outside the program, where its class has a model of one. */
static const struct model *modelled_call(const struct frame *f, object_id object)
{
    const struct model *type = object_type_model(f->p, object);
    return type != NULL ? models_member(f->p->models, type, STR("__call__")) : NULL;
}

struct val call_modelled(struct frame *f, object_id object, const struct call *call)
{
    struct program *p = f->p;
    if (heap_find(p, object, FIELD_DEFERRED) != NULL)
        return call_deferring(f, object, call);
    if (heap_find(p, object, FIELD_TARGET) != NULL && object_role(p, object) != ROLE_THREAD)
        return call_partial(f, object, call);
    const struct model *method = modelled_call(f, object);
    if (method != NULL)
        return effect_call(f, method, object, call);
    note_unknown_call(f, object, call->op);
    call_unknown(f, call);
    return val_of(sets_one(p->sets, UNKNOWN_OBJECT));
}
