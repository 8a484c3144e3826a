/* single: a test of a container and the act that relies on it, said as one step of CPython: `setdefault`, `pop` with a
 * default, `discard`, or the act alone with what it raises caught. */
#include "fix/spots.h"
#include "rules/text.h"

enum { DECISIONS_MAX = 32 }; /* of one unit */

/* A test, and the act that it decides on. */
struct decision {
    struct plan *plan;
    const struct hazard *hazard;
    struct spot act;
    uint32_t outer;       /* the `if` or `while` that tests */
    uint32_t condition;   /* of it, without the parentheses around it */
    uint32_t body;        /* its block */
    uint32_t alternative; /* its else clause, or NO_NODE */
    bool more;            /* it has elif clauses */
    struct str container; /* of the act, as it is written: "self._items" */
    struct str key;       /* "name"; empty where it has none */
};

static struct str text(struct decision *d, const char *format, struct str a, struct str b)
{
    return scene_text(&d->plan->scene, format, STR_FMT(a), STR_FMT(b));
}

/* ---- what stands there ---- */

static void find_container(struct decision *d)
{
    const struct syntax *s = d->act.syntax;
    uint32_t node = d->act.node;
    if (node_kind(&s->tree, node) == NODE_SUBSCRIPT) {
        uint32_t key = node_field(&s->tree, node, FIELD_SUBSCRIPT);
        d->container = syntax_text(s, node_field(&s->tree, node, FIELD_VALUE));
        d->key = key == NO_NODE || node_kind(&s->tree, key) == NODE_SLICE ? STR("") : syntax_text(s, key);
    } else if (node_kind(&s->tree, node) == NODE_CALL) {
        uint32_t function = node_field(&s->tree, node, FIELD_FUNCTION);
        uint32_t list = node_field(&s->tree, node, FIELD_ARGUMENTS);
        uint32_t first = list == NO_NODE ? NO_NODE : node_first(&s->tree, list);
        bool one = first != NO_NODE && node_next(&s->tree, list, first) == NO_NODE;
        if (node_kind(&s->tree, function) == NODE_ATTRIBUTE) {
            d->container = syntax_text(s, node_field(&s->tree, function, FIELD_OBJECT));
            d->key = one ? syntax_text(s, first) : STR("");
        }
    }
}

static bool find_test(struct decision *d, const struct spot *test)
{
    const struct syntax *s = test->syntax;
    uint32_t outer = test->statement;
    enum node_kind kind = node_kind(&s->tree, outer);
    if (kind != NODE_IF_STATEMENT && kind != NODE_WHILE_STATEMENT) {
        return false;
    }
    d->outer = outer;
    d->condition = node_field(&s->tree, outer, FIELD_CONDITION);
    d->body = syntax_body(s, outer);
    d->alternative = node_of_kind(&s->tree, outer, NODE_ELSE_CLAUSE);
    d->more = node_of_kind(&s->tree, outer, NODE_ELIF_CLAUSE) != NO_NODE;
    while (node_kind(&s->tree, d->condition) == NODE_PARENTHESIZED_EXPRESSION) {
        d->condition = node_first(&s->tree, d->condition);
    }
    return d->body != NO_NODE && syntax_first_line(s, d->body) > syntax_first_line(s, outer);
}

/* False where the hazard is none, or nothing can be edited. */
static bool decision_of(struct plan *plan, const struct hazard *hazard, struct decision *d)
{
    *d = (struct decision){.plan = plan, .hazard = hazard};
    if (hazard->kind != HAZARD_SPAN || hazard->via != VIA_CONTROL || hazard->guard || hazard->suggestion ||
        !hazard->place->contents) {
        return false;
    }
    d->act = spot_of(plan, hazard->last);
    struct spot test = spot_of(plan, hazard->first);
    if (!d->act.syntax || test.syntax != d->act.syntax ||
        syntax_function(test.syntax, test.node) != syntax_function(d->act.syntax, d->act.node)) {
        return false;
    }
    d->act.node = spot_inside(d->act.syntax, d->act.node);
    find_container(d);
    find_test(d, &test);
    return d->container.len > 0 && syntax_has_lines(d->act.syntax, d->act.statement);
}

