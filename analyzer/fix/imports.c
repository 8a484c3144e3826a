/* imports: how a name of a module is written in a file, and the import it needs. */
#include "fix/locks.h"

static uint32_t statement_inside(const struct syntax *s, uint32_t statement)
{
    return node_kind(&s->tree, statement) == NODE_EXPRESSION_STATEMENT ? node_first(&s->tree, statement) : statement;
}

/* Whether a name is bound in the file in other ways than by importing it. */
static bool is_taken(const struct syntax *s, struct str name, uint32_t import)
{
    for (uint32_t i = 1; i < s->tree.nodes.len; i++) {
        bool attribute = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE;
        if (node_kind(&s->tree, i) == NODE_IDENTIFIER && !attribute && str_equal(node_text(&s->tree, i), name) &&
            (import == NO_NODE || !syntax_contains(s, import, i))) {
            return true;
        }
    }
    return false;
}

/* What `import MODULE` binds in a statement: "threading", or its alias; empty where it does not import it. */
static struct str bound_by(const struct syntax *s, uint32_t import, struct str module)
{
    const struct tree *tree = &s->tree;
    for (uint32_t child = node_first(tree, import); child != NO_NODE; child = node_next(tree, import, child)) {
        if (node_kind(tree, child) == NODE_DOTTED_NAME && str_equal(syntax_text(s, child), module)) {
            return module;
        }
        uint32_t name = node_kind(tree, child) == NODE_ALIASED_IMPORT ? node_field(tree, child, FIELD_NAME) : NO_NODE;
        if (name != NO_NODE && str_equal(syntax_text(s, name), module)) {
            return syntax_text(s, node_field(tree, child, FIELD_ALIAS));
        }
    }
    return STR("");
}

/* Where a name goes in the list of a `from threading import …`. */
struct seat {
    uint32_t behind, before; /* the last name of the list; the first one that is greater, where the list is sorted */
    bool sorted;
};

/* Looks for `name` in a `from threading import …`: how it is bound, or empty; *seat says where it goes. */
static struct str bound_from(const struct syntax *s, uint32_t import, struct str name, struct seat *seat)
{
    *seat = (struct seat){NO_NODE, NO_NODE, true};
    const struct tree *tree = &s->tree;
    uint32_t module = node_field(tree, import, FIELD_MODULE_NAME);
    for (uint32_t child = node_first(tree, import); child != NO_NODE; child = node_next(tree, import, child)) {
        bool aliased = node_kind(tree, child) == NODE_ALIASED_IMPORT;
        if (child == module || (!aliased && node_kind(tree, child) != NODE_DOTTED_NAME)) {
            continue;
        }
        uint32_t what = aliased ? node_field(tree, child, FIELD_NAME) : child;
        if (seat->behind != NO_NODE && str_compare(syntax_text(s, seat->behind), syntax_text(s, what)) > 0) {
            seat->sorted = false;
        }
        if (seat->before == NO_NODE && str_compare(syntax_text(s, what), name) > 0) {
            seat->before = child;
        }
        seat->behind = child;
        if (str_equal(syntax_text(s, what), name)) {
            return aliased ? syntax_text(s, node_field(tree, child, FIELD_ALIAS)) : name;
        }
    }
    return STR("");
}

/* Where `import MODULE` belongs among the imports at the top: as a line before or behind a statement. */
struct spot {
    uint32_t statement; /* NO_NODE: at the beginning of the file */
    bool before;
};

static bool is_docstring(const struct syntax *s, uint32_t statement)
{
    uint32_t inside = statement_inside(s, statement);
    enum node_kind kind = inside == NO_NODE ? NODE_NOTHING : node_kind(&s->tree, inside);
    return kind == NODE_STRING || kind == NODE_CONCATENATED_STRING;
}

/* `__all__ = […]` and the like, which may stand before the imports. */
static bool is_about_the_module(const struct syntax *s, uint32_t statement)
{
    uint32_t inside = statement_inside(s, statement);
    bool assigns = inside != NO_NODE && node_kind(&s->tree, inside) == NODE_ASSIGNMENT;
    struct str name = assigns ? syntax_text(s, node_field(&s->tree, inside, FIELD_LEFT)) : STR("");
    return str_starts(name, STR("__")) && str_ends(name, STR("__"));
}

