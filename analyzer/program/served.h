/* served: functions that a library calls in threads of its own once the program has set itself up, as the views of a
 * web application: models with `runs = "server"` tell which decorators and calls register them. */
#ifndef PROGRAM_SERVED_H
#define PROGRAM_SERVED_H

#include "program/state.h"

struct frame;
struct call;

/* Notes functions that a call has registered. */
void served_add(struct program *p, const struct model *model, set_id targets);

/* The same of a call that applies a decorator. */
void served_decorated(struct frame *f, const struct call *call);

#endif
