#include "program/locks/guards.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/keysort.h"
#include "program/evaluate/contexts.h"
#include "program/locks/declared.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define CHAIN_MAX 8 /* steps from an object to what holds it */

/* ---- keys ---- */

static bool is_program_class(const struct program *p, object_id class_object)
{
    return class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS;
}

static uint64_t group_from(struct program *p, uint64_t key, object_id object, name_id field)
{
    for (int i = 0; i < CHAIN_MAX; i++) {
        key = hash_mix(key, field);
        const struct object *o = object_at(p, object);
        object_id class_object = o->kind == OBJECT_MODELLED ? 0 : object_class(p, object);
        if (is_program_class(p, class_object))
            return hash_mix(key, class_field_owner(p, class_object, field)) >> 1;
        if (o->kind == OBJECT_CELLS) {
            const struct context *c = context_at(p, o->a);
            return hash_mix(key, (uint64_t)c->unit << 32 | c->function) >> 1;
        }
        bool path = o->kind == OBJECT_PATH, held = o->kind == OBJECT_MODELLED && o->home != 0;
        if (!path && !held)
            break;
        field = path ? o->b : o->home_field;
        object = path ? o->a : o->home;
    }
    return hash_mix(key, object) >> 1;
}

uint64_t guard_group(struct program *p, object_id object, name_id field)
{
    return group_from(p, 0, object, field);
}

uint64_t guard_contents(struct program *p, object_id object, name_id field)
{
    return group_from(p, hash_mix(0, FIELD_CONTENTS), object, field);
}

/* What holds an object: the object of whose field it is the value; 0 where that is not one object. */
static object_id holder_of(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind == OBJECT_PATH)
        return o->a;
    return o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE ? o->home : 0;
}

/* Whether two stand for some instance of related classes: the `self` of a method and of one that it inherits. */
static bool is_same_self(const struct program *p, object_id x, object_id y)
{
    const struct object *a = object_at(p, x), *b = object_at(p, y);
    if (a->kind != OBJECT_GENERIC || b->kind != OBJECT_GENERIC)
        return false;
    return class_derives_from(p, a->a, b->a) || class_derives_from(p, b->a, a->a);
}

static bool is_held_by(const struct program *p, object_id object, object_id holder)
{
    for (int i = 0; i < CHAIN_MAX && object != 0; i++) {
        if (object == holder || is_same_self(p, object, holder))
            return true;
        object = holder_of(p, object);
    }
    return false;
}

/* The lock as a key, seen from an access: 0 where it is not the access's object's own, nor of one that holds the
 * object, nor of a module or class: then it guards nothing of the place as a whole. */
static uint64_t guard_lock_key(struct program *p, object_id lock, const struct acc *acc)
{
    if (parallel_lock_is_weak(p, lock) || !parallel_lock_guards(p, lock, acc))
        return 0;
    const struct object *l = object_at(p, lock);
    object_id holder = holder_of(p, lock);
    if (holder == 0)
        return l->flags & OBJECT_MANY ? 0 : hash_mix(lock, 1) >> 1;
    const struct object *h = object_at(p, holder);
    bool one_of_many = h->kind == OBJECT_GENERIC || h->kind == OBJECT_PATH ||
                       ((h->kind == OBJECT_INSTANCE || h->kind == OBJECT_MODELLED) && (h->flags & OBJECT_MANY));
    if (one_of_many && !is_held_by(p, acc->object, holder))
        return 0;
    return guard_group(p, holder, l->kind == OBJECT_PATH ? l->b : l->home_field);
}

#define CALLERS_MAX 8 /* calls that a constructor's own methods are followed through */

/* Whether a call is where a thread begins: who starts it is no caller. */
static bool is_first_of_thread(const struct program *p, const struct context *c)
{
    return p->roots.data[c->root].kind == THREAD_SPAWNED && c->caller != 0 && context_at(p, c->caller)->root != c->root;
}

/* Looks among the calls that lead to an access for one that nobody else can come in between of: of a constructor or the
 * like whose receiver holds the object (returned), or right after a fork (*forked). */
static object_id alone_with(struct program *p, const struct acc *acc, bool *forked)
{
    context_id context = acc->context;
    for (int depth = 0; depth < CALLERS_MAX && context != 0; depth++) {
        const struct context *c = context_at(p, context);
        const struct unit *u = &p->units.data[c->unit];
        const struct ir_function *fn = &u->ir->functions[c->function];
        context = c->callback || is_first_of_thread(p, c) ? 0 : c->caller;
        uint8_t alone = u->alone[c->function];
        *forked = alone == ALONE_IN_PROCESS;
        if (*forked)
            return 0;
        if (alone == ALONE_NOT || fn->class_index == IR_NO_INDEX || c->arg_count == 0)
            continue;
        set_id receivers = context_args(p, c)[0].set;
        for (uint32_t i = 0; i < sets_count(p->sets, receivers); i++) {
            object_id receiver = sets_member(p->sets, receivers, i); /* of __new__ it is the class: everybody has it */
            if (object_at(p, receiver)->kind != OBJECT_CLASS && is_held_by(p, acc->object, receiver))
                return receiver;
        }
    }
    return 0;
}

