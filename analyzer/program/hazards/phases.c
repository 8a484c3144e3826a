/* phases: accesses that the program's own state keeps apart, though no lock does. What is shown here is likely, not
 * certain: that the value tested is the one that was set, and that all other ways to the access do the same. */
#include "program/hazards/phases.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/finder.h"

/* An instruction of a call: an access, or the call that leads to it. */
struct point {
    const struct context *c;
    uint32_t op;
};

#define WAY_MAX 4     /* calls around an access that are looked at */
#define NESTED_MAX 32 /* regions around an instruction */

static const struct ir_op *ops_of(const struct program *p, const struct context *c)
{
    const struct ir_module *ir = p->units.data[c->unit].ir;
    return ir->ops + ir->functions[c->function].first_op;
}

/* An access and the calls that lead to it in its thread, the innermost first. */
static uint32_t way_to(const struct program *p, const struct acc *acc, struct point way[WAY_MAX])
{
    uint32_t count = 0, op = acc->op;
    for (context_id id = acc->context; id != 0 && count < WAY_MAX;) {
        const struct context *c = context_at(p, id);
        way[count++] = (struct point){c, op};
        if (c->caller == 0 || c->callback || context_at(p, c->caller)->root != c->root)
            break;
        op = c->caller_op;
        id = c->caller;
    }
    return count;
}

/* The regions open at an instruction that it depends on whether or how often they run, by where they begin. */
static uint32_t branches_at(const struct ir_op *ops, uint32_t at, uint32_t open[NESTED_MAX])
{
    uint32_t all[NESTED_MAX], depth = 0, count = 0;
    for (uint32_t i = 0; i < at; i++) {
        if (ir_opens(ops[i].code) && depth < NESTED_MAX)
            all[depth++] = i;
        else if (ops[i].code == IR_END && depth > 0)
            depth--;
    }
    for (uint32_t i = 0; i < depth; i++)
        if (ops[all[i]].code != IR_WITH && ops[all[i]].code != IR_TRY)
            open[count++] = all[i];
    return count;
}

/* Whether an instruction was run wherever control gets to a later one, as far as branches tell. */
static bool is_on_the_way(const struct ir_op *ops, uint32_t at, uint32_t later)
{
    uint32_t here[NESTED_MAX], there[NESTED_MAX];
    uint32_t count = branches_at(ops, at, here);
    if (at >= later || count > branches_at(ops, later, there))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (here[i] != there[i])
            return false;
    return true;
}

/* Whether a condition between a read and a later instruction is made of what was read. */
static bool is_tested(const struct ir_op *ops, uint32_t read, uint32_t later)
{
    ir_value value = ops[read].result;
    for (uint32_t i = read + 1; value != 0 && i < later; i++) {
        bool compared = ops[i].code == IR_COMPARE && (ops[i].a == value || ops[i].b == value);
        if (compared || (ops[i].code == IR_UNARY && ops[i].a == value))
            value = ops[i].result;
        if (ops[i].code == IR_IF && ops[i].a == value)
            return true;
    }
    return false;
}

/* ---- doors ---- */

/* Whether the variable was set on the way to an access, under one of these locks. */
static bool was_set(struct program *p, uint64_t variable, set_id locks, const struct acc *acc)
{
    struct point way[WAY_MAX];
    uint32_t count = way_to(p, acc, way);
    for (uint32_t i = 0; i < count; i++) {
        const struct context *c = way[i].c;
        for (size_t k = 0; k < c->records->accs.len; k++) {
            const struct acc *store = &c->records->accs.data[k];
            if (store->kind == ACCESS_STORE && (store->flags & (ACC_WRITES | ACC_VIA)) == ACC_WRITES &&
                sets_overlap(p->sets, store->locks, locks) && finder_place(p, store) == variable &&
                is_on_the_way(ops_of(p, c), store->op, way[i].op))
                return true;
        }
    }
    return false;
}

