/* reach: whether control gets from one instruction of a function to another one. */
#ifndef PROGRAM_REACH_H
#define PROGRAM_REACH_H

#include "program/state.h"

/* Whether control can get from an access to a later instruction of its function without going round a loop: not out of
 * one branch into the other, and not past a return. */
bool reach_leads_to(const struct program *p, const struct acc *from, uint32_t to);
/* Whether an access is in code of its thread that runs again and again, below a `while`: a service, or somebody who
 * looks how far another thread is. */
bool reach_goes_on(const struct program *p, const struct acc *a);

#endif
