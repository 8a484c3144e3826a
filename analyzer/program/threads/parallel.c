/* parallel: may-happen-in-parallel over the records of two accesses. */
#include "program/evaluate/contexts.h"
#include "program/hazards/hazards.h"
#include "program/locks/guards.h"
#include "program/symbols/classes.h"
#include "program/threads/apart.h"
#include "program/threads/order.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool mark_shared(struct program *p, object_id object, void *data)
{
    (void)data;
    struct object *o = object_at(p, object);
    if (o->kind == OBJECT_EXTERNAL)
        return false;
    if (o->flags & OBJECT_SHARED)
        return false;
    o->flags |= OBJECT_SHARED;
    /* what went into a queue belongs to whoever takes it out */
    return object_role(p, object) != ROLE_QUEUE && object_role(p, object) != ROLE_THREAD_LOCAL;
}

static void count_instance(struct program *p, const struct object *o)
{
    const struct class_info *info = class_find(p, o->a);
    uint8_t home = o->home != 0 ? object_at(p, o->home)->kind : OBJECT_UNKNOWN;
    bool kept = (home == OBJECT_MODULE || home == OBJECT_CLASS) && o->home_field != FIELD_CONTENTS;
    for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
        struct class_info *base = class_find(p, info->mro.data[i]);
        if (base != NULL && kept)
            base->kept_instances++;
        if (base != NULL && !kept)
            base->other_instances++;
    }
}

/* Whether all instances of a class that are seen being made are kept in variables of modules and classes: then there
 * are few, and each is one for the whole program. */
static bool is_kept(const struct program *p, object_id class_object)
{
    const struct class_info *info = class_find(p, class_object);
    return info != NULL && info->kept_instances > 0 && info->other_instances == 0;
}

