#include <check.h>
#include <string.h>

#include "report/excerpt.h"
#include "tests/unit/report_samples.h"

/* Draws marks on a source text and compares. */
static void check_excerpt(struct str source, const struct excerpt_mark *marks, size_t count, const char *expected)
{
    struct source_file file;
    struct diagnostics *diagnostics = diagnostics_new();
    struct buf out = {0};
    struct pen pen = {.out = &out};

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), source, diagnostics), SOURCE_OK);
    excerpt_write(&pen, &file, marks, count);
    ck_assert_str_eq(out.ptr != NULL ? out.ptr : "", expected);
    for (struct str rest = buf_str(&out); rest.len > 0;) {
        size_t end = str_find(rest, STR("\n"));
        ck_assert_uint_ne(end, SIZE_MAX);
        ck_assert_uint_le(display_width(str_slice(rest, 0, end)), STYLE_WIDTH);
        rest = str_slice(rest, end + 1, rest.len);
    }
    buf_release(&out);
    source_free(&file);
    diagnostics_free(diagnostics);
}

static struct excerpt_mark mark(uint32_t line, uint32_t column, uint32_t end_line, uint32_t end_column,
                                const char *label)
{
    return (struct excerpt_mark){
        .where = {STR("a.py"), line, column, end_line, end_column}, .sign = '^', .label = str_of(label)};
}

#define ONE(source, marked, expected) check_excerpt(STR(source), (struct excerpt_mark[]){marked}, 1, expected)

START_TEST(a_line_with_its_neighbours)
{
    ONE("a\nbb\nccc\n", mark(2, 1, 2, 3, "here"),
        "  1 | a\n"
        "  2 | bb\n"
        "    | ^^ here\n"
        "  3 | ccc\n");
    ONE("bb", mark(1, 2, 1, 3, ""),
        "  1 | bb\n"
        "    |  ^\n");
    ONE("\n\nx = 1\n\n", mark(3, 1, 3, 2, "here"),
        "  3 | x = 1\n"
        "    | ^ here\n");
}
END_TEST

START_TEST(numbers_are_aligned)
{
    ONE("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", mark(9, 1, 9, 2, ""),
        "   8 | 8\n"
        "   9 | 9\n"
        "     | ^\n"
        "  10 | 10\n");
}
END_TEST

START_TEST(far_marks_leave_a_gap)
{
    struct excerpt_mark marks[] = {mark(1, 1, 1, 2, "first"), mark(9, 1, 9, 2, "last")};
    check_excerpt(STR("a\n\nc\nd\ne\nf\n\nh\ni\n"), marks, 2,
                  "  1 | a\n"
                  "    | ^ first\n"
                  "  ...\n"
                  "  8 | h\n"
                  "  9 | i\n"
                  "    | ^ last\n");
    marks[1] = mark(7, 1, 7, 2, "last");
    check_excerpt(STR("a\n\nc\nd\ne\nf\ng\nh\ni\n"), marks, 2,
                  "  1 | a\n"
                  "    | ^ first\n"
                  "  2 |\n"
                  "  3 | c\n"
                  "  4 | d\n"
                  "  5 | e\n"
                  "  6 | f\n"
                  "  7 | g\n"
                  "    | ^ last\n"
                  "  8 | h\n");
}
END_TEST

START_TEST(two_marks_of_one_line)
{
    struct excerpt_mark marks[] = {mark(1, 1, 1, 2, "read"), mark(1, 1, 1, 7, "written")};
    check_excerpt(STR("n += 1\n"), marks, 2,
                  "  1 | n += 1\n"
                  "    | ^ read\n"
                  "    | ^^^^^^ written\n");
}
END_TEST

START_TEST(tabs_wide_and_combining_characters)
{
    ONE("\tx = 1\n", mark(1, 2, 1, 3, "here"),
        "  1 |     x = 1\n"
        "    |     ^ here\n");
    ONE("ab\tx\n", mark(1, 3, 1, 5, "tab and x"),
        "  1 | ab  x\n"
        "    |   ^^^ tab and x\n");
    ONE("残高 = 1\n", mark(1, 1, 1, 3, "here"),
        "  1 | 残高 = 1\n"
        "    | ^^^^ here\n");
    ONE("'😀' + e\xCC\x81 + x\n", mark(1, 12, 1, 13, "x"),
        "  1 | '😀' + e\xCC\x81 + x\n"
        "    |            ^ x\n");
    ONE("x = e\xCC\x81", mark(1, 1, 1, 2, ""),
        "  1 | x = e\xCC\x81\n"
        "    | ^\n");
}
END_TEST

