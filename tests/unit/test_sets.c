#include <check.h>

#include "program/values/sets.h"

static struct sets *sets;

static void setup(void)
{
    sets = sets_new();
}

static void teardown(void)
{
    sets_free(sets);
}

/* The set of these, which may come in any order and more than once. */
static set_id set_of(const uint32_t *members, uint32_t count)
{
    set_id set = 0;

    for (uint32_t i = 0; i < count; i++)
        set = sets_add(sets, set, members[i]);
    return set;
}

START_TEST(equal_sets_have_equal_ids)
{
    uint32_t forward[] = {1, 2, 3}, backward[] = {3, 2, 1, 2};
    ck_assert_uint_eq(set_of(forward, 3), set_of(backward, 4));
}
END_TEST

START_TEST(the_empty_set_is_zero)
{
    ck_assert_uint_eq(sets_remove(sets, sets_one(sets, 5), 5), 0);
    ck_assert_uint_eq(sets_count(sets, 0), 0);
    ck_assert(!sets_has(sets, 0, 0));
    ck_assert(!sets_overlap(sets, 0, sets_one(sets, 1)));
}
END_TEST

START_TEST(algebra)
{
    uint32_t low[] = {1, 2, 3}, high[] = {3, 4};
    set_id a = set_of(low, 3), b = set_of(high, 2);
    ck_assert_uint_eq(sets_count(sets, sets_union(sets, a, b)), 4);
    ck_assert_uint_eq(sets_union(sets, a, b), sets_union(sets, b, a));
    ck_assert_uint_eq(sets_intersection(sets, a, b), sets_one(sets, 3));
    ck_assert_uint_eq(sets_minus(sets, a, b), set_of(low, 2));
    ck_assert(sets_overlap(sets, a, b));
    ck_assert(!sets_overlap(sets, sets_minus(sets, a, b), b));
}
END_TEST

START_TEST(members_are_in_rising_order)
{
    uint32_t members[] = {9, 0, UINT32_MAX, 4};
    set_id a = set_of(members, 4);
    ck_assert_uint_eq(sets_member(sets, a, 0), 0);
    ck_assert_uint_eq(sets_member(sets, a, 1), 4);
    ck_assert_uint_eq(sets_member(sets, a, 3), UINT32_MAX);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(sets_has(sets, a, members[i]));
    ck_assert(!sets_has(sets, a, 5));
}
END_TEST

START_TEST(a_set_of_one_is_any_member)
{
    uint32_t members[] = {0, 1, (uint32_t)1 << 31, UINT32_MAX};
    for (uint32_t i = 0; i < 4; i++) {
        set_id one = sets_one(sets, members[i]);
        ck_assert_uint_ne(one, 0);
        ck_assert_uint_eq(sets_one(sets, members[i]), one);
        ck_assert_uint_eq(sets_count(sets, one), 1);
        ck_assert_uint_eq(sets_member(sets, one, 0), members[i]);
        for (uint32_t k = 0; k < 4; k++) {
            set_id other = sets_one(sets, members[k]);
            ck_assert_int_eq(sets_has(sets, one, members[k]), i == k);
            ck_assert_int_eq(sets_overlap(sets, one, other), i == k);
            ck_assert_int_eq(sets_within(sets, one, other), i == k);
            ck_assert_uint_eq(sets_count(sets, sets_union(sets, one, other)), i == k ? 1 : 2);
            ck_assert_uint_eq(sets_intersection(sets, one, other), i == k ? one : 0);
            ck_assert_uint_eq(sets_minus(sets, one, other), i == k ? 0 : one);
        }
    }
}
END_TEST

START_TEST(one_and_several_go_together)
{
    uint32_t members[] = {3, 5, UINT32_MAX};
    set_id all = set_of(members, 3);
    for (uint32_t i = 0; i < 3; i++) {
        set_id one = sets_one(sets, members[i]), rest = sets_minus(sets, all, one);
        ck_assert_uint_eq(sets_count(sets, rest), 2);
        ck_assert(!sets_has(sets, rest, members[i]));
        ck_assert_uint_eq(sets_union(sets, rest, one), all);
        ck_assert_uint_eq(sets_union(sets, one, all), all);
        ck_assert_uint_eq(sets_intersection(sets, all, one), one);
        ck_assert_uint_eq(sets_intersection(sets, one, all), one);
        ck_assert_uint_eq(sets_minus(sets, one, all), 0);
        ck_assert_uint_eq(sets_minus(sets, rest, one), rest);
        ck_assert(sets_within(sets, one, all) && !sets_within(sets, all, one));
        ck_assert(sets_overlap(sets, all, one) && sets_overlap(sets, one, all));
        ck_assert(!sets_overlap(sets, rest, one) && !sets_overlap(sets, one, rest));
    }
}
END_TEST

START_TEST(many_sets_stay_apart)
{
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t pair[] = {i, i + 1};
        set_id a = set_of(pair, 2);
        ck_assert_uint_eq(sets_member(sets, a, 0), i);
        ck_assert_uint_eq(set_of(pair, 2), a);
    }
}
END_TEST

START_TEST(room_changes_no_set)
{
    uint32_t members[] = {1, 2, 3};
    set_id before = set_of(members, 3);
    sets_reserve(sets, 10000, 50000);
    ck_assert_uint_eq(set_of(members, 3), before);
    const uint32_t *pool = sets->pool.data;
    for (uint32_t i = 10; i < 9000; i++)
        sets_add(sets, before, i);
    ck_assert_ptr_eq(sets->pool.data, pool);
    ck_assert_uint_eq(sets_count(sets, before), 3);
}
END_TEST

Suite *test_sets_suite(void);

Suite *test_sets_suite(void)
{
    Suite *suite = suite_create("sets");
    TCase *tests = tcase_create("sets");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, equal_sets_have_equal_ids);
    tcase_add_test(tests, the_empty_set_is_zero);
    tcase_add_test(tests, algebra);
    tcase_add_test(tests, members_are_in_rising_order);
    tcase_add_test(tests, a_set_of_one_is_any_member);
    tcase_add_test(tests, one_and_several_go_together);
    tcase_add_test(tests, many_sets_stay_apart);
    tcase_add_test(tests, room_changes_no_set);
    suite_add_tcase(suite, tests);
    return suite;
}
