/* memo: a function without arguments whose result is kept becomes a variable that is set with a lock held:
 * `functools.cache` may run the function twice, and give its first callers different objects. */
#include "fix/spots.h"

struct memo {
    struct plan *plan;
    struct spot spot;     /* `statement` is the decorated definition */
    uint32_t function;    /* in it */
    uint32_t first, last; /* statements behind the docstring; the last one returns what is kept */
    struct str name;      /* of the function */
    struct candidate candidate;
};

/* `@functools.cache`, with or without a size. */
static bool is_cache(const struct syntax *s, uint32_t decorator)
{
    static const char *const names[] = {"functools.cache", "functools.lru_cache", "cache", "lru_cache", NULL};
    struct str text = syntax_text(s, decorator);
    size_t open = str_find(text, STR("("));
    text = str_trim(str_slice(text, 1, open == SIZE_MAX ? text.len : open));
    return syntax_is_any_of(text, names);
}

/* The statements of a body that ends with its only `return`, and does it all at once. */
static bool find_body(struct memo *m)
{
    const struct syntax *s = m->spot.syntax;
    uint32_t body = syntax_body(s, m->function), returns = 0;
    m->first = body == NO_NODE ? NO_NODE : node_first(&s->tree, body);
    if (m->first != NO_NODE && node_kind(&s->tree, spot_inside(s, m->first)) == NODE_STRING) {
        m->first = node_next(&s->tree, body, m->first);
    }
    if (m->first == NO_NODE || syntax_first_line(s, m->first) == syntax_first_line(s, m->function)) {
        return false;
    }
    for (uint32_t next = m->first; next != NO_NODE; next = node_next(&s->tree, body, next)) {
        m->last = next;
        returns += syntax_has(s, next, NODE_RETURN_STATEMENT);
        if (!syntax_has_lines(s, next) || syntax_has(s, next, NODE_YIELD) || syntax_has(s, next, NODE_AWAIT)) {
            return false;
        }
    }
    return returns == 1 && node_kind(&s->tree, m->last) == NODE_RETURN_STATEMENT && spot_only(s, m->last) != NO_NODE &&
           syntax_last_line(s, m->last) < s->file->line_count;
}

static bool find_function(struct memo *m, const struct hazard *hazard)
{
    m->spot = spot_of(m->plan, hazard->last);
    const struct syntax *s = m->spot.syntax;
    uint32_t node = s ? m->spot.node : 0;
    while (node != 0 && node_kind(&s->tree, node) != NODE_DECORATED_DEFINITION) {
        node = s->parents[node];
    }
    m->function = node == 0 ? NO_NODE : node_of_kind(&s->tree, node, NODE_FUNCTION_DEFINITION);
    if (m->function == NO_NODE || s->parents[node] != 0 || !syntax_has_lines(s, node)) {
        return false;
    }
    m->spot.statement = node;
    uint32_t decorator = node_of_kind(&s->tree, node, NODE_DECORATOR);
    uint32_t parameters = node_field(&s->tree, m->function, FIELD_PARAMETERS);
    uint32_t line = syntax_first_line(s, m->function);
    m->name = node_text(&s->tree, node_field(&s->tree, m->function, FIELD_NAME));
    return node_next(&s->tree, node, decorator) == m->function && is_cache(s, decorator) && parameters != NO_NODE &&
           node_first(&s->tree, parameters) == NO_NODE && syntax_last_line(s, decorator) + 1 == line &&
           node_of_kind(&s->tree, m->function, TOKEN_ASYNC) == NO_NODE &&
           !spot_has_comment(s, syntax_first_line(s, node), line - 1) && find_body(m);
}

/* Whether somebody asks for more than the result: `connection.cache_clear()`. */
static bool is_used_as_cache(struct memo *m)
{
    static const char *const parts[] = {"cache_clear", "cache_info", "cache_parameters", "__wrapped__", NULL};
    struct scene *scene = &m->plan->scene;
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        const struct syntax *s = scene_syntax(scene, file);
        for (uint32_t i = 1; s && i < s->tree.nodes.len; i++) {
            uint32_t object =
                node_kind(&s->tree, i) == NODE_ATTRIBUTE ? node_field(&s->tree, i, FIELD_OBJECT) : NO_NODE;
            if (object != NO_NODE && str_ends(syntax_text(s, object), m->name) &&
                syntax_is_any_of(syntax_text(s, node_field(&s->tree, i, FIELD_ATTRIBUTE)), parts)) {
                return true;
            }
        }
    }
    return false;
}

