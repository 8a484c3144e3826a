/* attributes: what an attribute of each kind of object is, and reading and writing it. */
#include "program/evaluate/frame.h"

#include "program/hazards/escapes.h"
#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

struct attr_read {
    struct frame *f;
    name_id name;
    uint8_t flags;
    struct val value;                    /* joined over the objects */
    uint32_t objects[PLACE_OBJECTS_MAX]; /* whose field it is */
    uint32_t count;
};

static void attr_add(struct attr_read *r, set_id set)
{
    r->value.set = value_union(r->f->p, r->value.set, set);
}

static void attr_data(struct attr_read *r, object_id holder, set_id value)
{
    attr_add(r, place_known_by_path(r->f, value, holder, r->name));
    if (value != 0 && value_is_code(r->f->p, value))
        return;
    if ((value == 0 || value_is_scalar(r->f->p, value)) && place_is_constant(r->f, holder, r->name))
        return;
    if (r->count < PLACE_OBJECTS_MAX)
        r->objects[r->count++] = holder;
}

/* A function found in a class becomes a method of the receiver; a property is called. */
static void attr_bind(struct attr_read *r, object_id function, object_id receiver, object_id class_object)
{
    struct frame *f = r->f;
    struct program *p = f->p;
    const struct object *o = object_at(p, function);
    if (o->kind != OBJECT_FUNCTION) {
        attr_add(r, sets_one(p->sets, function));
        return;
    }
    if (function_has_decorator(p, o->a, o->b, "setter") || function_has_decorator(p, o->a, o->b, "deleter"))
        return;
    bool direct = f->p->units.data[o->a].ir->functions[o->b].class_index != IR_NO_INDEX;
    switch (direct ? method_kind(p, o->a, o->b) : METHOD_PLAIN) {
    case METHOD_STATIC: attr_add(r, sets_one(p->sets, function)); return;
    case METHOD_CLASS: attr_add(r, sets_one(p->sets, object_get(p, OBJECT_BOUND, function, class_object, 0))); return;
    case METHOD_PROPERTY:
    case METHOD_CACHED_PROPERTY: {
        struct call call;
        call_begin(&call, &f->ops[f->op]);
        struct val v = call_function(f, function, receiver, &call);
        r->value = val_join(f, r->value, v);
        return;
    }
    case METHOD_PLAIN: attr_add(r, sets_one(p->sets, object_get(p, OBJECT_BOUND, function, receiver, 0))); return;
    }
}

static void attr_of_member(struct attr_read *r, const struct member *m, object_id receiver, object_id class_object)
{
    struct program *p = r->f->p;
    if (m->model != NULL) {
        if (m->model->is == MODEL_METHOD) {
            object_id method = object_get(p, OBJECT_METHOD, receiver, r->name, 0);
            object_at(p, method)->model = m->model;
            attr_add(r, sets_one(p->sets, method));
        } else {
            attr_data(r, receiver, heap_read(p, receiver, r->name, r->f->id));
        }
        return;
    }
    uint32_t count = sets_count(p->sets, m->value);
    bool code = value_is_code(p, m->value);
    if (count == 1 && receiver != class_object &&
        descriptor_get(r->f, sets_member(p->sets, m->value, 0), receiver, &r->value))
        return;
    for (uint32_t i = 0; i < count && code; i++)
        attr_bind(r, sets_member(p->sets, m->value, i), receiver, class_object);
    if (!code)
        attr_data(r, m->holder, m->value);
}

/* What a new object holds that this call alone has: containers like those of other instances, but its own. */
static set_id own_parts(struct attr_read *r, object_id object, set_id general)
{
    struct frame *f = r->f;
    set_id parts = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, general); i++) {
        object_id member = sets_member(f->p->sets, general, i);
        if (object_at(f->p, member)->kind == OBJECT_MODELLED && role_is_container(object_role(f->p, member))) {
            member = object_path(f->p, object, r->name, object_class(f->p, member));
            frame_own(f, member);
        }
        parts = sets_add(f->p->sets, parts, member);
    }
    return parts;
}

static bool is_code_member(const struct program *p, const struct member *m)
{
    return m->holder != 0 && (m->model != NULL ? m->model->is == MODEL_METHOD : value_is_code(p, m->value));
}

/* Whether each thread sets an attribute of an object for itself: its class only has what a thread finds before. A
 * container in a class statement is one for all threads, though, unless they put others in its place. */
