/* required: public functions that are meant to be called with a lock held. */
#ifndef PROGRAM_REQUIRED_H
#define PROGRAM_REQUIRED_H

#include "program/state.h"

/* A public function that the program itself only calls with a lock held is meant for that: what any caller could do
 * with it without the lock, and what it then calls in turn, is not held against it. Marks these contexts as stale.
 * Once, when all is evaluated and before contexts_drop_stale, which forgets who called whom. */
void required_drop(struct program *p);

#endif
