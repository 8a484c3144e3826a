/* Compound statements: if, while, for, with, try. */
#include "frontend/python/lower.h"

/* Ends x regions at the end of a statement. */
static void close_task(struct lowering *low, struct task task)
{
    close_regions(low, task.node, task.x);
}

/* Starts a clause that is written as one; x is the opcode. */
static void clause_task(struct lowering *low, struct task task)
{
    ir_clause(low->ir, (struct ir_op){.code = (uint8_t)task.x, .span = node_head(low->tree, task.node)});
}

/* The else clause of a loop. */
static void then_loop_else(struct lowering *low, uint32_t statement)
{
    uint32_t clause = node_of_kind(low->tree, statement, NODE_ELSE_CLAUSE);

    if (clause != NO_NODE) {
        then_do(low, clause_task, clause, IR_ELSE);
        then_block(low, node_field(low->tree, clause, FIELD_BODY));
    }
}

/* ---- if ---- */

/* The first clause behind `child` that is an elif or else. */
static uint32_t next_alternative(const struct tree *tree, uint32_t node, uint32_t child)
{
    do {
        child = child == NO_NODE ? node_first(tree, node) : node_next(tree, node, child);
    } while (child != NO_NODE && node_kind(tree, child) != NODE_ELIF_CLAUSE &&
             node_kind(tree, child) != NODE_ELSE_CLAUSE);
    return child;
}

static uint32_t elif_count(const struct tree *tree, uint32_t node)
{
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        count += node_kind(tree, child) == NODE_ELIF_CLAUSE;
    }
    return count;
}

/* The condition of an if statement or elif clause was computed. */
static void if_branch(struct lowering *low, struct task task)
{
    ir_value condition = value_pop(low);

    ir_open(low->ir, (struct ir_op){.code = IR_IF, .a = condition, .span = node_head(low->tree, task.node)});
}

/* An elif is an if in the else; x is the clause, or NO_NODE behind the last one. */
static void if_alternative(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t clause = task.x;

    if (clause == NO_NODE) {
        close_regions(low, task.node, elif_count(tree, task.node) + 1);
        return;
    }
    ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = node_head(tree, clause)});
    if (node_kind(tree, clause) == NODE_ELIF_CLAUSE) {
        then_expression(low, node_field(tree, clause, FIELD_CONDITION), 0);
        then_do(low, if_branch, clause, 0);
        then_block(low, node_field(tree, clause, FIELD_CONSEQUENCE));
        then_do(low, if_alternative, task.node, next_alternative(tree, task.node, clause));
    } else { /* nothing can follow an else, save what an error left behind */
        then_block(low, node_field(tree, clause, FIELD_BODY));
        then_do(low, if_alternative, task.node, NO_NODE);
    }
}

void lower_if(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t condition = node_field(tree, task.node, FIELD_CONDITION);

    if (low->function == 0 && condition != NO_NODE && is_main_guard(tree, condition)) {
        ir_builder_module(low->ir)->main_guard = true;
    }
    then_expression(low, condition, 0);
    then_do(low, if_branch, task.node, 0);
    then_block(low, node_field(tree, task.node, FIELD_CONSEQUENCE));
    then_do(low, if_alternative, task.node, next_alternative(tree, task.node, NO_NODE));
}

/* ---- while, for ---- */

static void while_test(struct lowering *low, struct task task)
{
    ir_value condition = value_pop(low);
    uint32_t node = node_field(low->tree, task.node, FIELD_CONDITION);

    emit_op(low, (struct ir_op){.code = IR_TEST,
                                .a = condition,
                                .span = node_span(low->tree, node != NO_NODE ? node : task.node)});
}

void lower_while(struct lowering *low, struct task task)
{
    ir_open(low->ir, (struct ir_op){.code = IR_LOOP, .span = node_head(low->tree, task.node)});
    then_expression(low, node_field(low->tree, task.node, FIELD_CONDITION), 0);
    then_do(low, while_test, task.node, 0);
    then_block(low, node_field(low->tree, task.node, FIELD_BODY));
    then_loop_else(low, task.node);
    then_do(low, close_task, task.node, 1);
}

static void for_loop(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    bool async = node_of_kind(tree, task.node, TOKEN_ASYNC) != NO_NODE;
    ir_value iterable = value_pop(low);
    ir_value element = ir_open(low->ir, (struct ir_op){.code = IR_FOR,
                                                       .flags = async ? IR_FLAG_ASYNC : 0,
                                                       .a = iterable,
                                                       .span = node_head(tree, task.node)});

    then_store(low, node_field(tree, task.node, FIELD_LEFT), element);
}

void lower_for(struct lowering *low, struct task task)
{
    then_expression(low, node_field(low->tree, task.node, FIELD_RIGHT), 0);
    then_do(low, for_loop, task.node, 0);
    then_block(low, node_field(low->tree, task.node, FIELD_BODY));
    then_loop_else(low, task.node);
    then_do(low, close_task, task.node, 1);
}

/* ---- with ---- */

/* What an item manages: `manager as target`. */
struct with_item {
    uint32_t manager, target; /* the target may be NO_NODE */
};

static struct with_item with_item_of(const struct tree *tree, uint32_t item)
{
    uint32_t value = node_kind(tree, item) == NODE_WITH_ITEM ? node_field(tree, item, FIELD_VALUE) : item;

