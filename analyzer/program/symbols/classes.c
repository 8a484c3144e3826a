#include "program/symbols/classes.h"

#include "program/values/heap.h"
#include "program/values/objects.h"

struct class_info *class_find(const struct program *p, object_id class_object)
{
    uint32_t number = object_at(p, class_object)->class_number;
    return number != 0 ? p->classes.data[number - 1] : NULL;
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
    for (size_t i = 1; i < info->mro.len; i++) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        if (base != NULL)
            info->metaclasses = sets_union(p->sets, info->metaclasses, base->metaclasses);
    }
    for (size_t i = 1; i < info->mro.len; i++) {
        const struct model *base = object_at(p, info->mro.data[i])->model;
        info->dataclass |= base != NULL && base->is == MODEL_CLASS && base->makes_fields;
    }
    for (size_t i = 1; i < info->mro.len && info->model == NULL; i++) {
        const struct object *o = object_at(p, info->mro.data[i]);
        if (o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->is == MODEL_CLASS &&
            (o->model->role != ROLE_NONE))
            info->model = o->model;
    }
}

static bool class_is_dataclass(const struct models *models, const struct unit *u, const struct ir_class *c)
{
    for (uint32_t i = 0; i < c->decorator_count; i++)
        if (models_makes_fields(models, u->ir->names[u->ir->names_list[c->first_decorator + i]]))
            return true;
    return false;
}

struct class_info *class_define(struct program *p, object_id class_object, set_id bases, set_id metaclasses)
{
    struct class_info *info = class_find(p, class_object);
    if (info == NULL) {
        info = arena_alloc(p->arena, sizeof *info);
        info->object = class_object;
        const struct object *o = object_at(p, class_object);
        const struct unit *u = &p->units.data[o->a];
        const struct ir_class *c = &u->ir->classes[o->b];
        info->dataclass = class_is_dataclass(p->models, u, c);
        info->doc_safe = (c->flags & IR_FN_DOC_SAFE) != 0;
        info->doc_unsafe = (c->flags & IR_FN_DOC_UNSAFE) != 0;
        const struct model *itself = models_find(p->models, object_display(p, class_object));
        if (itself != NULL && itself->is == MODEL_CLASS && itself->role != ROLE_NONE)
            info->itself = itself;
        vec_push(&p->classes, info);
        object_at(p, class_object)->class_number = (uint32_t)p->classes.len;
    } else if (sets_within(p->sets, bases, info->bases) && sets_within(p->sets, metaclasses, info->metaclasses)) {
        return info;
    }
    info->metaclasses = sets_union(p->sets, info->metaclasses, metaclasses);
    info->bases = sets_union(p->sets, info->bases, bases);
    p->classes_version++;
    class_compute_order(p, info);
    return info;
}

/* Where a holder itself has a member. */
static struct found_member found_in(struct program *p, object_id holder, name_id name)
{
    const struct object *o = object_at(p, holder);
    if (o->kind == OBJECT_CLASS) {
        const struct field *field = heap_find(p, holder, name);
        if (field == NULL || field->value == 0)
            return (struct found_member){0};
        return (struct found_member){.holder = holder, .field = (uint32_t)(field - p->fields.data)};
    }
    const struct model *model = o->kind == OBJECT_EXTERNAL ? model_member(p, o->model, name) : NULL;
    return model != NULL ? (struct found_member){.holder = holder, .model = model} : (struct found_member){0};
}

static struct found_member found_from(struct program *p, const struct class_info *info, size_t first, name_id name)
{
    for (size_t i = first; i < info->mro.len; i++) {
        const struct class_info *base = first == 0 ? class_find(p, info->mro.data[i]) : NULL;
        if (base != NULL && base->itself != NULL) { /* what the model says of a member goes before its code */
            const struct model *model = model_member(p, base->itself, name);
            if (model != NULL && model->is == MODEL_METHOD)
                return (struct found_member){.holder = info->mro.data[i], .model = model};
        }
        struct found_member found = found_in(p, info->mro.data[i], name);
        if (found.holder != 0)
            return found;
    }
    return (struct found_member){0};
}

static struct member member_read(struct program *p, const struct found_member *found, context_id reader)
{
    if (found->holder == 0 || found->model != NULL)
        return (struct member){found->holder, 0, found->model};
    return (struct member){found->holder, heap_read_field(p, found->field, reader), NULL};
}

