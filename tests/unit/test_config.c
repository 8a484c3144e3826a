#include <check.h>
#include <string.h>

#include "settings/config.h"

static const char *format_at(size_t index)
{
    static const char *const names[] = {"text", "json", NULL};

    return names[index < 2 ? index : 2];
}

static const char *exclude_at(size_t index)
{
    return index == 0 ? "build" : NULL;
}

static const struct settings_context context = {format_at, exclude_at, format_at, format_at};

static struct settings empty(void)
{
    struct settings settings;
    struct buf error = {0};
    char *argv[] = {"racelint", "check"};

    ck_assert(settings_parse(&settings, 2, argv, &context, &error));
    buf_release(&error);
    return settings;
}

static enum config_status read_text(struct settings *settings, const char *text, bool is_pyproject,
                                    struct buf *problems)
{
    struct config_text config = {
        .text = str_of(text),
        .place = {.layer = LAYER_FILE, .file = STR("x.toml"), .folder = STR("/")},
        .is_pyproject = is_pyproject,
    };

    return config_read(settings, &config, &context, problems);
}

static struct settings good(const char *text)
{
    struct settings settings = empty();
    struct buf problems = {0};

    ck_assert_msg(read_text(&settings, text, false, &problems) == CONFIG_OK, "%s: %s", text, problems.ptr);
    buf_release(&problems);
    return settings;
}

START_TEST(every_kind_of_key)
{
    struct settings settings =
        good("select = [\"RL2\", \" RL101 \"]\nmin-confidence = \"high\"\nassume-threaded = true\n"
             "jobs = 4\nsrc = []\n[per-file-ignores]\n\"tests/*\" = [\"RL1\"]\n'x' = []\n");

    ck_assert_uint_eq(settings.select.count, 2);
    ck_assert(str_equal(settings.select.items[1], STR("RL101")));
    ck_assert_uint_eq(settings.select.places[1].line, 1);
    ck_assert_uint_eq(settings.select.places[1].column, 18);
    ck_assert_uint_eq(settings.min_confidence, 2);
    ck_assert(settings.assume_threaded);
    ck_assert_uint_eq(settings.jobs, 4);
    ck_assert_ptr_nonnull(settings.src.items); /* said to be empty */
    ck_assert_ptr_null(settings.exclude.items);
    ck_assert_uint_eq(settings.per_file_ignores.count, 2);
    ck_assert(str_equal(settings.per_file_ignores.items[0].pattern, STR("tests/*")));
    ck_assert_uint_eq(settings.per_file_ignores.items[0].rules.count, 1);
    settings_free(&settings);
}
END_TEST

START_TEST(entries)
{
    struct settings settings =
        good("thread-entries = [\"a.b.f\", \"a.b:C.g\", { name = \"a.*.run\", many = false }, \"\xc3\xa4.f\"]");
    static const char *const names[] = {"a.b.f", "a.b.C.g", "a.*.run", "\xc3\xa4.f"};

    ck_assert_uint_eq(settings.thread_entries.count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(str_equal(settings.thread_entries.items[i].name, str_of(names[i])));
        ck_assert(settings.thread_entries.items[i].many == (i != 2));
    }
    settings_free(&settings);
}
END_TEST

START_TEST(layers)
{
    struct settings settings;
    struct buf problems = {0};
    char *argv[] = {"racelint", "check", "--min-confidence", "low", "--select", "RL1", "--ignore", "RL101"};
    struct config_text option = {.text = STR("fail-on = \"never\"\nsrc = [\"b\"]"),
                                 .place = {.layer = LAYER_CONFIG_OPTION}};

    ck_assert(settings_parse(&settings, 8, argv, &context, &problems));
    ck_assert_int_eq(config_read(&settings, &option, &context, &problems), CONFIG_OK);
    ck_assert_int_eq(read_text(&settings,
                               "min-confidence = \"high\"\nselect = [\"RL2\"]\nignore = [\"RL102\"]\nsrc = [\"a\"]\n"
                               "fail-on = \"high\"\nassume-threaded = true\nextend-exclude = [\"c\"]",
                               false, &problems),
                     CONFIG_OK);
    ck_assert_uint_eq(settings.min_confidence, 0);
    ck_assert_uint_eq(settings.fail_on, FAIL_ON_NEVER);
    ck_assert(settings.assume_threaded);
    ck_assert_uint_eq(settings.select.count, 1);
    ck_assert(str_equal(settings.select.items[0], STR("RL1")));
    ck_assert_uint_eq(settings.ignore.count, 2);
    ck_assert_uint_eq(settings.src.count, 1);
    ck_assert(str_equal(settings.src.items[0], STR("b")));
    ck_assert_int_eq(settings.places[option_of_field(offsetof(struct settings, src))].layer, LAYER_CONFIG_OPTION);
    ck_assert_uint_eq(settings.extend_exclude.count, 1);
    buf_release(&problems);
    settings_free(&settings);
}
END_TEST