static uint64_t pair_of(object_id a, object_id b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* Notes that the bases of a class are related: an object of it is one of each of them. */
static void note_relatives(struct program *p, const struct class_info *info)
{
    for (size_t i = 0; i < info->mro.len; i++)
        for (size_t k = i + 1; k < info->mro.len; k++)
            map_put(&p->relatives, pair_of(info->mro.data[i], info->mro.data[k]), 1);
}

/* Marks what every thread can reach: from modules and classes. */
void parallel_prepare(struct program *p)
{
    apart_check(p);
    order_prepare(p);
    for (size_t i = 0; i < p->classes.len; i++)
        note_relatives(p, p->classes.data[i]);
    size_t count = p->objects.len;
    for (size_t i = 0; i < count; i++) {
        uint8_t kind = p->objects.data[i]->kind;
        if (kind == OBJECT_INSTANCE)
            count_instance(p, p->objects.data[i]);
        if (kind == OBJECT_MODULE || kind == OBJECT_CLASS)
            heap_walk(p, (object_id)i, mark_shared, NULL);
    }
}

static root_id root_of(const struct program *p, const struct acc *a)
{
    return context_at(p, a->context)->root;
}

/* The context that made an object, or 0. */
static context_id maker(const struct program *p, object_id object)
{
    object_id owner = object_made_for(p, object);
    const struct object *o = object_at(p, owner != 0 ? owner : object);
    switch (o->kind) {
    case OBJECT_MODELLED: return o->c < p->contexts.len ? o->c : 0;
    case OBJECT_INSTANCE:
        return o->c != 0 && o->c < p->objects.len && object_at(p, o->c)->kind == OBJECT_CELLS ? object_at(p, o->c)->a
                                                                                              : 0;
    case OBJECT_CELLS: return o->a;
    default: return 0;
    }
}

/* Whether each thread of a root has an object of its own here: handed over fresh, or made by the thread itself. What a
 * thread object holds is its thread's, also where others can get at the thread objects. */
static bool confined(const struct program *p, object_id object, root_id root)
{
    bool all_own = true; /* parts of a tree, which are stored in each other */
    bool shared = false;
    for (int i = 0; i < 8 && object != 0; i++) {
        const struct object *o = object_at(p, object);
        shared = shared || (o->flags & OBJECT_SHARED) != 0;
        if (sets_has(p->sets, p->roots.data[root].exclusive, object))
            return !shared || object == p->roots.data[root].object;
        if (o->kind == OBJECT_PATH) { /* what is in there, nobody knows; but only this thread looks there */
            object = o->a;
            continue;
        }
        context_id made = maker(p, object);
        bool own = made != 0 && context_at(p, made)->root == root;
        if (o->home == 0)
            return own && !shared;
        /* one object stored in what each thread has for itself is still one object */
        if (!own && !(o->flags & OBJECT_MANY))
            return false;
        all_own = all_own && own;
        object = o->home;
    }
    return object != 0 && all_own && !shared;
}

/* The same, also where a loop deals the objects out: what a thread is given there, others than its like may have, too.
 */
static bool has_for_itself(const struct program *p, object_id object, root_id root)
{
    return confined(p, object, root) || apart_confined(p, object, root);
}

/* Whether an object hangs off a threading.local: each thread sees its own. */
static bool thread_local(const struct program *p, object_id object)
{
    for (int i = 0; i < 8 && object != 0; i++) {
        if (object_role(p, object) == ROLE_THREAD_LOCAL)
            return true;
        const struct object *o = object_at(p, object);
        object = o->kind == OBJECT_PATH && o->home == 0 ? o->a : o->home;
    }
    return false;
}

static bool is_thread(const struct root *root)
{
    return root->kind == THREAD_SPAWNED;
}

/* Whether an object, or one that it belongs to, comes to threads through one of the queues. */
static bool comes_through(const struct program *p, set_id queues, object_id object)
{
    for (int i = 0; i < 8 && object != 0; i++) {
        const struct object *o = object_at(p, object);
        if (o->flags & OBJECT_SHARED)
            return false;
        for (uint32_t k = 0; (o->flags & OBJECT_MANY) && k < sets_count(p->sets, queues); k++) {
            object_id queue = sets_member(p->sets, queues, k);
            const struct field *waiting = heap_find(p, queue, FIELD_CONTENTS);
            if (o->home == queue || (waiting != NULL && sets_has(p->sets, waiting->value, object)))
                return true;
        }
        object = o->kind == OBJECT_PATH ? o->a : o->home;
    }
    return false;
}

bool parallel_taken_apart(const struct program *p, const struct acc *a, const struct acc *b)
{
    const struct root *x = &p->roots.data[root_of(p, a)], *y = &p->roots.data[root_of(p, b)];
    set_id queues = is_thread(x) && is_thread(y) ? sets_intersection(p->sets, x->queues, y->queues) : 0;
    return queues != 0 && comes_through(p, queues, a->object) && comes_through(p, queues, b->object);
}

static object_id instance_class(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    bool instance = o->kind == OBJECT_GENERIC || o->kind == OBJECT_INSTANCE;
    return instance && object_at(p, o->a)->kind == OBJECT_CLASS ? o->a : 0;
}

/* Whether two instances were made at different places of the program: then they are two. */
static bool made_apart(const struct program *p, object_id x, object_id y)
{
    const struct object *a = object_at(p, x), *b = object_at(p, y);
    return a->kind == OBJECT_INSTANCE && b->kind == OBJECT_INSTANCE && a->b != b->b;
}

/* Whether two instances are never one: made apart, or of classes that no object is of at once. Fields that siblings
 * inherit are looked at as one place, but an object of the one class is never one of the other. */
static bool never_one(const struct program *p, object_id x, object_id y)
{
    if (made_apart(p, x, y))
        return true;
    object_id a = instance_class(p, x), b = instance_class(p, y);
    return a != 0 && b != 0 && a != b && !map_get(&p->relatives, pair_of(a, b), NULL);
}

/* Whether an object keeps the thread in a variable of its own: it has one at a time. */
static bool is_kept_thread(const struct program *p, const struct root *root)
{
    const struct object *thread = object_at(p, root->object);
    if (thread->home == 0 || thread->home_field == FIELD_CONTENTS)
        return false;
    uint8_t holder = object_at(p, thread->home)->kind;
    return holder == OBJECT_GENERIC || holder == OBJECT_INSTANCE;
}

bool parallel_is_one_at_a_time(const struct program *p, const struct acc *acc)
{
    const struct root *root = &p->roots.data[root_of(p, acc)];
    const struct object *thread = object_at(p, root->object);
    uint8_t holder = object_at(p, thread->home)->kind;
    bool of_all = thread->home_field != FIELD_CONTENTS && (holder == OBJECT_CLASS || holder == OBJECT_MODULE);
    return root->executor == 0 && (of_all || is_kept_thread(p, root));
}

/* Whether an instruction of a function comes before the function starts the thread, which it always goes on to do. */
static bool leads_to_start(const struct program *p, uint32_t unit, uint32_t function, uint32_t op,
                           const struct root *root)
{
    if (root->unit != unit || root->function != function || op >= root->op)
        return false;
    const struct ir_module *ir = p->units.data[root->unit].ir;
    const struct ir_op *ops = ir->ops + ir->functions[root->function].first_op;
    int depth = 0;
    for (uint32_t i = op; i < root->op; i++) {
        uint8_t code = ops[i].code;
        depth += code == IR_IF || code == IR_LOOP || code == IR_FOR || code == IR_TRY;
        depth -= code == IR_END && depth > 0;
    }
    return depth == 0;
}

/* Whether an access comes before its function starts the thread. */
static bool precedes_start(const struct program *p, const struct acc *a, const struct root *root)
{
    return leads_to_start(p, a->unit, a->function, a->op, root);
}

#define STARTERS_MAX 4 /* calls between an access and the function that starts the thread */

/* The same also where a call leads to the access, of what belongs to the object that starts the thread for itself: the
 * threads that run already are those of others. */
static bool prepares_start(const struct program *p, const struct acc *a, root_id id)
{
    const struct root *root = &p->roots.data[id];
    if (!is_kept_thread(p, root) || !apart_one_at_a_time(p, a->object, id))
        return false;
    const struct context *c = context_at(p, a->context);
    uint32_t op = a->op;
    for (int i = 0; i < STARTERS_MAX; i++) {
        if (leads_to_start(p, c->unit, c->function, op, root))
            return true;
        if (c->caller == 0)
            return false;
        op = c->caller_op;
        c = context_at(p, c->caller);
    }
    return false;
}

/* Whether what a call waits for is the thread, or some thread of its class: self.join(). */
static bool is_that_thread(const struct program *p, object_id waited_for, const struct root *root)
{
    const struct object *o = object_at(p, waited_for), *thread = object_at(p, root->object);
    return waited_for == root->object ||
           (o->kind == OBJECT_GENERIC && thread->kind == OBJECT_INSTANCE && class_derives_from(p, thread->a, o->a));
}

/* Whether the call that an access is made in, or one that led to it, has waited for the thread before, on some way. */
static bool follows_join(const struct program *p, const struct acc *a, const struct root *root)
{
    const struct context *c = context_at(p, a->context);
    uint32_t op = a->op;
    for (int i = 0; i < STARTERS_MAX; i++) {
        for (size_t k = 0; k < c->records->notes.len; k++) {
            const struct note *n = &c->records->notes.data[k];
            if (n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_JOIN) && (n->flags & NOTE_GIVES_UP) == 0 &&
                n->acc.object != 0 && n->acc.op < op && is_that_thread(p, n->acc.object, root))
                return true;
        }
        if (c->caller == 0)
            return false;
        op = c->caller_op;
        c = context_at(p, c->caller);
    }
    return false;
}

