#include <check.h>
#include <limits.h>

#include "settings/suggest.h"

START_TEST(distances)
{
    ck_assert_uint_eq(edit_distance(STR(""), STR("")), 0);
    ck_assert_uint_eq(edit_distance(STR("abc"), STR("")), 3);
    ck_assert_uint_eq(edit_distance(STR("check"), STR("chekc")), 1); /* exchanged */
    ck_assert_uint_eq(edit_distance(STR("check"), STR("chek")), 1);
    ck_assert_uint_eq(edit_distance(STR("RL201"), STR("rl201")), 0);
    ck_assert_uint_eq(edit_distance(STR("kitten"), STR("sitting")), 3);
}
END_TEST

START_TEST(long_names_are_far_apart)
{
    static const char name[66] = "a";

    ck_assert_uint_eq(edit_distance((struct str){name, 65}, STR("a")), UINT_MAX);
    ck_assert_uint_lt(edit_distance((struct str){name, 64}, STR("a")), UINT_MAX);
}
END_TEST

static struct str best_of(const char *wrong)
{
    struct suggestion suggestion = suggestion_of(str_of(wrong));

    suggestion_offer(&suggestion, STR("output-format"));
    suggestion_offer(&suggestion, STR("output-file"));
    suggestion_offer(&suggestion, STR("quiet"));
    suggestion_offer(&suggestion, STR("j"));
    return suggestion_best(&suggestion);
}

START_TEST(the_nearest_is_suggested)
{
    ck_assert(str_equal(best_of("output-fiel"), STR("output-file")));
    ck_assert(str_equal(best_of("quite"), STR("quiet")));
    ck_assert(str_equal(best_of("output"), STR("output-format"))); /* the first of two that begin so */
    ck_assert(str_equal(best_of("i"), STR("j")));
    ck_assert_uint_eq(best_of("something-else").len, 0);
    ck_assert_uint_eq(suggestion_best(&(struct suggestion){.wrong = STR("x"), .distance = UINT_MAX}).len, 0);
}
END_TEST

Suite *test_suggest_suite(void)
{
    Suite *suite = suite_create("suggest");
    TCase *tests = tcase_create("suggest");

    tcase_add_test(tests, distances);
    tcase_add_test(tests, long_names_are_far_apart);
    tcase_add_test(tests, the_nearest_is_suggested);
    suite_add_tcase(suite, tests);
    return suite;
}
