#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ir/builder.h"
#include "ir/opcodes.h"
#include "tests/unit/child.h"

static struct ir_builder *builder_with_function(void)
{
    struct ir_builder *builder = ir_builder_new();
    struct ir_function function = {.kind = IR_FN_MODULE, .parent = IR_NO_INDEX, .class_index = IR_NO_INDEX};

    ir_builder_begin(builder, STR("a.py"));
    ir_builder_enter(builder, ir_builder_function(builder, &function));
    return builder;
}

static struct ir_module *builder_end(struct ir_builder *builder)
{
    ir_builder_leave(builder);
    struct ir_module *module = ir_builder_finish(builder);
    ir_builder_free(builder);
    return module;
}

static ir_value unknown(struct ir_builder *builder)
{
    return ir_emit(builder, (struct ir_op){.code = IR_UNKNOWN});
}

START_TEST(names_have_one_id)
{
    struct ir_builder *builder = builder_with_function();
    ir_name a = ir_builder_name(builder, STR("a"));

    ck_assert_uint_eq(ir_builder_name(builder, STR("")), 0);
    ck_assert_uint_ne(a, 0);
    ck_assert_uint_eq(ir_builder_name(builder, STR("a")), a);
    ck_assert_uint_ne(ir_builder_name(builder, STR("b\0c")), ir_builder_name(builder, STR("b\0d")));
    ck_assert(str_equal(ir_builder_name_text(builder, a), STR("a")));
    struct ir_module *module = builder_end(builder);
    ck_assert_uint_eq(module->name_count, 4);
    ck_assert(str_equal(module->names[a], STR("a")));
    ck_assert_uint_eq(module->names[0].len, 0);
    ck_assert_int_eq(module->names[a].ptr[1], '\0');
    ck_assert(str_equal(module->path, STR("a.py")));
    arena_free(module->arena);
}
END_TEST

START_TEST(each_module_has_its_own_names)
{
    struct ir_builder *builder = builder_with_function();
    struct ir_function function = {.kind = IR_FN_MODULE, .parent = IR_NO_INDEX, .class_index = IR_NO_INDEX};

    ck_assert_uint_eq(ir_builder_name(builder, STR("first")), 1);
    ir_builder_leave(builder);
    struct ir_module *first = ir_builder_finish(builder);
    ir_builder_begin(builder, STR("b.py"));
    ir_builder_enter(builder, ir_builder_function(builder, &function));
    ck_assert_uint_eq(ir_builder_name(builder, STR("second")), 1);
    struct ir_module *second = builder_end(builder);
    ck_assert_uint_eq(second->name_count, 2);
    ck_assert(str_equal(first->names[1], STR("first")));
    ck_assert(str_equal(second->names[1], STR("second")));
    arena_free(first->arena);
    arena_free(second->arena);
}
END_TEST

START_TEST(values_count_from_1)
{
    struct ir_builder *builder = builder_with_function();

    ck_assert_uint_eq(unknown(builder), 1);
    ck_assert_uint_eq(ir_emit(builder, (struct ir_op){.code = IR_RETURN, .a = 1, .result = 77}), 0);
    ck_assert_uint_eq(unknown(builder), 2);
    struct ir_module *module = builder_end(builder);
    ck_assert_uint_eq(module->functions[0].value_count, 3);
    ck_assert_uint_eq(module->functions[0].op_count, 3);
    ck_assert_uint_eq(module->ops[1].result, 0);
    ck_assert_uint_eq(module->ops[2].result, 2);
    arena_free(module->arena);
}
END_TEST

