/* publish: an object that others see before it is complete is built under another name, and stored when it is ready. */
#include "fix/spots.h"

/* Whether a node is the variable or attribute, as it is written where it is stored. */
static bool is_target(const struct syntax *s, uint32_t node, struct str target)
{
    enum node_kind kind = node_kind(&s->tree, node);
    bool part = s->tree.nodes.data[node].field == FIELD_ATTRIBUTE;
    return (kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE) && !part && str_equal(syntax_text(s, node), target);
}

/* Whether the variable is used in the source of a node. */
static bool mentions(const struct syntax *s, uint32_t node, struct str target)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        if (is_target(s, i, target)) {
            return true;
        }
    }
    return false;
}

/* The last statement of the block from the store on up to the one that has a node. */
static uint32_t statement_with(const struct syntax *s, uint32_t store, uint32_t node)
{
    while (node != NO_NODE && s->parents[node] != s->parents[store]) {
        node = s->parents[node];
    }
    return node;
}

/* The statements after `last` that go on filling the object, right below it. */
static uint32_t end_of_filling(const struct syntax *s, uint32_t last, struct str target)
{
    for (uint32_t next = node_next(&s->tree, s->parents[last], last); next != NO_NODE;
         next = node_next(&s->tree, s->parents[last], next)) {
        if (!mentions(s, next, target) || node_kind(&s->tree, next) == NODE_RETURN_STATEMENT ||
            spot_may_leave(s, next, next)) {
            return last;
        }
        last = next;
    }
    return last;
}

static struct str name_for(struct plan *plan, const struct syntax *s, struct str field)
{
    while (field.len > 0 && field.ptr[0] == '_') {
        field = str_slice(field, 1, field.len);
    }
    return spot_free_name(&plan->scene, s, scene_text(&plan->scene, "new_%.*s", STR_FMT(field)));
}

/* Adds the edits that build the object that the statement `store` stores under another name, up to the statement
 * `last`. False where what is filled is another object. */
static bool build(struct plan *plan, struct candidate *candidate, const struct spot *store, uint32_t last,
                  struct str target, struct str field)
{
    const struct syntax *s = store->syntax;
    struct str name = name_for(plan, s, field);
    for (uint32_t i = store->statement; i < s->tree.nodes.data[last].after; i++) {
        if (is_target(s, i, target)) {
            spot_replace(candidate, store, i, name);
            i = s->tree.nodes.data[i].after - 1;
        }
    }
    if (candidate->edits.len < 2) {
        return false;
    }
    struct str line = scene_text(&plan->scene, "%.*s%.*s = %.*s%.*s", STR_FMT(spot_indent(s, store->statement)),
                                 STR_FMT(target), STR_FMT(name), STR_FMT(s->newline));
    spot_append(candidate, store, last, line);
    return true;
}

/* Whether calls from the store on may look for the object where it was. */
static bool calls_others(struct plan *plan, const struct syntax *s, uint32_t first, uint32_t last)
{
    struct ir_span span = {s->tree.nodes.data[first].start, s->tree.nodes.data[last].end};
    return program_calls(plan->scene.request->program, s->file, span, plan->scene.arena).function_count > 0;
}

/* The `if` around a statement that asks whether the object is there already; NO_NODE: none. */
static uint32_t test_around(const struct syntax *s, uint32_t statement, struct str target)
{
    uint32_t outer = syntax_around(s, statement, NODE_IF_STATEMENT);
    uint32_t condition = outer == NO_NODE ? NO_NODE : node_field(&s->tree, outer, FIELD_CONDITION);
    return condition != NO_NODE && mentions(s, condition, target) ? outer : NO_NODE;
}

/* The same, with the test and the building under a lock, so that one thread does it. */
static void lock_building(struct plan *plan, struct unit *unit, const struct spot *store, uint32_t test,
                          struct candidate candidate)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    const char *reason = NULL;
    struct lock *lock = lock_for(&plan->scene, hazard, &reason);
    struct region region = {.file = store->file};
    if (!lock || !region_around(store->syntax, test, test, &region)) {
        spot_drop(&candidate);
        return;
    }
    candidate.lock = plan_lock(plan, lock);
    region.lock = lock_written(&plan->scene, candidate.lock, store->file, store->node, hazard->last->place->field);
    candidate.lock_name = region.lock;
    if (region.lock.len == 0) {
        spot_drop(&candidate);
        return;
    }
    vec_push(&candidate.regions, region);
    spot_offer(unit, &candidate, "Build it under another name, with a lock held, and store it when it is complete.");
}

/* The last statement that fills what is stored: that of `later`, and those that go on; without one, those right below
 * the store. The store itself where nothing does, NO_NODE where it is something else that comes too late. */
static uint32_t last_filling(const struct spot *store, const struct spot *later, struct str target)
{
    const struct syntax *s = store->syntax;
    if (!later->syntax) {
        return end_of_filling(s, store->statement, target);
    }
    bool near = later->syntax == s && syntax_function(s, store->node) == syntax_function(s, later->node);
    uint32_t last = near ? statement_with(s, store->statement, later->node) : NO_NODE;
    return last != NO_NODE && mentions(s, later->node, target) ? end_of_filling(s, last, target) : NO_NODE;
}

void publish_candidates(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    struct spot store = spot_of(plan, hazard->last), fill = spot_of(plan, hazard->later);
    const struct syntax *s = store.syntax;
    if (!s) {
        return;
    }
    uint32_t assignment = spot_inside(s, store.statement);
    uint32_t left =
        node_kind(&s->tree, assignment) == NODE_ASSIGNMENT ? node_field(&s->tree, assignment, FIELD_LEFT) : NO_NODE;
    if (left == NO_NODE || node_field(&s->tree, assignment, FIELD_TYPE) != NO_NODE ||
        !syntax_has_lines(s, store.statement)) {
        return;
    }
    struct str target = syntax_text(s, left);
    uint32_t last = last_filling(&store, &fill, target);
    if (last == NO_NODE || last <= store.statement || !syntax_has_lines(s, last) ||
        spot_may_leave(s, store.statement, last) || syntax_last_line(s, last) >= s->file->line_count) {
        return;
    }
    struct str field = hazard->last->place->field;
    struct candidate candidate = {.kind = FIX_SNAPSHOT, .applicability = FIX_SAFE};
    struct candidate locked = {.kind = FIX_SNAPSHOT, .applicability = FIX_SAFE};
    if (calls_others(plan, s, store.statement, last)) {
        candidate.applicability = locked.applicability = FIX_UNSAFE;
    }
    if (!build(plan, &candidate, &store, last, target, field)) {
        spot_drop(&candidate);
        return;
    }
    if (hazard->via == VIA_CONTROL && hazard->kind == HAZARD_SPAN) {
        spot_drop(&candidate); /* it would still be built twice */
    } else {
        spot_offer(unit, &candidate, "Build it under another name, and store it when it is complete.");
    }
    uint32_t test = test_around(s, store.statement, target);
    if (test != NO_NODE && build(plan, &locked, &store, last, target, field)) {
        lock_building(plan, unit, &store, test, locked);
    }
}