static bool is_set_by_each(const struct program *p, object_id object, const struct member *m)
{
    if (object_role(p, object) != ROLE_THREAD_LOCAL)
        return false;
    for (uint32_t i = 0; i < sets_count(p->sets, m->value); i++)
        if (role_is_container(object_role(p, sets_member(p->sets, m->value, i))))
            return false;
    return true;
}

/* What an object of the program does not have its class's __getattr__ gives: a proxy's, which makes or finds what it
 * stands for. Which attribute it is asked for it is not told. */
static bool attr_by_method(struct attr_read *r, object_id object, object_id class_object)
{
    struct frame *f = r->f;
    struct program *p = f->p;
    bool of_program = class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS;
    if (!of_program || (r->flags & IR_FLAG_AUGMENTED) || str_starts(name_text(p, r->name), STR("_")))
        return false;
    struct member m = class_member(p, class_object, NAME_GETATTR, f->id);
    if (m.holder == 0 || m.model != NULL || !value_is_code(p, m.value) ||
        str_equal(f->u->ir->names[f->fn->name], STR("__getattr__")))
        return false;
    struct val name = val_of(sets_one(p->sets, SCALAR_OBJECT));
    name.op = UINT32_MAX;
    r->value = val_join(f, r->value, call_method(f, object, NAME_GETATTR, &name, 1));
    return true;
}

static void attr_of_instance(struct attr_read *r, object_id object)
{
    struct frame *f = r->f;
    struct program *p = f->p;
    name_id name = heap_of_thread(p, object, r->name, f->c->root);
    set_id own = heap_read(p, object, name, f->id);
    object_id class_object = object_class(p, object);
    struct member m = {0};
    if (class_object != 0)
        m = class_member(p, class_object, r->name, f->id);
    bool code = is_code_member(p, &m);
    if (own == 0 && class_object != 0 && object_at(p, object)->kind != OBJECT_GENERIC &&
        object_at(p, class_object)->kind == OBJECT_CLASS) {
        /* what instances of the class hold in general: types, read by way of this object */
        set_id general = heap_read(p, object_generic(p, class_object), name, f->id);
        const struct object *o = object_at(p, object);
        if (o->kind == OBJECT_INSTANCE && o->c == 0 && sets_has(p->sets, f->now.owned, object))
            own = own_parts(r, object, general);
        else if (o->kind == OBJECT_PATH || (o->kind == OBJECT_INSTANCE && o->c == 0))
            own = general;
    }
    if (own == 0 && !code && class_object != 0)
        own = class_inherited_field(p, object, r->name, f->id);
    if (own != 0) {
        attr_data(r, object, own);
        if (!code)
            return;
        if (sets_count(p->sets, own) > 0 && !value_is(p, own, NONE_OBJECT))
            return;
    }
    if (m.holder != 0 && (code || !is_set_by_each(p, object, &m)))
        attr_of_member(r, &m, object, class_object);
    else if (own == 0 && !attr_by_method(r, object, class_object))
        attr_data(r, object, 0);
}

static void attr_of_module(struct attr_read *r, object_id object)
{
    struct frame *f = r->f;
    struct program *p = f->p;
    uint32_t unit = object_at(p, object)->a;
    set_id value = heap_read(p, object, r->name, f->id);
    if (value == 0 && p->units.data[unit].is_package) {
        uint32_t sub = units_resolve(p, unit, name_text(p, r->name), 1);
        if (sub != UINT32_MAX) {
            attr_add(r, sets_one(p->sets, p->units.data[sub].object));
            return;
        }
    }
    attr_data(r, object, value);
}

/* What something unknown is taken for that has a method of a certain name. */
enum taken_for { FOR_MAPPING, FOR_LOCK_TAKEN, FOR_LOCK_GIVEN };

/* Names that projects give to methods of mappings and locks of their own. Those that other things have as well, such as
 * clear() and update(), say nothing. */
