#include <check.h>
#include <stdlib.h>

#include "fix/edits.h"
#include "racelint/fix.h"

static void add(edit_list *edits, uint32_t start, uint32_t end, uint32_t order, const char *text)
{
    vec_push(edits, ((struct edit){0, start, end, order, str_of(text)}));
}

static void check_text(const struct buf *buf, const char *expected)
{
    ck_assert_str_eq(buf->len > 0 ? buf->ptr : "", expected);
}

START_TEST(insertions_at_one_offset_go_by_their_order)
{
    edit_list edits = {0};
    struct buf out = {0};
    add(&edits, 3, 3, EDIT_BLANKS, "3");
    add(&edits, 3, 4, EDIT_HERE, "D");
    add(&edits, 3, 3, EDIT_HEADERS, "2");
    add(&edits, 3, 3, EDIT_BEFORE, "1");
    add(&edits, 0, 1, EDIT_HERE, "");
    ck_assert(edits_sort(&edits));
    edits_apply(&edits, 0, STR("abcdef"), &out);
    check_text(&out, "bc123Def");
    buf_release(&out);
    vec_release(&edits);
}
END_TEST

START_TEST(edits_that_overlap_are_refused)
{
    edit_list edits = {0};
    add(&edits, 2, 5, EDIT_HERE, "x");
    add(&edits, 4, 4, EDIT_HERE, "y");
    ck_assert(!edits_sort(&edits));
    edits.data[1].start = edits.data[1].end = 5;
    edits.data[0] = (struct edit){0, 2, 5, EDIT_HERE, STR("x")};
    ck_assert(edits_sort(&edits));
    vec_release(&edits);
}
END_TEST

START_TEST(edits_of_other_files_do_not_count)
{
    edit_list edits = {0};
    struct buf out = {0};
    vec_push(&edits, ((struct edit){1, 0, 3, EDIT_HERE, STR("no")}));
    add(&edits, 1, 2, EDIT_HERE, "X");
    ck_assert(edits_sort(&edits));
    edits_apply(&edits, 0, STR("abc"), &out);
    check_text(&out, "aXc");
    buf_release(&out);
    vec_release(&edits);
}
END_TEST

START_TEST(offsets_lead_back_to_the_text_before_the_edits)
{
    static const uint32_t origins[] = {0, 1, 1, 1, 2, 4, 5, 6}; /* of the bytes of "aXYbcefg" */
    edit_list edits = {0};
    struct buf out = {0};
    vec_push(&edits, ((struct edit){1, 0, 3, EDIT_HERE, STR("no")}));
    add(&edits, 1, 1, EDIT_HERE, "XY");
    add(&edits, 3, 4, EDIT_HERE, "");
    ck_assert(edits_sort(&edits));
    edits_apply(&edits, 0, STR("abcdefg"), &out);
    check_text(&out, "aXYbcefg");
    for (uint32_t i = 0; i < 8; i++) {
        ck_assert_uint_eq(edits_origin(&edits, 0, i), origins[i]);
    }
    ck_assert_uint_eq(edits_origin(&edits, 0, 8), 7);
    ck_assert_uint_eq(edits_origin(&edits, 2, 5), 5);
    buf_release(&out);
    vec_release(&edits);
}
END_TEST

static void check_diff(const char *before, const char *after, const char *expected)
{
    struct buf out = {0};
    fix_diff(STR("a.py"), str_of(before), str_of(after), &out);
    check_text(&out, expected);
    buf_release(&out);
}

START_TEST(equal_texts_have_no_diff)
{
    check_diff("a\nb\n", "a\nb\n", "");
    check_diff("", "", "");
}
END_TEST

START_TEST(diffs_show_three_lines_around_a_change)
{
    check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
               "--- a/a.py\n+++ b/a.py\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}
END_TEST

START_TEST(changes_far_apart_are_hunks_of_their_own)
{
    check_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\nb\nc\n",
               "--- a/a.py\n+++ b/a.py\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -7,3 +6,4 @@\n 6\n 7\n b\n+c\n");
}
END_TEST

START_TEST(missing_line_ends_are_said)
{
    check_diff("a", "a\n", "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    check_diff("", "a\n", "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+a\n");
}
END_TEST

Suite *test_edits_suite(void)
{
    Suite *suite = suite_create("edits");
    TCase *tests = tcase_create("edits");
    tcase_add_test(tests, insertions_at_one_offset_go_by_their_order);
    tcase_add_test(tests, edits_that_overlap_are_refused);
    tcase_add_test(tests, edits_of_other_files_do_not_count);
    tcase_add_test(tests, offsets_lead_back_to_the_text_before_the_edits);
    tcase_add_test(tests, equal_texts_have_no_diff);
    tcase_add_test(tests, diffs_show_three_lines_around_a_change);
    tcase_add_test(tests, changes_far_apart_are_hunks_of_their_own);
    tcase_add_test(tests, missing_line_ends_are_said);
    suite_add_tcase(suite, tests);
    return suite;
}
