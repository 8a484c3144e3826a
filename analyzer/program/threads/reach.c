#include "program/threads/reach.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"

bool reach_leads_to(const struct program *p, const struct acc *from, uint32_t to)
{
    const struct ir_module *ir = p->units.data[from->unit].ir;
    const struct ir_op *ops = ir->ops + ir->functions[from->function].first_op;
    uint32_t depth = 0;
    bool apart = false;
    for (uint32_t i = from->op + 1; i < to; i++) {
        switch (ops[i].code) {
        case IR_IF:
        case IR_LOOP:
        case IR_FOR:
        case IR_TRY:
        case IR_WITH: depth++; break;
        case IR_ELSE:
        case IR_EXCEPT: apart |= depth == 0; break;
        case IR_END:
            if (depth == 0)
                apart = false;
            depth -= depth > 0;
            break;
        case IR_RETURN:
        case IR_RAISE:
        case IR_BREAK:
        case IR_CONTINUE:
            if (depth == 0 && !apart)
                return false;
            break;
        default: break;
        }
    }
    return !apart;
}

/* Whether an instruction of a call is below a `while`. */
static bool in_while(const struct program *p, const struct context *c, uint32_t op)
{
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[c->function].first_op;
    uint32_t open = 0, loops = 0;
    uint8_t kinds[64];
    for (uint32_t i = 0; i < op; i++) {
        if (ir_opens(ops[i].code) && open < sizeof kinds)
            loops += (kinds[open++] = ops[i].code) == IR_LOOP;
        else if (ops[i].code == IR_END && open > 0)
            loops -= kinds[--open] == IR_LOOP;
    }
    return loops > 0;
}

bool reach_goes_on(const struct program *p, const struct acc *a)
{
    const struct context *c = context_at(p, a->context);
    uint32_t op = a->op;
    for (int depth = 0; depth < 8; depth++) {
        if (in_while(p, c, op))
            return true;
        if (c->caller == 0 || context_at(p, c->caller)->root != c->root)
            return false;
        op = c->caller_op;
        c = context_at(p, c->caller);
    }
    return false;
}
