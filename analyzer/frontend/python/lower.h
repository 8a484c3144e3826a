/* lower: from the flat tree to the IR.
 *
 * The depth of the source must not become depth of C calls, so the lowering is a loop over a stack of tasks. A handler
 * emits what it can and says what is to be done next with then_…(), in the order in which it shall happen; all of that
 * is done before whatever was waiting before. Expressions leave their value on a second stack:
 *
 *     void lower_await(struct lowering *low, struct task task)
 *     {
 *         then_expression(low, node_operand(low->tree, task.node, 0), 0);
 *         then_do(low, await_done, task.node, 0);
 *     }
 *
 * A form that needs to look at its parts in between is cut into several tasks, one static function each. */
#ifndef PYTHON_LOWER_H
#define PYTHON_LOWER_H

#include "base/buf.h"
#include "base/vec.h"
#include "frontend/python/scopes.h"
#include "frontend/python/tree.h"
#include "ir/builder.h"

struct lowering;

struct task;
typedef void handler_fn(struct lowering *low, struct task task);

struct task {
    handler_fn *run;
    uint32_t node; /* what it is about */
    uint32_t x;    /* one more number; each handler says what it is. Of expressions: IR_FLAG_CALLEE or 0 */
};

/* A comprehension being lowered. */
struct comprehension {
    uint32_t node;
    uint32_t outer;   /* the scope around it */
    uint32_t regions; /* FOR and IF regions opened so far */
    ir_value made;    /* the new container */
};

/* A match statement being lowered. */
struct match {
    uint32_t node;
    uint32_t regions; /* IF regions of cases opened so far */
    ir_value subject;
};

struct lowering {
    struct tree *tree;
    struct scopes *scopes;
    struct ir_builder *ir;
    uint32_t function;       /* the one being lowered */
    uint32_t scope;          /* where names are looked up now */
    uint32_t present;        /* the node of the task that runs */
    uint32_t unexpected;     /* nodes met where the grammar does not allow them; errors aside always 0 */
    uint32_t old_statement;  /* the first statement that only Python 2 has, or NO_NODE */
    VEC(struct task) tasks;  /* the next one is last */
    VEC(ir_value) values;    /* results of expressions, and numbers kept for later tasks */
    VEC(struct ir_arg) args; /* arguments of the call being emitted */
    VEC(struct comprehension) comprehensions; /* innermost last */
    VEC(struct match) matches;                /* innermost last */
    struct buf text;                          /* scratch for strings */
};

/* Lowers a whole tree, whose scopes were built, into the builder's open module. */
void lower_module(struct lowering *low, struct tree *tree, struct scopes *scopes, struct ir_builder *ir);
void lowering_release(struct lowering *low);

/* ---- tasks ---- */

void then_do(struct lowering *low, handler_fn *run, uint32_t node, uint32_t x);
/* An expression; its value is pushed. NO_NODE, or what is no expression, pushes an UNKNOWN. */
void then_expression(struct lowering *low, uint32_t node, uint32_t flags);
/* A statement; what is none is skipped, in an error node what can be made out is lowered. */
void then_statement(struct lowering *low, uint32_t node);
void then_block(struct lowering *low, uint32_t block); /* NO_NODE: nothing */
/* Stores a value into a target: a name, attribute, item, or a list of targets to unpack into. */
void then_store(struct lowering *low, uint32_t target, ir_value value);
/* All arguments of an argument list (NO_NODE: none); args_collect takes their values off the stack. */
void then_args(struct lowering *low, uint32_t list);
void args_collect(struct lowering *low, uint32_t list);
/* Takes the last `count` values off the stack into low->args, as positional arguments. */
void args_take(struct lowering *low, uint32_t count);
/* Names are looked up in another scope from then on. */
void then_scope(struct lowering *low, uint32_t scope);
/* The key of a subscript: what stands between its brackets, as one value. */
void then_key(struct lowering *low, uint32_t subscript);
void then_drop(struct lowering *low); /* takes one value off the stack */

void value_push(struct lowering *low, ir_value value);
ir_value value_pop(struct lowering *low);

/* ---- instructions ---- */

ir_value emit_op(struct lowering *low, struct ir_op op);
ir_value emit_unknown(struct lowering *low, struct ir_span span);
ir_value emit_const(struct lowering *low, enum ir_const kind, struct str text, struct ir_span span);
/* Reads or writes a variable by name in the present scope. */
ir_value emit_read_name(struct lowering *low, ir_name name, unsigned flags, struct ir_span span);
void emit_write_name(struct lowering *low, ir_name name, ir_value value, unsigned flags, struct ir_span span);
/* A temporary: a local that is bound on several paths and read where they meet. */
ir_local temporary_new(struct lowering *low);
void temporary_bind(struct lowering *low, ir_local temporary, ir_value value, struct ir_span span);
ir_value temporary_read(struct lowering *low, ir_local temporary, struct ir_span span);
/* Closes regions; their END stands at the end of the node. */
void close_regions(struct lowering *low, uint32_t node, uint32_t count);
struct ir_span span_end(const struct tree *tree, uint32_t node); /* the empty span behind a node */

ir_name name_at(struct lowering *low, uint32_t identifier);      /* the name of an identifier in the present scope */
ir_name keyword_name(struct lowering *low, uint32_t identifier); /* of a keyword argument: never a private name */

/* ---- parts shared by forms ---- */

/* enum ir_operator of an operator token; augmented ones give that of the operation. */
enum ir_operator operator_of(enum node_kind token);
/* Emits a string node without interpolations as a constant. */
struct str string_value(struct lowering *low, uint32_t node);
bool string_is_plain(const struct tree *tree, uint32_t node);
/* IR_FN_DOC_* of the docstring of a block, or of the module (its root). */
unsigned docstring_flags(struct lowering *low, uint32_t block);
/* Notes `__all__` and the `__main__` guard of the module body. */
void note_all(struct lowering *low, uint32_t left, uint32_t right, bool augmented);
void note_all_call(struct lowering *low, uint32_t call);
bool is_main_guard(const struct tree *tree, uint32_t condition);
/* Fills the builder's functions and classes from the scopes. */
void declare_definitions(struct lowering *low);
/* Declares a function's parameters and unpacks Python 2's tuple parameters. */
void lower_parameters(struct lowering *low, uint32_t list);

#define EXPRESSION(kind, name, handler) handler_fn handler;
#define STATEMENT(kind, name, handler) handler_fn handler;
#include "frontend/python/nodes.def"

#endif
