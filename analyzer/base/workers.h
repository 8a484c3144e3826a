/* workers: run independent jobs on threads. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stddef.h>

/* Calls work(context, index, worker) once for every index in [0, count), on up to `jobs` threads (1: on the caller's
 * own); `worker` is in [0, jobs) and no two calls with the same worker overlap. Returns when all are done. Where a
 * thread cannot be started, the remaining ones do the work. */
void workers_run(unsigned jobs, size_t count, void (*work)(void *context, size_t index, unsigned worker),
                 void *context);
unsigned workers_cores(void); /* processors available to this process, at least 1 */

#endif
