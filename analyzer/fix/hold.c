/* hold: candidates that put a lock around the span of a hazard and around every other access of its place. */
#include <string.h>

#include "fix/hold.h"
#include "rules/extent.h"
#include "rules/text.h"

enum {
    PLACES_MAX = 32, /* that one candidate guards */
    LINES_MAX = 6    /* ranges of lines that its message names */
};

static void fail(struct holding *h, const char *reason)
{
    h->failed = true;
    h->reason = h->reason ? h->reason : reason;
}

static void weaken(struct holding *h)
{
    h->candidate.applicability = FIX_UNSAFE;
}

/* Whether a statement stands in a `with` on the lock, as it is written there. */
static bool stands_under(const struct syntax *s, uint32_t statement, struct str lock)
{
    for (uint32_t node = s->parents[statement]; node != NO_NODE; node = s->parents[node]) {
        enum node_kind kind = node_kind(&s->tree, node);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA) {
            return false;
        }
        if (str_equal(region_with_lock(s, node), lock)) {
            return true;
        }
    }
    return false;
}

static bool names_a_lock(struct str text)
{
    struct str words[] = {STR("lock"), STR("Lock"), STR("LOCK"), STR("mutex"), STR("Mutex"), STR("MUTEX")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_find(text, words[i]) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

/* Whether a region stands in a `with` on something that is called a lock, but which the analysis does not see held: a
 * second lock would not help who wrote the first one. */
static bool stands_under_unknown(struct holding *h, const struct syntax *s, const struct region *region)
{
    struct ir_span span = region_span(s, region);
    bool under = false;
    if (unit_hazard(h->plan, h->unit, 0)->wrong_scope) {
        return false; /* it is known, and does not guard the place */
    }
    for (uint32_t node = s->parents[region->first]; node != NO_NODE; node = s->parents[node]) {
        enum node_kind kind = node_kind(&s->tree, node);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA) {
            break;
        }
        under = under || names_a_lock(region_with_lock(s, node));
    }
    for (uint32_t i = 0; i < h->access_count && under; i++) {
        const struct access *access = h->accesses[i].access;
        if (access->site.file == s->file && span.start <= access->site.span.start &&
            access->site.span.end <= span.end && access->lock_count == 0) {
            return true;
        }
    }
    return false;
}

/* Whether all instances of a class share the lock, though each has the state for itself. */
static bool is_one_for_all(const struct lock *lock)
{
    return lock->is_new && lock->where == LOCK_IN_CLASS && lock->root == PLACE_INSTANCE;
}

/* Whether a call says for how long it may wait: `get(timeout=1)`. */
static bool has_timeout(const struct syntax *s, uint32_t arguments)
{
    static const char *const names[] = {"timeout", "block", "blocking", NULL};
    for (uint32_t argument = node_first(&s->tree, arguments); argument != NO_NODE;
         argument = node_next(&s->tree, arguments, argument)) {
        if (node_kind(&s->tree, argument) == NODE_KEYWORD_ARGUMENT &&
            syntax_is_any_of(syntax_text(s, node_field(&s->tree, argument, FIELD_NAME)), names)) {
            return true;
        }
    }
    return false;
}

/* Whether some call waits for another thread by what it is called, though its target is not known: `future.result()`.
 */
static bool seems_to_wait(const struct syntax *s, const struct region *region)
{
    static const char *const waits[] = {"wait", "acquire", "join", "result", NULL};
    static const char *const may_wait[] = {"get", "put", "poll", "recv", "wait", "acquire", "join", "result", NULL};
    for (uint32_t i = region->first; i < s->tree.nodes.data[region->last].after; i++) {
        uint32_t function = node_kind(&s->tree, i) == NODE_CALL ? node_field(&s->tree, i, FIELD_FUNCTION) : NO_NODE;
        uint32_t list = function == NO_NODE ? NO_NODE : node_field(&s->tree, i, FIELD_ARGUMENTS);
        if (list == NO_NODE || node_kind(&s->tree, function) != NODE_ATTRIBUTE) {
            continue;
        }
        struct str name = syntax_text(s, node_field(&s->tree, function, FIELD_ATTRIBUTE));
        if (syntax_is_any_of(name, node_first(&s->tree, list) == NO_NODE ? waits : may_wait) &&
            (node_first(&s->tree, list) == NO_NODE || has_timeout(s, list))) {
            return true;
        }
    }
    return false;
}

/* Puts a region under the lock. What is slow or unknown and needs no lock is computed first. */
static void add_region(struct holding *h, const struct syntax *s, struct region region, struct str lock)
{
    if (stands_under(s, region.first, lock)) {
        return;
    }
    region.lock = lock;
    if (compute_slow_value(h, &region)) {
        vec_push(&h->candidate.regions, region);
        return;
    }
    if (region_binds(s, &region, syntax_first_name(lock))) {
        fail(h, "the object that has the lock changes on the way");
        return;
    }
    move_slow_out(h, s, &region);
    if (region_hands_over_control(s, &region)) {
        fail(h, "a `yield` or `await` would happen with the lock held");
        return;
    }
    struct call_survey calls = region_survey(h, s, &region);
    if (calls.waits || seems_to_wait(s, &region)) {
        fail(h, "a call that waits for another thread would happen with the lock held");
        return;
    }
    if (stands_under_unknown(h, s, &region)) {
        fail(h, "it stands in a `with` on something that seems to be a lock already");
        return;
    }
    if (calls.unknown || calls.blocks) {
        if (is_one_for_all(h->lock)) {
            fail(h,
                 "its class can only have one lock for all instances, which would be held for as long as a call takes");
            return;
        }
        weaken(h);
    }
    vec_push(&h->candidate.regions, region);
}

/* ---- one access ---- */

static bool is_compound(const struct syntax *s, uint32_t statement)
{
    switch (node_kind(&s->tree, statement)) {
    case NODE_IF_STATEMENT:
    case NODE_WHILE_STATEMENT:
    case NODE_FOR_STATEMENT:
    case NODE_TRY_STATEMENT:
    case NODE_WITH_STATEMENT:
    case NODE_MATCH_STATEMENT: return true;
    default: return false;
    }
}

/* A generator expression that nothing walks at once: it reads later, when the lock is given back. */
static bool runs_later(const struct syntax *s, uint32_t node, uint32_t statement)
{
    for (; node != NO_NODE && node != statement; node = s->parents[node]) {
        enum node_kind kind = node_kind(&s->tree, node);
        if (kind == NODE_LAMBDA) {
            return true;
        }
        enum node_kind outer = node_kind(&s->tree, s->parents[node]);
        if (kind == NODE_GENERATOR_EXPRESSION && outer != NODE_ARGUMENT_LIST && outer != NODE_CALL) {
            return true;
        }
    }
    return false;
}

/* The expression of a header that is computed once, before the statement does anything: the condition of `if`, what
 * `for` walks over. */
static uint32_t header_expression(const struct syntax *s, uint32_t statement, uint32_t node)
{
    if (node_kind(&s->tree, statement) == NODE_FOR_STATEMENT) {
        uint32_t walked = node_field(&s->tree, statement, FIELD_RIGHT);
        return node == statement || syntax_contains(s, walked, node) ? walked : NO_NODE;
    }
    uint32_t condition = node_kind(&s->tree, statement) == NODE_IF_STATEMENT
                             ? node_field(&s->tree, statement, FIELD_CONDITION)
                             : NO_NODE;
    return condition != NO_NODE && syntax_contains(s, condition, node) ? condition : NO_NODE;
}

/* One look at a variable, which is one step. */
static bool is_look(const struct access *access)
{
    return !access->writes && access->kind == ACCESS_LOAD && !access->place->contents;
}

/* Whether a part of a statement changes the place of an access, or uses it at all. */
static bool uses_place(const struct holding *h, const struct syntax *s, uint32_t part, const struct access *of,
                       bool changes)
{
    for (uint32_t i = 0; i < h->access_count; i++) {
        const struct access *access = h->accesses[i].access;
        if ((access->writes || !changes) && access->place->key == of->place->key && access->site.file == s->file &&
            syntax_contains(s, part, syntax_find(s, access->site.span))) {
            return true;
        }
    }
    return false;
}

/* Whether a loop can walk over a copy: what it calls for each element takes no part in the lock, and it does not change
 * what it walks over. */
static bool wants_copy(struct holding *h, const struct syntax *s, const struct region *loop, const struct access *walk)
{
    uint32_t body = syntax_body(s, loop->first);
    return body != NO_NODE && region_survey(h, s, loop).function_count > 0 && !uses_place(h, s, body, walk, false);
}

/* Whether a statement is an `if` that goes on to change what it looked at. */
static bool is_decision(const struct holding *h, const struct syntax *s, uint32_t statement, const struct access *look)
{
    return node_kind(&s->tree, statement) == NODE_IF_STATEMENT && uses_place(h, s, statement, look, true);
}

/* An access in the header of a compound statement. */
static void hold_header(struct holding *h, uint32_t file, uint32_t node, uint32_t statement,
                        const struct access *access, struct str lock)
{
    const struct syntax *s = scene_syntax(h->scene, file);
    struct region region = {.file = file};
    bool decides = is_decision(h, s, statement, access), look = is_look(access);
    if (look && !h->glances && !decides) {
        return;
    }
    if (!region_around(s, statement, statement, &region)) {
        fail(h, "it does not stand on lines of its own");
        return;
    }
    bool loop = node_kind(&s->tree, statement) == NODE_FOR_STATEMENT;
    if (loop && unit_hazard(h->plan, h->unit, 0)->kind == HAZARD_SHARED_ITERATOR) {
        if (!take_each(h, file, statement, access, lock)) {
            fail(h, "each element would have to be taken with the lock held, and used without");
        }
        return;
    }
    uint32_t expression = header_expression(s, statement, node);
    bool copy = loop && access->kind == ACCESS_ITERATE && wants_copy(h, s, &region, access);
    bool cheap = region_is_cheap(h, s, &region) && (h->whole || loop || decides) && !copy;
    if (cheap || (look && decides && h->whole)) { /* the look and the change are one step, or neither */
        add_region(h, s, region, lock);
    } else if (look && !h->glances) {
        return; /* what it decides on takes too long to be held */
    } else if (expression != NO_NODE && syntax_has_lines(s, statement)) {
        compute_first(h, file, statement, expression, access->kind == ACCESS_ITERATE, lock);
    } else if (access->writes || access->kind == ACCESS_ITERATE) {
        add_region(h, s, region, lock);
    } /* else one look of a loop, or of a later test: a single step, which may be out of date in any case */
}

static void hold_access(struct holding *h, const struct access *access)
{
    uint32_t file = scene_file(h->scene, access->site.file);
    bool step = access->atomic && !access->writes && access->kind != ACCESS_ITERATE;
    if (step && !h->glances && h->lock->is_new && file != h->lock->file) {
        return; /* other modules need not know of the lock to take one look */
    }
    struct syntax *s = scene_syntax(h->scene, file);
    if (!s || !h->scene->request->files[file].writable) {
        fail(h, "the state is used in a file that is not to be changed");
        return;
    }
    uint32_t node = syntax_find(s, access->site.span), statement = syntax_statement(s, node);
    if (statement == NO_NODE || syntax_is_definition(s, statement) || runs_later(s, node, statement)) {
        fail(h, "the state is used in a lambda, a generator or a definition, where no lock can be taken");
        return;
    }
    struct str lock = lock_written(h->scene, h->lock, file, node, access->place->field);
    if (lock.len == 0) {
        fail(h, "the lock cannot be named where the state is used");
        return;
    }
    if (stands_under(s, statement, lock)) {
        return;
    }
    if (is_compound(s, statement)) {
        hold_header(h, file, node, statement, access, lock);
        return;
    }
    struct region region = {.file = file};
    if (!region_around(s, statement, statement, &region)) {
        fail(h, "it does not stand on lines of its own");
        return;
    }
    if (is_look(access) && !h->glances && !region_is_cheap(h, s, &region)) {
        return; /* one step, which the rest of the statement need not wait for */
    }
    add_region(h, s, region, lock);
}

/* ---- one span ---- */

/* The innermost loop around both nodes, for a span that goes round it; NO_NODE: none. */
static uint32_t loop_around(const struct syntax *s, uint32_t a, uint32_t b)
{
    for (uint32_t node = s->parents[a]; node != NO_NODE; node = s->parents[node]) {
        enum node_kind kind = node_kind(&s->tree, node);
        bool loop = kind == NODE_FOR_STATEMENT || kind == NODE_WHILE_STATEMENT;
        if (loop && syntax_contains(s, node, b)) {
            return node;
        }
        if (kind == NODE_FUNCTION_DEFINITION) {
            break;
        }
    }
    return NO_NODE;
}

static void hold_span(struct holding *h, const struct hazard *hazard)
{
    struct extent extent = extent_of(h->scene->arena, hazard);
    if (!extent.from) {
        fail(h, "no function has both ends of it");
        return;
    }
    uint32_t file = scene_file(h->scene, extent.from->file);
    struct syntax *s = scene_syntax(h->scene, file);
    if (!s || !h->scene->request->files[file].writable) {
        fail(h, "the state is used in a file that is not to be changed");
        return;
    }
    uint32_t from = syntax_find(s, extent.from->span), to = syntax_find(s, extent.to->span);
    if (syntax_function(s, from) != syntax_function(s, to)) {
        fail(h, "no function has both ends of it");
        return;
    }
    bool round = extent.from->span.start > extent.to->span.end && syntax_statement(s, from) != syntax_statement(s, to);
    uint32_t loop = round ? loop_around(s, from, to) : NO_NODE;
    struct region region = {.file = file};
    if (!region_around(s, loop != NO_NODE ? loop : from, loop != NO_NODE ? loop : to, &region) ||
        runs_later(s, from, syntax_statement(s, from))) {
        fail(h, "it does not stand on lines of its own");
        return;
    }
    struct str lock = lock_written(h->scene, h->lock, file, from, h->field);
    if (lock.len == 0 && extent.object.len > 0 && h->lock->where == LOCK_IN_CONSTRUCTOR) {
        lock = scene_text(h->scene, "%.*s.%.*s", STR_FMT(extent.object), STR_FMT(h->lock->attr));
    }
    if (lock.len == 0) {
        fail(h, "the lock cannot be named where the state is used");
        return;
    }
    add_region(h, s, region, lock);
}

/* ---- all of it ---- */

static bool is_held_already(const struct holding *h, const struct syntax *s, const struct site *site)
{
    for (size_t i = 0; i < h->candidate.regions.len; i++) {
        const struct region *region = &h->candidate.regions.data[i];
        struct ir_span span = {0, 0};
        if (scene_syntax(h->scene, region->file) == s) {
            span = region_span(s, region);
        }
        if (span.start <= site->span.start && site->span.end <= span.end) {
            return true;
        }
    }
    return false;
}

/* An access that is not under the lock yet. */
static void hold_site(struct holding *h, const struct access *access)
{
    struct syntax *s = scene_syntax(h->scene, scene_file(h->scene, access->site.file));
    if (!lock_is_held(h->lock, access) && !(s && is_held_already(h, s, &access->site)) && !h->failed) {
        hold_access(h, access);
        h->failed = h->failed && !(h->lenient && is_look(access));
    }
}

/* Whether an access stands in the class that has the lock: its methods may be called from any thread, even if those
 * that are seen do not meet. */
static bool is_of_owner(struct holding *h, const struct access *access)
{
    const struct syntax *s = scene_syntax(h->scene, h->lock->file);
    bool of_class = h->lock->is_new && (h->lock->where == LOCK_IN_CONSTRUCTOR || h->lock->where == LOCK_IN_CLASS);
    return of_class && s && access->site.file == s->file &&
           syntax_contains(s, h->lock->owner, syntax_find(s, access->site.span));
}

/* The same as hold_site, but that what cannot be held, or not without a second thought, is left alone. */
static void hold_if_possible(struct holding *h, const struct access *access)
{
    struct candidate before = h->candidate;
    hold_site(h, access);
    bool kept = !h->failed && h->candidate.applicability == before.applicability;
    if (!kept) {
        h->failed = false;
        h->candidate.applicability = before.applicability;
        h->candidate.regions.len = before.regions.len;
        h->candidate.edits.len = before.edits.len;
    }
}

/* Methods that nobody is seen to call from a thread leave no record of what they do to the state, but may be called
 * from one tomorrow: where they name it, they take the lock, too. */
static void hold_own_methods(struct holding *h)
{
    const struct place *place = unit_leader(h->plan, h->unit)->hazards[0]->place;
    struct syntax *s = scene_syntax(h->scene, h->lock->file);
    for (uint32_t i = h->lock->owner; i < s->tree.nodes.data[h->lock->owner].after; i++) {
        uint32_t object = node_kind(&s->tree, i) == NODE_ATTRIBUTE ? node_field(&s->tree, i, FIELD_OBJECT) : NO_NODE;
        uint32_t name = object == NO_NODE ? NO_NODE : node_field(&s->tree, i, FIELD_ATTRIBUTE);
        if (name == NO_NODE || !str_equal(syntax_text(s, object), STR("self")) ||
            !str_equal(node_text(&s->tree, name), place->field)) {
            continue;
        }
        uint32_t function = syntax_function(s, i);
        uint32_t id = function == NO_NODE ? NO_NODE : node_field(&s->tree, function, FIELD_NAME);
        if (id == NO_NODE || str_starts(node_text(&s->tree, id), STR("__")) ||
            syntax_class(s, function) != h->lock->owner) {
            continue;
        }
        struct access access = {.site = {.file = s->file, .span = node_span(&s->tree, i)}, .place = place};
        hold_if_possible(h, &access);
    }
}

static uint32_t collect_places(const struct plan *plan, const struct unit *unit, uint64_t *places, uint32_t most)
{
    uint32_t count = 0;
    const struct hazard *hazard;
    for (size_t i = 0; (hazard = unit_hazard(plan, unit, i)) != NULL; i++) {
        const struct place *of[] = {hazard->place, hazard->pair ? hazard->pair->place : NULL};
        for (size_t k = 0; k < 2; k++) {
            bool known = of[k] == NULL;
            for (uint32_t m = 0; m < count && !known; m++) {
                known = places[m] == of[k]->key;
            }
            if (!known && count < most) {
                places[count++] = of[k]->key;
            }
        }
    }
    return count;
}

static bool is_span(const struct hazard *hazard)
{
    return (hazard->kind == HAZARD_SPAN || hazard->kind == HAZARD_TORN) && hazard->first != hazard->last &&
           hazard->via != VIA_ITERATION;
}

static void hold_all(struct holding *h)
{
    const struct hazard *hazard;
    for (size_t i = 0; (hazard = unit_hazard(h->plan, h->unit, i)) != NULL && !h->failed; i++) {
        if (is_span(hazard)) {
            hold_span(h, hazard);
        }
    }
    for (size_t i = 0; (hazard = unit_hazard(h->plan, h->unit, i)) != NULL && !h->failed; i++) {
        if (hazard->kind == HAZARD_SHARED_ITERATOR) { /* its accesses are not kept like those of other places */
            hold_site(h, hazard->last);
            hold_site(h, hazard->partner);
        }
    }
    for (uint32_t i = 0; i < h->access_count && !h->failed; i++) {
        const struct place_access *one = &h->accesses[i];
        if (one->exposed && one->racing) {
            hold_site(h, one->access);
        } else if (one->exposed && is_of_owner(h, one->access)) {
            hold_if_possible(h, one->access);
        }
    }
    if (!h->failed && h->lock->is_new && h->lock->where == LOCK_IN_CONSTRUCTOR && h->lock->root == PLACE_INSTANCE) {
        hold_own_methods(h);
    }
    if (!h->failed && h->candidate.regions.len == 0 && h->candidate.edits.len == 0) {
        fail(h, "every access holds the lock already");
    }
}

/* Adds the places that the regions change besides: what is changed under a lock is guarded by it, and so wants it
 * everywhere. Returns whether there are any. */
static bool add_company(struct holding *h, uint64_t *places, uint32_t *count)
{
    const struct place *place = unit_leader(h->plan, h->unit)->hazards[0]->place;
    uint32_t before = *count;
    for (size_t i = 0; i < h->candidate.regions.len; i++) {
        const struct region *region = &h->candidate.regions.data[i];
        const struct syntax *s = scene_syntax(h->scene, region->file);
        uint64_t *changed;
        uint32_t n = program_places_changed(h->scene->request->program, s->file, region_span(s, region), place->owner,
                                            h->scene->arena, &changed);
        for (uint32_t k = 0; k < n && *count < PLACES_MAX; k++) {
            bool known = false;
            for (uint32_t m = 0; m < *count; m++) {
                known = known || places[m] == changed[k];
            }
            if (!known) {
                places[(*count)++] = changed[k];
            }
        }
    }
    return *count > before;
}

static void holding_release(struct holding *h)
{
    vec_release(&h->candidate.regions);
    vec_release(&h->candidate.edits);
}

/* "lines 7-9", "line 12", with the file's name where that is not the finding's. */
static struct str lines_of(struct holding *h, const struct syntax *s, const struct region *region,
                           const struct site *near)
{
    unsigned from = syntax_first_line(s, region->first), to = syntax_last_line(s, region->last);
    struct str lines =
        from == to ? scene_text(h->scene, "line %u", from) : scene_text(h->scene, "lines %u-%u", from, to);
    if (s->file == near->file) {
        return lines;
    }
    return scene_text(h->scene, "%.*s of %.*s", STR_FMT(lines), STR_FMT(text_file_name(s->file->path)));
}

/* Says what the candidate does, for findings whose rule advises something else. */
static void describe(struct holding *h)
{
    const struct hazard *leader = unit_leader(h->plan, h->unit)->hazards[0];
    struct candidate *c = &h->candidate;
    struct lock *lock = h->lock;
    region_list joined = {0};
    struct str list = STR("");
    c->lock_name = lock_written(
        h->scene, lock, scene_file(h->scene, leader->last->site.file),
        syntax_find(scene_syntax(h->scene, scene_file(h->scene, leader->last->site.file)), leader->last->site.span),
        h->field);
    for (size_t i = 0; i < c->regions.len; i++) {
        vec_push(&joined, c->regions.data[i]);
    }
    regions_join(&joined, h->scene->syntaxes);
    for (size_t i = 0; i < joined.len && i < LINES_MAX; i++) {
        const struct region *region = &joined.data[i];
        struct str lines = lines_of(h, scene_syntax(h->scene, region->file), region, &leader->last->site);
        const char *joint = i == 0 ? "" : i + 1 == joined.len ? " and " : ", ";
        list = scene_text(h->scene, "%.*s%s%.*s", STR_FMT(list), joint, STR_FMT(lines));
        if (c->lock_name.len == 0) {
            c->lock_name = region->lock;
        }
    }
    const char *more = joined.len > LINES_MAX ? " and more" : "";
    const char *made = lock->where == LOCK_IN_CONSTRUCTOR ? "self." : "";
    if (lock->is_new) {
        c->message = scene_text(h->scene, "Add a lock `%s%.*s` and put %.*s%s inside `with %.*s:`.", made,
                                STR_FMT(lock->attr), STR_FMT(list), more, STR_FMT(c->lock_name));
    } else {
        c->message =
            scene_text(h->scene, "Put %.*s%s inside `with %.*s:`.", STR_FMT(list), more, STR_FMT(c->lock_name));
    }
    if (joined.len == 0) { /* only looks that are computed first */
        c->message =
            scene_text(h->scene, "Take `%.*s` where the state is read, before it is used.", STR_FMT(c->lock_name));
    }
    vec_release(&joined);
}

/* Makes one candidate; false with a reason where that cannot be. */
static bool hold(struct holding *h, const uint64_t *hazard_places, uint32_t hazard_count)
{
    uint64_t places[PLACES_MAX];
    uint32_t count = hazard_count;
    memcpy(places, hazard_places, hazard_count * sizeof *places);
    do {
        struct place_access *accesses;
        h->access_count = program_accesses(h->scene->request->program, places, count, h->scene->arena, &accesses);
        h->accesses = accesses;
        holding_release(h);
        h->candidate = (struct candidate){.lock = h->lock, .applicability = FIX_SAFE};
        h->candidate.kind = h->lock->is_new ? FIX_NEW_LOCK : FIX_EXISTING_LOCK;
        hold_all(h);
    } while (!h->failed && h->company && add_company(h, places, &count));
    if (!h->failed) {
        describe(h);
    }
    if (h->failed) {
        holding_release(h);
    }
    return !h->failed;
}

/* Adds a candidate, unless there is one like it. */
static void add_candidate(struct unit *unit, struct candidate *candidate)
{
    for (size_t i = 0; i < unit->candidates.len; i++) {
        const struct candidate *other = &unit->candidates.data[i];
        bool alike = other->lock == candidate->lock && other->regions.len == candidate->regions.len &&
                     other->edits.len == candidate->edits.len;
        for (size_t k = 0; alike && k < candidate->regions.len; k++) {
            const struct region *a = &other->regions.data[k], *b = &candidate->regions.data[k];
            alike = a->file == b->file && a->first == b->first && a->last == b->last;
        }
        if (alike) {
            vec_release(&candidate->regions);
            vec_release(&candidate->edits);
            return;
        }
    }
    vec_push(&unit->candidates, *candidate);
}

void hold_candidates(struct plan *plan, struct unit *unit)
{
    static const struct {
        bool whole, company, lenient, glances;
    } variants[] = {
        {true, true, false, false},  {true, true, false, true},  {false, true, false, false},
        {false, true, false, true},  {true, false, false, true}, {false, false, false, false},
        {false, false, false, true}, {true, true, true, true},   {false, false, true, true},
    };
    const struct hazard *leader = unit_leader(plan, unit)->hazards[0];
    uint64_t places[PLACES_MAX];
    uint32_t count = collect_places(plan, unit, places, PLACES_MAX);
    const char *reason = NULL;
    struct lock *lock = lock_for(&plan->scene, leader, &reason);
    if (!lock) {
        unit->reason = reason;
        return;
    }
    lock = plan_lock(plan, lock);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        struct holding h = {.plan = plan,
                            .scene = &plan->scene,
                            .unit = unit,
                            .lock = lock,
                            .field = leader->place->field,
                            .whole = variants[i].whole,
                            .company = variants[i].company,
                            .lenient = variants[i].lenient,
                            .glances = variants[i].glances};
        if (hold(&h, places, count)) {
            add_candidate(unit, &h.candidate);
        } else {
            unit->reason = h.reason;
        }
    }
}
