#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit/lowered.h"

/* ---- depth and size ---- */

static const struct {
    const char *head, *part;
    size_t count;
    const char *tail;
    unsigned code;   /* an opcode of the module body … */
    uint32_t wanted; /* … and how many there must be; IR_NO_INDEX where the text may be refused */
} deep[] = {
    {"x = a", " + a", 100000, "\n", IR_BINARY, 100000},
    {"x = a", " and a", 100000, "\n", IR_IF, 100000},
    {"x = a", " < a", 20000, "\n", IR_COMPARE, 20000},
    {"x = a", ".b", 100000, "\n", IR_READ_ATTR, 100000},
    {"x = a", "()", 50000, "\n", IR_CALL, 50000},
    {"x = a", "[0]", 50000, "\n", IR_READ_ITEM, 50000},
    {"x = a", " if b else a", 4000, "\n", IR_IF, 4000},
    {"x = ", "not ", 20000, "a\n", IR_UNARY, 20000},
    {"x", " = x", 20000, "\n", IR_WRITE_GLOBAL, 20000},
    {"x = [a", " for a in b", 5000, "]\n", IR_FOR, 5000},
    {"if a:\n b\n", "elif a:\n b\n", 5000, "else:\n c\n", IR_IF, 5001},
    {"match a:\n", " case 1: pass\n", 5000, "", IR_MATCHES, 5000},
    {"try: a\n", "except a: pass\n", 5000, "", IR_EXCEPT, 5000},
    {"", "@d\n", 10000, "def f(): pass\n", IR_CALL, 10000},
    {"with a", " as b, a", 5000, ": pass\n", IR_WITH, 5001},
    {"x = (", "1,", 100000, ")\n", IR_CONST, IR_NO_INDEX},
    {"x = ", "(", 50000, "a\n", IR_READ_GLOBAL, IR_NO_INDEX},
    {"x = ", "[", 50000, "\n", IR_NEW, IR_NO_INDEX},
    {"x = ", "lambda: ", 5000, "a\n", IR_FUNCTION, 1},
    {"", "if a: ", 3000, "\n", IR_IF, IR_NO_INDEX},
};

