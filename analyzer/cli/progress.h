/* progress: a line on standard error that tells how far a long run is, where that is a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct progress {
    atomic_size_t done;
    size_t total;
    bool wanted; /* somebody can see it */
    double next; /* when to print again; only the first worker reads and writes this */
    bool shown;  /* a line is on the terminal; as `next` */
};

/* Nothing is shown in the first half second, nor with `quiet`. */
void progress_start(struct progress *progress, size_t total, bool quiet);
/* Counts one file; the first worker (0) prints now and then. */
void progress_step(struct progress *progress, unsigned worker);
/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
