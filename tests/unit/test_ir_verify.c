#include <check.h>
#include <string.h>

#include "ir/builder.h"

/* A module that has every kind of reference once, for the tests to break in one place each:
 *
 *     fn0 module: class0, a call with an argument, an if, a try, a loop
 *     fn1 body of class0
 *     fn2 a function in fn1 with a parameter and a local that fn3 captures
 *     fn3 a function in fn2 that reads it */
static struct ir_module *sound_module(void);

enum {
    OP_CLASS,
    OP_CALL,
    OP_IF,
    OP_ELSE,
    OP_IF_END,
    OP_TRY,
    OP_EXCEPT,
    OP_CATCH,
    OP_FINALLY,
    OP_TRY_END,
    OP_LOOP,
    OP_CONDITION,
    OP_TEST,
    OP_BREAK,
    OP_LOOP_END,
    OP_MATCHES,
    OP_UNARY,
    OP_FUNCTION, /* fn1 */
    OP_LOCAL,    /* fn2 */
    OP_BIND,
    OP_INNER,
    OP_FREE, /* fn3 */
    OP_CONST,
    OP_NEW,
    OP_COMPARE,
    OP_COUNT
};

static void declare_functions(struct ir_builder *builder)
{
    ir_name name = ir_builder_name(builder, STR("name"));
    uint32_t decorator = ir_builder_list_name(builder, name);
    struct ir_function functions[] = {
        {.kind = IR_FN_MODULE, .parent = IR_NO_INDEX, .class_index = IR_NO_INDEX},
        {.kind = IR_FN_CLASS_BODY, .parent = 0, .class_index = 0},
        {.kind = IR_FN_FUNCTION, .parent = 1, .class_index = 0, .first_decorator = decorator, .decorator_count = 1},
        {.kind = IR_FN_LAMBDA, .parent = 2, .class_index = IR_NO_INDEX},
    };
    struct ir_class class = {.name = name, .body = 1, .parent = 0};

    for (size_t i = 0; i < 4; i++) {
        ir_builder_function(builder, &functions[i]);
    }
    ir_builder_class(builder, &class);
}

static void emit_module_body(struct ir_builder *b)
{
    struct ir_span end = {5, 5};

    ir_builder_enter(b, 0);
    ir_value class = ir_emit_args(b, (struct ir_op){.code = IR_CLASS, .a = 0}, NULL, 0);
    struct ir_arg arg = {.value = class, .keyword = ir_builder_name(b, STR("key")), .kind = IR_ARG_PLAIN};
    ir_value call = ir_emit_args(b, (struct ir_op){.code = IR_CALL, .a = class}, &arg, 1);
    ir_open(b, (struct ir_op){.code = IR_IF, .a = call});
    ir_clause(b, (struct ir_op){.code = IR_ELSE});
    ir_close(b, end);
    ir_open(b, (struct ir_op){.code = IR_TRY});
    ir_clause(b, (struct ir_op){.code = IR_EXCEPT});
    ir_emit(b, (struct ir_op){.code = IR_CATCH});
    ir_clause(b, (struct ir_op){.code = IR_FINALLY});
    ir_close(b, end);
    ir_open(b, (struct ir_op){.code = IR_LOOP});
    ir_value condition = ir_emit(b, (struct ir_op){.code = IR_UNKNOWN});
    ir_emit(b, (struct ir_op){.code = IR_TEST, .a = condition});
    ir_emit(b, (struct ir_op){.code = IR_BREAK});
    ir_close(b, end);
    ir_emit_args(b, (struct ir_op){.code = IR_MATCHES, .aux = IR_PATTERN_OR, .a = class}, &arg, 1);
    ir_emit(b, (struct ir_op){.code = IR_UNARY, .aux = IR_OP_NOT, .a = call});
    ir_builder_leave(b);
}

static struct ir_module *sound_module(void)
{
    struct ir_builder *b = ir_builder_new();

    ir_builder_begin(b, STR("a.py"));
    declare_functions(b);
    emit_module_body(b);
    ir_builder_enter(b, 1);
    ir_emit_args(b, (struct ir_op){.code = IR_FUNCTION, .a = 2}, NULL, 0);
    ir_builder_leave(b);
    ir_builder_enter(b, 2);
    ir_local param = ir_builder_param(b, (struct ir_param){.kind = IR_PARAM_NORMAL});
    ir_local local = ir_builder_local(b, 0, 0);
    ir_value value = ir_emit(b, (struct ir_op){.code = IR_LOCAL, .a = param});
    ir_emit(b, (struct ir_op){.code = IR_BIND, .a = local, .b = value});
    ir_emit_args(b, (struct ir_op){.code = IR_FUNCTION, .a = 3}, NULL, 0);
    ir_builder_leave(b);
    ir_builder_enter(b, 3);
    ir_builder_capture(b, 2, local);
    ir_value free = ir_emit(b, (struct ir_op){.code = IR_READ_FREE, .a = 2, .b = local});
    ir_value one = ir_emit(b, (struct ir_op){.code = IR_CONST, .aux = IR_INT, .a = ir_builder_name(b, STR("1"))});
    ir_emit_args(b, (struct ir_op){.code = IR_NEW, .aux = IR_NEW_LIST}, NULL, 0);
    ir_emit(b, (struct ir_op){.code = IR_COMPARE, .aux = IR_OP_EQ, .a = free, .b = one});
    ir_builder_leave(b);
    struct ir_module *module = ir_builder_finish(b);
    ir_builder_free(b);
    return module;
}

/* One violation each: how it is made, and a part of what the verifier says. */
#define BREAK(name, says, ...)                                                                                         \
    static void break_##name(struct ir_module *m)                                                                      \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
#include "tests/unit/ir_violations.def"
#undef BREAK

static const struct {
    const char *name, *says;
    void (*make)(struct ir_module *module);
} violations[] = {
#define BREAK(name, says, ...) {#name, says, break_##name},
#include "tests/unit/ir_violations.def"
#undef BREAK
};

START_TEST(a_sound_module_passes)
{
    struct ir_module *module = sound_module();
    struct str message = STR("untouched");

    ck_assert_uint_eq(module->op_count, OP_COUNT);
    ck_assert_msg(ir_verify(module, &message), "%.*s", STR_FMT(message));
    ck_assert(str_equal(message, STR("untouched")));
    arena_free(module->arena);
}
END_TEST

START_TEST(each_violation_is_named)
{
    struct ir_module *module = sound_module();
    struct str message = STR("");

    violations[_i].make(module);
    ck_assert_msg(!ir_verify(module, &message), "%s is not seen", violations[_i].name);
    ck_assert_msg(strstr(message.ptr, violations[_i].says) != NULL, "%s: %s", violations[_i].name, message.ptr);
    arena_free(module->arena);
}
END_TEST

Suite *test_ir_verify_suite(void)
{
    Suite *suite = suite_create("ir_verify");
    TCase *tests = tcase_create("ir_verify");

    tcase_add_test(tests, a_sound_module_passes);
    tcase_add_loop_test(tests, each_violation_is_named, 0, (int)(sizeof violations / sizeof violations[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
