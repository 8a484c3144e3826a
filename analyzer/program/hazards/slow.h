/* slow: calls that wait with a lock held, and the functions that do. */
#ifndef PROGRAM_SLOW_H
#define PROGRAM_SLOW_H

#include "program/state.h"

/* Collects which functions hold which locks over a call that waits, their own or one of those that they call; once,
 * when all is evaluated and before contexts_drop_stale, which forgets who called whom. */
void slow_prepare(struct program *p);
/* Whether a note is of a call that waits, with a lock held. */
bool slow_call(const struct program *p, const struct note *n);
/* Whether the function of a context holds the lock over something that waits, in this call or another one. */
bool slow_under(const struct program *p, const struct context *c, object_id lock);

#endif
