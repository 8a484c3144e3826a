/* outside: what is slow and needs no lock, taken out of the ranges that hold one. */
#include "fix/hold.h"
#include "fix/spots.h"

/* ---- regions ---- */

bool region_hands_over_control(const struct syntax *s, const struct region *region)
{
    for (uint32_t node = region->first; node < s->tree.nodes.data[region->last].after;
         node = s->tree.nodes.data[node].after) {
        if (syntax_has(s, node, NODE_YIELD) || syntax_has(s, node, NODE_AWAIT) || syntax_has(s, node, TOKEN_ASYNC)) {
            return true;
        }
    }
    return false;
}

struct call_survey region_survey(struct holding *h, const struct syntax *s, const struct region *region)
{
    return program_calls(h->scene->request->program, s->file, region_span(s, region), h->scene->arena);
}

bool region_binds(const struct syntax *s, const struct region *region, struct str name)
{
    for (uint32_t i = region->first; i < s->tree.nodes.data[region->last].after; i++) {
        const struct node *node = &s->tree.nodes.data[i];
        bool target = node->field == FIELD_LEFT || node->field == FIELD_ALIAS ||
                      (node->field == FIELD_NAME && node_kind(&s->tree, s->parents[i]) == NODE_NAMED_EXPRESSION) ||
                      node->kind == NODE_AS_PATTERN_TARGET || node->kind == NODE_LAMBDA_PARAMETERS;
        for (uint32_t k = i; target && k < node->after; k++) {
            enum node_kind kind = node_kind(&s->tree, k);
            if (kind == NODE_ATTRIBUTE || kind == NODE_SUBSCRIPT) {
                k = s->tree.nodes.data[k].after - 1;
            } else if (kind == NODE_IDENTIFIER && str_equal(node_text(&s->tree, k), name)) {
                return true;
            }
        }
    }
    return false;
}

bool region_is_cheap(struct holding *h, const struct syntax *s, const struct region *region)
{
    struct call_survey calls = region_survey(h, s, region);
    return !calls.unknown && !calls.blocks && !calls.waits && !region_hands_over_control(s, region);
}

/* ---- computing first ---- */

/* Appends lines before a statement. */
static void add_before(struct holding *h, uint32_t file, uint32_t statement, struct str lines)
{
    const struct syntax *s = scene_syntax(h->scene, file);
    uint32_t at = syntax_line_start(s, syntax_first_line(s, statement));
    vec_push(&h->candidate.edits, ((struct edit){file, at, at, EDIT_BEFORE, lines}));
}

static void replace(struct holding *h, uint32_t file, uint32_t node, struct str text)
{
    const struct syntax *s = scene_syntax(h->scene, file);
    uint32_t start = s->tree.nodes.data[node].start;
    uint32_t end = start + (uint32_t)syntax_text(s, node).len;
    vec_push(&h->candidate.edits, ((struct edit){file, start, end, EDIT_HERE, text}));
}

/* The source of an expression, for a place one step further in. */
static struct str moved_in(struct holding *h, const struct syntax *s, uint32_t expression)
{
    struct str text = syntax_text(s, expression), moved = STR("");
    uint32_t line = syntax_first_line(s, expression);
    for (size_t at = 0; at < text.len; line++) {
        size_t end = str_find(str_slice(text, at, text.len), STR("\n"));
        end = end == SIZE_MAX ? text.len : at + end + 1;
        bool inner = at > 0 && !s->in_string[line - 1];
        moved = scene_text(h->scene, "%.*s%.*s%.*s", STR_FMT(moved), inner ? (int)s->unit.len : 0, s->unit.ptr,
                           STR_FMT(str_slice(text, at, end)));
        at = end;
    }
    return moved;
}

void compute_first(struct holding *h, uint32_t file, uint32_t statement, uint32_t expression, bool copy,
                   struct str lock)
{
    const struct syntax *s = scene_syntax(h->scene, file);
    struct str name = spot_free_name(h->scene, s, copy ? STR("snapshot") : STR("current"));
    struct str indent = syntax_indent(s, syntax_first_line(s, statement)), value = moved_in(h, s, expression);
    struct str lines = scene_text(h->scene, "%.*swith %.*s:%.*s%.*s%.*s%.*s = %s%.*s%s%.*s", STR_FMT(indent),
                                  STR_FMT(lock), STR_FMT(s->newline), STR_FMT(indent), STR_FMT(s->unit), STR_FMT(name),
                                  copy ? "list(" : "", STR_FMT(value), copy ? ")" : "", STR_FMT(s->newline));
    add_before(h, file, statement, lines);
    replace(h, file, expression, name);
}

