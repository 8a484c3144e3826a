#include "program/classes.h"

#include "program/heap.h"
#include "program/objects.h"

struct class_info *class_find(const struct program *p, object_id class_object)
{
    uint64_t index;
    return map_get(&p->class_by_object, class_object, &index) ? p->classes.data[index] : NULL;
}

#define MRO_MAX 64

static void mro_add(struct class_info *info, object_id id)
{
    for (size_t i = 0; i < info->mro.len; i++)
        if (info->mro.data[i] == id)
            return;
    if (info->mro.len < MRO_MAX)
        vec_push(&info->mro, id);
}

/* Depth first, left to right, a later occurrence of a shared base wins: equal to C3 for the hierarchies met in
 * practice. */
static void class_compute_order(struct program *p, struct class_info *info)
{
    info->mro.len = 0;
    VEC(object_id) order = {0};
    uint32_t count = sets_count(p->sets, info->bases);
    for (uint32_t i = 0; i < count; i++) {
        object_id base = sets_member(p->sets, info->bases, i);
        const struct class_info *base_info = class_find(p, base);
        if (base_info == NULL) {
            vec_push(&order, base);
            continue;
        }
        for (size_t j = 0; j < base_info->mro.len; j++)
            vec_push(&order, base_info->mro.data[j]);
    }
    mro_add(info, info->object);
    for (size_t i = 0; i < order.len; i++) {
        bool again = false;
        for (size_t j = i + 1; j < order.len && !again; j++)
            again = order.data[j] == order.data[i];
        if (!again)
            mro_add(info, order.data[i]);
    }
    vec_release(&order);
    info->model = info->itself;
    for (size_t i = 1; i < info->mro.len && info->model == NULL; i++) {
        const struct object *o = object_at(p, info->mro.data[i]);
        if (o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->is == MODEL_CLASS &&
            (o->model->role != ROLE_NONE))
            info->model = o->model;
    }
}

static bool class_is_dataclass(const struct unit *u, const struct ir_class *c)
{
    for (uint32_t i = 0; i < c->decorator_count; i++) {
        struct str name = u->ir->names[u->ir->names_list[c->first_decorator + i]];
        if (str_ends(name, STR("dataclass")) || str_ends(name, STR("attr.s")) || str_ends(name, STR("attrs")) ||
            str_ends(name, STR("attr.define")) || str_ends(name, STR("define")) || str_ends(name, STR("frozen")))
            return true;
    }
    return false;
}

struct class_info *class_define(struct program *p, object_id class_object, set_id bases)
{
    struct class_info *info = class_find(p, class_object);
    if (info == NULL) {
        info = arena_alloc(p->arena, sizeof *info);
        info->object = class_object;
        const struct object *o = object_at(p, class_object);
        const struct unit *u = &p->units.data[o->a];
        const struct ir_class *c = &u->ir->classes[o->b];
        info->dataclass = class_is_dataclass(u, c);
        info->doc_safe = (c->flags & IR_FN_DOC_SAFE) != 0;
        info->doc_unsafe = (c->flags & IR_FN_DOC_UNSAFE) != 0;
        const struct model *itself = models_find(object_display(p, class_object));
        if (itself != NULL && itself->is == MODEL_CLASS && itself->role != ROLE_NONE)
            info->itself = itself;
        map_put(&p->class_by_object, class_object, p->classes.len);
        vec_push(&p->classes, info);
    } else if (sets_union(p->sets, info->bases, bases) == info->bases) {
        return info;
    }
    info->bases = sets_union(p->sets, info->bases, bases);
    class_compute_order(p, info);
    return info;
}

static struct member member_of(struct program *p, object_id holder, name_id name, context_id reader)
{
    const struct object *o = object_at(p, holder);
    if (o->kind == OBJECT_CLASS) {
        const struct field *field = heap_find(p, holder, name);
        if (field == NULL || field->value == 0)
            return (struct member){0};
        return (struct member){holder, heap_read(p, holder, name, reader), NULL};
    }
    if (o->kind == OBJECT_EXTERNAL && o->model != NULL) {
        const struct model *model = models_member(o->model, name_text(p, name));
        if (model != NULL)
            return (struct member){holder, 0, model};
    }
    return (struct member){0};
}

