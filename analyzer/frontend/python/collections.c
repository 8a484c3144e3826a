/* Lists, tuples, sets and dictionaries, written out or as comprehensions. */
#include "frontend/python/lower.h"

static bool is_splat(enum node_kind kind)
{
    return kind == NODE_LIST_SPLAT || kind == NODE_LIST_SPLAT_PATTERN;
}

/* Whether an element is starred, perhaps in parentheses: `[*a, (*b)]`. */
static bool is_starred(const struct tree *tree, uint32_t node)
{
    while (node != NO_NODE && (node_kind(tree, node) == NODE_PARENTHESIZED_LIST_SPLAT ||
                               node_kind(tree, node) == NODE_PARENTHESIZED_EXPRESSION)) {
        node = node_operand(tree, node, 0);
    }
    return node != NO_NODE && is_splat(node_kind(tree, node));
}

static enum ir_new collection_kind(enum node_kind kind)
{
    switch (kind) {
    case NODE_LIST:
    case NODE_LIST_PATTERN:
    case NODE_LIST_COMPREHENSION: return IR_NEW_LIST;
    case NODE_SET:
    case NODE_SET_COMPREHENSION: return IR_NEW_SET;
    case NODE_DICTIONARY_COMPREHENSION: return IR_NEW_DICT;
    case NODE_GENERATOR_EXPRESSION: return IR_NEW_GENERATOR;
    default: return IR_NEW_TUPLE;
    }
}

/* x is the number of elements, whose values are on the stack. */
static void collection_done(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    size_t value = low->values.len - task.x;

    vec_clear(&low->args);
    for (uint32_t child = node_next_operand(tree, task.node, NO_NODE); child != NO_NODE;
         child = node_next_operand(tree, task.node, child)) {
        uint32_t kind = is_starred(tree, child) ? IR_ARG_STAR : IR_ARG_PLAIN;
        vec_push(&low->args, (struct ir_arg){.value = low->values.data[value++], .kind = kind});
    }
    low->values.len -= task.x;
    struct ir_op op = {.code = IR_NEW,
                       .aux = (uint16_t)collection_kind(node_kind(tree, task.node)),
                       .span = node_span(tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, low->args.data, low->args.len));
}

void lower_collection(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t count = 0;

    for (uint32_t child = node_next_operand(tree, task.node, NO_NODE); child != NO_NODE;
         child = node_next_operand(tree, task.node, child)) {
        then_expression(low, child, 0);
        count++;
    }
    then_do(low, collection_done, task.node, count);
}

/* x is the number of values on the stack: two for a pair, one for `**other`. */
static void dictionary_done(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    size_t value = low->values.len - task.x;

    vec_clear(&low->args);
    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (node_kind(tree, child) == NODE_PAIR) {
            vec_push(&low->args, (struct ir_arg){.value = low->values.data[value++]});
            vec_push(&low->args, (struct ir_arg){.value = low->values.data[value++]});
        } else if (node_kind(tree, child) == NODE_DICTIONARY_SPLAT) {
            vec_push(&low->args, (struct ir_arg){.value = low->values.data[value++], .kind = IR_ARG_DOUBLE_STAR});
        }
    }
    low->values.len -= task.x;
    struct ir_op op = {.code = IR_NEW, .aux = IR_NEW_DICT, .span = node_span(tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, low->args.data, low->args.len));
}

void lower_dictionary(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (node_kind(tree, child) == NODE_PAIR) {
            then_expression(low, node_field(tree, child, FIELD_KEY), 0);
            then_expression(low, node_field(tree, child, FIELD_VALUE), 0);
            count += 2;
        } else if (node_kind(tree, child) == NODE_DICTIONARY_SPLAT) {
            then_expression(low, child, 0);
            count++;
        }
    }
    then_do(low, dictionary_done, task.node, count);
}

/* ---- comprehensions ---- */

static void comprehension_clause(struct lowering *low, struct task task);

/* The iterable of a clause. Several of them (Python 2) are a tuple; x is their number. */
static void iterable_tuple(struct lowering *low, struct task task)
{
    args_take(low, task.x);
    struct ir_op op = {.code = IR_NEW, .aux = IR_NEW_TUPLE, .span = node_span(low->tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, low->args.data, low->args.len));
}

static void then_iterable(struct lowering *low, uint32_t clause)
{
    const struct tree *tree = low->tree;
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, clause); child != NO_NODE; child = node_next(tree, clause, child)) {
        if (tree_node(tree, child)->field == FIELD_RIGHT && node_role(node_kind(tree, child)) == ROLE_EXPRESSION) {
            then_expression(low, child, 0);
            count++;
        }
    }
    if (count == 0) {
        then_expression(low, NO_NODE, 0);
    } else if (count > 1) {
        then_do(low, iterable_tuple, clause, count);
    }
}

/* The iterable of a clause was computed: opens the loop and goes on behind the clause. */
static void comprehension_loop(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    bool async = node_of_kind(tree, task.node, TOKEN_ASYNC) != NO_NODE;
    unsigned flags = IR_FLAG_COMPREHENSION | (async ? IR_FLAG_ASYNC : 0u);
    ir_value iterable = value_pop(low);
    ir_value element = ir_open(
        low->ir,
        (struct ir_op){.code = IR_FOR, .flags = (uint8_t)flags, .a = iterable, .span = node_span(tree, task.node)});

    vec_last(&low->comprehensions).regions++;
    then_store(low, node_field(tree, task.node, FIELD_LEFT), element);
    then_do(low, comprehension_clause, tree_node(tree, task.node)->after, 0);
}

