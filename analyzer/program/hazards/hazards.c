#include "program/hazards/finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/keysort.h"
#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/breaking.h"
#include "program/hazards/conventions.h"
#include "program/hazards/deadlocks.h"
#include "program/hazards/escapes.h"
#include "program/hazards/invariants.h"
#include "program/hazards/memos.h"
#include "program/hazards/publish.h"
#include "program/locks/declared.h"
#include "program/locks/guards.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* Fields of a class's instances belong to the topmost class that has them. */
uint64_t finder_place(struct program *p, const struct acc *a)
{
    object_id object = a->object;
    const struct object *o = object_at(p, object);
    bool some_instance = o->kind == OBJECT_GENERIC || (o->kind == OBJECT_INSTANCE && o->c == 0);
    if (some_instance && a->field != FIELD_CONTENTS)
        object = object_generic(p, class_field_owner(p, o->a, a->field));
    return (uint64_t)object << 32 | a->field;
}

/* Of two at one position. */
static int compare_accs(const struct acc *x, const struct acc *y)
{
    if (x->span.end != y->span.end)
        return x->span.end < y->span.end ? -1 : 1;
    if (x->op != y->op)
        return x->op < y->op ? -1 : 1;
    return (x->context > y->context) - (x->context < y->context);
}

static int compare_located(const void *a, const void *b)
{
    const struct located *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return compare_accs(x->acc, y->acc);
}

static void collect(struct finder *f)
{
    struct program *p = f->p;
    size_t accs = 0, writes = 0;
    for (size_t i = 1; i < p->contexts.len; i++)
        accs += p->contexts.data[i]->status == CONTEXT_DONE ? p->contexts.data[i]->records->accs.len : 0;
    vec_reserve(&f->all, accs);
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->records->notes.len; k++)
            vec_push(&f->notes, &c->records->notes.data[k]);
        for (size_t k = 0; k < c->records->accs.len; k++) {
            const struct acc *acc = &c->records->accs.data[k];
            vec_push(&f->all, ((struct located){finder_place(p, acc), acc_position(acc), acc}));
            writes += (acc->flags & ACC_WRITES) != 0;
        }
    }
    keysort(f->all.data, f->all.len, sizeof *f->all.data, compare_located);
    vec_reserve(&f->writes, writes);
    for (size_t i = 0; i < f->all.len; i++)
        if (f->all.data[i].acc->flags & ACC_WRITES)
            vec_push(&f->writes, f->all.data[i]);
}

/* The first record of a place in a sorted list. */
size_t finder_lower_bound(const struct located *list, size_t count, uint64_t place)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

set_id finder_guarding(struct program *p, set_id locks, const struct acc *acc)
{
    set_id kept = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, locks); i++) {
        object_id lock = sets_member(p->sets, locks, i);
        if (parallel_lock_guards(p, lock, acc))
            kept = sets_add(p->sets, kept, lock);
    }
    return kept;
}

/* ---- the partner ---- */

struct choice {
    const struct acc *partner;
    struct parallel_info parallel;
    uint32_t rank; /* greater is better */
    bool free;     /* only those count that nothing but a lock could keep apart */
};

#define RANK_BEST ((uint32_t)PARALLEL_ROOTS * 8 + 7) /* the greatest of partner_rank */

static uint32_t partner_rank(const struct span *s, const struct acc *w, struct parallel_info parallel)
{
    if (breaking_stores_alike(s, w))
        return 0;
    uint32_t rank = (uint32_t)parallel.kind * 8;
    if (w->unit == s->last->unit && w->op == s->last->op && w->function == s->last->function)
        rank += 4; /* itself: simplest to tell */
    if (w->locks == 0)
        rank += 2;
    if (w->function == s->last->function && w->unit == s->last->unit)
        rank += 1;
    return rank;
}