struct member class_member(struct program *p, object_id class_object, name_id name, context_id reader)
{
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL)
        return member_of(p, class_object, name, reader);
    for (size_t i = 0; i < info->mro.len; i++) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        if (base != NULL && base->itself != NULL) { /* what the model says of a member goes before its code */
            const struct model *model = models_member(base->itself, name_text(p, name));
            if (model != NULL && model->is == MODEL_METHOD)
                return (struct member){info->mro.data[i], 0, model};
        }
        struct member found = member_of(p, info->mro.data[i], name, reader);
        if (found.holder != 0)
            return found;
    }
    return (struct member){0};
}

struct member class_member_after(struct program *p, object_id class_object, object_id after, name_id name,
                                 context_id reader)
{
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL)
        return (struct member){0};
    size_t i = 0;
    while (i < info->mro.len && info->mro.data[i] != after)
        i++;
    for (i = i + 1; i < info->mro.len; i++) {
        struct member found = member_of(p, info->mro.data[i], name, reader);
        if (found.holder != 0)
            return found;
    }
    return (struct member){0};
}

bool function_has_decorator(const struct program *p, uint32_t unit, uint32_t function, const char *dotted_end)
{
    const struct ir_module *ir = p->units.data[unit].ir;
    const struct ir_function *fn = &ir->functions[function];
    struct str end = str_of(dotted_end);
    for (uint32_t i = 0; i < fn->decorator_count; i++) {
        struct str name = ir->names[ir->names_list[fn->first_decorator + i]];
        if (!str_ends(name, end))
            continue;
        if (name.len == end.len || name.ptr[name.len - end.len - 1] == '.')
            return true;
    }
    return false;
}

enum method_kind method_kind(struct program *p, uint32_t unit, uint32_t function)
{
    const struct ir_module *ir = p->units.data[unit].ir;
    const struct ir_function *fn = &ir->functions[function];
    if (str_equal(ir->names[fn->name], STR("__new__")))
        return METHOD_STATIC;
    if (str_equal(ir->names[fn->name], STR("__init_subclass__")) ||
        str_equal(ir->names[fn->name], STR("__class_getitem__")))
        return METHOD_CLASS;
    if (fn->decorator_count == 0)
        return METHOD_PLAIN;
    if (function_has_decorator(p, unit, function, "staticmethod"))
        return METHOD_STATIC;
    if (function_has_decorator(p, unit, function, "classmethod"))
        return METHOD_CLASS;
    if (function_has_decorator(p, unit, function, "cached_property"))
        return METHOD_CACHED_PROPERTY;
    if (function_has_decorator(p, unit, function, "property") || function_has_decorator(p, unit, function, "getter"))
        return METHOD_PROPERTY;
    return METHOD_PLAIN;
}

object_id class_property_setter(struct program *p, object_id holder, name_id name)
{
    const struct object *o = object_at(p, holder);
    if (o->kind != OBJECT_CLASS)
        return 0;
    const struct unit *u = &p->units.data[o->a];
    for (uint32_t i = 1; i < u->ir->function_count; i++) {
        const struct ir_function *fn = &u->ir->functions[i];
        if (fn->class_index == o->b && fn->kind == IR_FN_FUNCTION && u->names[fn->name] == name &&
            function_has_decorator(p, o->a, i, "setter"))
            return object_get(p, OBJECT_FUNCTION, o->a, i, 0);
    }
    return 0;
}

bool class_derives_from(const struct program *p, object_id class_object, object_id other)
{
    if (class_object == other)
        return true;
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL)
        return false;
    for (size_t i = 0; i < info->mro.len; i++)
        if (info->mro.data[i] == other)
            return true;
    return false;
}

object_id class_field_owner(struct program *p, object_id class_object, name_id field)
{
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL)
        return class_object;
    for (size_t i = info->mro.len; i-- > 1;) {
        object_id base = info->mro.data[i];
        if (object_at(p, base)->kind != OBJECT_CLASS)
            continue;
        const struct field *f = heap_find(p, object_get(p, OBJECT_GENERIC, base, 0, 0), field);
        if (f != NULL && f->value != 0)
            return base;
    }
    return class_object;
}
