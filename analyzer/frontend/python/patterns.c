/* The match statement.
 *
 * A case becomes `m = MATCHES subject; IF m (captures, body) ELSE (the next case)`. With a guard both conditions are
 * joined first, as `m and guard` would be, so that a failed guard falls to the next case, too. */
#include "frontend/python/lower.h"

/* ---- reading patterns ---- */

/* A pattern without parentheses, `as`, and the case_pattern nodes around it. */
static uint32_t pattern_inner(const struct tree *tree, uint32_t pattern)
{
    for (;;) {
        uint32_t inner = node_first(tree, pattern);
        enum node_kind kind = node_kind(tree, pattern);
        bool wraps = kind == NODE_CASE_PATTERN || kind == NODE_AS_PATTERN;

        if (kind == NODE_TUPLE_PATTERN && inner != NO_NODE) {
            wraps = node_next(tree, pattern, inner) == NO_NODE &&
                    !tree_has_comma(tree, tree_node(tree, inner)->end, tree_node(tree, pattern)->end);
        }
        if (!wraps || inner == NO_NODE) {
            return pattern;
        }
        pattern = inner;
    }
}

/* Whether a dotted name is a bare one, which captures; a key is looked up in any case. */
static bool is_capture(const struct tree *tree, uint32_t node)
{
    return tree_node(tree, node)->after == node + 2 && tree_node(tree, node)->field != FIELD_KEY;
}

static enum ir_pattern pattern_kind(const struct tree *tree, uint32_t pattern)
{
    uint32_t inner = pattern_inner(tree, pattern);

    switch (node_kind(tree, inner)) {
    case TOKEN_UNDERSCORE: return IR_PATTERN_WILDCARD;
    case NODE_DOTTED_NAME: return is_capture(tree, inner) ? IR_PATTERN_CAPTURE : IR_PATTERN_VALUE;
    case NODE_CLASS_PATTERN: return IR_PATTERN_CLASS;
    case NODE_UNION_PATTERN: return IR_PATTERN_OR;
    case NODE_DICT_PATTERN: return IR_PATTERN_MAPPING;
    case NODE_LIST_PATTERN:
    case NODE_TUPLE_PATTERN:
    case NODE_SPLAT_PATTERN: return IR_PATTERN_SEQUENCE;
    default: return IR_PATTERN_LITERAL;
    }
}

/* The patterns of a case: its case_pattern children are the run of nodes [first, after). */
struct case_patterns {
    uint32_t first, after;
    struct ir_span span;
    enum ir_pattern kind;
};

static struct case_patterns case_patterns_of(const struct tree *tree, uint32_t clause)
{
    struct case_patterns patterns = {.first = NO_NODE, .span = node_head(tree, clause), .kind = IR_PATTERN_WILDCARD};
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, clause); child != NO_NODE; child = node_next(tree, clause, child)) {
        if (node_kind(tree, child) != NODE_CASE_PATTERN) {
            continue;
        }
        if (count++ == 0) {
            patterns.first = child;
            patterns.span = node_span(tree, child);
            patterns.kind = pattern_kind(tree, child);
        }
        patterns.after = tree_node(tree, child)->after;
        patterns.span.end = tree_node(tree, child)->end;
    }
    uint32_t next = tree_node(tree, clause)->after > patterns.after ? patterns.after : NO_NODE;
    if (count > 1 ||
        (count == 1 && next != NO_NODE && tree_has_comma(tree, patterns.span.end, tree_node(tree, next)->start))) {
        patterns.kind = IR_PATTERN_SEQUENCE; /* `case a, b:` and `case a,:` need no parentheses */
    }
    return patterns;
}

/* ---- what a pattern names ---- */

static ir_value dotted_value(struct lowering *low, uint32_t node)
{
    const struct tree *tree = low->tree;
    struct ir_span span = node_span(tree, node);
    ir_value value = 0;

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) != NODE_IDENTIFIER) {
            continue;
        }
        span.end = tree_node(tree, child)->end;
        if (value == 0) {
            value = emit_read_name(low, name_at(low, child), 0, span);
        } else {
            value =
                emit_op(low, (struct ir_op){.code = IR_READ_ATTR, .a = value, .b = name_at(low, child), .span = span});
        }
    }
    return value != 0 ? value : emit_unknown(low, span);
}

