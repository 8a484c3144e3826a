#include <check.h>

#include "report/linehash.h"

/* Checks the printed hashes of all lines. The expected ones come from a second implementation of the algorithm, which
 * was compared with GitHub's own. */
static void check_hashes(struct str text, bool has_bom, const char *const *expected, size_t count)
{
    struct line_hashes hashes;
    char printed[LINE_HASH_SIZE];

    line_hashes_init(&hashes, text, has_bom);
    ck_assert_uint_eq(hashes.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert(line_hash_print(&hashes, (uint32_t)(i + 1), printed));
        ck_assert_str_eq(printed, expected[i]);
    }
    line_hashes_release(&hashes);
}

#define CHECK(text, has_bom, ...)                                                                                      \
    check_hashes(STR(text), has_bom, (const char *const[]){__VA_ARGS__},                                               \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

START_TEST(an_empty_file_has_one_line)
{
    CHECK("", false, "c129715d7a2bc9a3:1");
}
END_TEST

START_TEST(line_ends_and_blanks_do_not_matter)
{
    CHECK("import threading\n\ncount = 0\n", false, "439ad816dab78da4:1", "2c2fa79c8084dd71:1", "6ac3139894136eeb:1",
          "c129715d7a2bc9a3:1");
    CHECK("import threading\r\n\r\ncount = 0\r\n", false, "439ad816dab78da4:1", "2c2fa79c8084dd71:1",
          "6ac3139894136eeb:1", "c129715d7a2bc9a3:1");
    CHECK("\timport   threading\r\rcount=0\r", false, "439ad816dab78da4:1", "2c2fa79c8084dd71:1", "6ac3139894136eeb:1",
          "c129715d7a2bc9a3:1");
    CHECK("a\r \nb\n", false, "818c3a85b988abe4:1", "bf4c4d48992e2ca5:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1");
}
END_TEST

START_TEST(units_are_those_of_utf16)
{
    CHECK("name = '😀é'\nx = 1", false, "5f51d4e2a637a749:1", "d38b34bb229aa761:1");
    CHECK("count = 0\n", true, "e26758f86f8e2a72:1", "c129715d7a2bc9a3:1");
}
END_TEST

START_TEST(equal_lines_are_counted)
{
    CHECK("stop()\nstop()\nstop()\nstop()\nstop()\nstop()\nstop()\nstop()\nstop()\nstop()\n"
          "stop()\nstop()\nstop()\nstop()\nstop()\nstop()\n",
          false, "2af529f877dff9cd:1", "2af529f877dff9cd:2", "2af529f87804e895:1", "2e257d352977b104:1",
          "e4207852703911a7:1", "e26245739ffd90ee:1", "2032e2f16f04b289:1", "5f005edae7851668:1", "e9acf181344d0bbb:1",
          "460a13411fb107f2:1", "f277852a0cc2b1bd:1", "557f4021aa7b700c:1", "aee687d603b8ad0f:1", "ced18239dec23d36:1",
          "ea55dd3e689a31:1", "ac6dfbea0e5ce1f0:1", "c129715d7a2bc9a3:1");
}
END_TEST

START_TEST(a_line_without_number_has_no_hash)
{
    struct line_hashes hashes;
    char printed[LINE_HASH_SIZE];

    line_hashes_init(&hashes, STR("a\nb"), false);
    ck_assert(!line_hash_print(&hashes, 0, printed));
    ck_assert(!line_hash_print(&hashes, 3, printed));
    ck_assert(line_hash_print(&hashes, 2, printed));
    line_hashes_release(&hashes);
    ck_assert_uint_eq(hashes.count, 0);
}
END_TEST

START_TEST(bytes_that_are_not_utf8_do_not_end_it)
{
    struct line_hashes hashes;
    line_hashes_init(&hashes, STR("\xFF\xC3\n\xE2\x82"), false);
    ck_assert_uint_eq(hashes.count, 2);
    line_hashes_release(&hashes);
}
END_TEST

Suite *test_report_linehash_suite(void)
{
    Suite *suite = suite_create("report_linehash");
    TCase *tests = tcase_create("report_linehash");

    tcase_add_test(tests, an_empty_file_has_one_line);
    tcase_add_test(tests, line_ends_and_blanks_do_not_matter);
    tcase_add_test(tests, units_are_those_of_utf16);
    tcase_add_test(tests, equal_lines_are_counted);
    tcase_add_test(tests, a_line_without_number_has_no_hash);
    tcase_add_test(tests, bytes_that_are_not_utf8_do_not_end_it);
    suite_add_tcase(suite, tests);
    return suite;
}