static bool condition_is(struct decision *d, const char *format, struct str a, struct str b)
{
    return str_equal(syntax_text(d->act.syntax, d->condition), text(d, format, a, b));
}

static bool asks_for_key(struct decision *d)
{
    return d->key.len > 0 && condition_is(d, "%.*s in %.*s", d->key, d->container);
}

static bool asks_for_any(struct decision *d)
{
    static const char *const forms[] = {"%.*s%.*s", "len(%.*s)%.*s", "len(%.*s) > 0%.*s", "not %.*s.empty()%.*s"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (condition_is(d, forms[i], d->container, STR(""))) {
            return true;
        }
    }
    return false;
}

static bool asks_for_none(struct decision *d)
{
    static const char *const forms[] = {"not %.*s%.*s", "len(%.*s) == 0%.*s", "not len(%.*s)%.*s", "%.*s.empty()%.*s"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (condition_is(d, forms[i], d->container, STR(""))) {
            return true;
        }
    }
    return d->key.len > 0 && condition_is(d, "%.*s not in %.*s", d->key, d->container);
}

/* Whether the act is all that the test decides on. */
static bool decides_on_act_alone(const struct decision *d)
{
    return d->body != NO_NODE && !d->more && spot_only(d->act.syntax, d->body) == d->act.statement;
}

static bool has_comments(const struct decision *d, uint32_t first, uint32_t last)
{
    const struct syntax *s = d->act.syntax;
    return spot_has_comment(s, syntax_first_line(s, first), syntax_last_line(s, last));
}

/* ---- insertions ---- */

/* A value that costs nothing to make in vain. */
static bool is_light(const struct syntax *s, uint32_t value)
{
    switch (node_kind(&s->tree, value)) {
    case NODE_LIST:
    case NODE_DICTIONARY:
    case NODE_SET:
    case NODE_TUPLE:
    case NODE_STRING:
    case NODE_INTEGER:
    case NODE_FLOAT:
    case NODE_TRUE:
    case NODE_FALSE: return !syntax_has(s, value, NODE_CALL);
    case NODE_CALL: {
        struct str made = syntax_text(s, value);
        return str_equal(made, STR("list()")) || str_equal(made, STR("dict()")) || str_equal(made, STR("set()"));
    }
    default: return false;
    }
}

/* Whether what is made between the test and the insertion may be made twice, and one of the two thrown away. */
static bool may_be_made_twice(struct decision *d)
{
    const struct syntax *s = d->act.syntax;
    uint32_t from = d->outer != NO_NODE && syntax_contains(s, d->outer, d->act.statement) ? d->outer : d->act.statement;
    struct ir_span span = {s->tree.nodes.data[from].start, s->tree.nodes.data[d->act.statement].end};
    struct scene *scene = &d->plan->scene;
    struct call_survey calls = program_calls(scene->request->program, s->file, span, scene->arena);
    return !calls.unknown && !calls.blocks && !calls.waits && calls.function_count == 0 &&
           !syntax_has(s, d->act.statement, NODE_AWAIT) && !syntax_has(s, d->act.statement, NODE_YIELD);
}

/* Whether the insertion is the last thing that the test decides on, so that whose was first makes no other difference;
 * and a name it inserts was made for it. */
static bool ends_decision(const struct decision *d, uint32_t value)
{
    const struct syntax *s = d->act.syntax;
    uint32_t next = node_next(&s->tree, s->parents[d->act.statement], d->act.statement);
    if (next != NO_NODE && node_kind(&s->tree, next) != NODE_RETURN_STATEMENT) {
        return false;
    }
    bool named = node_kind(&s->tree, value) == NODE_IDENTIFIER;
    uint32_t block = s->parents[d->act.statement], made = NO_NODE;
    for (uint32_t i = block; named && i < d->act.statement; i++) {
        bool target = s->tree.nodes.data[i].field == FIELD_LEFT && node_kind(&s->tree, i) == NODE_IDENTIFIER;
        made = target && str_equal(syntax_text(s, i), syntax_text(s, value)) ? i : made;
    }
    return !named || made != NO_NODE;
}

