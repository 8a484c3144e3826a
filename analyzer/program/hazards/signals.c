/* signals: events that are cleared too late, so that a signal set in between is lost (RL411). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool is_event(const struct program *p, object_id object)
{
    const struct model *type = object != 0 ? object_type_model(p, object) : NULL;
    return type != NULL && type->role == ROLE_EVENT && type->scope == SCOPE_THREAD;
}

/* The call in the same function that waits for the event: the last one before the clear, or the first one behind it. */
static const struct note *wait_near(const struct context *c, const struct note *clear, bool before)
{
    const struct note *found = NULL;
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *n = &c->records->notes.data[i];
        if (n->kind != NOTE_CALL || n->acc.object != clear->acc.object || (n->acc.model->effects & EFFECT_WAIT) == 0)
            continue;
        if (before && n->acc.op < clear->acc.op && (found == NULL || n->acc.op > found->acc.op))
            found = n;
        if (!before && n->acc.op > clear->acc.op && (found == NULL || n->acc.op < found->acc.op))
            found = n;
    }
    return found;
}

/* The variable that holds the event, or a lock, on the way to a call of it. */
static bool is_for_call(const struct program *p, const struct acc *a, object_id event)
{
    const struct field *field = heap_find(p, a->object, a->field);
    bool tool = a->object == event || (a->flags & ACC_CALLEE);
    for (uint32_t i = 0; field != NULL && a->field != FIELD_CONTENTS && i < sets_count(p->sets, field->value); i++) {
        enum model_role role = object_role(p, sets_member(p->sets, field->value, i));
        tool |= role_is_lock(role) || role == ROLE_EVENT;
    }
    return tool;
}

/* The first look at shared state between two instructions of a call; NULL: there is none. */
static const struct acc *look_between(const struct program *p, const struct context *c, uint32_t from, uint32_t to,
                                      object_id event)
{
    const struct acc *found = NULL;
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *a = &c->records->accs.data[i];
        bool inside = a->op > from && a->op < to && !is_for_call(p, a, event);
        if (inside && (found == NULL || a->op < found->op))
            found = a;
    }
    return found;
}

static bool same_place(const struct acc *a, const struct acc *b)
{
    return a->object == b->object && a->field == b->field;
}

/* Whether the place is looked at once more behind the clear, before the code waits again. */
static bool looks_again(const struct context *c, const struct acc *look, uint32_t after, uint32_t until)
{
    for (size_t i = 0; i < c->records->accs.len; i++)
        if (c->records->accs.data[i].op > after && c->records->accs.data[i].op < until &&
            same_place(&c->records->accs.data[i], look))
            return true;
    return false;
}

/* The last instruction of the innermost loop around one; 0: there is none. */
static uint32_t loop_end(const struct program *p, const struct context *c, uint32_t at, uint32_t *begins)
{
    const struct ir_function *fn = &p->units.data[c->unit].ir->functions[c->function];
    const struct ir_op *ops = p->units.data[c->unit].ir->ops + fn->first_op;
    uint32_t begin = 0, end = 0;
    for (uint32_t i = 0; i < at; i++) {
        if (ops[i].code != IR_LOOP && ops[i].code != IR_FOR)
            continue;
        uint32_t close = i;
        while (ops[close].code != IR_END)
            close = ops[close].c - fn->first_op;
        if (close > at)
            begin = i, end = close;
    }
    *begins = begin;
    return end;
}

/* Whether the code that sets the event changes what is looked at first: then that is what it announces. */
static bool announces(const struct program *p, const struct note *set, const struct acc *look)
{
    const struct context *c = context_at(p, set->acc.context);
    for (size_t i = 0; i < c->records->accs.len; i++)
        if ((c->records->accs.data[i].flags & ACC_WRITES) && c->records->accs.data[i].op < set->acc.op &&
            same_place(&c->records->accs.data[i], look))
            return true;
    return false;
}

/* Another thread that sets the event and does not hold what the look and the clear hold together. `tested`: the clear
 * depends on the look; else it is one at what the setter announces. */
static const struct note *setter(const struct finder *f, const struct note *clear, const struct acc *look, bool tested,
                                 struct parallel_info *how)
{
    struct program *p = f->p;
    const struct note *best = NULL;
    set_id both = sets_overlap(p->sets, look->tokens, clear->acc.tokens)
                      ? sets_intersection(p->sets, look->locks, clear->acc.locks)
                      : 0;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || n->acc.object != clear->acc.object || (n->acc.model->effects & EFFECT_SET) == 0)
            continue;
        if (sets_overlap(p->sets, both, n->acc.locks) || (!tested && !announces(p, n, look)))
            continue;
        struct parallel_info info = parallel_accesses(p, &clear->acc, &n->acc);
        if (info.kind > how->kind) {
            *how = info;
            best = n;
        }
    }
    return best;
}

static bool add_lost(struct finder *f, const struct note *clear, const struct acc *look, bool tested)
{
    struct program *p = f->p;
    struct parallel_info how = {PARALLEL_NO, false};
    const struct note *set = setter(f, clear, look, tested, &how);
    if (set == NULL)
        return false;
    struct hazard h = {.kind = HAZARD_LOST_SIGNAL, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
    if (how.kind == PARALLEL_ROOTS || how.kind == PARALLEL_MIXED) {
        h.confidence = how.kind == PARALLEL_ROOTS ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
        h.why = STR("another thread sets the event");
    }
    struct acc last = deadlock_shown(p, &clear->acc), first = *look, partner = set->acc;
    h.escape = describe_access(p, &first, describe_place(p, &first));
    finder_add(f, &h, &first, &last, &partner);
    return true;
}

/* look … clear … wait, where a look that finds something leaves before the clear. */
static void check_early_exit(struct finder *f, const struct note *clear, uint32_t from, uint32_t wait)
{
    const struct context *c = context_at(f->p, clear->acc.context);
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *look = &c->records->accs.data[i];
        bool before = look->op > from && look->op < clear->acc.op && (look->flags & ACC_WRITES) == 0;
        if (before && !is_for_call(f->p, look, clear->acc.object) && !looks_again(c, look, clear->acc.op, wait) &&
            add_lost(f, clear, look, false))
            return;
    }
}

/* wait … look … clear, in a loop; or look … clear … wait. */
static void check_clear(struct finder *f, const struct note *clear)
{
    struct program *p = f->p;
    const struct context *c = context_at(p, clear->acc.context);
    object_id event = clear->acc.object;
    const struct note *before = wait_near(c, clear, true), *after = wait_near(c, clear, false);
    uint32_t begin, end = loop_end(p, c, clear->acc.op, &begin);
    if (before != NULL && end != 0 && before->acc.op > begin) {
        const struct acc *look = look_between(p, c, before->acc.op, clear->acc.op, event);
        if (look != NULL && !looks_again(c, look, clear->acc.op, end))
            add_lost(f, clear, look, true);
    } else if (after != NULL && (clear->flags & NOTE_BELOW_TEST)) {
        const struct acc *look = look_between(p, c, end != 0 ? begin : 0, clear->acc.op, event);
        if (look != NULL && !looks_again(c, look, clear->acc.op, after->acc.op))
            add_lost(f, clear, look, true);
    } else if (after != NULL) {
        check_early_exit(f, clear, end != 0 ? begin : 0, after->acc.op);
    }
}

void find_lost_signals(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind == NOTE_CALL && is_event(f->p, n->acc.object) && (n->acc.model->effects & EFFECT_CLEAR))
            check_clear(f, n);
    }
}
