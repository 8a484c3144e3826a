/* conditions: waits for a condition without testing again what is waited for (RL408), without its lock (RL409), or
 * with another lock held (RL506). */
#include "program/hazards/finder.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/evaluate/frame.h"
#include "program/hazards/deadlocks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool is_condition(const struct program *p, object_id object)
{
    const struct model *type = object != 0 ? object_type_model(p, object) : NULL;
    return type != NULL && type->role == ROLE_CONDITION && type->scope != SCOPE_ASYNCIO;
}

static const struct ir_function *function_of(const struct program *p, const struct acc *acc)
{
    return &p->units.data[acc->unit].ir->functions[acc->function];
}

/* What is held where a condition is: itself, or the lock that it was made around. */
static set_id locks_of(const struct program *p, object_id condition)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    return inner != NULL && inner->value != 0 ? inner->value : sets_one(p->sets, condition);
}

static bool waits(const struct note *n)
{
    return (n->acc.model->effects & EFFECT_WAIT) != 0;
}

/* ---- the loop around a wait ---- */

#define NESTED_MAX 64 /* regions around an instruction that are followed */

/* The regions that are open at an instruction, outermost first. Returns how many. */
static uint32_t regions_at(const struct ir_op *ops, uint32_t at, uint8_t open[NESTED_MAX])
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < at; i++) {
        if (ir_opens(ops[i].code) && depth < NESTED_MAX)
            open[depth++] = ops[i].code;
        else if (ops[i].code == IR_END && depth > 0)
            depth--;
    }
    return depth;
}

/* A helper whose callers loop around it, holding the lock: what they test, they test again before they rely on it. */
static bool caller_loops(const struct program *p, const struct context *c, set_id locks)
{
    for (int depth = 0; depth < 3 && c->caller != 0 && sets_overlap(p->sets, c->locks, locks); depth++) {
        const struct context *caller = context_at(p, c->caller);
        if (caller->root != c->root)
            return false; /* a thread began here */
        const struct unit *u = &p->units.data[caller->unit];
        uint8_t open[NESTED_MAX];
        uint32_t count = regions_at(u->ir->ops + u->ir->functions[caller->function].first_op, c->caller_op, open);
        for (uint32_t i = 0; i < count; i++)
            if (open[i] == IR_LOOP || open[i] == IR_FOR)
                return true;
        c = caller;
    }
    return false;
}

/* Whether a call writes a line into a log. */
static bool reports(const struct ir_module *ir, const struct ir_op *ops, uint32_t call)
{
    for (uint32_t i = call; i-- > 0;)
        if (ops[i].result == ops[call].a)
            return ops[i].code == IR_READ_ATTR && span_is_report_name(ir->names[ops[i].b]);
    return false;
}

/* Whether what follows the wait asks again before it relies on anything; or there is nothing that could rely on it
 * before the next turn of a loop around it, or the end of the function. */
static bool asks_afterwards(const struct program *p, const struct note *n)
{
    const struct ir_function *fn = function_of(p, &n->acc);
    const struct ir_module *ir = p->units.data[n->acc.unit].ir;
    const struct ir_op *ops = ir->ops + fn->first_op;
    uint8_t open[NESTED_MAX];
    uint32_t depth = regions_at(ops, n->acc.op, open);
    for (uint32_t i = n->acc.op + 1; i < fn->op_count; i++) {
        switch (ops[i].code) {
        case IR_IF:
        case IR_LOOP:
        case IR_TRY:
        case IR_CONTINUE: return true;
        case IR_ELSE: /* of the `if` or `try` around the wait: not for this path */
            if (depth > 0)
                i = ops[i].c - fn->first_op - 1;
            break;
        case IR_END:
            if (depth == 0 || open[depth - 1] == IR_LOOP || open[depth - 1] == IR_FOR)
                return true;
            depth--;
            break;
        case IR_RETURN: return ops[i].a == 0 || ops[i].flags & IR_FLAG_SYNTHETIC;
        case IR_CALL:
            if ((n->flags & NOTE_BELOW_TEST) && reports(ir, ops, i))
                break; /* that it was woken is said, not relied on */
            return false;
        case IR_FOR:
        case IR_WITH:
        case IR_WRITE_ATTR:
        case IR_WRITE_ITEM:
        case IR_WRITE_GLOBAL:
        case IR_WRITE_FREE:
        case IR_DELETE_ITEM: return false;
        default: break;
        }
    }
    return true;
}