static const struct {
    const char *name;
    enum taken_for taken_for;
} telling_methods[] = {
    {"get", FOR_MAPPING},
    {"keys", FOR_MAPPING},
    {"values", FOR_MAPPING},
    {"items", FOR_MAPPING},
    {"pop", FOR_MAPPING},
    {"popitem", FOR_MAPPING},
    {"setdefault", FOR_MAPPING},
    {"acquire", FOR_LOCK_TAKEN},
    {"lock", FOR_LOCK_TAKEN},
    {"rlock", FOR_LOCK_TAKEN},
    {"acquire_read", FOR_LOCK_TAKEN},
    {"acquire_write", FOR_LOCK_TAKEN},
    {"release", FOR_LOCK_GIVEN},
    {"unlock", FOR_LOCK_GIVEN},
    {"runlock", FOR_LOCK_GIVEN},
    {"release_read", FOR_LOCK_GIVEN},
    {"release_write", FOR_LOCK_GIVEN},
};

void attributes_prepare(struct program *p)
{
    for (size_t i = 0; i < sizeof telling_methods / sizeof *telling_methods; i++) {
        name_id name = intern_find(p->names, str_of(telling_methods[i].name));
        if (name != 0) /* the program has such a name */
            map_put(&p->telling_methods, name, telling_methods[i].taken_for);
    }
}

/* get(), keys(), pop(), setdefault() of something unknown: whatever has them is used as a mapping. */
static bool attr_of_mapping(struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    uint64_t taken_for;
    if ((r->flags & IR_FLAG_CALLEE) == 0 || !map_get(&p->telling_methods, r->name, &taken_for) ||
        taken_for != FOR_MAPPING)
        return false;
    const struct model *dict = models_find(p->models, STR("builtins.dict"));
    const struct model *member = model_member(p, dict, r->name);
    if (member == NULL)
        return false;
    object_id method = object_get(p, OBJECT_METHOD, object, r->name, 0);
    object_at(p, method)->model = member;
    attr_add(r, sets_one(p->sets, method));
    return true;
}

/* x.lock.acquire(), x.lock.unlock() of something unknown that is called a lock. */
static bool attr_of_called_lock(struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    uint64_t taken_for;
    if (!map_get(&p->telling_methods, r->name, &taken_for) || taken_for == FOR_MAPPING ||
        lock_objects(r->f, sets_one(p->sets, object)) == 0)
        return false;
    struct str name = taken_for == FOR_LOCK_TAKEN ? STR("acquire") : STR("release");
    const struct model *lock = models_find(p->models, STR("threading.Lock"));
    const struct model *member = lock != NULL ? models_member(p->models, lock, name) : NULL;
    if (member == NULL)
        return false;
    object_id bound = object_get(p, OBJECT_METHOD, object, r->name, 0);
    object_at(p, bound)->model = member;
    attr_add(r, sets_one(p->sets, bound));
    return true;
}

/* The constructor of a modelled class, to be called for an instance of a class derived from it; or type.__call__. */
static void attr_constructor(struct attr_read *r, object_id receiver, name_id name, const struct model *type)
{
    object_id method = object_get(r->f->p, OBJECT_METHOD, receiver, name, 0);
    object_at(r->f->p, method)->model = type;
    attr_add(r, sets_one(r->f->p->sets, method));
}

static void attr_of_external(struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    const struct object *o = object_at(p, object);
    if (o->model != NULL && o->model->is == MODEL_VALUE && o->model->role != ROLE_NONE) {
        const struct model *type =
            o->model->returns != NULL ? models_find(p->models, str_of(o->model->returns)) : o->model;
        const struct model *member = model_member(p, type, r->name);
        if (member != NULL && member->is == MODEL_METHOD) {
            object_id method = object_get(p, OBJECT_METHOD, object, r->name, 0);
            object_at(p, method)->model = member;
            attr_add(r, sets_one(p->sets, method));
            return;
        }
    }
    if (r->name == NAME_INIT && o->model != NULL && o->model->is == MODEL_CLASS) {
        attr_constructor(r, object, NAME_INIT, o->model);
        return;
    }
    object_id member = object_external_member(p, object, r->name);
    uint64_t module;
    bool in_namespace = map_get(&p->in_namespace, object_at(p, member)->a, &module);
    attr_add(r, sets_one(p->sets, in_namespace ? (object_id)module : member));
}

/* Something of unknown type with an attribute that one class of the module alone has is of that class: where that is a
 * lock, or the attribute is a private one and a container. Then it is worth knowing. */
