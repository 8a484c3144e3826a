#include <check.h>

#include "cli/progress.h"

static void check_line(struct progress_state state, const char *expected)
{
    struct buf line = {0};
    progress_print(&state, &line);
    ck_assert_str_eq(line.ptr, expected);
    buf_release(&line);
}

static struct progress_state reading(size_t done, double seconds)
{
    return (struct progress_state){PROGRESS_READ, done, 100, seconds, 0, 2};
}

static struct progress_state following(double read_seconds, double seconds)
{
    return (struct progress_state){PROGRESS_ANALYSIS, 0, 100, seconds, read_seconds, 2};
}

START_TEST(reading_is_counted)
{
    check_line(reading(0, 0), "0 of 100 files read");
    check_line(reading(4, 2), "4 of 100 files read");
    check_line(reading(50, 0.4), "50 of 100 files read");
    /* As much again to read, and as long for the analysis as two threads read in all. */
    check_line(reading(50, 4), "50 of 100 files read, about 12 s left");
    check_line(reading(100, 0.9), "100 of 100 files read");
}
END_TEST

START_TEST(the_analysis_is_estimated_by_the_reading)
{
    check_line(following(6, 2), "100 files read, following their threads, about 4 s left");
    check_line(following(6, 5.5), "100 files read, following their threads");
    check_line(following(6, 9), "100 files read, following their threads for 9 s");
}
END_TEST

START_TEST(without_a_terminal_nothing_happens)
{
    struct progress progress;
    progress_init(&progress, true);
    progress_begin(&progress, PROGRESS_READ, 3, 1);
    progress_step(&progress);
    ck_assert(!progress.ticking);
    progress_end(&progress);
    progress_begin(NULL, PROGRESS_READ, 3, 1);
    progress_step(NULL);
    progress_end(NULL);
}
END_TEST

Suite *test_progress_suite(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");
    tcase_add_test(tests, reading_is_counted);
    tcase_add_test(tests, the_analysis_is_estimated_by_the_reading);
    tcase_add_test(tests, without_a_terminal_nothing_happens);
    suite_add_tcase(suite, tests);
    return suite;
}
