#include "program/threads/reach.h"

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
