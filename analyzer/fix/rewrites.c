/* rewrites: candidates that say the same thing in another way: a default that keeps a variable's value, a copy handed
 * out, a new container in place of an emptied one, `while` around a wait, statements in another order. */
#include "fix/spots.h"

/* ---- late binding ---- */

/* Whether a parameter list can take one more parameter with a default at its end. */
static bool can_grow(const struct syntax *s, uint32_t parameters, struct str name)
{
    for (uint32_t i = parameters + 1; i < s->tree.nodes.data[parameters].after; i++) {
        enum node_kind kind = node_kind(&s->tree, i);
        bool stars = kind == NODE_LIST_SPLAT_PATTERN || kind == NODE_DICTIONARY_SPLAT_PATTERN;
        if (stars || (kind == NODE_IDENTIFIER && str_equal(node_text(&s->tree, i), name))) {
            return false;
        }
    }
    return true;
}

static void bind_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    uint32_t function = s ? syntax_function(s, spot.node) : NO_NODE;
    struct str name = s ? syntax_text(s, spot.node) : STR("");
    if (function == NO_NODE || node_kind(&s->tree, spot.node) != NODE_IDENTIFIER) {
        return;
    }
    bool lambda = node_kind(&s->tree, function) == NODE_LAMBDA;
    uint32_t parameters = node_field(&s->tree, function, FIELD_PARAMETERS);
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_SAFE};
    struct str text = scene_text(&plan->scene, "%.*s=%.*s", STR_FMT(name), STR_FMT(name));
    if (parameters == NO_NODE && lambda) {
        uint32_t at = s->tree.nodes.data[function].start + (uint32_t)sizeof "lambda" - 1;
        spot_edit(&candidate, spot.file, at, at, scene_text(&plan->scene, " %.*s", STR_FMT(text)));
    } else if (parameters != NO_NODE && can_grow(s, parameters, name)) {
        bool empty = node_first(&s->tree, parameters) == NO_NODE;
        uint32_t at = s->tree.nodes.data[parameters].end - (lambda ? 0 : 1);
        if (!lambda && s->file->text.ptr[at - 1] == ',') {
            at--;
        }
        spot_edit(&candidate, spot.file, at, at, scene_text(&plan->scene, "%s%.*s", empty ? "" : ", ", STR_FMT(text)));
    } else {
        return;
    }
    spot_offer(unit, &candidate, "Give the function the value that the variable has when it is made, as a default.");
}

/* ---- containers ---- */

/* The path to the container in the text of an access, as a node: `self._services` of `return self._services`. */
static uint32_t container_in(const struct syntax *s, uint32_t node, struct str field)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        enum node_kind kind = node_kind(&s->tree, i);
        uint32_t name = kind == NODE_ATTRIBUTE ? node_field(&s->tree, i, FIELD_ATTRIBUTE) : i;
        bool part = s->tree.nodes.data[i].field == FIELD_ATTRIBUTE;
        if ((kind == NODE_ATTRIBUTE || kind == NODE_IDENTIFIER) && !part && name != NO_NODE &&
            str_equal(node_text(&s->tree, name), field)) {
            return i;
        }
    }
    return NO_NODE;
}

/* `return self._items` under the lock: hand out a copy. */
static void copy_out_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    uint32_t node = s ? container_in(s, spot.statement, hazard->place->field) : NO_NODE;
    enum model_role role = hazard->place->role;
    if (node == NO_NODE || (role != ROLE_LIST && role != ROLE_DICT && role != ROLE_SET && role != ROLE_DEQUE)) {
        return;
    }
    struct candidate candidate = {.kind = FIX_SNAPSHOT, .applicability = FIX_UNSAFE};
    uint32_t end = s->tree.nodes.data[node].end;
    spot_edit(&candidate, spot.file, end, end, STR(".copy()"));
    spot_offer(unit, &candidate, "Hand out a copy, which is taken with the lock held.");
}

static struct str empty_of(enum model_role role)
{
    switch (role) {
    case ROLE_LIST: return STR("[]");
    case ROLE_DICT: return STR("{}");
    case ROLE_SET: return STR("set()");
    default: return STR("");
    }
}

/* `batch.clear()` after `queue.put(batch)`: go on with a new one. */
static void renew_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    struct str empty = empty_of(hazard->place->role);
    if (!s || empty.len == 0) {
        return;
    }
    struct str text = syntax_text(s, spot.statement);
    if (!str_ends(text, STR(".clear()"))) {
        return;
    }
    struct candidate candidate = {.kind = FIX_SNAPSHOT, .applicability = FIX_UNSAFE};
    uint32_t end = s->tree.nodes.data[spot.statement].start + (uint32_t)text.len;
    spot_edit(&candidate, spot.file, end - (uint32_t)(sizeof ".clear()" - 1), end,
              scene_text(&plan->scene, " = %.*s", STR_FMT(empty)));
    spot_offer(unit, &candidate, "Go on with a new container: the old one belongs to who was given it.");
}

