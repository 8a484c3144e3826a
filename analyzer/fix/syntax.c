#include "fix/syntax.h"

#include <stdlib.h>

static void set_parents(struct syntax *s)
{
    const struct tree *tree = &s->tree;
    uint32_t parent = 0;
    for (uint32_t i = 1; i < tree->nodes.len; i++) {
        while (i >= tree->nodes.data[parent].after && parent != 0) {
            parent = s->parents[parent];
        }
        s->parents[i] = parent;
        if (tree->nodes.data[i].after > i + 1) {
            parent = i;
        }
    }
}

static uint32_t line_at(const struct syntax *s, uint32_t offset)
{
    return source_position_at(s->file, offset).line;
}

static void mark_strings(struct syntax *s)
{
    for (uint32_t i = 1; i < s->tree.nodes.len; i++) {
        const struct node *node = &s->tree.nodes.data[i];
        if (node->kind != NODE_STRING) {
            continue;
        }
        uint32_t last = line_at(s, node->end);
        for (uint32_t line = line_at(s, node->start) + 1; line <= last; line++) {
            s->in_string[line - 1] = true;
        }
    }
}

/* The smallest step between a block and the one around it. */
static struct str find_unit(struct syntax *s)
{
    struct str best = STR("");
    for (uint32_t i = 1; i < s->tree.nodes.len; i++) {
        if (node_kind(&s->tree, i) != NODE_BLOCK || node_first(&s->tree, i) == NO_NODE) {
            continue;
        }
        uint32_t outer = syntax_statement(s, s->parents[i]), inner = node_first(&s->tree, i);
        if (outer == NO_NODE || syntax_first_line(s, inner) == syntax_first_line(s, outer)) {
            continue;
        }
        struct str a = syntax_indent(s, syntax_first_line(s, outer));
        struct str b = syntax_indent(s, syntax_first_line(s, inner));
        if (b.len > a.len && str_starts(b, a) && (best.len == 0 || b.len - a.len < best.len)) {
            best = str_slice(b, a.len, b.len);
        }
    }
    return best.len > 0 ? best : STR("    ");
}

static struct str find_newline(const struct source_file *file)
{
    size_t at = str_find(file->text, STR("\n"));
    if (at == SIZE_MAX) {
        return str_find(file->text, STR("\r")) == SIZE_MAX ? STR("\n") : STR("\r");
    }
    return at > 0 && file->text.ptr[at - 1] == '\r' ? STR("\r\n") : STR("\n");
}

struct syntax *syntax_new(struct frontend *frontend, const struct source_file *file)
{
    struct syntax *s = memory_new(sizeof *s);
    s->file = file;
    s->arena = arena_new();
    if (!frontend_tree(frontend, file, &s->tree) || s->tree.errors.len > 0) {
        syntax_free(s);
        return NULL;
    }
    s->parents = arena_array(s->arena, s->tree.nodes.len, sizeof *s->parents);
    s->in_string = arena_array(s->arena, file->line_count + 1, sizeof *s->in_string);
    set_parents(s);
    mark_strings(s);
    s->newline = find_newline(file);
    s->unit = find_unit(s);
    return s;
}

void syntax_free(struct syntax *syntax)
{
    if (syntax) {
        tree_release(&syntax->tree);
        arena_free(syntax->arena);
        free(syntax);
    }
}

uint32_t syntax_find(const struct syntax *s, struct ir_span span)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < s->tree.nodes.len;) {
        const struct node *node = &s->tree.nodes.data[i];
        if (node->start > span.start || node->end < span.end) {
            i = node->after;
            continue;
        }
        const struct node *best = &s->tree.nodes.data[found];
        bool suite = best->kind == NODE_BLOCK || best->kind == NODE_MODULE;
        if (suite || node->start != best->start || node->end != best->end) {
            found = i;
        }
        i++;
    }
    return found;
}

static bool is_suite(const struct syntax *s, uint32_t node)
{
    return node_kind(&s->tree, node) == NODE_BLOCK || node_kind(&s->tree, node) == NODE_MODULE;
}

uint32_t syntax_statement(const struct syntax *s, uint32_t node)
{
    while (node != NO_NODE && !is_suite(s, s->parents[node])) {
        node = s->parents[node];
    }
    return node;
}

uint32_t syntax_around(const struct syntax *s, uint32_t node, enum node_kind kind)
{
    while (node != NO_NODE) {
        node = s->parents[node];
        if (node != NO_NODE && node_kind(&s->tree, node) == kind) {
            return node;
        }
    }
    return NO_NODE;
}

uint32_t syntax_function(const struct syntax *s, uint32_t node)
{
    while (node != NO_NODE) {
        node = s->parents[node];
        enum node_kind kind = node_kind(&s->tree, node);
        if (node != NO_NODE && (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA)) {
            return node;
        }
    }
    return NO_NODE;
}

uint32_t syntax_class(const struct syntax *s, uint32_t node)
{
    while (node != NO_NODE) {
        node = s->parents[node];
        enum node_kind kind = node_kind(&s->tree, node);
        if (node == NO_NODE || kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA) {
            return NO_NODE;
        }
        if (kind == NODE_CLASS_DEFINITION) {
            return node;
        }
    }
    return NO_NODE;
}

