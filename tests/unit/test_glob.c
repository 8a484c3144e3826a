#include <check.h>
#include <string.h>
#include <time.h>

#include "source/glob.h"

/* Expects each path of a list, separated by blanks, to match or not to match. */
static void expect(const char *pattern, const char *paths, bool matches)
{
    for (const char *at = paths; *at != '\0';) {
        struct str path = {at, strcspn(at, " ")};
        ck_assert_msg(glob_match(str_of(pattern), path) == matches, "'%s' and '%.*s'", pattern, STR_FMT(path));
        at += path.len + (at[path.len] == ' ');
    }
}

static void check_glob(const char *pattern, const char *matching, const char *others)
{
    expect(pattern, matching, true);
    expect(pattern, others, false);
}

START_TEST(plain_parts)
{
    check_glob("a", "a", "b aa a/a");
    check_glob("a/b", "a/b", "a b a/b/c x/a/b ab");
    check_glob("*.py", "a.py .py", "a.pyi a/b.py");
    check_glob("a*b*c", "abc axbxc aabbcc", "ab acb abcd a/b/c");
    check_glob("?", "a", "ab /");
    check_glob("*", "a abc", "a/b");
    check_glob("a/*/c", "a/b/c", "a/c a/b/b/c");
    check_glob("a**b", "ab axxb", "a/b"); /* stars beside others are stars */
}
END_TEST

START_TEST(double_stars)
{
    check_glob("**/a", "a x/a x/y/a", "ab a/x");
    check_glob("a/**", "a/b a/b/c", "a b/a");
    check_glob("a/**/b", "a/b a/x/b a/x/y/b", "ab a/xb b");
    check_glob("**/a/**/b", "a/b x/a/y/b a/a/b/b", "b/a a");
    check_glob("**", "a a/b", "");
    check_glob("***/b", "b a/b", "ab");
    check_glob("**/x*/**/y", "x1/y a/x/b/c/y x/x/y", "a/y x/z");
    check_glob("a/**/**/b", "a/b a/c/d/b", "a");
}
END_TEST

START_TEST(brackets)
{
    check_glob("[abc]", "a b c", "d ab");
    check_glob("[a-c]x", "ax cx", "dx");
    check_glob("[!a-c]", "d", "a b");
    check_glob("[^a]", "b", "a");
    check_glob("[]a]", "] a", "b");
    check_glob("[!]a]", "b", "] a");
    check_glob("[a-]", "a -", "b");
    check_glob("[\\]]", "]", "\\");
    check_glob("[[:digit:]_]x", "1x _x", "ax :x");
    check_glob("[[:upper:][:space:]]", "A", "a");
    check_glob("[a/b]", "a b", "/");
    check_glob("x[/]y", "", "x/y");
    check_glob("[a", "", "a [a");
    check_glob("[[:nonsense:]]", "", "n :");
    check_glob("[c-a]", "c", "a b"); /* as git has it */
}
END_TEST

START_TEST(backslashes)
{
    check_glob("\\*", "*", "a \\*");
    check_glob("\\a\\?", "a?", "ab");
    check_glob("a\\", "", "a a\\");
    check_glob("a\\/b", "a/b", "a");
    check_glob("\\[a]", "[a]", "a");
}
END_TEST

/* A matcher that tries every star anew would not come back from this. */
START_TEST(many_stars_are_quick)
{
    char pattern[300] = "", path[3000] = "";
    clock_t start = clock();

    for (size_t i = 0; i < 30; i++) {
        strcat(pattern, "**/*a*a*/");
    }
    strcat(pattern, "b");
    for (size_t i = 0; i < 700; i++) {
        strcat(path, i % 4 == 3 ? "/" : "a");
    }
    ck_assert(!glob_match(str_of(pattern), str_of(path)));
    ck_assert_double_lt((double)(clock() - start) / CLOCKS_PER_SEC, 1.0);
}
END_TEST

Suite *test_glob_suite(void)
{
    Suite *suite = suite_create("glob");
    TCase *tests = tcase_create("glob");

    tcase_add_test(tests, plain_parts);
    tcase_add_test(tests, double_stars);
    tcase_add_test(tests, brackets);
    tcase_add_test(tests, backslashes);
    tcase_add_test(tests, many_stars_are_quick);
    suite_add_tcase(suite, tests);
    return suite;
}
