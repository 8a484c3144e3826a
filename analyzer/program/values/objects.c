#include "program/values/objects.h"

#include "base/hash.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"

object_id object_get(struct program *p, enum object_kind kind, uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t hash = hash_words((uint32_t)kind, a, b, c);
    struct index_probe probe;
    for (object_id id = index_first(&p->object_index, hash, &probe); id != INDEX_NONE;
         id = index_next(&p->object_index, &probe)) {
        const struct object *o = object_at(p, id);
        if (o->kind == kind && o->a == a && o->b == b && o->c == c)
            return id;
    }
    object_id id = (object_id)p->objects.len;
    struct object *fresh = arena_alloc(p->arena, sizeof *fresh);
    *fresh = (struct object){.kind = (uint8_t)kind, .a = a, .b = b, .c = c};
    vec_push(&p->objects, fresh);
    index_add(&p->object_index, hash, id);
    return id;
}

object_id object_generic(struct program *p, object_id class_object)
{
    struct object *o = object_at(p, class_object);
    if (o->generic == 0)
        o->generic = object_get(p, OBJECT_GENERIC, class_object, 0, 0);
    return o->generic;
}

/* Of a function outside the program that has the name of one which projects have copies of. NULL: it has not. */
static const struct model *model_of_copy(const struct program *p, struct str qualified)
{
    struct str last = str_slice(qualified, str_rfind_char(qualified, '.') + 1, qualified.len);
    for (size_t i = 0; i < p->copied.len; i++) {
        struct str name = str_of(p->copied.data[i]->name);
        if (str_equal(str_slice(name, str_rfind_char(name, '.') + 1, name.len), last))
            return p->copied.data[i];
    }
    return NULL;
}

object_id object_external(struct program *p, name_id qualified)
{
    object_id id = object_get(p, OBJECT_EXTERNAL, qualified, 0, 0);
    struct object *o = object_at(p, id);
    if (o->b == 0 && o->model == NULL && o->flags == 0) {
        o->model = models_find(p->models, name_text(p, qualified));
        if (o->model == NULL)
            o->model = model_of_copy(p, name_text(p, qualified));
        o->flags = OBJECT_SHARED; /* marks the model as looked up */
    }
    return id;
}

object_id object_external_named(struct program *p, const char *qualified)
{
    return object_external(p, intern_id(p->names, str_of(qualified)));
}

const struct model *model_member(struct program *p, const struct model *type, name_id name)
{
    if (type == NULL || type->is != MODEL_CLASS)
        return NULL;
    uint64_t key = (uint64_t)(type - models_at(p->models, 0)) << 32 | name, known;
    if (map_get(&p->member_models, key, &known))
        return known != UINT32_MAX ? models_at(p->models, known) : NULL;
    const struct model *member = models_member(p->models, type, name_text(p, name));
    map_put(&p->member_models, key, member != NULL ? (uint64_t)(member - models_at(p->models, 0)) : UINT32_MAX);
    return member;
}

#define QUALIFIED_MAX 4096 /* bytes; no library has such names, but a chain of attributes may have no end */

object_id object_external_member(struct program *p, object_id external, name_id name)
{
    uint64_t *known = map_slot(&p->members_by_name, (uint64_t)external << 32 | name, 0);
    if (*known == 0) {
        struct str outer = name_text(p, object_at(p, external)->a), inner = name_text(p, name);
        if (outer.len + inner.len > QUALIFIED_MAX)
            return external;
        struct str qualified = arena_printf(p->arena, "%.*s.%.*s", STR_FMT(outer), STR_FMT(inner));
        object_id member = object_external(p, intern_id(p->names, qualified));
        if (object_at(p, member)->model == NULL) /* of a class under its second name, or of a base */
            object_at(p, member)->model = model_member(p, object_at(p, external)->model, name);
        *known = member;
    }
    return (object_id)*known;
}

object_id object_builtin(struct program *p, name_id name)
{
    uint64_t known;
    if (map_get(&p->builtins, name, &known))
        return (object_id)known;
    struct str qualified = arena_printf(p->arena, "builtins.%.*s", STR_FMT(name_text(p, name)));
    object_id object = object_external(p, intern_id(p->names, qualified));
    map_put(&p->builtins, name, object);
    return object;
}