START_TEST(pyproject_has_a_table_for_it)
{
    static const struct {
        const char *text;
        enum config_status status;
    } files[] = {
        {"", CONFIG_ABSENT},
        {"[project]\nname = \"x\"\n", CONFIG_ABSENT},
        {"[tool.ruff]\nselect = 3\n", CONFIG_ABSENT},
        {"tool = 3\n", CONFIG_ABSENT},
        {"[tool.racelint]\n", CONFIG_OK},
        {"[tool.racelint]\nmin-confidence = \"low\"\n[tool.racelint.per-file-ignores]\n\"a\" = [\"RL1\"]\n", CONFIG_OK},
        {"tool.racelint.quiet = true\n", CONFIG_OK},
        {"[tool]\nracelint = 1\n", CONFIG_WRONG},
        {"[[tool.racelint]]\n", CONFIG_WRONG},
        {"[tool.racelint\n", CONFIG_WRONG},
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct settings settings = empty();
        struct buf problems = {0};
        ck_assert_msg(read_text(&settings, files[i].text, true, &problems) == files[i].status, "%s", files[i].text);
        ck_assert((problems.len > 0) == (files[i].status == CONFIG_WRONG));
        buf_release(&problems);
        settings_free(&settings);
    }
}
END_TEST

START_TEST(problems_are_named)
{
    static const struct {
        const char *text, *problems;
    } files[] = {
        {"selct = []", "x.toml:1:1: there is no key 'selct'; did you mean 'select'?\n"},
        {"min_confidence = \"low\"", "x.toml:1:1: there is no key 'min_confidence'; did you mean 'min-confidence'?\n"},
        {"zzzzzzzz = 1", "x.toml:1:1: there is no key 'zzzzzzzz'\n"},
        {"output-file = \"x\"", "x.toml:1:1: 'output-file' is an option of the command line only\n"},
        {"a = 1\nb = 2", "x.toml:1:1: there is no key 'a'\nx.toml:2:1: there is no key 'b'\n"},
        {"\nmin-confidence = \"hihg\"",
         "x.toml:2:18: min-confidence: 'hihg' is not low, medium or high; did you mean 'high'?\n"},
        {"min-confidence = 3",
         "x.toml:1:18: min-confidence: needs a string, not an integer; put it in quotes: \"3\"\n"},
        {"target-version = 3.14",
         "x.toml:1:18: target-version: needs a string, not a float; put it in quotes: \"3.14\"\n"},
        {"target-version = \"3.12\"", "x.toml:1:18: target-version: '3.12' is not 3.13, 3.14 or 3.15; did you mean "
                                      "'3.13'?\n"},
        {"min-confidence = \" \"", "x.toml:1:18: min-confidence: the string says nothing\n"},
        {"quiet = \"yes\"", "x.toml:1:9: quiet: needs true or false, not a string\n"},
        {"jobs = \"4\"", "x.toml:1:8: jobs: needs an integer, not a string\n"},
        {"jobs = 0", "x.toml:1:8: jobs: '0' is not a number from 1 to 256\n"},
        {"jobs = -1", "x.toml:1:8: jobs: '-1' is not a number from 1 to 256\n"},
        {"jobs = 99999999999", "x.toml:1:8: jobs: '99999999999' is not a number from 1 to 256\n"},
        {"select = \"RL2\"",
         "x.toml:1:10: select: needs an array of strings, not a string; put it in brackets: [\"RL2\"]\n"},
        {"select = [1, \"RL2\", [\"x\"]]",
         "x.toml:1:11: select: needs strings in its array, not an integer; put it in quotes: \"1\"\n"
         "x.toml:1:21: select: needs strings in its array, not an array\n"},
        {"exclude = [\"\"]", "x.toml:1:12: exclude: the string is empty\n"},
        {"exclude = [\"a\\u0000\"]", "x.toml:1:12: exclude: the string says nothing\n"},
        {"per-file-ignores = [\"a\"]",
         "x.toml:1:20: per-file-ignores: needs a table of patterns and rules, not an array\n"},
        {"[per-file-ignores]\na = \"RL1\"",
         "x.toml:2:5: per-file-ignores: needs an array of strings, not a string; put "
         "it in brackets: [\"RL1\"]\n"},
        {"[per-file-ignores]\n\"\" = []", "x.toml:2:6: per-file-ignores: the pattern is empty\n"},
        {"thread-entries = \"a.b\"",
         "x.toml:1:18: thread-entries: needs an array, not a string; put it in brackets: [\"a.b\"]\n"},
        {"thread-entries = [\"f\"]",
         "x.toml:1:19: thread-entries: 'f' is no name of the form package.module.function or "
         "package.module.Class.method\n"},
        {"thread-entries = [\"a..f\"]", "x.toml:1:19: thread-entries: 'a..f' is no name of the form "
                                        "package.module.function or package.module.Class.method\n"},
        {"thread-entries = [{ many = true }]", "x.toml:1:19: thread-entries: the entry has no name\n"},
        {"thread-entries = [{ name = \"a.f\", mny = true }]",
         "x.toml:1:35: thread-entries: 'mny' is not name, many or own-instance\n"},
        {"thread-entries = [{ name = \"a.f\", many = 2 }]", "x.toml:1:42: many: needs true or false, not an integer\n"},
        {"thread-entries = [3]",
         "x.toml:1:19: thread-entries: needs strings, or tables { name = \"\xe2\x80\xa6\", many = "
         "false }, in its array, not an integer; put it in quotes: \"3\"\n"},
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct settings settings = empty();
        struct buf problems = {0};
        ck_assert_msg(read_text(&settings, files[i].text, false, &problems) == CONFIG_WRONG, "%s", files[i].text);
        ck_assert_str_eq(problems.ptr, files[i].problems);
        buf_release(&problems);
        settings_free(&settings);
    }
}
END_TEST

