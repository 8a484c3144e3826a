/* interleave: the steps of a finding's threads as one story, in an order in which the hazard happens: threads are
 * started; the first thread comes as far as the access before the one that completes the hazard; the others do all of
 * their steps; the first goes on. */
#ifndef REPORT_INTERLEAVE_H
#define REPORT_INTERLEAVE_H

#include "racelint/report.h"

struct interleaved {
    uint32_t thread; /* index into finding->threads */
    const struct finding_step *step;
};

/* The number of steps of all threads. */
size_t interleave_count(const struct finding *finding);
/* Writes them to order[0 .. interleave_count()). */
void interleave_steps(const struct finding *finding, struct interleaved *order);

/* "A", "B", … "Z", "T27", …: what a report calls a thread. Writes at most `size` bytes with the NUL. */
void interleave_name(uint32_t thread, char *name, size_t size);
/* Whether two threads of a finding run the same code from the same start. */
bool interleave_same_root(const struct finding_thread *a, const struct finding_thread *b);

#endif
