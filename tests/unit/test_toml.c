#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "settings/toml.h"

static struct arena *arena;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
}

/* Reads a document that must be good. */
static const struct toml_value *good(const char *text)
{
    struct toml_error error;
    const struct toml_value *root = toml_read(arena, str_of(text), &error);

    ck_assert_msg(root != NULL, "%u:%u: %.*s", error.line, error.column, STR_FMT(error.message));
    return root;
}

/* Follows keys that are joined by dots. */
static const struct toml_value *at(const struct toml_value *value, const char *path)
{
    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        value = toml_member(value, (struct str){path, length});
        path += length + (path[length] == '.');
    }
    ck_assert_ptr_nonnull(value);
    return value;
}

static void text_is(const struct toml_value *value, struct str wanted)
{
    ck_assert_int_eq(value->kind, TOML_STRING);
    ck_assert_msg(str_equal(value->text, wanted), "`%.*s`", STR_FMT(value->text));
}

START_TEST(empty_documents_are_empty_tables)
{
    static const char *const texts[] = {"", "\n\n", "# a comment", " \t\n", "\xef\xbb\xbf"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct toml_value *root = good(texts[i]);
        ck_assert_int_eq(root->kind, TOML_TABLE);
        ck_assert_uint_eq(root->count, 0);
        ck_assert_ptr_null(root->first);
    }
}
END_TEST

START_TEST(scalars_have_their_values)
{
    const struct toml_value *root = good("a = 1_000\nb = -17\nc = 0xdead_beef\nd = 0o17\ne = 0b101\n"
                                         "f = 1.5e3\ng = -inf\nh = nan\ni = true\nj = false\n"
                                         "k = 1979-05-27T07:32:00Z\nl = 07:32:00\n"
                                         "m = 9223372036854775807\nn = -9223372036854775808\no = -0.25\n");

    ck_assert_int_eq(at(root, "a")->integer, 1000);
    ck_assert_int_eq(at(root, "b")->integer, -17);
    ck_assert_int_eq(at(root, "c")->integer, 0xdeadbeef);
    ck_assert_int_eq(at(root, "d")->integer, 15);
    ck_assert_int_eq(at(root, "e")->integer, 5);
    ck_assert_int_eq(at(root, "e")->kind, TOML_INTEGER);
    ck_assert_double_eq(at(root, "f")->number, 1500);
    ck_assert_int_eq(at(root, "f")->kind, TOML_FLOAT);
    ck_assert(isinf(at(root, "g")->number) && at(root, "g")->number < 0);
    ck_assert(isnan(at(root, "h")->number));
    ck_assert(at(root, "i")->boolean);
    ck_assert(!at(root, "j")->boolean);
    ck_assert_int_eq(at(root, "j")->kind, TOML_BOOLEAN);
    ck_assert_int_eq(at(root, "k")->kind, TOML_DATETIME);
    ck_assert(str_equal(at(root, "l")->text, STR("07:32:00")));
    ck_assert(at(root, "m")->integer == INT64_MAX);
    ck_assert(at(root, "n")->integer == INT64_MIN);
    ck_assert_double_eq(at(root, "o")->number, -0.25);
}
END_TEST

START_TEST(strings_of_all_forms_are_decoded)
{
    const struct toml_value *root = good("a = \"plain # no comment\"\n"
                                         "b = \"tab\\t quote\\\" back\\\\ \\u00e9 \\U0001F600\\n\"\n"
                                         "c = 'raw \\n \"x\"'\n"
                                         "d = \"\"\"\nfirst\n  second \"\"quoted\"\" \\\n      third\"\"\"\n"
                                         "e = '''\nraw \\t\n'quoted' '''\n"
                                         "f = \"\"\n"
                                         "g = \"\"\"\"x\"\"\"\"\n"
                                         "h = \"\\u0000\"\n");

    text_is(at(root, "a"), STR("plain # no comment"));
    text_is(at(root, "b"), STR("tab\t quote\" back\\ \xc3\xa9 \xf0\x9f\x98\x80\n"));
    text_is(at(root, "c"), STR("raw \\n \"x\""));
    text_is(at(root, "d"), STR("first\n  second \"\"quoted\"\" third"));
    text_is(at(root, "e"), STR("raw \\t\n'quoted' "));
    text_is(at(root, "f"), STR(""));
    text_is(at(root, "g"), STR("\"x\""));
    text_is(at(root, "h"), STR("\0"));
}
END_TEST