static void wait_once(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    const struct context *c = context_at(p, n->acc.context);
    bool wrapper = (n->flags & NOTE_IGNORED) == 0; /* what came of it is asked for, or the caller's business */
    if ((n->flags & NOTE_LOOPED) || (n->acc.model->effects & EFFECT_CALLBACK) || wrapper)
        return;
    bool tests = (n->flags & (NOTE_IN_LOOP | NOTE_BELOW_TEST)) != 0;
    if ((tests && asks_afterwards(p, n)) || caller_loops(p, c, locks_of(p, n->acc.object)))
        return;
    struct hazard h = {.kind = HAZARD_WAIT_ONCE, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.check = n->flags & NOTE_BELOW_TEST ? CHECK_TRUE : CHECK_NOT_A_CHECK;
    h.why = STR("a wait can end without its reason, and another thread can be quicker");
    const struct root *root = &p->roots.data[c->root];
    if (root->kind == THREAD_SPAWNED && root->self_parallel && h.check != CHECK_NOT_A_CHECK) {
        h.confidence = CONFIDENCE_HIGH;
        h.why = STR("several threads wait here");
    } else if (n->flags & NOTE_GIVES_UP) {
        bool seen = root->kind != THREAD_CALLER && !root->generic && h.check != CHECK_NOT_A_CHECK;
        h.confidence = seen ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        h.why = STR("the wait ends after a while in any case");
    }
    struct acc acc = deadlock_shown(p, &n->acc);
    h.held = describe_lock(p, n->acc.object, &n->acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- the lock around a wait or notify ---- */

static bool takes(const struct context *c, object_id lock)
{
    for (size_t i = 0; i < c->records->takings.len; i++)
        if (c->records->takings.data[i].acc.object == lock)
            return true;
    return false;
}

/* A condition around a lock that is not known, or around one of several. */
static bool lock_is_unknown(const struct program *p, object_id condition)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    if (object_at(p, condition)->kind != OBJECT_MODELLED)
        return true;
    if (inner == NULL || inner->value == 0)
        return false;
    return sets_count(p->sets, inner->value) != 1 ||
           !role_is_lock(object_role(p, sets_member(p->sets, inner->value, 0)));
}

#define CALLERS_MAX 8 /* that are followed upwards */

/* Whether a call takes the lock, or one of its calls does, other than the one that leads to an instruction. */
static bool takes_beside(const struct context *c, object_id lock, uint32_t call)
{
    for (size_t i = 0; i < c->records->takings.len; i++) {
        const struct acc *taken = &c->records->takings.data[i].acc;
        if (taken->object == lock && !((taken->flags & ACC_VIA) && taken->op == call))
            return true;
    }
    return false;
}

/* Functions that take the lock and leave it taken, for those who call others meanwhile; or callers that take it on some
 * path. */
static bool is_left_taken(const struct program *p, object_id condition, const struct context *here)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    object_id lock = inner != NULL && inner->value != 0 ? sets_member(p->sets, inner->value, 0) : condition;
    for (int i = 0; i < CALLERS_MAX && here->caller != 0; i++) {
        const struct context *caller = context_at(p, here->caller);
        if (caller->root != here->root)
            break; /* a thread began here */
        if (takes_beside(caller, lock, here->caller_op) || takes_beside(caller, condition, here->caller_op))
            return true;
        here = caller;
    }
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status == CONTEXT_DONE && sets_has(p->sets, c->locks_added, lock))
            return true;
    }
    return false;
}

