#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/memory.h"
#include "racelint/base.h"
#include "tests/unit/child.h"

static void meet_bug(void *context)
{
    (void)context;
    BUG("span %d ends before it starts", 7);
}

START_TEST(bug_names_the_place_and_ends_with_2)
{
    char errors[400];

    ck_assert_int_eq(child_run(meet_bug, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: internal error at "));
    ck_assert_ptr_nonnull(strstr(errors, "test_error.c:"));
    ck_assert_ptr_nonnull(strstr(errors, ": span 7 ends before it starts\n"));
}
END_TEST

static void meet_long_bug(void *context)
{
    BUG("%s", (const char *)context);
}

START_TEST(a_long_bug_is_cut)
{
    char text[5000];
    char errors[3000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(child_run(meet_long_bug, text, errors, sizeof errors), 2);
    ck_assert_uint_lt(strlen(errors), 1500);
    ck_assert_ptr_nonnull(strstr(errors, "xxx\n"));
}
END_TEST

static void ask_for_too_much(void *context)
{
    free(memory_new(*(const size_t *)context));
}

static void grow_too_much(void *context)
{
    free(memory_resize(memory_new(8), *(const size_t *)context));
}

START_TEST(exhaustion_names_the_size_and_ends_with_2)
{
    size_t size = SIZE_MAX / 2 + 1; /* more than any malloc() gives */
    char expected[100];
    char errors[1000];

    snprintf(expected, sizeof expected, "racelint: out of memory (%zu bytes asked for)\n", size);
    ck_assert_int_eq(child_run(ask_for_too_much, &size, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, expected));
    ck_assert_int_eq(child_run(grow_too_much, &size, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, expected));
}
END_TEST

START_TEST(memory_is_zeroed_and_keeps_what_it_held)
{
    unsigned char *memory = memory_new(100);

    for (size_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(memory[i], 0);
    }
    memory[99] = 42;
    memory = memory_resize(memory, 10000);
    ck_assert_uint_eq(memory[99], 42);
    free(memory);
    memory = memory_new(0);
    ck_assert_ptr_nonnull(memory);
    memory = memory_resize(memory, 0);
    ck_assert_ptr_nonnull(memory);
    free(memory);
}
END_TEST

#ifdef RACELINT_DEBUG
/* Fails the allocation that comes after as many as the context says; returns where none failed. */
static void use_memory(void *context)
{
    memory_fail_after(*(const long *)context);
    struct arena *arena = arena_new();
    struct buf buf = {0};
    struct intern *names = intern_new();
    for (int i = 0; i < 500; i++) {
        buf_printf(&buf, "name%d", i);
        intern_id(names, arena_str(arena, buf_str(&buf)));
    }
    intern_free(names);
    buf_release(&buf);
    arena_free(arena);
}

START_TEST(every_failing_allocation_ends_with_a_message)
{
    char errors[400];
    long count = 0;
    int status = 2;

    for (; status == 2; count++) {
        status = child_run(use_memory, &count, errors, sizeof errors);
        ck_assert(status == 0 || strstr(errors, "racelint: out of memory") != NULL);
    }
    ck_assert_int_eq(status, 0);
    ck_assert_int_gt(count, 10);
}
END_TEST
#endif

Suite *test_error_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bug_names_the_place_and_ends_with_2);
    tcase_add_test(tests, a_long_bug_is_cut);
    tcase_add_test(tests, exhaustion_names_the_size_and_ends_with_2);
    tcase_add_test(tests, memory_is_zeroed_and_keeps_what_it_held);
#ifdef RACELINT_DEBUG
    tcase_add_test(tests, every_failing_allocation_ends_with_a_message);
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
