#include <check.h>

#include "store/changes.h"

/* Reads a diff, and takes the files for tracked that it names. */
static void check_diff(const char *diff, const char *expected)
{
    struct changes changes = {.arena = arena_new()};
    struct buf actual = {0};
    changes_parse(&changes, str_of(diff));
    for (size_t i = 0; i < changes.lines.len; i++) {
        const struct changed_lines *lines = &changes.lines.data[i];
        buf_printf(&actual, "%.*s:%u-%u;", STR_FMT(lines->path), (unsigned)lines->first, (unsigned)lines->last);
    }
    ck_assert_msg(str_equal(buf_str(&actual), str_of(expected)), "%s", actual.ptr);
    buf_release(&actual);
    changes_release(&changes);
}

START_TEST(hunks_name_lines)
{
    check_diff("diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n@@ -3 +3 @@ def f():\n-a\n+b\n"
               "@@ -9,0 +10,2 @@\n+a\n+b\n",
               "m.py:3-3;m.py:10-11;");
    check_diff("+++ b/b.py\n@@ -1 +7 @@\n-x\n+y\n+++ b/a.py\n@@ -1 +2 @@\n-x\n+y\n", "a.py:2-2;b.py:7-7;");
}
END_TEST

START_TEST(gaps_touch_their_neighbours)
{
    check_diff("+++ b/m.py\n@@ -5,2 +4,0 @@\n-a\n-b\n", "m.py:4-5;");
    check_diff("+++ b/m.py\n@@ -1,2 +0,0 @@\n-a\n-b\n", "m.py:1-1;");
}
END_TEST

START_TEST(the_text_of_a_hunk_is_passed_over)
{
    check_diff(
        "+++ b/m.py\n@@ -1,2 +1,2 @@\n--- a/x\n-@@ -1 +1 @@\n+++ b/y\n+diff --git a/z b/z\n@@ -8 +8 @@\n-a\n+b\n",
        "m.py:1-2;m.py:8-8;");
    check_diff("+++ b/m.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
               "+++ b/n.py\n@@ -1 +1 @@\n-a\n+b\n",
               "m.py:1-1;n.py:1-1;");
}
END_TEST

START_TEST(names_may_be_odd)
{
    check_diff("+++ b/with blank.py\t\n@@ -1 +1 @@\n-a\n+b\n", "with blank.py:1-1;");
    check_diff("+++ \"b/a\\tb\\n\\\"\\\\\\303\\244\\001.py\"\n@@ -1 +1 @@\n-a\n+b\n", "a\tb\n\"\\\xC3\xA4\x01.py:1-1;");
    check_diff("+++ b/b/b.py\n@@ -1 +1 @@\n-a\n+b\n", "b/b.py:1-1;");
}
END_TEST

START_TEST(files_that_are_gone_have_no_lines)
{
    check_diff(
        "diff --git a/m.py b/m.py\ndeleted file mode 100644\n--- a/m.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", "");
    check_diff("diff --git a/m.py b/n.py\nsimilarity index 100%\nrename from m.py\nrename to n.py\n", "");
}
END_TEST

START_TEST(what_is_no_diff_does_no_harm)
{
    check_diff("", "");
    check_diff("@@ -1 +1 @@\n", "");
    check_diff("+++ b/m.py\n@@ \n", "m.py:1-1;");
    check_diff("+++ b/m.py\n@@ -1,99999999999999999999 +4294967295,4294967295 @@", "m.py:4294967295-4294967295;");
    check_diff("+++ \"b/m\\", "");
    check_diff("+++ \"b/m.py\\7\"\n@@ -1 +1", "m.py\x07:1-1;");
}
END_TEST

START_TEST(lines_are_found)
{
    struct changes changes = {.arena = arena_new()};
    changes_parse(&changes, STR("+++ b/m.py\n@@ -1 +5,3 @@\n-a\n+b\n+c\n+d\n"));
    vec_push(&changes.tracked, STR("a.py"));
    vec_push(&changes.tracked, STR("m.py"));
    ck_assert(!changes_touch(&changes, STR("m.py"), 1, 4));
    ck_assert(changes_touch(&changes, STR("m.py"), 1, 5));
    ck_assert(changes_touch(&changes, STR("m.py"), 6, 6));
    ck_assert(changes_touch(&changes, STR("m.py"), 7, 90));
    ck_assert(!changes_touch(&changes, STR("m.py"), 8, 90));
    ck_assert(!changes_touch(&changes, STR("a.py"), 1, 90));
    ck_assert_msg(changes_touch(&changes, STR("b.py"), 1, 1), "an untracked file has changed");
    changes_release(&changes);
}
END_TEST

Suite *test_changes_suite(void)
{
    Suite *suite = suite_create("changes");
    TCase *tests = tcase_create("changes");
    tcase_add_test(tests, hunks_name_lines);
    tcase_add_test(tests, gaps_touch_their_neighbours);
    tcase_add_test(tests, the_text_of_a_hunk_is_passed_over);
    tcase_add_test(tests, names_may_be_odd);
    tcase_add_test(tests, files_that_are_gone_have_no_lines);
    tcase_add_test(tests, what_is_no_diff_does_no_harm);
    tcase_add_test(tests, lines_are_found);
    suite_add_tcase(suite, tests);
    return suite;
}