START_TEST(keys_may_be_quoted_and_dotted)
{
    const struct toml_value *root = good("a.b.c = 1\na.b.d = 2\n\"x y\".'z' = 3\n1.2 = 4\n\"\" = 5\n");

    ck_assert_int_eq(at(root, "a.b.c")->integer, 1);
    ck_assert_int_eq(at(root, "a.b.d")->integer, 2);
    ck_assert_int_eq(at(root, "x y.z")->integer, 3);
    ck_assert_int_eq(at(root, "1.2")->integer, 4);
    ck_assert_int_eq(toml_member(root, STR(""))->integer, 5);
    ck_assert_ptr_null(toml_member(root, STR("b")));
}
END_TEST

START_TEST(tables_and_arrays_of_tables_nest)
{
    const struct toml_value *root = good("[tool.racelint]\nselect = [\"RL1\", # comment\n \"RL2\",\n]\n"
                                         "[tool]\nother = 1\n"
                                         "[[class]]\nname = \"a\"\n[class.inner]\nx = 1\n"
                                         "[[class]]\nname = \"b\"\nargs = { position = 1, keyword.deep = \"k\" }\n");
    const struct toml_value *select = at(root, "tool.racelint.select");
    const struct toml_value *classes = at(root, "class");

    ck_assert_int_eq(select->kind, TOML_ARRAY);
    ck_assert_uint_eq(select->count, 2);
    text_is(select->first, STR("RL1"));
    text_is(select->first->next, STR("RL2"));
    ck_assert_ptr_null(select->first->next->next);
    ck_assert_int_eq(at(root, "tool.other")->integer, 1);
    ck_assert_uint_eq(classes->count, 2);
    ck_assert_int_eq(at(classes->first, "inner.x")->integer, 1);
    text_is(at(classes->last, "name"), STR("b"));
    text_is(at(classes->last, "args.keyword.deep"), STR("k"));
    ck_assert_ptr_eq(at(classes->last, "args")->parent, classes->last);
}
END_TEST

START_TEST(members_keep_the_order_of_the_file)
{
    const struct toml_value *root = good("z = 1\na = 2\n[m]\n[b]\n");
    static const char *const order[] = {"z", "a", "m", "b"};
    size_t i = 0;

    for (const struct toml_value *member = root->first; member != NULL; member = member->next) {
        ck_assert(str_equal(member->key, str_of(order[i++])));
    }
    ck_assert_uint_eq(i, 4);
}
END_TEST

START_TEST(values_know_where_they_stand)
{
    const struct toml_value *root = good("a = 1\r\n\"\xc3\xa9\" = [\"\xc3\xa9\", 2]\n  [t.u]\n x . y = {z = 3}\n");
    const struct toml_value *list = toml_member(root, STR("\xc3\xa9"));

    ck_assert_uint_eq(list->key_line, 2);
    ck_assert_uint_eq(list->key_column, 1);
    ck_assert_uint_eq(list->column, 7);
    ck_assert_uint_eq(list->last->line, 2);
    ck_assert_uint_eq(list->last->column, 13);
    ck_assert_uint_eq(at(root, "t.u")->line, 3);
    ck_assert_uint_eq(at(root, "t.u")->column, 6);
    ck_assert_uint_eq(at(root, "t.u.x.y")->key_column, 6);
    ck_assert_uint_eq(at(root, "t.u.x.y.z")->column, 15);
    ck_assert_uint_eq(at(root, "t.u.x.y.z")->line, 4);
}
END_TEST

