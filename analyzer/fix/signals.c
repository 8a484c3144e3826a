/* signals: a flag that a loop asks again and again becomes a `threading.Event`, on which the loop waits. */
#include "fix/classes.h"
#include "fix/variables.h"

/* A flag, and the event that takes its place. */
struct flag {
    struct plan *plan;
    const struct hazard *hazard;
    struct variable variable;
    struct spot poll; /* where the loop asks */
    uint32_t loop;    /* the `while` statement */
    bool inverted;    /* the event is set while the flag is not */
    struct str name;  /* the event's */
    struct candidate candidate;
};

/* ---- what stands there ---- */

/* The literal that a statement stores into the flag: 1 for True, 0 for False; negative where it is something else. */
static int stored(const struct syntax *s, uint32_t use)
{
    uint32_t assignment = s->parents[use];
    if (node_kind(&s->tree, assignment) != NODE_ASSIGNMENT || s->tree.nodes.data[use].field != FIELD_LEFT ||
        node_field(&s->tree, assignment, FIELD_TYPE) != NO_NODE ||
        node_kind(&s->tree, s->parents[assignment]) != NODE_EXPRESSION_STATEMENT) {
        return -1;
    }
    uint32_t value = node_field(&s->tree, assignment, FIELD_RIGHT);
    enum node_kind kind = value == NO_NODE ? NODE_NOTHING : node_kind(&s->tree, value);
    return kind == NODE_TRUE ? 1 : kind == NODE_FALSE ? 0 : -1;
}

/* ---- edits ---- */

static struct str text(struct flag *flag, const char *format, struct str a, struct str b)
{
    return scene_text(&flag->plan->scene, format, STR_FMT(a), STR_FMT(b));
}

/* The event, as it is written where the flag is. */
static struct str event_at(struct flag *flag, const struct syntax *s, uint32_t use)
{
    if (node_kind(&s->tree, use) != NODE_ATTRIBUTE) {
        return flag->name;
    }
    return text(flag, "%.*s.%.*s", syntax_text(s, node_field(&s->tree, use, FIELD_OBJECT)), flag->name);
}

static void edit_store(struct flag *flag, const struct spot *spot, uint32_t use, bool value)
{
    struct str event = event_at(flag, spot->syntax, use);
    bool set = value != flag->inverted;
    if (spot->statement != flag->variable.made.statement) {
        spot_replace(&flag->candidate, spot, spot->syntax->parents[use],
                     text(flag, set ? "%.*s.set()%.*s" : "%.*s.clear()%.*s", event, STR("")));
        return;
    }
    struct scene *scene = &flag->plan->scene;
    struct str make = scene_import(scene, spot->file, STR("threading"), STR("Event"), &flag->candidate.edits);
    spot_replace(&flag->candidate, spot, spot->syntax->parents[use], text(flag, "%.*s = %.*s()", event, make));
    if (set) {
        struct str line = text(flag, "%.*s%.*s.set()", spot_indent(spot->syntax, spot->statement), event);
        spot_append(&flag->candidate, spot, spot->statement, text(flag, "%.*s%.*s", line, spot->syntax->newline));
    }
}

/* `flag` is `event.is_set()`, and where that means the opposite, `not event.is_set()`. */
static void edit_look(struct flag *flag, const struct spot *spot, uint32_t use)
{
    const struct syntax *s = spot->syntax;
    struct str asked = text(flag, "%.*s.is_set()%.*s", event_at(flag, s, use), STR(""));
    uint32_t outer = s->parents[use];
    bool negated = node_kind(&s->tree, outer) == NODE_NOT_OPERATOR;
    if (!flag->inverted) {
        spot_replace(&flag->candidate, spot, use, asked);
    } else if (negated) {
        spot_replace(&flag->candidate, spot, outer, asked);
    } else {
        enum node_kind kind = node_kind(&s->tree, outer);
        bool whole = s->tree.nodes.data[use].field == FIELD_CONDITION || kind == NODE_RETURN_STATEMENT ||
                     s->tree.nodes.data[use].field == FIELD_RIGHT;
        spot_replace(&flag->candidate, spot, use,
                     text(flag, whole ? "not %.*s%.*s" : "(not %.*s%.*s)", asked, STR("")));
    }
}

/* `time.sleep(x)` as a statement: the node of x; NO_NODE where it is something else. */
static uint32_t pause_of(const struct syntax *s, uint32_t statement)
{
    uint32_t call = spot_inside(s, statement);
    if (call == statement || node_kind(&s->tree, call) != NODE_CALL) {
        return NO_NODE;
    }
    struct str function = syntax_text(s, node_field(&s->tree, call, FIELD_FUNCTION));
    uint32_t list = node_field(&s->tree, call, FIELD_ARGUMENTS);
    bool sleeps = str_equal(function, STR("time.sleep")) || str_equal(function, STR("sleep"));
    return sleeps && list != NO_NODE ? spot_only(s, list) : NO_NODE;
}

