#include "program/values/heap.h"

#include "base/hash.h"
#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

static struct field *field_search(const struct program *p, object_id object, name_id name, uint64_t hash)
{
    struct index_probe probe;
    for (uint32_t i = index_first(&p->field_index, hash, &probe); i != INDEX_NONE;
         i = index_next(&p->field_index, &probe)) {
        struct field *field = &p->fields.data[i];
        if (field->object == object && field->name == name)
            return field;
    }
    return NULL;
}

struct field *heap_find(const struct program *p, object_id object, name_id name)
{
    return field_search(p, object, name, hash_mix(object, name));
}

static struct field *heap_field(struct program *p, object_id object, name_id name)
{
    uint64_t hash = hash_mix(object, name);
    struct field *found = field_search(p, object, name, hash);
    if (found != NULL)
        return found;
    struct object *o = object_at(p, object);
    struct field field = {.object = object, .name = name, .next = o->first_field, .unit = UINT32_MAX};
    o->first_field = (uint32_t)p->fields.len;
    index_add(&p->field_index, hash, o->first_field);
    vec_push(&p->fields, field);
    return &vec_last(&p->fields);
}

set_id heap_read(struct program *p, object_id object, name_id name, context_id reader)
{
    const struct field *field = heap_field(p, object, name);
    return heap_read_field(p, (uint32_t)(field - p->fields.data), reader);
}

object_id heap_path(struct program *p, object_id object, name_id name)
{
    struct field *field = heap_field(p, object, name);
    if (field->path == 0)
        field->path = object_path(p, object, name, 0);
    return field->path;
}

set_id heap_read_field(struct program *p, uint32_t index, context_id reader)
{
    struct field *field = &p->fields.data[index];
    if (reader != 0 && context_may_run(p, reader)) {
        uint32_t first = field->first_reader;
        if (first == 0 || p->readers.data[first].context != reader) {
            field->first_reader = (uint32_t)p->readers.len;
            vec_push(&p->readers, ((struct reader){reader, first}));
        }
    }
    return field->value;
}

name_id heap_element(struct program *p, uint32_t index)
{
    if (index < NAME_COUNT - NAME_ELEMENT_0)
        return NAME_ELEMENT_0 + index;
    return intern_id(p->names, arena_printf(p->arena, "#%u", index));
}

name_id heap_of_thread(struct program *p, object_id object, name_id name, root_id root)
{
    if (p->roots.data[root].kind != THREAD_SPAWNED || object_role(p, object) != ROLE_THREAD_LOCAL)
        return name;
    return intern_id(p->names, arena_printf(p->arena, "%.*s@%u", STR_FMT(name_text(p, name)), root));
}

/* Where elements stand that are taken out one by one: lists, sets, what they are made from. */
static bool is_pile(const struct program *p, object_id object)
{
    enum model_role role = object_role(p, object);
    return role == ROLE_LIST || role == ROLE_DEQUE || role == ROLE_SET || role == ROLE_ITERATOR || role == ROLE_QUEUE;
}

static bool may_have_home(const struct object *o)
{
    return (o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE) && o->home == 0;
}

/* The first field that an object is stored in is its home: it says whose state the object belongs to. What a call packs
 * its arguments into is a home for them once it is stored itself. */
static void heap_set_home(struct program *p, object_id object, name_id name, set_id value)
{
    bool pile = is_pile(p, object);
    const struct object *holder = object_at(p, object);
    if (object_is_packed(holder) && holder->home == 0)
        return;
    uint32_t count = sets_count(p->sets, value);
    for (uint32_t i = 0; i < count; i++) {
        object_id member = sets_member(p->sets, value, i);
        struct object *o = object_at(p, member);
        bool first = may_have_home(o) && member != object;
        if (o->kind == OBJECT_PATH && object_role(p, object) == ROLE_THREAD_LOCAL)
            o->home = object;
        if (first) {
            o->home = object;
            o->home_field = name;
        }
        if (!pile)
            o->flags |= OBJECT_KEPT;
        for (uint32_t k = first && object_is_packed(o) ? o->first_field : 0; k != 0; k = p->fields.data[k].next)
            heap_set_home(p, member, p->fields.data[k].name, p->fields.data[k].value);
    }
}

void heap_write(struct program *p, object_id object, name_id name, set_id value, uint32_t unit, uint32_t op)
{
    if (object == UNKNOWN_OBJECT || object == NONE_OBJECT || object == SCALAR_OBJECT || object == THREAD_ID_OBJECT)
        return;
    struct field *field = heap_field(p, object, name);
    if (field->unit == UINT32_MAX && unit != UINT32_MAX) {
        field->unit = unit;
        field->op = op;
    }
    set_id grown = value_union(p, field->value, value);
    if (grown == field->value)
        return;
    if (field->value == 0 && object_at(p, object)->kind == OBJECT_CLASS)
        p->classes_version++;
    field->value = grown;
    heap_set_home(p, object, name, value);
    uint32_t reader = heap_find(p, object, name)->first_reader;
    for (; reader != 0; reader = p->readers.data[reader].next)
        context_enqueue(p, p->readers.data[reader].context);
}

void heap_written_later(struct program *p, object_id object, name_id name)
{
    struct field *field = heap_field(p, object, name);
    if (field->written_later)
        return;
    field->written_later = true;
    for (uint32_t r = field->first_reader; r != 0; r = p->readers.data[r].next)
        context_enqueue(p, p->readers.data[r].context);
}

#define WALK_MAX 4096

/* Notes an object that a walk has come to, unless it is known already. */
static void walk_meet(struct program *p, object_id id, uint32_t *met)
{
    struct object *o = object_at(p, id);
    if (o->walk == p->walks)
        return;
    o->walk = p->walks;
    ++*met;
    vec_push(&p->walk_work, id);
}

void heap_walk(struct program *p, object_id from, bool (*visit)(struct program *p, object_id object, void *data),
               void *data)
{
    uint32_t met = 0;
    p->walks++;
    vec_clear(&p->walk_work);
    walk_meet(p, from, &met);
    while (p->walk_work.len > 0 && met < WALK_MAX) {
        object_id id = vec_pop(&p->walk_work);
        if (!visit(p, id, data))
            continue;
        const struct object *o = object_at(p, id);
        object_id parts[2] = {0, 0};
        if (o->kind == OBJECT_BOUND || o->kind == OBJECT_SUPER)
            parts[0] = o->a, parts[1] = o->b;
        if (o->kind == OBJECT_METHOD)
            parts[0] = o->a;
        if (o->kind == OBJECT_FUNCTION && o->c != 0)
            parts[0] = context_cells(p, o->c);
        if (o->kind == OBJECT_CELLS && p->contexts.data[o->a]->env != 0)
            parts[0] = context_cells(p, p->contexts.data[o->a]->env);
        for (int i = 0; i < 2; i++)
            if (parts[i] != 0)
                walk_meet(p, parts[i], &met);
        for (uint32_t f = object_at(p, id)->first_field; f != 0; f = p->fields.data[f].next) {
            set_id value = p->fields.data[f].value;
            for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
                object_id next = sets_member(p->sets, value, i);
                if (next >= 3)
                    walk_meet(p, next, &met);
            }
        }
    }
}