object_id guard_constructed(struct program *p, const struct acc *acc)
{
    bool forked = false;
    return alone_with(p, acc, &forked);
}

bool guard_in_constructor(struct program *p, const struct acc *acc)
{
    bool forked = false;
    return alone_with(p, acc, &forked) != 0 || forked;
}

bool guard_is_made_by(const struct program *p, object_id lock, const struct acc *acc)
{
    const struct context *c = context_at(p, acc->context);
    const struct object *l = object_at(p, lock);
    object_id home = l->kind == OBJECT_PATH ? l->a : l->home;
    name_id field = l->kind == OBJECT_PATH ? l->b : l->home_field;
    for (size_t i = 0; home != 0 && i < c->records->accs.len; i++) {
        const struct acc *store = &c->records->accs.data[i];
        if (store->kind == ACCESS_STORE && store->object == home && store->field == field &&
            store->function == acc->function)
            return true;
    }
    return false;
}

bool guards_share(struct program *p, set_id held, const struct acc *a, const struct acc *b)
{
    if (sets_overlap(p->sets, held, b->locks))
        return true;
    for (uint32_t i = 0; i < sets_count(p->sets, held); i++) {
        uint64_t key = guard_lock_key(p, sets_member(p->sets, held, i), a);
        for (uint32_t k = 0; k < sets_count(p->sets, b->locks) && key != 0; k++)
            if (guard_lock_key(p, sets_member(p->sets, b->locks, k), b) == key)
                return true;
    }
    return false;
}

bool guards_own(struct program *p, set_id held, const struct acc *acc)
{
    for (uint32_t i = 0; i < sets_count(p->sets, held); i++) {
        object_id lock = sets_member(p->sets, held, i);
        if (guard_lock_key(p, lock, acc) != 0 && parallel_lock_belongs(p, lock, acc))
            return true;
    }
    return false;
}

/* ---- counting ---- */

#define LOCKS_MAX 16 /* locks told apart at one place; further ones are not counted */

/* How often one lock is held at a place. */
struct tally {
    uint64_t lock;
    object_id sample;
    uint32_t held, writes_held;
    bool belongs; /* it is made for this place or its owner: see parallel_lock_belongs */
};

struct count {
    struct tally tallies[LOCKS_MAX];
    uint32_t tally_count;
    uint32_t sites, writes;
};

/* The locks held in every context of a site so far. */
struct site_locks {
    uint64_t keys[LOCKS_MAX];
    object_id samples[LOCKS_MAX];
    bool belongs[LOCKS_MAX];
    uint32_t count;
};

static void site_locks_of(struct program *p, const struct acc *acc, struct site_locks *locks)
{
    locks->count = 0;
    uint32_t held = sets_count(p->sets, acc->locks);
    for (uint32_t i = 0; i < held && locks->count < LOCKS_MAX; i++) {
        object_id lock = sets_member(p->sets, acc->locks, i);
        uint64_t key = guard_lock_key(p, lock, acc);
        if (key == 0)
            continue;
        locks->samples[locks->count] = lock;
        locks->belongs[locks->count] = parallel_lock_belongs(p, lock, acc);
        locks->keys[locks->count++] = key;
    }
}

static void site_locks_intersect(struct site_locks *locks, const struct site_locks *other)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < locks->count; i++) {
        bool both = false;
        for (uint32_t k = 0; k < other->count && !both; k++)
            both = other->keys[k] == locks->keys[i];
        if (!both)
            continue;
        locks->samples[kept] = locks->samples[i];
        locks->belongs[kept] = locks->belongs[i];
        locks->keys[kept++] = locks->keys[i];
    }
    locks->count = kept;
}

static void count_site(struct count *count, const struct site_locks *locks, bool writes)
{
    count->sites++;
    count->writes += writes;
    for (uint32_t i = 0; i < locks->count; i++) {
        uint32_t t = 0;
        while (t < count->tally_count && count->tallies[t].lock != locks->keys[i])
            t++;
        if (t == LOCKS_MAX)
            continue;
        if (t == count->tally_count)
            count->tallies[count->tally_count++] = (struct tally){.lock = locks->keys[i], .sample = locks->samples[i]};
        count->tallies[t].held++;
        count->tallies[t].writes_held += writes;
        count->tallies[t].belongs |= locks->belongs[i];
    }
}

