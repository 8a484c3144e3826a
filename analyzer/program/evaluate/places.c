/* places: reading and writing globals, closure cells and items; deleting. */
#include "program/evaluate/frame.h"

#include "program/hazards/escapes.h"
#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

bool place_is_state(const struct program *p, object_id object)
{
    uint8_t kind = object_at(p, object)->kind;
    if (kind == OBJECT_MODELLED && object_at(p, object)->a == PLAIN_CLASS)
        return false;
    return kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC || kind == OBJECT_PATH || kind == OBJECT_MODELLED ||
           kind == OBJECT_CLASS || kind == OBJECT_MODULE || kind == OBJECT_FUNCTION || kind == OBJECT_CELLS ||
           object_is_library_state(p, object);
}

uint32_t place_read_flags(uint8_t flags)
{
    return (flags & IR_FLAG_AUGMENTED ? ACC_AUGMENTED : 0u) | (flags & IR_FLAG_CALLEE ? ACC_CALLEE : 0u);
}

set_id place_known_by_path(struct frame *f, set_id value, object_id base, name_id name)
{
    struct program *p = f->p;
    if (value != 0 && !sets_has(p->sets, value, UNKNOWN_OBJECT))
        return value;
    set_id path = sets_one(p->sets, heap_path(p, base, name));
    if (value == 0)
        return path;
    return sets_union(p->sets, sets_remove(p->sets, value, UNKNOWN_OBJECT), path);
}

bool place_is_constant(const struct frame *f, object_id holder, name_id name)
{
    const struct object *o = object_at(f->p, holder);
    if (o->kind != OBJECT_CLASS && o->kind != OBJECT_MODULE)
        return false;
    const struct field *field = heap_find(f->p, holder, name);
    if (field != NULL && field->written_later)
        return false;
    if (o->kind == OBJECT_CLASS)
        return true;
    uint64_t bound = 0; /* none: put there in some way unseen, by nobody's statement */
    return !map_get(&f->p->units.data[o->a].globals, name, &bound) || bound == GLOBAL_AT_IMPORT;
}

/* ---- globals ---- */

/* A global of unknown value with the name of a module of Python's own: what else would it be? Modules that are imported
 * before imports work, or only where they exist, come as arguments or from functions. */
static object_id module_by_name(struct frame *f, set_id value, name_id name)
{
    if (value != 0 && !sets_has(f->p->sets, value, UNKNOWN_OBJECT)) {
        for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++) {
            object_id member = sets_member(f->p->sets, value, i);
            if (object_at(f->p, member)->kind != OBJECT_PATH && member != NONE_OBJECT)
                return 0;
        }
    }
    return models_has_standard_module(f->p->models, name_text(f->p, name)) ? object_external(f->p, name) : 0;
}

struct val place_read_global(struct frame *f, name_id name, uint8_t flags)
{
    struct program *p = f->p;
    if (!unit_binds(f->u, name)) {
        set_id star = heap_read(p, f->u->object, name, f->id); /* bound by `import *` or from outside */
        if (star != 0)
            return val_of(star);
        object_id builtin = object_builtin(p, name);
        object_id module = object_at(p, builtin)->model == NULL ? module_by_name(f, 0, name) : 0;
        return val_of(sets_one(p->sets, module != 0 ? module : builtin));
    }
    set_id value = heap_read(p, f->u->object, name, f->id);
    object_id module = module_by_name(f, value, name);
    if (module != 0)
        return val_of(sets_one(p->sets, module));
    struct val v = val_of(place_known_by_path(f, value, f->u->object, name));
    if (value != 0 && value_is_code(p, value))
        return v;
    if (value_is_scalar(p, value) && place_is_constant(f, f->u->object, name))
        return v;
    struct access_info info = {.field = name, .kind = ACCESS_LOAD, .flags = place_read_flags(flags)};
    v.reads = access_read(f, &f->u->object, 1, &info);
    return v;
}

void place_write_global(struct frame *f, name_id name, const struct val *value, uint8_t flags)
{
    frame_escape(f, value->set);
    escape_registered(f, f->u->object, value->set);
    heap_write(f->p, f->u->object, name, value->set, f->c->unit, f->fn->first_op + f->op);
    struct access_info info = {
        .field = name, .kind = flags & IR_FLAG_AUGMENTED ? ACCESS_AUGMENTED : ACCESS_STORE, .flags = ACC_ATOMIC};
    access_write(f, &f->u->object, 1, &info, value);
    if (f->now.handed != 0 && !(flags & IR_FLAG_AUGMENTED))
        handoff_rebound(f, paths_step(f->p, 0, PATH_GLOBAL, name, f->c->unit));
}

/* ---- closure cells ---- */

static object_id place_cells(const struct frame *f, uint32_t function)
{
    context_id id = f->id;
    for (int i = 0; i < 64 && id != 0; i++) {
        const struct context *c = context_at(f->p, id);
        if (c->function == function && c->unit == f->c->unit)
            return context_cells(f->p, id);
        id = c->env;
    }
    return 0;
}

