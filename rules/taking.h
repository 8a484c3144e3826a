/* taking: how the rules about deadlocks speak of the places where locks are taken. */
#ifndef RULES_TAKING_H
#define RULES_TAKING_H

#include "racelint/rules.h"

/* The lock as the code that takes it names it: "src.lock" of "src.lock.acquire()"; by the lock's own name where the
 * code calls a function that takes it. Without backticks. */
struct str taking_lock(const struct access *access, const struct held_lock *lock);
/* Where it is taken: "on line 14", or "by the call `self.total()` on line 22 (it does so on line 15)". `side` is the
 * side whose last step is the place itself; NULL where the access is not the last of its side. */
struct str taking_where(struct arena *arena, const struct access *access, const struct thread_side *side,
                        const struct site *from);

#endif
