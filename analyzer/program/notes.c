#include "program/notes.h"

#include "ir/opcodes.h"
#include "program/objects.h"

#define NOTES_MAX 256 /* kept per context */

/* ---- whether a value is used ---- */

static bool uses(const struct frame *f, const struct ir_op *op, ir_value value)
{
    const struct ir_opcode_info *info = ir_opcode_info(op->code);
    const uint32_t operands[3] = {op->a, op->b, op->c};
    for (int i = 0; i < 3; i++)
        if ((info->operands[i] == IR_OPERAND_VALUE || info->operands[i] == IR_OPERAND_OPTVAL) && operands[i] == value)
            return true;
    bool takes_args = info->operands[1] == IR_OPERAND_ARGS;
    for (uint32_t i = 0; takes_args && i < op->c; i++)
        if (f->u->ir->args[op->b + i].value == value)
            return true;
    return false;
}

/* An expression statement: nobody looks at what it gives. */
static bool is_ignored(const struct frame *f)
{
    ir_value value = f->ops[f->op].result;
    if (value == 0)
        return false;
    for (uint32_t i = f->op + 1; i < f->fn->op_count; i++)
        if (uses(f, &f->ops[i], value))
            return false;
    return true;
}

/* ---- recording ---- */

struct note *note_add(struct frame *f, enum note_kind kind, object_id object, const struct model *model)
{
    struct context *c = f->c;
    for (size_t i = 0; i < c->notes.len; i++) {
        struct note *n = &c->notes.data[i];
        if (n->kind != kind || n->acc.op != f->op || n->acc.object != object || n->acc.model != model)
            continue;
        n->acc.locks = sets_intersection(f->p->sets, n->acc.locks, f->now.locks);
        n->acc.running = sets_union(f->p->sets, n->acc.running, f->now.running);
        n->again = true;
        return n;
    }
    if (c->notes.len == NOTES_MAX)
        return NULL;
    struct note n = {.kind = (uint8_t)kind};
    n.acc = (struct acc){.context = f->id,
                         .unit = f->c->unit,
                         .function = f->c->function,
                         .op = f->op,
                         .object = object,
                         .kind = ACCESS_USE,
                         .flags = ACC_CALLS,
                         .locks = f->now.locks,
                         .tokens = f->now.tokens,
                         .running = f->now.running,
                         .span = f->ops[f->op].span,
                         .model = model};
    vec_push(&c->notes, n);
    return &vec_last(&c->notes);
}

/* A loop that began with one of the locks held: what it tests, it tests again with the lock held. */
static bool looped_inside(const struct frame *f, set_id locks)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if ((r->code == IR_LOOP || r->code == IR_FOR) && !r->in_else &&
            (sets_overlap(f->p->sets, r->before.locks, locks) || sets_overlap(f->p->sets, r->before.own_locks, locks)))
            return true;
    }
    return false;
}

/* Below an `if` inside of the innermost `with` or loop. */
static bool below_test(const struct frame *f)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if (r->code == IR_IF && (f->ops[r->op].flags & (IR_FLAG_TERNARY | IR_FLAG_BOOLEAN | IR_FLAG_ASSERT)) == 0)
            return true;
        if (r->code == IR_LOOP || r->code == IR_FOR || r->code == IR_WITH)
            return false;
    }
    return false;
}

void note_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    const uint32_t interesting =
        EFFECT_ACQUIRE | EFFECT_RELEASE | EFFECT_WAIT | EFFECT_NOTIFY | EFFECT_SET | EFFECT_CLEAR;
    if ((model->effects & interesting) == 0)
        return;
    struct note *n = note_add(f, NOTE_CALL, receiver, model);
    if (n == NULL)
        return;
    set_id locks = receiver != 0 ? lock_objects(f, sets_one(f->p->sets, receiver)) : 0;
    uint16_t flags = 0;
    if (sets_overlap(f->p->sets, f->now.locks, locks) || sets_overlap(f->p->sets, f->now.own_locks, locks))
        flags |= NOTE_HELD;
    if (f->loop_depth > 0)
        flags |= NOTE_IN_LOOP;
    if (looped_inside(f, locks))
        flags |= NOTE_LOOPED;
    if (below_test(f))
        flags |= NOTE_BELOW_TEST;
    if (effect_may_give_up(f, model, call))
        flags |= NOTE_GIVES_UP;
    if (is_ignored(f))
        flags |= NOTE_IGNORED;
    if (receiver != 0 && sets_has(f->p->sets, f->now.owned, receiver))
        flags |= NOTE_OWNED;
    n->flags = n->again ? n->flags | flags : flags; /* what one pass over a loop or one callee says is enough */
}