bool syntax_contains(const struct syntax *s, uint32_t outer, uint32_t inner)
{
    return outer <= inner && inner < s->tree.nodes.data[outer].after;
}

bool syntax_has(const struct syntax *s, uint32_t node, enum node_kind kind)
{
    uint32_t end = s->tree.nodes.data[node].after;
    for (uint32_t i = node; i < end; i++) {
        enum node_kind here = node_kind(&s->tree, i);
        if (here == kind) {
            return true;
        }
        if (i != node && (here == NODE_FUNCTION_DEFINITION || here == NODE_CLASS_DEFINITION || here == NODE_LAMBDA)) {
            i = s->tree.nodes.data[i].after - 1;
        }
    }
    return false;
}

bool syntax_uses(const struct syntax *s, uint32_t node, struct str name)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        bool attribute = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE;
        if (node_kind(&s->tree, i) == NODE_IDENTIFIER && !attribute && str_equal(node_text(&s->tree, i), name)) {
            return true;
        }
    }
    return false;
}

bool syntax_has_name(const struct syntax *s, struct str name)
{
    for (uint32_t i = 1; i < s->tree.nodes.len; i++) {
        if (node_kind(&s->tree, i) == NODE_IDENTIFIER && str_equal(node_text(&s->tree, i), name)) {
            return true;
        }
    }
    return false;
}

uint32_t syntax_first_line(const struct syntax *s, uint32_t node)
{
    return line_at(s, s->tree.nodes.data[node].start);
}

/* Some blocks reach to the next line's beginning: what counts is the last byte that is no white space. */
static uint32_t real_end(const struct syntax *s, uint32_t node)
{
    uint32_t start = s->tree.nodes.data[node].start, end = s->tree.nodes.data[node].end;
    const char *text = s->file->text.ptr;
    while (end > start + 1 && (text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == ' ' ||
                               text[end - 1] == '\t' || text[end - 1] == '\f')) {
        end--;
    }
    return end;
}

uint32_t syntax_last_line(const struct syntax *s, uint32_t node)
{
    uint32_t end = real_end(s, node);
    return line_at(s, end > 0 ? end - 1 : 0);
}

uint32_t syntax_line_start(const struct syntax *s, uint32_t line)
{
    return line > s->file->line_count ? (uint32_t)s->file->text.len : s->file->line_starts[line - 1];
}

struct str syntax_indent(const struct syntax *s, uint32_t line)
{
    struct str text = source_line(s->file, line);
    size_t n = 0;
    while (n < text.len && (text.ptr[n] == ' ' || text.ptr[n] == '\t')) {
        n++;
    }
    return str_slice(text, 0, n);
}

bool syntax_has_lines(const struct syntax *s, uint32_t node)
{
    uint32_t first = syntax_first_line(s, node), last = syntax_last_line(s, node);
    uint32_t begin = syntax_line_start(s, first), start = s->tree.nodes.data[node].start;
    if (begin + syntax_indent(s, first).len != start) {
        return false;
    }
    struct str line = source_line(s->file, last);
    struct str rest = str_trim(str_slice(line, real_end(s, node) - syntax_line_start(s, last), line.len));
    return rest.len == 0 || rest.ptr[0] == '#';
}

struct str syntax_text(const struct syntax *s, uint32_t node)
{
    return str_slice(s->file->text, s->tree.nodes.data[node].start, real_end(s, node));
}

bool syntax_is_definition(const struct syntax *s, uint32_t statement)
{
    enum node_kind kind = node_kind(&s->tree, statement);
    return kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION || kind == NODE_DECORATED_DEFINITION;
}

uint32_t syntax_body(const struct syntax *s, uint32_t node)
{
    return node_of_kind(&s->tree, node, NODE_BLOCK);
}

uint32_t syntax_method(const struct syntax *s, uint32_t class_node, struct str name)
{
    uint32_t body = syntax_body(s, class_node);
    for (uint32_t child = body == NO_NODE ? NO_NODE : node_first(&s->tree, body); child != NO_NODE;
         child = node_next(&s->tree, body, child)) {
        uint32_t def = node_kind(&s->tree, child) == NODE_DECORATED_DEFINITION
                           ? node_of_kind(&s->tree, child, NODE_FUNCTION_DEFINITION)
                           : child;
        if (def == NO_NODE || node_kind(&s->tree, def) != NODE_FUNCTION_DEFINITION) {
            continue;
        }
        uint32_t id = node_field(&s->tree, def, FIELD_NAME);
        if (id != NO_NODE && str_equal(node_text(&s->tree, id), name)) {
            return def;
        }
    }
    return NO_NODE;
}

struct str syntax_first_name(struct str path)
{
    size_t dot = str_find(path, STR("."));
    return str_slice(path, 0, dot == SIZE_MAX ? path.len : dot);
}

bool syntax_is_any_of(struct str name, const char *const *names)
{
    for (; *names; names++) {
        if (str_equal(name, str_of(*names))) {
            return true;
        }
    }
    return false;
}
