#include <check.h>
#include <string.h>

#include "base/vec.h"
#include "racelint/base.h"
#include "tests/unit/child.h"

struct pair {
    int left, right;
};

START_TEST(push_pop_last_clear)
{
    VEC(struct pair) pairs = {0};

    for (int i = 0; i < 1000; i++) {
        vec_push(&pairs, (struct pair){i, -i});
    }
    ck_assert_uint_eq(pairs.len, 1000);
    ck_assert_int_eq(pairs.data[500].right, -500);
    ck_assert_int_eq(vec_last(&pairs).left, 999);
    ck_assert_int_eq(vec_pop(&pairs).left, 999);
    ck_assert_uint_eq(pairs.len, 999);
    vec_clear(&pairs);
    ck_assert_uint_eq(pairs.len, 0);
    ck_assert_uint_ge(pairs.cap, 1000);
    vec_release(&pairs);
    ck_assert_ptr_null(pairs.data);
    ck_assert_uint_eq(pairs.cap, 0);
}
END_TEST

START_TEST(reserve_makes_room_once)
{
    VEC(int) numbers = {0};

    vec_reserve(&numbers, 100);
    ck_assert_uint_ge(numbers.cap, 100);
    ck_assert_uint_eq(numbers.len, 0);
    const int *before = numbers.data;
    for (int i = 0; i < 100; i++) {
        vec_push(&numbers, i);
    }
    ck_assert_ptr_eq(numbers.data, before);
    vec_release(&numbers);
}
END_TEST

static void pass_the_limit(void *context)
{
    VEC(char) bytes = {0};

    (void)context;
    vec_reserve(&bytes, VEC_MAX + 1);
}

static void overflow_the_size(void *context)
{
    size_t cap = 0;

    (void)context;
    vec_free(vec_grow(NULL, &cap, 1, SIZE_MAX / 2));
}

START_TEST(the_limit_is_memory_exhaustion)
{
    char errors[200];

    ck_assert_int_eq(child_run(pass_the_limit, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: out of memory"));
    ck_assert_int_eq(child_run(overflow_the_size, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: out of memory"));
}
END_TEST

Suite *test_vec_suite(void)
{
    Suite *suite = suite_create("vec");
    TCase *tests = tcase_create("vec");

    tcase_add_test(tests, push_pop_last_clear);
    tcase_add_test(tests, reserve_makes_room_once);
    tcase_add_test(tests, the_limit_is_memory_exhaustion);
    suite_add_tcase(suite, tests);
    return suite;
}
