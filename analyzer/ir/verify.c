#include "racelint/ir.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "ir/opcodes.h"

/* A region that is open at the instruction being checked. */
struct open_region {
    uint32_t opener; /* the instruction that opened it */
    uint32_t clause; /* the one that began its present clause */
    uint32_t id;     /* of the present clause, in `closed` */
    bool tested;     /* of a LOOP: its TEST was seen */
    bool in_loop;    /* break and continue have a loop to leave */
};

struct verifier {
    const struct ir_module *module;
    struct str *message; /* where the first violation goes */
    bool failed;
    uint32_t function;                /* being checked */
    const struct ir_function *record; /* what the module says of it */
    uint32_t op;                      /* being checked, or IR_NO_INDEX where none is */
    VEC(struct open_region) regions;  /* innermost last */
    VEC(bool) closed;                 /* by clause id: nothing defined in it can be seen any more; 0 is the function */
    VEC(uint32_t) homes;              /* by value: the clause it was defined in; IR_NO_INDEX while it is not */
    uint32_t defined;                 /* how many values of the function are */
};

__attribute__((format(printf, 2, 3), cold)) static void fail(struct verifier *v, const char *format, ...)
{
    char text[200];
    va_list args;

    if (v->failed) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    v->failed = true;
    if (v->op != IR_NO_INDEX) {
        *v->message = arena_printf(
            v->module->arena, "function %u, instruction %u (%s): %s", v->function, v->op,
            v->module->ops[v->op].code < IR_OPCODE_COUNT ? ir_opcode_text(v->module->ops[v->op].code) : "?", text);
    } else {
        *v->message = arena_printf(v->module->arena, "function %u: %s", v->function, text);
    }
}

static bool in_range(uint32_t first, uint32_t count, uint32_t limit)
{
    return first <= limit && count <= limit - first;
}

/* Turns to a function. */
static void function_begin(struct verifier *v, uint32_t function)
{
    v->function = function;
    v->record = &v->module->functions[function];
}

static void check_name(struct verifier *v, ir_name name, const char *what)
{
    if (name >= v->module->name_count) {
        fail(v, "%s %u of %u names", what, name, v->module->name_count);
    }
}

/* ---- tables ---- */

static void check_params(struct verifier *v)
{
    const struct ir_function *function = v->record;

    if (function->param_count > function->local_count) {
        fail(v, "%u parameters but %u locals", function->param_count, function->local_count);
        return;
    }
    for (uint32_t i = 0; i < function->param_count; i++) {
        const struct ir_param *param = &v->module->params[function->first_param + i];
        check_name(v, param->name, "parameter name");
        check_name(v, param->annotation, "annotation");
        if (param->kind > IR_PARAM_DOUBLE_STAR) {
            fail(v, "parameter %u has kind %u", i, param->kind);
        }
        if (param->local != i || !(v->module->locals[function->first_local + i].flags & IR_LOCAL_PARAM)) {
            fail(v, "parameter %u is local %u", i, param->local);
        }
    }
    for (uint32_t i = 0; i < function->local_count; i++) {
        const struct ir_local_info *local = &v->module->locals[function->first_local + i];
        check_name(v, local->name, "local name");
        if (i >= function->param_count && (local->flags & IR_LOCAL_PARAM)) {
            fail(v, "local %u says that it is a parameter", i);
        }
    }
}

