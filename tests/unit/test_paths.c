#include <check.h>

#include "program/values/paths.h"

static struct program *program;

static void setup(void)
{
    struct program_options options = {0};
    program = program_new(&options);
}

static void teardown(void)
{
    program_free(program);
}

static path_id param(uint32_t index)
{
    return paths_step(program, 0, PATH_PARAM, index, 0);
}

static path_id attr(path_id base, const char *name)
{
    return paths_step(program, base, PATH_ATTR, intern_id(program->names, str_of(name)), 0);
}

static path_id call(path_id callee, path_id argument)
{
    return paths_step(program, paths_step(program, callee, PATH_CALL, 0, 0), PATH_ARG, argument, 0);
}

START_TEST(equal_steps_make_equal_paths)
{
    ck_assert_uint_eq(attr(param(0), "lock"), attr(param(0), "lock"));
    ck_assert_uint_ne(attr(param(0), "lock"), attr(param(1), "lock"));
    ck_assert_uint_ne(attr(param(0), "lock"), attr(param(0), "other"));
}
END_TEST

START_TEST(nothing_leads_nowhere)
{
    ck_assert_uint_eq(attr(0, "lock"), 0);
    ck_assert_uint_eq(paths_step(program, param(0), PATH_ITEM, 0, 0), 0);
    ck_assert(!paths_names_one(program, 0));
    ck_assert_uint_eq(paths_origins(program, 0), 0);
}
END_TEST

START_TEST(a_path_has_a_limit)
{
    path_id path = param(0);
    for (int i = 1; i < PATH_STEPS_MAX; i++) {
        path = attr(path, "next");
        ck_assert_uint_ne(path, 0);
    }
    ck_assert_uint_eq(attr(path, "next"), 0);
}
END_TEST

START_TEST(a_callee_is_told_in_the_words_of_its_caller)
{
    path_id given[] = {attr(param(0), "cart"), 0, param(1)}, locals[] = {param(2)};
    object_id parts[] = {0, 0, 0};
    struct path_words words = {
        .params = given, .parts = parts, .param_count = 3, .env_function = 4, .locals = locals, .local_count = 1};
    path_id global = paths_step(program, 0, PATH_GLOBAL, 7, 0), cell = paths_step(program, 0, PATH_CELL, 4, 0);
    path_id item = paths_step(program, attr(param(0), "rows"), PATH_ITEM, param(2), 0);
    ck_assert_uint_eq(paths_translate(program, attr(param(0), "lock"), &words), attr(given[0], "lock"));
    ck_assert_uint_eq(paths_translate(program, attr(param(1), "lock"), &words), 0);
    ck_assert_uint_eq(paths_translate(program, attr(param(9), "lock"), &words), 0);
    ck_assert_uint_eq(paths_translate(program, attr(global, "lock"), &words), attr(global, "lock"));
    ck_assert_uint_eq(paths_translate(program, attr(cell, "lock"), &words), attr(param(2), "lock"));
    ck_assert_uint_eq(paths_translate(program, item, &words),
                      paths_step(program, attr(given[0], "rows"), PATH_ITEM, param(1), 0));
    words.env_function = 5;
    ck_assert_uint_eq(paths_translate(program, cell, &words), 0);
    words.same_cells = true;
    ck_assert_uint_eq(paths_translate(program, cell, &words), cell);
}
END_TEST

START_TEST(a_loop_of_the_callee_has_no_name_outside)
{
    path_id given[] = {param(3)};
    object_id parts[] = {0};
    struct path_words words = {.params = given, .parts = parts, .param_count = 1, .env_function = UINT32_MAX};
    path_id element = paths_step(program, param(0), PATH_ELEMENT, 12, 0);
    ck_assert_uint_eq(paths_translate(program, attr(element, "lock"), &words), 0);
}
END_TEST

START_TEST(a_call_may_give_a_new_object_each_time)
{
    path_id made = call(attr(param(0), "get"), param(1));
    ck_assert(paths_names_one(program, attr(param(0), "lock")));
    ck_assert(!paths_names_one(program, made));
    ck_assert(!paths_names_one(program, attr(made, "lock")));
    ck_assert(!paths_names_one(program, paths_step(program, param(0), PATH_ITEM, made, 0)));
}
END_TEST

START_TEST(a_child_is_reached_through_its_parent)
{
    path_id parent = param(0), child = attr(attr(parent, "left"), "left");
    ck_assert(paths_nested(program, parent, child));
    ck_assert(paths_nested(program, child, parent));
    ck_assert(!paths_nested(program, attr(parent, "left"), attr(parent, "right")));
    ck_assert(paths_begins(program, child, parent));
    ck_assert(!paths_begins(program, parent, child));
}
END_TEST

START_TEST(what_was_sorted_stays_sorted)
{
    path_id sorted = paths_step(program, 0, PATH_SORTED, 3, 0);
    path_id part = attr(paths_step(program, sorted, PATH_PART, 1, 0), "lock");
    ck_assert(paths_sorted(program, part));
    ck_assert(paths_sorted(program, call(paths_step(program, 0, PATH_GLOBAL, 7, 0), sorted)));
    ck_assert(!paths_sorted(program, attr(param(0), "lock")));
}
END_TEST

START_TEST(origins_tell_parameters_apart)
{
    path_id table = attr(param(0), "accounts");
    path_id source = paths_step(program, table, PATH_ITEM, param(1), 0);
    path_id target = paths_step(program, table, PATH_ITEM, param(2), 0);
    ck_assert_uint_eq(paths_origins(program, source), 3);
    ck_assert_uint_eq(paths_origins(program, target), 5);
}
END_TEST

Suite *test_paths_suite(void);

Suite *test_paths_suite(void)
{
    Suite *suite = suite_create("paths");
    TCase *tests = tcase_create("paths");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, equal_steps_make_equal_paths);
    tcase_add_test(tests, nothing_leads_nowhere);
    tcase_add_test(tests, a_path_has_a_limit);
    tcase_add_test(tests, a_callee_is_told_in_the_words_of_its_caller);
    tcase_add_test(tests, a_loop_of_the_callee_has_no_name_outside);
    tcase_add_test(tests, a_call_may_give_a_new_object_each_time);
    tcase_add_test(tests, a_child_is_reached_through_its_parent);
    tcase_add_test(tests, what_was_sorted_stays_sorted);
    tcase_add_test(tests, origins_tell_parameters_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
