#include "report/interleave.h"

#include <stdio.h>

#include "report/formats.h"

size_t interleave_count(const struct finding *finding)
{
    size_t count = 0;
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        count += finding->threads[i].step_count;
    }
    return count;
}

/* How many of a thread's steps only start it. */
static uint32_t start_steps(const struct finding_thread *thread)
{
    uint32_t count = 0;
    while (count < thread->step_count && thread->steps[count].effect == STEP_SPAWN) {
        count++;
    }
    return count;
}

/* The last step of a thread behind its start that is an access, at the place unless that is NULL; the number of
 * steps where there is none. */
static uint32_t last_step(const struct finding_thread *thread, const struct finding_range *where)
{
    for (uint32_t i = thread->step_count; i > start_steps(thread); i--) {
        const struct finding_step *step = &thread->steps[i - 1];
        bool here = where == NULL || report_range_equal(&step->where, where);
        if (here && step_is_access(step->effect)) {
            return i - 1;
        }
    }
    return thread->step_count;
}

/* The step of the first thread before which the others come: the access that completes the hazard, with the
 * acquisition of the locks it needs; where that is the first one, the last that follows it, which comes too late; the
 * end where that is the thread's only access, since nothing depends on an earlier one. */
static uint32_t turn(const struct finding *finding)
{
    const struct finding_thread *thread = &finding->threads[0];
    uint32_t start = start_steps(thread), accesses = 0, first = thread->step_count;
    for (uint32_t i = thread->step_count; i-- > start;) {
        if (step_is_access(thread->steps[i].effect)) {
            accesses++;
            first = i;
        }
    }
    if (accesses < 2) {
        return thread->step_count;
    }
    uint32_t last = last_step(thread, &finding->where);
    if (last == thread->step_count || last == first) {
        last = last_step(thread, NULL);
    }
    while (last > start && thread->steps[last - 1].effect == STEP_ACQUIRE) {
        last--;
    }
    return last;
}

static size_t take(const struct finding *finding, uint32_t thread, uint32_t from, uint32_t to,
                   struct interleaved *order, size_t count)
{
    for (uint32_t i = from; i < to; i++) {
        order[count++] = (struct interleaved){thread, &finding->threads[thread].steps[i]};
    }
    return count;
}

void interleave_steps(const struct finding *finding, struct interleaved *order)
{
    size_t count = 0;
    if (finding->thread_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        count = take(finding, i, 0, start_steps(&finding->threads[i]), order, count);
    }
    uint32_t split = turn(finding);
    count = take(finding, 0, start_steps(&finding->threads[0]), split, order, count);
    for (uint32_t i = 1; i < finding->thread_count; i++) {
        count = take(finding, i, start_steps(&finding->threads[i]), finding->threads[i].step_count, order, count);
    }
    take(finding, 0, split, finding->threads[0].step_count, order, count);
}

void interleave_name(uint32_t thread, char *name, size_t size)
{
    if (thread < 26) {
        snprintf(name, size, "%c", (char)('A' + thread));
    } else {
        snprintf(name, size, "T%u", (unsigned)thread + 1);
    }
}

bool interleave_same_root(const struct finding_thread *a, const struct finding_thread *b)
{
    return a->where.line == b->where.line && a->where.column == b->where.column &&
           str_equal(a->where.path, b->where.path) && str_equal(a->root, b->root);
}