static void check_list(struct verifier *v, uint32_t first, uint32_t count)
{
    if (!in_range(first, count, v->module->names_list_count)) {
        fail(v, "decorators %u + %u of %u", first, count, v->module->names_list_count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        check_name(v, v->module->names_list[first + i], "decorator");
    }
}

static void check_record(struct verifier *v)
{
    const struct ir_module *module = v->module;
    const struct ir_function *function = v->record;

    if ((v->function == 0) != (function->kind == IR_FN_MODULE) || function->kind > IR_FN_CLASS_BODY) {
        fail(v, "kind %u", function->kind);
    }
    if (v->function == 0 ? function->parent != IR_NO_INDEX : function->parent >= v->function) {
        fail(v, "parent %u", function->parent);
    }
    if (function->class_index != IR_NO_INDEX && function->class_index >= module->class_count) {
        fail(v, "class %u of %u", function->class_index, module->class_count);
    }
    if (!in_range(function->first_op, function->op_count, module->op_count) ||
        !in_range(function->first_param, function->param_count, module->param_count) ||
        !in_range(function->first_local, function->local_count, module->local_count)) {
        fail(v, "its run lies outside of the tables");
        return;
    }
    check_name(v, function->name, "name");
    check_name(v, function->qualname, "qualified name");
    check_name(v, function->returns, "result annotation");
    check_list(v, function->first_decorator, function->decorator_count);
    check_params(v);
}

static void check_classes(struct verifier *v)
{
    const struct ir_module *module = v->module;

    for (uint32_t i = 0; i < module->class_count && !v->failed; i++) {
        const struct ir_class *class = &module->classes[i];
        check_name(v, class->name, "class name");
        check_name(v, class->qualname, "qualified class name");
        check_list(v, class->first_decorator, class->decorator_count);
        if (class->body >= module->function_count || module->functions[class->body].kind != IR_FN_CLASS_BODY ||
            module->functions[class->body].class_index != i || class->parent != module->functions[class->body].parent) {
            fail(v, "class %u has body %u", i, class->body);
        }
    }
}

/* What a function has of one table. */
struct run {
    uint32_t first, count;
    uint32_t function;
};

static int compare_runs(const void *left, const void *right)
{
    const struct run *a = left, *b = right;

    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : (a->function > b->function) - (a->function < b->function);
}

/* Puts runs in order, and fails where two of them have an element in common. */
static void check_runs(struct verifier *v, struct run *runs, size_t count)
{
    qsort(runs, count, sizeof *runs, compare_runs);
    for (size_t i = 1; i < count && !v->failed; i++) {
        if (runs[i].first - runs[i - 1].first < runs[i - 1].count) {
            v->function = runs[i].function > runs[i - 1].function ? runs[i].function : runs[i - 1].function;
            fail(v, "it shares a run with another function");
        }
    }
}

/* No instruction, local or parameter belongs to two functions. */
static void check_disjoint(struct verifier *v)
{
    const struct ir_module *module = v->module;
    struct run *ops = memory_new(3 * (size_t)module->function_count * sizeof *ops);
    struct run *locals = ops + module->function_count;
    struct run *params = locals + module->function_count;
    size_t op_runs = 0, local_runs = 0, param_runs = 0; /* without those that are empty */

    for (uint32_t i = 0; i < module->function_count; i++) {
        const struct ir_function *function = &module->functions[i];
        ops[op_runs] = (struct run){function->first_op, function->op_count, i};
        op_runs += function->op_count > 0;
        locals[local_runs] = (struct run){function->first_local, function->local_count, i};
        local_runs += function->local_count > 0;
        params[param_runs] = (struct run){function->first_param, function->param_count, i};
        param_runs += function->param_count > 0;
    }
    check_runs(v, ops, op_runs);
    check_runs(v, locals, local_runs);
    check_runs(v, params, param_runs);
    free(ops);
}

/* ---- operands ---- */

/* Says what is wrong with the use of a value, if anything. */
static void explain_use(struct verifier *v, ir_value value)
{
    if (value == 0 || value >= v->record->value_count) {
        fail(v, "value %u of %u", value, v->record->value_count);
    } else if (v->homes.data[value] == IR_NO_INDEX) {
        fail(v, "value %u is used before it is defined", value);
    } else if (v->closed.data[v->homes.data[value]]) {
        fail(v, "value %u was defined in a clause that has ended", value);
    }
}

static inline void check_use(struct verifier *v, ir_value value)
{
    uint32_t home = value < v->record->value_count ? v->homes.data[value] : IR_NO_INDEX; /* value 0 has none */

    if (home == IR_NO_INDEX || v->closed.data[home]) {
        explain_use(v, value);
    }
}

static void check_args(struct verifier *v, const struct ir_op *op)
{
    if (!in_range(op->b, op->c, v->module->arg_count)) {
        fail(v, "arguments %u + %u of %u", op->b, op->c, v->module->arg_count);
        return;
    }
    for (uint32_t i = 0; i < op->c; i++) {
        const struct ir_arg *arg = &v->module->args[op->b + i];
        check_use(v, arg->value);
        check_name(v, arg->keyword, "keyword");
        if (arg->kind > IR_ARG_DOUBLE_STAR) {
            fail(v, "argument %u has kind %u", i, arg->kind);
        }
    }
}

/* Of a closure cell: the owner must be around this function, and know that the local is captured. */
static void check_free(struct verifier *v, const struct ir_op *op)
{
    const struct ir_module *module = v->module;
    uint32_t owner = v->record->parent;

    while (owner != IR_NO_INDEX && owner != op->a) {
        owner = module->functions[owner].parent;
    }
    if (owner == IR_NO_INDEX) {
        fail(v, "function %u is not around this one", op->a);
    } else if (op->b >= module->functions[owner].local_count) {
        fail(v, "local %u of %u of function %u", op->b, module->functions[owner].local_count, owner);
    } else if (!(module->locals[module->functions[owner].first_local + op->b].flags & IR_LOCAL_CAPTURED)) {
        fail(v, "local %u of function %u is not marked as captured", op->b, owner);
    }
}

static void check_function(struct verifier *v, uint32_t function)
{
    if (function >= v->module->function_count) {
        fail(v, "function %u of %u", function, v->module->function_count);
    } else if (v->module->functions[function].parent != v->function) {
        fail(v, "function %u is made outside of its parent", function);
    }
}

static void check_class(struct verifier *v, uint32_t class)
{
    if (class >= v->module->class_count) {
        fail(v, "class %u of %u", class, v->module->class_count);
    } else if (v->module->classes[class].parent != v->function) {
        fail(v, "class %u is made outside of its parent", class);
    }
}

/* Operands of the less common kinds. */
static void check_other_operand(struct verifier *v, const struct ir_op *op, unsigned which, unsigned kind,
                                uint32_t value)
{
    switch (kind) {
    case IR_OPERAND_OPTVAL:
        if (value != 0) {
            check_use(v, value);
        }
        break;
    case IR_OPERAND_LOCAL: /* local b of function a is check_free's */
        if (which == 0 && value >= v->record->local_count) {
            fail(v, "local %u of %u", value, v->record->local_count);
        }
        break;
    case IR_OPERAND_FUNC:
        if (op->code == IR_FUNCTION) {
            check_function(v, value);
        } else {
            check_free(v, op);
        }
        break;
    case IR_OPERAND_CLASS: check_class(v, value); break;
    case IR_OPERAND_ARGS:
        if (which == 1) {
            check_args(v, op);
        }
        break;
    default: /* NEXT is checked when the next clause comes */ break;
    }
}

static inline void check_operand(struct verifier *v, const struct ir_op *op, unsigned which, unsigned kind,
                                 uint32_t value)
{
    if (kind == IR_OPERAND_NONE) {
        if (value != 0) {
            fail(v, "operand %u is %u but should be empty", which, value);
        }
    } else if (kind == IR_OPERAND_VALUE) {
        check_use(v, value);
    } else if (kind == IR_OPERAND_NAME) {
        check_name(v, value, "name");
    } else {
        check_other_operand(v, op, which, kind, value);
    }
}

static bool in_interval(unsigned value, unsigned first, unsigned last)
{
    return value >= first && value <= last;
}

static bool aux_is_valid(const struct ir_op *op)
{
    switch (op->code) {
    case IR_CONST: return op->aux < IR_CONST_COUNT;
    case IR_NEW: return op->aux < IR_NEW_COUNT;
    case IR_MATCHES: return op->aux < IR_PATTERN_COUNT;
    case IR_BINARY:
    case IR_INPLACE: return in_interval(op->aux, IR_OP_ADD, IR_OP_RSHIFT);
    case IR_UNARY: return in_interval(op->aux, IR_OP_NEG, IR_OP_NOT);
    case IR_COMPARE: return in_interval(op->aux, IR_OP_EQ, IR_OP_IS_NOT);
    case IR_UNPACK:
    case IR_IMPORT_FROM:
    case IR_IMPORT_STAR: return true;
    default: return op->aux == 0;
    }
}

static void check_result(struct verifier *v, const struct ir_op *op, bool has_result)
{
    if (!has_result) {
        if (op->result != 0) {
            fail(v, "it has no result but says %u", op->result);
        }
    } else if (op->result == 0 || op->result >= v->record->value_count) {
        fail(v, "result %u of %u", op->result, v->record->value_count);
    } else if (v->homes.data[op->result] != IR_NO_INDEX) {
        fail(v, "value %u is defined twice", op->result);
    } else {
        v->homes.data[op->result] = v->regions.len > 0 ? vec_last(&v->regions).id : 0;
        v->defined++;
    }
}

/* ---- regions ---- */

static uint32_t clause_new(struct verifier *v)
{
    vec_push(&v->closed, false);
    return (uint32_t)v->closed.len - 1;
}

/* Whether a clause of this code may follow another within a region. */
static bool may_follow(unsigned opener, unsigned before, unsigned code)
{
    switch (code) {
    case IR_ELSE: return (before == opener && opener != IR_WITH) || before == IR_EXCEPT;
    case IR_EXCEPT: return before == IR_TRY || before == IR_EXCEPT;
    case IR_FINALLY: return opener == IR_TRY && before != IR_FINALLY;
    default: return true;
    }
}

/* Ends the present clause of the innermost region, which must be told of the instruction that does so. */
static void end_clause(struct verifier *v, unsigned code)
{
    const struct ir_module *module = v->module;

    if (v->regions.len == 0) {
        fail(v, "no region is open");
        return;
    }
    struct open_region *region = &vec_last(&v->regions);
    unsigned opener = module->ops[region->opener].code;
    unsigned before = module->ops[region->clause].code;
    if (module->ops[region->clause].c != v->op) {
        fail(v, "the clause before says that %u comes next", module->ops[region->clause].c);
    }
    if (!may_follow(opener, before, code)) {
        fail(v, "it cannot follow %s", ir_opcode_text(before));
    }
    if (before == IR_LOOP && !region->tested) {
        fail(v, "the loop before has no test");
    }
    v->closed.data[region->id] = true;
}

/* Checks that break, continue, test and catch stand where they have a meaning. */
static void check_place(struct verifier *v, unsigned code)
{
    struct open_region *innermost = v->regions.len > 0 ? &vec_last(&v->regions) : NULL;
    unsigned clause = innermost != NULL ? v->module->ops[innermost->clause].code : IR_OPCODE_COUNT;

    if (code == IR_TEST) {
        if (innermost == NULL || clause != IR_LOOP || innermost->tested) {
            fail(v, "it is not the one test of a loop");
        } else {
            innermost->tested = true;
        }
    }
    if (code == IR_CATCH && clause != IR_EXCEPT) {
        fail(v, "it is not in a handler");
    }
    if ((code == IR_BREAK || code == IR_CONTINUE) && (innermost == NULL || !innermost->in_loop)) {
        fail(v, "it is not in a loop");
    }
}

/* Whether the region that lies around the one at a depth lets break and continue through. */
static bool in_outer_loop(const struct verifier *v, size_t depth)
{
    return depth > 0 && v->regions.data[depth - 1].in_loop;
}

static void check_region(struct verifier *v, const struct ir_op *op)
{
    if (ir_continues(op->code)) {
        end_clause(v, op->code);
        if (v->regions.len > 0) {
            struct open_region *region = &vec_last(&v->regions);
            region->clause = v->op;
            region->id = clause_new(v);
            region->in_loop = in_outer_loop(v, v->regions.len - 1); /* the else of a loop is not in it */
        }
    } else if (op->code == IR_END) {
        end_clause(v, op->code);
        v->regions.len -= v->regions.len > 0;
    } else if (op->code == IR_TEST || op->code == IR_CATCH || op->code == IR_BREAK || op->code == IR_CONTINUE) {
        check_place(v, op->code);
    }
}

static void check_op(struct verifier *v, const struct ir_op *op)
{
    if (op->code >= IR_OPCODE_COUNT) {
        fail(v, "opcode %u", op->code);
        return;
    }
    if (op->span.start > op->span.end) {
        fail(v, "span %u to %u", op->span.start, op->span.end);
    }
    if (!aux_is_valid(op)) {
        fail(v, "aux %u", op->aux);
    }
    const struct ir_opcode_info *info = ir_opcode_info(op->code);
    check_operand(v, op, 0, info->operands[0], op->a);
    check_operand(v, op, 1, info->operands[1], op->b);
    check_operand(v, op, 2, info->operands[2], op->c);
    check_region(v, op);
    if (ir_opens(op->code)) {
        struct open_region region = {.opener = v->op, .clause = v->op, .id = clause_new(v)};
        region.in_loop = op->code == IR_LOOP || op->code == IR_FOR || in_outer_loop(v, v->regions.len);
        vec_push(&v->regions, region);
    }
    check_result(v, op, info->result);
}

static void check_body(struct verifier *v)
{
    const struct ir_function *function = v->record;

    if (function->value_count == 0 || function->value_count > function->op_count + 1) {
        fail(v, "%u values from %u instructions", function->value_count, function->op_count);
        return;
    }
    vec_clear(&v->regions);
    vec_clear(&v->closed);
    vec_clear(&v->homes);
    clause_new(v);
    vec_reserve(&v->homes, function->value_count);
    memset(v->homes.data, 0xff, function->value_count * sizeof *v->homes.data); /* IR_NO_INDEX each */
    v->defined = 0;
    for (uint32_t i = 0; i < function->op_count && !v->failed; i++) {
        v->op = function->first_op + i;
        check_op(v, &v->module->ops[v->op]);
    }
    v->op = IR_NO_INDEX;
    if (v->regions.len > 0) {
        fail(v, "%zu regions are still open at its end", v->regions.len);
    }
    for (uint32_t i = 1; i < function->value_count && v->defined < function->value_count - 1; i++) {
        if (v->homes.data[i] == IR_NO_INDEX) {
            fail(v, "value %u is never defined", i);
        }
    }
}

bool ir_verify(const struct ir_module *module, struct str *message)
{
    struct verifier v = {.module = module, .message = message, .op = IR_NO_INDEX};

    if (module->function_count == 0) {
        fail(&v, "the module has no body");
    }
    for (uint32_t i = 0; i < module->function_count && !v.failed; i++) {
        function_begin(&v, i);
        check_record(&v);
    }
    v.function = 0;
    check_classes(&v);
    if (!v.failed) {
        check_disjoint(&v);
    }
    for (uint32_t i = 0; i < module->function_count && !v.failed; i++) {
        function_begin(&v, i);
        check_body(&v);
    }
    vec_release(&v.regions);
    vec_release(&v.closed);
    vec_release(&v.homes);
    return !v.failed;
}