/* Whether `late` comes when `early` cannot come any more: if self._closed: raise …, under the lock of the change; and
 * self._closed = True under the same lock before what is done without it. */
static bool is_behind_door(struct program *p, const struct acc *late, const struct acc *early)
{
    struct point way[WAY_MAX];
    uint32_t count = early->locks != 0 && !sets_overlap(p->sets, early->locks, late->locks) ? way_to(p, early, way) : 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct context *c = way[i].c;
        for (size_t k = 0; k < c->records->accs.len; k++) {
            const struct acc *read = &c->records->accs.data[k];
            if (read->kind != ACCESS_LOAD || read->field == FIELD_CONTENTS || read->op >= way[i].op ||
                (read->flags & (ACC_WRITES | ACC_VIA)) != 0)
                continue;
            set_id locks = sets_intersection(p->sets, read->locks, early->locks);
            if (locks != 0 && is_tested(ops_of(p, c), read->op, way[i].op) &&
                was_set(p, finder_place(p, read), locks, late))
                return true;
        }
    }
    return false;
}

/* ---- the last one ---- */

/* Where a call that is not the last one of those that are out leaves: with the lock held it took something away, or
 * counted down, and tested what is left. */
struct exit_gate {
    const struct acc *removal; /* NULL: there is none */
    uint32_t op;               /* of the test */
};

/* Whether two accesses of one function lie in one critical section; of a lock that is one of several, it seems so. */
static bool in_one_section(struct program *p, const struct acc *a, const struct acc *b)
{
    return sets_overlap(p->sets, a->tokens, b->tokens) || (a->flags & b->flags & ACC_OWN_LOCK) != 0;
}

static bool leaves_between(const struct ir_op *ops, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if ((ops[i].code == IR_RETURN || ops[i].code == IR_RAISE) && !is_on_the_way(ops, i, to))
            return true;
    return false;
}

/* Looks for the test that belongs to a removal. */
static struct exit_gate gate_behind(struct program *p, const struct context *c, const struct acc *removal, uint32_t end)
{
    const struct ir_op *ops = ops_of(p, c);
    for (size_t k = 0; k < c->records->accs.len; k++) {
        const struct acc *look = &c->records->accs.data[k];
        if (look->op > removal->op && look->op < end && (look->flags & (ACC_WRITES | ACC_VIA)) == 0 &&
            in_one_section(p, look, removal) && finder_place(p, look) == finder_place(p, removal) &&
            leaves_between(ops, look->op, end))
            return (struct exit_gate){removal, look->op};
    }
    return (struct exit_gate){NULL, 0};
}

static struct exit_gate gate_before(struct program *p, const struct acc *acc)
{
    const struct context *c = context_at(p, acc->context);
    for (size_t k = 0; k < c->records->accs.len; k++) {
        const struct acc *removal = &c->records->accs.data[k];
        bool counts = removal->kind == ACCESS_AUGMENTED || (removal->flags & (ACC_REMOVES | ACC_VIA)) == ACC_REMOVES;
        if (!counts || !in_one_section(p, removal, removal) || removal->op >= acc->op ||
            in_one_section(p, removal, acc) || !is_on_the_way(ops_of(p, c), removal->op, acc->op))
            continue;
        struct exit_gate gate = gate_behind(p, c, removal, acc->op);
        if (gate.removal != NULL)
            return gate;
    }
    return (struct exit_gate){NULL, 0};
}

/* Whether only the last call of a function gets to one access, and every call has been past the other one by then. */
static bool is_of_last(struct program *p, const struct acc *last, const struct acc *other)
{
    if (last->unit != other->unit || last->function != other->function)
        return false;
    struct exit_gate gate = gate_before(p, last);
    return gate.removal != NULL && (other->op > gate.op || in_one_section(p, other, gate.removal));
}

bool phases_apart(struct program *p, const struct acc *a, const struct acc *b)
{
    return is_behind_door(p, a, b) || is_behind_door(p, b, a) || is_of_last(p, a, b) || is_of_last(p, b, a);
}
