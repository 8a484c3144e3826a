#include <check.h>

#include "program/symbols/callsites.h"

#define COUNT 200

static struct arena *arena;
static struct ir_op ops[COUNT];
static struct callsites sites;

static void setup(void)
{
    arena = arena_new();
    for (uint32_t i = 0; i < COUNT; i++)
        ops[i] = (struct ir_op){.code = IR_CONST};
}

static void teardown(void)
{
    arena_free(arena);
}

static void find(uint32_t count)
{
    struct ir_module ir = {.ops = ops, .op_count = count};
    callsites_find(&sites, arena, &ir);
}

START_TEST(calls_are_numbered_in_order)
{
    static const uint32_t calls[] = {0, 1, 63, 64, 130, 199};
    for (uint32_t i = 0; i < 6; i++)
        ops[calls[i]].code = IR_CALL;
    find(COUNT);
    ck_assert_uint_eq(sites.count, 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(callsite_number(&sites, calls[i]), i);
}
END_TEST

START_TEST(next_finds_each_once)
{
    static const uint32_t calls[] = {2, 62, 63, 64, 192};
    uint32_t met = 0;
    for (uint32_t i = 0; i < 5; i++)
        ops[calls[i]].code = IR_CALL;
    find(COUNT);
    for (uint32_t op = callsites_next(&sites, 0); op != CALLSITE_NONE; op = callsites_next(&sites, op + 1))
        ck_assert_uint_eq(op, calls[met++]);
    ck_assert_uint_eq(met, 5);
}
END_TEST

START_TEST(a_module_may_end_with_a_call)
{
    ops[127].code = IR_CALL;
    find(128);
    ck_assert_uint_eq(callsites_next(&sites, 0), 127);
    ck_assert_uint_eq(callsites_next(&sites, 128), CALLSITE_NONE);
}
END_TEST

START_TEST(none_at_all)
{
    find(COUNT);
    ck_assert_uint_eq(sites.count, 0);
    ck_assert_uint_eq(callsites_next(&sites, 0), CALLSITE_NONE);
    find(0);
    ck_assert_uint_eq(callsites_next(&sites, 0), CALLSITE_NONE);
}
END_TEST

Suite *test_callsites_suite(void)
{
    Suite *suite = suite_create("callsites");
    TCase *tcase = tcase_create("callsites");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, calls_are_numbered_in_order);
    tcase_add_test(tcase, next_finds_each_once);
    tcase_add_test(tcase, a_module_may_end_with_a_call);
    tcase_add_test(tcase, none_at_all);
    suite_add_tcase(suite, tcase);
    return suite;
}
