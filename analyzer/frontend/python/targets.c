/* Assignment, augmented assignment, deletion: everything that writes to a target. */
#include "frontend/python/lower.h"

#include "frontend/python/names.h"

/* Takes parentheses and the like off a target. `(a) = 1` parses as a tuple pattern of one element. */
static uint32_t target_inner(const struct tree *tree, uint32_t target)
{
    while (target != NO_NODE) {
        uint32_t inner = node_operand(tree, target, 0);
        bool peel = false;
        switch (node_kind(tree, target)) {
        case NODE_AS_PATTERN_TARGET:
        case NODE_PARENTHESIZED_EXPRESSION: peel = true; break;
        case NODE_TUPLE_PATTERN:
            peel = inner != NO_NODE && node_kind(tree, inner) != NODE_LIST_SPLAT_PATTERN &&
                   node_next_operand(tree, target, inner) == NO_NODE &&
                   !tree_has_comma(tree, tree_node(tree, inner)->end, tree_node(tree, target)->end);
            break;
        default: break;
        }
        if (!peel) {
            break;
        }
        target = inner;
    }
    return target;
}

static bool is_sequence(enum node_kind kind)
{
    return kind == NODE_PATTERN_LIST || kind == NODE_TUPLE_PATTERN || kind == NODE_LIST_PATTERN || kind == NODE_TUPLE ||
           kind == NODE_LIST || kind == NODE_EXPRESSION_LIST;
}

/* ---- stores; x is the value ---- */

static void store_name(struct lowering *low, struct task task)
{
    emit_write_name(low, name_at(low, task.node), task.x, 0, node_span(low->tree, task.node));
}

static void store_attribute(struct lowering *low, struct task task)
{
    ir_value object = value_pop(low);
    uint32_t attribute = node_field(low->tree, task.node, FIELD_ATTRIBUTE);

    if (attribute != NO_NODE) {
        emit_op(low, (struct ir_op){.code = IR_WRITE_ATTR,
                                    .a = object,
                                    .b = name_at(low, attribute),
                                    .c = task.x,
                                    .span = node_span(low->tree, task.node)});
    }
}

static void store_item(struct lowering *low, struct task task)
{
    ir_value key = value_pop(low);
    ir_value object = value_pop(low);

    emit_op(low,
            (struct ir_op){
                .code = IR_WRITE_ITEM, .a = object, .b = key, .c = task.x, .span = node_span(low->tree, task.node)});
}

/* Takes all elements first and stores them then, as Python does. */
static void store_elements(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint16_t index = 0;

    for (uint32_t child = node_next_operand(tree, task.node, NO_NODE); child != NO_NODE;
         child = node_next_operand(tree, task.node, child)) {
        enum node_kind kind = node_kind(tree, child);
        bool splat = kind == NODE_LIST_SPLAT || kind == NODE_LIST_SPLAT_PATTERN;
        bool star = splat || tree_stars_before(tree, child) == 1; /* `*(a, b)` loses its star in the tree */
        uint32_t target = splat ? node_operand(tree, child, 0) : child;
        ir_value element = emit_op(low, (struct ir_op){.code = IR_UNPACK,
                                                       .flags = star ? IR_FLAG_STAR : 0,
                                                       .aux = index,
                                                       .a = task.x,
                                                       .span = node_span(tree, child)});
        index = (uint16_t)(index + (index < UINT16_MAX));
        then_store(low, target, element);
    }
}

