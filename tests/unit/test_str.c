#include <check.h>

#include "racelint/base.h"

static const struct str nothing = {NULL, 0};

START_TEST(of_takes_null_and_text)
{
    ck_assert_uint_eq(str_of(NULL).len, 0);
    ck_assert_ptr_nonnull(str_of(NULL).ptr);
    ck_assert_uint_eq(str_of("lock").len, 4);
}
END_TEST

START_TEST(equal_looks_at_length_and_bytes)
{
    ck_assert(str_equal(STR("a"), STR("a")));
    ck_assert(!str_equal(STR("a"), STR("ab")));
    ck_assert(!str_equal(STR("a"), STR("b")));
    ck_assert(str_equal(nothing, STR("")));
    ck_assert(str_equal(STR("a\0b"), STR("a\0b")));
    ck_assert(!str_equal(STR("a\0b"), STR("a\0c")));
}
END_TEST

START_TEST(compare_orders_by_bytes_then_length)
{
    ck_assert_int_lt(str_compare(STR("a"), STR("b")), 0);
    ck_assert_int_gt(str_compare(STR("b"), STR("a")), 0);
    ck_assert_int_lt(str_compare(STR("a"), STR("aa")), 0);
    ck_assert_int_gt(str_compare(STR("a\0"), STR("a")), 0);
    ck_assert_int_eq(str_compare(nothing, STR("")), 0);
    ck_assert_int_lt(str_compare(nothing, STR("a")), 0);
    /* Bytes are unsigned: UTF-8 sorts after ASCII. */
    ck_assert_int_gt(str_compare(STR("\xC3\xA9"), STR("z")), 0);
}
END_TEST

START_TEST(starts_and_ends)
{
    ck_assert(str_starts(STR("self._lock"), STR("self.")));
    ck_assert(!str_starts(STR("se"), STR("self.")));
    ck_assert(str_starts(STR("x"), nothing));
    ck_assert(str_ends(STR("cache.py"), STR(".py")));
    ck_assert(!str_ends(STR("py"), STR(".py")));
    ck_assert(!str_ends(STR("cache.pyi"), STR(".py")));
    ck_assert(str_ends(nothing, nothing));
}
END_TEST

START_TEST(trim_removes_white_space_at_both_ends)
{
    ck_assert(str_equal(str_trim(STR(" \t\r\n\v\f a b \n")), STR("a b")));
    ck_assert_uint_eq(str_trim(STR(" \n ")).len, 0);
    ck_assert_uint_eq(str_trim(nothing).len, 0);
    ck_assert(str_equal(str_trim(STR("\xC2\xA0x")), STR("\xC2\xA0x"))); /* ASCII only */
}
END_TEST

START_TEST(slice_is_clamped)
{
    ck_assert(str_equal(str_slice(STR("abcdef"), 1, 3), STR("bc")));
    ck_assert(str_equal(str_slice(STR("abc"), 1, SIZE_MAX), STR("bc")));
    ck_assert_uint_eq(str_slice(STR("abc"), 3, 3).len, 0);
    ck_assert_uint_eq(str_slice(STR("abc"), 9, 12).len, 0);
    ck_assert_uint_eq(str_slice(STR("abc"), 2, 1).len, 0);
    ck_assert_uint_eq(str_slice(nothing, 0, 5).len, 0);
}
END_TEST

START_TEST(find_gives_the_first_place)
{
    ck_assert_uint_eq(str_find(STR("aab aab"), STR("ab")), 1);
    ck_assert_uint_eq(str_find(STR("aaab"), STR("aab")), 1);
    ck_assert_uint_eq(str_find(STR("abc"), STR("c")), 2);
    ck_assert_uint_eq(str_find(STR("abc"), STR("abcd")), SIZE_MAX);
    ck_assert_uint_eq(str_find(STR("abab"), STR("ba ")), SIZE_MAX);
    ck_assert_uint_eq(str_find(STR("abc"), STR("")), 0);
    ck_assert_uint_eq(str_find(nothing, STR("a")), SIZE_MAX);
    ck_assert_uint_eq(str_find(STR("a\0b"), STR("\0b")), 1);
}
END_TEST

START_TEST(find_name_gives_whole_names_only)
{
    ck_assert_uint_eq(str_find_name(STR("jobs_left + jobs"), STR("jobs")), 12);
    ck_assert_uint_eq(str_find_name(STR("self.jobs[job]"), STR("jobs")), 5);
    ck_assert_uint_eq(str_find_name(STR("xjobs jobs1 \303\251jobs jobs\303\251"), STR("jobs")), SIZE_MAX);
    ck_assert_uint_eq(str_find_name(STR("aa a"), STR("a")), 3);
    ck_assert_uint_eq(str_find_name(STR("jobs"), STR("")), SIZE_MAX);
    ck_assert_uint_eq(str_find_name(nothing, STR("a")), SIZE_MAX);
}
END_TEST

START_TEST(rfind_char_gives_the_last_place)
{
    ck_assert_uint_eq(str_rfind_char(STR("a.b.c"), '.'), 3);
    ck_assert_uint_eq(str_rfind_char(STR(".abc"), '.'), 0);
    ck_assert_uint_eq(str_rfind_char(STR("abc"), '.'), SIZE_MAX);
    ck_assert_uint_eq(str_rfind_char(nothing, '.'), SIZE_MAX);
}
END_TEST

Suite *test_str_suite(void)
{
    Suite *suite = suite_create("str");
    TCase *tests = tcase_create("str");

    tcase_add_test(tests, of_takes_null_and_text);
    tcase_add_test(tests, equal_looks_at_length_and_bytes);
    tcase_add_test(tests, compare_orders_by_bytes_then_length);
    tcase_add_test(tests, starts_and_ends);
    tcase_add_test(tests, trim_removes_white_space_at_both_ends);
    tcase_add_test(tests, slice_is_clamped);
    tcase_add_test(tests, find_gives_the_first_place);
    tcase_add_test(tests, find_name_gives_whole_names_only);
    tcase_add_test(tests, rfind_char_gives_the_last_place);
    suite_add_tcase(suite, tests);
    return suite;
}