START_TEST(depth_does_not_matter)
{
    struct frontend *frontend = frontend_new();
    struct str text = repeated(deep[_i].head, deep[_i].part, deep[_i].count, deep[_i].tail);
    struct lowered lowered;
    struct str message;

    lowered_init(&lowered, frontend, "a.py", text);
    ck_assert_msg(ir_verify(lowered.module, &message), "%.*s", STR_FMT(message));
    if (deep[_i].wanted != IR_NO_INDEX) {
        ck_assert_uint_eq(lowered.module->error_count, 0);
        ck_assert_uint_eq(count_ops(lowered.module, &lowered.module->functions[0], deep[_i].code), deep[_i].wanted);
    }
    lowered_release(&lowered);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

START_TEST(brackets_in_each_other_are_refused_or_read)
{
    struct frontend *frontend = frontend_new();
    struct str open = repeated("x = ", "(", 50000, "a");
    struct str text = repeated(open.ptr, ")", 50000, "\n");
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", text);
    bool refused = diagnostics_count(lowered.diagnostics) == 1 && (lowered.module->functions[0].flags & IR_FN_ERROR);
    bool lowers = count_ops(lowered.module, &lowered.module->functions[0], IR_WRITE_GLOBAL) == 1;
    ck_assert(refused != lowers);
    lowered_release(&lowered);
    free((char *)(uintptr_t)open.ptr);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

START_TEST(qualified_names_stay_short)
{
    struct frontend *frontend = frontend_new();
    struct str text = repeated("x = ", "lambda: ", 5000, "a\n");
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", text);
    ck_assert_uint_eq(lowered.module->function_count, 5001);
    for (uint32_t i = 0; i < lowered.module->name_count; i++) {
        ck_assert_uint_lt(lowered.module->names[i].len, 5000);
    }
    lowered_release(&lowered);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

START_TEST(many_targets_share_the_last_number)
{
    struct frontend *frontend = frontend_new();
    struct str text = repeated("", "a,", 70000, " = b\n");
    struct lowered lowered;
    struct str message;

    lowered_init(&lowered, frontend, "a.py", text);
    ck_assert(ir_verify(lowered.module, &message));
    ck_assert_uint_eq(count_ops(lowered.module, &lowered.module->functions[0], IR_UNPACK), 70000);
    lowered_release(&lowered);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

/* ---- errors ---- */

START_TEST(errors_are_reported_and_worked_around)
{
    struct frontend *frontend = frontend_new();
    struct lowered lowered;

    lowered_init(&lowered, frontend, "pkg/a.py", STR("x = 1\n\ndef f(a):\n    a.b = = 2\n    a.c += 1\n"));
    ck_assert_uint_eq(lowered.module->error_count, 1);
    ck_assert_uint_eq(diagnostics_count(lowered.diagnostics), 1);
    const struct diagnostic *diagnostic = diagnostics_at(lowered.diagnostics, 0);
    ck_assert_str_eq(diagnostic->code, "RL002");
    ck_assert_uint_eq(diagnostic->line, 4);
    ck_assert(str_equal(diagnostic->path, STR("pkg/a.py")));
    ck_assert(str_find(diagnostic->message, STR("rest of the file is analysed")) != SIZE_MAX);
    const struct ir_function *function = function_named(lowered.module, "f");
    ck_assert(function->flags & IR_FN_ERROR);
    ck_assert(!(lowered.module->functions[0].flags & IR_FN_ERROR));
    ck_assert_uint_eq(count_ops(lowered.module, function, IR_INPLACE), 1);
    ck_assert_uint_eq(frontend_parse_only(frontend, &lowered.file), 1);
    lowered_release(&lowered);
    frontend_free(frontend);
}
END_TEST

START_TEST(few_errors_are_reported)
{
    struct frontend *frontend = frontend_new();
    struct str text = repeated("", "x = = 1\ny = 2\n", 100, "");
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", text);
    ck_assert_uint_ge(lowered.module->error_count, 50);
    ck_assert_uint_eq(diagnostics_count(lowered.diagnostics), 3);
    lowered_release(&lowered);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

START_TEST(messages_are_cut_between_characters)
{
    struct frontend *frontend = frontend_new();
    struct str text = repeated("x = ? ", "\xc3\xa9\xe2\x82\xac", 100, "\n");
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", text);
    ck_assert_uint_ge(diagnostics_count(lowered.diagnostics), 1);
    struct str message = diagnostics_at(lowered.diagnostics, 0)->message;
    ck_assert_uint_lt(message.len, 120);
    for (size_t i = 0; i + 1 < message.len; i++) {
        bool lead = ((unsigned char)message.ptr[i] & 0xc0) == 0xc0;
        ck_assert(!lead || ((unsigned char)message.ptr[i + 1] & 0xc0) == 0x80);
    }
    lowered_release(&lowered);
    free((char *)(uintptr_t)text.ptr);
    frontend_free(frontend);
}
END_TEST

START_TEST(a_return_outside_of_functions_is_none)
{
    struct frontend *frontend = frontend_new();
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", STR("return f()\nclass C:\n    return\nbreak\nyield 1\n"));
    ck_assert_uint_eq(count_ops(lowered.module, &lowered.module->functions[0], IR_RETURN), 0);
    ck_assert_uint_eq(count_ops(lowered.module, &lowered.module->functions[0], IR_CALL), 1);
    ck_assert_uint_eq(count_ops(lowered.module, &lowered.module->functions[0], IR_BREAK), 0);
    ck_assert_uint_eq(lowered.module->functions[0].flags, 0);
    ck_assert_uint_eq(lowered.module->functions[1].op_count, 0);
    lowered_release(&lowered);
    frontend_free(frontend);
}
END_TEST

/* ---- one frontend, many files ---- */

static struct str read_all(const char *path)
{
    struct buf text = {0};
    char block[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        buf_add(&text, (struct str){block, got});
    }
    fclose(file);
    buf_add(&text, STR(""));
    return buf_str(&text);
}

static const char *const samples = "tests/fixtures/ir";

/* Calls visit for each Python file among the fixtures. */
static void each_sample(void (*visit)(const char *name, struct str text, void *context), void *context)
{
    DIR *folder = opendir(samples);
    const struct dirent *entry;
    unsigned count = 0;

    ck_assert_msg(folder != NULL, "the tests run in the repository's root");
    while ((entry = readdir(folder)) != NULL) {
        struct str name = str_of(entry->d_name);
        char path[400];
        if (!str_ends(name, STR(".py")) && !str_ends(name, STR(".pyi"))) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", samples, entry->d_name);
        struct str text = read_all(path);
        visit(entry->d_name, text, context);
        free((char *)(uintptr_t)text.ptr);
        count++;
    }
    closedir(folder);
    ck_assert_uint_gt(count, 40);
}

static char *printed(struct frontend *frontend, const char *name, struct str text)
{
    struct lowered lowered;
    char *out = NULL;

    lowered_init(&lowered, frontend, name, text);
    ir_print(lowered.module, lowered.file.text, &out);
    lowered_release(&lowered);
    return out;
}

static void compare_with_fresh(const char *name, struct str text, void *context)
{
    struct frontend *fresh = frontend_new();
    char *expected = printed(fresh, name, text);
    char *actual = printed(context, name, text);

    ck_assert_str_eq(actual, expected);
    free(expected);
    free(actual);
    frontend_free(fresh);
}

START_TEST(what_came_before_does_not_matter)
{
    struct frontend *frontend = frontend_new();

    each_sample(compare_with_fresh, frontend);
    frontend_free(frontend);
}
END_TEST

/* Every fixture without errors is lowered without meeting a node where nodes.def does not expect it. */
static void count_unexpected(const char *name, struct str text, void *context)
{
    struct steps steps;

    (void)context;
    steps_init(&steps, text, true);
    if (steps.tree.errors.len == 0) {
        ck_assert_msg(steps.lowering.unexpected == 0, "%s", name);
        struct ir_module *module = ir_builder_finish(steps.ir);
        struct str message;
        ck_assert_msg(ir_verify(module, &message), "%s: %.*s", name, STR_FMT(message));
        arena_free(module->arena);
    }
    steps_release(&steps);
}

START_TEST(every_node_has_its_handler)
{
    each_sample(count_unexpected, NULL);
}
END_TEST

static void cut_anywhere(const char *name, struct str text, void *context)
{
    for (size_t length = 0; length < text.len; length += 1 + text.len / 40) {
        char *part = strndup(text.ptr, length);
        free(printed(context, name, (struct str){part, length}));
        free(part);
    }
}

/* Texts that end anywhere: nothing may break, whatever the parser makes of them. */
START_TEST(cut_texts_are_lowered)
{
    struct frontend *frontend = frontend_new();

    each_sample(cut_anywhere, frontend);
    frontend_free(frontend);
}
END_TEST

START_TEST(printing_appends)
{
    struct frontend *frontend = frontend_new();
    struct lowered lowered;
    char *out = strdup("before\n");

    lowered_init(&lowered, frontend, "a.py", STR(""));
    ir_print(lowered.module, lowered.file.text, &out);
    ck_assert_str_eq(out, "before\nmodule a.py\n\nfn0 module <module> 1:1-1 head 1:1-1\n");
    free(out);
    lowered_release(&lowered);
    frontend_free(frontend);
    frontend_free(NULL);
}
END_TEST

START_TEST(comments_are_in_order)
{
    struct frontend *frontend = frontend_new();
    struct lowered lowered;

    /* The second and third are hidden from the parser, which would end the block there. */
    lowered_init(&lowered, frontend, "a.py",
                 STR("# 1\ndef f(a):\n    x = (a +\n# 2\n         a +\n  # 3\n         a)  # 4\n    return x\n# 5\n"));
    const struct ir_module *module = lowered.module;
    ck_assert_uint_eq(module->error_count, 0);
    ck_assert_uint_eq(module->comment_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        struct ir_span span = module->comments[i].span;
        ck_assert_uint_eq(span.end - span.start, 3);
        ck_assert_int_eq(lowered.file.text.ptr[span.start + 2], (int)('1' + i));
    }
    lowered_release(&lowered);
    frontend_free(frontend);
}
END_TEST

Suite *test_frontend_suite(void)
{
    Suite *suite = suite_create("frontend");
    TCase *tests = tcase_create("frontend");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, depth_does_not_matter, 0, (int)(sizeof deep / sizeof deep[0]));
    tcase_add_test(tests, brackets_in_each_other_are_refused_or_read);
    tcase_add_test(tests, qualified_names_stay_short);
    tcase_add_test(tests, many_targets_share_the_last_number);
    tcase_add_test(tests, errors_are_reported_and_worked_around);
    tcase_add_test(tests, few_errors_are_reported);
    tcase_add_test(tests, messages_are_cut_between_characters);
    tcase_add_test(tests, a_return_outside_of_functions_is_none);
    tcase_add_test(tests, what_came_before_does_not_matter);
    tcase_add_test(tests, every_node_has_its_handler);
    tcase_add_test(tests, cut_texts_are_lowered);
    tcase_add_test(tests, printing_appends);
    tcase_add_test(tests, comments_are_in_order);
    suite_add_tcase(suite, tests);
    return suite;
}
