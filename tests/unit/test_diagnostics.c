#include <check.h>
#include <string.h>

#include "racelint/base.h"
#include "tests/unit/child.h"

START_TEST(what_is_added_is_copied)
{
    struct diagnostics *list = diagnostics_new();
    char path[] = "a.py";
    char message[] = "cannot read it";

    diagnostics_add(list, str_of(path), 3, "RL001", str_of(message));
    path[0] = message[0] = 'x';
    ck_assert_uint_eq(diagnostics_count(list), 1);
    const struct diagnostic *item = diagnostics_at(list, 0);
    ck_assert_str_eq(item->path.ptr, "a.py");
    ck_assert_str_eq(item->message.ptr, "cannot read it");
    ck_assert_str_eq(item->code, "RL001");
    ck_assert_uint_eq(item->line, 3);
    diagnostics_free(list);
    diagnostics_free(NULL);
}
END_TEST

START_TEST(sort_orders_and_drops_equal_ones)
{
    static const struct {
        const char *path;
        uint32_t line;
        const char *code, *message;
    } sorted[] = {
        {"a.py", 1, "RL002", "m"}, {"a.py", 2, "RL001", "m"},  {"a.py", 2, "RL002", "a"},
        {"a.py", 2, "RL002", "b"}, {"a.py", 10, "RL001", "m"}, {"b.py", 0, "RL001", "m"},
    };
    enum { COUNT = sizeof sorted / sizeof *sorted };
    struct diagnostics *list = diagnostics_new();

    diagnostics_sort(list);
    ck_assert_uint_eq(diagnostics_count(list), 0);
    for (size_t i = 0; i < 3 * COUNT; i++) {
        size_t at = i * 5 % COUNT;
        diagnostics_add(list, str_of(sorted[at].path), sorted[at].line, sorted[at].code, str_of(sorted[at].message));
    }
    diagnostics_sort(list);
    ck_assert_uint_eq(diagnostics_count(list), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct diagnostic *item = diagnostics_at(list, i);
        ck_assert_str_eq(item->path.ptr, sorted[i].path);
        ck_assert_uint_eq(item->line, sorted[i].line);
        ck_assert_str_eq(item->code, sorted[i].code);
        ck_assert_str_eq(item->message.ptr, sorted[i].message);
    }
    diagnostics_free(list);
}
END_TEST

START_TEST(merge_outlives_its_source)
{
    struct diagnostics *into = diagnostics_new();
    struct diagnostics *from = diagnostics_new();

    diagnostics_add(into, STR("b.py"), 1, "RL002", STR("first"));
    diagnostics_add(from, STR("a.py"), 2, "RL001", STR("second"));
    diagnostics_merge(into, from);
    diagnostics_free(from);
    ck_assert_uint_eq(diagnostics_count(into), 2);
    ck_assert_str_eq(diagnostics_at(into, 1)->message.ptr, "second");
    ck_assert_str_eq(diagnostics_at(into, 1)->code, "RL001");
    diagnostics_free(into);
}
END_TEST

static void ask_past_the_end(void *context)
{
    diagnostics_at(context, 0);
}

START_TEST(an_index_past_the_end_is_a_bug)
{
    struct diagnostics *list = diagnostics_new();
    char errors[200];

    ck_assert_int_eq(child_run(ask_past_the_end, list, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "diagnostic 0 of 0"));
    diagnostics_free(list);
}
END_TEST

Suite *test_diagnostics_suite(void)
{
    Suite *suite = suite_create("diagnostics");
    TCase *tests = tcase_create("diagnostics");

    tcase_add_test(tests, what_is_added_is_copied);
    tcase_add_test(tests, sort_orders_and_drops_equal_ones);
    tcase_add_test(tests, merge_outlives_its_source);
    tcase_add_test(tests, an_index_past_the_end_is_a_bug);
    suite_add_tcase(suite, tests);
    return suite;
}
