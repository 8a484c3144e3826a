/* releases: locks that are taken by calls, and not given back on every path (RL405), or given back twice (RL407). */
#include "program/hazards/finder.h"
#include "program/records/notes.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/hazards/deadlocks.h"
#include "program/values/objects.h"

/* ---- recording ---- */

static bool is_yielded(const struct frame *f)
{
    for (uint32_t i = f->op + 1; i < f->fn->op_count; i++)
        if ((f->ops[i].code == IR_YIELD || f->ops[i].code == IR_YIELD_FROM) && f->ops[i].a == f->ops[f->op].result)
            return true;
    return false;
}

void release_pending(struct frame *f, set_id locks)
{
    if (sets_count(f->p->sets, locks) != 1 || f->pending.len == PENDING_MAX)
        return;
    object_id lock = sets_member(f->p->sets, locks, 0);
    enum model_role role = object_role(f->p, lock);
    if (role == ROLE_SEMAPHORE || !sets_has(f->p->sets, f->now.tokens, f->op + 1))
        return; /* a semaphore is given back by whoever is done */
    if (is_yielded(f))
        return; /* yield lock.acquire(): of a framework whose locks wait without blocking */
    for (size_t i = 0; i < f->regions.len; i++)
        if (f->regions.data[i].code == IR_WITH && sets_has(f->p->sets, f->regions.data[i].with_locks, lock))
            return; /* taken back before the `with` around it ends */
    for (uint32_t i = 0; i < f->pending.len; i++)
        if (f->pending.data[i].acc.op == f->op && f->pending.data[i].lock == lock)
            return;
    struct acc acc = {.context = f->id,
                      .unit = f->c->unit,
                      .function = f->c->function,
                      .op = f->op,
                      .object = lock,
                      .kind = ACCESS_USE,
                      .flags = ACC_TAKES,
                      .locks = f->now.locks,
                      .running = f->now.running,
                      .span = f->ops[f->op].span};
    vec_push(&f->pending, ((struct pending){.lock = lock, .acc = acc}));
}

/* Whether the function has taken it under several names: locks of objects that were made at one place. */
static bool stands_for_several(const struct frame *f, object_id lock)
{
    const struct acquired *first = NULL;
    for (uint32_t i = 0; i < f->acquired.len; i++) {
        const struct acquired *a = &f->acquired.data[i];
        if (a->lock != lock || a->taking.acc.context == 0)
            continue;
        if (first != NULL && first->taking.path != a->taking.path)
            return true;
        first = a;
    }
    return false;
}

static void note_twice(struct frame *f, object_id lock)
{
    if (stands_for_several(f, lock))
        return;
    struct note *n = note_add(f, NOTE_RELEASED_TWICE, lock, NULL);
    for (uint32_t i = 0; n != NULL && i < f->acquired.len; i++)
        if (f->acquired.data[i].lock == lock && f->acquired.data[i].taking.acc.context != 0)
            n->second = f->acquired.data[i].taking.acc.span;
}

void release_done(struct frame *f, set_id locks)
{
    for (uint32_t i = 0; i < f->pending.len; i++) {
        struct pending *p = &f->pending.data[i];
        if (!sets_has(f->p->sets, locks, p->lock))
            continue;
        p->released = true;
        if (p->risk.end != 0 && p->risk_op == f->op)
            p->risk = (struct ir_span){0}; /* the call that may fail is the one that releases */
    }
    if (sets_count(f->p->sets, locks) != 1)
        return;
    object_id lock = sets_member(f->p->sets, locks, 0);
    if (lock_is_reentrant(f->p, lock))
        return;
    if (sets_has(f->p->sets, f->now.freed, lock) && !sets_has(f->p->sets, f->now.locks, lock))
        note_twice(f, lock);
    f->now.freed = sets_add(f->p->sets, f->now.freed, lock);
}

/* Only what the callee itself releases without asking for it first: who tries to take a lock releases what it took. */
void release_called(struct frame *f, const struct context *callee)
{
    set_id given = 0, taken = 0;
    for (size_t i = 0; i < callee->records->notes.len; i++) {
        const struct note *n = &callee->records->notes.data[i];
        if (n->kind != NOTE_CALL)
            continue;
        set_id locks = lock_objects(f, sets_one(f->p->sets, n->acc.object));
        if (n->acc.model->effects & EFFECT_RELEASE)
            given = sets_union(f->p->sets, given, locks);
        if (n->acc.model->effects & EFFECT_ACQUIRE)
            taken = sets_union(f->p->sets, taken, locks);
    }
    set_id released = sets_intersection(f->p->sets, callee->locks_released, sets_minus(f->p->sets, given, taken));
    if (released != 0)
        release_done(f, released);
}

