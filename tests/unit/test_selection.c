#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/selection.h"

static const struct rule lookup = {.code = "RL201", .name = "check-then-use"};

START_TEST(selectors_mean_rules)
{
    static const struct {
        const char *selector;
        unsigned exactness;
    } selectors[] = {
        {"RL201", 5},          {"rl201", 5},      {"RL2", 3}, {"RL20", 4}, {"RL", 2},  {"check-then-use", 5},
        {"Check-Then-Use", 5}, {"ALL", 1},        {"all", 1}, {"R", 0},    {"", 0},    {"RL3", 0},
        {"RL2011", 0},         {"check-then", 0}, {"201", 0}, {"al", 0},   {"use", 0}, {"L201", 0},
    };

    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        ck_assert_msg(selector_exactness(str_of(selectors[i].selector), &lookup) == selectors[i].exactness, "%s",
                      selectors[i].selector);
    }
}
END_TEST

START_TEST(unknown_selectors_are_told_apart)
{
    struct buf hint = {0};

    ck_assert(selector_is_known(STR("RL1")));
    ck_assert(selector_is_known(STR("augmented-assignment")));
    ck_assert(!selector_is_known(STR("RL9")));
    ck_assert(!selector_is_known(STR("E501")));
    selector_suggest(STR("augmented-asignment"), &hint);
    ck_assert_str_eq(hint.ptr, "; did you mean 'augmented-assignment'?");
    buf_release(&hint);
}
END_TEST

static bool is_on(const struct settings *settings, const char *code)
{
    bool *enabled = selection_of(settings);
    bool result = false;

    ck_assert_ptr_nonnull(enabled);
    for (size_t i = 0; i < rules_count(); i++) {
        result = result || (strcmp(rules_at(i)->code, code) == 0 && enabled[i]);
    }
    free(enabled);
    return result;
}

START_TEST(options_combine)
{
    struct str two[] = {STR("RL2")}, exact[] = {STR("RL201"), STR("augmented-assignment")}, all[] = {STR("ALL")};
    struct settings settings = {0};

    ck_assert(is_on(&settings, "RL201"));
    settings.select = (struct str_list){two, 1};
    ck_assert(is_on(&settings, "RL201"));
    ck_assert(!is_on(&settings, "RL101"));
    settings.extend_select = (struct str_list){exact, 2};
    ck_assert(is_on(&settings, "RL101"));
    settings.ignore = (struct str_list){two, 1};
    ck_assert(is_on(&settings, "RL201")); /* selected more exactly */
    ck_assert(!is_on(&settings, "RL202"));
    settings = (struct settings){.select = {all, 1}, .ignore = {exact, 2}};
    ck_assert(!is_on(&settings, "RL201"));
    ck_assert(!is_on(&settings, "RL101"));
    ck_assert(is_on(&settings, "RL202"));
    settings = (struct settings){.ignore = {all, 1}};
    ck_assert(!is_on(&settings, "RL202"));
}
END_TEST

/* One that is off by default is on once it is selected, in whatever way. */
START_TEST(opt_in_rules_are_selected)
{
    for (size_t i = 0; i < rules_count(); i++) {
        struct str code[] = {str_of(rules_at(i)->code)};
        struct settings settings = {0};
        ck_assert(is_on(&settings, rules_at(i)->code) == !rules_at(i)->opt_in);
        settings.extend_select = (struct str_list){code, 1};
        ck_assert(is_on(&settings, rules_at(i)->code));
    }
}
END_TEST

Suite *test_selection_suite(void)
{
    Suite *suite = suite_create("selection");
    TCase *tests = tcase_create("selection");

    tcase_add_test(tests, selectors_mean_rules);
    tcase_add_test(tests, unknown_selectors_are_told_apart);
    tcase_add_test(tests, options_combine);
    tcase_add_test(tests, opt_in_rules_are_selected);
    suite_add_tcase(suite, tests);
    return suite;
}
