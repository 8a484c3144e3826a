/* predicates: what a wait for a condition is about, tested without the condition's lock, so that the change and the
 * `notify()` can come between the test and the wait; or changed when the waiters have been woken already (RL409). A
 * change without the lock before a `notify()` with it loses nothing: the waiter holds the lock from its test to its
 * wait. */
#include "program/hazards/finder.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/locks/guards.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* The lock that is held while a condition is waited for: the one that it was made around, or itself. */
static object_id lock_of(const struct program *p, object_id condition)
{
    const struct field *inner = heap_find(p, condition, FIELD_INNER);
    bool known = inner != NULL && sets_count(p->sets, inner->value) == 1;
    return known ? sets_member(p->sets, inner->value, 0) : condition;
}

/* The innermost `while` around an instruction: where it begins and where its test is decided; false: there is none. */
static bool loop_around(const struct program *p, const struct acc *acc, uint32_t *begin, uint32_t *test)
{
    const struct unit *u = &p->units.data[acc->unit];
    const struct ir_function *fn = &u->ir->functions[acc->function];
    const struct ir_op *ops = u->ir->ops + fn->first_op;
    uint32_t depth = 0;
    for (uint32_t i = acc->op; i-- > 0;) {
        if (ops[i].code == IR_END)
            depth++;
        else if (ir_opens(ops[i].code) && depth > 0)
            depth--;
        else if (ops[i].code == IR_LOOP) {
            for (*begin = *test = i; *test < acc->op && ops[*test].code != IR_TEST; ++*test)
                continue;
            return *test < acc->op;
        } else if (ops[i].code == IR_FOR) {
            return false;
        }
    }
    return false;
}

/* The last instruction of a call that wakes those who wait for a condition; UINT32_MAX: there is none. */
static uint32_t last_notify(const struct context *c, object_id condition)
{
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *n = &c->records->notes.data[i];
        bool wakes = n->kind == NOTE_CALL && n->acc.object == condition && (n->acc.model->effects & EFFECT_NOTIFY);
        if (wakes && (last == UINT32_MAX || n->acc.op > last))
            last = n->acc.op;
    }
    return last;
}

#define WRITES_MAX 64 /* of one place that are looked at */

/* A change of what was read in a function that wakes the waiters: any, or one without their lock that comes too late;
 * NULL: none is seen. */
static const struct acc *change_of(struct finder *f, const struct acc *read, object_id condition, bool late,
                                   struct parallel_info *how)
{
    struct program *p = f->p;
    const struct acc *best = NULL;
    object_id lock = lock_of(p, condition);
    uint64_t place = finder_place(p, read);
    size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
    for (size_t end = i + WRITES_MAX; i < end && i < f->writes.len && f->writes.data[i].place == place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        uint32_t woken = last_notify(context_at(p, w->context), condition);
        bool same = w->unit == read->unit && w->function == read->function;
        if (same || woken == UINT32_MAX || guard_in_constructor(p, w) ||
            (late && (w->op < woken || sets_has(p->sets, w->locks, lock))))
            continue;
        struct parallel_info info = parallel_accesses(p, read, w);
        if (info.kind > how->kind) {
            *how = info;
            best = w;
        }
    }
    return best;
}

static void add(struct finder *f, const struct note *wait, const struct acc *read, const struct acc *write,
                struct parallel_info how, bool tested)
{
    struct hazard h = {.kind = tested ? HAZARD_PREDICATE_TESTED : HAZARD_PREDICATE_CHANGED,
                       .exposure = EXPOSURE_ANY_BUILD,
                       .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("a wake-up between the test and the wait is lost");
    if (how.kind == PARALLEL_ROOTS) {
        h.confidence = CONFIDENCE_HIGH;
        h.why = STR("the two threads are seen to run beside each other");
    }
    if (wait->flags & NOTE_GIVES_UP) {
        h.confidence = how.kind == PARALLEL_ROOTS ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        h.why = STR("the wait ends after a while in any case");
    }
    h.held = describe_lock(f->p, wait->acc.object, &wait->acc);
    h.escape = describe_access(f->p, &wait->acc, NULL);
    const struct acc *last = tested ? read : write;
    finder_add(f, &h, last, last, tested ? write : read);
}

static void check_wait(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    const struct context *c = context_at(p, n->acc.context);
    object_id lock = lock_of(p, n->acc.object);
    uint32_t begin, test;
    if (!sets_has(p->sets, n->acc.locks, lock) || !loop_around(p, &n->acc, &begin, &test))
        return; /* which lock is held is not sure */
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *read = &c->records->accs.data[i];
        struct parallel_info how = {PARALLEL_NO, false};
        if (read->op <= begin || read->op > test || (read->flags & ACC_WRITES) || read->object == n->acc.object)
            continue;
        bool tested_outside = !sets_has(p->sets, read->locks, lock);
        const struct acc *write = change_of(f, read, n->acc.object, !tested_outside, &how);
        if (write != NULL)
            add(f, n, read, write, how, tested_outside);
    }
}

void find_predicates(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        const struct model *type = n->acc.object != 0 ? object_type_model(f->p, n->acc.object) : NULL;
        bool condition = type != NULL && type->role == ROLE_CONDITION && type->scope != SCOPE_ASYNCIO;
        if (n->kind == NOTE_CALL && condition && (n->acc.model->effects & EFFECT_WAIT) && (n->flags & NOTE_HELD))
            check_wait(f, n);
    }
}