/* The read half of `place op= value` is one access with its write. */
static bool is_half(const struct acc *acc)
{
    return acc->kind == ACCESS_LOAD && (acc->flags & ACC_AUGMENTED);
}

static bool same_site(const struct acc *a, const struct acc *b)
{
    return a->unit == b->unit && a->function == b->function && a->op == b->op;
}

static void count_group(struct program *p, const struct sited *sites, size_t n, struct count *count)
{
    for (size_t i = 0, end; i < n; i = end) {
        struct site_locks locks, other;
        bool writes = false;
        site_locks_of(p, sites[i].acc, &locks);
        for (end = i; end < n && same_site(sites[i].acc, sites[end].acc); end++) {
            writes |= (sites[end].acc->flags & ACC_WRITES) != 0;
            if (end == i || locks.count == 0)
                continue;
            site_locks_of(p, sites[end].acc, &other);
            site_locks_intersect(&locks, &other);
        }
        if (!is_half(sites[i].acc))
            count_site(count, &locks, writes);
    }
}

/* ---- judging ---- */

/* Two thirds of the accesses hold it, writes counted double, or all but one; at least two do, and one of these writes.
 */
static bool is_guard(const struct count *count, const struct tally *t)
{
    if (t->held < 2 || t->writes_held == 0)
        return false;
    return t->held + 1 >= count->sites || 3 * (t->held + t->writes_held) >= 2 * (count->sites + count->writes);
}

static struct str without_underscores(struct str name)
{
    while (name.len > 0 && name.ptr[0] == '_')
        name = str_slice(name, 1, name.len);
    while (name.len > 0 && name.ptr[name.len - 1] == '_')
        name = str_slice(name, 0, name.len - 1);
    return name;
}

/* The name of a field, or of the field that holds an object. */
static struct str place_name(const struct program *p, object_id object, name_id field)
{
    const struct object *o = object_at(p, object);
    if (field == FIELD_CONTENTS)
        field = o->kind == OBJECT_PATH ? o->b : o->home_field;
    return field == FIELD_CONTENTS ? STR("") : without_underscores(name_text(p, field));
}

static bool same_but_plural(struct str one, struct str other)
{
    return str_equal(one, other) || (other.len == one.len + 1 && str_starts(other, one) && str_ends(other, STR("s")));
}

/* Whether a lock is called after a place: _jobs_lock or job_mutex, of _jobs. */
static bool is_named_after(const struct program *p, object_id lock, const struct acc *acc)
{
    static const char *const words[] = {"rlock", "lock", "mutex", "condition", "cond", "cv", "guard"};
    struct str place = place_name(p, acc->object, acc->field), name = place_name(p, lock, FIELD_CONTENTS);
    for (size_t i = 0; i < sizeof words / sizeof *words && place.len > 0; i++) {
        struct str word = str_of(words[i]), rest = STR("");
        if (str_ends(name, word))
            rest = without_underscores(str_slice(name, 0, name.len - word.len));
        else if (str_starts(name, word))
            rest = without_underscores(str_slice(name, word.len, name.len));
        if (rest.len > 0 && (same_but_plural(rest, place) || same_but_plural(place, rest)))
            return true;
    }
    return false;
}

/* A lock that callers happen to hold proves nothing: less than two thirds count only for a lock of the place's own, and
 * less than one third only for one that has its name, and that all writes hold. */
static enum guard_kind kind_of(const struct count *count, const struct tally *t, bool named)
{
    if (is_guard(count, t))
        return GUARD_INFERRED;
    bool writes_all = named && t->writes_held == count->writes;
    if (!t->belongs || (3 * t->held < count->sites && !writes_all))
        return GUARD_NONE;
    if (count->writes > 0 && t->writes_held == count->writes)
        return GUARD_OF_WRITES;
    return t->held >= 2 && t->writes_held > 0 ? GUARD_SOMEWHERE : GUARD_NONE;
}

static const struct tally *best_tally(const struct count *count, uint64_t group)
{
    const struct tally *best = NULL;
    for (uint32_t i = 0; i < count->tally_count; i++) {
        const struct tally *t = &count->tallies[i];
        if (t->lock == group)
            continue; /* the lock in the very variable: taking it is how the variable is used */
        if (best == NULL || t->held + t->writes_held > best->held + best->writes_held)
            best = t;
    }
    return best;
}