object_id object_modelled(struct program *p, object_id external, uint32_t site, context_id context)
{
    object_id id = object_get(p, OBJECT_MODELLED, external, site, context);
    struct object *o = object_at(p, id);
    if (o->model == NULL)
        o->model = object_at(p, external)->model;
    return id;
}

#define PACKED 0x80000000u /* in place of a context; no context has such a number */

object_id object_packed(struct program *p, object_id external, uint32_t site, uint32_t key)
{
    return object_modelled(p, external, site, key | PACKED);
}

bool object_is_packed(const struct object *o)
{
    return o->kind == OBJECT_MODELLED && (o->c & PACKED) != 0;
}

#define FIELD_SITE 0x80000000u /* in place of an allocation site: each field is a site of its own */
#define NO_FIELD 0x40000000u

object_id object_by_factory(struct program *p, object_id external, name_id field, object_id instance)
{
    return object_modelled(p, external, field | FIELD_SITE, instance);
}

object_id object_made_for(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    bool field = o->kind == OBJECT_MODELLED && (o->b & FIELD_SITE) && (o->b & NO_FIELD) == 0;
    return field && !object_is_packed(o) ? o->c : 0;
}

#define PROCESS_LOCK_SITE 0xc0000000u /* above all sites of instructions and fields */

object_id object_process_lock(struct program *p, const char *name)
{
    object_id type = object_external_named(p, "threading.RLock"), external = object_external_named(p, name);
    return object_modelled(p, type, external | PROCESS_LOCK_SITE, 0);
}

bool object_is_process_lock(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    return o->kind == OBJECT_MODELLED && (o->b & PROCESS_LOCK_SITE) == PROCESS_LOCK_SITE;
}

object_id object_path(struct program *p, object_id base, name_id name, object_id class_object)
{
    const struct object *b = object_at(p, base);
    unsigned depth = b->kind == OBJECT_PATH ? b->depth + 1u : 1u;
    if (depth > PATH_DEPTH_MAX || base == UNKNOWN_OBJECT)
        return UNKNOWN_OBJECT;
    object_id id = object_get(p, OBJECT_PATH, base, name, class_object);
    struct object *o = object_at(p, id);
    o->depth = (uint8_t)depth;
    if (class_object != 0 && object_at(p, class_object)->kind == OBJECT_EXTERNAL)
        o->model = object_at(p, class_object)->model;
    return id;
}

object_id object_class(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    switch (o->kind) {
    case OBJECT_INSTANCE:
    case OBJECT_GENERIC:
    case OBJECT_MODELLED: return o->a;
    case OBJECT_PATH: return o->c;
    default: return 0;
    }
}

const struct model *object_type_model(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    if (o->kind == OBJECT_MODELLED || o->kind == OBJECT_PATH) {
        if (o->model != NULL)
            return o->model;
    }
    if (o->kind == OBJECT_EXTERNAL)
        return o->model != NULL && o->model->is == MODEL_VALUE ? o->model : NULL;
    object_id class_object = object_class(p, id);
    if (class_object == 0)
        return NULL;
    const struct class_info *info = class_find(p, class_object);
    return info != NULL ? info->model : NULL;
}

enum model_role object_role(const struct program *p, object_id id)
{
    const struct model *model = object_type_model(p, id);
    return model != NULL ? (enum model_role)model->role : ROLE_NONE;
}

bool role_is_lock(enum model_role role)
{
    return role == ROLE_LOCK || role == ROLE_RLOCK || role == ROLE_CONDITION || role == ROLE_SEMAPHORE;
}

bool role_is_container(enum model_role role)
{
    return role == ROLE_LIST || role == ROLE_DICT || role == ROLE_SET || role == ROLE_DEQUE || role == ROLE_BYTEARRAY ||
           role == ROLE_TUPLE || role == ROLE_ITERATOR;
}

bool object_is_library_state(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    return o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->others != NULL && o->model->returns != NULL;
}

set_id value_union(struct program *p, set_id a, set_id b)
{
    if (a == b)
        return a;
    set_id result = sets_union(p->sets, a, b);
    if (sets_count(p->sets, result) > VALUE_MAX)
        return sets_one(p->sets, UNKNOWN_OBJECT);
    return result;
}

