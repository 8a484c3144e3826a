#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/style.h"
#include "report/wrap.h"

static void check_wrap(const char *text, size_t column, size_t indent, const char *expected)
{
    struct buf out = {0};
    size_t end = wrap_add(&out, str_of(text), column, indent, STYLE_WIDTH);
    ck_assert_str_eq(out.ptr != NULL ? out.ptr : "", expected);
    size_t line_start = str_rfind_char(buf_str(&out), '\n');
    struct str last = str_slice(buf_str(&out), line_start == SIZE_MAX ? 0 : line_start + 1, out.len);
    ck_assert_uint_eq(end, display_width(last) + (line_start == SIZE_MAX ? column : 0));
    buf_release(&out);
}

#define TEN "123456789 "
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

START_TEST(short_text_stays_on_its_line)
{
    check_wrap("", 3, 0, "");
    check_wrap("one two", 0, 4, "one two");
    check_wrap("  one \n\t two \r\n", 0, 4, "one two");
    check_wrap(SEVENTY "1234567890", 0, 4, SEVENTY "1234567890");
}
END_TEST

START_TEST(lines_break_at_the_width)
{
    check_wrap(SEVENTY "12345678901", 0, 4,
               "123456789 123456789 123456789 123456789 123456789 123456789 123456789\n    12345678901");
    check_wrap("two words", 75, 2, "two\n  words");
    check_wrap("words", 78, 2, "\n  words");
}
END_TEST

START_TEST(wide_characters_count_as_two)
{
    check_wrap("残高残高 x", 71, 2, "残高残高\n  x");
    check_wrap("残高残高 x", 70, 2, "残高残高 x");
}
END_TEST

START_TEST(a_word_longer_than_a_line_stands_alone)
{
    char word[101];
    char expected[120];
    memset(word, 'w', 100);
    word[100] = '\0';
    snprintf(expected, sizeof expected, "\n  %s", word);
    check_wrap(word, 10, 2, expected);
    check_wrap(word, 2, 2, word);
}
END_TEST

START_TEST(code_stays_together)
{
    check_wrap("put it inside `with self._lock:` now", 54, 2, "put it inside\n  `with self._lock:` now");
    check_wrap("a `lonely quote", 76, 2, "a\n  `lonely quote");
    check_wrap("`a` and `b c`, d", 68, 2, "`a` and\n  `b c`, d");
    check_wrap("`one two three four five six seven eight nine ten eleven twelve`", 60, 2,
               "`one two three four\n  five six seven eight nine ten eleven twelve`");
}
END_TEST

START_TEST(control_characters_are_escaped)
{
    check_wrap("a\x1b[31m b", 0, 0, "a\\x1b[31m b");
}
END_TEST

static void check_markdown(const char *markdown, size_t indent, const char *expected)
{
    struct buf out = {0};
    wrap_markdown(&out, str_of(markdown), indent);
    ck_assert_str_eq(out.ptr != NULL ? out.ptr : "", expected);
    buf_release(&out);
}

START_TEST(markdown_paragraphs_are_filled)
{
    check_markdown("", 2, "");
    check_markdown("One\ntwo.\n\nThree.\n", 2, "  One two.\n\n  Three.\n");
    check_markdown("# Title\ntext\n## Next", 0, "Title\ntext\nNext\n");
}
END_TEST

START_TEST(markdown_lists_hang)
{
    check_markdown("Steps:\n\n1. one\n   more\n2. two\n- three\n", 2,
                   "  Steps:\n\n  1. one more\n  2. two\n  - three\n");
    check_markdown("- " SEVENTY "12345678901", 0,
                   "- 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n  12345678901\n");
    check_markdown("2.5 is no item\n-5 neither\n", 0, "2.5 is no item -5 neither\n");
}
END_TEST

START_TEST(markdown_code_stays)
{
    check_markdown("Code:\n```python\nif x:\n\n    y  +=  1\n```\nend", 1,
                   " Code:\n     if x:\n\n         y  +=  1\n end\n");
    check_markdown("Code:\n\n    x  = 1\n\n| a | b |\n| c | d |", 0, "Code:\n\n    x  = 1\n\n| a | b |\n| c | d |\n");
    check_markdown("```\nnever closed\n", 0, "    never closed\n");
}
END_TEST

Suite *test_report_wrap_suite(void)
{
    Suite *suite = suite_create("report_wrap");
    TCase *tests = tcase_create("report_wrap");

    tcase_add_test(tests, short_text_stays_on_its_line);
    tcase_add_test(tests, lines_break_at_the_width);
    tcase_add_test(tests, wide_characters_count_as_two);
    tcase_add_test(tests, a_word_longer_than_a_line_stands_alone);
    tcase_add_test(tests, code_stays_together);
    tcase_add_test(tests, control_characters_are_escaped);
    tcase_add_test(tests, markdown_paragraphs_are_filled);
    tcase_add_test(tests, markdown_lists_hang);
    tcase_add_test(tests, markdown_code_stays);
    suite_add_tcase(suite, tests);
    return suite;
}