void release_left(struct frame *f, const struct region *with)
{
    set_id gone = sets_intersection(f->p->sets, with->with_locks, f->now.freed);
    gone =
        sets_intersection(f->p->sets, gone, lock_objects(f, with->subject.set)); /* not by an __exit__ that does it */
    for (uint32_t i = 0; i < sets_count(f->p->sets, gone) && !f->now.dead; i++) {
        object_id lock = sets_member(f->p->sets, gone, i);
        bool again = sets_has(f->p->sets, f->now.locks, lock) || lock_is_reentrant(f->p, lock);
        struct note *n = again ? NULL : note_add(f, NOTE_RELEASED_TWICE, lock, NULL);
        if (n == NULL)
            continue;
        uint32_t manager = with->subject.op < f->fn->op_count ? with->subject.op : with->op;
        n->acc.span = n->second = f->ops[manager].span;
    }
    f->now.freed = sets_union(f->p->sets, f->now.freed, with->with_locks);
}

static bool is_held(const struct frame *f, const struct pending *p)
{
    return sets_has(f->p->sets, f->now.tokens, p->acc.op + 1) && sets_has(f->p->sets, f->now.locks, p->lock);
}

/* A `try` around the present instruction cleans up, or at least says what happens then. */
static bool is_covered(const struct frame *f)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if (r->code == IR_TRY && (!r->body_done || r->has_finally))
            return true;
    }
    return false;
}

/* What the models know does its work, but for what waits or runs code of the program's. */
static bool is_harmless(const struct program *p, set_id callees)
{
    const uint32_t risky = EFFECT_CALLBACK | EFFECT_BLOCKS | EFFECT_JOIN | EFFECT_ITERATE;
    const uint32_t locking = EFFECT_ACQUIRE | EFFECT_RELEASE | EFFECT_WAIT | EFFECT_NOTIFY;
    for (uint32_t i = 0; i < sets_count(p->sets, callees); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, callees, i));
        if (o->model == NULL || ((o->model->effects & risky) && (o->model->effects & locking) == 0))
            return false;
    }
    return sets_count(p->sets, callees) > 0;
}

/* A method of the lock itself. */
static bool calls_on(const struct frame *f, const struct ir_op *op, object_id lock)
{
    uint32_t at = f->vals[op->a].op;
    const struct ir_op *callee = at < f->fn->op_count ? &f->ops[at] : op;
    return callee->code == IR_READ_ATTR && sets_has(f->p->sets, f->vals[callee->a].set, lock);
}

/* A call that only fails where the program is wrong altogether, by its name: a line for the log, or a change of a
 * container that needs nothing to be there; or one that waits for room in a queue. What the receiver is may be unknown:
 * no model says it. */
static bool hardly_raises(const struct frame *f, const struct ir_op *call)
{
    static const char *const names[] = {"append", "appendleft", "add",  "clear", "discard",
                                        "copy",   "items",      "keys", "put",   "values"};
    uint32_t at = f->vals[call->a].op;
    if (call->code != IR_CALL || at >= f->fn->op_count || f->ops[at].code != IR_READ_ATTR)
        return false;
    set_id callees = f->vals[call->a].set;
    for (uint32_t i = 0; i < sets_count(f->p->sets, callees); i++) {
        uint8_t kind = object_at(f->p, sets_member(f->p->sets, callees, i))->kind;
        if (kind == OBJECT_FUNCTION || kind == OBJECT_BOUND)
            return false; /* the program's own: what it does is there to be read */
    }
    struct str name = f->u->ir->names[f->ops[at].b];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_equal(name, str_of(names[i])))
            return true;
    return span_is_report(f, call);
}

/* Whether the present instruction is one that `python -O` leaves out: an assertion, or below `if __debug__`. */
static bool is_for_debugging(const struct frame *f)
{
    for (size_t i = 0; i < f->regions.len; i++) {
        const struct ir_op *op = &f->ops[f->regions.data[i].op];
        if (op->code != IR_IF)
            continue;
        uint32_t at = f->regions.data[i].op - 1; /* what the condition is read by */
        bool debug = f->regions.data[i].op > 0 && f->ops[at].code == IR_READ_GLOBAL && f->ops[at].result == op->a &&
                     str_equal(f->u->ir->names[f->ops[at].a], STR("__debug__"));
        if (debug || (op->flags & IR_FLAG_ASSERT))
            return true;
    }
    return false;
}

void release_risk(struct frame *f, const struct ir_op *op)
{
    bool yields = op->code == IR_YIELD || op->code == IR_YIELD_FROM;
    if (f->pending.len == 0 || f->now.dead || (op->code != IR_CALL && op->code != IR_RAISE && !yields))
        return;
    if (is_covered(f) || (op->code == IR_CALL && is_harmless(f->p, val_at(f, op->a)->set)))
        return;
    for (uint32_t i = 0; i < f->pending.len; i++) {
        struct pending *p = &f->pending.data[i];
        if (op->code == IR_CALL && calls_on(f, op, p->lock))
            continue;
        bool mild = hardly_raises(f, op) || is_for_debugging(f);
        bool first =
            p->risk.end == 0 || (op->code != IR_CALL && p->risk_code == IR_CALL && !mild) || (p->mild && !mild);
        if (!first || !is_held(f, p))
            continue;
        p->risk = op->span;
        p->risk_code = op->code;
        p->risk_op = f->op;
        p->mild = mild;
    }
}

