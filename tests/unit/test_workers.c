#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/workers.h"
#include "racelint/base.h"

enum { COUNT = 5000, JOBS = 8 };

struct record {
    atomic_int calls[COUNT]; /* per index */
    atomic_int busy[JOBS];   /* calls now running, per worker */
    atomic_int wrong;        /* calls with a bad worker number, or that overlapped */
    unsigned jobs;
};

static void note(void *context, size_t index, unsigned worker)
{
    struct record *record = context;

    if (worker >= record->jobs || atomic_fetch_add(&record->busy[worker], 1) != 0) {
        atomic_fetch_add(&record->wrong, 1);
    }
    atomic_fetch_add(&record->calls[index], 1);
    atomic_fetch_sub(&record->busy[worker], 1);
}

START_TEST(every_index_is_worked_on_once)
{
    static const unsigned jobs[] = {1, 2, 3, JOBS};
    struct record *record = memory_new(sizeof *record);

    record->jobs = jobs[_i];
    workers_run(record->jobs, COUNT, note, record);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_int_eq(record->calls[i], 1);
    }
    ck_assert_int_eq(record->wrong, 0);
    free(record);
}
END_TEST

START_TEST(few_indexes_for_many_jobs)
{
    struct record *record = memory_new(sizeof *record);

    record->jobs = JOBS;
    workers_run(JOBS, 0, note, record);
    ck_assert_int_eq(record->calls[0], 0);
    workers_run(JOBS, 1, note, record);
    ck_assert_int_eq(record->calls[0], 1);
    workers_run(JOBS, 3, note, record);
    ck_assert_int_eq(record->calls[0], 2);
    ck_assert_int_eq(record->calls[2], 1);
    ck_assert_int_eq(record->calls[3], 0);
    workers_run(0, 1, note, record);
    ck_assert_int_eq(record->calls[0], 3);
    ck_assert_int_eq(record->wrong, 0);
    free(record);
}
END_TEST

static void count(void *context, size_t index, unsigned worker)
{
    (void)index;
    (void)worker;
    atomic_fetch_add((atomic_int *)context, 1);
}

START_TEST(an_absurd_number_of_jobs_is_cut)
{
    atomic_int calls = 0;

    workers_run(1000000, 3000, count, &calls);
    ck_assert_int_eq(calls, 3000);
}
END_TEST

/* A front end works deep down the stack; threads must have as much of it as the first one. */
static void use_stack(void *context, size_t index, unsigned worker)
{
    volatile char block[4 << 20];

    (void)worker;
    for (size_t i = 0; i < sizeof block; i += 4096) {
        block[i] = (char)index;
    }
    atomic_fetch_add((atomic_int *)context, block[0] == (char)index);
}

START_TEST(workers_have_a_large_stack)
{
    atomic_int good = 0;

    workers_run(4, 8, use_stack, &good);
    ck_assert_int_eq(good, 8);
}
END_TEST

START_TEST(there_is_a_core)
{
    ck_assert_uint_ge(workers_cores(), 1);
}
END_TEST

Suite *test_workers_suite(void)
{
    Suite *suite = suite_create("workers");
    TCase *tests = tcase_create("workers");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_index_is_worked_on_once, 0, 4);
    tcase_add_test(tests, few_indexes_for_many_jobs);
    tcase_add_test(tests, an_absurd_number_of_jobs_is_cut);
    tcase_add_test(tests, workers_have_a_large_stack);
    tcase_add_test(tests, there_is_a_core);
    suite_add_tcase(suite, tests);
    return suite;
}
