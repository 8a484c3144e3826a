/* Unary, binary, boolean and comparison operators. */
#include "frontend/python/lower.h"

/* Which operator a token stands for. */
struct operator_entry {
    uint8_t token; /* enum node_kind */
    uint8_t op;    /* enum ir_operator */
};

static const struct operator_entry operators[] = {
    {TOKEN_PLUS, IR_OP_ADD},
    {TOKEN_MINUS, IR_OP_SUB},
    {TOKEN_STAR, IR_OP_MUL},
    {TOKEN_SLASH, IR_OP_DIV},
    {TOKEN_DOUBLE_SLASH, IR_OP_FLOORDIV},
    {TOKEN_PERCENT, IR_OP_MOD},
    {TOKEN_DOUBLE_STAR, IR_OP_POW},
    {TOKEN_AT, IR_OP_MATMUL},
    {TOKEN_AMPERSAND, IR_OP_AND},
    {TOKEN_BAR, IR_OP_OR},
    {TOKEN_CARET, IR_OP_XOR},
    {TOKEN_LEFT_SHIFT, IR_OP_LSHIFT},
    {TOKEN_RIGHT_SHIFT, IR_OP_RSHIFT},
    {TOKEN_PLUS_ASSIGN, IR_OP_ADD},
    {TOKEN_MINUS_ASSIGN, IR_OP_SUB},
    {TOKEN_STAR_ASSIGN, IR_OP_MUL},
    {TOKEN_SLASH_ASSIGN, IR_OP_DIV},
    {TOKEN_DOUBLE_SLASH_ASSIGN, IR_OP_FLOORDIV},
    {TOKEN_PERCENT_ASSIGN, IR_OP_MOD},
    {TOKEN_DOUBLE_STAR_ASSIGN, IR_OP_POW},
    {TOKEN_AT_ASSIGN, IR_OP_MATMUL},
    {TOKEN_AMPERSAND_ASSIGN, IR_OP_AND},
    {TOKEN_BAR_ASSIGN, IR_OP_OR},
    {TOKEN_CARET_ASSIGN, IR_OP_XOR},
    {TOKEN_LEFT_SHIFT_ASSIGN, IR_OP_LSHIFT},
    {TOKEN_RIGHT_SHIFT_ASSIGN, IR_OP_RSHIFT},
    {TOKEN_EQUAL, IR_OP_EQ},
    {TOKEN_NOT_EQUAL, IR_OP_NE},
    {TOKEN_NOT_EQUAL_OLD, IR_OP_NE},
    {TOKEN_LESS, IR_OP_LT},
    {TOKEN_LESS_EQUAL, IR_OP_LE},
    {TOKEN_GREATER, IR_OP_GT},
    {TOKEN_GREATER_EQUAL, IR_OP_GE},
    {TOKEN_IN, IR_OP_IN},
    {TOKEN_NOT_IN, IR_OP_NOT_IN},
    {TOKEN_IS, IR_OP_IS},
    {TOKEN_IS_NOT, IR_OP_IS_NOT},
};

enum ir_operator operator_of(enum node_kind token)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (operators[i].token == token) {
            return (enum ir_operator)operators[i].op;
        }
    }
    return IR_OPERATOR_COUNT;
}

/* The operator of a node with an operator field; where an error hid it, none (IR_OPERATOR_COUNT). */
static enum ir_operator operator_at(const struct tree *tree, uint32_t node)
{
    uint32_t token = node_field(tree, node, FIELD_OPERATOR);

    return token == NO_NODE ? IR_OPERATOR_COUNT : operator_of(node_kind(tree, token));
}

/* ---- arithmetic ---- */

static void binary_done(struct lowering *low, struct task task)
{
    ir_value right = value_pop(low);
    ir_value left = value_pop(low);
    enum ir_operator op = operator_at(low->tree, task.node);
    struct ir_span span = node_span(low->tree, task.node);

    if (op == IR_OPERATOR_COUNT) {
        value_push(low, emit_unknown(low, span));
        return;
    }
    value_push(
        low, emit_op(low, (struct ir_op){.code = IR_BINARY, .aux = (uint16_t)op, .a = left, .b = right, .span = span}));
}

void lower_binary(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_LEFT), 0);
    then_expression(low, node_field(low->tree, task.node, FIELD_RIGHT), 0);
    then_do(low, binary_done, task.node, 0);
}

/* x is the operator. */
static void unary_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    value_push(low, emit_op(low, (struct ir_op){.code = IR_UNARY,
                                                .aux = (uint16_t)task.x,
                                                .a = value,
                                                .span = node_span(low->tree, task.node)}));
}

void lower_unary(struct lowering *low, struct task task)
{
    uint32_t token = node_field(low->tree, task.node, FIELD_OPERATOR);
    enum node_kind kind = token == NO_NODE ? NODE_NOTHING : node_kind(low->tree, token);

    then_expression(low, node_field(low->tree, task.node, FIELD_ARGUMENT), 0);
    then_do(low, unary_done, task.node,
            kind == TOKEN_MINUS   ? IR_OP_NEG
            : kind == TOKEN_TILDE ? IR_OP_INVERT
                                  : IR_OP_POS);
}

void lower_not(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_ARGUMENT), 0);
    then_do(low, unary_done, task.node, IR_OP_NOT);
}

