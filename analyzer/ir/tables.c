#include "ir/opcodes.h"

static const struct ir_opcode_info opcodes[] = {
#define OP(name, text, result, a, b, c, meaning)                                                                       \
    [IR_##name] = {text, result, {IR_OPERAND_##a, IR_OPERAND_##b, IR_OPERAND_##c}},
#include "racelint/opcodes.def"
#undef OP
};
_Static_assert(sizeof opcodes / sizeof opcodes[0] == IR_OPCODE_COUNT, "one entry for each opcode");
_Static_assert(IR_OPCODE_COUNT <= UINT8_MAX, "an opcode is stored in a byte");

static const char *const operators[] = {
    "add", "sub",    "mul", "div", "floordiv", "mod", "pow", "matmul", "and", "or", "xor",    "lshift", "rshift", "neg",
    "pos", "invert", "not", "eq",  "ne",       "lt",  "le",  "gt",     "ge",  "in", "not_in", "is",     "is_not",
};
_Static_assert(sizeof operators / sizeof operators[0] == IR_OPERATOR_COUNT, "one text for each operator");

static const char *const consts[] = {"none", "true", "false", "int", "float", "string", "bytes", "ellipsis"};
_Static_assert(sizeof consts / sizeof consts[0] == IR_CONST_COUNT, "one text for each kind of constant");

static const char *const news[] = {"list", "tuple", "set", "dict", "string", "slice", "generator"};
_Static_assert(sizeof news / sizeof news[0] == IR_NEW_COUNT, "one text for each kind of allocation");

static const char *const patterns[] = {"wildcard", "capture", "literal", "value", "sequence", "mapping", "class", "or"};
_Static_assert(sizeof patterns / sizeof patterns[0] == IR_PATTERN_COUNT, "one text for each kind of pattern");

static const char *const params[] = {"", "", "*", "", "**"};
_Static_assert(sizeof params / sizeof params[0] == IR_PARAM_DOUBLE_STAR + 1, "one text for each kind of parameter");

static const char *const function_kinds[] = {"module", "function", "lambda", "class-body"};
_Static_assert(sizeof function_kinds / sizeof function_kinds[0] == IR_FN_CLASS_BODY + 1, "one text for each kind");

static const char *table_text(const char *const *table, size_t count, unsigned index, const char *what)
{
    if (index >= count) {
        BUG("%s %u of %zu", what, index, count);
    }
    return table[index];
}
#define TABLE_TEXT(table, index) table_text((table), sizeof(table) / sizeof((table)[0]), (index), #table)

const struct ir_opcode_info *ir_opcode_info(unsigned code)
{
    if (code >= IR_OPCODE_COUNT) {
        BUG("opcode %u of %d", code, IR_OPCODE_COUNT);
    }
    return &opcodes[code];
}

void ir_set_path(struct ir_module *module, struct str path)
{
    module->path = arena_str(module->arena, path);
    module->is_stub = str_ends(path, STR(".pyi"));
}

const char *ir_opcode_text(unsigned code)
{
    return ir_opcode_info(code)->text;
}

const char *ir_operator_text(unsigned op)
{
    return TABLE_TEXT(operators, op);
}

const char *ir_const_text(unsigned kind)
{
    return TABLE_TEXT(consts, kind);
}

const char *ir_new_text(unsigned kind)
{
    return TABLE_TEXT(news, kind);
}

const char *ir_pattern_text(unsigned kind)
{
    return TABLE_TEXT(patterns, kind);
}

const char *ir_param_text(unsigned kind)
{
    return TABLE_TEXT(params, kind);
}

const char *ir_function_kind_text(unsigned kind)
{
    return TABLE_TEXT(function_kinds, kind);
}
