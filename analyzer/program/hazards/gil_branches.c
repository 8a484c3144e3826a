/* gil_branches: code that takes or makes a lock only where there is no GIL, or only where there is one (RL801). With
 * the GIL, several steps are no more one than without it. */
#include "program/hazards/gil_branches.h"

#include <stdio.h>

#include "ir/opcodes.h"
#include "program/values/objects.h"

/* The code of one function, and of its module. */
struct code {
    const struct program *p;
    const struct ir_module *ir;
    const struct ir_function *fn;
};

#define DEPTH_MAX 8 /* steps from a condition to what it asks */

static const struct ir_op *op_of_value(const struct code *code, ir_value value)
{
    for (uint32_t i = 0; value != 0 && i < code->fn->op_count; i++)
        if (code->ir->ops[code->fn->first_op + i].result == value)
            return &code->ir->ops[code->fn->first_op + i];
    return NULL;
}

/* Whether a name is one that a model calls a question about the GIL: sys._is_gil_enabled. */
static bool asks_by_name(const struct code *code, ir_name name)
{
    return models_asks_gil(code->p->models, code->ir->names[name]);
}

static bool asks(const struct code *code, ir_value value, int depth);

/* Whether a variable of the module, or of the function, is bound to the answer. */
static bool variable_asks(const struct code *code, const struct ir_op *read, int depth)
{
    struct code in = *code;
    if (read->code == IR_READ_GLOBAL)
        in.fn = &code->ir->functions[0];
    for (uint32_t i = 0; i < in.fn->op_count; i++) {
        const struct ir_op *op = &in.ir->ops[in.fn->first_op + i];
        bool binds = read->code == IR_READ_GLOBAL ? op->code == IR_WRITE_GLOBAL : op->code == IR_BIND;
        if (binds && op->a == read->a && asks(&in, op->b, depth + 1))
            return true;
    }
    return false;
}

/* Whether a value comes from asking about the GIL: the call itself, `not`, bool() or a variable that holds it. */
static bool asks(const struct code *code, ir_value value, int depth)
{
    const struct ir_op *op = depth < DEPTH_MAX ? op_of_value(code, value) : NULL;
    if (op == NULL)
        return false;
    switch (op->code) {
    case IR_UNARY: return asks(code, op->a, depth + 1);
    case IR_COMPARE: return asks(code, op->a, depth + 1) || asks(code, op->b, depth + 1);
    case IR_CONST: return op->aux == IR_STRING && asks_by_name(code, op->a); /* getattr(sys, "_is_gil_enabled") */
    case IR_READ_ATTR: return asks_by_name(code, op->b);
    case IR_READ_GLOBAL: return asks_by_name(code, op->a) || variable_asks(code, op, depth);
    case IR_LOCAL: return variable_asks(code, op, depth);
    case IR_CALL:
        if (asks(code, op->a, depth + 1))
            return true;
        for (uint32_t i = 0; i < op->c; i++)
            if (asks(code, code->ir->args[op->b + i].value, depth + 1))
                return true;
        return false;
    default: return false;
    }
}

/* Whether an instruction takes a lock, or makes one. */
static bool locks(const struct code *code, const struct ir_op *op)
{
    if (op->code != IR_READ_ATTR && op->code != IR_READ_GLOBAL)
        return op->code == IR_WITH;
    struct str name = code->ir->names[op->code == IR_READ_ATTR ? op->b : op->a];
    const struct model *lock = models_find(code->p->models, STR("threading.Lock"));
    const struct model *method = models_member(code->p->models, lock, name);
    char qualified[64];
    int length = snprintf(qualified, sizeof qualified, "threading.%.*s", STR_FMT(name));
    bool fits = length > 0 && (size_t)length < sizeof qualified;
    const struct model *made = fits ? models_find(code->p->models, str_of(qualified)) : NULL;
    return (method != NULL && (method->effects & EFFECT_ACQUIRE)) ||
           (made != NULL && role_is_lock((enum model_role)made->role));
}

/* Whether one side of an `if` locks, and the other does not. */
static bool locks_on_one_side(const struct code *code, uint32_t at)
{
    bool then = false, otherwise = false, in_else = false;
    uint32_t depth = 0;
    for (uint32_t i = at + 1; i < code->fn->op_count; i++) {
        const struct ir_op *op = &code->ir->ops[code->fn->first_op + i];
        if (op->code == IR_END && depth-- == 0)
            break;
        if (op->code == IR_ELSE && depth == 0)
            in_else = true;
        depth += ir_opens(op->code);
        if (locks(code, op))
            *(in_else ? &otherwise : &then) = true;
    }
    return then != otherwise;
}

void gil_branches_find(const struct program *p, uint32_t unit, gil_branch_fn *found, void *data)
{
    const struct ir_module *ir = p->units.data[unit].ir;
    for (uint32_t k = 0; k < ir->function_count; k++) {
        struct code code = {p, ir, &ir->functions[k]};
        for (uint32_t i = 0; i < code.fn->op_count; i++) {
            const struct ir_op *op = &ir->ops[code.fn->first_op + i];
            if (op->code == IR_IF && asks(&code, op->a, 0) && locks_on_one_side(&code, i))
                found(data, k, op_of_value(&code, op->a)->span);
        }
    }
}
