/* Numbers, strings and other literals. */
#include "frontend/python/lower.h"

/* ---- numbers and keywords ---- */

void lower_number(struct lowering *low, struct task task)
{
    struct str text = node_text(low->tree, task.node);
    bool imaginary = text.len > 0 && (text.ptr[text.len - 1] == 'j' || text.ptr[text.len - 1] == 'J');
    bool integer = node_kind(low->tree, task.node) == NODE_INTEGER && !imaginary;

    value_push(low, emit_const(low, integer ? IR_INT : IR_FLOAT, text, node_span(low->tree, task.node)));
}

void lower_keyword_constant(struct lowering *low, struct task task)
{
    enum ir_const kind;

    switch (node_kind(low->tree, task.node)) {
    case NODE_TRUE: kind = IR_TRUE; break;
    case NODE_FALSE: kind = IR_FALSE; break;
    case NODE_NONE: kind = IR_NONE; break;
    default: kind = IR_ELLIPSIS; break;
    }
    value_push(low, emit_const(low, kind, node_text(low->tree, task.node), node_span(low->tree, task.node)));
}

/* ---- string literals ---- */

/* A string literal taken apart. */
struct literal {
    struct str content; /* between the quotes */
    bool raw, bytes, formatted;
};

static struct literal literal_of(struct str text)
{
    struct literal literal = {0};
    size_t i = 0;

    while (i < text.len && text.ptr[i] != '"' && text.ptr[i] != '\'') {
        literal.raw |= text.ptr[i] == 'r' || text.ptr[i] == 'R';
        literal.bytes |= text.ptr[i] == 'b' || text.ptr[i] == 'B';
        literal.formatted |= text.ptr[i] == 'f' || text.ptr[i] == 'F' || text.ptr[i] == 't' || text.ptr[i] == 'T';
        i++;
    }
    if (i < text.len) {
        char quote = text.ptr[i];
        bool triple = text.len >= i + 6 && text.ptr[i + 1] == quote && text.ptr[i + 2] == quote;
        size_t width = triple ? 3 : 1;
        bool closed = text.len >= i + 2 * width && text.ptr[text.len - 1] == quote;
        literal.content = str_slice(text, i + width, closed ? text.len - width : text.len);
    }
    return literal;
}

