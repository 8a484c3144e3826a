#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "tests/unit/child.h"

/* Checks how a value prints, and frees it. */
static void expect(struct json *value, bool pretty, const char *expected)
{
    char *text = json_print(value, pretty);

    ck_assert_str_eq(text, expected);
    free(text);
    json_free(value);
}

START_TEST(scalars)
{
    expect(json_null(), false, "null");
    expect(json_bool(true), false, "true");
    expect(json_bool(false), true, "false");
    expect(json_integer(0), false, "0");
    expect(json_integer(-42), false, "-42");
    expect(json_integer(INT64_C(9007199254740992)), false, "9007199254740992");
    expect(json_integer(INT64_C(-9007199254740991)), false, "-9007199254740991");
    expect(json_integer(INT64_C(1000000000000000)), false, "1000000000000000");
    json_free(NULL);
}
END_TEST

static const struct {
    struct str text;
    const char *printed;
} strings[] = {
    {{NULL, 0}, "\"\""},
    {{"plain", 5}, "\"plain\""},
    {{"a\0b", 3}, "\"a\\u0000b\""},
    {{"\0", 1}, "\"\\u0000\""},
    {{"q\" b\\ n\n t\t r\r f\f b\b", 20}, "\"q\\\" b\\\\ n\\n t\\t r\\r f\\f b\\b\""},
    {{"\x01\x1f\x7f", 3}, "\"\\u0001\\u001f\\u007f\""},
    {{"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xA9", 11}, "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xA9\""},
    /* Not UTF-8: a lone continuation byte, bytes that never occur, an overlong slash. */
    {{"a\x80z", 3}, "\"a\xEF\xBF\xBDz\""},
    {{"\xFF\xFE", 2}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {{"\xC0\xAF", 2}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {{"\xE0\x80\xAF", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    /* A surrogate; past U+10FFFF. */
    {{"\xED\xA0\x80", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {{"\xF4\x90\x80\x80", 4}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    /* Cut short, at the end and before more text: the part that could have begun a character is one replacement. */
    {{"\xE2\x82", 2}, "\"\xEF\xBF\xBD\""},
    {{"\xF0\x9F\x92x", 4}, "\"\xEF\xBF\xBDx\""},
    {{"\xE2\x82\"", 3}, "\"\xEF\xBF\xBD\\\"\""},
    {{"\xF0\x9F\n", 3}, "\"\xEF\xBF\xBD\\n\""},
};

START_TEST(strings_are_escaped_and_made_valid)
{
    expect(json_string(strings[_i].text), false, strings[_i].printed);
}
END_TEST

START_TEST(long_strings_are_kept)
{
    size_t size = 1000000;
    char *text = memory_new(size);

    memset(text, 'x', size);
    struct json *value = json_string((struct str){text, size});
    char *printed = json_print(value, true);
    ck_assert_uint_eq(strlen(printed), size + 2);
    free(printed);
    json_free(value);
    free(text);
}
END_TEST

static struct json *sample(void)
{
    struct json *object = json_object();
    struct json *array = json_array();
    struct json *inner = json_object();

    json_set(object, "zebra", json_integer(1));
    json_set(object, "Ant", json_string(STR("[{,:\"]}")));
    json_set(object, "ant", array);
    json_push(array, json_null());
    json_push(array, inner);
    json_push(array, json_array());
    json_push(array, json_object());
    json_set(inner, "a\"b", json_bool(true));
    json_set(object, "", json_array());
    return object;
}

START_TEST(containers_keep_their_order)
{
    expect(sample(), false, "{\"zebra\":1,\"Ant\":\"[{,:\\\"]}\",\"ant\":[null,{\"a\\\"b\":true},[],{}],\"\":[]}");
    expect(json_array(), true, "[]");
    expect(json_object(), false, "{}");
}
END_TEST

START_TEST(pretty_has_two_spaces_of_indent)
{
    expect(sample(), true,
           "{\n"
           "  \"zebra\": 1,\n"
           "  \"Ant\": \"[{,:\\\"]}\",\n"
           "  \"ant\": [\n"
           "    null,\n"
           "    {\n"
           "      \"a\\\"b\": true\n"
           "    },\n"
           "    [],\n"
           "    {}\n"
           "  ],\n"
           "  \"\": []\n"
           "}");
}
END_TEST

static struct json *nested(int depth)
{
    struct json *value = json_array();

    for (int i = 1; i < depth; i++) {
        struct json *outer = json_array();
        json_push(outer, value);
        value = outer;
    }
    return value;
}

static void print_too_deep(void *context)
{
    (void)context;
    free(json_print(nested(1000), false));
}

static void set_on_an_array(void *context)
{
    (void)context;
    json_set(json_array(), "key", json_null());
}

static void push_on_an_object(void *context)
{
    (void)context;
    json_push(json_object(), json_null());
}

static void pass_the_exact_range(void *context)
{
    (void)context;
    json_integer((INT64_C(1) << 53) + 1);
}

START_TEST(misuse_is_a_bug)
{
    void (*const cases[])(void *) = {print_too_deep, set_on_an_array, push_on_an_object, pass_the_exact_range};
    char errors[1000];

    ck_assert_int_eq(child_run(cases[_i], NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "internal error"));
}
END_TEST

START_TEST(reasonable_depth_prints)
{
    struct json *value = nested(150);
    char *text = json_print(value, false);

    ck_assert_uint_eq(strlen(text), 300);
    free(text);
    json_free(value);
}
END_TEST

START_TEST(text_is_read)
{
    uint32_t line = 0, count = 0;
    struct str text;
    struct json *root = json_parse(STR(" {\"a\": [1, \"x\\u00e4\\n\", {}], \"A\": 2.5, \"n\": null}\n"), &line);
    ck_assert_ptr_nonnull(root);
    ck_assert(json_is_object(root) && !json_is_array(root));
    const struct json *list = json_get(root, "a");
    ck_assert(json_is_array(list));
    const struct json *member = json_first(list);
    ck_assert(json_read_count(member, 1, &count) && count == 1);
    ck_assert(!json_read_count(member, 0, &count) && !json_read_string(member, &text));
    member = json_next(member);
    ck_assert(json_read_string(member, &text) && str_equal(text, STR("x\xC3\xA4\n")));
    ck_assert(!json_read_count(member, 9, &count));
    member = json_next(member);
    ck_assert(json_is_object(member) && json_next(member) == NULL && json_first(member) == NULL);
    ck_assert(!json_read_count(json_get(root, "A"), 9, &count));
    ck_assert_ptr_null(json_get(root, "b"));
    ck_assert_ptr_null(json_get(member, "a"));
    ck_assert(!json_read_string(json_get(root, "n"), &text) && !json_read_string(NULL, &text));
    ck_assert(!json_read_count(NULL, 9, &count) && !json_is_array(NULL));
    json_free(root);
}
END_TEST

START_TEST(what_is_no_json_has_a_line)
{
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {{"", 1}, {"{", 1}, {"{\n\n\"a\": x}", 3}, {"[1,\n2\n] x", 3}, {"{} {}", 1}, {"nul", 1}, {"\"a", 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t line = 0;
        ck_assert_msg(json_parse(str_of(bad[i].text), &line) == NULL, "%s is taken", bad[i].text);
        ck_assert_uint_eq(line, bad[i].line);
    }
    struct buf deep = {0};
    uint32_t line = 0;
    for (int i = 0; i < 100000; i++) {
        buf_add(&deep, STR("[\n"));
    }
    ck_assert_ptr_null(json_parse(buf_str(&deep), &line));
    buf_release(&deep);
}
END_TEST

Suite *test_json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");

    tcase_add_test(tests, scalars);
    tcase_add_test(tests, text_is_read);
    tcase_add_test(tests, what_is_no_json_has_a_line);
    tcase_add_loop_test(tests, strings_are_escaped_and_made_valid, 0, (int)(sizeof strings / sizeof *strings));
    tcase_add_test(tests, long_strings_are_kept);
    tcase_add_test(tests, containers_keep_their_order);
    tcase_add_test(tests, pretty_has_two_spaces_of_indent);
    tcase_add_loop_test(tests, misuse_is_a_bug, 0, 4);
    tcase_add_test(tests, reasonable_depth_prints);
    suite_add_tcase(suite, tests);
    return suite;
}