/* Whether a thread may run beside what another root, which is no thread, does. */
static enum parallel beside_thread(struct program *p, const struct root *thread, const struct root *other,
                                   const struct acc *theirs)
{
    if (thread->entry && other->kind == THREAD_MAIN && theirs->function != 0)
        return PARALLEL_MIXED; /* who runs the entry may have begun before */
    if (other->kind != THREAD_CALLER) {
        bool runs = sets_has(p->sets, theirs->running, thread->object);
        return runs && !prepares_start(p, theirs, (root_id)(thread - p->roots.data)) ? PARALLEL_ROOTS : PARALLEL_NO;
    }
    bool apart = (is_kept_thread(p, thread) && precedes_start(p, theirs, thread)) || follows_join(p, theirs, thread);
    return thread->generic && !apart ? PARALLEL_MIXED : PARALLEL_NO;
}

/* Whether one of two threads is an entry of the settings, which runs beside all threads that are started for certain.
 */
static bool entries_meet(const struct root *x, const struct root *y)
{
    return (x->entry && (y->entry || !y->generic)) || (y->entry && !x->generic);
}

static bool has_own_new(struct program *p, object_id class_object)
{
    const struct member made = class_member(p, class_object, NAME_NEW, 0);
    return made.holder != 0 && made.model == NULL;
}

/* Whether both happen while the object, or the one that holds it, is being made: an object is made once, by one thread.
 * It is not where the class has its own __new__, which may give back an object whose constructor runs again. */
static bool both_construct(struct program *p, const struct acc *a, const struct acc *b)
{
    object_id made = a->object == b->object ? guard_constructed(p, a) : 0;
    if (made == 0 || guard_constructed(p, b) != made)
        return false;
    object_id class_object = instance_class(p, made);
    return class_object != 0 && !has_own_new(p, class_object);
}

/* Of two roots that are both threads. */
static enum parallel both_threads(struct program *p, const struct acc *a, const struct acc *b)
{
    root_id ra = root_of(p, a), rb = root_of(p, b);
    const struct root *x = &p->roots.data[ra], *y = &p->roots.data[rb];
    if (confined(p, a->object, ra) && confined(p, a->object, rb))
        return PARALLEL_NO;
    if (apart_confined(p, a->object, ra) && apart_confined(p, b->object, rb) && apart_alike(p, ra, rb))
        return PARALLEL_NO;
    if (entries_meet(x, y) || roots_meet(p, ra, rb) || sets_has(p->sets, a->running, y->object) ||
        sets_has(p->sets, b->running, x->object))
        return PARALLEL_ROOTS;
    return x->generic && y->generic ? PARALLEL_MIXED : PARALLEL_NO;
}

