/* sections: `with` in place of `acquire()` and `release()`. */
#include "fix/spots.h"

/* The lock of `lock.acquire()` as a statement of its own; empty where it is something else. */
static struct str lock_of(const struct syntax *s, uint32_t statement, struct str method)
{
    uint32_t call = spot_inside(s, statement);
    if (call == statement || node_kind(&s->tree, call) != NODE_CALL) {
        return STR("");
    }
    uint32_t function = node_field(&s->tree, call, FIELD_FUNCTION);
    uint32_t list = node_field(&s->tree, call, FIELD_ARGUMENTS);
    bool plain = node_kind(&s->tree, function) == NODE_ATTRIBUTE && list != NO_NODE &&
                 node_first(&s->tree, list) == NO_NODE &&
                 str_equal(syntax_text(s, node_field(&s->tree, function, FIELD_ATTRIBUTE)), method);
    return plain ? syntax_text(s, node_field(&s->tree, function, FIELD_OBJECT)) : STR("");
}

/* A release right before control leaves the section: `lock.release()`, then `return`. */
static bool leaves_behind(const struct syntax *s, uint32_t release)
{
    uint32_t next = node_next(&s->tree, s->parents[release], release);
    return next != NO_NODE && spot_inside(s, next) == next && spot_may_leave(s, next, next) &&
           (node_kind(&s->tree, next) == NODE_RETURN_STATEMENT || node_kind(&s->tree, next) == NODE_RAISE_STATEMENT);
}

/* Takes the releases inside of the section away; false where one of them gives the lock back for good. */
static bool drop_releases(struct candidate *candidate, const struct spot *spot, const struct region *region)
{
    const struct syntax *s = spot->syntax;
    for (uint32_t i = region->first; i < s->tree.nodes.data[region->last].after; i++) {
        if (node_kind(&s->tree, i) != NODE_EXPRESSION_STATEMENT) {
            continue;
        }
        if (str_equal(lock_of(s, i, STR("acquire")), region->lock)) {
            return false;
        }
        if (str_equal(lock_of(s, i, STR("release")), region->lock)) {
            if (!leaves_behind(s, i) || !syntax_has_lines(s, i)) {
                return false;
            }
            spot_delete(candidate, spot, i);
        }
    }
    return true;
}

/* `lock.acquire()` … `lock.release()` in one block. */
void section_candidates(struct plan *plan, struct unit *unit)
{
    struct spot spot = spot_of(plan, unit_hazard(plan, unit, 0)->last);
    const struct syntax *s = spot.syntax;
    struct str lock = s ? lock_of(s, spot.statement, STR("acquire")) : STR("");
    if (lock.len == 0 || !syntax_has_lines(s, spot.statement)) {
        return;
    }
    uint32_t block = s->parents[spot.statement], release = NO_NODE;
    struct region region = {.file = spot.file, .lock = lock};
    for (uint32_t next = node_next(&s->tree, block, spot.statement); next != NO_NODE;
         next = node_next(&s->tree, block, next)) {
        if (str_equal(lock_of(s, next, STR("release")), lock)) {
            release = next;
            break;
        }
        region.first = region.first == NO_NODE ? next : region.first;
        region.last = next;
    }
    struct candidate candidate = {.kind = FIX_EXISTING_LOCK, .applicability = FIX_SAFE, .lock_name = lock};
    if (release == NO_NODE || region.first == NO_NODE || !syntax_has_lines(s, release) ||
        !syntax_has_lines(s, region.first) || !syntax_has_lines(s, region.last) ||
        !drop_releases(&candidate, &spot, &region)) {
        spot_drop(&candidate);
        return;
    }
    spot_delete(&candidate, &spot, spot.statement);
    spot_delete(&candidate, &spot, release);
    vec_push(&candidate.regions, region);
    spot_offer(
        unit, &candidate,
        scene_text(&plan->scene, "Take `%.*s` by `with`, which gives it back on every way out.", STR_FMT(lock)).ptr);
}