/* Looks among the writes of a place for what breaks the span best. */
static void choose_among(struct finder *f, const struct span *s, uint64_t place, bool inserts, struct choice *best)
{
    struct program *p = f->p;
    set_id held = finder_guarding(p, s->held, s->last);
    for (size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
         i < f->writes.len && f->writes.data[i].place == place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        if (held == 0 && best->rank == RANK_BEST)
            return;
        if (held == 0 && best->partner != NULL &&
            partner_rank(s, w, (struct parallel_info){.kind = PARALLEL_ROOTS}) <= best->rank)
            continue; /* no better, however they meet */
        if (inserts ? (w->flags & ACC_INSERTS) == 0 : !breaking_harms(p, s, w))
            continue;
        if (held != 0 && guards_share(p, held, s->last, w))
            continue;
        struct parallel_info parallel = parallel_accesses(p, s->last, w);
        if (parallel.kind == PARALLEL_NO)
            continue;
        if (held != 0 && unguarded_breaks(f, s, w, parallel))
            continue; /* the span is locked well: the write lacks the lock */
        uint32_t rank = partner_rank(s, w, parallel);
        if ((best->partner == NULL || rank > best->rank) && !(best->free && confidence_kept_apart(p, s->last, w)))
            *best = (struct choice){w, parallel, rank, best->free};
    }
}

static struct choice choose_of(struct finder *f, const struct span *s, bool free)
{
    struct program *p = f->p;
    struct choice best = {.free = free};
    choose_among(f, s, finder_place(p, s->last), (s->flags & SPAN_DISCARDS) != 0, &best);
    const struct field *taken = s->flags & SPAN_EXCHANGE ? heap_find(p, s->last->object, s->last->field) : NULL;
    uint32_t count = taken != NULL && best.partner == NULL ? sets_count(p->sets, taken->value) : 0;
    for (uint32_t i = 0; i < count; i++) {
        object_id container = sets_member(p->sets, taken->value, i);
        if (role_is_container(object_role(p, container)))
            choose_among(f, s, (uint64_t)container << 32 | FIELD_CONTENTS, true, &best);
    }
    return best;
}

static struct choice choose_partner(struct finder *f, const struct span *s)
{
    struct choice best = choose_of(f, s, false);
    if (best.partner == NULL || !confidence_kept_apart(f->p, s->last, best.partner))
        return best;
    struct choice other = choose_of(f, s, true);
    return other.partner != NULL ? other : best;
}

/* ---- emitting ---- */

static uint64_t hazard_hash(const struct hazard *h, const struct acc *first, const struct acc *last, uint64_t place)
{
    uint32_t parts[8] = {(uint32_t)h->kind << 8 | (uint32_t)h->via,
                         h->check,
                         first->unit,
                         first->function,
                         first->op,
                         last->function,
                         last->op,
                         last->unit};
    (void)place;
    return hash_bytes(parts, sizeof parts) >> 1;
}

/* Part of the function around an access could not be parsed: there may be a lock in it, or another order. */
static bool is_in_doubt(const struct program *p, const struct acc *acc)
{
    return acc != NULL && (p->units.data[acc->unit].ir->functions[acc->function].flags & IR_FN_ERROR) != 0;
}

void finder_add(struct finder *f, struct hazard *h, const struct acc *first, const struct acc *last,
                const struct acc *partner)
{
    struct program *p = f->p;
    uint64_t hash = hazard_hash(h, first, last, 0);
    uint64_t known;
    if (h->confidence > CONFIDENCE_LOW && (is_in_doubt(p, first) || is_in_doubt(p, last) || is_in_doubt(p, partner))) {
        h->confidence--;
        h->why = STR("part of this code could not be parsed");
    }
    bool replace = map_get(&f->seen, hash, &known);
    if (replace && p->hazards.data[known].confidence >= h->confidence)
        return;
    if (h->place == NULL)
        h->place = describe_place(p, last);
    h->last = describe_access(p, last, h->place);
    h->first = first == last ? h->last : describe_access(p, first, h->place);
    h->partner = partner != NULL ? describe_access(p, partner, h->place) : NULL;
    for (uint32_t i = 0; i < sets_count(p->sets, last->locks) && h->weak == NULL; i++)
        if (!parallel_lock_guards(p, sets_member(p->sets, last->locks, i), last) &&
            parallel_lock_is_weak(p, sets_member(p->sets, last->locks, i)))
            h->weak = describe_lock(p, sets_member(p->sets, last->locks, i), last);
    if (h->side == NULL)
        h->side = describe_side(p, first == last ? NULL : first, last);
    const struct guard *guard = h->guard == NULL ? guard_of(f, last) : NULL;
    if (guard != NULL && guard->kind >= GUARD_INFERRED)
        guard_describe(f, h, guard, last);
    if (h->partner_side == NULL && partner != NULL)
        h->partner_side = describe_side(p, NULL, partner);
    if (replace) {
        p->hazards.data[known] = *h;
        return;
    }
    map_put(&f->seen, hash, p->hazards.len);
    vec_push(&p->hazards, *h);
}

