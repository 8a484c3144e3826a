#include <check.h>
#include <stdio.h>
#include <string.h>

#include "settings/outputs.h"

static const char *format_at(size_t index)
{
    static const char *const names[] = {"text", "json", "sarif"};
    return index < 3 ? names[index] : NULL;
}

static const char *exclude_at(size_t index)
{
    (void)index;
    return NULL;
}

static const struct settings_context context = {.report_format = format_at, .default_exclude = exclude_at};

/* What a command line of words parted by blanks writes: "json>a sarif>-"; or the message. */
static void check_outputs(const char *line, const char *expected)
{
    char words[200], *argv[20] = {"racelint", "check"};
    int argc = 2;
    struct settings settings;
    struct buf error = {0}, actual = {0};
    size_t count;

    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    ck_assert_msg(settings_parse(&settings, argc, argv, &context, &error), "%s: %s", line, error.ptr);
    const struct output *outputs = outputs_of(&settings, &count, &error);
    for (size_t i = 0; outputs != NULL && i < count; i++) {
        buf_printf(&actual, "%s%s>%.*s", i > 0 ? " " : "", format_at(outputs[i].format),
                   STR_FMT(outputs[i].file.len > 0 ? outputs[i].file : STR("-")));
    }
    ck_assert_int_eq(outputs == NULL, error.len > 0);
    buf_add(&actual, buf_str(&error));
    ck_assert_msg(str_equal(buf_str(&actual), str_of(expected)), "%s: %s", line, actual.ptr);
    buf_release(&actual);
    buf_release(&error);
    settings_free(&settings);
}

START_TEST(one_format_and_one_file_belong_together)
{
    check_outputs("", "text>-");
    check_outputs("--output-format json", "json>-");
    check_outputs("-o a", "text>a");
    check_outputs("--output-format sarif --output-file a", "sarif>a");
    check_outputs("-o a --output-format sarif", "sarif>a");
}
END_TEST

START_TEST(each_file_takes_the_format_before_it)
{
    check_outputs("--output-format text --output-format sarif -o a", "text>- sarif>a");
    check_outputs("--output-format sarif -o a --output-format text", "sarif>a text>-");
    check_outputs("--output-format sarif -o a --output-format json -o b", "sarif>a json>b");
    check_outputs("--output-format sarif -o a . --output-format json -ob --output-format=text",
                  "sarif>a json>b text>-");
}
END_TEST

START_TEST(the_last_format_goes_to_standard_output)
{
    check_outputs("--output-format text --output-format json", "json>-");
    check_outputs("--output-format text --output-format sarif -o a --output-format json", "json>- sarif>a");
}
END_TEST

START_TEST(a_file_needs_a_format)
{
    check_outputs("-o a -o b", "option '--output-file': 'a' has no '--output-format' of its own before it");
    check_outputs("--output-format json -o a -o b",
                  "option '--output-file': 'b' has no '--output-format' of its own before it");
    check_outputs("-o a --output-format json --output-format sarif",
                  "option '--output-file': 'a' has no '--output-format' of its own before it");
}
END_TEST

START_TEST(two_reports_need_two_files)
{
    check_outputs("--output-format json -o a --output-format sarif -o a",
                  "option '--output-file': two reports would go to 'a'");
}
END_TEST

Suite *test_outputs_suite(void)
{
    Suite *suite = suite_create("outputs");
    TCase *tests = tcase_create("outputs");
    tcase_add_test(tests, one_format_and_one_file_belong_together);
    tcase_add_test(tests, each_file_takes_the_format_before_it);
    tcase_add_test(tests, the_last_format_goes_to_standard_output);
    tcase_add_test(tests, a_file_needs_a_format);
    tcase_add_test(tests, two_reports_need_two_files);
    suite_add_tcase(suite, tests);
    return suite;
}