static void add_lines(struct memo *m, uint32_t at, uint32_t order, struct str text)
{
    vec_push(&m->candidate.edits, ((struct edit){m->spot.file, at, at, order, text}));
}

/* Puts the body under the lock, and under the test whether the variable is set. */
static void edit_body(struct memo *m, struct str variable, struct str lock)
{
    struct scene *scene = &m->plan->scene;
    const struct syntax *s = m->spot.syntax;
    struct str in = spot_indent(s, m->first), end = s->newline, unit = s->unit;
    uint32_t start = spot_comments_start(s, m->first), from = syntax_first_line(s, m->first);
    while (from > 1 && syntax_line_start(s, from) > start) {
        from--;
    }
    struct str test =
        scene_text(scene, "%.*s%.*sif %.*s is None:%.*s", STR_FMT(in), STR_FMT(unit), STR_FMT(variable), STR_FMT(end));
    add_lines(m, start, EDIT_BEFORE,
              scene_text(scene, "%.*sglobal %.*s%.*s%.*swith %.*s:%.*s%.*s", STR_FMT(in), STR_FMT(variable),
                         STR_FMT(end), STR_FMT(in), STR_FMT(lock), STR_FMT(end), STR_FMT(test)));
    for (uint32_t line = from; line <= syntax_last_line(s, m->last); line++) {
        if (!s->in_string[line - 1] && str_trim(source_line(s->file, line)).len > 0) {
            uint32_t at = syntax_line_start(s, line) + (uint32_t)syntax_indent(s, line).len;
            add_lines(m, at, EDIT_BLANKS, scene_text(scene, "%.*s%.*s", STR_FMT(unit), STR_FMT(unit)));
        }
    }
    spot_edit(&m->candidate, m->spot.file, s->tree.nodes.data[m->last].start,
              s->tree.nodes.data[spot_only(s, m->last)].start, scene_text(scene, "%.*s = ", STR_FMT(variable)));
    spot_append(
        &m->candidate, &m->spot, m->last,
        scene_text(scene, "%.*s%.*sreturn %.*s%.*s", STR_FMT(in), STR_FMT(unit), STR_FMT(variable), STR_FMT(end)));
}

void memo_candidates(struct plan *plan, struct unit *unit)
{
    /* a result of None would be made again */
    struct memo m = {.plan = plan, .candidate = {.kind = FIX_NEW_LOCK, .applicability = FIX_UNSAFE}};
    struct scene *scene = &plan->scene;
    if (!find_function(&m, unit_hazard(plan, unit, 0)) || is_used_as_cache(&m)) {
        return;
    }
    const struct syntax *s = m.spot.syntax;
    uint32_t node = m.spot.statement;
    const char *mark = str_starts(m.name, STR("_")) ? "" : "_";
    struct str variable = spot_free_name(scene, s, scene_text(scene, "%s%.*s_kept", mark, STR_FMT(m.name)));
    struct str lock = spot_free_name(scene, s, scene_text(scene, "%s%.*s_lock", mark, STR_FMT(m.name)));
    struct str make = scene_import(scene, m.spot.file, STR("threading"), STR("Lock"), &m.candidate.edits);
    if (make.len == 0) {
        spot_drop(&m.candidate);
        return;
    }
    struct str end = s->newline;
    add_lines(&m, spot_comments_start(s, node), EDIT_BEFORE,
              scene_text(scene, "%.*s = None%.*s%.*s = %.*s()%.*s%.*s%.*s", STR_FMT(variable), STR_FMT(end),
                         STR_FMT(lock), STR_FMT(make), STR_FMT(end), STR_FMT(end), STR_FMT(end)));
    spot_edit(&m.candidate, m.spot.file, spot_line_start(s, node),
              syntax_line_start(s, syntax_first_line(s, m.function)), STR(""));
    edit_body(&m, variable, lock);
    m.candidate.lock_name = lock;
    spot_offer(
        unit, &m.candidate,
        scene_text(scene, "Keep the result in a variable, which is tested and set with `%.*s` held.", STR_FMT(lock))
            .ptr);
}