void then_store(struct lowering *low, uint32_t target, ir_value value)
{
    const struct tree *tree = low->tree;

    target = target_inner(tree, target);
    if (target == NO_NODE || (tree_node(tree, target)->flags & NODE_FLAG_MISSING)) {
        return;
    }
    switch (node_kind(tree, target)) {
    case NODE_IDENTIFIER: then_do(low, store_name, target, value); break;
    case NODE_ATTRIBUTE:
        then_expression(low, node_field(tree, target, FIELD_OBJECT), 0);
        then_do(low, store_attribute, target, value);
        break;
    case NODE_SUBSCRIPT:
        then_expression(low, node_field(tree, target, FIELD_VALUE), 0);
        then_key(low, target);
        then_do(low, store_item, target, value);
        break;
    default:
        if (is_sequence(node_kind(tree, target))) {
            then_do(low, store_elements, target, value);
        } else {
            then_expression(low, target, 0); /* nothing that can be assigned to */
            then_drop(low);
        }
        break;
    }
}

/* ---- assignment ---- */

static void push_unknown(struct lowering *low, struct task task)
{
    value_push(low, emit_unknown(low, node_span(low->tree, task.node)));
}

/* The right side: an expression, or what the grammar allows there but Python does not (`a = b += 1`). */
static void then_right_side(struct lowering *low, uint32_t right)
{
    if (right != NO_NODE && node_role(node_kind(low->tree, right)) == ROLE_STATEMENT) {
        then_statement(low, right);
        then_do(low, push_unknown, right, 0);
    } else {
        then_expression(low, right, 0);
    }
}

static void emit_declare(struct lowering *low, uint32_t assignment, ir_value object, ir_name name)
{
    uint32_t type = node_field(low->tree, assignment, FIELD_TYPE);
    struct ir_op op = {.code = IR_DECLARE, .a = object, .b = name, .span = node_span(low->tree, assignment)};

    op.c = python_text_name(low->ir, &low->text, node_text(low->tree, type));
    op.span.end = tree_node(low->tree, type)->end;
    emit_op(low, op);
}

/* `name: type [= value]`; x is the value or 0. */
static void declare_name(struct lowering *low, struct task task)
{
    uint32_t target = target_inner(low->tree, node_field(low->tree, task.node, FIELD_LEFT));
    ir_name name = name_at(low, target);

    emit_declare(low, task.node, 0, name);
    if (task.x != 0) {
        emit_write_name(low, name, task.x, 0, node_span(low->tree, target));
    }
}

/* `object.name: type [= value]`, whose object was computed; x is the value or 0. */
static void declare_attribute(struct lowering *low, struct task task)
{
    uint32_t target = target_inner(low->tree, node_field(low->tree, task.node, FIELD_LEFT));
    uint32_t attribute = node_field(low->tree, target, FIELD_ATTRIBUTE);
    ir_value object = value_pop(low);

    if (attribute == NO_NODE) {
        return;
    }
    emit_declare(low, task.node, object, name_at(low, attribute));
    if (task.x != 0) {
        value_push(low, object);
        store_attribute(low, (struct task){.node = target, .x = task.x});
    }
}

/* An annotated target; the value is 0 where there is none. */
static void then_declare(struct lowering *low, uint32_t assignment, ir_value value)
{
    const struct tree *tree = low->tree;
    uint32_t target = target_inner(tree, node_field(tree, assignment, FIELD_LEFT));
    enum node_kind kind = target == NO_NODE ? NODE_NOTHING : node_kind(tree, target);

    if (kind == NODE_IDENTIFIER) {
        then_do(low, declare_name, assignment, value);
    } else if (kind == NODE_ATTRIBUTE) {
        then_expression(low, node_field(tree, target, FIELD_OBJECT), 0);
        then_do(low, declare_attribute, assignment, value);
    } else if (value != 0) {
        then_store(low, target, value);
    } else if (kind == NODE_SUBSCRIPT) { /* both parts are computed, no more */
        then_expression(low, node_field(tree, target, FIELD_VALUE), 0);
        then_drop(low);
        then_key(low, target);
        then_drop(low);
    }
}

/* The value of a chain of assignments was computed: all targets get it, from left to right. */
static void assignment_done(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    ir_value value = value_pop(low);

    for (uint32_t node = task.node; node != NO_NODE && node_kind(tree, node) == NODE_ASSIGNMENT;
         node = node_field(tree, node, FIELD_RIGHT)) {
        if (node_field(tree, node, FIELD_TYPE) != NO_NODE) {
            then_declare(low, node, value);
        } else {
            then_store(low, node_field(tree, node, FIELD_LEFT), value);
        }
    }
}

