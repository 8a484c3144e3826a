#include <check.h>
#include <string.h>

#include "base/map.h"
#include "racelint/base.h"
#include "tests/unit/child.h"

START_TEST(an_empty_map_has_nothing)
{
    struct map map = {0};
    uint64_t value = 5;

    ck_assert(!map_get(&map, 0, &value));
    ck_assert_uint_eq(value, 5);
    map_clear(&map);
    map_release(&map);
}
END_TEST

START_TEST(put_adds_and_replaces)
{
    struct map map = {0};
    uint64_t value = 0;

    map_put(&map, 0, 10);
    map_put(&map, UINT64_MAX - 1, 11);
    ck_assert(map_get(&map, 0, &value));
    ck_assert_uint_eq(value, 10);
    ck_assert(map_get(&map, UINT64_MAX - 1, &value));
    ck_assert_uint_eq(value, 11);
    map_put(&map, 0, 12);
    ck_assert(map_get(&map, 0, &value));
    ck_assert_uint_eq(value, 12);
    ck_assert_uint_eq(map.len, 2);
    ck_assert(map_get(&map, 0, NULL));
    ck_assert(!map_get(&map, UINT64_MAX, NULL));
    map_clear(&map);
    ck_assert(!map_get(&map, 0, NULL));
    map_put(&map, 0, 13);
    ck_assert_uint_eq(map.len, 1);
    map_release(&map);
    ck_assert_uint_eq(map.cap, 0);
}
END_TEST

START_TEST(a_table_far_too_large_is_let_go)
{
    struct map map = {0};

    for (uint64_t i = 0; i < 1000; i++) {
        map_put(&map, i, i);
    }
    map_clear(&map);
    ck_assert_uint_gt(map.cap, 1000); /* it was full: it may be so again */
    map_put(&map, 7, 8);
    map_clear(&map);
    ck_assert_uint_eq(map.cap, 0);
    ck_assert(!map_get(&map, 7, NULL));
    map_put(&map, 7, 9);
    ck_assert_uint_eq(map.len, 1);
    map_release(&map);
}
END_TEST

START_TEST(slot_counts)
{
    struct map map = {0};

    for (uint64_t i = 0; i < 100; i++) {
        ++*map_slot(&map, i % 10, 1000);
    }
    for (uint64_t i = 0; i < 10; i++) {
        ck_assert_uint_eq(*map_slot(&map, i, 0), 1010);
    }
    ck_assert_uint_eq(map.len, 10);
    map_release(&map);
}
END_TEST

/* Keys with a regular distance are what ids and packed pairs look like; none may be lost when the table grows. */
START_TEST(many_keys_survive_growth)
{
    static const uint64_t steps[] = {1, 1 << 16, UINT64_C(1) << 40, 3};
    struct map map = {0};
    uint64_t value = 0;

    for (uint64_t i = 0; i < 50000; i++) {
        map_put(&map, i * steps[_i], i);
        ck_assert_uint_le(map.len * 4, map.cap * 3);
    }
    ck_assert_uint_eq(map.len, 50000);
    for (uint64_t i = 0; i < 50000; i++) {
        ck_assert(map_get(&map, i * steps[_i], &value));
        ck_assert_uint_eq(value, i);
    }
    ck_assert(!map_get(&map, 50000 * steps[_i], &value));
    map_release(&map);
}
END_TEST

static void put_the_reserved_key(void *context)
{
    map_put(context, UINT64_MAX, 1);
}

START_TEST(the_reserved_key_is_a_bug)
{
    struct map map = {0};
    char errors[200];

    ck_assert_int_eq(child_run(put_the_reserved_key, &map, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "internal error"));
}
END_TEST

Suite *test_map_suite(void)
{
    Suite *suite = suite_create("map");
    TCase *tests = tcase_create("map");

    tcase_add_test(tests, an_empty_map_has_nothing);
    tcase_add_test(tests, put_adds_and_replaces);
    tcase_add_test(tests, a_table_far_too_large_is_let_go);
    tcase_add_test(tests, slot_counts);
    tcase_add_loop_test(tests, many_keys_survive_growth, 0, 4);
    tcase_add_test(tests, the_reserved_key_is_a_bug);
    suite_add_tcase(suite, tests);
    return suite;
}