/* `errors = []` in the class body: one for each object, in the constructor. */
static void own_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    const struct site *declared = &hazard->place->declared;
    uint32_t file = declared->file ? scene_file(&plan->scene, declared->file) : UINT32_MAX;
    struct syntax *s = scene_syntax(&plan->scene, file);
    uint32_t node = s ? syntax_find(s, declared->span) : NO_NODE;
    uint32_t class_node = node == NO_NODE ? NO_NODE : syntax_class(s, node);
    uint32_t init = class_node == NO_NODE ? NO_NODE : syntax_method(s, class_node, STR("__init__"));
    uint32_t block = init == NO_NODE ? NO_NODE : syntax_body(s, init);
    uint32_t first = block == NO_NODE ? NO_NODE : node_first(&s->tree, block);
    uint32_t inside = node == NO_NODE ? NO_NODE : node_first(&s->tree, syntax_statement(s, node));
    if (first == NO_NODE || inside == NO_NODE || node_kind(&s->tree, inside) != NODE_ASSIGNMENT ||
        hazard->place->root != PLACE_CLASS || !syntax_has_lines(s, first)) {
        return;
    }
    uint32_t value = node_field(&s->tree, inside, FIELD_RIGHT);
    if (value == NO_NODE || s->file->text.ptr[s->tree.nodes.data[first].start] == '"') {
        return;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_UNSAFE};
    struct str indent = syntax_indent(s, syntax_first_line(s, first));
    struct str line = scene_text(&plan->scene, "%.*sself.%.*s = %.*s%.*s", STR_FMT(indent),
                                 STR_FMT(hazard->place->field), STR_FMT(syntax_text(s, value)), STR_FMT(s->newline));
    uint32_t at = spot_line_start(s, first);
    vec_push(&candidate.edits, ((struct edit){file, at, at, EDIT_BEFORE, line}));
    spot_offer(unit, &candidate, "Give each object its own, in the constructor.");
}

/* ---- conditions ---- */

/* `if not ready: condition.wait()`: asks again when it wakes up. */
static void loop_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    uint32_t block = s ? s->parents[spot.statement] : NO_NODE;
    uint32_t outer = block == NO_NODE ? NO_NODE : s->parents[block];
    if (outer == NO_NODE || node_kind(&s->tree, outer) != NODE_IF_STATEMENT ||
        node_field(&s->tree, outer, FIELD_ALTERNATIVE) != NO_NODE || node_first(&s->tree, block) != spot.statement ||
        node_next(&s->tree, block, spot.statement) != NO_NODE) {
        return;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_SAFE};
    uint32_t start = s->tree.nodes.data[outer].start;
    spot_edit(&candidate, spot.file, start, start + 2, STR("while"));
    spot_offer(unit, &candidate, "Test again after the wait: `while` in place of `if`.");
}

/* `condition.notify()` without the condition. */
static void take_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    struct str text = s ? syntax_text(s, spot.node) : STR("");
    size_t open = str_find(text, STR("(")),
           dot = open == SIZE_MAX ? SIZE_MAX : str_rfind_char(str_slice(text, 0, open), '.');
    struct region region = {.file = spot.file};
    if (dot == SIZE_MAX || !region_around(s, spot.statement, spot.statement, &region)) {
        return;
    }
    struct candidate candidate = {.kind = FIX_EXISTING_LOCK, .applicability = FIX_SAFE};
    region.lock = candidate.lock_name = str_slice(text, 0, dot);
    vec_push(&candidate.regions, region);
    struct str lock = candidate.lock_name;
    spot_offer(unit, &candidate, scene_text(&plan->scene, "Take `%.*s` around the call.", STR_FMT(lock)).ptr);
}

/* ---- statements in another order ---- */