static object_id typed_by_attribute(const struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    const struct object *o = object_at(p, object);
    bool unknown = o->kind == OBJECT_UNKNOWN;
    if (!unknown && (o->kind != OBJECT_PATH || o->c != 0))
        return object;
    uint32_t class_index = unit_class_with(r->f->u, r->name);
    object_id class_object = class_index != IR_NO_INDEX ? r->f->u->class_object[class_index] : 0;
    if (class_object == 0)
        return object;
    object_id typed = object_generic(p, class_object);
    bool private = !unknown && str_starts(name_text(p, r->name), STR("_"));
    set_id value = heap_read(p, typed, r->name, r->f->id);
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        enum model_role role = object_role(p, sets_member(p->sets, value, i));
        if (role_is_lock(role) || (private && role_is_container(role)))
            return typed;
    }
    return object;
}

/* Most are strings, and some are bytes or paths. */
static void attr_of_scalar(struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    uint64_t *known = map_slot(&p->members_by_name, (uint64_t)object << 32 | r->name, UINT64_MAX);
    if (*known == UINT64_MAX) {
        const struct str types[] = {STR("builtins.str"), STR("builtins.bytes"), STR("pathlib.Path")};
        const struct model *member = NULL;
        for (size_t i = 0; member == NULL && i < sizeof types / sizeof *types; i++)
            member = model_member(p, models_find(p->models, types[i]), r->name);
        *known = UNKNOWN_OBJECT;
        if (member != NULL && member->is == MODEL_METHOD) {
            *known = object_get(p, OBJECT_METHOD, object, r->name, 0);
            object_at(p, (object_id)*known)->model = member;
        }
    }
    attr_add(r, sets_one(p->sets, (object_id)*known));
}

/* What super().__new__ and cls.__new__ come to in the end. */
static void attr_plain_new(struct attr_read *r)
{
    attr_add(r, sets_one(r->f->p->sets, object_external_named(r->f->p, "builtins.object.__new__")));
}

/* super() in a method of a metaclass, whose receiver is a class. Behind all metaclasses comes `type`. */
static bool attr_after_metaclass(struct attr_read *r, object_id receiver, object_id after)
{
    struct program *p = r->f->p;
    object_id metaclass = class_metaclass(p, receiver, after);
    struct member m = class_member_after(p, metaclass, after, r->name, r->f->id);
    if (m.holder != 0 && m.model == NULL)
        attr_of_member(r, &m, receiver, metaclass);
    else if (metaclass != 0 && r->name == NAME_CALL)
        attr_constructor(r, receiver, NAME_CALL, models_find(p->models, STR("builtins.type")));
    else
        return false;
    return true;
}

static void attr_of_object(struct attr_read *r, object_id object)
{
    struct program *p = r->f->p;
    object = typed_by_attribute(r, object);
    struct object o = *object_at(p, object);
    switch ((enum object_kind)o.kind) {
    case OBJECT_INSTANCE:
    case OBJECT_GENERIC:
    case OBJECT_MODELLED: attr_of_instance(r, object); return;
    case OBJECT_PATH:
        if (o.c == 0 && (attr_of_mapping(r, object) || attr_of_called_lock(r, object)))
            return;
        attr_of_instance(r, object);
        return;
    case OBJECT_MODULE: attr_of_module(r, object); return;
    case OBJECT_EXTERNAL: attr_of_external(r, object); return;
    case OBJECT_CLASS: {
        struct member m = class_member(p, object, r->name, r->f->id);
        struct member meta = m.holder == 0 ? class_metamember(p, object, r->name, r->f->id) : (struct member){0};
        if (meta.holder != 0) {
            attr_of_member(r, &meta, object, meta.holder);
        } else if (m.holder == 0 && r->name == NAME_NEW) {
            attr_plain_new(r);
        } else if (m.holder == 0) {
            attr_data(r, object, 0);
        } else if (m.model != NULL) {
            attr_of_member(r, &m, object, object);
        } else if (value_is_code(p, m.value)) {
            for (uint32_t i = 0; i < sets_count(p->sets, m.value); i++) {
                object_id member = sets_member(p->sets, m.value, i);
                const struct object *fn = object_at(p, member);
                if (fn->kind == OBJECT_FUNCTION && method_kind(p, fn->a, fn->b) == METHOD_CLASS)
                    member = object_get(p, OBJECT_BOUND, member, object, 0);
                attr_add(r, sets_one(p->sets, member));
            }
        } else {
            attr_data(r, m.holder, m.value);
        }
        return;
    }
    case OBJECT_SUPER: {
        object_id class_object = object_at(p, o.b)->kind == OBJECT_CLASS ? o.b : object_class(p, o.b);
        struct member m = class_member_after(p, class_object, o.a, r->name, r->f->id);
        const struct model *type = object_type_model(p, o.b);
        if (m.holder != 0)
            attr_of_member(r, &m, o.b, class_object);
        else if (attr_after_metaclass(r, o.b, o.a))
            return;
        else if (r->name == NAME_INIT && type != NULL)
            attr_constructor(r, o.b, NAME_INIT, type);
        else if (r->name == NAME_NEW)
            attr_plain_new(r);
        else
            attr_add(r, sets_one(p->sets, UNKNOWN_OBJECT));
        return;
    }
    case OBJECT_SCALAR: attr_of_scalar(r, object); return;
    case OBJECT_FUNCTION: attr_data(r, object, heap_read(p, object, r->name, r->f->id)); return;
    default: attr_add(r, sets_one(p->sets, UNKNOWN_OBJECT)); return;
    }
}