/* Keeps the hazard of a span. Its steps are two also where one access, a walk, is both of them. */
static void add_span(struct finder *f, struct hazard *h, const struct span *s, const struct acc *partner)
{
    struct acc first = *s->first;
    finder_add(f, h, &first, s->last, partner);
}

/* Whether some access of a place, outside constructors, holds a lock that can guard it. */
static bool ever_guarded(struct finder *f, uint64_t place)
{
    uint64_t *known = map_slot(&f->guarded, place, 2);
    if (*known != 2)
        return *known == 1;
    bool guarded = false;
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place);
         i < f->all.len && f->all.data[i].place == place && !guarded; i++) {
        const struct acc *acc = f->all.data[i].acc;
        /* what a function takes and keeps is a lock that it makes its callers hold: such a class is a lock itself */
        set_id scoped = sets_minus(f->p->sets, acc->locks, context_at(f->p, acc->context)->locks_kept);
        if (scoped == 0 || guard_in_constructor(f->p, acc))
            continue;
        if ((acc->flags & ACC_WRITES) == 0 && acc->field != FIELD_CONTENTS)
            continue; /* a glance at a variable: the lock is there for something else */
        for (uint32_t k = 0; k < sets_count(f->p->sets, scoped) && !guarded; k++) {
            object_id lock = sets_member(f->p->sets, scoped, k);
            guarded = !parallel_lock_is_weak(f->p, lock) && /* of tasks: no sign of threads */
                      parallel_lock_guards(f->p, lock, acc) && parallel_lock_belongs(f->p, lock, acc);
        }
    }
    *known = guarded;
    return guarded;
}

static enum guarded guarded_how(struct finder *f, const struct acc *acc)
{
    if (!ever_guarded(f, finder_place(f->p, acc)))
        return GUARDED_NEVER;
    const struct guard *guard = guard_of(f, acc);
    return guard != NULL && !guard_is_slack(f->p, guard, acc) ? GUARDED_OFTEN : GUARDED_ONCE;
}

/* Notes the places that are counted up: what is made from one is unlike what another thread makes from it. */
static void note_counted(struct finder *f, const struct span *s)
{
    if (s->via == VIA_DATA && (s->last->flags & ACC_WRITES))
        map_put(&f->counted, finder_place(f->p, s->last), 1);
}

static bool is_written(struct finder *f, uint64_t place)
{
    size_t at = finder_lower_bound(f->writes.data, f->writes.len, place);
    return at < f->writes.len && f->writes.data[at].place == place;
}

/* Whether the immutable value that a span stores is the one that any other thread makes in its place; of an object that
 * another variable holds, whether that one stays the same. */
static bool is_as_good(struct finder *f, const struct span *s)
{
    const struct context *c = context_at(f->p, s->last->context);
    for (size_t i = 0; i < c->rare->sources.len; i++) {
        const struct source *source = &c->rare->sources.data[i];
        if (source->op != s->last->op)
            continue;
        uint64_t place = finder_place(f->p, &source->read);
        if (map_get(&f->counted, place, NULL) || (source->alias && is_written(f, place)))
            return false;
    }
    return true;
}

#define NESTED_MAX 3 /* containers in containers */

/* Notes the classes whose instances are changed after they were made, or the containers that they hold. */
static void note_changed(struct finder *f, const struct acc *w)
{
    const struct object *o = object_at(f->p, w->object);
    for (int i = 0; i < NESTED_MAX && o->kind == OBJECT_MODELLED && o->home != 0; i++)
        o = object_at(f->p, o->home);
    const struct class_info *info =
        o->kind == OBJECT_GENERIC || o->kind == OBJECT_INSTANCE ? class_find(f->p, o->a) : NULL;
    for (size_t i = 0; info != NULL && i < info->mro.len; i++)
        map_put(&f->changed, info->mro.data[i], 1);
}

/* Whether an element of a container is as good as another one made alike: nothing is ever changed in it. */
static bool is_constant_element(struct finder *f, object_id id, int depth);

