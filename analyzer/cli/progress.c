#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/clock.h"

/* Seconds before the first line, and between two of them. */
#define FIRST_DELAY 0.5
#define DELAY 0.1

void progress_start(struct progress *progress, size_t total, bool quiet)
{
    *progress = (struct progress){.total = total, .wanted = !quiet && isatty(STDERR_FILENO)};
    progress->next = clock_seconds() + FIRST_DELAY;
}

void progress_step(struct progress *progress, unsigned worker)
{
    size_t done = atomic_fetch_add_explicit(&progress->done, 1, memory_order_relaxed) + 1;

    if (!progress->wanted || worker != 0 || clock_seconds() < progress->next) {
        return;
    }
    progress->next = clock_seconds() + DELAY;
    progress->shown = true;
    fprintf(stderr, "\rracelint: %zu of %zu files", done, progress->total);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}
