#ifdef __linux__
#define _GNU_SOURCE /* CPU_COUNT */
#include <sched.h>
#endif
#include "base/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "racelint/base.h"

/* More threads than this help nobody. */
enum { JOBS_MAX = 1024 };

/* Every worker has this much stack, whatever the default of the system's C library. */
#define STACK_SIZE ((size_t)8 << 20)

/* What the workers of one run share. */
struct run {
    atomic_size_t next; /* the first index that nobody has taken */
    size_t count;       /* indexes are below this */
    void (*work)(void *context, size_t index, unsigned worker);
    void *context; /* for work() */
};

/* One thread of a run. */
struct worker {
    struct run *run;
    unsigned number; /* what work() sees */
    pthread_t thread;
};

static void work_until_done(struct run *run, unsigned number)
{
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed);
        if (index >= run->count) {
            return;
        }
        run->work(run->context, index, number);
    }
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;

    work_until_done(worker->run, worker->number);
    return NULL;
}

void workers_run(unsigned jobs, size_t count, void (*work)(void *context, size_t index, unsigned worker), void *context)
{
    struct run run = {.count = count, .work = work, .context = context};
    pthread_attr_t attributes;
    unsigned started = 0;

    if (jobs > JOBS_MAX) {
        jobs = JOBS_MAX;
    }
    if (jobs > count) {
        jobs = (unsigned)count;
    }
    if (jobs <= 1) {
        work_until_done(&run, 0);
        return;
    }
    /* The caller is worker 0; a thread that fails to start leaves its share to the others. */
    struct worker *workers = memory_new((jobs - 1) * sizeof *workers);
    if (pthread_attr_init(&attributes) != 0) {
        out_of_memory(sizeof attributes);
    }
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    while (started < jobs - 1) {
        struct worker *worker = &workers[started];
        *worker = (struct worker){.run = &run, .number = started + 1};
        if (pthread_create(&worker->thread, &attributes, worker_main, worker) != 0) {
            break;
        }
        started++;
    }
    pthread_attr_destroy(&attributes);
    work_until_done(&run, 0);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    free(workers);
}

unsigned workers_cores(void)
{
#ifdef __linux__
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        return (unsigned)CPU_COUNT(&set);
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}
