#include <check.h>
#include <stdio.h>
#include <string.h>

#include "settings/options.h"

static const char *format_at(size_t index)
{
    static const char *const names[] = {"text", "json", NULL};

    return names[index < 2 ? index : 2];
}

static const char *exclude_at(size_t index)
{
    return index == 0 ? "build" : NULL;
}

static const struct settings_context context = {.report_format = format_at, .default_exclude = exclude_at};

/* Reads a command line of words that are separated by blanks; "_" is an empty word. */
static bool parse(struct settings *settings, const char *line, struct buf *error)
{
    static char words[500];
    char *argv[40] = {"racelint"};
    int argc = 1;

    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = strcmp(word, "_") == 0 ? "" : word;
    }
    return settings_parse(settings, argc, argv, &context, error);
}

static struct settings good(const char *line)
{
    struct settings settings;
    struct buf error = {0};

    ck_assert_msg(parse(&settings, line, &error), "%s: %s", line, error.ptr);
    ck_assert_uint_eq(error.len, 0);
    buf_release(&error);
    return settings;
}

static void bad(const char *line, const char *message)
{
    struct settings settings;
    struct buf error = {0};

    ck_assert_msg(!parse(&settings, line, &error), "%s is taken", line);
    ck_assert_str_eq(error.ptr, message);
    buf_release(&error);
    settings_free(&settings);
}

START_TEST(presets)
{
    struct settings settings = good("check");

    ck_assert_int_eq(settings.command, COMMAND_CHECK);
    ck_assert_uint_eq(settings.operands.count, 0);
    ck_assert_uint_eq(settings.min_confidence, 1);
    ck_assert_uint_eq(settings.target_version, 1);
    ck_assert_uint_eq(settings.fail_on, 0);
    ck_assert_uint_eq(settings.output_format, 0);
    ck_assert_uint_eq(settings.color, COLOR_AUTO);
    ck_assert_uint_eq(settings.jobs, 0);
    ck_assert(!settings.quiet && !settings.isolated && !settings.help && !settings.exit_zero);
    settings_free(&settings);
}
END_TEST

START_TEST(every_kind_of_option)
{
    struct settings settings = good("check a --select RL1,RL2 --select=RL3 -j 4 b --min-confidence high -qo out "
                                    "--output-format=json --fail-on never -- --c -");

    ck_assert_uint_eq(settings.select.count, 3);
    ck_assert(str_equal(settings.select.items[2], STR("RL3")));
    ck_assert_uint_eq(settings.jobs, 4);
    ck_assert_uint_eq(settings.min_confidence, 2);
    ck_assert_uint_eq(settings.output_format, 1);
    ck_assert_uint_eq(settings.fail_on, FAIL_ON_NEVER);
    ck_assert(settings.quiet);
    ck_assert(str_equal(settings.output_file, STR("out")));
    ck_assert_uint_eq(settings.operands.count, 4);
    ck_assert(str_equal(settings.operands.items[0], STR("a")));
    ck_assert(str_equal(settings.operands.items[1], STR("b")));
    ck_assert(str_equal(settings.operands.items[2], STR("--c")));
    ck_assert(str_equal(settings.operands.items[3], STR("-")));
    settings_free(&settings);
}
END_TEST

START_TEST(long_lists_grow)
{
    struct settings settings = good("check --exclude a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q");

    ck_assert_uint_eq(settings.exclude.count, 17);
    for (size_t i = 0; i < 17; i++) {
        ck_assert_int_eq(settings.exclude.items[i].ptr[0], (int)('a' + i));
    }
    settings_free(&settings);
}
END_TEST

START_TEST(commands)
{
    static const struct {
        const char *line;
        enum command_id command;
        size_t operands;
    } lines[] = {
        {"debug ir a.py", COMMAND_DEBUG_IR, 1},
        {"debug files", COMMAND_DEBUG_FILES, 0},
        {"version", COMMAND_VERSION, 0},
        {"rule RL201 RL101", COMMAND_RULE, 2},
        {"help debug ir", COMMAND_HELP, 2},
        {"", COMMAND_NONE, 0},
        {"debug --help", COMMAND_HELP, 1},
        {"--version", COMMAND_NONE, 0},
        {"--", COMMAND_NONE, 0},
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct settings settings = good(lines[i].line);
        ck_assert_int_eq(settings.command, lines[i].command);
        ck_assert_uint_eq(settings.operands.count, lines[i].operands);
        settings_free(&settings);
    }
    struct settings settings = good("debug ir --help"); /* help needs no operand */
    ck_assert(settings.help);
    settings_free(&settings);
}
END_TEST