/* The expression that an assignment stores; NO_NODE where the statement is none. */
static uint32_t stored_value(const struct syntax *s, uint32_t statement)
{
    uint32_t inside =
        node_kind(&s->tree, statement) == NODE_EXPRESSION_STATEMENT ? node_first(&s->tree, statement) : NO_NODE;
    enum node_kind kind = inside == NO_NODE ? NODE_NOTHING : node_kind(&s->tree, inside);
    bool assigns = kind == NODE_AUGMENTED_ASSIGNMENT || kind == NODE_ASSIGNMENT;
    return assigns ? node_field(&s->tree, inside, FIELD_RIGHT) : NO_NODE;
}

static bool is_access_in(const struct place_access *accesses, uint32_t count, const struct syntax *s, uint32_t node)
{
    const struct node *n = &s->tree.nodes.data[node];
    for (uint32_t i = 0; i < count; i++) {
        const struct site *site = &accesses[i].access->site;
        if (site->file == s->file && n->start <= site->span.start && site->span.end <= n->end) {
            return true;
        }
    }
    return false;
}

bool compute_slow_value(struct holding *h, struct region *region)
{
    uint32_t file = region->file;
    const struct syntax *s = scene_syntax(h->scene, file);
    uint32_t value = region->first == region->last ? stored_value(s, region->first) : NO_NODE;
    if (value == NO_NODE || is_access_in(h->accesses, h->access_count, s, value) || region_is_cheap(h, s, region)) {
        return false;
    }
    enum node_kind kind = node_kind(&s->tree, value);
    if (kind != NODE_CALL && kind != NODE_AWAIT) {
        return false;
    }
    struct str name = spot_free_name(h->scene, s, STR("value")), text = syntax_text(s, value);
    struct str indent = syntax_indent(s, syntax_first_line(s, region->first));
    struct str line =
        scene_text(h->scene, "%.*s%.*s = %.*s%.*s", STR_FMT(indent), STR_FMT(name), STR_FMT(text), STR_FMT(s->newline));
    add_before(h, file, region->first, line);
    replace(h, file, value, name);
    region->apart = true;
    return true;
}

/* Whether the built-in function `next` may be something else in a file. */
static bool has_own_next(const struct syntax *s)
{
    for (uint32_t i = 1; i < s->tree.nodes.len; i++) {
        bool attribute = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE;
        if (node_kind(&s->tree, i) == NODE_IDENTIFIER && !attribute && str_equal(node_text(&s->tree, i), STR("next")) &&
            s->tree.nodes.data[i].field != FIELD_FUNCTION) {
            return true;
        }
    }
    return false;
}

