/* ir: the thread-effect IR. One ir_module per file; per function one flat run of instructions in which regions nest
 * like brackets (IF … ELSE … END), so that no reader needs recursion and the whole is position independent.
 *
 * Every expression result is a value, numbered from 1 within its function and defined once. Locals are variables: BIND
 * writes, LOCAL reads. Everything that other code could share (globals, closure cells, attributes, items) is a READ_*,
 * WRITE_* or DELETE_* instruction. What a call does to threads, locks and containers is not decided here: the
 * frontend knows syntax, the program layer knows types.
 *
 * Nothing here speaks of a syntax tree or of bytecode. All memory of a module is in its arena.
 */
#ifndef RACELINT_IR_H
#define RACELINT_IR_H

#include "racelint/base.h"

typedef uint32_t ir_name;  /* index into module->names; 0 is the empty name */
typedef uint32_t ir_value; /* function-local value number; 0 is none */
typedef uint32_t ir_local; /* index into the function's locals */

enum ir_opcode {
#define OP(name, text, result, a, b, c, meaning) IR_##name,
#include "racelint/opcodes.def"
#undef OP
    IR_OPCODE_COUNT
};

enum ir_const { IR_NONE, IR_TRUE, IR_FALSE, IR_INT, IR_FLOAT, IR_STRING, IR_BYTES, IR_ELLIPSIS, IR_CONST_COUNT };

enum ir_new {
    IR_NEW_LIST,
    IR_NEW_TUPLE,
    IR_NEW_SET,
    IR_NEW_DICT,
    IR_NEW_STRING,    /* f-string or t-string: immutable, derived from its parts */
    IR_NEW_SLICE,     /* a:b:c as a subscript: immutable */
    IR_NEW_GENERATOR, /* generator expression; its loop follows inline, as if consumed at once */
    IR_NEW_COUNT
};

/* What a case pattern asks of its subject (MATCHES). */
enum ir_pattern {
    IR_PATTERN_WILDCARD, /* `_`: fits anything */
    IR_PATTERN_CAPTURE,  /* a bare name: fits anything and binds it */
    IR_PATTERN_LITERAL,  /* a number, string, None, True or False: the argument is its value */
    IR_PATTERN_VALUE,    /* a dotted name, compared with ==: the argument is its value */
    IR_PATTERN_SEQUENCE, /* the arguments are the values that the patterns inside name, here and below */
    IR_PATTERN_MAPPING,
    IR_PATTERN_CLASS,    /* the first argument is the class */
    IR_PATTERN_OR,
    IR_PATTERN_COUNT
};

enum ir_operator {
    IR_OP_ADD, IR_OP_SUB, IR_OP_MUL, IR_OP_DIV, IR_OP_FLOORDIV, IR_OP_MOD, IR_OP_POW, IR_OP_MATMUL,
    IR_OP_AND, IR_OP_OR, IR_OP_XOR, IR_OP_LSHIFT, IR_OP_RSHIFT,                     /* binary and in-place */
    IR_OP_NEG, IR_OP_POS, IR_OP_INVERT, IR_OP_NOT,                                   /* unary */
    IR_OP_EQ, IR_OP_NE, IR_OP_LT, IR_OP_LE, IR_OP_GT, IR_OP_GE,
    IR_OP_IN, IR_OP_NOT_IN, IR_OP_IS, IR_OP_IS_NOT,                                  /* compare */
    IR_OPERATOR_COUNT
};

/* ir_op.flags */
enum {
    IR_FLAG_AUGMENTED = 1,      /* READ_*, WRITE_*: one side of `place op= value` */
    IR_FLAG_CALLEE = 2,         /* READ_*: the value is only used as the callee of a call */
    IR_FLAG_STAR = 4,           /* UNPACK: the starred target; EXCEPT: except* */
    IR_FLAG_ASYNC = 8,          /* FOR, WITH */
    IR_FLAG_COMPREHENSION = 16, /* FOR: of a comprehension or generator expression */
    IR_FLAG_DECORATOR = 32,     /* CALL: applies a decorator */
    IR_FLAG_LEAF = 64,          /* IMPORT: `import a.b as c` */
    IR_FLAG_SYNTHETIC = 128,    /* not written by the author (temporaries, implied None) */
    /* IF: what it was lowered from; none of them: an if statement */
    IR_FLAG_TERNARY = 1,
    IR_FLAG_BOOLEAN = 2, /* and, or, a comparison chain */
    IR_FLAG_ASSERT = 4,
    IR_FLAG_CASE = 8
};

/* Where something stands: bytes [start, end) of the file's decoded UTF-8 text. */
struct ir_span {
    uint32_t start, end;
};

struct ir_op {
    uint8_t code;  /* enum ir_opcode */
    uint8_t flags; /* IR_FLAG_* */
    uint16_t aux;  /* sub-kind, operator, index, dots: see opcodes.def */
    ir_value result;
    uint32_t a, b, c;
    struct ir_span span;
};

enum ir_arg_kind { IR_ARG_PLAIN, IR_ARG_STAR, IR_ARG_DOUBLE_STAR };

struct ir_arg {
    ir_value value;
    ir_name keyword; /* 0 for a positional argument */
    uint32_t kind;   /* enum ir_arg_kind */
};

enum ir_param_kind { IR_PARAM_POSITIONAL_ONLY, IR_PARAM_NORMAL, IR_PARAM_STAR, IR_PARAM_KEYWORD_ONLY, IR_PARAM_DOUBLE_STAR };

