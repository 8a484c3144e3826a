/* loops: a call of an event loop's object from another thread, which the loop makes itself instead. */
#include "fix/spots.h"

/* Names and attributes only: what can be said twice. */
static bool is_path(const struct syntax *s, uint32_t node)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        if (node_kind(&s->tree, i) != NODE_ATTRIBUTE && node_kind(&s->tree, i) != NODE_IDENTIFIER) {
            return false;
        }
    }
    return true;
}

/* `loop.stop()` is `loop.call_soon_threadsafe(loop.stop)`; a future knows its loop. */
static bool hand_over(struct plan *plan, const struct spot *spot, struct str model, uint32_t object, struct str method,
                      uint32_t arguments, struct candidate *candidate)
{
    const struct syntax *s = spot->syntax;
    bool of_loop = str_equal(method, STR("stop"));
    bool known = of_loop || str_starts(model, STR("asyncio.Future.")) || str_starts(model, STR("asyncio.Task."));
    if (!known || !is_path(s, object) || spot_inside(s, spot->statement) != spot->node ||
        syntax_has(s, arguments, NODE_KEYWORD_ARGUMENT)) {
        return false;
    }
    struct str path = syntax_text(s, object), list = syntax_text(s, arguments);
    list = str_slice(list, 1, list.len);
    const char *loop = of_loop ? "" : ".get_loop()", *comma = node_first(&s->tree, arguments) == NO_NODE ? "" : ", ";
    candidate->applicability = FIX_UNSAFE; /* it happens later, and an exception goes to the loop */
    spot_replace(candidate, spot, spot->node,
                 scene_text(&plan->scene, "%.*s%s.call_soon_threadsafe(%.*s.%.*s%s%.*s", STR_FMT(path), loop,
                            STR_FMT(path), STR_FMT(method), comma, STR_FMT(list)));
    return true;
}

/* One call of a unit. */
static bool edit_call(struct plan *plan, const struct hazard *hazard, struct candidate *candidate)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    spot.node = s ? spot_inside(s, spot.node) : NO_NODE;
    uint32_t function =
        s && node_kind(&s->tree, spot.node) == NODE_CALL ? node_field(&s->tree, spot.node, FIELD_FUNCTION) : NO_NODE;
    if (hazard->check != CHECK_TRUE || function == NO_NODE || node_kind(&s->tree, function) != NODE_ATTRIBUTE) {
        return false;
    }
    uint32_t object = node_field(&s->tree, function, FIELD_OBJECT);
    uint32_t name = node_field(&s->tree, function, FIELD_ATTRIBUTE);
    uint32_t arguments = node_field(&s->tree, spot.node, FIELD_ARGUMENTS);
    struct str method = node_text(&s->tree, name);
    if (str_equal(method, STR("call_soon"))) {
        spot_replace(candidate, &spot, name, STR("call_soon_threadsafe"));
        return true;
    }
    struct str model = hazard->last->model ? str_of(hazard->last->model->name) : STR("");
    static const char *const later[] = {"set_result", "set_exception", "cancel", "stop", NULL}; /* can be done later */
    return syntax_is_any_of(method, later) && hand_over(plan, &spot, model, object, method, arguments, candidate);
}

void loop_candidates(struct plan *plan, struct unit *unit)
{
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_SAFE};
    const struct hazard *hazard;
    bool good = true;
    for (size_t i = 0; good && (hazard = unit_hazard(plan, unit, i)) != NULL; i++) {
        good = edit_call(plan, hazard, &candidate);
    }
    if (good) {
        spot_offer(unit, &candidate, "Let the loop make the call, in its own thread.");
    } else {
        spot_drop(&candidate);
    }
}
