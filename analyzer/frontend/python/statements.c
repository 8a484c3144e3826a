/* Simple statements other than assignment and imports. */
#include "frontend/python/lower.h"

#include "frontend/python/names.h"
#include "frontend/python/parameters.h"

void lower_nothing(struct lowering *low, struct task task)
{
    (void)low;
    (void)task;
}

void lower_expression_statement(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        enum node_kind kind = node_kind(tree, child);
        if (node_role(kind) == ROLE_STATEMENT) {
            then_statement(low, child);
        } else if (node_role(kind) == ROLE_EXPRESSION &&
                   !string_is_plain(tree, child)) { /* docstrings have no effect */
            if (kind == NODE_CALL) {
                note_all_call(low, child);
            }
            then_expression(low, child, 0);
            then_drop(low);
        }
    }
}

/* ---- return, raise, assert ---- */

/* Whether this is the body of a module or class, where Python refuses a return: one that an error left there. */
static bool cannot_return(const struct lowering *low)
{
    unsigned kind = scope_at(low->scopes, low->scopes->functions.data[low->function])->kind;

    return kind == SCOPE_MODULE || kind == SCOPE_CLASS;
}

static void return_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    if (cannot_return(low)) {
        return;
    }
    emit_op(low, (struct ir_op){.code = IR_RETURN, .a = value, .span = node_span(low->tree, task.node)});
}

void lower_return(struct lowering *low, struct task task)
{
    uint32_t value = node_operand(low->tree, task.node, 0);

    if (value == NO_NODE) {
        if (!cannot_return(low)) {
            emit_op(low, (struct ir_op){.code = IR_RETURN, .span = node_span(low->tree, task.node)});
        }
        return;
    }
    then_expression(low, value, 0);
    then_do(low, return_done, task.node, 0);
}

static void raise_done(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    emit_op(low, (struct ir_op){.code = IR_RAISE, .a = value, .span = node_span(low->tree, task.node)});
}

void lower_raise(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t value = node_operand(tree, task.node, 0);
    uint32_t cause = node_field(tree, task.node, FIELD_CAUSE);

    if (value == NO_NODE) {
        emit_op(low, (struct ir_op){.code = IR_RAISE, .span = node_span(tree, task.node)});
        return;
    }
    then_expression(low, value, 0);
    if (cause != NO_NODE && cause != value) {
        then_expression(low, cause, 0);
        then_drop(low);
    }
    then_do(low, raise_done, task.node, 0);
}

/* x is the message or NO_NODE. */
static void assert_branch(struct lowering *low, struct task task)
{
    ir_value condition = value_pop(low);
    struct ir_span span = node_span(low->tree, task.node);
    ir_value failed = emit_op(
        low,
        (struct ir_op){.code = IR_UNARY, .flags = IR_FLAG_SYNTHETIC, .aux = IR_OP_NOT, .a = condition, .span = span});

    ir_open(low->ir, (struct ir_op){.code = IR_IF, .flags = IR_FLAG_ASSERT, .a = failed, .span = span});
}

static void assert_done(struct lowering *low, struct task task)
{
    struct ir_span span = node_span(low->tree, task.node);
    ir_value exception = emit_unknown(low, span);

    emit_op(low, (struct ir_op){.code = IR_RAISE, .flags = IR_FLAG_SYNTHETIC, .a = exception, .span = span});
    close_regions(low, task.node, 1);
}

void lower_assert(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t condition = node_operand(tree, task.node, 0);
    uint32_t message = condition == NO_NODE ? NO_NODE : node_next_operand(tree, task.node, condition);

    then_expression(low, condition, 0);
    then_do(low, assert_branch, task.node, 0);
    if (message != NO_NODE) {
        then_expression(low, message, 0);
        then_drop(low);
    }
    then_do(low, assert_done, task.node, 0);
}

/* break and continue; outside of a loop, where Python refuses them, they mean nothing. */
void lower_break(struct lowering *low, struct task task)
{
    bool leaves = node_kind(low->tree, task.node) == NODE_BREAK_STATEMENT;

    if (ir_builder_in_loop(low->ir)) {
        emit_op(low, (struct ir_op){.code = leaves ? IR_BREAK : IR_CONTINUE, .span = node_span(low->tree, task.node)});
    }
}

/* `type X = …` computes its value when it is asked for it: nothing happens here but the binding. */
void lower_type_alias(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t left = node_field(tree, task.node, FIELD_LEFT);

    if (left == NO_NODE) {
        return;
    }
    struct str text = type_parameter_name(node_text(tree, left));
    if (text.len == 0) {
        return;
    }
    ir_name name = python_name(low->ir, &low->text, text, scope_at(low->scopes, low->scope)->class);
    ir_value value = emit_unknown(low, node_span(tree, task.node));
    struct ir_span span = {tree_node(tree, left)->start, tree_node(tree, left)->start + (uint32_t)text.len};
    emit_write_name(low, name, value, 0, span);
}