/* The loop that does nothing else waits; one that works waits where it sleeps. Returns whether the loop is gone. */
static bool edit_loop(struct flag *flag)
{
    const struct syntax *s = flag->poll.syntax;
    uint32_t body = syntax_body(s, flag->loop), only = spot_only(s, body);
    struct str event = event_at(flag, s, flag->poll.node);
    bool idle = only != NO_NODE && (pause_of(s, only) != NO_NODE || node_kind(&s->tree, only) == NODE_PASS_STATEMENT);
    if (idle && node_of_kind(&s->tree, flag->loop, NODE_ELSE_CLAUSE) == NO_NODE) {
        spot_replace(&flag->candidate, &flag->poll, flag->loop, text(flag, "%.*s.wait()%.*s", event, STR("")));
        return true;
    }
    for (uint32_t child = node_first(&s->tree, body); child != NO_NODE; child = node_next(&s->tree, body, child)) {
        uint32_t pause = pause_of(s, child);
        if (pause != NO_NODE) {
            spot_replace(&flag->candidate, &flag->poll, spot_inside(s, child),
                         text(flag, "%.*s.wait(%.*s)", event, syntax_text(s, pause)));
        }
    }
    return false;
}

static bool edit_use(struct flag *flag, uint32_t file, uint32_t use, bool loop_gone)
{
    struct spot spot = {scene_syntax(&flag->plan->scene, file), file, use, NO_NODE};
    const struct syntax *s = spot.syntax;
    spot.statement = syntax_statement(s, use);
    if (!flag->plan->scene.request->files[file].writable) {
        return false;
    }
    if (node_kind(&s->tree, s->parents[use]) == NODE_GLOBAL_STATEMENT) {
        return variable_drop_global(&flag->candidate, &spot, s->parents[use]) || !flag->inverted;
    }
    if (s == flag->poll.syntax && loop_gone && syntax_contains(s, flag->loop, use)) {
        return true;
    }
    int value = stored(s, use);
    if (value >= 0 && variable_is_local(&flag->variable, s, use)) {
        return false;
    }
    if (value >= 0) {
        edit_store(flag, &spot, use, value == 1);
        return true;
    }
    enum node_kind kind = node_kind(&s->tree, s->parents[use]);
    uint8_t field = s->tree.nodes.data[use].field;
    bool value_of = field == FIELD_RIGHT && kind != NODE_AUGMENTED_ASSIGNMENT;
    if (field == FIELD_CONDITION || value_of || kind == NODE_NOT_OPERATOR || kind == NODE_BOOLEAN_OPERATOR ||
        kind == NODE_RETURN_STATEMENT || kind == NODE_ARGUMENT_LIST) {
        edit_look(flag, &spot, use);
        return true;
    }
    return false;
}

/* Edits every use; false where one is seen that is not understood. */
static bool edit_all(struct flag *flag)
{
    struct scene *scene = &flag->plan->scene;
    bool loop_gone = edit_loop(flag);
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        const struct syntax *s = scene_syntax(scene, file);
        for (uint32_t node = 1; s && node < s->tree.nodes.len; node++) {
            enum variable_use use = variable_use(&flag->variable, s, node);
            if (use == USE_UNCLEAR) {
                return false;
            }
            if (use == USE_OWN && !edit_use(flag, file, node, loop_gone)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- the flag ---- */

static bool find_flag(struct flag *flag, struct plan *plan, const struct hazard *hazard)
{
    *flag = (struct flag){.plan = plan, .hazard = hazard, .poll = spot_of(plan, hazard->last)};
    const struct syntax *s = flag->poll.syntax;
    if (!s || !hazard->place || !variable_of(plan, hazard->place, &flag->variable)) {
        return false;
    }
    flag->loop = flag->poll.statement;
    uint32_t condition = node_kind(&s->tree, flag->loop) == NODE_WHILE_STATEMENT
                             ? node_field(&s->tree, flag->loop, FIELD_CONDITION)
                             : NO_NODE;
    if (condition == NO_NODE) {
        return false;
    }
    bool negated =
        node_kind(&s->tree, condition) == NODE_NOT_OPERATOR && node_first(&s->tree, condition) == flag->poll.node;
    flag->inverted = !negated;
    return negated || condition == flag->poll.node;
}

/* The event goes by the flag's name, unless it means the opposite. */
static bool name_event(struct flag *flag)
{
    const struct syntax *s = flag->variable.made.syntax;
    if (!flag->inverted) {
        flag->name = flag->variable.name;
        return true;
    }
    bool private = str_starts(flag->variable.name, STR("_"));
    const char *plain = flag->hazard->kind == HAZARD_POLLED ? "stopped" : "finished";
    flag->name = scene_text(&flag->plan->scene, "%s%s", private ? "_" : "", plain);
    return flag->variable.class_node != NO_NODE
               ? class_name_is_free(&flag->plan->scene, flag->variable.made.file, flag->variable.class_node, flag->name)
               : !syntax_has_name(s, flag->name);
}

void signal_candidates(struct plan *plan, struct unit *unit)
{
    struct flag flag;
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    if (!find_flag(&flag, plan, hazard) || !name_event(&flag)) {
        return;
    }
    bool private =
        str_starts(flag.variable.name, STR("_")); /* others may look at a public one that are not in the program */
    flag.candidate = (struct candidate){.kind = FIX_PRIMITIVE, .applicability = private ? FIX_SAFE : FIX_UNSAFE};
    if (edit_all(&flag)) {
        spot_offer(
            unit, &flag.candidate,
            scene_text(&plan->scene, "Make `%.*s` a `threading.Event`, and wait for it.", STR_FMT(flag.name)).ptr);
    } else {
        spot_drop(&flag.candidate);
    }
}
