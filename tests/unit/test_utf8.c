#include <check.h>

#include "source/utf8.h"

START_TEST(valid_text_is_valid)
{
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8D and more than eight bytes of ASCII\x7F";
    struct str s = {text, sizeof text - 1};

    ck_assert_uint_eq(utf8_valid_length(s), s.len);
    ck_assert_uint_eq(utf8_count(STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8D")), 4);
    ck_assert_uint_eq(utf8_valid_length(STR("")), 0);
}
END_TEST

/* Each is an error of that many bytes, as Python counts them when it replaces. */
START_TEST(errors_have_pythons_lengths)
{
    static const struct {
        struct str bytes;
        size_t length;
    } errors[] = {
        {{"\x80", 1}, 1},             /* a continuation alone */
        {{"\xC0\xAF", 2}, 1},         /* overlong */
        {{"\xC3", 1}, 1},             /* cut off */
        {{"\xC3(", 2}, 1},            /* continued wrongly */
        {{"\xE0\x80\x80", 3}, 1},     /* overlong */
        {{"\xED\xA0\x80", 3}, 1},     /* a surrogate */
        {{"\xE2\x82", 2}, 2},         /* cut off late */
        {{"\xE2\x82(", 3}, 2},        /* continued wrongly late */
        {{"\xF0\x9F\x90", 3}, 3},     /* cut off later */
        {{"\xF4\x90\x80\x80", 4}, 1}, /* above U+10FFFF */
        {{"\xF5\x80", 2}, 1},
        {{"\xFF", 1}, 1},
    };

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        bool valid = true;
        ck_assert_uint_eq(utf8_length_at(errors[i].bytes, 0, &valid), errors[i].length);
        ck_assert(!valid);
        ck_assert_uint_eq(utf8_valid_length(errors[i].bytes), 0);
    }
    ck_assert_uint_eq(utf8_valid_length(STR("0123456789\xFFxyz")), 10);
}
END_TEST

START_TEST(small_codes_are_written)
{
    char out[2];

    ck_assert_uint_eq(utf8_put_small(out, 'A'), 1);
    ck_assert_int_eq(out[0], 'A');
    ck_assert_uint_eq(utf8_put_small(out, 0xE9), 2);
    ck_assert(str_equal((struct str){out, 2}, STR("\xC3\xA9")));
    ck_assert_uint_eq(utf8_put_small(out, 0x7FF), 2);
    ck_assert(str_equal((struct str){out, 2}, STR("\xDF\xBF")));
}
END_TEST

Suite *test_utf8_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");

    tcase_add_test(tests, valid_text_is_valid);
    tcase_add_test(tests, errors_have_pythons_lengths);
    tcase_add_test(tests, small_codes_are_written);
    suite_add_tcase(suite, tests);
    return suite;
}