START_TEST(clauses_point_at_the_next)
{
    struct ir_builder *builder = builder_with_function();
    ir_value value = unknown(builder);

    ir_open(builder, (struct ir_op){.code = IR_TRY});            /* 1 */
    ir_open(builder, (struct ir_op){.code = IR_IF, .a = value}); /* 2 */
    ir_close(builder, (struct ir_span){9, 9});                   /* 3 */
    ir_clause(builder, (struct ir_op){.code = IR_EXCEPT});       /* 4 */
    ir_clause(builder, (struct ir_op){.code = IR_EXCEPT});       /* 5 */
    ir_clause(builder, (struct ir_op){.code = IR_FINALLY});      /* 6 */
    ir_close(builder, (struct ir_span){20, 20});                 /* 7 */
    struct ir_module *module = builder_end(builder);
    static const uint32_t next[][2] = {{1, 4}, {2, 3}, {4, 5}, {5, 6}, {6, 7}};
    for (size_t i = 0; i < sizeof next / sizeof next[0]; i++) {
        ck_assert_uint_eq(module->ops[next[i][0]].c, next[i][1]);
    }
    ck_assert_uint_eq(module->ops[7].code, IR_END);
    ck_assert_uint_eq(module->ops[7].span.start, 20);
    struct str message;
    ck_assert_msg(ir_verify(module, &message), "%.*s", STR_FMT(message));
    arena_free(module->arena);
}
END_TEST

START_TEST(loops_are_known_while_they_are_open)
{
    struct ir_builder *builder = builder_with_function();
    ir_value value = unknown(builder);

    ck_assert(!ir_builder_in_loop(builder));
    ir_open(builder, (struct ir_op){.code = IR_FOR, .a = value});
    ir_open(builder, (struct ir_op){.code = IR_IF, .a = value});
    ck_assert(ir_builder_in_loop(builder));
    ir_close(builder, (struct ir_span){0, 0});
    ir_clause(builder, (struct ir_op){.code = IR_ELSE});
    ck_assert(!ir_builder_in_loop(builder));
    ir_close(builder, (struct ir_span){0, 0});
    arena_free(builder_end(builder)->arena);
}
END_TEST

START_TEST(arguments_are_copied)
{
    struct ir_builder *builder = builder_with_function();
    struct ir_arg args[] = {{.value = unknown(builder)}, {.value = unknown(builder), .kind = IR_ARG_STAR}};

    ir_emit_args(builder, (struct ir_op){.code = IR_NEW, .aux = IR_NEW_LIST}, args, 2);
    ir_emit_args(builder, (struct ir_op){.code = IR_NEW, .aux = IR_NEW_LIST}, NULL, 0);
    ir_emit_args(builder, (struct ir_op){.code = IR_CALL, .a = 3}, args, 1);
    args[0].value = 99;
    struct ir_module *module = builder_end(builder);
    ck_assert_uint_eq(module->arg_count, 3);
    ck_assert_uint_eq(module->ops[2].b, 0);
    ck_assert_uint_eq(module->ops[2].c, 2);
    ck_assert_uint_eq(module->ops[3].c, 0);
    ck_assert_uint_eq(module->ops[4].b, 2);
    ck_assert_uint_eq(module->args[2].value, 1);
    ck_assert_uint_eq(module->args[1].kind, IR_ARG_STAR);
    arena_free(module->arena);
}
END_TEST

START_TEST(a_builder_serves_many_modules)
{
    struct ir_builder *builder = builder_with_function();

    ir_builder_comment(builder, (struct ir_span){1, 2});
    ir_builder_error(builder, (struct ir_span){3, 4});
    ir_builder_all_name(builder, ir_builder_name(builder, STR("x")));
    ir_builder_local(builder, 0, IR_LOCAL_SYNTHETIC);
    unknown(builder);
    ir_builder_leave(builder);
    struct ir_module *first = ir_builder_finish(builder);
    struct ir_function function = {.kind = IR_FN_MODULE, .parent = IR_NO_INDEX, .class_index = IR_NO_INDEX};
    ir_builder_begin(builder, STR("b.py"));
    ir_builder_enter(builder, ir_builder_function(builder, &function));
    struct ir_module *second = builder_end(builder);
    ck_assert_uint_eq(first->comment_count, 1);
    ck_assert_uint_eq(first->error_count, 1);
    ck_assert_uint_eq(first->all_count, 1);
    ck_assert_uint_eq(first->local_count, 1);
    ck_assert_uint_eq(second->comment_count + second->error_count + second->all_count + second->local_count, 0);
    ck_assert_uint_eq(second->op_count, 0);
    ck_assert_uint_eq(second->name_count, 1);
    arena_free(first->arena);
    arena_free(second->arena);
}
END_TEST