/* Whether the test asks for nothing but whether the key is there. */
static bool asks_for_absence(const struct decision *d)
{
    enum check_kind check = d->hazard->check;
    if (check != CHECK_NONE) {
        return check == CHECK_NOT_IN || check == CHECK_MISSING;
    }
    uint64_t place = d->hazard->place->key; /* None for an answer means missing, unless somebody stores it */
    struct place_access *accesses;
    struct scene *scene = &d->plan->scene;
    uint32_t count = program_accesses(scene->request->program, &place, 1, scene->arena, &accesses);
    for (uint32_t i = 0; i < count; i++) {
        if (accesses[i].access->writes && accesses[i].access->constant) {
            return false;
        }
    }
    return true;
}

/* `if k not in d: d[k] = []` is `d.setdefault(k, [])`. */
static bool insert(struct decision *d, struct candidate *candidate)
{
    const struct syntax *s = d->act.syntax;
    uint32_t store = s->parents[d->act.node];
    bool stores = d->hazard->last->kind == ACCESS_STORE && node_kind(&s->tree, store) == NODE_ASSIGNMENT &&
                  node_field(&s->tree, store, FIELD_LEFT) == d->act.node;
    uint32_t value = stores ? node_field(&s->tree, store, FIELD_RIGHT) : NO_NODE;
    if (value == NO_NODE || d->hazard->place->role != ROLE_DICT || d->key.len == 0 || !asks_for_absence(d)) {
        return false;
    }
    struct str made = syntax_text(s, value);
    struct str step = scene_text(&d->plan->scene, "%.*s.setdefault(%.*s, %.*s)", STR_FMT(d->container), STR_FMT(d->key),
                                 STR_FMT(made));
    bool alone = s->parents[store] == d->act.statement;
    bool tests = d->outer != NO_NODE && condition_is(d, "%.*s not in %.*s", d->key, d->container);
    if (alone && tests && d->alternative == NO_NODE && decides_on_act_alone(d) && is_light(s, value) &&
        !has_comments(d, d->outer, d->outer)) {
        spot_replace(candidate, &d->act, d->outer, step);
        return true;
    }
    bool chained = node_kind(&s->tree, s->parents[store]) == NODE_ASSIGNMENT;
    if ((!alone && !chained) || node_kind(&s->tree, value) == NODE_ASSIGNMENT || !ends_decision(d, value) ||
        !may_be_made_twice(d)) {
        return false;
    }
    bool named = alone && node_kind(&s->tree, value) == NODE_IDENTIFIER;
    spot_replace(candidate, &d->act, store, named ? text(d, "%.*s = %.*s", made, step) : step);
    return true;
}

/* ---- removals ---- */

/* `if k in d: del d[k]` is `d.pop(k, None)`; of a set, `discard`. */
static bool take_out(struct decision *d, struct candidate *candidate)
{
    const struct syntax *s = d->act.syntax;
    enum model_role role = d->hazard->place->role;
    uint32_t inside = spot_inside(s, d->act.statement);
    bool deletes =
        node_kind(&s->tree, d->act.statement) == NODE_DELETE_STATEMENT && spot_only(s, d->act.statement) == d->act.node;
    bool pops = inside == d->act.node && str_equal(d->hazard->last->method, STR("pop"));
    bool removes = inside == d->act.node && str_equal(d->hazard->last->method, STR("remove"));
    bool known = (role == ROLE_DICT && (deletes || pops)) || (role == ROLE_SET && removes);
    if (!known || d->outer == NO_NODE || d->alternative != NO_NODE || !decides_on_act_alone(d) || !asks_for_key(d) ||
        has_comments(d, d->outer, d->outer)) {
        return false;
    }
    const char *step = role == ROLE_SET ? "%.*s.discard(%.*s)" : "%.*s.pop(%.*s, None)";
    spot_replace(candidate, &d->act, d->outer, text(d, step, d->container, d->key));
    return true;
}