static struct parallel_info may_meet(struct program *p, const struct acc *a, const struct acc *b)
{
    struct parallel_info none = {PARALLEL_NO, false};
    if (thread_local(p, a->object) || (a->object != b->object && never_one(p, a->object, b->object)))
        return none;
    root_id ra = root_of(p, a), rb = root_of(p, b);
    const struct root *x = &p->roots.data[ra], *y = &p->roots.data[rb];
    if (ra == rb) {
        if (!x->self_parallel || (has_for_itself(p, a->object, ra) && has_for_itself(p, b->object, ra)))
            return none;
        return (struct parallel_info){is_thread(x) ? PARALLEL_ROOTS : PARALLEL_CALLERS, true};
    }
    if (is_thread(x) && is_thread(y))
        return (struct parallel_info){both_threads(p, a, b), false};
    if (!is_thread(x) && !is_thread(y))
        return none; /* import or main against callers: no sign of parallelism */
    root_id thread = is_thread(x) ? ra : rb;
    if (p->roots.data[thread].entry && confined(p, a->object, thread))
        return none;
    return (struct parallel_info){is_thread(x) ? beside_thread(p, x, y, b) : beside_thread(p, y, x, a), false};
}

struct parallel_info parallel_accesses(struct program *p, const struct acc *a, const struct acc *b)
{
    struct parallel_info info = may_meet(p, a, b);
    if (info.kind == PARALLEL_ROOTS && both_construct(p, a, b))
        info.kind = PARALLEL_NO;
    if (info.kind != PARALLEL_NO && !info.same_root && (order_signalled(p, a, b) || order_signalled(p, b, a)))
        info.kind = PARALLEL_NO;
    return info;
}

static uint32_t unit_of(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    switch (o->kind) {
    case OBJECT_MODULE:
    case OBJECT_CLASS:
    case OBJECT_FUNCTION: return o->a;
    case OBJECT_GENERIC:
    case OBJECT_INSTANCE: return unit_of(p, o->a); /* of its class: one step */
    case OBJECT_CELLS: return context_at(p, o->a)->unit;
    default: return UINT32_MAX;
    }
}

bool parallel_lock_belongs(const struct program *p, object_id lock, const struct acc *acc)
{
    const struct object *l = object_at(p, lock);
    object_id owner = place_root_object(p, lock), root = place_root_object(p, acc->object);
    if (owner == root || l->home == acc->object)
        return true;
    const struct object *a = object_at(p, owner), *b = object_at(p, root);
    if (object_is_process_lock(p, lock)) /* module state, not that of objects which a module keeps */
        return b->kind == OBJECT_MODULE && (acc->object == root || object_at(p, acc->object)->home == root);
    object_id lock_class = a->kind == OBJECT_CLASS ? owner : object_class(p, owner);
    object_id place_class = b->kind == OBJECT_CLASS ? root : object_class(p, root);
    if (lock_class != 0 && place_class != 0)
        return class_derives_from(p, lock_class, place_class) || class_derives_from(p, place_class, lock_class);
    if (a->kind != OBJECT_MODULE)
        return false;
    return a->a == unit_of(p, root) && a->a == acc->unit;
}

bool parallel_lock_is_weak(const struct program *p, object_id lock)
{
    const struct model *type = object_type_model(p, lock);
    return (type != NULL && type->scope == SCOPE_ASYNCIO) || heap_find(p, lock, FIELD_SEVERAL) != NULL;
}

bool parallel_lock_guards(struct program *p, object_id lock, const struct acc *acc)
{
    bool tasks = p->roots.data[root_of(p, acc)].kind != THREAD_SPAWNED; /* of one event loop, as far as is seen */
    if (heap_find(p, lock, FIELD_SEVERAL) != NULL || (parallel_lock_is_weak(p, lock) && !tasks))
        return false;
    root_id root = root_of(p, acc);
    if (p->roots.data[root].kind == THREAD_SPAWNED && p->roots.data[root].self_parallel && confined(p, lock, root) &&
        !confined(p, acc->object, root))
        return false;
    const struct object *l = object_at(p, lock);
    if (l->home == 0)
        return true;
    const struct object *home = object_at(p, l->home);
    /* a lock for each key, beside a variable that all keys share */
    if (l->home_field == FIELD_CONTENTS && (l->flags & OBJECT_MANY) && acc->field != FIELD_CONTENTS &&
        home->home == acc->object)
        return false;
    uint8_t owner = object_at(p, place_root_object(p, acc->object))->kind;
    bool global = owner == OBJECT_MODULE || owner == OBJECT_CLASS;
    bool of_many = home->kind == OBJECT_INSTANCE && (home->flags & OBJECT_MANY) && !(home->flags & OBJECT_SHARED);
    return !(global && (of_many || (home->kind == OBJECT_GENERIC && !is_kept(p, home->a))));
}
