#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/clock.h"

/* Seconds before the first line, and nanoseconds between two of them. */
#define FIRST_DELAY 1.0
#define TICK 100000000L

/* An estimate needs so many seconds, and so many files, to look back on. */
#define LOOK_BACK 0.5
enum { FILES_MIN = 5 };

/* The analysis takes about this part of the processor time that reading and parsing took. */
#define ANALYSIS_SHARE 0.5

void progress_init(struct progress *progress, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool dumb = terminal != NULL && strcmp(terminal, "dumb") == 0; /* it cannot take a line away */
    *progress = (struct progress){.wanted = !quiet && !dumb && isatty(STDERR_FILENO), .start = clock_seconds()};
    pthread_mutex_init(&progress->mutex, NULL);
    pthread_cond_init(&progress->wake, NULL);
}

/* Seconds until the end of the analysis, or less than zero where nobody can tell. */
static double seconds_left(const struct progress_state *state)
{
    double share = ANALYSIS_SHARE * state->jobs;
    if (state->phase == PROGRESS_ANALYSIS) {
        return share * state->read_seconds - state->phase_seconds;
    }
    if (state->done < FILES_MIN || state->phase_seconds < LOOK_BACK) {
        return -1;
    }
    double all = state->phase_seconds * (double)state->total / (double)state->done;
    return all * (1 + share) - state->phase_seconds;
}

void progress_print(const struct progress_state *state, struct buf *out)
{
    double left = seconds_left(state);
    if (state->phase == PROGRESS_READ) {
        buf_printf(out, "%zu of %zu files read", state->done, state->total);
    } else {
        buf_printf(out, "%zu files read, following their threads", state->total);
    }
    if (left >= 1) {
        buf_printf(out, ", about %.0f s left", left);
    } else if (state->phase == PROGRESS_ANALYSIS && left < 0) {
        buf_printf(out, " for %.0f s", state->phase_seconds);
    }
}

static void show(struct progress *progress)
{
    struct progress_state state = progress->state;
    struct buf line = {0};
    double now = clock_seconds();
    if (now - progress->start < FIRST_DELAY) {
        return;
    }
    state.done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    state.phase_seconds = now - progress->phase_start;
    progress_print(&state, &line);
    fprintf(stderr, "\rracelint: %s\033[K", line.ptr);
    progress->shown = true;
    fflush(stderr);
    buf_release(&line);
}

/* Writes the line now and then, so that those who work need not look at the clock. */
static void *tick(void *argument)
{
    struct progress *progress = argument;
    pthread_mutex_lock(&progress->mutex);
    while (!progress->stop) {
        struct timespec next;
        clock_gettime(CLOCK_REALTIME, &next);
        next.tv_nsec += TICK;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        if (pthread_cond_timedwait(&progress->wake, &progress->mutex, &next) == ETIMEDOUT) {
            show(progress);
        }
    }
    pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

void progress_begin(struct progress *progress, enum progress_phase phase, size_t total, unsigned jobs)
{
    double now = clock_seconds();
    if (progress == NULL) {
        return;
    }
    progress->state = (struct progress_state){.phase = phase, .total = total, .jobs = jobs};
    if (phase == PROGRESS_ANALYSIS) {
        progress->state.read_seconds = now - progress->phase_start;
    }
    progress->phase_start = now;
    progress->stop = false;
    progress->ticking = progress->wanted && pthread_create(&progress->ticker, NULL, tick, progress) == 0;
}

void progress_step(struct progress *progress)
{
    if (progress != NULL) {
        atomic_fetch_add_explicit(&progress->done, 1, memory_order_relaxed);
    }
}

void progress_end(struct progress *progress)
{
    if (progress == NULL || !progress->ticking) {
        return;
    }
    pthread_mutex_lock(&progress->mutex);
    progress->stop = true;
    pthread_cond_signal(&progress->wake);
    pthread_mutex_unlock(&progress->mutex);
    pthread_join(progress->ticker, NULL);
    progress->ticking = false;
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown = false;
    }
}
