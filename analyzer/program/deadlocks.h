/* deadlocks: threads that wait for each other, or for themselves. */
#ifndef PROGRAM_DEADLOCKS_H
#define PROGRAM_DEADLOCKS_H

#include "program/finder.h"

/* A lock taken again by the thread that holds it; locks taken in opposite orders; tasks that wait for their own pool.
 */
void find_deadlocks(struct finder *f);
void find_pool_waits(struct finder *f);
/* An access of a lock or pool as one of the variable that holds it. */
struct acc deadlock_shown(const struct program *p, const struct acc *acc_of);

#endif