static bool is_constant_container(struct finder *f, object_id id, int depth)
{
    struct program *p = f->p;
    if (object_at(p, id)->kind != OBJECT_MODELLED || !role_is_container(object_role(p, id)) ||
        is_written(f, (uint64_t)id << 32 | FIELD_CONTENTS))
        return false;
    for (uint32_t k = object_at(p, id)->first_field; k != 0; k = p->fields.data[k].next) {
        set_id elements = p->fields.data[k].value;
        for (uint32_t i = 0; i < sets_count(p->sets, elements); i++)
            if (!is_constant_element(f, sets_member(p->sets, elements, i), depth + 1))
                return false;
    }
    return true;
}

static bool is_constant_element(struct finder *f, object_id id, int depth)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, id);
    if (object_is_immutable(p, id) || o->kind == OBJECT_UNKNOWN || o->kind == OBJECT_PATH || o->kind == OBJECT_FUNCTION)
        return true;
    if (o->kind == OBJECT_INSTANCE || o->kind == OBJECT_GENERIC)
        return object_type_model(p, id) == NULL && !map_get(&f->changed, o->a, NULL);
    return depth < NESTED_MAX && is_constant_container(f, id, depth);
}

static bool is_instance(const struct program *p, object_id object)
{
    uint8_t kind = object_at(p, object)->kind;
    return kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC;
}

/* A container (or an object of the program, where they count) that is stored whole and never changed afterwards is as
 * good as the next one made alike. */
static bool stores_constant(struct finder *f, const struct acc *store, bool instances)
{
    struct program *p = f->p;
    const struct field *field = heap_find(p, store->object, store->field);
    if (store->kind != ACCESS_STORE || field == NULL || (store->flags & ACC_GIVEN))
        return false;
    bool some = false;
    for (uint32_t i = 0; i < sets_count(p->sets, field->value); i++) {
        object_id member = sets_member(p->sets, field->value, i);
        const struct object *o = object_at(p, member);
        bool none = member == NONE_OBJECT || o->kind == OBJECT_SCALAR;
        none = none || (o->kind == OBJECT_PATH && o->a == store->object); /* what was read there */
        bool like = instances && is_instance(p, member) && (o->flags & OBJECT_BARE) == 0
                        ? is_constant_element(f, member, 0)
                        : is_constant_container(f, member, 0);
        if (!none && !like)
            return false;
        some |= !none;
    }
    return some;
}

/* A walk over what any thread changes without the program's doing: no partner is seen. */
static void add_library_walk(struct finder *f, const struct span *s)
{
    struct program *p = f->p;
    const struct context *c = context_at(p, s->last->context);
    struct hazard h = {.kind = HAZARD_SPAN, .via = VIA_ITERATION, .exposure = EXPOSURE_ANY_BUILD};
    bool spawned = p->roots.data[c->root].kind == THREAD_SPAWNED;
    if (c->root == ROOT_IMPORT || (p->has_entry && !p->has_threads))
        return;
    h.confidence = spawned ? CONFIDENCE_HIGH : convention_uncalled(p, s->last) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    h.why = STR("it belongs to the whole process");
    add_span(f, &h, s, NULL);
}

#define SAME_SPANS_MAX 16 /* of one thread, with locks held: one function in ever new circumstances */

/* Whether a thread comes to the same two steps with a lock held in more contexts than will be looked at. Functions that
 * call each other under locks of their own have as many contexts as there are sets of those locks, and each is compared
 * with each. */
static bool is_one_too_many(struct finder *f, const struct span *s)
{
    if (s->held == 0)
        return false;
    const struct acc *first = s->first, *last = s->last;
    uint32_t parts[8] = {(uint32_t)s->via << 8 | s->check,
                         first->unit,
                         first->function,
                         first->op,
                         last->unit,
                         last->function,
                         last->op,
                         context_at(f->p, last->context)->root};
    uint64_t *count = map_slot(&f->repeated, hash_bytes(parts, sizeof parts) >> 1, 0);
    return ++*count > SAME_SPANS_MAX;
}

