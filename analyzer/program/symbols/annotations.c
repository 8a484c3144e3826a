#include "program/symbols/annotations.h"

#include <string.h>

#include "program/symbols/units.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* Skips to behind the bracket that closes the one at `at`. */
static size_t skip_brackets(struct str text, size_t at)
{
    int depth = 0;
    for (; at < text.len; at++) {
        if (strchr("([{", text.ptr[at]) != NULL && text.ptr[at] != 0)
            depth++;
        if (strchr(")]}", text.ptr[at]) != NULL && text.ptr[at] != 0 && --depth == 0)
            return at + 1;
    }
    return text.len;
}

static bool is_dotted_byte(char c)
{
    return str_is_name_byte(c) || c == '.';
}

/* The object a dotted name means at module level, or UNKNOWN. */
static object_id resolve_dotted(struct program *p, uint32_t unit, struct str dotted)
{
    const struct unit *u = &p->units.data[unit];
    size_t dot = str_find(dotted, STR("."));
    struct str head = str_slice(dotted, 0, dot);
    name_id name = intern_id(p->names, head);
    object_id object = UNKNOWN_OBJECT;
    if (unit_binds(u, name)) {
        const struct field *field = heap_find(p, u->object, name);
        if (field == NULL || sets_count(p->sets, field->value) == 0)
            return UNKNOWN_OBJECT;
        for (uint32_t i = 0; i < sets_count(p->sets, field->value); i++) {
            object_id member = sets_member(p->sets, field->value, i);
            uint8_t kind = object_at(p, member)->kind;
            if (kind == OBJECT_CLASS || kind == OBJECT_MODULE || kind == OBJECT_EXTERNAL)
                object = member;
        }
    } else {
        object = object_external(p, intern_id(p->names, arena_printf(p->arena, "builtins.%.*s", STR_FMT(head))));
    }
    while (dot < dotted.len && object != UNKNOWN_OBJECT) {
        struct str rest = str_slice(dotted, dot + 1, dotted.len);
        size_t next = str_find(rest, STR("."));
        struct str part = str_slice(rest, 0, next);
        const struct object *o = object_at(p, object);
        if (o->kind == OBJECT_EXTERNAL) {
            object = object_external(p, intern_id(p->names, arena_printf(p->arena, "%.*s.%.*s",
                                                                         STR_FMT(name_text(p, o->a)), STR_FMT(part))));
        } else if (o->kind == OBJECT_MODULE || o->kind == OBJECT_CLASS) {
            const struct field *field = heap_find(p, object, intern_id(p->names, part));
            object = field != NULL && sets_count(p->sets, field->value) == 1 ? sets_member(p->sets, field->value, 0)
                                                                             : UNKNOWN_OBJECT;
        } else {
            return UNKNOWN_OBJECT;
        }
        dot = next == SIZE_MAX ? dotted.len : dot + 1 + next;
    }
    return object;
}

/* Optional, Annotated: what counts is in the brackets. */
static bool is_wrapper(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    return o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->wraps_type;
}

/* The class behind a second name: builtins.list of typing.List. */
static object_id behind_alias(struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind != OBJECT_EXTERNAL || o->model == NULL || str_equal(name_text(p, o->a), str_of(o->model->name)))
        return object;
    return object_external_named(p, o->model->name);
}

static set_id instance_value(struct program *p, object_id class_object, object_id base, name_id name)
{
    const struct object *o = object_at(p, class_object);
    if (o->kind == OBJECT_CLASS)
        return sets_one(p->sets, object_path(p, base, name, class_object));
    if (o->kind != OBJECT_EXTERNAL || o->model == NULL || o->model->is != MODEL_CLASS)
        return 0;
    if (o->model->role == ROLE_IMMUTABLE)
        return sets_one(p->sets, SCALAR_OBJECT);
    return sets_one(p->sets, object_path(p, base, name, class_object));
}

set_id annotation_value(struct program *p, uint32_t unit, struct str text, object_id base, name_id name)
{
    set_id value = 0;
    size_t at = 0;
    while (at < text.len) {
        if (!is_dotted_byte(text.ptr[at])) {
            at++;
            continue;
        }
        size_t end = at;
        while (end < text.len && is_dotted_byte(text.ptr[end]))
            end++;
        struct str dotted = str_slice(text, at, end);
        at = end;
        bool subscript = at < text.len && text.ptr[at] == '[';
        if (str_equal(dotted, STR("None"))) {
            value = sets_add(p->sets, value, NONE_OBJECT);
        } else {
            object_id object = behind_alias(p, resolve_dotted(p, unit, dotted));
            if (subscript && is_wrapper(p, object)) {
                at++; /* look at what is inside */
                continue;
            }
            if (object != UNKNOWN_OBJECT)
                value = sets_union(p->sets, value, instance_value(p, object, base, name));
        }
        if (subscript)
            at = skip_brackets(text, at);
    }
    return value;
}

set_id annotation_param(struct program *p, uint32_t unit, uint32_t function, uint32_t param)
{
    struct unit *u = &p->units.data[unit];
    uint32_t index = u->ir->functions[function].first_param + param;
    const struct ir_param *declared = &u->ir->params[index];
    if (u->param_values[index] != 0)
        return u->param_values[index];
    object_id object = object_get(p, OBJECT_FUNCTION, unit, function, 0);
    name_id name = u->names[declared->name];
    set_id value = 0;
    if (declared->annotation != 0)
        value = annotation_value(p, unit, u->ir->names[declared->annotation], object, name);
    if (value == 0)
        value = sets_one(p->sets, object_path(p, object, name, 0));
    if (declared->annotation == 0 || p->imported) /* before, a name may still get its meaning */
        u->param_values[index] = value;
    return value;
}