name_id local_name(const struct frame *f, uint32_t function, uint32_t local)
{
    const struct ir_function *fn = &f->u->ir->functions[function];
    return name_of(f, f->u->ir->locals[fn->first_local + local].name);
}

struct val place_read_cell(struct frame *f, uint32_t function, uint32_t local, uint8_t flags)
{
    object_id cells = place_cells(f, function);
    if (cells == 0)
        return val_of(sets_one(f->p->sets, UNKNOWN_OBJECT));
    name_id name = local_name(f, function, local);
    set_id value = heap_read(f->p, cells, name, f->id);
    struct val v = val_of(value != 0 ? value : sets_one(f->p->sets, UNKNOWN_OBJECT));
    if (value_is_code(f->p, value))
        return v;
    struct access_info info = {.field = name, .kind = ACCESS_LOAD, .flags = place_read_flags(flags)};
    v.reads = access_read(f, &cells, 1, &info);
    return v;
}

void place_write_cell(struct frame *f, uint32_t function, uint32_t local, const struct val *value, uint8_t flags)
{
    object_id cells = place_cells(f, function);
    if (cells == 0)
        return;
    name_id name = local_name(f, function, local);
    heap_write(f->p, cells, name, value->set, f->c->unit, f->fn->first_op + f->op);
    if (!sets_has(f->p->sets, f->now.owned, cells))
        frame_escape(f, value->set);
    struct access_info info = {
        .field = name, .kind = flags & IR_FLAG_AUGMENTED ? ACCESS_AUGMENTED : ACCESS_STORE, .flags = ACC_ATOMIC};
    access_write(f, &cells, 1, &info, value);
}

/* ---- items ---- */

struct val place_contents(struct frame *f, const struct val *container)
{
    struct program *p = f->p;
    set_id value = 0;
    uint32_t count = sets_count(p->sets, container->set);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(p->sets, container->set, i);
        if (object_at(p, object)->kind == OBJECT_SCALAR) {
            value = value_union(p, value, sets_one(p->sets, SCALAR_OBJECT));
            continue;
        }
        if (object <= SCALAR_OBJECT || !place_is_state(p, object) || object_is_library_state(p, object))
            continue;
        set_id contents = heap_read(p, object, FIELD_CONTENTS, f->id);
        if (contents == 0 && count > 1 && object_role(p, object) == ROLE_ITERATOR)
            continue; /* over the others */
        value = value_union(p, value,
                            contents != 0 ? contents : sets_one(p->sets, object_path(p, object, FIELD_CONTENTS, 0)));
    }
    return val_of(value != 0 ? value : sets_one(p->sets, UNKNOWN_OBJECT));
}

/* User classes with their own item methods are called; of the rest, those with identity are accessed as containers. */
static uint32_t item_objects(struct frame *f, const struct val *base, name_id method, const struct val *args,
                             uint32_t arg_count, struct val *result, uint32_t *objects)
{
    struct program *p = f->p;
    uint32_t count = 0, total = sets_count(p->sets, base->set);
    for (uint32_t i = 0; i < total && count < PLACE_OBJECTS_MAX; i++) {
        object_id object = sets_member(p->sets, base->set, i);
        object_id class_object = object_class(p, object);
        if (class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS) {
            struct member m = class_member(p, class_object, method, f->id);
            if (m.holder != 0 && m.model == NULL && value_is_code(p, m.value)) {
                struct val v = call_method(f, object, method, args, arg_count);
                *result = val_join(f, *result, v);
                continue;
            }
        }
        uint8_t kind = object_at(p, object)->kind;
        if (!place_is_state(p, object) || kind == OBJECT_CLASS || kind == OBJECT_FUNCTION || kind == OBJECT_MODULE)
            continue;
        if (object_role(p, object) == ROLE_TUPLE)
            continue;
        objects[count++] = object;
    }
    return count;
}

static bool is_slice(const struct frame *f, const struct val *key)
{
    return key->op < f->fn->op_count && f->ops[key->op].code == IR_NEW && f->ops[key->op].aux == IR_NEW_SLICE;
}