/* A literal of a pattern; the sign of `-1` is the token before it. */
static ir_value constant_value(struct lowering *low, uint32_t node)
{
    const struct tree *tree = low->tree;

    if (node_kind(tree, node) == NODE_COMPLEX_PATTERN) {
        return emit_const(low, IR_FLOAT, node_text(tree, node), node_span(tree, node));
    }
    if (node_kind(tree, node) == NODE_INTEGER || node_kind(tree, node) == NODE_FLOAT) {
        lower_number(low, (struct task){.node = node});
    } else if (node_kind(tree, node) != NODE_STRING && node_kind(tree, node) != NODE_CONCATENATED_STRING) {
        lower_keyword_constant(low, (struct task){.node = node});
    } else if (string_is_plain(tree, node)) {
        lower_string(low, (struct task){.node = node});
    } else {
        return emit_unknown(low, node_span(tree, node));
    }
    ir_value value = value_pop(low);
    if (node_kind(tree, node - 1) == TOKEN_MINUS) {
        struct ir_span span = {tree_node(tree, node - 1)->start, tree_node(tree, node)->end};
        value = emit_op(low, (struct ir_op){.code = IR_UNARY, .aux = IR_OP_NEG, .a = value, .span = span});
    }
    return value;
}

static void capture(struct lowering *low, uint32_t identifier)
{
    struct ir_span span = node_span(low->tree, identifier);
    enum node_kind before = node_kind(low->tree, identifier - 1);
    bool star = before == TOKEN_STAR || before == TOKEN_DOUBLE_STAR;
    ir_value part = emit_op(low, (struct ir_op){.code = IR_PART,
                                                .flags = star ? IR_FLAG_STAR : 0,
                                                .a = vec_last(&low->matches).subject,
                                                .span = span});

    emit_write_name(low, name_at(low, identifier), part, 0, span);
}

enum pattern_pass { PATTERN_VALUES, PATTERN_CAPTURES };

/* Goes through the patterns of a case. One pass computes the values they name, into low->args; another, where the
 * subject fits, binds what they capture. */
static void walk_patterns(struct lowering *low, struct case_patterns patterns, enum pattern_pass pass)
{
    const struct tree *tree = low->tree;

    for (uint32_t i = patterns.first; i != NO_NODE && i < patterns.after;) {
        uint32_t value = NO_NODE;
        uint32_t name = NO_NODE;
        uint32_t after = i + 1;
        switch (node_kind(tree, i)) {
        case NODE_CLASS_PATTERN:
            if (node_kind(tree, i + 1) == NODE_DOTTED_NAME) {
                value = i + 1;
                after = tree_node(tree, value)->after;
            }
            break;
        case NODE_KEYWORD_PATTERN: after = node_kind(tree, i + 1) == NODE_IDENTIFIER ? i + 2 : i + 1; break;
        case NODE_DOTTED_NAME:
            name = is_capture(tree, i) ? i + 1 : NO_NODE;
            value = name == NO_NODE ? i : NO_NODE;
            after = tree_node(tree, i)->after;
            break;
        case NODE_IDENTIFIER: /* of `as name` or `*name` */ name = i; break;
        case NODE_INTEGER:
        case NODE_FLOAT:
        case NODE_STRING:
        case NODE_CONCATENATED_STRING:
        case NODE_TRUE:
        case NODE_FALSE:
        case NODE_NONE:
        case NODE_COMPLEX_PATTERN:
            value = i;
            after = tree_node(tree, i)->after;
            break;
        default: break;
        }
        if (value != NO_NODE && pass == PATTERN_VALUES) {
            bool dotted = node_kind(tree, value) == NODE_DOTTED_NAME;
            ir_value got = dotted ? dotted_value(low, value) : constant_value(low, value);
            vec_push(&low->args, (struct ir_arg){.value = got});
        }
        if (name != NO_NODE && pass == PATTERN_CAPTURES) {
            capture(low, name);
        }
        i = after;
    }
}