struct val place_read_attr(struct frame *f, const struct val *base, name_id name, uint8_t flags)
{
    struct attr_read r = {.f = f, .name = name, .flags = flags};
    set_id bases = base->set;
    note_attribute(f, NOTE_LOCAL_READ, bases, name);
    uint32_t count = sets_count(f->p->sets, bases);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(f->p->sets, bases, i);
        if (object != NONE_OBJECT)
            attr_of_object(&r, object);
    }
    if (name == NAME_CLASS_ATTR) {
        set_id classes = 0;
        for (uint32_t i = 0; i < count; i++) {
            object_id class_object = object_class(f->p, sets_member(f->p->sets, bases, i));
            if (class_object != 0)
                classes = sets_add(f->p->sets, classes, class_object);
        }
        if (classes != 0)
            return val_of(classes);
    }
    if (r.value.set == 0)
        r.value.set = sets_one(f->p->sets, UNKNOWN_OBJECT);
    for (uint32_t i = 0; i < r.count; i++)
        escape_own_read(f, r.objects[i], name);
    if (r.count > 0) {
        struct access_info info = {
            .field = name, .kind = ACCESS_LOAD, .flags = place_read_flags(flags), .path = base->path};
        r.value.reads |= access_read(f, r.objects, r.count, &info);
    }
    r.value.reads |= base->reads; /* what is found there depends on which object that was */
    r.value.params |= base->params;
    return r.value;
}

static object_id attr_write_target(struct frame *f, object_id object)
{
    return place_is_state(f->p, object) || object_at(f->p, object)->kind == OBJECT_EXTERNAL ? object : 0;
}

void place_write_attr(struct frame *f, const struct val *base, name_id name, const struct val *value, uint8_t flags)
{
    struct program *p = f->p;
    uint32_t objects[PLACE_OBJECTS_MAX], count = 0;
    uint32_t total = sets_count(p->sets, base->set);
    bool all_owned = true;
    note_attribute(f, NOTE_LOCAL_SET, base->set, name);
    for (uint32_t i = 0; i < total && count < PLACE_OBJECTS_MAX; i++) {
        object_id object = attr_write_target(f, sets_member(p->sets, base->set, i));
        if (object == 0)
            continue;
        if (descriptor_set(f, object, name, value))
            continue;
        all_owned = all_owned && sets_has(p->sets, f->now.owned, object);
        objects[count++] = object;
    }
    if (!all_owned || count == 0)
        frame_escape(f, value->set);
    for (uint32_t i = 0; i < count; i++) {
        heap_write(p, objects[i], heap_of_thread(p, objects[i], name, f->c->root), value->set, f->c->unit,
                   f->fn->first_op + f->op);
        escape_stored(f, objects[i], name);
        uint8_t kind = object_at(p, objects[i])->kind;
        if (kind == OBJECT_MODULE || kind == OBJECT_CLASS)
            escape_registered(f, objects[i], value->set);
        if (kind == OBJECT_MODULE || kind == OBJECT_CLASS)
            heap_written_later(p, objects[i], name);
    }
    struct access_info info = {
        .field = name, .kind = flags & IR_FLAG_AUGMENTED ? ACCESS_AUGMENTED : ACCESS_STORE, .flags = ACC_ATOMIC};
    info.path = base->path;
    access_write(f, objects, count, &info, value);
    if (f->now.handed != 0 && !(flags & IR_FLAG_AUGMENTED))
        handoff_rebound(f, paths_step(p, base->path, PATH_ATTR, name, 0));
}
