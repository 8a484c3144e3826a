#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/selection.h"
#include "settings/config.h"
#include "settings/values.h"

static const struct rule lookup = {.code = "RL201", .name = "check-then-use"};

START_TEST(selectors_mean_rules)
{
    static const struct {
        const char *selector;
        unsigned exactness;
    } selectors[] = {
        {"RL201", 5},          {"rl201", 5},      {"RL2", 3}, {"RL20", 4}, {"RL", 2},  {"check-then-use", 5},
        {"Check-Then-Use", 5}, {"ALL", 1},        {"all", 1}, {"R", 0},    {"", 0},    {"RL3", 0},
        {"RL2011", 0},         {"check-then", 0}, {"201", 0}, {"al", 0},   {"use", 0}, {"L201", 0},
    };

    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        ck_assert_msg(selector_exactness(str_of(selectors[i].selector), &lookup) == selectors[i].exactness, "%s",
                      selectors[i].selector);
    }
}
END_TEST

START_TEST(unknown_selectors_are_told_apart)
{
    struct buf hint = {0};

    ck_assert(selector_is_known(STR("RL1")));
    ck_assert(selector_is_known(STR("augmented-assignment")));
    ck_assert(!selector_is_known(STR("RL9")));
    ck_assert(!selector_is_known(STR("E501")));
    selector_suggest(STR("augmented-asignment"), &hint);
    ck_assert_str_eq(hint.ptr, "; did you mean 'augmented-assignment'?");
    buf_release(&hint);
}
END_TEST

static const char *text_at(size_t index)
{
    return index == 0 ? "text" : NULL;
}

static const struct settings_context context = {text_at, text_at, text_at, text_at};

/* The settings of a command line "check …" (words without blanks) and a configuration file. */
static struct settings settings_of(const char *line, const char *file)
{
    struct config_text config = {.text = str_of(file), .place = {.layer = LAYER_FILE, .file = STR("racelint.toml")}};
    struct settings settings;
    struct buf problems = {0};
    char words[200];
    char *argv[20] = {"racelint"};
    int argc = 1;

    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    ck_assert(settings_parse(&settings, argc, argv, &context, &problems));
    /* The words are gone when this returns: keep the selectors. */
    struct str_list *lists[] = {&settings.select, &settings.extend_select, &settings.ignore};
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            lists[i]->items[k] = arena_str(settings.arena, lists[i]->items[k]);
        }
    }
    ck_assert_msg(config_read(&settings, &config, &context, &problems) == CONFIG_OK, "%s", problems.ptr);
    return settings;
}

static bool is_on(const struct settings *settings, const char *code)
{
    uint8_t *enabled = selection_of(settings);
    bool result = false;

    ck_assert_ptr_nonnull(enabled);
    for (size_t i = 0; i < rules_count(); i++) {
        result = result || (strcmp(rules_at(i)->code, code) == 0 && enabled[i]);
    }
    free(enabled);
    return result;
}

START_TEST(options_and_files_combine)
{
    static const struct {
        const char *line, *file, *on, *off;
    } cases[] = {
        {"check", "", "RL201 RL101", ""},
        {"check --select RL2", "", "RL201", "RL101"},
        {"check --select RL2 --extend-select RL201,augmented-assignment", "", "RL201 RL101", "RL301"},
        {"check --select RL2 --extend-select RL201 --ignore RL2", "", "RL201", "RL202"},
        {"check --select ALL --ignore RL201,augmented-assignment", "", "RL202", "RL201 RL101"},
        {"check --ignore all", "", "", "RL202"},
        {"check", "select = [\"RL2\"]", "RL201", "RL101"},
        {"check", "select = []", "", "RL201 RL101"},
        {"check --extend-select RL101", "select = [\"RL2\"]", "RL201 RL101", "RL301"},
        {"check --ignore RL201", "ignore = [\"RL202\"]", "RL203", "RL201 RL202"},
        {"check --select RL202", "ignore = [\"RL202\"]\nextend-select = [\"RL1\"]", "RL202", "RL101"},
        {"check --extend-select RL202", "ignore = [\"RL202\"]", "RL202 RL101", ""},
        {"check --extend-select RL2", "ignore = [\"RL202\"]", "RL203", "RL202"},
        {"check --ignore RL2", "extend-select = [\"RL201\"]\nselect = [\"RL2\"]", "RL201", "RL202"},
        {"check --ignore RL2", "select = [\"RL2\"]", "", "RL202"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings settings = settings_of(cases[i].line, cases[i].file);
        for (int on = 0; on < 2; on++) {
            char codes[50];
            snprintf(codes, sizeof codes, "%s", on ? cases[i].on : cases[i].off);
            for (char *code = strtok(codes, " "); code != NULL; code = strtok(NULL, " ")) {
                ck_assert_msg(is_on(&settings, code) == on, "%s with %s: %s", cases[i].line, cases[i].file, code);
            }
        }
        settings_free(&settings);
    }
}
END_TEST

/* One that is off by default is on once it is selected, in whatever way. */
START_TEST(opt_in_rules_are_selected)
{
    for (size_t i = 0; i < rules_count(); i++) {
        struct settings settings = settings_of("check", "");
        ck_assert(is_on(&settings, rules_at(i)->code) == !rules_at(i)->opt_in);
        list_push(settings.arena, &settings.extend_select, str_of(rules_at(i)->code), (struct setting_place){0});
        ck_assert(is_on(&settings, rules_at(i)->code));
        settings_free(&settings);
    }
}
END_TEST

START_TEST(files_have_ignores_of_their_own)
{
    static const struct {
        const char *pattern, *path;
        bool covered;
    } cases[] = {
        {"tests/*", "tests/a.py", true},       {"tests/*", "tests/deep/a.py", true},
        {"tests", "tests/deep/a.py", true},    {"tests/", "src/tests/a.py", true},
        {"/tests", "src/tests/a.py", false},   {"a.py", "x/y/a.py", true},
        {"*_test.py", "x/y/a_test.py", true},  {"*_test.py", "x/y/a.py", false},
        {"src/**/*.py", "src/a/b/c.py", true}, {"!src/*", "src/a.py", false},
        {"!src/*", "lib/a.py", true},          {"[", "a.py", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[100];
        snprintf(file, sizeof file, "per-file-ignores = { \"%s\" = [\"RL20\"] }", cases[i].pattern);
        struct settings settings = settings_of("check", file);
        struct file_ignores *ignores = file_ignores_new(&settings);
        struct str path = str_of(cases[i].path);
        ck_assert_msg(file_ignores_cover(ignores, path, &lookup) == cases[i].covered, "%s %s", cases[i].pattern,
                      cases[i].path);
        ck_assert(!file_ignores_cover(ignores, path, rules_find(STR("RL101"))));
        file_ignores_free(ignores);
        settings_free(&settings);
    }
}
END_TEST

Suite *test_selection_suite(void)
{
    Suite *suite = suite_create("selection");
    TCase *tests = tcase_create("selection");

    tcase_add_test(tests, selectors_mean_rules);
    tcase_add_test(tests, unknown_selectors_are_told_apart);
    tcase_add_test(tests, options_and_files_combine);
    tcase_add_test(tests, opt_in_rules_are_selected);
    tcase_add_test(tests, files_have_ignores_of_their_own);
    suite_add_tcase(suite, tests);
    return suite;
}
