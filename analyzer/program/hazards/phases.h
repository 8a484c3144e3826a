/* phases: accesses that the program's own state keeps apart, though no lock does. */
#ifndef PROGRAM_PHASES_H
#define PROGRAM_PHASES_H

#include "program/state.h"

/* Whether one of two accesses comes when the other is over: a door was shut in between (a variable that the one tests
 * under its lock, and that the other's side has set under that lock before), or only the last of several calls gets
 * there (it took itself off a list under a lock, and found the list empty). */
bool phases_apart(struct program *p, const struct acc *a, const struct acc *b);

#endif