bool value_is(const struct program *p, set_id value, object_id only)
{
    return sets_count(p->sets, value) == 1 && sets_member(p->sets, value, 0) == only;
}

bool value_is_scalar(const struct program *p, set_id value)
{
    uint32_t count = sets_count(p->sets, value);
    for (uint32_t i = 0; i < count; i++) {
        object_id id = sets_member(p->sets, value, i);
        if (id != NONE_OBJECT && object_at(p, id)->kind != OBJECT_SCALAR && object_role(p, id) != ROLE_IMMUTABLE)
            return false;
    }
    return count > 0;
}

bool object_is_immutable(const struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    switch (o->kind) {
    case OBJECT_NONE:
    case OBJECT_SCALAR:
    case OBJECT_MODULE:
    case OBJECT_CLASS: return true;
    case OBJECT_FUNCTION: return o->c == 0;
    default: return object_role(p, id) == ROLE_IMMUTABLE;
    }
}

static bool values_are_immutable(const struct program *p, set_id value)
{
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++)
        if (!object_is_immutable(p, sets_member(p->sets, value, i)))
            return false;
    return true;
}

static bool holds_immutable(const struct program *p, object_id container)
{
    for (uint32_t k = object_at(p, container)->first_field; k != 0; k = p->fields.data[k].next)
        if (!values_are_immutable(p, p->fields.data[k].value))
            return false;
    return true;
}

bool value_is_immutable(const struct program *p, set_id value)
{
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id id = sets_member(p->sets, value, i);
        bool named = object_at(p, id)->kind == OBJECT_INSTANCE && object_role(p, id) == ROLE_IMMUTABLE;
        if (object_is_immutable(p, id) && !named)
            continue;
        bool tuple = named || (object_at(p, id)->kind == OBJECT_MODELLED && object_role(p, id) == ROLE_TUPLE);
        if (!tuple || !holds_immutable(p, id))
            return false;
    }
    return value != 0;
}

bool value_is_code(const struct program *p, set_id value)
{
    uint32_t count = sets_count(p->sets, value);
    for (uint32_t i = 0; i < count; i++) {
        switch (object_at(p, sets_member(p->sets, value, i))->kind) {
        case OBJECT_FUNCTION:
        case OBJECT_CLASS:
        case OBJECT_MODULE:
        case OBJECT_EXTERNAL:
        case OBJECT_BOUND:
        case OBJECT_METHOD:
        case OBJECT_SUPER: break;
        default: return false;
        }
    }
    return count > 0;
}

struct str function_qualname(struct program *p, uint32_t unit, uint32_t function)
{
    const struct unit *u = &p->units.data[unit];
    struct str qualname = u->ir->names[u->ir->functions[function].qualname];
    if (qualname.len == 0)
        return u->dotted;
    if (u->qualnames[function].len == 0)
        u->qualnames[function] = arena_printf(p->arena, "%.*s.%.*s", STR_FMT(u->dotted), STR_FMT(qualname));
    return u->qualnames[function];
}

struct str object_display(struct program *p, object_id id)
{
    const struct object *o = object_at(p, id);
    switch (o->kind) {
    case OBJECT_MODULE: return p->units.data[o->a].dotted;
    case OBJECT_EXTERNAL: return name_text(p, o->a);
    case OBJECT_FUNCTION: return function_qualname(p, o->a, o->b);
    case OBJECT_CLASS: {
        const struct unit *u = &p->units.data[o->a];
        return arena_printf(p->arena, "%.*s.%.*s", STR_FMT(u->dotted),
                            STR_FMT(u->ir->names[u->ir->classes[o->b].qualname]));
    }
    case OBJECT_INSTANCE:
    case OBJECT_GENERIC:
    case OBJECT_MODELLED: return object_display(p, o->a);
    case OBJECT_BOUND: return object_display(p, o->a);
    case OBJECT_CELLS: {
        const struct context *c = p->contexts.data[o->a];
        return function_qualname(p, c->unit, c->function);
    }
    case OBJECT_PATH: return o->c != 0 ? object_display(p, o->c) : object_display(p, o->a);
    default: return STR("");
    }
}
