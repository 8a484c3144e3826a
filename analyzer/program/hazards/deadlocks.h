/* deadlocks: threads that wait for each other, or for themselves. */
#ifndef PROGRAM_DEADLOCKS_H
#define PROGRAM_DEADLOCKS_H

#include "program/hazards/finder.h"

/* A lock taken again by the thread that holds it; locks taken in opposite orders; tasks that wait for their own pool.
 */
void find_deadlocks(struct finder *f);
void find_pool_waits(struct finder *f);
/* Whether a lock that is held in a call was taken by one further up, and in between lies code outside the program,
 * which may well call back later, when the lock is free again. */
bool deadlock_through_stranger(const struct program *p, const struct context *c, object_id lock);
/* Whether a lock can be taken several times, so that it is not known how often it was; or has no owner. */
bool lock_is_reentrant(const struct program *p, object_id lock);
/* An access of a lock or pool as one of the variable that holds it. */
struct acc deadlock_shown(const struct program *p, const struct acc *acc_of);

#endif
