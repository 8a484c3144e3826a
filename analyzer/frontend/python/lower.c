#include "frontend/python/lower.h"

#include "frontend/python/names.h"

static void lower_unexpected(struct lowering *low, struct task task)
{
    low->unexpected += node_kind(low->tree, task.node) != NODE_ERROR;
    value_push(low, emit_unknown(low, node_span(low->tree, task.node)));
}

/* An operand that the parser did not find, behind the node that should have it. */
static void lower_missing(struct lowering *low, struct task task)
{
    value_push(low, emit_unknown(low, span_end(low->tree, task.node)));
}

static handler_fn *const handlers[NODE_KIND_COUNT] = {
#define EXPRESSION(kind, name, handler) [NODE_##kind] = handler,
#define STATEMENT(kind, name, handler) [NODE_##kind] = handler,
#include "frontend/python/nodes.def"
};

/* ---- tasks ---- */

void then_do(struct lowering *low, handler_fn *run, uint32_t node, uint32_t x)
{
    vec_push(&low->tasks, (struct task){run, node, x});
}

void then_expression(struct lowering *low, uint32_t node, uint32_t flags)
{
    const struct tree *tree = low->tree;

    if (node == NO_NODE || (tree_node(tree, node)->flags & NODE_FLAG_MISSING)) {
        then_do(low, lower_missing, low->present, 0);
    } else if (node_role(node_kind(tree, node)) == ROLE_EXPRESSION) {
        then_do(low, handlers[node_kind(tree, node)], node, flags);
    } else {
        then_do(low, lower_unexpected, node, 0);
    }
}

/* Makes out what it can inside of an error: whole statements and blocks. */
static void lower_error(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (node_kind(tree, child) == NODE_BLOCK) {
            then_block(low, child);
        } else {
            then_statement(low, child);
        }
    }
}

void then_statement(struct lowering *low, uint32_t node)
{
    enum node_kind kind = node_kind(low->tree, node);

    if (node_role(kind) == ROLE_STATEMENT) {
        then_do(low, handlers[kind], node, 0);
    } else if (kind == NODE_ERROR) {
        then_do(low, lower_error, node, 0);
    }
}

/* All statements of a block or of the module. */
static void then_statements(struct lowering *low, uint32_t block)
{
    const struct tree *tree = low->tree;

    for (uint32_t child = node_first(tree, block); child != NO_NODE; child = node_next(tree, block, child)) {
        then_statement(low, child);
    }
}

void then_block(struct lowering *low, uint32_t block)
{
    if (block != NO_NODE) {
        then_statements(low, block);
    }
}

static void set_scope(struct lowering *low, struct task task)
{
    low->scope = task.x;
}

void then_scope(struct lowering *low, uint32_t scope)
{
    then_do(low, set_scope, NO_NODE, scope);
}

static void drop_value(struct lowering *low, struct task task)
{
    (void)task;
    value_pop(low);
}

void then_drop(struct lowering *low)
{
    then_do(low, drop_value, NO_NODE, 0);
}

void value_push(struct lowering *low, ir_value value)
{
    vec_push(&low->values, value);
}

ir_value value_pop(struct lowering *low)
{
    if (low->values.len == 0) {
        BUG("the stack of values is empty");
    }
    return vec_pop(&low->values);
}

/* Turns round the tasks that one handler asked for: the stack is worked off from its end. */
static void tasks_reverse(struct lowering *low, size_t from)
{
    for (size_t to = low->tasks.len; from + 1 < to; from++, to--) {
        struct task task = low->tasks.data[from];
        low->tasks.data[from] = low->tasks.data[to - 1];
        low->tasks.data[to - 1] = task;
    }
}

static void run_tasks(struct lowering *low)
{
    tasks_reverse(low, 0);
    while (low->tasks.len > 0) {
        struct task task = vec_pop(&low->tasks);
        size_t base = low->tasks.len;
        low->present = task.node;
        task.run(low, task);
        if (low->tasks.len > base + 1) {
            tasks_reverse(low, base);
        }
    }
}

/* ---- instructions ---- */

ir_value emit_op(struct lowering *low, struct ir_op op)
{
    return ir_emit(low->ir, op);
}

ir_value emit_unknown(struct lowering *low, struct ir_span span)
{
    return emit_op(low, (struct ir_op){.code = IR_UNKNOWN, .span = span});
}

ir_value emit_const(struct lowering *low, enum ir_const kind, struct str text, struct ir_span span)
{
    return emit_op(
        low,
        (struct ir_op){.code = IR_CONST, .aux = (uint16_t)kind, .a = ir_builder_name(low->ir, text), .span = span});
}

