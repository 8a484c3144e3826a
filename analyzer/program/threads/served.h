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

/* Notes what nobody registers: methods of classes that derive from a handler which a model says servers run, and what
 * has the parameters of such a handler. */
void served_collect(struct program *p);

/* What runs where objects are given to somebody who calls them: of a handler its entries, bound to it; others as they
 * are. */
set_id served_entries_of(struct program *p, set_id objects);

/* Whether a method of this name is an entry of a handler. */
bool served_entry(const struct model *handler, struct str name);

#endif
