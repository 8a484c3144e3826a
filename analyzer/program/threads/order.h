/* order: which of two accesses comes first, by the calls that lead to both, or because one thread waits until the other
 * one gives a signal.
 *
 *     results[n] = work(n)    |    done.wait()
 *     done.set()              |    print(results)
 */
#ifndef PROGRAM_ORDER_H
#define PROGRAM_ORDER_H

#include "program/state.h"

#define WAY_MAX 8 /* calls that are followed back from a point */

/* A point in the program, and in a call that is on the way to it. */
struct point {
    context_id context;
    uint32_t op;
};

/* The calls that lead to a point within its thread, innermost first. Returns how many. */
uint32_t order_way(const struct program *p, const struct acc *a, struct point way[WAY_MAX]);

/* Which of two points of one thread comes first in the call that leads to both: -1, 1; 0: no such call is known. */
int order_of(const struct program *p, const struct acc *a, const struct acc *b);

/* Once nothing changes any more: collects the calls that wait for a signal or give one. */
void order_prepare(struct program *p);

/* Whether an access is over before another thread does the other one: that waits for a signal which is given only
 * after the first. */
bool order_signalled(const struct program *p, const struct acc *first, const struct acc *second);

#endif