/* ---- and, or ---- */

static bool is_or(const struct tree *tree, uint32_t node)
{
    uint32_t token = node_field(tree, node, FIELD_OPERATOR);

    return token != NO_NODE && node_kind(tree, token) == TOKEN_OR;
}

static void boolean_branch(struct lowering *low, struct task task)
{
    ir_value left = value_pop(low);
    ir_local temporary = temporary_new(low);
    struct ir_span span = node_span(low->tree, task.node);

    ir_open(low->ir, (struct ir_op){.code = IR_IF, .flags = IR_FLAG_BOOLEAN, .a = left, .span = span});
    if (is_or(low->tree, task.node)) {
        temporary_bind(low, temporary, left, span);
        ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = span_end(low->tree, task.node)});
    }
    value_push(low, left);
    value_push(low, temporary);
}

static void boolean_done(struct lowering *low, struct task task)
{
    ir_value right = value_pop(low);
    ir_local temporary = value_pop(low);
    ir_value left = value_pop(low);
    struct ir_span span = node_span(low->tree, task.node);

    temporary_bind(low, temporary, right, span);
    if (!is_or(low->tree, task.node)) {
        ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = span_end(low->tree, task.node)});
        temporary_bind(low, temporary, left, span);
    }
    close_regions(low, task.node, 1);
    value_push(low, temporary_read(low, temporary, span));
}

void lower_boolean(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_LEFT), 0);
    then_do(low, boolean_branch, task.node, 0);
    then_expression(low, node_field(low->tree, task.node, FIELD_RIGHT), 0);
    then_do(low, boolean_done, task.node, 0);
}

/* ---- comparisons ----
 *
 * `a < b < c` becomes branches inside each other, one for each further comparison, because c is only computed where
 * the ones before hold:
 *     r = a < b; if r: (s = b < c; t = s) else: t = r
 * While a chain is open, the stack holds its temporary t, the results of the outer comparisons, and on top the value
 * and the node of the last operand. */

/* Compares two operands; the right one's node is given, its operator is the token right before it. */
static ir_value comparison_emit(struct lowering *low, uint32_t right_node, ir_value left, ir_value right,
                                uint32_t start)
{
    const struct node *token = tree_node(low->tree, right_node - 1);
    enum ir_operator op =
        token->field == FIELD_OPERATORS ? operator_of((enum node_kind)token->kind) : IR_OPERATOR_COUNT;
    struct ir_span span = {start, tree_node(low->tree, right_node)->end};

    if (op == IR_OPERATOR_COUNT) {
        return emit_unknown(low, span);
    }
    return emit_op(low, (struct ir_op){.code = IR_COMPARE, .aux = (uint16_t)op, .a = left, .b = right, .span = span});
}

static void comparison_next(struct lowering *low, struct task task);

/* Goes on with the operand behind `operand` where the comparison so far, `result`, is true. */
static void comparison_chain(struct lowering *low, struct task task, ir_value result, ir_value operand, uint32_t next)
{
    ir_open(low->ir,
            (struct ir_op){.code = IR_IF, .flags = IR_FLAG_BOOLEAN, .a = result, .span = node_span(low->tree, task.x)});
    value_push(low, result);
    value_push(low, operand);
    value_push(low, task.node);
    then_expression(low, next, 0);
    then_do(low, comparison_next, next, task.x);
}

/* A further operand of a chain was computed; x is the comparison. */
static void comparison_next(struct lowering *low, struct task task)
{
    ir_value right = value_pop(low);
    uint32_t left_node = value_pop(low);
    ir_value left = value_pop(low);
    ir_value result = comparison_emit(low, task.node, left, right, tree_node(low->tree, left_node)->start);
    uint32_t next = node_next_operand(low->tree, task.x, task.node);

    if (next != NO_NODE) {
        comparison_chain(low, task, result, right, next);
        return;
    }
    struct ir_span span = node_span(low->tree, task.x);
    uint32_t outer = node_operand_count(low->tree, task.x) - 2;
    ir_local temporary = low->values.data[low->values.len - outer - 1];
    temporary_bind(low, temporary, result, span);
    while (outer-- > 0) {
        ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = span_end(low->tree, task.x)});
        temporary_bind(low, temporary, value_pop(low), span);
        close_regions(low, task.x, 1);
    }
    value_pop(low);
    value_push(low, temporary_read(low, temporary, span));
}

/* The first two operands were computed; x is the comparison. */
static void comparison_first(struct lowering *low, struct task task)
{
    ir_value right = value_pop(low);
    ir_value left = value_pop(low);
    ir_value result = comparison_emit(low, task.node, left, right, tree_node(low->tree, task.x)->start);
    uint32_t next = node_next_operand(low->tree, task.x, task.node);

    if (next == NO_NODE) {
        value_push(low, result);
        return;
    }
    value_push(low, temporary_new(low));
    comparison_chain(low, task, result, right, next);
}

void lower_comparison(struct lowering *low, struct task task)
{
    uint32_t left = node_operand(low->tree, task.node, 0);
    uint32_t right = node_operand(low->tree, task.node, 1);

    then_expression(low, left, 0);
    if (right != NO_NODE) {
        then_expression(low, right, 0);
        then_do(low, comparison_first, right, task.node);
    }
}