void release_exit(struct frame *f)
{
    for (uint32_t i = 0; i < f->pending.len; i++)
        if (f->pending.data[i].left.end == 0 && is_held(f, &f->pending.data[i]))
            f->pending.data[i].left = f->ops[f->op < f->fn->op_count ? f->op : f->op - 1].span;
}

void release_finish(struct frame *f)
{
    for (uint32_t i = 0; i < f->pending.len; i++) {
        const struct pending *p = &f->pending.data[i];
        bool manages = p->risk_code == IR_YIELD && (f->fn->flags & IR_FN_GENERATOR);
        if (!p->released || (p->left.end == 0 && p->risk.end == 0))
            continue; /* a function that hands the lock on; or nothing goes wrong */
        f->op = p->acc.op;
        struct note *n = note_add(f, NOTE_LEFT_HELD, p->lock, NULL);
        if (n == NULL)
            continue;
        n->acc = p->acc;
        n->second = p->left.end != 0 ? p->left : p->risk;
        n->flags = p->left.end != 0 ? 0 : manages ? NOTE_RAISES | NOTE_YIELDS : NOTE_RAISES;
        if (p->risk_code == IR_RAISE)
            n->flags = NOTE_RAISES | NOTE_BELOW_TEST;
        if (p->mild && p->left.end == 0)
            n->flags |= NOTE_HARDLY;
    }
}

/* ---- finding ---- */

static struct acc second_step(const struct note *n)
{
    struct acc acc = n->acc;
    acc.span = n->second;
    acc.flags = 0;
    return acc;
}

static void left_held(struct finder *f, const struct note *n)
{
    struct hazard h = {.kind = HAZARD_LEFT_HELD, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("one thread is enough");
    h.raises = (n->flags & NOTE_RAISES) != 0;
    if (n->flags & NOTE_HARDLY) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("what is called there hardly ever fails");
    } else if (h.raises && convention_in_test(f->p, &n->acc)) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("an exception there ends the test");
    } else if (n->flags & NOTE_YIELDS) {
        h.why = STR("what the `with` block raises comes out of the yield");
    } else if (h.raises && (n->flags & NOTE_BELOW_TEST) == 0) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("one exception is enough");
    }
    struct acc taken = n->acc, leaves = second_step(n);
    h.held = describe_lock(f->p, taken.object, &taken);
    taken = deadlock_shown(f->p, &taken);
    h.escape = describe_access(f->p, &leaves, NULL);
    finder_add(f, &h, &taken, &taken, NULL);
}

static void released_twice(struct finder *f, const struct note *n)
{
    struct hazard h = {.kind = HAZARD_RELEASED_TWICE, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("one thread is enough");
    struct acc last = deadlock_shown(f->p, &n->acc), taken = second_step(n);
    h.held = describe_lock(f->p, n->acc.object, &n->acc);
    if (n->second.end != 0)
        h.escape = describe_access(f->p, &taken, NULL);
    finder_add(f, &h, &last, &last, NULL);
}

/* Whether the function gives the lock back, later than this. */
static bool is_released_later(const struct program *p, const struct note *n)
{
    const struct context *c = context_at(p, n->acc.context);
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *other = &c->records->notes.data[i];
        if (other->kind == NOTE_CALL && other->acc.object == n->acc.object && other->acc.op > n->acc.op &&
            (other->acc.model->effects & EFFECT_RELEASE))
            return true;
    }
    return false;
}

static void result_ignored(struct finder *f, const struct note *n)
{
    bool released = is_released_later(f->p, n);
    if (!released && object_role(f->p, n->acc.object) == ROLE_SEMAPHORE)
        return; /* it waits for a sign */
    struct hazard h = {.kind = HAZARD_ACQUIRE_IGNORED, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("the code goes on whether or not it has the lock");
    if (n->flags & NOTE_OWN_KEY) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("whether it waits is up to the caller");
    } else if (!released) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("the function does not release it");
    }
    struct acc acc = deadlock_shown(f->p, &n->acc);
    h.held = describe_lock(f->p, n->acc.object, &n->acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

void find_releases(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        bool lock = n->acc.object != 0 && role_is_lock(object_role(f->p, n->acc.object));
        if (n->kind == NOTE_LEFT_HELD)
            left_held(f, n);
        if (n->kind == NOTE_RELEASED_TWICE)
            released_twice(f, n);
        const uint16_t ignored = NOTE_GIVES_UP | NOTE_IGNORED;
        if (n->kind == NOTE_CALL && lock && (n->acc.model->effects & EFFECT_ACQUIRE) &&
            (n->flags & (ignored | NOTE_OWNED)) == ignored)
            result_ignored(f, n);
    }
}