/* Whether a table that was found empty is filled entry by entry: if not table: for key in …: table[key] = … */
static bool fills_in_parts(const struct program *p, const struct span *s)
{
    const struct acc *first = s->first, *last = s->last;
    if (s->via != VIA_CONTROL || s->check != CHECK_FALSE || first->kind != ACCESS_SIZE || last->kind != ACCESS_STORE ||
        last->field != FIELD_CONTENTS || object_role(p, last->object) != ROLE_DICT || (last->flags & ACC_VIA) ||
        first->context != last->context)
        return false;
    const struct unit *u = &p->units.data[last->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[last->function].first_op;
    uint32_t inner = 0, loop = 0; /* regions that began behind the check; the outermost of them that is a loop */
    for (uint32_t i = first->op + 1; i < last->op; i++) {
        if (ir_opens(ops[i].code))
            loop = ++inner && loop == 0 && (ops[i].code == IR_FOR || ops[i].code == IR_LOOP) ? inner : loop;
        else if (ops[i].code == IR_END && inner > 0)
            loop = loop == inner-- ? 0 : loop;
    }
    return loop != 0;
}

static bool makes_lock(const struct program *p, const struct acc *acc, set_id locks)
{
    for (uint32_t i = 0; i < sets_count(p->sets, locks); i++)
        if (guard_is_made_by(p, sets_member(p->sets, locks, i), acc))
            return true;
    return false;
}

static void pair_span(struct finder *f, const struct span *given)
{
    struct program *p = f->p;
    struct span copy = *given;
    const struct span *s = &copy;
    if ((copy.flags & SPAN_REPLACEABLE) && !is_as_good(f, s))
        copy.flags = (copy.flags & ~(uint32_t)SPAN_REPLACEABLE) | SPAN_DRAWN;
    if (!breaking_relies(s) || (s->last->flags & (ACC_OWN_LOCK | ACC_OWN_THREAD)))
        return;
    if (s->via == VIA_ITERATION && object_is_library_state(p, s->last->object)) {
        add_library_walk(f, s);
        return;
    }
    if (is_one_too_many(f, s))
        return;
    struct choice choice = choose_partner(f, s);
    if (choice.partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_SPAN, .via = (enum span_via)s->via, .check = (enum check_kind)s->check};
    h.through_call = (s->flags & SPAN_THROUGH_CALL) != 0;
    h.first_locked_alike = (s->flags & SPAN_HELD_ALIKE) != 0;
    h.while_loop = (s->flags & SPAN_WHILE) != 0;
    h.wrong_scope = guards_wrong_scope(p, s->held, s->last);
    h.in_parts = fills_in_parts(p, s);
    if (h.in_parts)
        copy.flags |= SPAN_IN_PARTS;
    if (s->via == VIA_CONTROL && stores_constant(f, s->last, choice.parallel.kind != PARALLEL_ROOTS && !h.wrong_scope))
        copy.flags |= SPAN_LIKE;
    h.locked_apart = guards_own(p, s->held, s->last) && guards_own(p, choice.partner->locks, choice.partner);
    h.exposure = (s->flags & SPAN_CALL_BETWEEN) ? EXPOSURE_ANY_BUILD : EXPOSURE_FREE_THREADED;
    h.confidence = confidence_of(p, s, choice.partner, choice.parallel, guarded_how(f, s->last), &h.why);
    bool made = guard_in_constructor(p, s->last) || guard_in_constructor(p, choice.partner) ||
                makes_lock(p, choice.partner, s->held);
    if (breaking_stores_alike(s, choice.partner) || (made && choice.parallel.kind == PARALLEL_CALLERS))
        h.confidence = CONFIDENCE_LOW;
    object_id lock = finder_suggestion(p, s->last, choice.partner);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, s->last);
    add_span(f, &h, s, choice.partner);
}

/* ---- mutations that are not one step ---- */

/* A read that takes no lock of the container: not a copy, not its size. */
static bool looks(const struct acc *acc)
{
    if ((acc->flags & ACC_WRITES) || acc->kind == ACCESS_SIZE)
        return false;
    return acc->model == NULL || (acc->model->effects & (EFFECT_WRITE | EFFECT_SNAPSHOT)) == 0;
}

/* insert, pop(0), reverse: CPython locks the object itself, so that two of them do each other no harm; but who looks at
 * its elements meanwhile sees them half moved. */