static void add_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x110000) {
        buf_add_char(out, (char)(0xf0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned)(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A') + 10;
    }
    return 16;
}

/* Reads up to `most` digits of a base at *at; moves *at behind them. */
static uint32_t read_digits(struct str s, size_t *at, size_t most, unsigned base)
{
    uint32_t number = 0;

    for (size_t i = 0; i < most && *at < s.len && digit_value(s.ptr[*at]) < base; i++) {
        number = number * base + digit_value(s.ptr[(*at)++]);
    }
    return number;
}

/* Adds a character given by its number: as UTF-8, or in a bytes literal as the byte. */
static void add_number(struct buf *out, uint32_t number, bool bytes)
{
    if (bytes) {
        buf_add_char(out, (char)(number & 0xff));
    } else {
        add_utf8(out, number);
    }
}

/* Adds what an escape stands for; s.ptr[at] is the character behind the backslash. Returns the offset behind it. */
static size_t add_escape(struct buf *out, struct str s, size_t at, bool bytes)
{
    static const char plain[] = "abfnrtv\\'\"";
    static const char meaning[] = "\a\b\f\n\r\t\v\\'\"";
    char c = s.ptr[at];
    size_t digits = at + 1;

    for (size_t i = 0; i + 1 < sizeof plain; i++) {
        if (plain[i] == c) {
            buf_add_char(out, meaning[i]);
            return at + 1;
        }
    }
    if (c == '\n') {
        return at + 1;
    }
    if (c == '\r') {
        return at + 1 + (at + 1 < s.len && s.ptr[at + 1] == '\n');
    }
    if (c >= '0' && c <= '7') {
        digits = at;
        add_number(out, read_digits(s, &digits, 3, 8), bytes);
        return digits;
    }
    size_t width = c == 'x' ? 2 : bytes ? 0 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint32_t number = read_digits(s, &digits, width, 16);
    if (width > 0 && digits == at + 1 + width) {
        add_number(out, number, bytes);
        return digits;
    }
    buf_add_char(out, '\\'); /* no escape (or \N{name}, which is kept as written) */
    return at;
}

/* Adds the meaning of a literal; one brace for each doubled one of an f-string. */
static void add_content(struct buf *out, struct literal literal)
{
    struct str s = literal.content;
    size_t from = 0;

    for (size_t i = 0; i + 1 < s.len;) {
        bool escape = s.ptr[i] == '\\' && !literal.raw;
        bool line = s.ptr[i] == '\r'; /* every line end is a line feed to Python */
        bool brace = literal.formatted && (s.ptr[i] == '{' || s.ptr[i] == '}') && s.ptr[i + 1] == s.ptr[i];
        if (escape) {
            buf_add(out, str_slice(s, from, i));
            i = add_escape(out, s, i + 1, literal.bytes);
            from = i;
        } else if (brace) {
            buf_add(out, str_slice(s, from, i + 1));
            i += 2;
            from = i;
        } else if (line) {
            buf_add(out, str_slice(s, from, i));
            buf_add_char(out, '\n');
            i += s.ptr[i + 1] == '\n' ? 2 : 1;
            from = i;
        } else {
            i++;
        }
    }
    buf_add(out, str_slice(s, from, s.len));
}

bool string_is_plain(const struct tree *tree, uint32_t node)
{
    for (uint32_t i = node; i < tree_node(tree, node)->after; i++) {
        if (node_kind(tree, i) != NODE_STRING && node_kind(tree, i) != NODE_CONCATENATED_STRING) {
            return false;
        }
    }
    return node_kind(tree, node) == NODE_STRING || node_kind(tree, node) == NODE_CONCATENATED_STRING;
}

/* Puts the contents of a string, or of the strings of a concatenation, together in low->text. */
struct str string_value(struct lowering *low, uint32_t node)
{
    const struct tree *tree = low->tree;

    buf_clear(&low->text);
    if (node_kind(tree, node) == NODE_STRING) {
        add_content(&low->text, literal_of(node_text(tree, node)));
        return buf_str(&low->text);
    }
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) == NODE_STRING) {
            add_content(&low->text, literal_of(node_text(tree, child)));
        }
    }
    return buf_str(&low->text);
}

static bool string_is_bytes(const struct tree *tree, uint32_t node)
{
    uint32_t first = node_kind(tree, node) == NODE_STRING ? node : node_of_kind(tree, node, NODE_STRING);

    return first != NO_NODE && literal_of(node_text(tree, first)).bytes;
}

/* Walks the interpolations of a string, also those in format specifiers, but not those of strings inside of them.
 * Calls then_expression for each if `low` is given; returns their number. */
static uint32_t interpolations(const struct tree *tree, uint32_t node, struct lowering *low)
{
    uint32_t count = 0;

    for (uint32_t i = node + 1; i < tree_node(tree, node)->after;) {
        enum node_kind kind = node_kind(tree, i);
        if (kind == NODE_INTERPOLATION || kind == NODE_FORMAT_EXPRESSION) {
            uint32_t expression = node_field(tree, i, FIELD_EXPRESSION);
            count += expression != NO_NODE;
            if (low != NULL && expression != NO_NODE) {
                then_expression(low, expression, 0);
            }
        }
        bool inside = kind == NODE_INTERPOLATION || kind == NODE_FORMAT_EXPRESSION || kind == NODE_FORMAT_SPECIFIER ||
                      kind == NODE_STRING;
        bool expression = tree_node(tree, i)->field == FIELD_EXPRESSION;
        i = inside && !expression ? i + 1 : tree_node(tree, i)->after;
    }
    return count;
}

/* x is the number of values on the stack. */
static void string_done(struct lowering *low, struct task task)
{
    args_take(low, task.x);
    struct ir_op op = {.code = IR_NEW, .aux = IR_NEW_STRING, .span = node_span(low->tree, task.node)};
    value_push(low, ir_emit_args(low->ir, op, low->args.data, low->args.len));
}

void lower_string(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;

    if (string_is_plain(tree, task.node)) {
        enum ir_const kind = string_is_bytes(tree, task.node) ? IR_BYTES : IR_STRING;
        value_push(low, emit_const(low, kind, string_value(low, task.node), node_span(tree, task.node)));
        return;
    }
    uint32_t count = interpolations(tree, task.node, low);
    then_do(low, string_done, task.node, count);
}
