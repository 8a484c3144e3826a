/* tally: a loop that counts in a `collections.Counter` of all threads counts in one of its own, and adds that to the
 * shared one when it is over: the lock is taken once, not for each element. */
#include "fix/hold.h"
#include "fix/spots.h"

enum { LOOPS_MAX = 8 }; /* that one candidate rewrites */

/* A loop, and what it counts in. */
struct counted {
    struct spot spot;     /* `statement` is the loop */
    struct str container; /* as it is written in it: "self.words" */
};

struct tally {
    struct plan *plan;
    struct lock *lock;
    struct str field;                    /* of the counter */
    const struct place_access *accesses; /* to what it holds */
    uint32_t access_count;
    struct counted loops[LOOPS_MAX];
    uint32_t loop_count;
    struct candidate candidate;
};

/* ---- one step ---- */

/* The counter in `words[word] += n` or `words.update(more)`, a statement that only adds to it; NO_NODE where the
 * statement is something else. */
static uint32_t counter_in(const struct syntax *s, uint32_t statement)
{
    uint32_t inside = spot_inside(s, statement), path = NO_NODE;
    if (node_kind(&s->tree, inside) == NODE_AUGMENTED_ASSIGNMENT) {
        uint32_t left = node_field(&s->tree, inside, FIELD_LEFT), right = node_field(&s->tree, inside, FIELD_RIGHT);
        struct str between = str_slice(s->file->text, s->tree.nodes.data[left].end, s->tree.nodes.data[right].start);
        between = str_trim(between);
        bool adds = str_equal(between, STR("+=")) || str_equal(between, STR("-="));
        path = adds && node_kind(&s->tree, left) == NODE_SUBSCRIPT ? node_field(&s->tree, left, FIELD_VALUE) : NO_NODE;
    } else if (inside != statement && node_kind(&s->tree, inside) == NODE_CALL) {
        uint32_t function = node_field(&s->tree, inside, FIELD_FUNCTION);
        bool method = node_kind(&s->tree, function) == NODE_ATTRIBUTE;
        struct str name = method ? node_text(&s->tree, node_field(&s->tree, function, FIELD_ATTRIBUTE)) : STR("");
        bool adds = str_equal(name, STR("update")) || str_equal(name, STR("subtract"));
        path = adds ? node_field(&s->tree, function, FIELD_OBJECT) : NO_NODE;
    }
    for (uint32_t i = path; path != NO_NODE && i < s->tree.nodes.data[path].after; i++) {
        if (node_kind(&s->tree, i) != NODE_ATTRIBUTE && node_kind(&s->tree, i) != NODE_IDENTIFIER) {
            return NO_NODE;
        }
    }
    return path;
}

static bool is_counter(const struct syntax *s, uint32_t node, struct str container)
{
    enum node_kind kind = node_kind(&s->tree, node);
    return (kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE) && s->tree.nodes.data[node].field != FIELD_ATTRIBUTE &&
           str_equal(syntax_text(s, node), container);
}

/* ---- one loop ---- */

/* Whether control always comes out behind the loop, sooner or later, but for exceptions. */
static bool comes_out(struct tally *t, const struct syntax *s, uint32_t file, uint32_t loop)
{
    static const enum node_kind others[] = {NODE_RETURN_STATEMENT, NODE_RAISE_STATEMENT, NODE_YIELD, NODE_AWAIT,
                                            TOKEN_ASYNC};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (syntax_has(s, loop, others[i])) {
            return false;
        }
    }
    struct region region = {.file = file, .first = loop, .last = loop};
    struct scene *scene = &t->plan->scene;
    struct call_survey calls = program_calls(scene->request->program, s->file, region_span(s, &region), scene->arena);
    return !calls.blocks && !calls.waits && !syntax_has(s, loop, NODE_WHILE_STATEMENT);
}

/* Whether the loop does nothing to the counter but add to it. */
static bool only_adds(struct tally *t, const struct syntax *s, uint32_t file, uint32_t loop, struct str container)
{
    struct region region = {.file = file, .first = loop, .last = loop};
    if (region_binds(s, &region, syntax_first_name(container))) {
        return false;
    }
    for (uint32_t i = loop; i < s->tree.nodes.data[loop].after; i++) {
        if (is_counter(s, i, container) && counter_in(s, syntax_statement(s, i)) != i) {
            return false;
        }
    }
    struct ir_span span = region_span(s, &region);
    for (uint32_t i = 0; i < t->access_count; i++) { /* under other names */
        const struct site *site = &t->accesses[i].access->site;
        uint32_t statement = site->file == s->file && span.start <= site->span.start && site->span.end <= span.end
                                 ? syntax_statement(s, syntax_find(s, site->span))
                                 : NO_NODE;
        uint32_t counter = statement == NO_NODE ? NO_NODE : counter_in(s, statement);
        if (statement != NO_NODE && (counter == NO_NODE || !str_equal(syntax_text(s, counter), container))) {
            return false;
        }
    }
    return true;
}