    if (value != NO_NODE && node_kind(tree, value) == NODE_AS_PATTERN) {
        return (struct with_item){node_operand(tree, value, 0), node_field(tree, value, FIELD_ALIAS)};
    }
    return (struct with_item){value, NO_NODE};
}

/* The list whose children are the items: the clause, or the tuple in it where the parser took the parentheses of
 * `with (a as b, c as d):` for one. */
static uint32_t with_list(const struct tree *tree, uint32_t statement)
{
    uint32_t clause = node_of_kind(tree, statement, NODE_WITH_CLAUSE);
    uint32_t item = clause == NO_NODE ? NO_NODE : node_of_kind(tree, clause, NODE_WITH_ITEM);
    uint32_t value = item == NO_NODE ? NO_NODE : node_field(tree, item, FIELD_VALUE);

    if (value != NO_NODE && node_next(tree, clause, item) == NO_NODE &&
        (node_kind(tree, value) == NODE_TUPLE || node_kind(tree, value) == NODE_PARENTHESIZED_EXPRESSION) &&
        node_of_kind(tree, value, NODE_AS_PATTERN) != NO_NODE) {
        return value;
    }
    return clause;
}

static bool is_with_item(const struct tree *tree, uint32_t child)
{
    return node_kind(tree, child) == NODE_WITH_ITEM || node_role(node_kind(tree, child)) == ROLE_EXPRESSION;
}

/* The manager of an item was computed; x is the item. */
static void with_enter(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    bool async = node_of_kind(tree, task.node, TOKEN_ASYNC) != NO_NODE;
    ir_value manager = value_pop(low);
    ir_value entered = ir_open(low->ir, (struct ir_op){.code = IR_WITH,
                                                       .flags = async ? IR_FLAG_ASYNC : 0,
                                                       .a = manager,
                                                       .span = node_head(tree, task.node)});

    then_store(low, with_item_of(tree, task.x).target, entered);
}

void lower_with(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t list = with_list(tree, task.node);
    uint32_t count = 0;

    for (uint32_t item = list == NO_NODE ? NO_NODE : node_first(tree, list); item != NO_NODE;
         item = node_next(tree, list, item)) {
        if (is_with_item(tree, item)) {
            then_expression(low, with_item_of(tree, item).manager, 0);
            then_do(low, with_enter, task.node, item);
            count++;
        }
    }
    then_block(low, node_field(tree, task.node, FIELD_BODY));
    then_do(low, close_task, task.node, count);
}

/* ---- try ---- */

/* The exception and the name of a handler: `except E as e`, which may also parse as an as_pattern. */
static struct with_item handler_of(const struct tree *tree, uint32_t clause)
{
    uint32_t value = node_field(tree, clause, FIELD_VALUE);

    if (value != NO_NODE && node_kind(tree, value) == NODE_AS_PATTERN) {
        return with_item_of(tree, value);
    }
    return (struct with_item){value, node_field(tree, clause, FIELD_ALIAS)};
}

/* x is the number of types on the stack; several without parentheses are a tuple. */
static void except_catch(struct lowering *low, struct task task)
{
    struct ir_span head = node_head(low->tree, task.node);
    struct ir_op op = {.code = IR_CATCH, .span = head};

    if (task.x == 1) {
        op.a = value_pop(low);
    } else if (task.x > 1) {
        args_take(low, task.x);
        op.a = ir_emit_args(low->ir, (struct ir_op){.code = IR_NEW, .aux = IR_NEW_TUPLE, .span = head}, low->args.data,
                            low->args.len);
    }
    then_store(low, handler_of(low->tree, task.node).target, emit_op(low, op));
}

static void lower_except(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    bool star = node_of_kind(tree, task.node, TOKEN_STAR) != NO_NODE;
    uint32_t count = 0;

    ir_clause(low->ir,
              (struct ir_op){.code = IR_EXCEPT, .flags = star ? IR_FLAG_STAR : 0, .span = node_head(tree, task.node)});
    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (tree_node(tree, child)->field == FIELD_VALUE && node_role(node_kind(tree, child)) == ROLE_EXPRESSION) {
            bool as = node_kind(tree, child) == NODE_AS_PATTERN;
            then_expression(low, as ? with_item_of(tree, child).manager : child, 0);
            count++;
        }
    }
    then_do(low, except_catch, task.node, count);
    then_block(low, node_of_kind(tree, task.node, NODE_BLOCK));
}

void lower_try(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;

    ir_open(low->ir, (struct ir_op){.code = IR_TRY, .span = node_head(tree, task.node)});
    then_block(low, node_field(tree, task.node, FIELD_BODY));
    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        switch (node_kind(tree, child)) {
        case NODE_EXCEPT_CLAUSE: then_do(low, lower_except, child, 0); break;
        case NODE_ELSE_CLAUSE:
            then_do(low, clause_task, child, IR_ELSE);
            then_block(low, node_field(tree, child, FIELD_BODY));
            break;
        case NODE_FINALLY_CLAUSE:
            then_do(low, clause_task, child, IR_FINALLY);
            then_block(low, node_of_kind(tree, child, NODE_BLOCK));
            break;
        default: break;
        }
    }
    then_do(low, close_task, task.node, 1);
}
