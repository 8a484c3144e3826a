/* loops: whether the second pass over a loop's body can find anything that the first did not. */
#ifndef PROGRAM_LOOPS_H
#define PROGRAM_LOOPS_H

#include "program/evaluate/frame.h"

/* Whether the state at the end of the body (f->now) brings something new to its beginning, where it was `r->before`:
 * a value that the body reads before it binds the variable anew, or another set of locks, threads or own objects. */
bool loop_carries(struct frame *f, const struct region *r);

#endif