/* What is printed can be read again, and says the same. */
START_TEST(settings_are_printed_as_a_file)
{
    struct settings settings =
        good("select = [\"RL2\"]\nexclude = []\nquiet = true\njobs = 3\nthread-entries = [\"a.f\", "
             "{ name = \"a.g\", many = false, own-instance = true }]\nper-file-ignores = { \"a\\\"\\\\\" = [\"RL1\", "
             "\"RL2\"], b = [] }\nextend-exclude = [\"\\u0007\"]\n");
    struct buf first = {0}, second = {0};

    settings_print(&settings, &context, &first);
    struct settings again = good(first.ptr);
    settings_print(&again, &context, &second);
    ck_assert_ptr_nonnull(strstr(first.ptr, "    \"RL2\",  # x.toml:1:11\n"));
    ck_assert_ptr_nonnull(strstr(first.ptr, "exclude = []  # x.toml:2:1\n"));
    ck_assert_ptr_nonnull(strstr(first.ptr, "min-confidence = \"medium\"  # the default\n"));
    ck_assert_uint_eq(again.select.count, 1);
    ck_assert_uint_eq(again.per_file_ignores.count, 2);
    ck_assert(str_equal(again.per_file_ignores.items[0].pattern, STR("a\"\\")));
    ck_assert_uint_eq(again.thread_entries.count, 2);
    ck_assert(!again.thread_entries.items[1].many && again.thread_entries.items[1].own_instance);
    ck_assert(again.thread_entries.items[0].many && !again.thread_entries.items[0].own_instance);
    ck_assert_int_eq(again.extend_exclude.items[0].ptr[0], 7);
    ck_assert(again.quiet && again.jobs == 3);
    buf_release(&first);
    buf_release(&second);
    settings_free(&again);
    settings_free(&settings);
}
END_TEST

Suite *test_config_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");

    tcase_add_test(tests, every_kind_of_key);
    tcase_add_test(tests, entries);
    tcase_add_test(tests, layers);
    tcase_add_test(tests, pyproject_has_a_table_for_it);
    tcase_add_test(tests, problems_are_named);
    tcase_add_test(tests, settings_are_printed_as_a_file);
    suite_add_tcase(suite, tests);
    return suite;
}
