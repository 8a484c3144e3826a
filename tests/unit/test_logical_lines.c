#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "source/logical_lines.h"

/* Expects the logical lines of a text as "first-last" ranges, separated by blanks. */
static void expect(const char *text, const char *expected)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct arena *arena = arena_new();
    struct source_file file;
    struct buf found = {0};

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), str_of(text), diagnostics), SOURCE_OK);
    struct logical_lines lines = logical_lines_of(arena, &file);
    ck_assert_uint_eq(lines.line_count, file.line_count);
    for (uint32_t line = 1; line <= lines.line_count; line = lines.last[line] + 1) {
        buf_printf(&found, "%s%u-%u", line > 1 ? " " : "", (unsigned)lines.first[line], (unsigned)lines.last[line]);
        for (uint32_t i = line; i <= lines.last[line]; i++) {
            ck_assert_uint_eq(lines.first[i], line);
            ck_assert_uint_eq(lines.last[i], lines.last[line]);
        }
    }
    ck_assert_msg(strcmp(found.ptr, expected) == 0, "%s\n%s", text, found.ptr);
    buf_release(&found);
    source_free(&file);
    arena_free(arena);
    diagnostics_free(diagnostics);
}

START_TEST(lines_that_end_stand_alone)
{
    expect("a\nb", "1-1 2-2");
    expect("", "1-1");
    expect("x = ')' # (\ny", "1-1 2-2");
}
END_TEST

START_TEST(brackets_join)
{
    expect("f(\n  a,  # x)\n)\nb", "1-3 4-4");
    expect("x = [{\n'(': (1,\n2)}\n]\nb", "1-4 5-5");
    expect(")\na", "1-1 2-2");
}
END_TEST

START_TEST(strings_join)
{
    expect("'''a\n\"(\n\\''''\nb", "1-3 4-4");
    expect("x = r\"\"\"\n(\n\"\"\"\nb", "1-3 4-4");
    expect("x = '(' + \"[\"\nb", "1-1 2-2");
    expect("x = 'a\\\n(' \nb", "1-2 3-3");
    expect("x = 'never closed (\nb", "1-1 2-2");
    expect("x = '\\''\nb", "1-1 2-2");
    expect("x = ''\nb", "1-1 2-2");
}
END_TEST

START_TEST(backslashes_join)
{
    expect("a = 1 + \\\n 2\nb", "1-2 3-3");
    expect("a = 1 + \\\r\n 2\rb", "1-2 3-3");
    expect("# no \\\nb", "1-1 2-2");
    expect("a \\ \nb", "1-1 2-2");
    expect("a \\", "1-1");
}
END_TEST

START_TEST(a_bracket_that_is_never_closed_ends_at_a_statement)
{
    expect("f(a,\n  b\ndef g():\n    pass\nx", "1-2 3-3 4-4 5-5");
    expect("f(\ndefine,\n)\nx", "1-3 4-4");
}
END_TEST

Suite *test_logical_lines_suite(void)
{
    Suite *suite = suite_create("logical_lines");
    TCase *tests = tcase_create("logical_lines");

    tcase_add_test(tests, lines_that_end_stand_alone);
    tcase_add_test(tests, brackets_join);
    tcase_add_test(tests, strings_join);
    tcase_add_test(tests, backslashes_join);
    tcase_add_test(tests, a_bracket_that_is_never_closed_ends_at_a_statement);
    suite_add_tcase(suite, tests);
    return suite;
}
