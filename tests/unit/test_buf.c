#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit/child.h"

START_TEST(an_unused_buffer_is_the_empty_string)
{
    struct buf buf = {0};

    ck_assert_uint_eq(buf_str(&buf).len, 0);
    ck_assert_ptr_nonnull(buf_str(&buf).ptr);
    buf_clear(&buf);
    buf_release(&buf);
}
END_TEST

START_TEST(additions_follow_each_other)
{
    struct buf buf = {0};

    buf_add(&buf, STR("a\0b"));
    buf_add_char(&buf, '\0');
    buf_printf(&buf, "%d/%s", 7, "x");
    buf_add(&buf, (struct str){NULL, 0});
    ck_assert(str_equal(buf_str(&buf), STR("a\0b\0"
                                           "7/x")));
    ck_assert_int_eq(buf.ptr[buf.len], '\0');
    buf_clear(&buf);
    ck_assert_str_eq(buf.ptr, "");
    buf_printf(&buf, "%s", "");
    ck_assert_uint_eq(buf.len, 0);
    buf_release(&buf);
    ck_assert_ptr_null(buf.ptr);
}
END_TEST

START_TEST(it_grows)
{
    struct buf buf = {0};

    for (int i = 0; i < 100000; i++) {
        buf_printf(&buf, "%04d", i % 10000);
    }
    ck_assert_uint_eq(buf.len, 400000);
    ck_assert(str_equal(str_slice(buf_str(&buf), 4 * 12345, 4 * 12346), STR("2345")));
    ck_assert_uint_lt(buf.cap, 2 * buf.len + 64);
    buf_release(&buf);
}
END_TEST

static void add_too_much(void *context)
{
    struct buf buf = {0};

    (void)context;
    buf_add(&buf, STR("x"));
    buf_add(&buf, (struct str){"", BUF_MAX - 1});
}

static void add_the_most(void *context)
{
    struct buf buf = {0};

    (void)context;
    buf_add(&buf, (struct str){"", SIZE_MAX});
}

START_TEST(the_limit_is_memory_exhaustion)
{
    char errors[200];

    ck_assert_int_eq(child_run(add_too_much, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: out of memory"));
    ck_assert_int_eq(child_run(add_the_most, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: out of memory"));
}
END_TEST

Suite *test_buf_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *tests = tcase_create("buf");

    tcase_add_test(tests, an_unused_buffer_is_the_empty_string);
    tcase_add_test(tests, additions_follow_each_other);
    tcase_add_test(tests, it_grows);
    tcase_add_test(tests, the_limit_is_memory_exhaustion);
    suite_add_tcase(suite, tests);
    return suite;
}
