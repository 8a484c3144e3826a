#include <check.h>

#include "base/buf.h"
#include "cli/suppress.h"
#include "racelint/frontend.h"

/* Lowers a program, and tells on which of its lines a finding of RL201 would be suppressed: "2 3". */
static void expect(const char *text, const char *expected)
{
    static const struct rule rule = {.code = "RL201", .name = "check-then-use"};
    struct diagnostics *diagnostics = diagnostics_new();
    struct frontend *frontend = frontend_new();
    struct suppressions suppressions;
    struct source_file file;
    struct buf lines = {0};

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), str_of(text), diagnostics), SOURCE_OK);
    struct ir_module *module = frontend_lower(frontend, &file, diagnostics);
    suppressions_read(&suppressions, module, &file, NULL);
    buf_add(&lines, STR(""));
    for (uint32_t line = 1; line <= file.line_count; line++) {
        struct finding finding = {.rule = &rule, .where = {.line = line, .end_line = line}};
        if (suppressions_cover(&suppressions, &finding)) {
            buf_printf(&lines, "%s%u", lines.len > 0 ? " " : "", (unsigned)line);
        }
    }
    ck_assert_msg(str_equal(buf_str(&lines), str_of(expected)), "%s%s", text, lines.ptr);
    suppressions_release(&suppressions);
    arena_free(module->arena);
    frontend_free(frontend);
    source_free(&file);
    buf_release(&lines);
    diagnostics_free(diagnostics);
}

START_TEST(a_line)
{
    expect("a()\nb()  # racelint: ignore\nc()\n", "2");
    expect("a()\nb()  # racelint: ignore[RL201] x\nc()\n", "2");
    expect("a()\nb()  # racelint: ignore[RL1, check-then-use]\nc()\n", "2");
    expect("a()\nb()  # noqa: E501, RL201\nc()\n", "2");
    expect("a()\nb()  # racelint: ignore[RL202]\nc()\n", "");
    expect("a()\nb()  # noqa\nc()\n", "");
}
END_TEST

START_TEST(what_follows)
{
    expect("a()\n# racelint: ignore\nc()\nd()\n", "3");
    expect("# racelint: ignore why\n\n# because\nf(a,\n  b)\nd()\n", "4 5");
    expect("# racelint: ignore\n@decorated(\n    1)\n@twice\ndef f():\n    b()\nd()\n", "5 6");
    expect("if x:\n    a()\n    # racelint: ignore\nb()\n", "4");
    expect("f(\n    # racelint: ignore\n    a)\nb()\n", "1 2 3"); /* inside, it is for the statement */
    expect("a()\n# racelint: ignore", "2");
    expect("a()\n# racelint: ignore\n\n", "2");
    expect("a()\n# noqa: RL201\nc()\n", "2"); /* for its own line, as with other tools */
}
END_TEST

START_TEST(a_statement_over_several_lines)
{
    expect("f(a,\n  b,  # racelint: ignore\n  c)\nd()\n", "1 2 3");
    expect("x = 1 + \\\n    y  # racelint: ignore\nz = 2\n", "1 2");
    expect("s = '''\n# racelint: ignore\n'''\n", ""); /* no comment */
}
END_TEST

START_TEST(a_function_or_class)
{
    expect("a()\ndef f(x):  # racelint: ignore[RL201]\n    b()\n\n    c()\nd()\n", "2 3 4 5");
    expect("def f(\n    x,\n):  # noqa: RL201\n    b()\nd()\n", "1 2 3 4");
    expect("class C:  # racelint: ignore\n    def f(self):\n        b()\n    x = 1\nd()\n", "1 2 3 4");
    expect("class C:\n    def f(self):  # racelint: ignore\n        b()\n    x = 1\n", "2 3");
    expect("def f():\n    b()  # racelint: ignore\n    c()\n", "2");
    expect("async def f(): return 1  # racelint: ignore\nc()\n", "1");
    expect("if x:  # racelint: ignore\n    b()\n", "1"); /* other blocks are not spoken for */
}
END_TEST

START_TEST(a_file)
{
    expect("a()\nb()\n# racelint: skip-file\n", "1 2 3 4");
}
END_TEST

START_TEST(uses_are_counted)
{
    static const struct rule rule = {.code = "RL201", .name = "check-then-use"};
    struct diagnostics *diagnostics = diagnostics_new();
    struct frontend *frontend = frontend_new();
    struct suppressions suppressions;
    struct source_file file;

    ck_assert_int_eq(
        source_from_bytes(&file, STR("a.py"), STR("a()  # racelint: ignore\nb()  # racelint: ignore\n"), diagnostics),
        SOURCE_OK);
    struct ir_module *module = frontend_lower(frontend, &file, diagnostics);
    suppressions_read(&suppressions, module, &file, NULL);
    struct finding finding = {.rule = &rule, .where = {.line = 2, .end_line = 2}};
    ck_assert(suppressions_cover(&suppressions, &finding));
    ck_assert(suppressions_cover(&suppressions, &finding));
    ck_assert_uint_eq(suppressions.items.len, 2);
    ck_assert_uint_eq(suppressions.items.data[0].used, 0);
    ck_assert_uint_eq(suppressions.items.data[1].used, 2);
    ck_assert_uint_eq(suppressions.items.data[1].line, 2);
    suppressions_release(&suppressions);
    arena_free(module->arena);
    frontend_free(frontend);
    source_free(&file);
    diagnostics_free(diagnostics);
}
END_TEST

Suite *test_suppress_suite(void)
{
    Suite *suite = suite_create("suppress");
    TCase *tests = tcase_create("suppress");

    tcase_add_test(tests, a_line);
    tcase_add_test(tests, what_follows);
    tcase_add_test(tests, a_statement_over_several_lines);
    tcase_add_test(tests, a_function_or_class);
    tcase_add_test(tests, a_file);
    tcase_add_test(tests, uses_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