static const struct {
    const char *text;
    uint32_t line, column;
    const char *message; /* a part of it */
} bad[] = {
    /* syntax */
    {"a = 1\nb =\n", 2, 1, "not TOML"},
    {"a = [1, 2\n", 1, 1, "`a = [1, 2`"},
    {"a = [1 2]\n", 1, 8, "`2]`"},
    {"a = \"x\nb = 1\n", 1, 3, "`= \"x`"},
    {"a = 1 b = 2\n", 1, 6, "line must end"},
    {"a = {b = 1,}\n", 1, 11, "`,}`"},
    {"[a\nb = 1\n", 1, 1, "`[a`"},
    {"[a] x\n", 1, 1, "`[a] x`"},
    {"[]\n", 1, 1, "`[]`"},
    {"= 1\n", 1, 1, "`= 1`"},
    {"a = 01\n", 1, 1, "`a = 01`"},
    {"a = \"\\q\"\n", 1, 1, "not TOML"},
    {"a = tru\n", 1, 1, "not TOML"},
    {"\xc3\xa9 = 1\n", 1, 1, "not TOML"},
    /* characters */
    {"a = 1\nb = \"\xff\"\n", 2, 6, "byte 0xff is not UTF-8"},
    {"a = \"\xed\xa0\x80\"\n", 1, 6, "not UTF-8"},
    {"a = \"\xc0\x80\"\n", 1, 6, "not UTF-8"},
    {"a = \"\xe2\x82\"\n", 1, 6, "not UTF-8"},
    {"a = 1\rb = 2\n", 1, 6, "control character 0x0d"},
    {"a = \"\x01\"\n", 1, 6, "control character 0x01"},
    {"a = 1 # \x7f\n", 1, 9, "control character 0x7f"},
    /* values */
    {"a = 9223372036854775808\n", 1, 5, "64 bits"},
    {"a = \"x\\ud800\"\n", 1, 7, "no Unicode character"},
    {"a = \"\\U00110000\"\n", 1, 6, "no Unicode character"},
    /* what is defined twice */
    {"a = 1\na = 2\n", 2, 1, "`a` is already defined at line 1"},
    {"a = 1\n\"a\" = 2\n", 2, 1, "`a` is already defined at line 1"},
    {"a = {b = 1, b = 2}\n", 1, 13, "`b` is already defined"},
    {"[a]\n[b]\n[a]\n", 3, 2, "`a` is already defined at line 1"},
    {"a = 1\n[a]\n", 2, 2, "`a` is already defined"},
    {"a = 1\n[a.b]\n", 2, 2, "`a` is already defined"},
    {"a = 1\na.b = 2\n", 2, 1, "`a` is already defined"},
    {"a.b = 1\n[a]\n", 2, 2, "`a` is already defined"},
    {"[a.b]\n[a]\nb.c = 1\n", 3, 1, "`b` is already defined at line 1"},
    {"a = {b = 1}\n[a.c]\n", 2, 2, "`a` is already defined"},
    {"a = {b = 1}\na.c = 1\n", 2, 1, "`a` is already defined"},
    {"a = [{}]\n[[a]]\n", 2, 3, "`a` is already defined"},
    {"[[a]]\n[a]\n", 2, 2, "`a` is already defined"},
    {"[a]\n[[a]]\n", 2, 3, "`a` is already defined"},
};

START_TEST(bad_documents_are_refused_with_their_place)
{
    struct toml_error error;
    const struct toml_value *root = toml_read(arena, str_of(bad[_i].text), &error);

    ck_assert_msg(root == NULL, "accepted: %s", bad[_i].text);
    ck_assert_msg(error.line == bad[_i].line && error.column == bad[_i].column &&
                      str_find(error.message, str_of(bad[_i].message)) != SIZE_MAX,
                  "%s -> %u:%u: %.*s", bad[_i].text, error.line, error.column, STR_FMT(error.message));
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
    struct toml_error error;

    ck_assert_ptr_null(toml_read(arena, STR("a = 1\0\nb = 2\n"), &error));
    ck_assert_uint_eq(error.line, 1);
    ck_assert_uint_eq(error.column, 6);
}
END_TEST