/* Moves the lines of a statement to before or behind another one in the same block. False where that cannot be. */
static bool move(struct plan *plan, struct candidate *candidate, const struct spot *what, uint32_t to, bool before)
{
    const struct syntax *s = what->syntax;
    uint32_t statement = what->statement;
    if (s->parents[statement] != s->parents[to] || statement == to || !syntax_has_lines(s, statement) ||
        !syntax_has_lines(s, to) || syntax_last_line(s, to) >= s->file->line_count ||
        (!before && spot_may_leave(s, statement, to))) {
        return false;
    }
    uint32_t from = spot_line_start(s, statement), end = spot_line_end(s, statement);
    uint32_t at = before ? spot_line_start(s, to) : spot_line_end(s, to);
    struct str text = arena_str(plan->scene.arena, str_slice(s->file->text, from, end));
    spot_edit(candidate, what->file, from, end, STR(""));
    vec_push(&candidate->edits, ((struct edit){what->file, at, at, before ? EDIT_BEFORE : EDIT_BEHIND, text}));
    return true;
}

/* Whether a statement, or what it calls, uses the place that an access is about. */
static bool uses_place(struct plan *plan, const struct syntax *s, uint32_t statement, const struct access *access)
{
    struct place_access *uses;
    struct scene *scene = &plan->scene;
    uint32_t count = program_accesses(scene->request->program, &access->place->key, 1, scene->arena, &uses);
    struct ir_span span = {s->tree.nodes.data[statement].start, s->tree.nodes.data[statement].end};
    struct call_survey calls = program_calls(scene->request->program, s->file, span, scene->arena);
    for (uint32_t i = 0; i < count; i++) {
        const struct site *site = &uses[i].access->site;
        bool inside = site->file == s->file && span.start <= site->span.start && site->span.end <= span.end;
        for (uint32_t k = 0; k < calls.function_count && !inside; k++) {
            const struct site *function = &calls.functions[k];
            inside = site->file == function->file && function->span.start <= site->span.start &&
                     site->span.end <= function->span.end;
        }
        if (inside) {
            return true;
        }
    }
    return syntax_uses(s, statement, access->place->field);
}

/* Whether something between a store and the last statement before its new place needs what is stored. */
static bool is_needed_before(struct plan *plan, const struct spot *store, uint32_t last, const struct access *access)
{
    const struct syntax *s = store->syntax;
    uint32_t block = s->parents[store->statement];
    for (uint32_t next = node_next(&s->tree, block, store->statement); next != NO_NODE && next <= last;
         next = node_next(&s->tree, block, next)) {
        if (uses_place(plan, s, next, access)) {
            return true;
        }
    }
    return false;
}

/* The statement in the block of another one in which a node lies; NO_NODE: none. */
static uint32_t in_block_of(const struct syntax *s, uint32_t statement, uint32_t node)
{
    while (node != NO_NODE && s->parents[node] != s->parents[statement]) {
        node = s->parents[node];
    }
    return node;
}

static void move_candidate(struct plan *plan, struct unit *unit, const struct access *what, const struct access *to,
                           bool before, const char *message)
{
    struct spot moved = spot_of(plan, what), target = spot_of(plan, to);
    if (!moved.syntax || target.syntax != moved.syntax ||
        syntax_function(moved.syntax, moved.statement) != syntax_function(moved.syntax, target.statement)) {
        return;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_UNSAFE};
    uint32_t place = in_block_of(moved.syntax, moved.statement, target.statement);
    bool needed = place != NO_NODE && !before && is_needed_before(plan, &moved, place, what);
    if (place != NO_NODE && !needed && move(plan, &candidate, &moved, place, before)) {
        spot_offer(unit, &candidate, message);
    } else {
        vec_release(&candidate.edits);
    }
}

/* The start of a thread in a constructor goes to the constructor's end. */
static void start_last_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot start = spot_of(plan, hazard->escape), last = spot_of(plan, hazard->last);
    if (!start.syntax || start.syntax != last.syntax ||
        start.syntax->parents[start.statement] != last.syntax->parents[last.statement]) {
        return;
    }
    const struct syntax *s = start.syntax;
    uint32_t block = s->parents[start.statement], end = start.statement;
    for (uint32_t next = start.statement; next != NO_NODE; next = node_next(&s->tree, block, next)) {
        end = next;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_UNSAFE};
    if (move(plan, &candidate, &start, end, false)) {
        spot_offer(unit, &candidate, "Start the thread when the object is complete: at the end of the constructor.");
    } else {
        vec_release(&candidate.edits);
    }
}

/* ---- versions ---- */