START_TEST(the_same_option_may_mean_different_things)
{
    struct settings settings = good("rule --output-format markdown");

    ck_assert_uint_eq(settings.rule_format, RULE_FORMAT_MARKDOWN);
    ck_assert_uint_eq(settings.output_format, 0);
    settings_free(&settings);
}
END_TEST

START_TEST(mistakes_in_options)
{
    bad("check --frobnicate", "'racelint check' has no option '--frobnicate'");
    bad("check --quite", "'racelint check' has no option '--quite'; did you mean '--quiet'?");
    bad("check --isolate", "'racelint check' has no option '--isolate'; did you mean '--isolated'?");
    bad("rule --isolated", "'racelint rule' has no option '--isolated'");
    bad("--isolated check",
        "'racelint' has no option '--isolated'; options follow the command: racelint check --isolated");
    bad("check -x", "'racelint check' has no option '-x'");
    bad("check -qx", "'racelint check' has no option '-x'");
    bad("check --quiet=yes", "option '--quiet' takes no value");
    bad("check --select", "option '--select' needs a value");
    bad("check -o", "option '-o' needs a value");
    bad("check --output-file=", "option '--output-file': the value is empty");
    bad("check --output-file _", "option '--output-file': the value is empty");
    bad("check --select RL1,,RL2", "option '--select': 'RL1,,RL2' has an empty item");
    bad("check --select _", "option '--select': '' has an empty item");
}
END_TEST

START_TEST(mistakes_in_values)
{
    bad("check --min-confidence hgih",
        "option '--min-confidence': 'hgih' is not low, medium or high; did you mean 'high'?");
    bad("check --output-format xml", "option '--output-format': 'xml' is not text or json");
    bad("check --target-version 3.12",
        "option '--target-version': '3.12' is not 3.13, 3.14 or 3.15; did you mean '3.13'?");
    static const char *const numbers[] = {"0", "257", "-1", "4x", "", "99999999999999999999", " 4", "+4", "0x10"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct settings settings;
        struct buf error = {0}, argument = {0};
        buf_printf(&argument, "--jobs=%s", numbers[i]);
        char *argv[] = {"racelint", "check", argument.ptr, NULL};
        ck_assert(!settings_parse(&settings, 3, argv, &context, &error));
        ck_assert_ptr_nonnull(strstr(error.ptr, "is not a number from 1 to 256"));
        buf_release(&error);
        buf_release(&argument);
        settings_free(&settings);
    }
}
END_TEST

START_TEST(mistakes_in_commands)
{
    bad("chek", "there is no command 'chek'; did you mean 'check'?");
    bad("frobnicate", "there is no command 'frobnicate'");
    bad("debug", "'debug' needs to know what: ir, program, files, parse, settings, keys or man");
    bad("debug fils", "there is no command 'debug fils'; did you mean 'files'?");
    bad("/", "there is no command '/'; to analyse that path: racelint check /");
    bad("debug ir", "'racelint debug ir' needs an operand: FILE");
    bad("debug ir a b", "'racelint debug ir' takes no operand 'b'");
    bad("version x", "'racelint version' takes no operand 'x'");
    bad("-", "there is no command '-'");
}
END_TEST

Suite *test_settings_suite(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("settings");

    tcase_add_test(tests, presets);
    tcase_add_test(tests, every_kind_of_option);
    tcase_add_test(tests, long_lists_grow);
    tcase_add_test(tests, commands);
    tcase_add_test(tests, the_same_option_may_mean_different_things);
    tcase_add_test(tests, mistakes_in_options);
    tcase_add_test(tests, mistakes_in_values);
    tcase_add_test(tests, mistakes_in_commands);
    suite_add_tcase(suite, tests);
    return suite;
}