/* `open` and `close` repeated around nothing. */
static struct str nested(const char *open, const char *close, int depth)
{
    struct buf text = {0};

    buf_add(&text, STR("a = "));
    for (int i = 0; i < depth; i++) {
        buf_add(&text, str_of(open));
    }
    buf_add(&text, STR("1"));
    for (int i = 0; i < depth; i++) {
        buf_add(&text, str_of(close));
    }
    struct str result = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return result;
}

START_TEST(depth_has_a_limit)
{
    struct toml_error error;

    ck_assert_ptr_nonnull(toml_read(arena, nested("[", "]", 64), &error));
    ck_assert_ptr_null(toml_read(arena, nested("[", "]", 65), &error));
    ck_assert(str_find(error.message, STR("64 deep")) != SIZE_MAX);
    ck_assert_ptr_null(toml_read(arena, nested("{b = ", "}", 65), &error));
    ck_assert(str_find(error.message, STR("64 deep")) != SIZE_MAX);
    ck_assert_ptr_null(toml_read(arena, nested("[", "", 100000), &error)); /* never closed */
    ck_assert_uint_eq(error.line, 1);
}
END_TEST

START_TEST(keys_have_a_limit)
{
    struct buf text = {0};
    struct toml_error error;

    for (int i = 0; i < 64; i++) {
        buf_add(&text, STR("k."));
    }
    buf_add(&text, STR("k = 1\n"));
    ck_assert_ptr_null(toml_read(arena, buf_str(&text), &error));
    ck_assert(str_find(error.message, STR("64 parts")) != SIZE_MAX);
    buf_release(&text);
}
END_TEST

START_TEST(size_has_a_limit)
{
    size_t size = (size_t)4 * 1024 * 1024 + 1;
    char *text = malloc(size);
    struct toml_error error;

    memset(text, 'x', size);
    text[0] = '#'; /* one long comment */
    ck_assert_ptr_null(toml_read(arena, (struct str){text, size}, &error));
    ck_assert(str_find(error.message, STR("4 MB")) != SIZE_MAX);
    ck_assert_ptr_nonnull(toml_read(arena, (struct str){text, size - 1}, &error));
    free(text);
}
END_TEST

START_TEST(large_tables_stay_quick)
{
    struct buf text = {0};
    struct toml_error error;

    for (int i = 0; i < 20000; i++) {
        buf_printf(&text, "key%d = %d\n", i, i);
    }
    const struct toml_value *root = toml_read(arena, buf_str(&text), &error);
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->count, 20000);
    ck_assert_int_eq(root->last->integer, 19999);
    buf_release(&text);
}
END_TEST

START_TEST(kinds_have_texts)
{
    ck_assert_str_eq(toml_kind_text(TOML_STRING), "a string");
    ck_assert_str_eq(toml_kind_text(TOML_TABLE), "a table");
}
END_TEST

Suite *test_toml_suite(void)
{
    Suite *suite = suite_create("toml");
    TCase *tests = tcase_create("toml");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, empty_documents_are_empty_tables);
    tcase_add_test(tests, scalars_have_their_values);
    tcase_add_test(tests, strings_of_all_forms_are_decoded);
    tcase_add_test(tests, keys_may_be_quoted_and_dotted);
    tcase_add_test(tests, tables_and_arrays_of_tables_nest);
    tcase_add_test(tests, members_keep_the_order_of_the_file);
    tcase_add_test(tests, values_know_where_they_stand);
    tcase_add_loop_test(tests, bad_documents_are_refused_with_their_place, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(tests, nul_bytes_are_refused);
    tcase_add_test(tests, depth_has_a_limit);
    tcase_add_test(tests, keys_have_a_limit);
    tcase_add_test(tests, size_has_a_limit);
    tcase_add_test(tests, large_tables_stay_quick);
    tcase_add_test(tests, kinds_have_texts);
    suite_add_tcase(suite, tests);
    return suite;
}
