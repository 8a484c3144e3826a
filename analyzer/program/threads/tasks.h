/* tasks: coroutines that are given to an event loop instead of being awaited at once, so that several are under way.
 *
 *     await asyncio.gather(*[self.fetch(url) for url in urls])
 *
 * One thread works on all of them, but what each hands to threads (`asyncio.to_thread`, `run_in_executor`) runs beside
 * what the others hand over. A coroutine is evaluated where it is called; the threads that it has waited for itself are
 * running again for a caller that has not waited for it.
 */
#ifndef PROGRAM_TASKS_H
#define PROGRAM_TASKS_H

#include "program/evaluate/frame.h"

/* A function of the program was called. Where it is a coroutine function, and the coroutine becomes a task or is kept
 * for one, what it has handed to threads runs. */
void task_called(struct frame *f, const struct ir_function *fn, struct context *callee, const struct call *call);
/* A modelled call of a coroutine function: what it hands to the event loop. */
void task_given(struct frame *f, const struct model *model, const struct call *call);
/* An AWAIT: the thread that the value stands for has ended, or the tasks that were gathered. */
void task_awaited(struct frame *f, const struct ir_op *op);
/* An `async with` is left; type: of what was entered, which may have waited for its tasks. */
void task_scope_left(struct frame *f, const struct model *type);

#endif
