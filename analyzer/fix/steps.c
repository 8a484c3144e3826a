/* steps: candidates that do without a lock, or put one right: a single step of CPython instead of two, a copy to walk
 * over, a lock made once. */
#include "fix/spots.h"
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
        spot_offer(unit, &candidate, "Walk over a copy, which is taken in one step.");
    } else {
        vec_release(&candidate.edits);
    }
}

/* ---- iterators ---- */

/* From 3.15 on, an iterator can be wrapped so that taking an element is one step. */
static void serialize_candidate(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    struct access made = {.site = hazard->place ? hazard->place->declared : (struct site){0}};
    struct spot spot = spot_of(plan, made.site.file ? &made : NULL);
    if (!spot.syntax || plan->scene.request->options->target_version < 0x030f) {
        return;
    }
    uint32_t assignment = spot_inside(spot.syntax, spot.statement);
    bool assigns = node_kind(&spot.syntax->tree, assignment) == NODE_ASSIGNMENT;
    uint32_t value = assigns ? node_field(&spot.syntax->tree, assignment, FIELD_RIGHT) : NO_NODE;
    if (value == NO_NODE) {
        return;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_SAFE};
    struct str wrap =
        scene_import(&plan->scene, spot.file, STR("threading"), STR("serialize_iterator"), &candidate.edits);
    struct str text = syntax_text(spot.syntax, value);
    bool bare = node_kind(&spot.syntax->tree, value) != NODE_GENERATOR_EXPRESSION;
    spot_replace(&candidate, &spot, value,
                 scene_text(&plan->scene, bare ? "%.*s(%.*s)" : "%.*s%.*s", STR_FMT(wrap), STR_FMT(text)));
    spot_offer(unit, &candidate, "Let the threads take from the iterator one at a time.");
}

/* ---- locks that are made per call ---- */

/* What makes a local lock: `lock = Lock()` among the statements of a block. NO_NODE: none does, on lines of its own. */
static uint32_t made_in(const struct syntax *s, uint32_t block, struct str name)
{
    for (uint32_t child = node_first(&s->tree, block); child != NO_NODE; child = node_next(&s->tree, block, child)) {
        uint32_t inside = node_first(&s->tree, child);
        bool assigns = inside != NO_NODE && node_kind(&s->tree, inside) == NODE_ASSIGNMENT;
        uint32_t left = assigns ? node_field(&s->tree, inside, FIELD_LEFT) : NO_NODE;
        if (left != NO_NODE && str_equal(syntax_text(s, left), name) && syntax_has_lines(s, child)) {
            return child;
        }
    }
    return NO_NODE;
}

/* A definition with its decorators. */
static uint32_t with_decorators(const struct syntax *s, uint32_t definition)
{
    uint32_t outer = s->parents[definition];
    return node_kind(&s->tree, outer) == NODE_DECORATED_DEFINITION ? outer : definition;
}

/* The statement before which a lock of a function can be made once: its definition, or that of the class it is in. */
static uint32_t definition_of(const struct syntax *s, uint32_t function)
{
    uint32_t statement = with_decorators(s, function);
    for (uint32_t outer = syntax_class(s, statement); outer != NO_NODE; outer = syntax_class(s, statement)) {
        statement = with_decorators(s, outer);
    }
    return statement;
}

/* Moves the statement `made` out, before `statement`, and calls the lock by its new name in the function's body. */
static void hoist(struct plan *plan, struct candidate *candidate, uint32_t file, uint32_t made, uint32_t statement,
                  uint32_t body, struct str name)
{
    const struct syntax *s = scene_syntax(&plan->scene, file);
    uint32_t value = node_field(&s->tree, node_first(&s->tree, made), FIELD_RIGHT);
    struct str indent = syntax_indent(s, syntax_first_line(s, statement));
    struct str blank = s->parents[statement] == 0 ? s->newline : STR("");
    struct str line =
        scene_text(&plan->scene, "%.*s%.*s = %.*s%.*s%.*s%.*s", STR_FMT(indent), STR_FMT(candidate->lock_name),
                   STR_FMT(syntax_text(s, value)), STR_FMT(s->newline), STR_FMT(blank), STR_FMT(blank));
    uint32_t to = syntax_line_start(s, syntax_first_line(s, statement));
    uint32_t from = syntax_line_start(s, syntax_first_line(s, made));
    uint32_t end = syntax_line_start(s, syntax_last_line(s, made) + 1);
    vec_push(&candidate->edits, ((struct edit){file, to, to, EDIT_BEFORE, line}));
    vec_push(&candidate->edits, ((struct edit){file, from, end, EDIT_HERE, STR("")}));
    for (uint32_t i = body; i < s->tree.nodes.data[body].after; i++) {
        bool use = node_kind(&s->tree, i) == NODE_IDENTIFIER && !syntax_contains(s, made, i) &&
                   s->tree.nodes.data[i].field != FIELD_ATTRIBUTE && str_equal(node_text(&s->tree, i), name);
        if (use && !str_equal(candidate->lock_name, name)) {
            replace(candidate, s, file, i, candidate->lock_name);
        }
    }
}

/* A local lock of a nested function goes out to the function around it; of any other function to the module. */
static void hoist_candidate(struct plan *plan, struct unit *unit)
{
    uint32_t file;
    const struct access *taken = unit_hazard(plan, unit, 0)->last;
    struct syntax *s = syntax_of(plan, taken, &file);
    uint32_t with = s ? syntax_statement(s, syntax_find(s, taken->site.span)) : NO_NODE;
    uint32_t function = with == NO_NODE ? NO_NODE : syntax_function(s, with);
    uint32_t body = function == NO_NODE ? NO_NODE : syntax_body(s, function);
    struct str name = body == NO_NODE ? STR("") : region_with_lock(s, with);
    uint32_t made = name.len > 0 ? made_in(s, body, name) : NO_NODE;
    if (made == NO_NODE) {
        return;
    }
    uint32_t statement = definition_of(s, function);
    bool private = s->parents[statement] != 0 || str_starts(name, STR("_"));
    struct candidate candidate = {.kind = FIX_NEW_LOCK, .applicability = FIX_SAFE};
    candidate.lock_name = private ? name : scene_text(&plan->scene, "_%.*s", STR_FMT(name));
    if (!private && syntax_has_name(s, candidate.lock_name)) {
        return;
    }
    hoist(plan, &candidate, file, made, statement, body, name);
    struct str made_name = candidate.lock_name;
    spot_offer(unit, &candidate,
               scene_text(&plan->scene, "Make `%.*s` once, before the function.", STR_FMT(made_name)).ptr);
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
    candidate.message = scene_text(&plan->scene, "Make `%.*s` a `threading.RLock()`, which its thread may take again.",
                                   STR_FMT(hazard->held->name));
    if (lock_make_reentrant(&plan->scene, &lock, &candidate.edits)) {
        vec_push(&unit->candidates, candidate);
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
    case HAZARD_SHARED_ITERATOR: serialize_candidate(plan, unit); break;
    case HAZARD_LOCK_PER_CALL: hoist_candidate(plan, unit); break;
    case HAZARD_SELF_DEADLOCK: reentrant_candidate(plan, unit); break;
    default: break;
    }
}