static void judge_group(struct program *p, struct guards *g, size_t first, size_t n)
{
    const struct sited *sites = g->sites.data + first;
    struct guard guard = {.first = first, .count = n};
    bool declared = declared_guard(p, sites[0].group, &guard), locked = declared, written = false;
    for (size_t i = 0; i < n && !(locked && written); i++) {
        locked |= sites[i].acc->locks != 0;
        written |= (sites[i].acc->flags & ACC_WRITES) != 0;
    }
    if (!locked || !(written || declared))
        return;
    struct count count = {0};
    count_group(p, sites, n, &count);
    const struct tally *best = best_tally(&count, sites[0].group);
    for (uint32_t i = 0; i < count.tally_count && declared; i++) {
        best = i == 0 ? NULL : best;
        if (count.tallies[i].lock == guard.lock)
            best = &count.tallies[i];
    }
    if (best == NULL && !declared)
        return;
    guard.of = count.sites;
    guard.writes = count.writes;
    if (best != NULL) {
        guard.held = best->held;
        guard.writes_held = best->writes_held;
        guard.sample = best->sample;
        guard.lock = best->lock;
        guard.belongs = best->belongs;
        guard.named = is_named_after(p, best->sample, sites[0].acc);
    }
    guard.kind = declared ? GUARD_DECLARED : kind_of(&count, best, guard.named);
    if (guard.kind == GUARD_NONE)
        return;
    map_put(&g->by_group, sites[0].group, g->list.len);
    vec_push(&g->list, guard);
}

static int compare_sited(const void *a, const void *b)
{
    const struct sited *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    const struct acc *m = x->acc, *n = y->acc;
    if (m->op != n->op)
        return m->op < n->op ? -1 : 1;
    if (m->kind != n->kind)
        return m->kind < n->kind ? -1 : 1;
    return (m->context > n->context) - (m->context < n->context);
}

static void collect(struct finder *f, struct guards *g)
{
    struct program *p = f->p;
    uint64_t place = UINT64_MAX, group = 0;
    vec_reserve(&g->sites, f->all.len);
    for (size_t i = 0; i < f->all.len; i++) {
        const struct acc *acc = f->all.data[i].acc;
        if (f->all.data[i].place != place) {
            place = f->all.data[i].place;
            group = guard_group(p, acc->object, acc->field);
        }
        if (guard_in_constructor(p, acc))
            continue;
        vec_push(&g->sites, ((struct sited){group, (uint64_t)acc->unit << 32 | acc->function, acc}));
    }
    keysort(g->sites.data, g->sites.len, sizeof *g->sites.data, compare_sited);
}

void guards_infer(struct finder *f)
{
    struct guards *g = memory_new(sizeof *g);
    declared_resolve(f->p);
    collect(f, g);
    for (size_t i = 0, end; i < g->sites.len; i = end) {
        for (end = i; end < g->sites.len && g->sites.data[end].group == g->sites.data[i].group; end++)
            continue;
        judge_group(f->p, g, i, end - i);
    }
    f->guards = g;
}

void guards_release(struct guards *g)
{
    if (g == NULL)
        return;
    vec_release(&g->sites);
    vec_release(&g->list);
    map_release(&g->by_group);
    free(g);
}

/* ---- asking ---- */

const struct guard *guard_of(const struct finder *f, const struct acc *acc)
{
    uint64_t index;
    if (f->guards == NULL)
        return NULL;
    return map_get(&f->guards->by_group, guard_group(f->p, acc->object, acc->field), &index)
               ? &f->guards->list.data[index]
               : NULL;
}

bool guard_holds(struct program *p, const struct guard *guard, const struct acc *acc)
{
    for (uint32_t i = 0; i < sets_count(p->sets, acc->locks); i++)
        if (guard_lock_key(p, sets_member(p->sets, acc->locks, i), acc) == guard->lock)
            return true;
    return false;
}

bool guard_is_slack(const struct program *p, const struct guard *guard, const struct acc *acc)
{
    bool list = acc->kind == ACCESS_ITERATE && object_role(p, acc->object) == ROLE_LIST;
    return list && guard->kind < GUARD_INFERRED && 2 * guard->held < guard->of;
}

/* An access that holds the lock itself, or `acc`. */
static const struct acc *holder_of_lock(const struct finder *f, const struct guard *guard, const struct acc *acc)
{
    for (size_t i = 0; i < guard->count; i++) {
        const struct acc *other = f->guards->sites.data[guard->first + i].acc;
        if (sets_has(f->p->sets, other->locks, guard->sample))
            return other;
    }
    return acc;
}

void guard_describe(struct finder *f, struct hazard *h, const struct guard *guard, const struct acc *acc)
{
    struct held_lock *lock = arena_alloc(f->p->arena, sizeof *lock);
    acc = holder_of_lock(f, guard, acc);
    *lock = guard->sample != 0 ? *describe_lock(f->p, guard->sample, acc) : (struct held_lock){.name = guard->text};
    if (guard->text.len > 0)
        lock->name = guard->text;
    h->guard = lock;
    h->guard_kind = guard->kind;
    h->guard_held = guard->held;
    h->guard_of = guard->of;
    h->guard_writes = guard->writes;
}
