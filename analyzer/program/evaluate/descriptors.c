/* descriptors: attributes that are calls: property objects, and instances of classes with __get__ and __set__. What
 * `@property` makes of a method is in places.c: it needs no object. */
#include "program/evaluate/frame.h"

#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* x = property(get_x): the getters of a property object; false for another object. */
static bool property_get(struct frame *f, object_id member, object_id receiver, struct val *value)
{
    const struct object *o = object_at(f->p, member);
    if (o->kind != OBJECT_MODELLED || o->model == NULL || !str_equal(str_of(o->model->name), STR("builtins.property")))
        return false;
    set_id getters = heap_read(f->p, member, FIELD_TARGET, f->id);
    for (uint32_t i = 0; i < sets_count(f->p->sets, getters); i++) {
        object_id getter = sets_member(f->p->sets, getters, i);
        struct call call = {.op = &f->ops[f->op]};
        if (object_at(f->p, getter)->kind == OBJECT_FUNCTION)
            *value = val_join(f, *value, call_function(f, getter, receiver, &call));
    }
    return true;
}

/* Whether an object is of a class of the program that has a method of the descriptor protocol. */
static bool has_method(struct frame *f, object_id member, name_id method)
{
    object_id class_object = object_at(f->p, member)->kind == OBJECT_INSTANCE ? object_class(f->p, member) : 0;
    if (class_object == 0)
        return false;
    struct member m = class_member(f->p, class_object, method, f->id);
    return m.holder != 0 && m.model == NULL && value_is_code(f->p, m.value);
}

bool descriptor_get(struct frame *f, object_id member, object_id receiver, struct val *value)
{
    struct program *p = f->p;
    if (!property_get(f, member, receiver, value)) {
        if (!has_method(f, member, NAME_GET))
            return false;
        struct val args[] = {val_of(sets_one(p->sets, receiver)), val_of(sets_one(p->sets, object_class(p, receiver)))};
        *value = val_join(f, *value, call_method(f, member, NAME_GET, args, 2));
    }
    if (value->set == 0)
        value->set = sets_one(p->sets, UNKNOWN_OBJECT);
    return true;
}

bool descriptor_set(struct frame *f, object_id receiver, name_id name, const struct val *value)
{
    struct program *p = f->p;
    object_id class_object = object_class(p, receiver);
    if (class_object == 0 || object_at(p, class_object)->kind != OBJECT_CLASS)
        return false;
    struct member m = class_member(p, class_object, name, f->id);
    if (m.holder == 0 || m.model != NULL)
        return false;
    object_id setter = value_is_code(p, m.value) ? class_property_setter(p, m.holder, name) : 0;
    if (setter != 0) {
        struct call call;
        call_begin(&call, &f->ops[f->op]);
        call_add(&call, *value, 0, false);
        call_function(f, setter, receiver, &call);
        return true;
    }
    if (sets_count(p->sets, m.value) != 1 || !has_method(f, sets_member(p->sets, m.value, 0), NAME_SET))
        return false;
    struct val args[] = {val_of(sets_one(p->sets, receiver)), *value};
    call_method(f, sets_member(p->sets, m.value, 0), NAME_SET, args, 2);
    return true;
}
