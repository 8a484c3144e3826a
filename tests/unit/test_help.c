#include <check.h>
#include <stdio.h>
#include <string.h>

#include "settings/help.h"
#include "source/utf8.h"

static const char *format_at(size_t index)
{
    return index == 0 ? "text" : NULL;
}

static const char *exclude_at(size_t index)
{
    static const char *const names[] = {".venv", "build", "dist"};

    return index < 3 ? names[index] : NULL;
}

static const struct settings_context context = {.report_format = format_at, .default_exclude = exclude_at};

START_TEST(no_line_is_wider_than_a_terminal)
{
    for (unsigned command = COMMAND_NONE; command < COMMAND_COUNT; command++) {
        struct buf out = {0};
        help_print(command, &context, &out);
        for (char *line = strtok(out.ptr, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            size_t length = utf8_count(str_of(line));
            ck_assert_msg(length <= 80 && line[length - 1] != ' ', "'%s'", line);
        }
        buf_release(&out);
    }
}
END_TEST

static bool takes_option_of_name(enum command_id command, const char *name)
{
    for (size_t i = 0; i < options_count(); i++) {
        if (option_is_for(option_at(i), command) && strcmp(option_at(i)->name, name) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(help_and_manual_have_every_option_of_every_command)
{
    struct buf manual = {0};

    manual_print(&context, &manual);
    for (unsigned command = COMMAND_NONE; command < COMMAND_COUNT; command++) {
        struct buf help = {0};
        help_print(command, &context, &help);
        for (size_t i = 0; i < options_count(); i++) {
            const struct option_info *option = option_at(i);
            char name[100];
            snprintf(name, sizeof name, " --%s%s%s", option->name, option->value != NULL ? " " : "",
                     option->value != NULL ? option->value : "");
            ck_assert_msg((strstr(help.ptr, name) != NULL) == takes_option_of_name(command, option->name), "%s: %s",
                          command_at(command)->name, name);
            snprintf(name, sizeof name, "%s%.10s", option->commands != 0 ? "\\-\\-" : "",
                     option->name); /* up to its first dash, or a little of it */
            size_t dashes = option->commands != 0 ? 5 : 0;
            name[strcspn(name + dashes, "-") + dashes] = '\0';
            ck_assert(option->kind == OPTION_GROUP || strcmp(option->name, "help") == 0 ||
                      option_is_for(option, COMMAND_NONE) || strstr(manual.ptr, name) != NULL);
        }
        ck_assert_ptr_nonnull(strstr(manual.ptr, command_at(command)->name));
        buf_release(&help);
    }
    ck_assert_ptr_nonnull(strstr(manual.ptr, "\\%.venv, \\%build and \\%dist"));
    buf_release(&manual);
}
END_TEST

START_TEST(the_table_is_sound)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_GROUP) {
            continue;
        }
        ck_assert_msg(option->commands != 0 || option->is_key, "--%s", option->name);
        ck_assert_msg((option->value == NULL) == (option->kind == OPTION_FLAG), "--%s", option->name);
        ck_assert_msg(option->help[strlen(option->help) - 1] != '.', "--%s", option->name);
        for (size_t j = 0; j < i; j++) {
            const struct option_info *other = option_at(j);
            bool same_name = strcmp(option->name, other->name) == 0;
            bool same_letter = option->letter != 0 && option->letter == other->letter;
            bool same_key = same_name && option->is_key && other->is_key;
            bool same_option = (same_name || same_letter) && (option->commands & other->commands) != 0;
            ck_assert_msg(!same_key && !same_option, "--%s and --%s", option->name, other->name);
        }
    }
}
END_TEST

START_TEST(choices_are_listed)
{
    static const struct option_info option = {.kind = OPTION_CHOICE, .choices = "one|two|three"};
    struct buf out = {0};

    option_list_choices(&option, &context, &out);
    ck_assert_str_eq(out.ptr, "one, two or three");
    ck_assert(str_equal(option_choice(&option, &context, 1), STR("two")));
    ck_assert_uint_eq(option_choice(&option, &context, 3).len, 0);
    ck_assert_uint_eq(option_choice(&option, &context, 9).len, 0);
    buf_clear(&out);
    option_list_choices(&(struct option_info){.kind = OPTION_CHOICE}, &context, &out); /* the report formats */
    ck_assert_str_eq(out.ptr, "text");
    buf_release(&out);
}
END_TEST

START_TEST(commands_are_found_by_name)
{
    struct buf out = {0};

    ck_assert_int_eq(help_find_command(STR("debug ir")), COMMAND_DEBUG_IR);
    ck_assert_int_eq(help_find_command(STR("debug")), COMMAND_NONE);
    ck_assert(help_print_family(STR("debug"), &out));
    ck_assert_ptr_nonnull(strstr(out.ptr, "debug files"));
    ck_assert_ptr_null(strstr(out.ptr, "check"));
    ck_assert(!help_print_family(STR("deb"), &out));
    buf_release(&out);
}
END_TEST

Suite *test_help_suite(void)
{
    Suite *suite = suite_create("help");
    TCase *tests = tcase_create("help");

    tcase_add_test(tests, no_line_is_wider_than_a_terminal);
    tcase_add_test(tests, help_and_manual_have_every_option_of_every_command);
    tcase_add_test(tests, the_table_is_sound);
    tcase_add_test(tests, choices_are_listed);
    tcase_add_test(tests, commands_are_found_by_name);
    suite_add_tcase(suite, tests);
    return suite;
}