/* ---- exceptions ---- */

/* Whether nothing but the act can raise what is to be caught: the statement is the act, returns or stores its value. */
static bool is_act_alone(const struct decision *d)
{
    const struct syntax *s = d->act.syntax;
    uint32_t statement = d->act.statement, inside = spot_inside(s, statement);
    uint32_t value = inside;
    enum node_kind kind = node_kind(&s->tree, inside);
    if (kind == NODE_ASSIGNMENT) {
        uint32_t left = node_field(&s->tree, inside, FIELD_LEFT);
        bool plain = left != NO_NODE && node_kind(&s->tree, left) == NODE_IDENTIFIER;
        value = plain ? node_field(&s->tree, inside, FIELD_RIGHT) : NO_NODE;
    } else if (kind == NODE_RETURN_STATEMENT || kind == NODE_DELETE_STATEMENT) {
        value = spot_only(s, inside);
    }
    return value == d->act.node && syntax_first_line(s, statement) == syntax_last_line(s, statement) &&
           str_find(d->key, STR("(")) == SIZE_MAX;
}

/* "try:", the statement, "except …:". Lines end with the file's line end, and begin with `indent`. */
static struct str tried(const struct decision *d, struct str indent)
{
    const struct syntax *s = d->act.syntax;
    return scene_text(&d->plan->scene, "%.*stry:%.*s%.*s%.*s%.*s%.*s%.*sexcept %s:%.*s", STR_FMT(indent),
                      STR_FMT(s->newline), STR_FMT(indent), STR_FMT(s->unit), STR_FMT(syntax_text(s, d->act.statement)),
                      STR_FMT(s->newline), STR_FMT(indent), text_failure(d->hazard->last), STR_FMT(s->newline));
}

/* The lines below a header down to the end of its block, with their line ends. */
static struct str lines_of(const struct syntax *s, uint32_t header, uint32_t block)
{
    uint32_t start = syntax_line_start(s, syntax_first_line(s, header) + 1);
    return str_slice(s->file->text, start, syntax_line_start(s, syntax_last_line(s, block) + 1));
}

/* `if k in d: return d[k]` */
static bool try_in_body(struct decision *d, struct candidate *candidate)
{
    const struct syntax *s = d->act.syntax;
    struct str indent = spot_indent(s, d->outer);
    if (node_kind(&s->tree, d->outer) != NODE_IF_STATEMENT || !decides_on_act_alone(d) ||
        has_comments(d, d->outer, d->act.statement)) {
        return false;
    }
    struct str rest = text(d, "%.*s%.*s", indent, s->unit);
    rest = text(d, "%.*spass%.*s", rest, s->newline);
    if (d->alternative != NO_NODE) {
        uint32_t block = syntax_body(s, d->alternative);
        if (block == NO_NODE || syntax_first_line(s, block) == syntax_first_line(s, d->alternative) ||
            spot_has_comment(s, syntax_first_line(s, d->alternative), syntax_first_line(s, d->alternative))) {
            return false;
        }
        rest = lines_of(s, d->alternative, block);
    }
    spot_edit(candidate, d->act.file, spot_line_start(s, d->outer), spot_line_end(s, d->outer),
              text(d, "%.*s%.*s", tried(d, indent), rest));
    return true;
}

/* `while items: item = items.pop()` */
static bool try_in_loop(struct decision *d, struct candidate *candidate)
{
    const struct syntax *s = d->act.syntax;
    struct str indent = spot_indent(s, d->act.statement);
    if (node_kind(&s->tree, d->outer) != NODE_WHILE_STATEMENT || d->alternative != NO_NODE ||
        node_first(&s->tree, d->body) != d->act.statement || has_comments(d, d->act.statement, d->act.statement)) {
        return false;
    }
    spot_replace(candidate, &d->act, node_field(&s->tree, d->outer, FIELD_CONDITION), STR("True"));
    struct str out = scene_text(&d->plan->scene, "%.*s%.*s%.*sbreak%.*s", STR_FMT(tried(d, indent)), STR_FMT(indent),
                                STR_FMT(s->unit), STR_FMT(s->newline));
    spot_edit(candidate, d->act.file, spot_line_start(s, d->act.statement), spot_line_end(s, d->act.statement), out);
    return true;
}

