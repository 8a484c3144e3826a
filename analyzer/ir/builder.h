/* builder: how frontends make a module, function by function.
 *
 * Between ir_builder_begin and ir_builder_finish one module is under construction. Functions are declared first (so
 * that instructions can name any of them), then each is entered once, in any order, filled, and left. A builder keeps
 * its memory from module to module; it belongs to one thread. */
#ifndef IR_BUILDER_H
#define IR_BUILDER_H

#include "racelint/ir.h"

struct ir_builder;
struct ir_builder *ir_builder_new(void);
void ir_builder_free(struct ir_builder *builder); /* NULL is ignored */

/* Starts a module. The path must stay until its end, which copies it. */
void ir_builder_begin(struct ir_builder *builder, struct str path);
/* Ends it: the module lives in a new arena, which is the caller's. Every function must have been left. */
struct ir_module *ir_builder_finish(struct ir_builder *builder);
/* The module under construction: for its flags (has_all, main_guard). The tables are filled by finish. */
struct ir_module *ir_builder_module(struct ir_builder *builder);

/* Names: equal texts have one id. The text of an id is good until finish. */
ir_name ir_builder_name(struct ir_builder *builder, struct str text);
struct str ir_builder_name_text(const struct ir_builder *builder, ir_name name);
/* Appends to names_list; lists are built in one go. The result is the index of the appended name. */
uint32_t ir_builder_list_name(struct ir_builder *builder, ir_name name);
void ir_builder_all_name(struct ir_builder *builder, ir_name name); /* appends to all_names */
void ir_builder_all_clear(struct ir_builder *builder);              /* forgets all_names */

void ir_builder_comment(struct ir_builder *builder, struct ir_span span);
void ir_builder_error(struct ir_builder *builder, struct ir_span span);

/* Declares a function or class and gives its index. Of a function's fields first_* and *_count are filled later. */
uint32_t ir_builder_function(struct ir_builder *builder, const struct ir_function *function);
uint32_t ir_builder_class(struct ir_builder *builder, const struct ir_class *class);
/* The record, to read or change; good until the next one is declared. */
struct ir_function *ir_builder_function_at(struct ir_builder *builder, uint32_t index);

/* From here on parameters, locals and instructions go to this function, until it is left. */
void ir_builder_enter(struct ir_builder *builder, uint32_t function);
/* Whoever follows the values of a function keeps those of its locals for each region that is open. Where that could be
 * more than this, the function is left without instructions, with IR_FN_LEFT_OUT. */
#define IR_STATE_MAX (1u << 24)
void ir_builder_leave(struct ir_builder *builder);
/* Parameters come first; each makes its local, whose index is in the order of calls. */
ir_local ir_builder_param(struct ir_builder *builder, struct ir_param param);
ir_local ir_builder_local(struct ir_builder *builder, ir_name name, uint32_t flags);
/* Sets IR_LOCAL_CAPTURED on a local of any function entered so far. */
void ir_builder_capture(struct ir_builder *builder, uint32_t function, ir_local local);

/* Appends an instruction. Where its opcode has a result, the new value's number is filled in and returned, else 0. */
ir_value ir_emit(struct ir_builder *builder, struct ir_op op);
/* The same for opcodes with ARGS operands, which are copied and filled in as b and c. */
ir_value ir_emit_args(struct ir_builder *builder, struct ir_op op, const struct ir_arg *args, size_t count);
/* Regions: IF, LOOP, FOR, TRY, WITH open one, ELSE, EXCEPT and FINALLY start its next clause, close ends it. */
ir_value ir_open(struct ir_builder *builder, struct ir_op op);
void ir_clause(struct ir_builder *builder, struct ir_op op);
void ir_close(struct ir_builder *builder, struct ir_span span);
/* Whether a LOOP or FOR of the function under construction is open. */
bool ir_builder_in_loop(const struct ir_builder *builder);

#endif
