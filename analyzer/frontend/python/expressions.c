/* Names, attributes, items, conditional forms and the other small expressions. */
#include "frontend/python/lower.h"

void lower_identifier(struct lowering *low, struct task task)
{
    value_push(low, emit_read_name(low, name_at(low, task.node), task.x, node_span(low->tree, task.node)));
}

static void attribute_done(struct lowering *low, struct task task)
{
    ir_value object = value_pop(low);
    uint32_t attribute = node_field(low->tree, task.node, FIELD_ATTRIBUTE);

    if (attribute == NO_NODE) {
        value_push(low, emit_unknown(low, node_span(low->tree, task.node)));
        return;
    }
    value_push(low, emit_op(low, (struct ir_op){.code = IR_READ_ATTR,
                                                .flags = (uint8_t)task.x,
                                                .a = object,
                                                .b = name_at(low, attribute),
                                                .span = node_span(low->tree, task.node)}));
}

void lower_attribute(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_OBJECT), 0);
    then_do(low, attribute_done, task.node, task.x);
}

static void subscript_done(struct lowering *low, struct task task)
{
    ir_value key = value_pop(low);
    ir_value object = value_pop(low);

    value_push(low, emit_op(low, (struct ir_op){.code = IR_READ_ITEM,
                                                .flags = (uint8_t)task.x,
                                                .a = object,
                                                .b = key,
                                                .span = node_span(low->tree, task.node)}));
}

void lower_subscript(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_VALUE), 0);
    then_key(low, task.node);
    then_do(low, subscript_done, task.node, task.x);
}

/* Packs the keys of `x[a, b]` into a tuple; x is their number. */
static void key_tuple(struct lowering *low, struct task task)
{
    uint32_t first = node_field(low->tree, task.node, FIELD_SUBSCRIPT);
    struct ir_span span = {tree_node(low->tree, first)->start, tree_node(low->tree, task.node)->end - 1};

    args_take(low, task.x);
    value_push(low, ir_emit_args(low->ir, (struct ir_op){.code = IR_NEW, .aux = IR_NEW_TUPLE, .span = span},
                                 low->args.data, low->args.len));
}

void then_key(struct lowering *low, uint32_t subscript)
{
    const struct tree *tree = low->tree;
    uint32_t count = 0;
    uint32_t last = NO_NODE;

    for (uint32_t child = node_first(tree, subscript); child != NO_NODE; child = node_next(tree, subscript, child)) {
        if (tree_node(tree, child)->field == FIELD_SUBSCRIPT) {
            then_expression(low, child, 0);
            last = child;
            count++;
        }
    }
    if (count == 0) {
        then_expression(low, NO_NODE, 0);
    } else if (count > 1 || tree_has_comma(tree, tree_node(tree, last)->end, tree_node(tree, subscript)->end)) {
        then_do(low, key_tuple, subscript, count);
    }
}

/* A slice's present parts are pushed in order; where one is absent, None stands for it. */
static void slice_none(struct lowering *low, struct task task)
{
    value_push(low, emit_op(low, (struct ir_op){.code = IR_CONST,
                                                .flags = IR_FLAG_SYNTHETIC,
                                                .aux = IR_NONE,
                                                .a = ir_builder_name(low->ir, STR("None")),
                                                .span = span_end(low->tree, task.node)}));
}

static void slice_done(struct lowering *low, struct task task)
{
    struct ir_arg args[3];

    for (unsigned i = 3; i-- > 0;) {
        args[i] = (struct ir_arg){.value = value_pop(low)};
    }
    struct ir_op op = {.code = IR_NEW, .aux = IR_NEW_SLICE, .span = node_span(low->tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, args, 3));
}

void lower_slice(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t parts[3] = {NO_NODE, NO_NODE, NO_NODE};
    unsigned part = 0;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (node_kind(tree, child) == TOKEN_COLON) {
            part += part < 2;
        } else if (node_role(node_kind(tree, child)) == ROLE_EXPRESSION) {
            parts[part] = child;
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (parts[i] != NO_NODE) {
            then_expression(low, parts[i], 0);
        } else {
            then_do(low, slice_none, task.node, 0);
        }
    }
    then_do(low, slice_done, task.node, 0);
}

