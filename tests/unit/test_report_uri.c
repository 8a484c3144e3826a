#include <check.h>

#include "report/uri.h"

static void check_path(struct str path, const char *expected)
{
    struct buf out = {0};
    uri_add_path(&out, path);
    ck_assert(str_equal(buf_str(&out), str_of(expected)));
    buf_release(&out);
}

static void check_folder(struct str folder, const char *expected)
{
    struct buf out = {0};
    uri_add_folder(&out, folder);
    ck_assert_str_eq(out.ptr, expected);
    buf_release(&out);
}

START_TEST(plain_names_stay)
{
    check_path(STR("pkg/a-b_c.~1/Z.py"), "pkg/a-b_c.~1/Z.py");
    check_path(STR(""), "");
}
END_TEST

START_TEST(everything_else_is_percent_encoded)
{
    check_path(STR("a b%20#?.py"), "a%20b%2520%23%3F.py");
    check_path(STR("c:d/[x]&'\"\\"), "c%3Ad/%5Bx%5D%26%27%22%5C");
    check_path(STR("é/漢"), "%C3%A9/%E6%BC%A2");
    check_path(STR("\xFF\n\0.py"), "%FF%0A%00.py");
}
END_TEST

START_TEST(folders_end_in_a_slash)
{
    check_folder(STR("/"), "file:///");
    check_folder(STR("/home/ann b"), "file:///home/ann%20b/");
    check_folder(STR("/home/100%/"), "file:///home/100%25/");
}
END_TEST

Suite *test_report_uri_suite(void)
{
    Suite *suite = suite_create("report_uri");
    TCase *tests = tcase_create("report_uri");

    tcase_add_test(tests, plain_names_stay);
    tcase_add_test(tests, everything_else_is_percent_encoded);
    tcase_add_test(tests, folders_end_in_a_slash);
    suite_add_tcase(suite, tests);
    return suite;
}
