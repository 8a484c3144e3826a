#include "program/threads/named.h"

#include "ir/opcodes.h"
#include "program/symbols/units.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* A module's body, followed backwards from what the variable gets. */
struct backwards {
    struct program *p;
    uint32_t unit;
    const struct ir_module *ir;
    struct map values; /* ir_value -> 1: part of what the variable holds */
    struct map names;  /* index of a module name -> 1: the variable, and those that it is made from */
    set_id found;
};

/* What a dotted name means: a class or a function of some module. */
static void add_meant(struct backwards *b, struct str dotted)
{
    struct program *p = b->p;
    size_t dot = str_rfind_char(dotted, '.');
    uint32_t unit = dot == SIZE_MAX ? UINT32_MAX : units_resolve(p, b->unit, str_slice(dotted, 0, dot), 0);
    name_id name = unit == UINT32_MAX ? 0 : intern_find(p->names, str_slice(dotted, dot + 1, dotted.len));
    set_id value = name == 0 ? 0 : heap_read(p, p->units.data[unit].object, name, 0);
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id object = sets_member(p->sets, value, i);
        uint8_t kind = object_at(p, object)->kind;
        if (kind == OBJECT_CLASS || kind == OBJECT_FUNCTION)
            b->found = sets_add(p->sets, b->found, object);
    }
}

static void need(struct backwards *b, ir_value value)
{
    if (value != 0)
        map_put(&b->values, value, 1);
}

static void need_arguments(struct backwards *b, const struct ir_op *op)
{
    for (uint32_t i = 0; i < op->c; i++)
        need(b, b->ir->args[op->b + i].value);
}

/* Whether a call is one of a method of a variable that is followed: MIDDLEWARE.append(…). */
static bool changes_variable(const struct backwards *b, const struct ir_op *first, const struct ir_op *call)
{
    ir_value wanted = call->a;
    bool method = false;
    for (const struct ir_op *op = call; op-- > first;) {
        if (op->result != wanted)
            continue;
        if (op->code == IR_READ_GLOBAL)
            return method && map_get(&b->names, op->a, NULL);
        if (op->code != IR_READ_ATTR || method)
            return false;
        method = true;
        wanted = op->a;
    }
    return false;
}

static void step_back(struct backwards *b, const struct ir_op *first, const struct ir_op *op)
{
    bool needed = op->result != 0 && map_get(&b->values, op->result, NULL);
    switch (op->code) {
    case IR_WRITE_GLOBAL:
        if (map_get(&b->names, op->a, NULL))
            need(b, op->b);
        break;
    case IR_CALL:
        if (needed || changes_variable(b, first, op))
            need_arguments(b, op);
        break;
    case IR_NEW:
        if (needed)
            need_arguments(b, op);
        break;
    case IR_BINARY:
    case IR_INPLACE:
        if (needed)
            need(b, op->a), need(b, op->b);
        break;
    case IR_READ_GLOBAL:
        if (needed)
            map_put(&b->names, op->a, 1);
        break;
    case IR_CONST:
        if (needed && op->aux == IR_STRING)
            add_meant(b, b->ir->names[op->a]);
        break;
    default: break;
    }
}

set_id named_objects(struct program *p, struct str variable)
{
    struct backwards b = {.p = p};
    name_id name = intern_find(p->names, variable);
    for (b.unit = 0; name != 0 && b.unit < p->units.len; b.unit++) {
        const struct unit *u = &p->units.data[b.unit];
        b.ir = u->ir;
        const struct ir_op *first = b.ir->ops + b.ir->functions[0].first_op;
        map_clear(&b.values);
        map_clear(&b.names);
        for (uint32_t i = 0; i < b.ir->name_count && !b.ir->is_stub; i++)
            if (u->names[i] == name)
                map_put(&b.names, i, 1);
        for (uint32_t i = b.names.len > 0 ? b.ir->functions[0].op_count : 0; i-- > 0;)
            step_back(&b, first, &first[i]);
    }
    map_release(&b.values);
    map_release(&b.names);
    return b.found;
}
