/* opcodes: what opcodes.def says of each instruction, as tables for the builder, printer and verifier. */
#ifndef IR_OPCODES_H
#define IR_OPCODES_H

#include "racelint/ir.h"

/* What an operand field holds. */
enum ir_operand {
    IR_OPERAND_NONE,
    IR_OPERAND_VALUE,
    IR_OPERAND_OPTVAL,
    IR_OPERAND_NAME,
    IR_OPERAND_LOCAL,
    IR_OPERAND_FUNC,
    IR_OPERAND_CLASS,
    IR_OPERAND_ARGS,
    IR_OPERAND_NEXT
};

struct ir_opcode_info {
    const char *text;    /* as printed */
    bool result;         /* defines a value */
    uint8_t operands[3]; /* enum ir_operand of a, b and c */
};

const struct ir_opcode_info *ir_opcode_info(unsigned code); /* BUG() on a number out of range */
const char *ir_const_text(unsigned kind);                   /* "int", …; BUG() likewise */
const char *ir_new_text(unsigned kind);                     /* "list", … */
const char *ir_pattern_text(unsigned kind);                 /* "class", … */
const char *ir_param_text(unsigned kind);                   /* what is printed before the parameter */
const char *ir_function_kind_text(unsigned kind);           /* "function", … */

/* How an opcode takes part in regions. */
static inline bool ir_opens(unsigned code)
{
    return code == IR_IF || code == IR_LOOP || code == IR_FOR || code == IR_TRY || code == IR_WITH;
}

static inline bool ir_continues(unsigned code)
{
    return code == IR_ELSE || code == IR_EXCEPT || code == IR_FINALLY;
}

#endif