static bool only_shows(const struct program *p, const struct acc *w)
{
    bool sequence = object_role(p, w->object) == ROLE_LIST || object_role(p, w->object) == ROLE_DEQUE;
    return sequence && w->model != NULL && w->model->is == MODEL_METHOD && w->model->build == BUILD_FREE_THREADED &&
           (w->model->effects & (EFFECT_COMPOUND | EFFECT_CALLBACK)) == EFFECT_COMPOUND;
}

/* Whether the thread of an access was started by a method of this object. */
static bool starts_thread_of(const struct program *p, object_id object, const struct acc *acc)
{
    const struct root *root = &p->roots.data[context_at(p, acc->context)->root];
    if (root->kind != THREAD_SPAWNED || root->spawner == 0)
        return false;
    const struct context *spawner = context_at(p, root->spawner);
    return spawner->arg_count > 0 && sets_has(p->sets, context_args(p, spawner)[0].set, object);
}

/* A stream, a connection or a parser that an object or a call has for itself: that threads share the object or the
 * call's result is not seen, and they are not made for it. */
static bool is_own_tool(const struct program *p, const struct acc *w, const struct acc *partner,
                        struct parallel_info parallel)
{
    const struct model *type = object_type_model(p, w->object);
    if (type == NULL || type->safety != SAFETY_UNSAFE)
        return false;
    const struct object *root = object_at(p, place_root_object(p, w->object));
    if (root->kind == OBJECT_MODULE || root->kind == OBJECT_CLASS)
        return false;
    bool passing = (root->kind == OBJECT_INSTANCE || root->kind == OBJECT_MODELLED) && root->c == 0 && root->home == 0;
    if (passing || parallel.kind == PARALLEL_CALLERS)
        return true;
    object_id owner = place_root_object(p, w->object);
    return parallel.kind == PARALLEL_MIXED && !starts_thread_of(p, owner, w) && !starts_thread_of(p, owner, partner);
}

/* A parser, a poll object, a buffer for C functions that a module keeps for all calls of its functions. */
static bool is_common_tool(const struct program *p, const struct acc *w)
{
    const struct model *type = object_type_model(p, w->object);
    uint8_t root = object_at(p, place_root_object(p, w->object))->kind;
    return type != NULL && type->safety == SAFETY_UNSAFE && (root == OBJECT_MODULE || root == OBJECT_CLASS);
}

static void pair_mutation(struct finder *f, const struct acc *w)
{
    struct program *p = f->p;
    if (w->flags & (ACC_ATOMIC | ACC_OWN_LOCK | ACC_SAFE_KEY) || w->kind != ACCESS_METHOD)
        return;
    uint64_t place = finder_place(p, w);
    struct span s = {.first = w, .last = w, .via = VIA_DATA, .held = w->locks};
    set_id held = finder_guarding(p, w->locks, w);
    struct choice best = {0};
    bool shows = only_shows(p, w);
    for (size_t i = finder_lower_bound(f->all.data, f->all.len, place); i < f->all.len && f->all.data[i].place == place;
         i++) {
        const struct acc *other = f->all.data[i].acc;
        if (held != 0 && guards_share(p, held, w, other))
            continue;
        struct parallel_info parallel = parallel_accesses(p, w, other);
        if (parallel.kind == PARALLEL_NO)
            continue;
        uint32_t rank = partner_rank(&s, other, parallel) + (shows && looks(other) ? 6 : 0);
        if (best.partner == NULL || rank > best.rank)
            best = (struct choice){other, parallel, rank, false};
    }
    if (best.partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_MUTATION, .exposure = EXPOSURE_FREE_THREADED};
    h.wrong_scope = guards_wrong_scope(p, w->locks, w);
    h.locked_apart = guards_own(p, w->locks, w) && guards_own(p, best.partner->locks, best.partner);
    s.via = is_common_tool(p, w) ? VIA_DATA : VIA_ITERATION; /* no strong idiom */
    h.confidence = confidence_of(p, &s, best.partner, best.parallel, guarded_how(f, w), &h.why);
    if (is_own_tool(p, w, best.partner, best.parallel))
        return;
    if (best.parallel.kind == PARALLEL_CALLERS && (guard_in_constructor(p, w) || guard_in_constructor(p, best.partner)))
        h.confidence = CONFIDENCE_LOW;
    if (shows && !looks(best.partner)) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("nobody is seen to look at the elements meanwhile");
    }
    object_id lock = finder_suggestion(p, w, best.partner);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, w);
    finder_add(f, &h, w, w, best.partner);
}