struct ir_param {
    ir_name name;
    ir_local local;
    ir_name annotation; /* source text of the annotation, quotes of string annotations removed; 0 for none */
    uint8_t kind;       /* enum ir_param_kind */
    bool has_default;
};

enum {
    IR_LOCAL_PARAM = 1,
    IR_LOCAL_CAPTURED = 2,  /* read or written by a nested function: a closure cell */
    IR_LOCAL_SYNTHETIC = 4, /* a temporary of the lowering */
    IR_LOCAL_INNER = 8      /* a comprehension's own variable: not a class attribute when in a class body */
};

struct ir_local_info {
    ir_name name;
    uint32_t flags; /* IR_LOCAL_* */
};

enum ir_function_kind { IR_FN_MODULE, IR_FN_FUNCTION, IR_FN_LAMBDA, IR_FN_CLASS_BODY };

enum {
    IR_FN_ASYNC = 1,
    IR_FN_GENERATOR = 2,
    IR_FN_ERROR = 4,         /* an error node lies inside: facts from here are less sure */
    IR_FN_DOC_SAFE = 8,      /* the docstring says thread-safe */
    IR_FN_DOC_UNSAFE = 16,   /* the docstring says not thread-safe */
    IR_FN_LEFT_OUT = 32      /* it had so many variables in regions so deep that its instructions were dropped */
};

#define IR_NO_INDEX UINT32_MAX

struct ir_function {
    ir_name name;      /* "<module>", "<lambda>", or the name defined; a class body has the class's name */
    ir_name qualname;  /* within the module: "Cache.get", "outer.inner" (no "<locals>"), "" for the module */
    uint8_t kind;      /* enum ir_function_kind */
    uint8_t flags;     /* IR_FN_* */
    uint32_t parent;   /* index of the enclosing function (class bodies count); IR_NO_INDEX for the module */
    uint32_t class_index; /* the class whose body directly holds this function (or whose body this is), or IR_NO_INDEX */
    uint32_t first_op, op_count;
    uint32_t first_param, param_count;
    uint32_t first_local, local_count; /* parameters come first, in order */
    uint32_t first_decorator, decorator_count; /* in module->names_list: their source text without "@" and call arguments */
    uint32_t value_count; /* values are 1 .. value_count - 1 */
    ir_name returns;      /* annotation text of the result, or 0 */
    struct ir_span span;  /* the whole definition, decorators excluded */
    struct ir_span head;  /* from `def` to the colon */
};

struct ir_class {
    ir_name name, qualname;
    uint32_t body;     /* index of the class body among the functions */
    uint32_t parent;   /* index of the enclosing function */
    uint32_t first_decorator, decorator_count; /* in module->names_list */
    uint8_t flags;     /* IR_FN_DOC_* */
    struct ir_span span, head;
};

struct ir_comment {
    struct ir_span span; /* with the '#', without the line end */
};

struct ir_error {
    struct ir_span span; /* an error node that no repair removed */
};

struct ir_module {
    struct arena *arena;  /* owns everything below and this struct */
    struct str path;      /* as reported: relative to the project root, with '/' */
    struct str *names;    /* [name_count]; names[0] is empty; each distinct string once */
    uint32_t name_count;
    struct ir_op *ops;    /* all functions' instructions; each function's are contiguous */
    uint32_t op_count;
    struct ir_arg *args;
    uint32_t arg_count;
    struct ir_param *params;
    uint32_t param_count;
    struct ir_local_info *locals;
    uint32_t local_count;
    ir_name *names_list;  /* lists of names: decorators */
    uint32_t names_list_count;
    struct ir_function *functions; /* [0] is the module body */
    uint32_t function_count;
    struct ir_class *classes;
    uint32_t class_count;
    struct ir_comment *comments; /* in order of position */
    uint32_t comment_count;
    struct ir_error *errors;
    uint32_t error_count;
    bool has_all;         /* the module body binds __all__ to a literal list: all_names */
    ir_name *all_names;
    uint32_t all_count;
    bool main_guard;      /* has `if __name__ == "__main__":` */
    bool is_stub;         /* a .pyi file */
};

/* The tables of a module, each with the field that counts its elements; the texts of names are not among them. A table
 * that is missing here is neither built nor cached. */
#define IR_TABLES(TABLE)                                                                                               \
    TABLE(ops, op_count)                                                                                               \
    TABLE(args, arg_count)                                                                                             \
    TABLE(params, param_count)                                                                                         \
    TABLE(locals, local_count)                                                                                         \
    TABLE(names_list, names_list_count)                                                                                \
    TABLE(functions, function_count)                                                                                   \
    TABLE(classes, class_count)                                                                                        \
    TABLE(comments, comment_count)                                                                                     \
    TABLE(errors, error_count)                                                                                         \
    TABLE(all_names, all_count)

/* Gives a module its path, which is copied, and what the path tells: whether it is a stub. */
void ir_set_path(struct ir_module *module, struct str path);

/* The texts of the enums above, for printing; BUG() on a number out of range. */
const char *ir_opcode_text(unsigned code);
const char *ir_operator_text(unsigned op);

/* Prints a module as stable text (the format of `racelint debug ir`), appended to *out (malloc memory, NUL-terminated;
 * NULL at first). Positions are printed as line:column through `text`, the file's decoded text. */
void ir_print(const struct ir_module *module, struct str text, char **out);

/* Checks the module's invariants: operands in range, values defined before use and once, regions balanced, NEXT fields
 * right, function runs disjoint. Returns true, or false with a message (in the module's arena) that names the spot. */
bool ir_verify(const struct ir_module *module, struct str *message);

#endif