static void comprehension_filter(struct lowering *low, struct task task)
{
    ir_value condition = value_pop(low);

    ir_open(low->ir, (struct ir_op){.code = IR_IF, .a = condition, .span = node_span(low->tree, task.node)});
    vec_last(&low->comprehensions).regions++;
    then_do(low, comprehension_clause, tree_node(low->tree, task.node)->after, 0);
}

static void comprehension_end(struct lowering *low)
{
    struct comprehension done = vec_pop(&low->comprehensions);

    close_regions(low, done.node, done.regions);
    low->scope = done.outer;
    value_push(low, done.made);
}

static void emit_element(struct lowering *low, uint32_t node, ir_value element, ir_value key)
{
    emit_op(low, (struct ir_op){.code = IR_ELEMENT,
                                .a = vec_last(&low->comprehensions).made,
                                .b = element,
                                .c = key,
                                .span = node_span(low->tree, node)});
}

static void comprehension_element(struct lowering *low, struct task task)
{
    ir_value element = value_pop(low);
    ir_value key = node_kind(low->tree, task.node) == NODE_PAIR ? value_pop(low) : 0;

    emit_element(low, task.node, element, key);
    comprehension_end(low);
}

/* `[*part for part in whole]`: the elements of the value are added one by one; of a dictionary its items. */
static void comprehension_spread(struct lowering *low, struct task task)
{
    ir_value part = value_pop(low);
    struct ir_span span = node_span(low->tree, task.node);
    ir_value element = ir_open(
        low->ir,
        (struct ir_op){.code = IR_FOR, .flags = IR_FLAG_COMPREHENSION | IR_FLAG_SYNTHETIC, .a = part, .span = span});

    if (task.x == 2) {
        ir_value value = emit_op(
            low,
            (struct ir_op){.code = IR_READ_ITEM, .flags = IR_FLAG_SYNTHETIC, .a = part, .b = element, .span = span});
        emit_element(low, task.node, value, element);
    } else {
        emit_element(low, task.node, element, 0);
    }
    close_regions(low, task.node, 1);
    comprehension_end(low);
}

/* How many stars the element of a comprehension has. The grammar knows no starred ones but `*name`; where the text has
 * others, the tree was parsed without them. */
static unsigned element_stars(const struct tree *tree, uint32_t comprehension)
{
    uint32_t body = node_field(tree, comprehension, FIELD_BODY);

    if (body != NO_NODE && is_splat(node_kind(tree, body))) {
        body = node_operand(tree, body, 0);
    }
    return body == NO_NODE ? 0 : tree_stars_before(tree, body);
}

/* Works on the clause at a node, or, behind the last one, on the element. */
static void comprehension_clause(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t clause = task.node;
    uint32_t comprehension = vec_last(&low->comprehensions).node;
    uint32_t end = tree_node(tree, comprehension)->after;

    while (clause < end && node_kind(tree, clause) != NODE_FOR_IN_CLAUSE && node_kind(tree, clause) != NODE_IF_CLAUSE) {
        clause = tree_node(tree, clause)->after;
    }
    if (clause >= end) {
        uint32_t body = node_field(tree, comprehension, FIELD_BODY);
        if (body != NO_NODE && node_kind(tree, body) == NODE_PAIR) {
            then_expression(low, node_field(tree, body, FIELD_KEY), 0);
            then_expression(low, node_field(tree, body, FIELD_VALUE), 0);
        } else {
            then_expression(low, body, 0);
        }
        unsigned stars = element_stars(tree, comprehension);
        then_do(low, stars > 0 ? comprehension_spread : comprehension_element, body != NO_NODE ? body : comprehension,
                stars);
    } else if (node_kind(tree, clause) == NODE_FOR_IN_CLAUSE) {
        then_iterable(low, clause);
        then_do(low, comprehension_loop, clause, 0);
    } else {
        then_expression(low, node_operand(tree, clause, 0), 0);
        then_do(low, comprehension_filter, clause, 0);
    }
}

/* The outermost iterable was computed; x is its clause. */
static void comprehension_begin(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    enum ir_new kind = collection_kind(node_kind(tree, task.node));
    struct ir_op op = {.code = IR_NEW, .aux = (uint16_t)kind, .span = node_span(tree, task.node)};
    struct comprehension begun = {.node = task.node, .outer = low->scope};

    if (kind == IR_NEW_SET && element_stars(tree, task.node) == 2) {
        op.aux = IR_NEW_DICT; /* `{**part for part in whole}` */
    }
    begun.made = ir_emit_args(low->ir, op, NULL, 0);
    vec_push(&low->comprehensions, begun);
    low->scope = tree_node(tree, task.node)->defines;
    then_do(low, task.x == NO_NODE ? comprehension_clause : comprehension_loop,
            task.x == NO_NODE ? task.node + 1 : task.x, 0);
}

void lower_comprehension(struct lowering *low, struct task task)
{
    uint32_t first = node_of_kind(low->tree, task.node, NODE_FOR_IN_CLAUSE);

    if (first != NO_NODE) {
        then_iterable(low, first);
    }
    then_do(low, comprehension_begin, task.node, first);
}