void lower_parenthesized(struct lowering *low, struct task task)
{
    then_expression(low, node_operand(low->tree, task.node, 0), task.x);
}

/* A starred expression where no container takes its elements (`*a` alone is not Python): its value, unstarred. */
void lower_splat(struct lowering *low, struct task task)
{
    then_expression(low, node_operand(low->tree, task.node, 0), 0);
}

/* ---- a if c else b ---- */

static void conditional_branch(struct lowering *low, struct task task)
{
    ir_value condition = value_pop(low);

    ir_open(low->ir,
            (struct ir_op){
                .code = IR_IF, .flags = IR_FLAG_TERNARY, .a = condition, .span = node_span(low->tree, task.node)});
}

static void conditional_else(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);
    ir_local temporary = temporary_new(low);

    temporary_bind(low, temporary, value, node_span(low->tree, task.node));
    ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = span_end(low->tree, task.node)});
    value_push(low, temporary);
}

static void conditional_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);
    ir_local temporary = value_pop(low);
    struct ir_span span = node_span(low->tree, task.node);

    temporary_bind(low, temporary, value, span);
    close_regions(low, task.node, 1);
    value_push(low, temporary_read(low, temporary, span));
}

void lower_conditional(struct lowering *low, struct task task)
{
    uint32_t value = node_operand(low->tree, task.node, 0);
    uint32_t condition = node_operand(low->tree, task.node, 1);
    uint32_t other = node_operand(low->tree, task.node, 2);

    then_expression(low, condition, 0);
    then_do(low, conditional_branch, task.node, 0);
    then_expression(low, value, 0);
    then_do(low, conditional_else, task.node, 0);
    then_expression(low, other, 0);
    then_do(low, conditional_done, task.node, 0);
}

/* ---- := ---- */

static void named_done(struct lowering *low, struct task task)
{
    uint32_t name = node_field(low->tree, task.node, FIELD_NAME);
    uint32_t scope = low->scope;
    ir_value value = value_pop(low);

    /* The name is bound outside of the comprehensions around it. */
    while (scope_at(low->scopes, low->scope)->kind == SCOPE_COMPREHENSION) {
        low->scope = scope_at(low->scopes, low->scope)->parent;
    }
    if (name != NO_NODE) {
        emit_write_name(low, name_at(low, name), value, 0, node_span(low->tree, name));
    }
    low->scope = scope;
    value_push(low, value);
}

void lower_named(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_VALUE), 0);
    then_do(low, named_done, task.node, 0);
}

static void as_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    then_store(low, node_field(low->tree, task.node, FIELD_ALIAS), value);
    value_push(low, value);
}

/* `a as b` outside of with and except, which the grammar allows: as if it were an assignment expression. */
void lower_as(struct lowering *low, struct task task)
{
    then_expression(low, node_operand(low->tree, task.node, 0), 0);
    then_do(low, as_done, task.node, 0);
}

/* ---- await, yield ---- */

static void await_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    value_push(low,
               emit_op(low, (struct ir_op){.code = IR_AWAIT, .a = value, .span = node_span(low->tree, task.node)}));
}

void lower_await(struct lowering *low, struct task task)
{
    then_expression(low, node_operand(low->tree, task.node, 0), 0);
    then_do(low, await_done, task.node, 0);
}

/* x is the opcode. */
static void yield_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    value_push(low, emit_op(low, (struct ir_op){
                                     .code = (uint8_t)task.x, .a = value, .span = node_span(low->tree, task.node)}));
}

void lower_yield(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t operand = node_operand(tree, task.node, 0);
    bool from = node_of_kind(tree, task.node, TOKEN_FROM) != NO_NODE;

    if (operand == NO_NODE && !from) {
        value_push(low, emit_op(low, (struct ir_op){.code = IR_YIELD, .span = node_span(tree, task.node)}));
        return;
    }
    then_expression(low, operand, 0);
    then_do(low, yield_done, task.node, from ? IR_YIELD_FROM : IR_YIELD);
}