/* `if not items: return None`, then `item = items.pop()` */
static bool try_behind(struct decision *d, struct candidate *candidate)
{
    const struct syntax *s = d->act.syntax;
    uint32_t last = NO_NODE;
    for (uint32_t child = node_first(&s->tree, d->body); child != NO_NODE;
         child = node_next(&s->tree, d->body, child)) {
        last = child;
    }
    if (node_kind(&s->tree, d->outer) != NODE_IF_STATEMENT || d->alternative != NO_NODE || d->more ||
        node_next(&s->tree, s->parents[d->outer], d->outer) != d->act.statement || last == NO_NODE ||
        !spot_may_leave(s, last, last) || spot_inside(s, last) != last ||
        spot_has_comment(s, syntax_first_line(s, d->outer), syntax_first_line(s, d->outer)) ||
        spot_has_comment(s, syntax_last_line(s, d->body) + 1, syntax_last_line(s, d->act.statement))) {
        return false;
    }
    spot_edit(candidate, d->act.file, spot_line_start(s, d->outer), spot_line_end(s, d->act.statement),
              text(d, "%.*s%.*s", tried(d, spot_indent(s, d->outer)), lines_of(s, d->outer, d->body)));
    return true;
}

/* Does the act without the test, and what the test would have done where it fails. */
static bool catch_failure(struct decision *d, struct candidate *candidate)
{
    struct str failure = str_of(text_failure(d->hazard->last));
    if (d->outer == NO_NODE || !syntax_has_lines(d->act.syntax, d->outer) || !str_ends(failure, STR("Error")) ||
        str_find(failure, STR(".")) != SIZE_MAX || !is_act_alone(d)) {
        return false;
    }
    if (asks_for_none(d)) {
        return try_behind(d, candidate);
    }
    return (asks_for_key(d) || asks_for_any(d)) && (try_in_body(d, candidate) || try_in_loop(d, candidate));
}

/* ---- all of a unit ---- */

/* Whether some access of the place holds a lock: then the others shall, too. */
static bool is_locked_somewhere(struct plan *plan, const struct place *place)
{
    struct place_access *accesses;
    uint64_t key = place->key;
    uint32_t count = program_accesses(plan->scene.request->program, &key, 1, plan->scene.arena, &accesses);
    for (uint32_t i = 0; i < count; i++) {
        if (accesses[i].access->lock_count > 0) {
            return true;
        }
    }
    return false;
}

void single_candidates(struct plan *plan, struct unit *unit)
{
    struct candidate candidate = {.kind = FIX_ATOMIC_OPERATION, .applicability = FIX_SAFE};
    const struct syntax *done_in[DECISIONS_MAX];
    uint32_t done[DECISIONS_MAX], count = 0;
    const struct hazard *hazard;
    bool good = true;
    for (size_t i = 0; good && (hazard = unit_hazard(plan, unit, i)) != NULL; i++) {
        struct decision d;
        good = decision_of(plan, hazard, &d) && count < DECISIONS_MAX && !is_locked_somewhere(plan, hazard->place);
        bool known = false;
        for (uint32_t k = 0; good && k < count; k++) {
            known = known || (done_in[k] == d.act.syntax && done[k] == d.act.statement);
        }
        if (good && !known) {
            done_in[count] = d.act.syntax;
            done[count++] = d.act.statement;
            good = insert(&d, &candidate) || take_out(&d, &candidate) || catch_failure(&d, &candidate);
        }
    }
    if (good && candidate.edits.len > 0) {
        spot_offer(unit, &candidate, "Do it in one step, which no other thread can come between.");
    } else {
        spot_drop(&candidate);
    }
}