/* ---- cases ---- */

static uint32_t next_case(const struct tree *tree, uint32_t match, uint32_t clause)
{
    uint32_t body = node_field(tree, match, FIELD_BODY);

    if (body == NO_NODE) {
        return NO_NODE;
    }
    do {
        clause = clause == NO_NODE ? node_first(tree, body) : node_next(tree, body, clause);
    } while (clause != NO_NODE && node_kind(tree, clause) != NODE_CASE_CLAUSE);
    return clause;
}

static void open_case(struct lowering *low, uint32_t clause, ir_value condition, unsigned flag)
{
    ir_open(low->ir, (struct ir_op){
                         .code = IR_IF, .flags = (uint8_t)flag, .a = condition, .span = node_head(low->tree, clause)});
}

/* The guard was computed; below it on the stack is whether the pattern fits. */
static void guard_done(struct lowering *low, struct task task)
{
    ir_value guard = value_pop(low);
    ir_value fits = value_pop(low);
    ir_local temporary = temporary_new(low);
    uint32_t node = node_field(low->tree, task.node, FIELD_GUARD);
    struct ir_span span = node_span(low->tree, node);

    temporary_bind(low, temporary, guard, span);
    ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = span_end(low->tree, node)});
    temporary_bind(low, temporary, fits, span);
    close_regions(low, node, 1);
    open_case(low, task.node, temporary_read(low, temporary, span), IR_FLAG_CASE);
    vec_last(&low->matches).regions++;
}

/* x is the case, or NO_NODE behind the last one. */
static void match_case(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    struct match *match = &vec_last(&low->matches);
    uint32_t clause = task.x;

    if (clause == NO_NODE) {
        close_regions(low, task.node, match->regions);
        low->matches.len--;
        return;
    }
    if (match->regions > 0) {
        ir_clause(low->ir, (struct ir_op){.code = IR_ELSE, .span = node_head(tree, clause)});
    }
    struct case_patterns patterns = case_patterns_of(tree, clause);
    vec_clear(&low->args);
    walk_patterns(low, patterns, PATTERN_VALUES);
    struct ir_op op = {.code = IR_MATCHES, .aux = (uint16_t)patterns.kind, .a = match->subject, .span = patterns.span};
    ir_value fits = ir_emit_args(low->ir, op, low->args.data, low->args.len);
    uint32_t guard = node_field(tree, clause, FIELD_GUARD);
    open_case(low, clause, fits, guard != NO_NODE ? IR_FLAG_BOOLEAN : IR_FLAG_CASE);
    walk_patterns(low, patterns, PATTERN_CAPTURES);
    if (guard != NO_NODE) {
        value_push(low, fits);
        then_expression(low, node_operand(tree, guard, 0), 0);
        then_do(low, guard_done, clause, 0);
    } else {
        match->regions++;
    }
    then_block(low, node_field(tree, clause, FIELD_CONSEQUENCE));
    then_do(low, match_case, task.node, next_case(tree, task.node, clause));
}

/* x is the number of subjects on the stack. */
static void match_begin(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t first = node_field(tree, task.node, FIELD_SUBJECT);
    struct match match = {.node = task.node};

    if (task.x == 1 && !tree_has_comma(tree, tree_node(tree, first)->end, node_head(tree, task.node).end)) {
        match.subject = value_pop(low);
    } else if (task.x > 0) {
        args_take(low, task.x);
        struct ir_op op = {.code = IR_NEW, .aux = IR_NEW_TUPLE, .span = node_head(tree, task.node)};
        match.subject = ir_emit_args(low->ir, op, low->args.data, low->args.len);
    } else {
        match.subject = emit_unknown(low, node_head(tree, task.node));
    }
    vec_push(&low->matches, match);
    then_do(low, match_case, task.node, next_case(tree, task.node, NO_NODE));
}

void lower_match(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (tree_node(tree, child)->field == FIELD_SUBJECT && node_role(node_kind(tree, child)) == ROLE_EXPRESSION) {
            then_expression(low, child, 0);
            count++;
        }
    }
    then_do(low, match_begin, task.node, count);
}