ir_value emit_read_name(struct lowering *low, ir_name name, unsigned flags, struct ir_span span)
{
    struct place place = scope_resolve(low->scopes, low->scope, name);
    struct ir_op op = {.flags = (uint8_t)flags, .span = span};

    switch (place.kind) {
    case PLACE_IS_LOCAL:
        op.code = IR_LOCAL;
        op.flags = 0;
        op.a = place.local;
        break;
    case PLACE_IS_FREE:
        op.code = IR_READ_FREE;
        op.a = place.function;
        op.b = place.local;
        break;
    case PLACE_IS_GLOBAL:
        op.code = IR_READ_GLOBAL;
        op.a = name;
        break;
    }
    return emit_op(low, op);
}

void emit_write_name(struct lowering *low, ir_name name, ir_value value, unsigned flags, struct ir_span span)
{
    struct place place = scope_resolve(low->scopes, low->scope, name);
    struct ir_op op = {.flags = (uint8_t)flags, .span = span};

    switch (place.kind) {
    case PLACE_IS_LOCAL:
        op.code = IR_BIND;
        op.flags = 0;
        op.a = place.local;
        op.b = value;
        break;
    case PLACE_IS_FREE:
        op.code = IR_WRITE_FREE;
        op.a = place.function;
        op.b = place.local;
        op.c = value;
        break;
    case PLACE_IS_GLOBAL:
        op.code = IR_WRITE_GLOBAL;
        op.a = name;
        op.b = value;
        break;
    }
    emit_op(low, op);
}

ir_local temporary_new(struct lowering *low)
{
    return ir_builder_local(low->ir, 0, IR_LOCAL_SYNTHETIC);
}

void temporary_bind(struct lowering *low, ir_local temporary, ir_value value, struct ir_span span)
{
    emit_op(low, (struct ir_op){.code = IR_BIND, .flags = IR_FLAG_SYNTHETIC, .a = temporary, .b = value, .span = span});
}

ir_value temporary_read(struct lowering *low, ir_local temporary, struct ir_span span)
{
    return emit_op(low, (struct ir_op){.code = IR_LOCAL, .flags = IR_FLAG_SYNTHETIC, .a = temporary, .span = span});
}

struct ir_span span_end(const struct tree *tree, uint32_t node)
{
    return (struct ir_span){tree_node(tree, node)->end, tree_node(tree, node)->end};
}

void close_regions(struct lowering *low, uint32_t node, uint32_t count)
{
    while (count-- > 0) {
        ir_close(low->ir, span_end(low->tree, node));
    }
}

ir_name name_at(struct lowering *low, uint32_t identifier)
{
    return scope_name(low->scopes, low->scope, identifier);
}

ir_name keyword_name(struct lowering *low, uint32_t identifier)
{
    return python_name(low->ir, &low->text, node_text(low->tree, identifier), 0);
}

/* ---- functions ---- */

static void return_body(struct lowering *low, struct task task)
{
    ir_value value = value_pop(low);

    emit_op(low, (struct ir_op){.code = IR_RETURN, .a = value, .span = node_span(low->tree, task.node)});
}

static void lower_body(struct lowering *low, uint32_t function)
{
    low->function = function;
    low->scope = low->scopes->functions.data[function];
    const struct scope *scope = scope_at(low->scopes, low->scope);
    uint32_t body = scope->body;

    low->present = scope->node;
    ir_builder_enter(low->ir, function);
    if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA) {
        lower_parameters(low, node_field(low->tree, scope->node, FIELD_PARAMETERS));
    } else {
        scope_declare_locals(low->scopes, function);
    }
    if (scope->kind == SCOPE_LAMBDA) {
        then_expression(low, body, 0);
        then_do(low, return_body, body != NO_NODE ? body : scope->node, 0);
    } else if (scope->kind != SCOPE_MODULE) {
        then_block(low, body);
    } else if (node_kind(low->tree, 0) == NODE_ERROR) {
        then_do(low, lower_error, 0, 0);
    } else {
        then_statements(low, 0);
    }
    run_tasks(low);
    if (low->values.len > 0) {
        BUG("function %u leaves %zu values behind", function, low->values.len);
    }
    ir_builder_leave(low->ir);
}

void lower_module(struct lowering *low, struct tree *tree, struct scopes *scopes, struct ir_builder *ir)
{
    low->tree = tree;
    low->scopes = scopes;
    low->ir = ir;
    low->unexpected = 0;
    low->old_statement = NO_NODE;
    vec_clear(&low->tasks);
    vec_clear(&low->values);
    declare_definitions(low);
    for (uint32_t i = 0; i < scopes->functions.len; i++) {
        lower_body(low, i);
    }
}

void lowering_release(struct lowering *low)
{
    vec_release(&low->tasks);
    vec_release(&low->values);
    vec_release(&low->args);
    vec_release(&low->comprehensions);
    vec_release(&low->matches);
    buf_release(&low->text);
}