/* `sys._is_gil_enabled()` asks first whether there is such a function: without it, there is a GIL. */
static void probe_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    uint32_t node = spot.node;
    if (s && node_kind(&s->tree, node) == NODE_CALL) {
        node = node_field(&s->tree, node, FIELD_FUNCTION);
    }
    if (!s || node_kind(&s->tree, node) != NODE_ATTRIBUTE || s->tree.nodes.data[node].field != FIELD_FUNCTION) {
        return;
    }
    struct candidate candidate = {.kind = FIX_PRIMITIVE, .applicability = FIX_SAFE};
    struct str object = syntax_text(s, node_field(&s->tree, node, FIELD_OBJECT));
    struct str name = syntax_text(s, node_field(&s->tree, node, FIELD_ATTRIBUTE));
    spot_replace(&candidate, &spot, node,
                 scene_text(&plan->scene, "getattr(%.*s, \"%.*s\", lambda: True)", STR_FMT(object), STR_FMT(name)));
    spot_offer(unit, &candidate, "Ask for the function first: versions without it have a GIL.");
}

/* ---- double-checked locking ---- */

/* Puts the test of the `if` around a `with` into it, too. */
static void recheck_candidate(struct plan *plan, struct unit *unit, const struct hazard *hazard)
{
    struct spot spot = spot_of(plan, hazard->last);
    const struct syntax *s = spot.syntax;
    uint32_t with = s ? spot.statement : NO_NODE;
    while (with != NO_NODE && region_with_lock(s, with).len == 0) {
        with = s->parents[with];
    }
    uint32_t outer = with == NO_NODE ? NO_NODE : s->parents[s->parents[with]];
    uint32_t body = with == NO_NODE ? NO_NODE : syntax_body(s, with);
    uint32_t condition = outer == NO_NODE || node_kind(&s->tree, outer) != NODE_IF_STATEMENT
                             ? NO_NODE
                             : node_field(&s->tree, outer, FIELD_CONDITION);
    uint32_t block = with == NO_NODE ? NO_NODE : s->parents[with];
    bool alone =
        condition != NO_NODE && node_first(&s->tree, block) == with && node_next(&s->tree, block, with) == NO_NODE;
    if (!alone || body == NO_NODE || node_field(&s->tree, outer, FIELD_CONSEQUENCE) != block ||
        !syntax_has_lines(s, node_first(&s->tree, body))) {
        return;
    }
    struct candidate candidate = {.kind = FIX_EXISTING_LOCK, .applicability = FIX_SAFE};
    struct region region = {.file = spot.file, .first = node_first(&s->tree, body)};
    for (uint32_t next = region.first; next != NO_NODE; next = node_next(&s->tree, body, next)) {
        region.last = next;
    }
    region.head = scene_text(&plan->scene, "if %.*s:", STR_FMT(syntax_text(s, condition)));
    region.lock = candidate.lock_name = region_with_lock(s, with);
    vec_push(&candidate.regions, region);
    struct str lock = candidate.lock_name;
    spot_offer(unit, &candidate, scene_text(&plan->scene, "Test again with `%.*s` held.", STR_FMT(lock)).ptr);
}

void rewrite_candidates(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    switch (hazard->kind) {
    case HAZARD_CAPTURE: bind_candidate(plan, unit, hazard); break;
    case HAZARD_LEAK: copy_out_candidate(plan, unit, hazard); break;
    case HAZARD_HANDED: renew_candidate(plan, unit, hazard); break;
    case HAZARD_MADE_ONCE: own_candidate(plan, unit, hazard); break;
    case HAZARD_WAIT_ONCE: loop_candidate(plan, unit, hazard); break;
    case HAZARD_WAIT_UNLOCKED: take_candidate(plan, unit, hazard); break;
    case HAZARD_ESCAPE: start_last_candidate(plan, unit, hazard); break;
    case HAZARD_LOST_SIGNAL:
        move_candidate(plan, unit, hazard->last, hazard->first, true, "Clear the event before the look.");
        break;
    case HAZARD_POLLED:
    case HAZARD_BUSY_WAIT: signal_candidates(plan, unit); break;
    case HAZARD_GIL_PROBE: probe_candidate(plan, unit, hazard); break;
    case HAZARD_MEMO: memo_candidates(plan, unit); break;
    case HAZARD_FILE: filesystem_candidates(plan, unit); break;
    case HAZARD_LOOP_TOUCHED: loop_candidates(plan, unit); break;
    case HAZARD_LEFT_HELD: section_candidates(plan, unit); break;
    case HAZARD_PUBLISH:
        publish_candidates(plan, unit);
        move_candidate(plan, unit, hazard->last, hazard->later, false, "Publish when the data is complete.");
        break;
    case HAZARD_SPAN:
        if (hazard->via == VIA_DATA) {
            counting_candidates(plan, unit);
        } else if (hazard->via == VIA_CONTROL) {
            recheck_candidate(plan, unit, hazard);
            publish_candidates(plan, unit);
        }
        break;
    default: break;
    }
}
