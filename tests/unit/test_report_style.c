#include <check.h>

#include "report/style.h"

static void check_escape(struct str text, const char *expected, size_t width)
{
    struct buf out = {0};
    display_escape(&out, text);
    ck_assert(str_equal(buf_str(&out), str_of(expected)));
    ck_assert_uint_eq(display_width(text), width);
    buf_release(&out);
}

START_TEST(printable_text_stays)
{
    check_escape(STR(""), "", 0);
    check_escape(STR("self._data['k']"), "self._data['k']", 15);
    check_escape(STR("残高"), "残高", 4);
    check_escape(STR("e\xCC\x81"), "e\xCC\x81", 1); /* a combining accent */
    check_escape(STR("😀"), "😀", 2);
    check_escape(STR("a\\n"), "a\\n", 3);
}
END_TEST

START_TEST(what_moves_or_hides_is_escaped)
{
    check_escape(STR("a\nb\r\tc"), "a\\nb\\r\\tc", 9);
    check_escape(STR("\0\x07\x1b[31m\x7F"), "\\x00\\x07\\x1b[31m\\x7f", 20);
    check_escape(STR("\xC2\x85"), "\\x85", 4); /* next line */
    check_escape(STR("\xE2\x80\xAE"
                     "x"),
                 "\\u202ex", 7);                                         /* right-to-left override */
    check_escape(STR("\xE2\x80\xA8\xE2\x80\xA9"), "\\u2028\\u2029", 12); /* line and paragraph separator */
    check_escape(STR("\xF3\xA0\x80\x81"), "\\U000e0001", 10);            /* a tag character */
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_escaped)
{
    check_escape(STR("\xFF\xC3(\xE2\x82"), "\\xff\\xc3(\\xe2\\x82", 17);
    check_escape(STR("\xED\xA0\x80"), "\\xed\\xa0\\x80", 12); /* a surrogate */
}
END_TEST

static void check_shorten(struct str text, size_t width, const char *expected)
{
    struct buf out = {0};
    display_shorten(&out, text, width);
    ck_assert(str_equal(buf_str(&out), str_of(expected)));
    ck_assert_uint_le(display_width(buf_str(&out)), width);
    buf_release(&out);
}

START_TEST(long_text_is_shortened)
{
    check_shorten(STR("abcdef"), 6, "abcdef");
    check_shorten(STR("abcdef"), 5, "ab...");
    check_shorten(STR("残高残高"), 8, "残高残高");
    check_shorten(STR("残高残高"), 6, "残...");
    check_shorten(STR("a\nbcdef"), 6, "a\\n...");
    check_shorten(STR("abcdef"), 2, "..");
    check_shorten(STR("abcdef"), 0, "");
}
END_TEST

START_TEST(colors_only_where_wanted)
{
    struct buf out = {0};
    struct pen plain = {.out = &out, .color = false}, color = {.out = &out, .color = true};

    pen_add(&plain, STYLE_HIGH, STR("a\x1b"));
    pen_space(&plain, 2);
    ck_assert_str_eq(out.ptr, "a\\x1b  ");
    buf_clear(&out);
    pen_add(&color, STYLE_HIGH, STR("a\x1b"));
    pen_add(&color, STYLE_PLAIN, STR("b"));
    ck_assert_str_eq(out.ptr, "\x1b[1;31ma\\x1b\x1b[0mb");
    buf_release(&out);
}
END_TEST

Suite *test_report_style_suite(void)
{
    Suite *suite = suite_create("report_style");
    TCase *tests = tcase_create("report_style");

    tcase_add_test(tests, printable_text_stays);
    tcase_add_test(tests, what_moves_or_hides_is_escaped);
    tcase_add_test(tests, bytes_that_are_not_utf8_are_escaped);
    tcase_add_test(tests, long_text_is_shortened);
    tcase_add_test(tests, colors_only_where_wanted);
    suite_add_tcase(suite, tests);
    return suite;
}
