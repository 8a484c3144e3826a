/* progress: a line on standard error that tells how far a long run is, where that is a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"

enum progress_phase { PROGRESS_READ, PROGRESS_ANALYSIS };

/* How far a run is, at one moment. */
struct progress_state {
    enum progress_phase phase;
    size_t done, total;   /* files read */
    double phase_seconds; /* since the phase began */
    double read_seconds;  /* how long reading took; of PROGRESS_ANALYSIS */
    unsigned jobs;        /* threads that read */
};

struct progress {
    bool wanted;                 /* somebody can see it */
    double start, phase_start;   /* when the run began, and the phase */
    struct progress_state state; /* but for what passes by itself */
    atomic_size_t done;          /* files read */
    bool ticking;                /* there is a thread that writes the line */
    bool shown;                  /* the line is on the terminal; the ticker's while that runs */
    pthread_t ticker;
    pthread_mutex_t mutex; /* guards `stop` */
    pthread_cond_t wake;
    bool stop; /* the ticker is to end */
};

/* Each of these does nothing where the progress is NULL, but for progress_init.
 *
 * Begins a run of racelint; nothing is shown in its first second, nor with `quiet`. */
void progress_init(struct progress *progress, bool quiet);
/* From here to progress_end() the line is there. Nothing else may be written to standard error meanwhile. */
void progress_begin(struct progress *progress, enum progress_phase phase, size_t total, unsigned jobs);
/* Counts one file; on any thread. */
void progress_step(struct progress *progress);
/* Takes the line away. */
void progress_end(struct progress *progress);

/* Appends the line: "40 of 120 files read, about 9 s left". */
void progress_print(const struct progress_state *state, struct buf *out);

#endif
