/* counting: a variable that only hands out numbers becomes an `itertools.count`, of which `next()` is one step. */
#include "fix/variables.h"

#include <stdlib.h>

/* A number that is handed out, and counted on in a statement of its own, before or behind. */
struct counting {
    struct variable variable;
    struct candidate candidate;
    uint32_t made;       /* the assignment of the first number */
    bool before, behind; /* where the steps that were seen stand */
    uint32_t count;      /* of them */
};

/* `number += 1` as a statement: the use of the variable in it; NO_NODE where it is something else. */
static uint32_t step_of(struct counting *c, const struct syntax *s, uint32_t statement)
{
    uint32_t inside = spot_inside(s, statement);
    if (node_kind(&s->tree, inside) != NODE_AUGMENTED_ASSIGNMENT) {
        return NO_NODE;
    }
    uint32_t left = node_field(&s->tree, inside, FIELD_LEFT), right = node_field(&s->tree, inside, FIELD_RIGHT);
    bool one = right != NO_NODE && str_equal(syntax_text(s, right), STR("1")) &&
               str_find(syntax_text(s, inside), STR("+=")) != SIZE_MAX;
    return one && left != NO_NODE && variable_use(&c->variable, s, left) == USE_OWN ? left : NO_NODE;
}

/* The only use of the variable in a statement, where it is evaluated once and at once; NO_NODE otherwise. */
static uint32_t look_in(struct counting *c, const struct syntax *s, uint32_t statement)
{
    static const enum node_kind simple[] = {NODE_EXPRESSION_STATEMENT,
                                            NODE_RETURN_STATEMENT,
                                            NODE_ASSIGNMENT,
                                            NODE_CALL,
                                            NODE_ARGUMENT_LIST,
                                            NODE_KEYWORD_ARGUMENT,
                                            NODE_BINARY_OPERATOR,
                                            NODE_TUPLE,
                                            NODE_LIST,
                                            NODE_EXPRESSION_LIST,
                                            NODE_STRING,
                                            NODE_INTERPOLATION,
                                            NODE_PARENTHESIZED_EXPRESSION,
                                            NODE_SUBSCRIPT};
    uint32_t found = NO_NODE;
    for (uint32_t i = statement; i < s->tree.nodes.data[statement].after; i++) {
        if (variable_use(&c->variable, s, i) == USE_OWN) {
            if (found != NO_NODE) {
                return NO_NODE;
            }
            found = i;
            i = s->tree.nodes.data[i].after - 1;
        }
    }
    for (uint32_t node = found; node != NO_NODE && node != statement;) {
        node = s->parents[node];
        bool known = false;
        for (size_t i = 0; i < sizeof simple / sizeof *simple; i++) {
            known = known || node_kind(&s->tree, node) == simple[i];
        }
        if (!known) {
            return NO_NODE;
        }
    }
    bool target = found != NO_NODE && s->tree.nodes.data[found].field == FIELD_LEFT &&
                  node_kind(&s->tree, s->parents[found]) == NODE_ASSIGNMENT;
    return target ? NO_NODE : found;
}

static uint32_t statement_before(const struct syntax *s, uint32_t statement)
{
    uint32_t before = NO_NODE;
    for (uint32_t child = node_first(&s->tree, s->parents[statement]); child != statement;
         child = node_next(&s->tree, s->parents[statement], child)) {
        before = child;
    }
    return before;
}

/* `number += 1` and the statement beside it that uses the number become one. */
static bool edit_step(struct counting *c, const struct spot *spot)
{
    const struct syntax *s = spot->syntax;
    uint32_t statement = spot->statement;
    uint32_t next = node_next(&s->tree, s->parents[statement], statement), before = statement_before(s, statement);
    uint32_t behind_look = next == NO_NODE ? NO_NODE : look_in(c, s, next);
    uint32_t before_look = before == NO_NODE ? NO_NODE : look_in(c, s, before);
    uint32_t line = syntax_first_line(s, statement);
    if ((behind_look == NO_NODE) == (before_look == NO_NODE) || !syntax_has_lines(s, statement) ||
        spot_has_comment(s, line, syntax_last_line(s, statement))) {
        return false;
    }
    uint32_t look = behind_look != NO_NODE ? behind_look : before_look;
    c->before = c->before || behind_look != NO_NODE;
    c->behind = c->behind || before_look != NO_NODE;
    c->count++;
    spot_replace(&c->candidate, spot, look,
                 scene_text(&c->variable.plan->scene, "next(%.*s)", STR_FMT(syntax_text(s, look))));
    spot_delete(&c->candidate, spot, statement);
    return true;
}