bool take_each(struct holding *h, uint32_t file, uint32_t loop, const struct access *access, struct str lock)
{
    const struct syntax *s = scene_syntax(h->scene, file);
    uint32_t body = syntax_body(s, loop), target = node_field(&s->tree, loop, FIELD_LEFT);
    uint32_t iterator = node_field(&s->tree, loop, FIELD_RIGHT), line = syntax_first_line(s, loop);
    uint32_t name = iterator == NO_NODE || node_kind(&s->tree, iterator) != NODE_ATTRIBUTE
                        ? iterator
                        : node_field(&s->tree, iterator, FIELD_ATTRIBUTE);
    if (body == NO_NODE || target == NO_NODE || name == NO_NODE ||
        node_of_kind(&s->tree, loop, NODE_ELSE_CLAUSE) != NO_NODE || node_kind(&s->tree, name) != NODE_IDENTIFIER ||
        !str_equal(node_text(&s->tree, name), access->place->field) || syntax_last_line(s, iterator) != line ||
        syntax_first_line(s, body) == line || node_of_kind(&s->tree, loop, TOKEN_ASYNC) != NO_NODE || has_own_next(s)) {
        return false;
    }
    struct scene *scene = h->scene;
    struct str indent = syntax_indent(s, line), in = scene_text(scene, "%.*s%.*s", STR_FMT(indent), STR_FMT(s->unit));
    struct str further = scene_text(scene, "%.*s%.*s", STR_FMT(in), STR_FMT(s->unit)), end = s->newline;
    struct str take = scene_text(scene, "%.*s%.*s%.*s = next(%.*s)%.*s", STR_FMT(further), STR_FMT(s->unit),
                                 STR_FMT(syntax_text(s, target)), STR_FMT(syntax_text(s, iterator)), STR_FMT(end));
    struct str lines = scene_text(scene, "%.*stry:%.*s%.*swith %.*s:%.*s%.*s%.*sexcept StopIteration:%.*s%.*sbreak%.*s",
                                  STR_FMT(in), STR_FMT(end), STR_FMT(further), STR_FMT(lock), STR_FMT(end),
                                  STR_FMT(take), STR_FMT(in), STR_FMT(end), STR_FMT(further), STR_FMT(end));
    uint32_t at = syntax_line_start(s, line + 1), from = s->tree.nodes.data[loop].start;
    uint32_t to = s->tree.nodes.data[iterator].end;
    vec_push(&h->candidate.edits, ((struct edit){file, from, to, EDIT_HERE, STR("while True")}));
    vec_push(&h->candidate.edits, ((struct edit){file, at, at, EDIT_BEHIND, lines}));
    h->candidate.applicability = FIX_UNSAFE; /* what the iterator runs is not known */
    return true;
}

/* Whether an attribute of that name is stored in a run of statements. */
static bool stores_attribute(const struct syntax *s, const struct region *region, struct str name)
{
    for (uint32_t i = region->first; i < s->tree.nodes.data[region->last].after; i++) {
        bool target = s->tree.nodes.data[i].field == FIELD_LEFT;
        for (uint32_t k = i; target && k < s->tree.nodes.data[i].after; k++) {
            if (s->tree.nodes.data[k].field == FIELD_ATTRIBUTE && str_equal(node_text(&s->tree, k), name)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether two runs of statements share a name that one of them binds. */
static bool depends(const struct syntax *s, uint32_t statement, uint32_t from, uint32_t to)
{
    struct region one = {.first = statement, .last = statement}, others = {.first = from, .last = to};
    for (uint32_t i = from; i < s->tree.nodes.data[statement].after; i++) {
        if (node_kind(&s->tree, i) != NODE_IDENTIFIER) {
            continue;
        }
        struct str name = node_text(&s->tree, i);
        const struct region *across = syntax_contains(s, statement, i) ? &others : &one;
        bool attribute = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE;
        if (attribute ? stores_attribute(s, across, name) : region_binds(s, across, name)) {
            return true;
        }
    }
    return false;
}

/* A statement that takes its time and touches nothing that is shared, as far as is seen. */
static bool is_slow_alone(struct holding *h, const struct syntax *s, uint32_t statement)
{
    struct region region = {.first = statement, .last = statement};
    struct call_survey calls = region_survey(h, s, &region);
    bool walks = syntax_has(s, statement, NODE_LIST_COMPREHENSION) ||
                 syntax_has(s, statement, NODE_SET_COMPREHENSION) ||
                 syntax_has(s, statement, NODE_DICTIONARY_COMPREHENSION);
    return node_kind(&s->tree, statement) == NODE_EXPRESSION_STATEMENT && syntax_has_lines(s, statement) &&
           (walks || calls.blocks) && !calls.unknown && !calls.waits && calls.function_count == 0 &&
           !is_access_in(h->accesses, h->access_count, s, statement);
}

void move_slow_out(struct holding *h, const struct syntax *s, struct region *region)
{
    uint32_t block = s->parents[region->first], before = region->first;
    for (uint32_t next = node_next(&s->tree, block, before); next != NO_NODE && next < region->last;
         next = node_next(&s->tree, block, next)) {
        if (!is_slow_alone(h, s, next) || depends(s, next, region->first, before)) {
            before = next;
            continue;
        }
        uint32_t from = spot_comments_start(s, next), end = spot_line_end(s, next);
        struct str lines = arena_str(h->scene->arena, str_slice(s->file->text, from, end));
        add_before(h, region->file, region->first, lines);
        vec_push(&h->candidate.edits, ((struct edit){region->file, from, end, EDIT_HERE, STR("")}));
        region->apart = true;
        before = next;
    }
}