START_TEST(capture_marks_a_local)
{
    struct ir_builder *builder = builder_with_function();
    ir_local local = ir_builder_local(builder, ir_builder_name(builder, STR("x")), 0);

    ir_builder_local(builder, ir_builder_name(builder, STR("y")), 0);
    ir_builder_capture(builder, 0, local);
    struct ir_module *module = builder_end(builder);
    ck_assert_uint_eq(module->locals[0].flags, IR_LOCAL_CAPTURED);
    ck_assert_uint_eq(module->locals[1].flags, 0);
    arena_free(module->arena);
}
END_TEST

static void begin_twice(void *context)
{
    ir_builder_begin(context, STR("b.py"));
}

static void finish_early(void *context)
{
    ir_builder_finish(context);
}

static void enter_twice(void *context)
{
    ir_builder_enter(context, 0);
}

static void close_nothing(void *context)
{
    ir_close(context, (struct ir_span){0, 0});
}

static void leave_open(void *context)
{
    ir_open(context, (struct ir_op){.code = IR_TRY});
    ir_builder_leave(context);
}

static void param_late(void *context)
{
    ir_builder_local(context, 0, 0);
    ir_builder_param(context, (struct ir_param){0});
}

static void unknown_function(void *context)
{
    ir_builder_function_at(context, 1);
}

static void unknown_local(void *context)
{
    ir_builder_capture(context, 0, 0);
}

static void unknown_opcode(void *context)
{
    ir_emit(context, (struct ir_op){.code = IR_OPCODE_COUNT});
}

static const struct {
    void (*work)(void *context);
    const char *says;
} misuses[] = {
    {begin_twice, "begun inside another"}, {finish_early, "was not left"},  {enter_twice, "entered inside"},
    {close_nothing, "no region is open"},  {leave_open, "1 open regions"},  {param_late, "parameters must come before"},
    {unknown_function, "function 1 of 1"}, {unknown_local, "local 0 of 0"}, {unknown_opcode, "opcode"},
};

START_TEST(misuse_is_a_bug)
{
    struct ir_builder *builder = builder_with_function();
    char errors[300];

    ck_assert_int_eq(child_run(misuses[_i].work, builder, errors, sizeof errors), 2);
    ck_assert_msg(strstr(errors, misuses[_i].says) != NULL, "%s", errors);
    ir_builder_free(builder); /* also in the middle of a module */
}
END_TEST

static void text_out_of_range(void *context)
{
    const char *(*text)(unsigned) = *(const char *(**)(unsigned))context;

    text(1000);
}

START_TEST(every_number_has_a_text)
{
    static const char *(*const texts[])(unsigned) = {ir_opcode_text,       ir_operator_text, ir_const_text,
                                                     ir_new_text,          ir_pattern_text,  ir_param_text,
                                                     ir_function_kind_text};
    static const unsigned counts[] = {IR_OPCODE_COUNT,  IR_OPERATOR_COUNT,        IR_CONST_COUNT,      IR_NEW_COUNT,
                                      IR_PATTERN_COUNT, IR_PARAM_DOUBLE_STAR + 1, IR_FN_CLASS_BODY + 1};
    char errors[300];

    for (unsigned i = 0; i < counts[_i]; i++) {
        ck_assert_ptr_nonnull(texts[_i](i));
    }
    const char *(*text)(unsigned) = texts[_i];
    ck_assert_int_eq(child_run(text_out_of_range, &text, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "1000"));
}
END_TEST

Suite *test_ir_builder_suite(void)
{
    Suite *suite = suite_create("ir_builder");
    TCase *tests = tcase_create("ir_builder");

    tcase_add_test(tests, names_have_one_id);
    tcase_add_test(tests, each_module_has_its_own_names);
    tcase_add_test(tests, values_count_from_1);
    tcase_add_test(tests, clauses_point_at_the_next);
    tcase_add_test(tests, loops_are_known_while_they_are_open);
    tcase_add_test(tests, arguments_are_copied);
    tcase_add_test(tests, a_builder_serves_many_modules);
    tcase_add_test(tests, capture_marks_a_local);
    tcase_add_loop_test(tests, misuse_is_a_bug, 0, (int)(sizeof misuses / sizeof misuses[0]));
    tcase_add_loop_test(tests, every_number_has_a_text, 0, 7);
    suite_add_tcase(suite, tests);
    return suite;
}
