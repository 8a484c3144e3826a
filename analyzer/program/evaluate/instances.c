/* instances: what makes objects of the program's classes. */
#include "program/evaluate/effects.h"
#include "program/evaluate/frame.h"

#include "program/symbols/annotations.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* What the factories of a field make for an instance; 0: it has none. */
static set_id made_by_factories(struct frame *f, object_id instance, name_id name, set_id members,
                                const struct call *call)
{
    struct program *p = f->p;
    set_id value = 0;
    for (uint32_t k = 0; value == 0 && k < sets_count(p->sets, members); k++) {
        set_id factory = heap_read(p, sets_member(p->sets, members, k), FIELD_FACTORY, f->id);
        if (factory == 0)
            continue;
        struct call make;
        call_begin(&make, call->op);
        for (uint32_t n = 0; n < sets_count(p->sets, factory); n++) {
            object_id external = sets_member(p->sets, factory, n);
            if (object_at(p, external)->kind == OBJECT_EXTERNAL && object_at(p, external)->model != NULL) {
                object_id made = object_by_factory(p, external, name, instance);
                object_at(p, made)->flags |= object_at(p, instance)->flags & OBJECT_MANY;
                frame_own(f, made);
                value = sets_add(p->sets, value, made);
            } else {
                make.callee = val_of(sets_one(p->sets, external));
                value = value_union(p, value, call_run(f, &make).set);
            }
        }
    }
    return value;
}

/* Fields without annotation: name = attr.ib(factory=list). */
static void instantiate_bare_fields(struct frame *f, object_id instance, object_id class_object,
                                    const struct call *call)
{
    struct program *p = f->p;
    for (uint32_t i = object_at(p, class_object)->first_field; i != 0; i = p->fields.data[i].next) {
        const struct field field = p->fields.data[i];
        const struct val *given = call_arg(f, call, -1, name_text(p, field.name).ptr);
        const struct field *made = heap_find(p, instance, field.name);
        set_id value =
            given != NULL || made != NULL ? 0 : made_by_factories(f, instance, field.name, field.value, call);
        if (value != 0)
            heap_write(p, instance, field.name, value, UINT32_MAX, 0);
    }
}

/* Fields that a dataclass or attrs class makes from its body: positional arguments and default factories. */
static void instantiate_fields(struct frame *f, object_id instance, object_id class_object, const struct call *call)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, class_object);
    const struct unit *u = &p->units.data[o->a];
    const struct ir_function *body = &u->ir->functions[u->ir->classes[o->b].body];
    int position = 0;
    for (uint32_t i = 0; i < body->op_count; i++) {
        const struct ir_op *op = &u->ir->ops[body->first_op + i];
        if (op->code != IR_DECLARE || op->a != 0)
            continue;
        name_id name = u->names[op->b];
        const struct val *given = call_arg(f, call, position++, name_text(p, name).ptr);
        set_id value = given != NULL ? given->set : 0;
        struct member m = class_member(p, class_object, name, f->id);
        if (value == 0 && m.value != 0 && object_role(p, instance) == ROLE_IMMUTABLE)
            continue; /* a named tuple's default: the class's, one for all */
        if (value == 0)
            value = made_by_factories(f, instance, name, m.value, call);
        if (value == 0)
            value = annotation_value(p, o->a, u->ir->names[op->c], instance, name);
        if (value != 0)
            heap_write(p, instance, name, value, o->a, body->first_op + i);
    }
    instantiate_bare_fields(f, instance, class_object, call);
}

/* cls.__new__(cls, …) of the program's own. */
static struct val call_new(struct frame *f, object_id class_object, set_id functions, const struct call *call)
{
    struct program *p = f->p;
    struct call with_class;
    call_begin(&with_class, call->op);
    call_add(&with_class, val_of(sets_one(p->sets, class_object)), 0, false);
    for (uint32_t i = 0; i < call->count; i++)
        call_add(&with_class, call->args[i], call->keywords[i], call->star[i]);
    struct val v = {0};
    for (uint32_t i = 0; i < sets_count(p->sets, functions); i++) {
        object_id member = sets_member(p->sets, functions, i);
        if (object_at(p, member)->kind == OBJECT_FUNCTION)
            v = val_join(f, v, call_function(f, member, 0, &with_class));
    }
    return v;
}

/* __init__ of what was made. */
static void call_init(struct frame *f, set_id made, set_id functions, const struct call *call)
{
    struct program *p = f->p;
    for (uint32_t k = 0; k < sets_count(p->sets, made); k++)
        for (uint32_t i = 0; i < sets_count(p->sets, functions); i++) {
            object_id member = sets_member(p->sets, functions, i), self = sets_member(p->sets, made, k);
            if (object_at(p, member)->kind == OBJECT_FUNCTION && object_class(p, self) != 0)
                call_function(f, member, self, call);
        }
}

