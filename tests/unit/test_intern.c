#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "tests/unit/child.h"

START_TEST(the_empty_string_is_0)
{
    struct intern *table = intern_new();

    ck_assert_uint_eq(intern_count(table), 1);
    ck_assert_uint_eq(intern_id(table, STR("")), 0);
    ck_assert_uint_eq(intern_id(table, (struct str){NULL, 0}), 0);
    ck_assert_str_eq(intern_str(table, 0).ptr, "");
    ck_assert_uint_eq(intern_find(table, STR("never")), 0);
    ck_assert_uint_eq(intern_count(table), 1);
    intern_free(table);
    intern_free(NULL);
}
END_TEST

START_TEST(equal_bytes_have_one_id)
{
    struct intern *table = intern_new();
    char text[] = "lock";
    uint32_t lock = intern_id(table, str_of(text));
    uint32_t cut = intern_id(table, STR("lo\0ck"));

    ck_assert_uint_eq(lock, 1);
    ck_assert_uint_eq(cut, 2);
    ck_assert_uint_ne(intern_id(table, STR("lo")), cut);
    text[0] = 'x'; /* the table holds a copy */
    ck_assert_uint_eq(intern_id(table, STR("lock")), lock);
    ck_assert_uint_eq(intern_find(table, STR("lock")), lock);
    ck_assert_uint_eq(intern_find(table, STR("xock")), 0);
    ck_assert_str_eq(intern_str(table, lock).ptr, "lock");
    ck_assert(str_equal(intern_str(table, cut), STR("lo\0ck")));
    intern_free(table);
}
END_TEST

/* Of so many strings several pairs share the 32 bits of hash that the table keeps; they must stay apart. */
START_TEST(colliding_hashes_stay_apart)
{
    enum { COUNT = 300000 };
    struct intern *table = intern_new();
    char text[20];

    for (uint32_t i = 1; i <= COUNT; i++) {
        int length = snprintf(text, sizeof text, "name%u", i);
        ck_assert_uint_eq(intern_id(table, (struct str){text, (size_t)length}), i);
    }
    ck_assert_uint_eq(intern_count(table), COUNT + 1);
    for (uint32_t i = 1; i <= COUNT; i++) {
        int length = snprintf(text, sizeof text, "name%u", i);
        ck_assert_uint_eq(intern_find(table, (struct str){text, (size_t)length}), i);
        ck_assert(str_equal(intern_str(table, i), (struct str){text, (size_t)length}));
    }
    intern_free(table);
}
END_TEST

/* After many strings and after few: the table is let go, or cleared. */
START_TEST(a_cleared_table_is_like_a_new_one)
{
    static const uint32_t counts[] = {3, 5000, 2, 0, 70};
    struct intern *table = intern_new();
    char text[20];

    for (size_t round = 0; round < sizeof counts / sizeof *counts; round++) {
        for (uint32_t i = 1; i <= counts[round]; i++) {
            int length = snprintf(text, sizeof text, "%zu.%u", round, i);
            struct str name = {text, (size_t)length};
            ck_assert_uint_eq(intern_find(table, name), 0);
            ck_assert_uint_eq(intern_id(table, name), i);
            ck_assert_uint_eq(intern_id(table, name), i);
            ck_assert(str_equal(intern_str(table, i), name));
        }
        ck_assert_uint_eq(intern_count(table), counts[round] + 1);
        intern_clear(table);
        ck_assert_uint_eq(intern_count(table), 1);
        ck_assert_uint_eq(intern_find(table, (struct str){text, strlen(text)}), 0);
        ck_assert_uint_eq(intern_str(table, 0).len, 0);
    }
    intern_free(table);
}
END_TEST

static void ask_for_an_unknown_id(void *context)
{
    intern_str(context, 1);
}

START_TEST(an_unknown_id_is_a_bug)
{
    struct intern *table = intern_new();
    char errors[200];

    ck_assert_int_eq(child_run(ask_for_an_unknown_id, table, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "intern id 1 of 1"));
    intern_free(table);
}
END_TEST

Suite *test_intern_suite(void)
{
    Suite *suite = suite_create("intern");
    TCase *tests = tcase_create("intern");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_empty_string_is_0);
    tcase_add_test(tests, equal_bytes_have_one_id);
    tcase_add_test(tests, colliding_hashes_stay_apart);
    tcase_add_test(tests, a_cleared_table_is_like_a_new_one);
    tcase_add_test(tests, an_unknown_id_is_a_bug);
    suite_add_tcase(suite, tests);
    return suite;
}