/* The outermost `for` around a step that can count by itself; NO_NODE: none. */
static uint32_t loop_around(struct tally *t, const struct spot *step, struct str container)
{
    const struct syntax *s = step->syntax;
    uint32_t found = NO_NODE, function = syntax_function(s, step->statement);
    for (uint32_t node = s->parents[step->statement]; function != NO_NODE && node != function;
         node = s->parents[node]) {
        if (node_kind(&s->tree, node) != NODE_FOR_STATEMENT) {
            continue;
        }
        if (!syntax_has_lines(s, node) || syntax_last_line(s, node) >= s->file->line_count ||
            !comes_out(t, s, step->file, node) || !only_adds(t, s, step->file, node, container)) {
            break;
        }
        found = node;
    }
    return found;
}

/* Finds the loop of an access that does not hold the lock. False where it has none. */
static bool add_loop(struct tally *t, const struct access *access)
{
    struct spot spot = spot_of(t->plan, access);
    uint32_t counter = spot.syntax ? counter_in(spot.syntax, spot.statement) : NO_NODE;
    if (counter == NO_NODE || !t->plan->scene.request->files[spot.file].writable) {
        return false;
    }
    struct str container = syntax_text(spot.syntax, counter);
    spot.statement = loop_around(t, &spot, container);
    if (spot.statement == NO_NODE) {
        return false;
    }
    for (uint32_t i = 0; i < t->loop_count; i++) {
        const struct spot *other = &t->loops[i].spot;
        if (other->syntax == spot.syntax && other->statement == spot.statement) {
            return str_equal(t->loops[i].container, container);
        }
    }
    if (t->loop_count == LOOPS_MAX) {
        return false;
    }
    t->loops[t->loop_count++] = (struct counted){spot, container};
    return true;
}

/* ---- all of them ---- */

static bool edit_loop(struct tally *t, const struct counted *loop)
{
    struct scene *scene = &t->plan->scene;
    const struct syntax *s = loop->spot.syntax;
    uint32_t statement = loop->spot.statement;
    struct str lock = lock_written(scene, t->lock, loop->spot.file, loop->spot.node, t->field);
    struct str make = scene_import(scene, loop->spot.file, STR("collections"), STR("Counter"), &t->candidate.edits);
    struct str name = spot_free_name(scene, s, STR("counts")), indent = spot_indent(s, statement);
    if (lock.len == 0 || make.len == 0) {
        return false;
    }
    uint32_t at = spot_comments_start(s, statement);
    struct str before =
        scene_text(scene, "%.*s%.*s = %.*s()%.*s", STR_FMT(indent), STR_FMT(name), STR_FMT(make), STR_FMT(s->newline));
    struct str behind = scene_text(scene, "%.*swith %.*s:%.*s%.*s%.*s%.*s.update(%.*s)%.*s", STR_FMT(indent),
                                   STR_FMT(lock), STR_FMT(s->newline), STR_FMT(indent), STR_FMT(s->unit),
                                   STR_FMT(loop->container), STR_FMT(name), STR_FMT(s->newline));
    vec_push(&t->candidate.edits, ((struct edit){loop->spot.file, at, at, EDIT_BEFORE, before}));
    spot_append(&t->candidate, &loop->spot, statement, behind);
    for (uint32_t i = statement; i < s->tree.nodes.data[statement].after; i++) {
        if (is_counter(s, i, loop->container)) {
            spot_replace(&t->candidate, &loop->spot, i, name);
            i = s->tree.nodes.data[i].after - 1;
        }
    }
    t->candidate.lock_name = lock;
    return true;
}

static bool edit_all(struct tally *t)
{
    for (uint32_t i = 0; i < t->access_count; i++) {
        const struct place_access *one = &t->accesses[i];
        if (one->exposed && one->racing && !lock_is_held(t->lock, one->access) && !add_loop(t, one->access)) {
            return false;
        }
    }
    bool good = t->loop_count > 0;
    for (uint32_t i = 0; i < t->loop_count && good; i++) {
        good = edit_loop(t, &t->loops[i]);
    }
    return good;
}

void tally_candidates(struct plan *plan, struct unit *unit)
{
    const struct hazard *hazard = unit_hazard(plan, unit, 0);
    const struct place *place = hazard->place;
    bool counts =
        place && place->contents && place->type && str_equal(str_of(place->type->name), STR("collections.Counter"));
    const char *reason = NULL;
    struct lock *lock = counts ? lock_for(&plan->scene, hazard, &reason) : NULL;
    if (!lock) {
        return;
    }
    struct tally t = {.plan = plan, .lock = plan_lock(plan, lock), .field = place->field};
    struct place_access *accesses;
    t.access_count = program_accesses(plan->scene.request->program, &place->key, 1, plan->scene.arena, &accesses);
    t.accesses = accesses;
    /* others see the sums later, and those of a loop that raises never */
    t.candidate =
        (struct candidate){.lock = t.lock, .kind = FIX_SNAPSHOT, .applicability = FIX_UNSAFE, .preferred = true};
    if (edit_all(&t)) {
        spot_offer(unit, &t.candidate,
                   scene_text(&plan->scene,
                              "Count in a `Counter` of the loop's own, and add it to `%.*s` once, with "
                              "`%.*s` held.",
                              STR_FMT(t.loops[0].container), STR_FMT(t.candidate.lock_name))
                       .ptr);
    } else {
        spot_drop(&t.candidate);
    }
}