void lower_assignment(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t right = node_field(tree, task.node, FIELD_RIGHT);

    if (right == NO_NODE && node_field(tree, task.node, FIELD_TYPE) != NO_NODE) {
        then_declare(low, task.node, 0);
        return;
    }
    note_all(low, node_field(tree, task.node, FIELD_LEFT), right, false);
    while (right != NO_NODE && node_kind(tree, right) == NODE_ASSIGNMENT) {
        right = node_field(tree, right, FIELD_RIGHT);
    }
    then_right_side(low, right);
    then_do(low, assignment_done, task.node, 0);
}

/* ---- augmented assignment: on the stack are the target's object and key, what was read from it, and the operand ----
 */

static ir_value emit_inplace(struct lowering *low, uint32_t node)
{
    uint32_t token = node_field(low->tree, node, FIELD_OPERATOR);
    enum ir_operator op = token == NO_NODE ? IR_OPERATOR_COUNT : operator_of(node_kind(low->tree, token));
    ir_value operand = value_pop(low);
    ir_value value = value_pop(low);
    struct ir_span span = node_span(low->tree, node);

    if (op == IR_OPERATOR_COUNT) {
        return emit_unknown(low, span);
    }
    return emit_op(low,
                   (struct ir_op){.code = IR_INPLACE, .aux = (uint16_t)op, .a = value, .b = operand, .span = span});
}

/* In the tasks up to the next comment the node is the target and x the statement, or the other way round where the
 * statement is what remains to be done. */
static void augmented_read_name(struct lowering *low, struct task task)
{
    value_push(low, emit_read_name(low, name_at(low, task.node), IR_FLAG_AUGMENTED, node_span(low->tree, task.node)));
}

static void augmented_write_name(struct lowering *low, struct task task)
{
    ir_value value = emit_inplace(low, task.x);

    emit_write_name(low, name_at(low, task.node), value, IR_FLAG_AUGMENTED, node_span(low->tree, task.x));
}

static void augmented_read_attribute(struct lowering *low, struct task task)
{
    ir_value object = vec_last(&low->values);
    ir_name name = name_at(low, node_field(low->tree, task.node, FIELD_ATTRIBUTE));

    value_push(low, emit_op(low, (struct ir_op){.code = IR_READ_ATTR,
                                                .flags = IR_FLAG_AUGMENTED,
                                                .a = object,
                                                .b = name,
                                                .span = node_span(low->tree, task.node)}));
}

static void augmented_write_attribute(struct lowering *low, struct task task)
{
    ir_value value = emit_inplace(low, task.x);
    ir_value object = value_pop(low);

    emit_op(low, (struct ir_op){.code = IR_WRITE_ATTR,
                                .flags = IR_FLAG_AUGMENTED,
                                .a = object,
                                .b = name_at(low, node_field(low->tree, task.node, FIELD_ATTRIBUTE)),
                                .c = value,
                                .span = node_span(low->tree, task.x)});
}

static void augmented_read_item(struct lowering *low, struct task task)
{
    ir_value key = low->values.data[low->values.len - 1];
    ir_value object = low->values.data[low->values.len - 2];

    value_push(low, emit_op(low, (struct ir_op){.code = IR_READ_ITEM,
                                                .flags = IR_FLAG_AUGMENTED,
                                                .a = object,
                                                .b = key,
                                                .span = node_span(low->tree, task.node)}));
}

static void augmented_write_item(struct lowering *low, struct task task)
{
    ir_value value = emit_inplace(low, task.x);
    ir_value key = value_pop(low);
    ir_value object = value_pop(low);

    emit_op(low, (struct ir_op){.code = IR_WRITE_ITEM,
                                .flags = IR_FLAG_AUGMENTED,
                                .a = object,
                                .b = key,
                                .c = value,
                                .span = node_span(low->tree, task.x)});
}

