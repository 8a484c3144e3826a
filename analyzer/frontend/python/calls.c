/* Calls and their arguments. */
#include "frontend/python/lower.h"

/* How a child of an argument list is passed. */
struct argument {
    uint32_t value; /* the expression, without stars */
    uint32_t name;  /* the identifier of a keyword argument, or NO_NODE */
    uint32_t kind;  /* enum ir_arg_kind */
};

/* Reads a child of an argument list; false where it is none (an error node). */
static bool argument_read(const struct tree *tree, uint32_t child, struct argument *argument)
{
    *argument = (struct argument){.value = child, .kind = IR_ARG_PLAIN};
    while (node_kind(tree, child) == NODE_PARENTHESIZED_EXPRESSION && node_operand(tree, child, 0) != NO_NODE) {
        child = node_operand(tree, child, 0);
    }
    switch (node_kind(tree, child)) {
    case NODE_LIST_SPLAT:
    case NODE_LIST_SPLAT_PATTERN: argument->kind = IR_ARG_STAR; return true;
    case NODE_DICTIONARY_SPLAT:
    case NODE_DICTIONARY_SPLAT_PATTERN: argument->kind = IR_ARG_DOUBLE_STAR; return true;
    case NODE_KEYWORD_ARGUMENT:
        argument->name = node_field(tree, child, FIELD_NAME);
        argument->value = node_field(tree, child, FIELD_VALUE);
        return true;
    default: return node_role(node_kind(tree, child)) == ROLE_EXPRESSION;
    }
}

/* The children of `f(x for x in y)` are the clauses of its only argument. */
static bool is_sole_generator(const struct tree *tree, uint32_t list)
{
    return node_kind(tree, list) == NODE_GENERATOR_EXPRESSION;
}

void then_args(struct lowering *low, uint32_t list)
{
    const struct tree *tree = low->tree;
    struct argument argument;

    if (list == NO_NODE) {
        return;
    }
    if (is_sole_generator(tree, list)) {
        then_expression(low, list, 0);
        return;
    }
    for (uint32_t child = node_first(tree, list); child != NO_NODE; child = node_next(tree, list, child)) {
        if (argument_read(tree, child, &argument)) {
            then_expression(low, argument.value, 0);
        }
    }
}

void args_collect(struct lowering *low, uint32_t list)
{
    const struct tree *tree = low->tree;
    struct argument argument;

    vec_clear(&low->args);
    if (list == NO_NODE) {
        return;
    }
    if (is_sole_generator(tree, list)) {
        vec_push(&low->args, (struct ir_arg){.value = value_pop(low)});
        return;
    }
    for (uint32_t child = node_first(tree, list); child != NO_NODE; child = node_next(tree, list, child)) {
        if (argument_read(tree, child, &argument)) {
            struct ir_arg arg = {.kind = argument.kind};
            if (argument.name != NO_NODE) {
                arg.keyword = keyword_name(low, argument.name);
            }
            vec_push(&low->args, arg);
        }
    }
    low->values.len -= low->args.len;
    for (size_t i = 0; i < low->args.len; i++) {
        low->args.data[i].value = low->values.data[low->values.len + i];
    }
}

void args_take(struct lowering *low, uint32_t count)
{
    if (count > low->values.len) {
        BUG("%u values wanted of %zu", count, low->values.len);
    }
    low->values.len -= count;
    vec_clear(&low->args);
    for (uint32_t i = 0; i < count; i++) {
        vec_push(&low->args, (struct ir_arg){.value = low->values.data[low->values.len + i]});
    }
}

static void call_done(struct lowering *low, struct task task)
{
    args_collect(low, node_field(low->tree, task.node, FIELD_ARGUMENTS));
    struct ir_op op = {.code = IR_CALL, .a = value_pop(low), .span = node_span(low->tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, low->args.data, low->args.len));
}

void lower_call(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_FUNCTION), IR_FLAG_CALLEE);
    then_args(low, node_field(low->tree, task.node, FIELD_ARGUMENTS));
    then_do(low, call_done, task.node, 0);
}

/* ---- Python 2 statements that are calls today ---- */

/* Calls the builtin named by the statement's first word with the values on the stack, of which there are x. */
static void statement_call(struct lowering *low, struct task task)
{
    struct ir_op op = {.code = IR_CALL, .span = node_span(low->tree, task.node)};

    args_take(low, task.x);
    op.a = value_pop(low);
    if (task.x > 0 && node_of_kind(low->tree, task.node, NODE_CHEVRON) != NO_NODE) {
        low->args.data[0].keyword = ir_builder_name(low->ir, STR("file"));
    }
    ir_emit_args(low->ir, op, low->args.data, low->args.len);
}

static void lower_statement_call(struct lowering *low, uint32_t node, struct str builtin)
{
    const struct tree *tree = low->tree;
    struct ir_span span = {tree_node(tree, node)->start, tree_node(tree, node)->start + (uint32_t)builtin.len};
    uint32_t count = 0;

    /* `print >>file, x` is an expression of Python 3, too. */
    if (low->old_statement == NO_NODE && node_of_kind(tree, node, NODE_CHEVRON) == NO_NODE) {
        low->old_statement = node;
    }
    value_push(low, emit_read_name(low, ir_builder_name(low->ir, builtin), IR_FLAG_CALLEE, span));
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        bool file = node_kind(tree, child) == NODE_CHEVRON;
        if (file || node_role(node_kind(tree, child)) == ROLE_EXPRESSION) {
            then_expression(low, file ? node_operand(tree, child, 0) : child, 0);
            count++;
        }
    }
    then_do(low, statement_call, node, count);
}

void lower_print(struct lowering *low, struct task task)
{
    lower_statement_call(low, task.node, STR("print"));
}

void lower_exec(struct lowering *low, struct task task)
{
    lower_statement_call(low, task.node, STR("exec"));
}
