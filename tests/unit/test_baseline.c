#include <check.h>

#include "store/baseline.h"
#include "tests/unit/folder.h"

static void add(struct baseline *baseline, const char *fingerprint, const char *path, uint32_t count)
{
    baseline_add(baseline, &(struct baseline_entry){.fingerprint = str_of(fingerprint),
                                                    .path = str_of(path),
                                                    .rule = STR("RL101"),
                                                    .symbol = STR("m.f"),
                                                    .state = STR("n"),
                                                    .count = count});
}

#define ONE "0000000000000001"
#define TWO "0000000000000002"

START_TEST(entries_are_met_as_often_as_they_count)
{
    struct baseline baseline;
    baseline_init(&baseline);
    add(&baseline, TWO, "b.py", 1);
    add(&baseline, ONE ":2", "a.py", 1);
    add(&baseline, ONE, "a.py", 1);
    add(&baseline, ONE, "c.py", 1);
    baseline_sort(&baseline);
    ck_assert_uint_eq(baseline.entries.len, 3);
    ck_assert_uint_eq(baseline.entries.data[0].count, 2);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("a.py")), 0);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE ":2"), STR("a.py")), 0);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("a.py")), SIZE_MAX);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("b.py")), SIZE_MAX);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("")), 1);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("")), SIZE_MAX);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(TWO ":7"), STR("b.py")), 2);
    ck_assert_uint_eq(baseline_meet(&baseline, STR("0000000000000003"), STR("")), SIZE_MAX);
    baseline_release(&baseline);
}
END_TEST

START_TEST(counts_do_not_overflow)
{
    struct baseline baseline;
    baseline_init(&baseline);
    add(&baseline, ONE, "a.py", UINT32_MAX);
    add(&baseline, ONE, "a.py", 2);
    baseline_sort(&baseline);
    ck_assert_uint_eq(baseline.entries.len, 1);
    ck_assert_uint_eq(baseline.entries.data[0].count, UINT32_MAX);
    baseline_release(&baseline);
}
END_TEST

START_TEST(what_is_written_is_read)
{
    struct arena *arena = arena_new();
    struct str folder = folder_new(arena);
    struct baseline baseline, again;
    struct buf text = {0}, copy = {0}, error = {0};
    baseline_init(&baseline);
    add(&baseline, TWO, "a \"b\"\n.py", 3);
    add(&baseline, ONE, "a \"b\"\n.py", 1);
    add(&baseline, ONE, "\xC3\xA4.py", 1);
    baseline_sort(&baseline);
    baseline_write(&baseline, &text);
    folder_write(folder, "b.json", text.ptr);
    baseline_init(&again);
    ck_assert_msg(baseline_read(&again, folder_path(arena, folder, "b.json"), STR("b"), &error), "%s", error.ptr);
    baseline_sort(&again);
    baseline_write(&again, &copy);
    ck_assert_str_eq(text.ptr, copy.ptr);
    ck_assert_ptr_nonnull(text.ptr);
    ck_assert_uint_eq(again.entries.len, 3);
    baseline_release(&baseline);
    baseline_release(&again);
    buf_release(&text);
    buf_release(&copy);
    buf_release(&error);
    folder_remove(folder);
    arena_free(arena);
}
END_TEST

START_TEST(an_empty_one_is_one)
{
    struct baseline baseline;
    struct buf text = {0};
    baseline_init(&baseline);
    baseline_sort(&baseline);
    ck_assert_uint_eq(baseline_meet(&baseline, STR(ONE), STR("")), SIZE_MAX);
    baseline_write(&baseline, &text);
    ck_assert_str_eq(text.ptr, "{\"racelint-baseline\": 1, \"findings\": [\n]}\n");
    buf_release(&text);
    baseline_release(&baseline);
}
END_TEST

Suite *test_baseline_suite(void)
{
    Suite *suite = suite_create("baseline");
    TCase *tests = tcase_create("baseline");
    tcase_add_test(tests, entries_are_met_as_often_as_they_count);
    tcase_add_test(tests, counts_do_not_overflow);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, an_empty_one_is_one);
    suite_add_tcase(suite, tests);
    return suite;
}