struct member class_member(struct program *p, object_id class_object, name_id name, context_id reader)
{
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL) {
        struct found_member found = found_in(p, class_object, name);
        return member_read(p, &found, reader);
    }
    /* the same few members are asked for again and again, and most of them are in no class at all */
    uint64_t *index = map_slot(&p->found_by_name, (uint64_t)class_object << 32 | name, p->found_members.len);
    if (*index == p->found_members.len)
        vec_push(&p->found_members, ((struct found_member){.version = UINT32_MAX}));
    struct found_member *known = &p->found_members.data[*index];
    if (known->version != p->classes_version) {
        *known = found_from(p, info, 0, name);
        known->version = p->classes_version;
    }
    return member_read(p, known, reader);
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
    struct found_member found = found_from(p, info, i + 1, name);
    return member_read(p, &found, reader);
}

struct member class_metamember(struct program *p, object_id class_object, name_id name, context_id reader)
{
    const struct class_info *info = class_find(p, class_object);
    struct member found = {0};
    for (uint32_t i = 0; info != NULL && found.holder == 0 && i < sets_count(p->sets, info->metaclasses); i++) {
        found = class_member(p, sets_member(p->sets, info->metaclasses, i), name, reader);
        if (found.model != NULL)
            found = (struct member){0};
    }
    return found;
}

object_id class_metaclass(struct program *p, object_id receiver, object_id after)
{
    const struct object *o = object_at(p, receiver);
    const struct class_info *info = class_find(p, receiver);
    if (o->kind == OBJECT_GENERIC && class_derives_from(p, o->a, object_external_named(p, "builtins.type")))
        return o->a;
    for (uint32_t i = 0; info != NULL && i < sets_count(p->sets, info->metaclasses); i++)
        if (class_derives_from(p, sets_member(p->sets, info->metaclasses, i), after))
            return sets_member(p->sets, info->metaclasses, i);
    return 0;
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

/* Whether the module has a function of that name: what it does is known. */
static bool defines_function(const struct program *p, const struct unit *u, struct str name)
{
    const struct field *field = heap_find(p, u->object, intern_find(p->names, name));
    for (uint32_t i = 0; field != NULL && i < sets_count(p->sets, field->value); i++)
        if (object_at(p, sets_member(p->sets, field->value, i))->kind == OBJECT_FUNCTION)
            return true;
    return false;
}

bool function_runs_locked(const struct program *p, uint32_t unit, uint32_t function)
{
    /* what projects call decorators of their own: of no library */
    static const char *const names[] = {"synchronized", "synchronize", "locked",
                                        "with_lock",    "threadsafe",  "thread_safe"};
    if (p->units.data[unit].ir->functions[function].decorator_count == 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (function_has_decorator(p, unit, function, names[i]) &&
            !defines_function(p, &p->units.data[unit], str_of(names[i])))
            return true;
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

/* The lock that a model says a class has is the class's, though no code here makes it (logging.Handler.lock). */
static object_id modelled_owner(const struct program *p, const struct class_info *info, name_id field)
{
    for (size_t i = info->mro.len; i-- > 0;) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        const struct model *model = base != NULL ? base->itself : object_at(p, info->mro.data[i])->model;
        if (model != NULL && model->held != NULL && str_equal(name_text(p, field), str_of(model->held)))
            return info->mro.data[i];
    }
    return info->object;
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
        const struct field *f = heap_find(p, object_generic(p, base), field);
        if (f != NULL && f->value != 0)
            return base;
    }
    return modelled_owner(p, info, field);
}

set_id class_inherited_field(struct program *p, object_id object, name_id field, context_id reader)
{
    const struct object *o = object_at(p, object);
    const struct class_info *info = o->kind == OBJECT_GENERIC ? class_find(p, o->a) : NULL;
    for (size_t i = 1; info != NULL && i < info->mro.len; i++) {
        if (object_at(p, info->mro.data[i])->kind != OBJECT_CLASS)
            continue;
        const struct field *held = heap_find(p, object_generic(p, info->mro.data[i]), field);
        set_id value = held != NULL ? heap_read_field(p, (uint32_t)(held - p->fields.data), reader) : 0;
        if (value != 0)
            return value;
    }
    return 0;
}