START_TEST(what_cannot_be_shown_is_escaped)
{
    ONE("s = '\x1b\xE2\x80\xAE' + x\n", mark(1, 12, 1, 13, "x"),
        "  1 | s = '\\x1b\\u202e' + x\n"
        "    |                    ^ x\n");
}
END_TEST

START_TEST(every_line_end_is_one)
{
    ONE("a\r\nbb\rccc\n", mark(2, 1, 2, 3, "here"),
        "  1 | a\n"
        "  2 | bb\n"
        "    | ^^ here\n"
        "  3 | ccc\n");
}
END_TEST

START_TEST(a_range_over_lines)
{
    ONE("f(a,\n  b)\n", mark(1, 1, 2, 5, "here"),
        "  1 | f(a,\n"
        "    | ^^^^\n"
        "  2 |   b)\n"
        "    |   ^^ here\n");
    ONE("f(\n1,\n2,\n3,\n4,\n5,\n6,\n7,\n8,\n9)\nend\n", mark(1, 1, 10, 3, "here"),
        "   1 | f(\n"
        "     | ^^\n"
        "   2 | 1,\n"
        "     | ^^\n"
        "   3 | 2,\n"
        "     | ^^\n"
        "  ...\n"
        "  10 | 9)\n"
        "     | ^^ here\n"
        "  11 | end\n");
    ONE("for x in y:\n    z\n\nend\n", mark(1, 1, 3, 1, "loop"),
        "  1 | for x in y:\n"
        "    | ^^^^^^^^^^^\n"
        "  2 |     z\n"
        "    |     ^ loop\n");
}
END_TEST

#define DIGITS "0123456789"
#define CARETS "^^^^^^^^^^"
#define HUNDRED DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS

START_TEST(long_lines_are_shortened_around_the_mark)
{
    ONE("x = '" HUNDRED "'", mark(1, 1, 1, 2, "here"),
        "  1 | x = '012345678901234567890123456789012345678901234567890123456789012345...\n"
        "    | ^ here\n");
    ONE("a = '" HUNDRED "'; x = 1; b = '" HUNDRED "'", mark(1, 109, 1, 114, "here"),
        "  1 | ...34567890123456789'; x = 1; b = '012345678901234567890123456789012345...\n"
        "    |                        ^^^^^ here\n");
    ONE("a = '" HUNDRED "'; x = 1", mark(1, 109, 1, 114, "here"),
        "  1 | ...789012345678901234567890123456789012345678901234567890123456789'; x = 1\n"
        "    |                                                                      ^^^^^\n"
        "    |                                                                      here\n");
    ONE("x = '" HUNDRED "'", mark(1, 1, 1, 106, "here"),
        "  1 | x = '012345678901234567890123456789012345678901234567890123456789012345...\n"
        "    | " CARETS CARETS CARETS CARETS CARETS CARETS CARETS "^^^^\n"
        "    | here\n");
}
END_TEST

START_TEST(a_label_without_room_goes_below)
{
    ONE("x = " DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS, mark(1, 5, 1, 75, "A and B write here"),
        "  1 | x = " DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS "\n"
        "    |     " CARETS CARETS CARETS CARETS CARETS CARETS CARETS "\n"
        "    |     A and B write here\n");
}
END_TEST

START_TEST(ranges_outside_of_the_file_do_no_harm)
{
    ONE("a\n", mark(9, 1, 9, 2, "here"), "");
    ONE("a\n", mark(1, 50, 1, 60, "here"),
        "  1 | a\n"
        "    |  ^ here\n");
    ONE("a\nb\n", mark(2, 1, 2, 1, "empty"),
        "  1 | a\n"
        "  2 | b\n"
        "    | ^ empty\n");
    ONE("", mark(1, 1, 1, 1, "nothing"),
        "  1 |\n"
        "    | ^ nothing\n");
}
END_TEST

Suite *test_report_excerpt_suite(void)
{
    Suite *suite = suite_create("report_excerpt");
    TCase *tests = tcase_create("report_excerpt");

    tcase_add_test(tests, a_line_with_its_neighbours);
    tcase_add_test(tests, numbers_are_aligned);
    tcase_add_test(tests, far_marks_leave_a_gap);
    tcase_add_test(tests, two_marks_of_one_line);
    tcase_add_test(tests, tabs_wide_and_combining_characters);
    tcase_add_test(tests, what_cannot_be_shown_is_escaped);
    tcase_add_test(tests, every_line_end_is_one);
    tcase_add_test(tests, a_range_over_lines);
    tcase_add_test(tests, long_lines_are_shortened_around_the_mark);
    tcase_add_test(tests, a_label_without_room_goes_below);
    tcase_add_test(tests, ranges_outside_of_the_file_do_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