static struct spot find_spot(const struct syntax *s, struct str module)
{
    const struct tree *tree = &s->tree;
    struct spot spot = {NO_NODE, false};
    bool placed = false;
    for (uint32_t child = node_first(tree, 0); child != NO_NODE; child = node_next(tree, 0, child)) {
        enum node_kind kind = node_kind(tree, child);
        if (kind == NODE_FUTURE_IMPORT_STATEMENT || (spot.statement == NO_NODE && is_docstring(s, child))) {
            spot = (struct spot){child, false};
            continue;
        }
        if (!placed && is_about_the_module(s, child)) {
            continue;
        }
        if (kind == NODE_IMPORT_FROM_STATEMENT && !placed) {
            return (struct spot){child, true};
        }
        if (kind != NODE_IMPORT_STATEMENT || !syntax_has_lines(s, child)) {
            break;
        }
        uint32_t name = node_first(tree, child);
        if (str_compare(syntax_text(s, name), module) > 0) {
            return placed ? spot : (struct spot){child, true};
        }
        spot = (struct spot){child, false};
        placed = true;
    }
    return spot;
}

/* Whether a statement imports from the package it is in: such imports are a group of their own. */
static bool is_relative(const struct syntax *s, uint32_t statement)
{
    return str_starts(syntax_text(s, statement), STR("from ."));
}

static bool is_blank(const struct syntax *s, uint32_t line)
{
    return line > s->file->line_count || str_trim(source_line(s->file, line)).len == 0;
}

static void add_import(struct scene *scene, uint32_t file, struct str module, edit_list *edits)
{
    struct syntax *s = scene_syntax(scene, file);
    struct spot spot = find_spot(s, module);
    uint32_t line = 1;
    struct str before = STR(""), after = STR("");
    if (spot.statement != NO_NODE) {
        line = spot.before ? syntax_first_line(s, spot.statement) : syntax_last_line(s, spot.statement) + 1;
        bool import = node_kind(&s->tree, spot.statement) == NODE_IMPORT_STATEMENT;
        bool apart = spot.before ? is_relative(s, spot.statement) : !import && !is_blank(s, line);
        before = !spot.before && !import ? s->newline : before;
        after = apart ? s->newline : after;
    } else { /* behind the lines that must come first: #! and coding; then a blank line */
        while (line <= s->file->line_count && str_starts(source_line(s->file, line), STR("#"))) {
            line++;
        }
        after = s->newline;
    }
    struct str last = source_line(s->file, s->file->line_count);
    if (line > s->file->line_count && last.len > 0) {
        before = scene_text(scene, "%.*s%.*s", STR_FMT(s->newline), STR_FMT(before));
    }
    struct str text = scene_text(scene, "%.*simport %.*s%.*s%.*s", STR_FMT(before), STR_FMT(module),
                                 STR_FMT(s->newline), STR_FMT(after));
    uint32_t at = syntax_line_start(s, line);
    for (size_t i = 0; i < edits->len; i++) {
        if (edits->data[i].file == file && str_equal(edits->data[i].text, text)) {
            return;
        }
    }
    vec_push(edits, ((struct edit){file, at, at, EDIT_HERE, text}));
}

struct str scene_import(struct scene *scene, uint32_t file, struct str module, struct str name, edit_list *edits)
{
    struct syntax *s = scene_syntax(scene, file);
    const struct tree *tree = &s->tree;
    struct seat seat = {NO_NODE, NO_NODE, false};
    uint32_t from = NO_NODE;
    for (uint32_t child = node_first(tree, 0); child != NO_NODE; child = node_next(tree, 0, child)) {
        enum node_kind kind = node_kind(tree, child);
        if (kind == NODE_IMPORT_STATEMENT) {
            struct str bound = bound_by(s, child, module);
            if (bound.len > 0) {
                return scene_text(scene, "%.*s.%.*s", STR_FMT(bound), STR_FMT(name));
            }
        }
        uint32_t of = kind == NODE_IMPORT_FROM_STATEMENT ? node_field(tree, child, FIELD_MODULE_NAME) : NO_NODE;
        if (of != NO_NODE && str_equal(syntax_text(s, of), module)) {
            struct str bound = bound_from(s, child, name, &seat);
            if (bound.len > 0) {
                return bound;
            }
            from = child;
        }
    }
    if (from != NO_NODE && seat.behind != NO_NODE && !is_taken(s, name, from)) {
        bool among = seat.sorted && seat.before != NO_NODE;
        uint32_t at = among ? tree->nodes.data[seat.before].start : tree->nodes.data[seat.behind].end;
        struct str text = scene_text(scene, among ? "%.*s, " : ", %.*s", STR_FMT(name));
        for (size_t i = 0; i < edits->len; i++) {
            if (edits->data[i].file == file && edits->data[i].start == at && str_equal(edits->data[i].text, text)) {
                return name;
            }
        }
        vec_push(edits, ((struct edit){file, at, at, EDIT_HERE, text}));
        return name;
    }
    if (is_taken(s, module, NO_NODE)) {
        return STR(""); /* the name means something else here */
    }
    add_import(scene, file, module, edits);
    return scene_text(scene, "%.*s.%.*s", STR_FMT(module), STR_FMT(name));
}
