#include <check.h>
#include <string.h>

#include "base/hash.h"
#include "base/index.h"
#include "racelint/base.h"
#include "tests/unit/child.h"

/* Whether a number is among those that a hash leads to. */
static bool leads_to(const struct index *index, uint64_t hash, uint32_t number)
{
    struct index_probe probe;

    for (uint32_t i = index_first(index, hash, &probe); i != INDEX_NONE; i = index_next(index, &probe)) {
        if (i == number) {
            return true;
        }
    }
    return false;
}

START_TEST(an_empty_index_has_nothing)
{
    struct index index = {0};
    struct index_probe probe;

    ck_assert_uint_eq(index_first(&index, 0, &probe), INDEX_NONE);
    index_reserve(&index, 0);
    ck_assert_uint_eq(index_first(&index, 0, &probe), INDEX_NONE);
    index_release(&index);
    ck_assert_uint_eq(index.cap, 0);
}
END_TEST

START_TEST(equal_hashes_lead_to_all)
{
    struct index index = {0};

    for (uint32_t i = 0; i < 40; i++) {
        index_add(&index, i % 2 == 0 ? 7 : 8, i); /* beside each other: their runs mix */
    }
    for (uint32_t i = 0; i < 40; i++) {
        ck_assert_int_eq(leads_to(&index, 7, i), i % 2 == 0);
        ck_assert_int_eq(leads_to(&index, 8, i), i % 2 == 1);
    }
    ck_assert(!leads_to(&index, 9, 0));
    index_release(&index);
}
END_TEST

START_TEST(many_survive_growth)
{
    struct index index = {0};

    if (_i == 1) {
        index_reserve(&index, 50000);
    }
    size_t cap = index.cap;
    for (uint32_t i = 0; i < 50000; i++) {
        index_add(&index, hash_mix(i, 1), i);
        ck_assert_uint_le(index.len * 4, index.cap * 3);
    }
    ck_assert(_i == 0 || index.cap == cap);
    for (uint32_t i = 0; i < 50000; i++) {
        ck_assert(leads_to(&index, hash_mix(i, 1), i));
    }
    ck_assert(!leads_to(&index, hash_mix(50000, 1), 50000));
    index_release(&index);
}
END_TEST

static void add_the_reserved_number(void *context)
{
    index_add(context, 1, INDEX_NONE);
}

START_TEST(the_reserved_number_is_a_bug)
{
    struct index index = {0};
    char errors[200];

    ck_assert_int_eq(child_run(add_the_reserved_number, &index, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "internal error"));
}
END_TEST

Suite *test_index_suite(void);

Suite *test_index_suite(void)
{
    Suite *suite = suite_create("index");
    TCase *tests = tcase_create("index");
    tcase_add_test(tests, an_empty_index_has_nothing);
    tcase_add_test(tests, equal_hashes_lead_to_all);
    tcase_add_loop_test(tests, many_survive_growth, 0, 2);
    tcase_add_test(tests, the_reserved_number_is_a_bug);
    suite_add_tcase(suite, tests);
    return suite;
}