static struct val instance_construct(struct frame *f, object_id class_object, const struct call *call)
{
    struct program *p = f->p;
    context_id apart = frame_heap_context(f);
    object_id context = apart != 0 ? context_cells(p, apart) : 0;
    object_id instance = object_get(p, OBJECT_INSTANCE, class_object, frame_site(f), context);
    if (!frame_once(f))
        object_at(p, instance)->flags |= OBJECT_MANY;
    frame_own(f, instance);
    const struct class_info *info = class_find(p, class_object);
    struct val result = val_of(sets_one(p->sets, instance));
    struct member init = class_member(p, class_object, NAME_INIT, f->id);
    struct member made = class_member(p, class_object, NAME_NEW, f->id);
    if (made.holder != 0 && made.model == NULL) {
        struct val v = call_new(f, class_object, made.value, call);
        bool unknown = v.set == 0 || sets_has(p->sets, v.set, UNKNOWN_OBJECT);
        if (!unknown)
            result = v;
    }
    if (info != NULL && info->dataclass)
        instantiate_fields(f, instance, class_object, call);
    if (init.holder != 0 && init.model == NULL) {
        call_init(f, result.set, init.value, call);
        if (info != NULL && info->itself != NULL)
            effect_call(f, info->itself, instance, call);
    } else if (init.model != NULL) {
        effect_call(f, init.model, instance, call);
    } else if (info != NULL && info->model != NULL) {
        effect_call(f, info->model, instance, call); /* the constructor of a modelled base */
    }
    if (info != NULL && info->dataclass) {
        struct member post = class_member(p, class_object, NAME_POST_INIT, f->id);
        if (post.holder != 0)
            call_method(f, instance, NAME_POST_INIT, NULL, 0);
    }
    result.reads = 0;
    for (uint32_t i = 0; i < call->count; i++)
        result.reads |= span_measures(f, call->args[i].reads); /* Job(len(jobs)) */
    f->now.dead = false;
    return result;
}

/* What calling a class gives back, of what its metaclass's __call__ does: the instances it keeps for all its classes
 * are told apart by their class. */
static set_id instances_of(const struct program *p, object_id class_object, set_id value)
{
    set_id own = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id type = object_class(p, sets_member(p->sets, value, i));
        if (type != 0 && class_derives_from(p, type, class_object))
            own = sets_add(p->sets, own, sets_member(p->sets, value, i));
    }
    return own;
}

struct val instance_make(struct frame *f, object_id class_object, const struct call *call)
{
    struct program *p = f->p;
    struct member m = class_metamember(p, class_object, NAME_CALL, f->id);
    struct val result = {0};
    for (uint32_t i = 0; i < sets_count(p->sets, m.value); i++) {
        object_id function = sets_member(p->sets, m.value, i);
        if (object_at(p, function)->kind == OBJECT_FUNCTION)
            result = val_join(f, result, call_function(f, function, class_object, call));
    }
    result.set = instances_of(p, class_object, result.set);
    if (result.set == 0) /* no such metaclass, or it is not known what it gives back */
        return instance_construct(f, class_object, call);
    result.reads = 0;
    f->now.dead = false;
    return result;
}

static bool is_metaclass(struct program *p, object_id class_object)
{
    return class_derives_from(p, class_object, object_external_named(p, "builtins.type"));
}

struct val instance_by_type(struct frame *f, object_id class_object, const struct call *call)
{
    if (object_at(f->p, class_object)->kind == OBJECT_CLASS) {
        struct val made = instance_construct(f, class_object, call);
        for (uint32_t i = 0; i < sets_count(f->p->sets, made.set); i++)
            object_at(f->p, sets_member(f->p->sets, made.set, i))->flags |= OBJECT_BARE;
        return made;
    }
    call_unknown(f, call);
    return val_of(sets_one(f->p->sets, effect_fresh(f, object_external_named(f->p, "builtins.object"))));
}

/* type.__call__(cls, …) */
static set_id made_by_type(struct frame *f, const struct call *call)
{
    struct call inner;
    set_id made = 0;
    call_begin(&inner, call->op);
    for (uint32_t i = 1; i < call->count; i++)
        call_add(&inner, call->args[i], call->keywords[i], call->star[i]);
    for (uint32_t i = 0; i < sets_count(f->p->sets, call->args[0].set); i++)
        made = value_union(f->p, made, instance_by_type(f, sets_member(f->p->sets, call->args[0].set, i), &inner).set);
    return made;
}

set_id instance_bare(struct frame *f, object_id callee, const struct call *call)
{
    struct program *p = f->p;
    if (call->count > 0 && str_equal(name_text(p, object_at(p, callee)->a), STR("builtins.type.__call__")))
        return made_by_type(f, call);
    if (call->count == 0 || !str_ends(name_text(p, object_at(p, callee)->a), STR(".__new__")))
        return 0;
    context_id apart = frame_heap_context(f);
    object_id context = apart != 0 ? context_cells(p, apart) : 0;
    set_id made = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, call->args[0].set); i++) {
        object_id class_object = sets_member(p->sets, call->args[0].set, i);
        if (object_at(p, class_object)->kind != OBJECT_CLASS || is_metaclass(p, class_object))
            continue;
        object_id instance = object_get(p, OBJECT_INSTANCE, class_object, frame_site(f), context);
        object_at(p, instance)->flags |= OBJECT_BARE | (frame_once(f) ? 0 : OBJECT_MANY);
        frame_own(f, instance);
        made = sets_add(p->sets, made, instance);
    }
    return made;
}
