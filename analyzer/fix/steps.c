/* steps: candidates that do without a lock, or put one right: a single step of CPython instead of two, a copy to walk
 * over, a lock made once. */
#include "fix/plan.h"
#include "rules/shape.h"
#include "rules/text.h"

static struct syntax *syntax_of(struct plan *plan, const struct access *access, uint32_t *file)
{
    *file = scene_file(&plan->scene, access->site.file);
    return scene_syntax(&plan->scene, *file);
}

static void replace(struct candidate *candidate, const struct syntax *s, uint32_t file, uint32_t node, struct str text)
{
    uint32_t start = s->tree.nodes.data[node].start;
    uint32_t end = start + (uint32_t)syntax_text(s, node).len;
    vec_push(&candidate->edits, ((struct edit){file, start, end, EDIT_HERE, text}));
}

static void offer(struct unit *unit, const struct candidate *candidate)
{
    vec_push(&unit->candidates, *candidate);
}

/* ---- walks ---- */

/* The container that an access walks over: the first node below it that is written like it. */
static uint32_t container_node(const struct syntax *s, const struct access *access)
{
    uint32_t node = syntax_find(s, access->site.span);
    struct str field = access->place->field;
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        enum node_kind kind = node_kind(&s->tree, i);
        uint32_t name = kind == NODE_ATTRIBUTE ? node_field(&s->tree, i, FIELD_ATTRIBUTE) : i;
        bool candidate = kind == NODE_ATTRIBUTE || kind == NODE_IDENTIFIER;
        bool part = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE || s->tree.nodes.data[i].field == FIELD_LEFT;
        if (candidate && !part && name != NO_NODE && str_equal(node_text(&s->tree, name), field)) {
            return i;
        }
    }
    return NO_NODE;
}

static bool has_copy(enum model_role role)
{
    return role == ROLE_LIST || role == ROLE_DICT || role == ROLE_SET || role == ROLE_DEQUE;
}

/* `for x in d.items()` walks over `d.copy().items()`: the copy is taken in one step, and nobody else has it. */
static void copy_candidate(struct plan *plan, struct unit *unit)
{
    struct candidate candidate = {.kind = FIX_SNAPSHOT, .applicability = FIX_SAFE};
    const struct hazard *hazard;
    bool good = true;
    for (size_t i = 0; (hazard = unit_hazard(plan, unit, i)) != NULL && good; i++) {
        uint32_t file;
        struct syntax *s = syntax_of(plan, hazard->last, &file);
        good = hazard->kind == HAZARD_SPAN && hazard->via == VIA_ITERATION && s && has_copy(hazard->place->role) &&
               hazard->last->lock_count == 0 && !hazard->guard;
        uint32_t node = good ? container_node(s, hazard->last) : NO_NODE;
        good = node != NO_NODE;
        if (good) {
            struct str copy = scene_text(&plan->scene, "%.*s.copy()", STR_FMT(syntax_text(s, node)));
            replace(&candidate, s, file, node, copy);
        }
    }
    if (good) {
        offer(unit, &candidate);
    } else {
        vec_release(&candidate.edits);
    }
}

/* ---- locks that are made per call ---- */

