#include <check.h>

#include "program/evaluate/contexts.h"
#include "program/records/written.h"

/* Two functions of one module: number 0 writes at its second instruction, number 1 calls at its third. */
static struct ir_op ops[] = {
    {.span = {1, 2}}, {.span = {3, 9}}, {.span = {10, 11}}, {.span = {12, 13}}, {.span = {14, 20}}};
static struct ir_function functions[] = {{.first_op = 0, .op_count = 2}, {.first_op = 2, .op_count = 3}};
static const struct ir_module module = {.ops = ops, .op_count = 5, .functions = functions, .function_count = 2};

static struct program *program;
static struct context contexts[2];
static context_id writer, caller;
static struct acc write;

static context_id add_context(struct context *c, uint32_t function)
{
    *c = (struct context){.function = function, .records = &program->nothing_recorded, .rare = &program->nothing_rare};
    vec_push(&program->contexts, c);
    return (context_id)program->contexts.len - 1;
}

static void setup(void)
{
    program = program_new(&(struct program_options){0});
    program_add(program, &module, NULL);
    writer = add_context(&contexts[0], 0);
    caller = add_context(&contexts[1], 1);
    write = (struct acc){.context = writer,
                         .op = 1,
                         .object = 7,
                         .field = 3,
                         .path = 5,
                         .flags = ACC_WRITES,
                         .tokens = 2,
                         .key = 8,
                         .span = {3, 9}};
}

static void teardown(void)
{
    program_free(program);
}

START_TEST(a_write_of_the_function_itself)
{
    struct written own = {.origin = &write};
    written_tell(&own, &write);
    struct acc acc = written_access(program, writer, &own);
    ck_assert_uint_eq(acc.flags, ACC_WRITES);
    ck_assert_uint_eq(acc.op, 1);
    ck_assert_uint_eq(acc.path, 5);
    ck_assert_uint_eq(acc.key, 8);
}
END_TEST

START_TEST(a_write_in_a_call_is_told_as_the_call)
{
    struct written inner = {
        .origin = &write, .op = 2, .tokens = 4, .key = 9, .key_param = 1, .flags = ACC_WRITES | ACC_VIA};
    struct acc acc = written_access(program, caller, &inner);
    ck_assert_uint_eq(acc.flags, ACC_WRITES | ACC_VIA);
    ck_assert_uint_eq(acc.context, caller);
    ck_assert_uint_eq(acc.function, 1);
    ck_assert_uint_eq(acc.op, 2);
    ck_assert_uint_eq(acc.span.start, 14);
    ck_assert_uint_eq(acc.path, 0);
    ck_assert_uint_eq(acc.object, 7);
    ck_assert_uint_eq(acc.tokens, 4);
    ck_assert_uint_eq(acc.key, 9);
    ck_assert_uint_eq(acc.key_param, 1);
    ck_assert_uint_eq(acc.inner.function, 0);
    ck_assert_uint_eq(acc.inner.span.start, 3);
}
END_TEST

START_TEST(a_call_in_a_call_keeps_the_innermost_place)
{
    struct acc once = access_in_call(program, &write, caller, 1);
    struct acc twice = access_in_call(program, &once, caller, 0);
    ck_assert_uint_eq(twice.span.start, 10);
    ck_assert_uint_eq(twice.inner.function, 0);
    ck_assert_uint_eq(twice.inner.span.end, 9);
}
END_TEST

Suite *test_written_suite(void)
{
    Suite *suite = suite_create("written");
    TCase *tcase = tcase_create("written");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_write_of_the_function_itself);
    tcase_add_test(tcase, a_write_in_a_call_is_told_as_the_call);
    tcase_add_test(tcase, a_call_in_a_call_keeps_the_innermost_place);
    suite_add_tcase(suite, tcase);
    return suite;
}