static void unlocked(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    struct str name = p->units.data[n->acc.unit].ir->names[function_of(p, &n->acc)->name];
    const struct root *root = &p->roots.data[context_at(p, n->acc.context)->root];
    bool any_caller = root->kind == THREAD_CALLER;
    if ((n->flags & NOTE_HELD) || lock_is_unknown(p, n->acc.object) ||
        is_left_taken(p, n->acc.object, context_at(p, n->acc.context)))
        return;
    if (any_caller && (str_starts(name, STR("_")) || str_find(name, STR("lock")) != SIZE_MAX))
        return; /* its callers may well hold the lock */
    struct hazard h = {.kind = HAZARD_WAIT_UNLOCKED, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("the call raises RuntimeError");
    if (any_caller) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = STR("the call raises RuntimeError, unless callers hold the lock");
    }
    struct acc acc = deadlock_shown(p, &n->acc);
    h.held = describe_lock(p, n->acc.object, &n->acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- other locks held meanwhile ---- */

/* Of two objects, as far as is known, though one of them may stand for the other. */
static bool is_same_field(const struct program *p, object_id a, object_id b)
{
    const struct object *x = object_at(p, a), *y = object_at(p, b);
    return x->home_field != 0 && x->home_field == y->home_field;
}

/* Whether a condition was made around a lock, or around what may stand for it. */
static bool is_made_around(const struct program *p, object_id condition, object_id lock)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    for (uint32_t i = 0; inner != NULL && i < sets_count(p->sets, inner->value); i++) {
        object_id known = sets_member(p->sets, inner->value, i);
        if (known == lock || is_same_field(p, known, lock))
            return true;
    }
    return false;
}

static object_id other_lock(const struct program *p, const struct note *n)
{
    for (uint32_t i = 0; i < sets_count(p->sets, n->acc.locks); i++) {
        object_id lock = sets_member(p->sets, n->acc.locks, i);
        const struct model *type = object_type_model(p, lock);
        bool own =
            lock == n->acc.object || is_made_around(p, n->acc.object, lock) || is_same_field(p, lock, n->acc.object);
        if (!own && !deadlock_through_stranger(p, context_at(p, n->acc.context), lock) && type != NULL &&
            type->scope == SCOPE_THREAD && type->role != ROLE_SEMAPHORE)
            return lock;
    }
    return 0;
}

/* Who wakes the waiter, and needs the lock that the waiter holds to get there; NULL where nobody does, or somebody else
 * does without the lock. */
static const struct note *waker_that_needs(const struct finder *f, object_id condition, object_id lock)
{
    const struct note *found = NULL;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || n->acc.object != condition || (n->acc.model->effects & EFFECT_NOTIFY) == 0)
            continue;
        if (!sets_has(f->p->sets, n->acc.locks, lock) && !takes(context_at(f->p, n->acc.context), lock))
            return NULL;
        if (found == NULL)
            found = n;
    }
    return found;
}

static bool taken_elsewhere(const struct finder *f, const struct acc *here, object_id lock)
{
    for (size_t i = 1; i < f->p->contexts.len; i++) {
        const struct context *c = f->p->contexts.data[i];
        bool same = c->unit == here->unit && c->function == here->function;
        if (c->status == CONTEXT_DONE && !same && takes(c, lock))
            return true;
    }
    return false;
}

static void holding(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    object_id lock = other_lock(p, n);
    if (lock == 0)
        return;
    const struct note *waker = waker_that_needs(f, n->acc.object, lock);
    struct hazard h = {.kind = HAZARD_WAIT_HOLDING, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("who wakes the waiter needs the lock that it holds");
    if (waker == NULL) {
        h.confidence = taken_elsewhere(f, &n->acc, lock) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        h.why = STR("other code needs the lock meanwhile");
    }
    if ((n->flags & NOTE_GIVES_UP) && h.confidence > CONFIDENCE_LOW)
        h.confidence--;
    h.held = describe_lock(p, lock, &n->acc);
    h.wanted = describe_lock(p, n->acc.object, &n->acc);
    struct acc acc = deadlock_shown(p, &n->acc), partner = waker != NULL ? waker->acc : n->acc;
    finder_add(f, &h, &acc, &acc, waker != NULL ? &partner : NULL);
}

void find_conditions(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || !is_condition(f->p, n->acc.object) ||
            (n->acc.model->effects & (EFFECT_WAIT | EFFECT_NOTIFY)) == 0)
            continue;
        unlocked(f, n);
        if (waits(n) && (n->flags & NOTE_HELD)) {
            wait_once(f, n);
            holding(f, n);
        }
    }
}