void lower_augmented(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t target = target_inner(tree, node_field(tree, task.node, FIELD_LEFT));
    uint32_t right = node_field(tree, task.node, FIELD_RIGHT);
    enum node_kind kind = target == NO_NODE ? NODE_NOTHING : node_kind(tree, target);

    note_all(low, target, right, true);
    if (kind == NODE_IDENTIFIER) {
        then_do(low, augmented_read_name, target, task.node);
        then_right_side(low, right);
        then_do(low, augmented_write_name, target, task.node);
    } else if (kind == NODE_ATTRIBUTE && node_field(tree, target, FIELD_ATTRIBUTE) != NO_NODE) {
        then_expression(low, node_field(tree, target, FIELD_OBJECT), 0);
        then_do(low, augmented_read_attribute, target, task.node);
        then_right_side(low, right);
        then_do(low, augmented_write_attribute, target, task.node);
    } else if (kind == NODE_SUBSCRIPT) {
        then_expression(low, node_field(tree, target, FIELD_VALUE), 0);
        then_key(low, target);
        then_do(low, augmented_read_item, target, task.node);
        then_right_side(low, right);
        then_do(low, augmented_write_item, target, task.node);
    } else { /* no target that Python allows */
        then_right_side(low, right);
        then_drop(low);
    }
}

/* ---- del ---- */

static void delete_name(struct lowering *low, struct task task)
{
    ir_name name = name_at(low, task.node);
    struct place place = scope_resolve(low->scopes, low->scope, name);
    struct ir_op op = {.code = IR_DELETE_GLOBAL, .a = name, .span = node_span(low->tree, task.node)};

    if (place.kind == PLACE_IS_LOCAL) {
        op.code = IR_DELETE_LOCAL;
        op.a = place.local;
    } else if (place.kind == PLACE_IS_FREE) {
        op.code = IR_DELETE_FREE;
        op.a = place.function;
        op.b = place.local;
    }
    emit_op(low, op);
}

static void delete_attribute(struct lowering *low, struct task task)
{
    ir_value object = value_pop(low);
    uint32_t attribute = node_field(low->tree, task.node, FIELD_ATTRIBUTE);

    if (attribute != NO_NODE) {
        emit_op(low, (struct ir_op){.code = IR_DELETE_ATTR,
                                    .a = object,
                                    .b = name_at(low, attribute),
                                    .span = node_span(low->tree, task.node)});
    }
}

static void delete_item(struct lowering *low, struct task task)
{
    ir_value key = value_pop(low);
    ir_value object = value_pop(low);

    emit_op(low,
            (struct ir_op){.code = IR_DELETE_ITEM, .a = object, .b = key, .span = node_span(low->tree, task.node)});
}

static void delete_target(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t target = target_inner(tree, task.node);

    switch (target == NO_NODE ? NODE_NOTHING : node_kind(tree, target)) {
    case NODE_IDENTIFIER: delete_name(low, (struct task){.node = target}); break;
    case NODE_ATTRIBUTE:
        then_expression(low, node_field(tree, target, FIELD_OBJECT), 0);
        then_do(low, delete_attribute, target, 0);
        break;
    case NODE_SUBSCRIPT:
        then_expression(low, node_field(tree, target, FIELD_VALUE), 0);
        then_key(low, target);
        then_do(low, delete_item, target, 0);
        break;
    case NODE_NOTHING: break;
    default:
        for (uint32_t child = node_next_operand(tree, target, NO_NODE);
             child != NO_NODE && is_sequence(node_kind(tree, target)); child = node_next_operand(tree, target, child)) {
            then_do(low, delete_target, child, 0);
        }
        break;
    }
}

void lower_delete(struct lowering *low, struct task task)
{
    then_do(low, delete_target, node_operand(low->tree, task.node, 0), 0);
}