struct val place_read_item(struct frame *f, const struct val *base, const struct val *key, uint8_t flags)
{
    struct val result = {0};
    uint32_t objects[PLACE_OBJECTS_MAX];
    note_state(f, NOTE_LOOK, base->set);
    uint32_t count = item_objects(f, base, NAME_GETITEM, key, 1, &result, objects);
    const struct ir_op *key_op = &f->ops[key->op];
    if (key_op->code == IR_CONST && key_op->aux == IR_INT) { /* a tuple's element by number */
        for (uint32_t i = 0; i < sets_count(f->p->sets, base->set); i++) {
            object_id object = sets_member(f->p->sets, base->set, i);
            if (object_role(f->p, object) != ROLE_TUPLE)
                continue;
            name_id name =
                intern_id(f->p->names, arena_printf(f->p->arena, "#%.*s", STR_FMT(f->u->ir->names[key_op->a])));
            set_id element = heap_read(f->p, object, name, f->id);
            if (element != 0) /* the tuple never changes, but the variable that it was read from may */
                return (struct val){.set = element, .reads = base->reads, .params = base->params};
        }
    }
    struct val contents = place_contents(f, base);
    set_id slice = is_slice(f, key) ? slice_of(f, base, contents.set) : 0;
    if (result.set == 0 || count > 0)
        result.set = slice != 0 ? slice : value_union(f->p, result.set, contents.set);
    if (access_by_thread(f, key))
        access_own_found(f, contents.set);
    struct access_info info = {.field = FIELD_CONTENTS,
                               .kind = ACCESS_LOAD,
                               .flags = place_read_flags(flags) | ACC_RAISES,
                               .key = key,
                               .path = base->path};
    result.reads |= access_read(f, objects, count, &info) | base->reads | key->reads;
    result.params |= base->params | key->params;
    return result;
}

/* items[1:3] = …: what is there goes, and other elements come. One step only where these stand in a list. */
static void slice_flags(const struct frame *f, object_id container, const struct val *value, struct access_info *info)
{
    info->flags |= ACC_REMOVES | ACC_INSERTS | ACC_RESIZES;
    const struct model *type = object_type_model(f->p, container);
    if (object_role(f->p, container) != ROLE_LIST || type == NULL || !effect_is_known_other(f, value, "builtins.list"))
        return;
    info->flags &= ~(uint32_t)ACC_ATOMIC;
    info->kind = ACCESS_METHOD;
    info->model = models_member(f->p->models, type, STR("__setitem__"));
}

void place_write_item(struct frame *f, const struct val *base, const struct val *key, const struct val *value,
                      uint8_t flags)
{
    struct val ignored = {0}, args[2] = {*key, *value};
    uint32_t objects[PLACE_OBJECTS_MAX];
    note_state(f, NOTE_CHANGE, base->set);
    uint32_t count = item_objects(f, base, NAME_SETITEM, args, 2, &ignored, objects);
    bool all_owned = count > 0;
    for (uint32_t i = 0; i < count; i++)
        all_owned = all_owned && sets_has(f->p->sets, f->now.owned, objects[i]);
    if (!all_owned && !access_by_thread(f, key))
        frame_escape(f, value->set);
    for (uint32_t i = 0; i < count; i++) {
        heap_write(f->p, objects[i], FIELD_CONTENTS, value->set, f->c->unit, f->fn->first_op + f->op);
        escape_registered(f, objects[i], value->set);
    }
    struct access_info info = {.field = FIELD_CONTENTS,
                               .kind = flags & IR_FLAG_AUGMENTED ? ACCESS_AUGMENTED : ACCESS_STORE,
                               .flags = ACC_ATOMIC | ACC_INSERTS,
                               .key = key};
    if (count > 0 && (object_role(f->p, objects[0]) == ROLE_LIST || object_role(f->p, objects[0]) == ROLE_BYTEARRAY))
        info.flags &= ~(uint32_t)ACC_INSERTS;
    if (count > 0 && is_slice(f, key))
        slice_flags(f, objects[0], value, &info);
    info.path = base->path;
    access_write(f, objects, count, &info, value);
}

/* ---- deletion ---- */

void place_delete(struct frame *f, const struct ir_op *op)
{
    struct access_info info = {.kind = ACCESS_DELETE, .flags = ACC_ATOMIC | ACC_REMOVES | ACC_RAISES};
    uint32_t objects[PLACE_OBJECTS_MAX], count = 0;
    struct val key, base, ignored = {0};
    switch (op->code) {
    case IR_DELETE_GLOBAL:
        info.field = name_of(f, op->a);
        objects[count++] = f->u->object;
        break;
    case IR_DELETE_FREE:
        info.field = local_name(f, op->a, op->b);
        objects[0] = place_cells(f, op->a);
        count = objects[0] != 0;
        break;
    case IR_DELETE_ATTR:
        info.field = name_of(f, op->b);
        base = *val_at(f, op->a);
        for (uint32_t i = 0; i < sets_count(f->p->sets, base.set) && count < PLACE_OBJECTS_MAX; i++)
            if (place_is_state(f->p, sets_member(f->p->sets, base.set, i)))
                objects[count++] = sets_member(f->p->sets, base.set, i);
        break;
    case IR_DELETE_ITEM:
        base = *val_at(f, op->a);
        key = *val_at(f, op->b);
        info.field = FIELD_CONTENTS;
        info.key = &key;
        info.path = base.path;
        note_state(f, NOTE_CHANGE, base.set);
        count = item_objects(f, &base, NAME_DELITEM, &key, 1, &ignored, objects);
        break;
    default: return;
    }
    access_write(f, objects, count, &info, NULL);
}
