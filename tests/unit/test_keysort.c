#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/keysort.h"

struct record {
    uint64_t key;
    uint32_t second; /* decides between equal keys */
    uint32_t number; /* its place before it was sorted */
};

#define COUNT 3000

static struct record records[COUNT];

static int compare(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

/* Fills in keys by a formula that gives many a key twice, and orders nothing. */
static void fill(uint32_t count, uint64_t low, uint64_t step)
{
    for (uint32_t i = 0; i < count; i++)
        records[i] = (struct record){low + i * 7919u % 1000 * step, i * 31u % 3, i};
}

static void check_sorted(uint32_t count)
{
    uint64_t numbers = 0;

    for (uint32_t i = 0; i < count; i++)
        numbers += records[i].number;
    ck_assert_uint_eq(numbers, (uint64_t)count * (count - 1) / 2);
    for (uint32_t i = 1; i < count; i++) {
        int order = compare(&records[i - 1], &records[i]);
        ck_assert_int_le(order, 0);
        if (order == 0)
            ck_assert_uint_lt(records[i - 1].number, records[i].number);
    }
}

static const struct {
    uint32_t count;
    uint64_t low, step;
} cases[] = {
    {COUNT, 0, 1},                                 /* small numbers */
    {COUNT, 0, UINT64_MAX / 1000},                 /* all over the range */
    {COUNT, UINT64_MAX - 999, 1},                  /* at its end */
    {COUNT, (uint64_t)1 << 40, (uint64_t)1 << 32}, /* ids in the upper half */
    {COUNT, 5, 0},                                 /* one key */
    {65, 0, 1},
    {64, 0, 1},
    {2, 9, 1},
    {1, 3, 0}, /* few */
};

START_TEST(sorts_by_key_and_keeps_order_of_equals)
{
    fill(cases[_i].count, cases[_i].low, cases[_i].step);
    keysort(records, cases[_i].count, sizeof *records, compare);
    check_sorted(cases[_i].count);
}
END_TEST

START_TEST(sorts_nothing)
{
    records[0] = (struct record){1, 2, 3};
    keysort(records, 0, sizeof *records, compare);
    ck_assert_uint_eq(records[0].key, 1);
}
END_TEST

START_TEST(one_key_far_away)
{
    fill(COUNT, 0, 1);
    records[10].key = UINT64_MAX;
    keysort(records, COUNT, sizeof *records, compare);
    check_sorted(COUNT);
    ck_assert_uint_eq(records[COUNT - 1].number, 10);
}
END_TEST

Suite *test_keysort_suite(void)
{
    Suite *suite = suite_create("keysort");
    TCase *tcase = tcase_create("keysort");

    tcase_add_loop_test(tcase, sorts_by_key_and_keeps_order_of_equals, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tcase, sorts_nothing);
    tcase_add_test(tcase, one_key_far_away);
    suite_add_tcase(suite, tcase);
    return suite;
}