/* Whether a use belongs to a step that is edited with its other statement. */
static bool is_beside_step(struct counting *c, const struct syntax *s, uint32_t statement)
{
    uint32_t next = node_next(&s->tree, s->parents[statement], statement), before = statement_before(s, statement);
    return (next != NO_NODE && step_of(c, s, next) != NO_NODE) ||
           (before != NO_NODE && step_of(c, s, before) != NO_NODE);
}

static bool edit_use(struct counting *c, uint32_t file, uint32_t use)
{
    struct spot spot = {scene_syntax(&c->variable.plan->scene, file), file, use, NO_NODE};
    const struct syntax *s = spot.syntax;
    spot.statement = syntax_statement(s, use);
    if (!c->variable.plan->scene.request->files[file].writable) {
        return false;
    }
    if (node_kind(&s->tree, s->parents[use]) == NODE_GLOBAL_STATEMENT) {
        variable_drop_global(&c->candidate, &spot, s->parents[use]);
        return true;
    }
    if (s == c->variable.made.syntax && spot.statement == c->variable.made.statement) {
        return true;
    }
    if (step_of(c, s, spot.statement) == use) {
        return !variable_is_local(&c->variable, s, use) && edit_step(c, &spot);
    }
    return is_beside_step(c, s, spot.statement);
}

static bool edit_all(struct counting *c)
{
    struct scene *scene = &c->variable.plan->scene;
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        const struct syntax *s = scene_syntax(scene, file);
        for (uint32_t node = 1; s && node < s->tree.nodes.len; node++) {
            enum variable_use use = variable_use(&c->variable, s, node);
            if (use == USE_UNCLEAR || (use == USE_OWN && !edit_use(c, file, node))) {
                return false;
            }
        }
    }
    return c->count > 0 && c->before != c->behind;
}

/* `number = 0` becomes `number = itertools.count(1)`, if 1 is the first number that is handed out. */
static bool edit_made(struct counting *c)
{
    struct spot *made = &c->variable.made;
    const struct syntax *s = made->syntax;
    uint32_t value = node_field(&s->tree, c->made, FIELD_RIGHT);
    struct str text = syntax_text(s, value);
    if (node_kind(&s->tree, value) != NODE_INTEGER || text.len > 9) {
        return false;
    }
    char digits[10] = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        digits[i] = text.ptr[i];
    }
    long first = strtol(digits, NULL, 10) + (c->before ? 1 : 0);
    struct scene *scene = &c->variable.plan->scene;
    struct str count = scene_import(scene, made->file, STR("itertools"), STR("count"), &c->candidate.edits);
    spot_replace(&c->candidate, made, value,
                 first == 0 ? scene_text(scene, "%.*s()", STR_FMT(count))
                            : scene_text(scene, "%.*s(%ld)", STR_FMT(count), first));
    return count.len > 0;
}

void counting_candidates(struct plan *plan, struct unit *unit)
{
    struct counting c = {.count = 0};
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    if (hazard->guard || hazard->suggestion || !hazard->place || !variable_of(plan, hazard->place, &c.variable)) {
        return;
    }
    const struct syntax *s = c.variable.made.syntax;
    c.made = spot_inside(s, c.variable.made.statement);
    if (node_kind(&s->tree, c.made) != NODE_ASSIGNMENT || node_field(&s->tree, c.made, FIELD_TYPE) != NO_NODE) {
        return;
    }
    bool private =
        str_starts(c.variable.name, STR("_")); /* others may look at a public one that are not in the program */
    c.candidate = (struct candidate){.kind = FIX_PRIMITIVE, .applicability = private ? FIX_SAFE : FIX_UNSAFE};
    if (edit_all(&c) && edit_made(&c)) {
        spot_offer(unit, &c.candidate, "Take the numbers from an `itertools.count()`, of which `next()` is one step.");
    } else {
        spot_drop(&c.candidate);
    }
}
