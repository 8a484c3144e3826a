#include <check.h>
#include <string.h>

#include "frontend/python/names.h"

static const struct {
    const char *identifier, *class, *name;
} names[] = {
    {"plain", "", "plain"},
    {"__private", "", "__private"},
    {"plain", "C", "plain"},
    {"_protected", "C", "_protected"},
    {"__private", "C", "_C__private"},
    {"__private", "__C", "_C__private"},
    {"__private", "_", "__private"},
    {"__private_", "C", "_C__private_"},
    {"__special__", "C", "__special__"},
    {"__", "C", "__"},
    {"___", "C", "___"},
    {"ﬁle", "", "file"},
    {"ℌ", "", "H"},
    {"e\xcc\x81", "", "\xc3\xa9"},
    {"__ﬁle", "C", "_C__file"},
    {"\xff\xfe", "", "\xff\xfe"}, /* no UTF-8: kept */
};

START_TEST(identifiers_are_folded_and_mangled)
{
    struct ir_builder *ir = ir_builder_new();
    struct buf scratch = {0};

    ir_builder_begin(ir, STR("a.py"));
    ir_name class = ir_builder_name(ir, str_of(names[_i].class));
    ir_name name = python_name(ir, &scratch, str_of(names[_i].identifier), class);
    ck_assert_str_eq(ir_builder_name_text(ir, name).ptr, names[_i].name);
    buf_release(&scratch);
    ir_builder_free(ir);
}
END_TEST

static const struct {
    const char *source, *text;
} texts[] = {
    {"int", "int"},
    {"  int ", "int"},
    {"'int'", "int"},
    {"\" Box \"", "Box"},
    {"'''Box'''", "Box"},
    {"'a' | 'b'", "'a' | 'b'"},
    {"'it\\'s'", "'it\\'s'"},
    {"r'x'", "r'x'"},
    {"''", ""},
    {"'", "'"},
    {"'abc", "'abc"},
    {"list[\n    int,  # first\n    str\n]", "list[ int, str ]"},
    {"a \\\n . b", "a . b"},
    {"Literal['a  #b']", "Literal['a  #b']"},
    {"Literal[\"\"\"a\"b\"\"\"]", "Literal[\"\"\"a\"b\"\"\"]"},
    {"Literal['\\']", "Literal['\\']"},
    {"# only a comment", ""},
    {"", ""},
};

START_TEST(texts_are_put_on_one_line)
{
    struct ir_builder *ir = ir_builder_new();
    struct buf scratch = {0};

    ir_builder_begin(ir, STR("a.py"));
    ir_name name = python_text_name(ir, &scratch, str_of(texts[_i].source));
    ck_assert_str_eq(ir_builder_name_text(ir, name).ptr, texts[_i].text);
    buf_release(&scratch);
    ir_builder_free(ir);
}
END_TEST

Suite *test_names_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *tests = tcase_create("names");

    tcase_add_loop_test(tests, identifiers_are_folded_and_mangled, 0, (int)(sizeof names / sizeof names[0]));
    tcase_add_loop_test(tests, texts_are_put_on_one_line, 0, (int)(sizeof texts / sizeof texts[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
