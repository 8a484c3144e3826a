#include <check.h>

#include "source/lines.h"

static struct source_file file_of(struct str bytes)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file;

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), bytes, diagnostics), SOURCE_OK);
    diagnostics_free(diagnostics);
    return file;
}

START_TEST(all_line_ends_end_lines)
{
    struct source_file file = file_of(STR("a\nb\r\nc\rd\r\r\n\n"));
    static const char *const lines[] = {"a", "b", "c", "d", "", "", ""};

    ck_assert_uint_eq(file.line_count, 7);
    for (uint32_t i = 0; i < file.line_count; i++) {
        ck_assert(str_equal(source_line(&file, i + 1), str_of(lines[i])));
    }
    ck_assert_uint_eq(source_line(&file, 0).len, 0);
    ck_assert_uint_eq(source_line(&file, 8).len, 0);
    source_free(&file);
}
END_TEST

START_TEST(form_feeds_and_unicode_separators_do_not)
{
    struct source_file file = file_of(STR("a\f\vb\xE2\x80\xA8"
                                          "c\xC2\x85"));

    ck_assert_uint_eq(file.line_count, 1);
    source_free(&file);
}
END_TEST

START_TEST(an_empty_file_has_one_line)
{
    struct source_file file = file_of(STR(""));
    struct source_position position = source_position_at(&file, 0);

    ck_assert_uint_eq(file.line_count, 1);
    ck_assert_uint_eq(position.line, 1);
    ck_assert_uint_eq(position.column, 1);
    source_free(&file);
}
END_TEST

START_TEST(columns_count_code_points)
{
    /* a, e acute, euro sign, snake, x */
    struct source_file file = file_of(STR("one\na\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8Dx\n"));
    static const uint32_t offsets[] = {4, 5, 7, 10, 14, 15};

    for (uint32_t i = 0; i < 6; i++) {
        struct source_position position = source_position_at(&file, offsets[i]);
        ck_assert_uint_eq(position.line, 2);
        ck_assert_uint_eq(position.column, i + 1);
    }
    ck_assert_uint_eq(source_position_at(&file, 3).line, 1);
    ck_assert_uint_eq(source_position_at(&file, 3).column, 4);
    ck_assert_uint_eq(source_position_at(&file, 16).line, 3);
    ck_assert_uint_eq(source_position_at(&file, 1000).line, 3); /* behind the end: the end */
    source_free(&file);
}
END_TEST

START_TEST(every_offset_is_found)
{
    struct source_file file = file_of(STR("\n\nab\n\r\nc"));
    static const uint32_t lines[] = {1, 2, 3, 3, 3, 4, 4, 5, 5};

    for (uint32_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_uint_eq(lines_find(&file, i), lines[i]);
    }
    source_free(&file);
}
END_TEST

Suite *test_lines_suite(void)
{
    Suite *suite = suite_create("lines");
    TCase *tests = tcase_create("lines");

    tcase_add_test(tests, all_line_ends_end_lines);
    tcase_add_test(tests, form_feeds_and_unicode_separators_do_not);
    tcase_add_test(tests, an_empty_file_has_one_line);
    tcase_add_test(tests, columns_count_code_points);
    tcase_add_test(tests, every_offset_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}