static void lock_per_call(struct finder *f, const struct context *c, const struct acc *lock)
{
    const struct object *o = object_at(f->p, lock->object);
    if (o->home != 0 || (o->flags & OBJECT_SIGNAL))
        return; /* kept for later calls, or given to the thread that releases it */
    struct hazard h = {.kind = HAZARD_LOCK_PER_CALL, .confidence = CONFIDENCE_HIGH, .exposure = EXPOSURE_ANY_BUILD};
    (void)c;
    h.why = STR("each call makes its own lock");
    finder_add(f, &h, lock, lock, NULL);
}

static int compare_sites(const struct site *x, const struct site *y)
{
    if (x->file != y->file)
        return str_compare(x->file->path, y->file->path);
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    return (x->span.end > y->span.end) - (x->span.end < y->span.end);
}

static int compare_places(const struct place *x, const struct place *y)
{
    int order = str_compare(x->owner, y->owner);
    return order != 0 ? order : str_compare(x->name, y->name);
}

/* By position and what is told there: ids, which depend on all that was read before, never decide. */
static int compare_hazards(const void *a, const void *b)
{
    const struct hazard *x = a, *y = b;
    int order = compare_sites(&x->last->site, &y->last->site);
    if (order == 0)
        order = compare_sites(&x->first->site, &y->first->site);
    if (order == 0)
        order = (x->kind > y->kind) - (x->kind < y->kind);
    if (order == 0)
        order = (x->via > y->via) - (x->via < y->via);
    if (order == 0)
        order = (x->check > y->check) - (x->check < y->check);
    if (order == 0)
        order = (x->confidence < y->confidence) - (x->confidence > y->confidence);
    if (order == 0 && x->partner != NULL && y->partner != NULL)
        order = compare_sites(&x->partner->site, &y->partner->site);
    if (order == 0 && x->place != NULL && y->place != NULL)
        order = compare_places(x->place, y->place);
    return order;
}

/* What further kinds of hazards are found by, in no order that matters. */
static void (*const finders[])(struct finder *f) = {
    find_publish,       find_escapes,         find_torn,          find_memos,
    find_unguarded,     find_passed,          find_unmet,         find_leaks,
    find_rebound_locks, find_bad_annotations, find_made_once,     find_shared_iterators,
    find_handoffs,      find_captures,        find_buffers,       find_request_state,
    find_releases,      find_conditions,      find_predicates,    find_lost_signals,
    find_process_state, find_files,           find_thread_misuse, find_dropped_futures,
    find_early_reads,   find_loop_touches,    find_polling,       find_blocking,
    find_finalizers,    find_thread_state,    find_remarks,       find_inventories,
    find_process_locks, find_refills,         find_filled,
};

void hazards_find(struct program *p)
{
    struct finder f = {.p = p};
    parallel_prepare(p);
    confidence_prepare(p);
    collect(&f);
    guards_infer(&f);
    for (size_t i = 0; i < f.writes.len; i++)
        note_changed(&f, f.writes.data[i].acc);
    for (size_t i = 1; i < p->contexts.len; i++)
        for (size_t k = 0; p->contexts.data[i]->status == CONTEXT_DONE && k < p->contexts.data[i]->records->spans.len;
             k++)
            note_counted(&f, &p->contexts.data[i]->records->spans.data[k]);
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->records->spans.len; k++)
            pair_span(&f, &c->records->spans.data[k]);
        for (size_t k = 0; k < c->rare->local_locks.len; k++)
            lock_per_call(&f, c, &c->rare->local_locks.data[k]);
    }
    find_deadlocks(&f);
    for (size_t i = 0; i < f.writes.len; i++)
        pair_mutation(&f, f.writes.data[i].acc);
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++)
        finders[i](&f);
    if (p->hazards.len > 0)
        qsort(p->hazards.data, p->hazards.len, sizeof *p->hazards.data, compare_hazards);
    vec_release(&f.writes);
    vec_release(&f.all);
    vec_release(&f.notes);
    map_release(&f.seen);
    map_release(&f.repeated);
    map_release(&f.guarded);
    map_release(&f.counted);
    map_release(&f.changed);
    guards_release(f.guards);
}