/* A local lock of a nested function goes out to the function around it; of any other function to the module. */
static void hoist_candidate(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    uint32_t file;
    struct syntax *s = syntax_of(plan, hazard->last, &file);
    uint32_t at = s ? syntax_find(s, hazard->last->site.span) : NO_NODE;
    uint32_t function = at == NO_NODE ? NO_NODE : syntax_function(s, at);
    uint32_t body = function == NO_NODE ? NO_NODE : syntax_body(s, function);
    uint32_t taken = at == NO_NODE ? NO_NODE : syntax_statement(s, at);
    struct str name = taken == NO_NODE ? STR("") : region_with_lock(s, taken);
    if (body == NO_NODE || name.len == 0 || !plan->scene.request->files[file].writable) {
        return;
    }
    for (uint32_t child = node_first(&s->tree, body); child != NO_NODE; child = node_next(&s->tree, body, child)) {
        uint32_t inside = node_first(&s->tree, child);
        bool assigns = inside != NO_NODE && node_kind(&s->tree, inside) == NODE_ASSIGNMENT;
        uint32_t left = assigns ? node_field(&s->tree, inside, FIELD_LEFT) : NO_NODE;
        uint32_t right = assigns ? node_field(&s->tree, inside, FIELD_RIGHT) : NO_NODE;
        if (left == NO_NODE || right == NO_NODE || node_kind(&s->tree, left) != NODE_IDENTIFIER ||
            !str_equal(node_text(&s->tree, left), name) || !syntax_has_lines(s, child)) {
            continue;
        }
        uint32_t statement = function;
        if (node_kind(&s->tree, s->parents[statement]) == NODE_DECORATED_DEFINITION) {
            statement = s->parents[statement];
        }
        while (syntax_class(s, statement) != NO_NODE) { /* a method's: beside its class */
            statement = syntax_class(s, statement);
            bool decorated = node_kind(&s->tree, s->parents[statement]) == NODE_DECORATED_DEFINITION;
            statement = decorated ? s->parents[statement] : statement;
        }
        struct candidate candidate = {.kind = FIX_NEW_LOCK, .applicability = FIX_SAFE};
        bool module = s->parents[statement] == 0;
        struct str made = module && !str_starts(name, STR("_")) ? scene_text(&plan->scene, "_%.*s", STR_FMT(name))
                                                                : name;
        if (!str_equal(made, name) && syntax_has_name(s, made)) {
            return;
        }
        struct str indent = syntax_indent(s, syntax_first_line(s, statement));
        const char *gap = module ? s->newline.ptr : "";
        int width = module ? (int)s->newline.len : 0;
        struct str line = scene_text(&plan->scene, "%.*s%.*s = %.*s%.*s%.*s%.*s", STR_FMT(indent), STR_FMT(made),
                                     STR_FMT(syntax_text(s, right)), STR_FMT(s->newline), width, gap, width, gap);
        uint32_t to = syntax_line_start(s, syntax_first_line(s, statement));
        uint32_t from = syntax_line_start(s, syntax_first_line(s, child));
        uint32_t end = syntax_line_start(s, syntax_last_line(s, child) + 1);
        vec_push(&candidate.edits, ((struct edit){file, to, to, EDIT_BEFORE, line}));
        vec_push(&candidate.edits, ((struct edit){file, from, end, EDIT_HERE, STR("")}));
        for (uint32_t i = body; i < s->tree.nodes.data[body].after && !str_equal(made, name); i++) {
            bool use = node_kind(&s->tree, i) == NODE_IDENTIFIER && !syntax_contains(s, child, i) &&
                       s->tree.nodes.data[i].field != FIELD_ATTRIBUTE && str_equal(node_text(&s->tree, i), name);
            if (use) {
                replace(&candidate, s, file, i, made);
            }
        }
        offer(unit, &candidate);
        return;
    }
}

/* ---- locks taken twice ---- */

static void reentrant_candidate(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_UNSAFE};
    if (!hazard->held || !hazard->held->declared.file) {
        return;
    }
    struct lock lock = {.file = scene_file(&plan->scene, hazard->held->declared.file),
                        .made = hazard->held->declared.span};
    if (lock_make_reentrant(&plan->scene, &lock, &candidate.edits)) {
        offer(unit, &candidate);
    } else {
        vec_release(&candidate.edits);
    }
}

void step_candidates(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    switch (hazard->kind) {
    case HAZARD_SPAN:
        if (hazard->via == VIA_ITERATION) {
            copy_candidate(plan, unit);
        }
        break;
    case HAZARD_LOCK_PER_CALL: hoist_candidate(plan, unit); break;
    case HAZARD_SELF_DEADLOCK: reentrant_candidate(plan, unit); break;
    default: break;
    }
}
