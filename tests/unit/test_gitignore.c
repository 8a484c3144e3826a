#include <check.h>
#include <string.h>

#include "source/gitignore.h"

enum { NO = GITIGNORE_NO_MATCH, IGNORED = GITIGNORE_IGNORED, INCLUDED = GITIGNORE_INCLUDED };

/* What the patterns say of a path; a '/' at its end makes it a folder. */
static enum gitignore_verdict verdict(const char *patterns, const char *path)
{
    struct arena *arena = arena_new();
    struct str s = str_of(path);
    bool is_folder = str_ends(s, STR("/"));

    s.len -= is_folder;
    enum gitignore_verdict result = gitignore_match(gitignore_parse(arena, str_of(patterns)), s, is_folder);
    arena_free(arena);
    return result;
}

START_TEST(a_name_matches_at_any_level)
{
    ck_assert_int_eq(verdict("x.py\n", "x.py"), IGNORED);
    ck_assert_int_eq(verdict("x.py\n", "a/b/x.py"), IGNORED);
    ck_assert_int_eq(verdict("x.py", "x.pyi"), NO);
    ck_assert_int_eq(verdict("*.gen.py", "a/b.gen.py"), IGNORED);
}
END_TEST

START_TEST(a_slash_anchors)
{
    ck_assert_int_eq(verdict("/x.py", "x.py"), IGNORED);
    ck_assert_int_eq(verdict("/x.py", "a/x.py"), NO);
    ck_assert_int_eq(verdict("a/x.py", "a/x.py"), IGNORED);
    ck_assert_int_eq(verdict("a/x.py", "b/a/x.py"), NO);
    ck_assert_int_eq(verdict("**/a/x.py", "b/a/x.py"), IGNORED);
    ck_assert_int_eq(verdict("a/", "b/a/"), IGNORED); /* one at the end does not */
}
END_TEST

START_TEST(a_slash_at_the_end_means_folders)
{
    ck_assert_int_eq(verdict("a/", "a/"), IGNORED);
    ck_assert_int_eq(verdict("a/", "a"), NO);
    ck_assert_int_eq(verdict("/", "a/"), NO);
}
END_TEST

START_TEST(the_last_match_counts)
{
    ck_assert_int_eq(verdict("*.py\n!keep.py\n", "keep.py"), INCLUDED);
    ck_assert_int_eq(verdict("*.py\n!keep.py\n", "other.py"), IGNORED);
    ck_assert_int_eq(verdict("!keep.py\n*.py\n", "keep.py"), IGNORED);
    ck_assert_int_eq(verdict("!keep.py", "x.py"), NO);
}
END_TEST

START_TEST(lines_are_read_as_git_reads_them)
{
    ck_assert_int_eq(verdict("# x.py\n\n", "# x.py"), NO);
    ck_assert_int_eq(verdict("\\#x", "#x"), IGNORED);
    ck_assert_int_eq(verdict("\\!x", "!x"), IGNORED);
    ck_assert_int_eq(verdict("x   \n", "x"), IGNORED);
    ck_assert_int_eq(verdict("x\\ \n", "x "), IGNORED);
    ck_assert_int_eq(verdict("x\\  \n", "x "), IGNORED);
    ck_assert_int_eq(verdict(" x\n", "x"), NO);
    ck_assert_int_eq(verdict("x\r\ny\r\n", "x"), IGNORED);
    ck_assert_int_eq(verdict("\xEF\xBB\xBFx\n", "x"), IGNORED);
    ck_assert_int_eq(verdict("x\t\n", "x"), NO); /* only blanks are trimmed */
    ck_assert_int_eq(verdict("", "x"), NO);
    ck_assert_int_eq(verdict("!", "x"), NO);
}
END_TEST

START_TEST(a_list_takes_patterns_as_they_are)
{
    struct arena *arena = arena_new();
    struct str patterns[] = {STR("#a"), STR("b "), STR("c/"), STR("!c/")};
    struct gitignore *list = gitignore_from_list(arena, patterns, 3);

    ck_assert_int_eq(gitignore_match(list, STR("#a"), false), IGNORED);
    ck_assert_int_eq(gitignore_match(list, STR("b "), false), IGNORED);
    ck_assert_int_eq(gitignore_match(list, STR("b"), false), NO);
    ck_assert_int_eq(gitignore_match(list, STR("c"), true), IGNORED);
    ck_assert_int_eq(gitignore_match(gitignore_from_list(arena, patterns, 4), STR("c"), true), INCLUDED);
    ck_assert_int_eq(gitignore_match(gitignore_from_list(arena, NULL, 0), STR("c"), true), NO);
    arena_free(arena);
}
END_TEST

Suite *test_gitignore_suite(void)
{
    Suite *suite = suite_create("gitignore");
    TCase *tests = tcase_create("gitignore");

    tcase_add_test(tests, a_name_matches_at_any_level);
    tcase_add_test(tests, a_slash_anchors);
    tcase_add_test(tests, a_slash_at_the_end_means_folders);
    tcase_add_test(tests, the_last_match_counts);
    tcase_add_test(tests, lines_are_read_as_git_reads_them);
    tcase_add_test(tests, a_list_takes_patterns_as_they_are);
    suite_add_tcase(suite, tests);
    return suite;
}
