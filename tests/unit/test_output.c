#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "settings/settings.h"
#include "source/path.h"
#include "tests/unit/child.h"
#include "tests/unit/folder.h"

static struct arena *arena;
static struct str folder;

static void set_up(void)
{
    arena = arena_new();
    folder = folder_new(arena);
}

static void tear_down(void)
{
    folder_remove(folder);
    arena_free(arena);
}

static size_t entries(void)
{
    DIR *handle = opendir(folder.ptr);
    size_t count = 0;

    while (readdir(handle) != NULL) {
        count++;
    }
    closedir(handle);
    return count - 2; /* . and .. */
}

START_TEST(a_new_file_is_written)
{
    mode_t mask = umask(0);
    struct stat status;
    struct str file = folder_path(arena, folder, "out.json");

    umask(022);
    ck_assert(output_result(STR("{}\n"), file));
    umask(mask);
    ck_assert(str_equal(path_read_small(arena, folder, "out.json", 100), STR("{}\n")));
    ck_assert_int_eq(stat(file.ptr, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0644);
    ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(an_old_file_is_replaced_and_keeps_its_mode)
{
    struct stat status;
    struct str file = folder_path(arena, folder, "out.json");

    folder_write(folder, "out.json", "something longer than what follows");
    folder_link(folder, "link", "out.json");
    ck_assert_int_eq(chmod(file.ptr, 0604), 0);
    ck_assert(output_result(STR("short"), folder_path(arena, folder, "link")));
    ck_assert(str_equal(path_read_small(arena, folder, "out.json", 100), STR("short")));
    ck_assert_int_eq(stat(file.ptr, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0604);
    ck_assert_int_eq(lstat(folder_path(arena, folder, "link").ptr, &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_uint_eq(entries(), 2);
}
END_TEST

/* Calls output_result in a process of its own. */
struct call {
    const char *file; /* below the folder; absolute where it begins with a slash */
    const char *text;
};

static void call_output(void *context)
{
    const struct call *call = context;
    struct str file = *call->file == '/' ? str_of(call->file) : folder_path(arena, folder, call->file);

    _exit(output_result(str_of(call->text), file) ? 0 : 7);
}

START_TEST(what_cannot_be_written_is_said)
{
    char errors[300];
    struct call call = {"nowhere/out.json", "x"};

    ck_assert_int_eq(child_run(call_output, &call, errors, sizeof errors), 7);
    ck_assert_ptr_nonnull(strstr(errors, "nowhere/out.json' cannot be written: No such file"));
    call.file = "";
    ck_assert_int_eq(child_run(call_output, &call, errors, sizeof errors), 7);
    ck_assert_ptr_nonnull(strstr(errors, "Is a directory"));
    ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(devices_are_written_into)
{
    char errors[300];
    struct call call = {"/dev/null", "x"};

    ck_assert_int_eq(child_run(call_output, &call, errors, sizeof errors), 0);
    if (access("/dev/full", W_OK) == 0) {
        call.file = "/dev/full";
        ck_assert_int_eq(child_run(call_output, &call, errors, sizeof errors), 7);
        ck_assert_ptr_nonnull(strstr(errors, "No space left"));
    }
}
END_TEST

START_TEST(colours_are_decided)
{
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    ck_assert(output_has_color(COLOR_ALWAYS, STR("")));
    ck_assert(!output_has_color(COLOR_NEVER, STR("")));
    ck_assert(!output_has_color(COLOR_AUTO, STR("file")));
    setenv("FORCE_COLOR", "1", 1);
    ck_assert(output_has_color(COLOR_AUTO, STR("file")));
    ck_assert(!output_has_color(COLOR_NEVER, STR("")));
    setenv("NO_COLOR", "1", 1);
    ck_assert(!output_has_color(COLOR_AUTO, STR("")));
    ck_assert(output_has_color(COLOR_ALWAYS, STR("")));
    setenv("NO_COLOR", "", 1); /* empty: as if it were not set */
    ck_assert(output_has_color(COLOR_AUTO, STR("")));
}
END_TEST

static void set_variables(const char *force, const char *term, const char *program, const char *vte)
{
    const char *const pairs[][2] = {
        {"FORCE_HYPERLINK", force}, {"TERM", term}, {"TERM_PROGRAM", program}, {"VTE_VERSION", vte}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][1] != NULL) {
            setenv(pairs[i][0], pairs[i][1], 1);
        } else {
            unsetenv(pairs[i][0]);
        }
    }
}

START_TEST(hyperlinks_can_be_forced)
{
    set_variables(NULL, "xterm-kitty", "WezTerm", "7000");
    ck_assert_msg(!output_has_links(STR("file")), "a file is no terminal");
    set_variables("1", "xterm", NULL, NULL);
    ck_assert(output_has_links(STR("")));
    set_variables("0", "xterm-kitty", NULL, NULL);
    ck_assert(!output_has_links(STR("")));
}
END_TEST

START_TEST(colours_can_be_forced)
{
    unsetenv("NO_COLOR");
    setenv("FORCE_COLOR", "1", 1);
    ck_assert(output_has_color(COLOR_AUTO, STR("file")));
    ck_assert(!output_has_color(COLOR_NEVER, STR("")));
    setenv("FORCE_COLOR", "0", 1);
    ck_assert(!output_has_color(COLOR_AUTO, STR("")));
    ck_assert(output_has_color(COLOR_ALWAYS, STR("")));
    setenv("FORCE_COLOR", "true", 1);
    setenv("NO_COLOR", "1", 1);
    ck_assert(!output_has_color(COLOR_AUTO, STR("")));
}
END_TEST

START_TEST(a_file_has_no_width)
{
    setenv("COLUMNS", "200", 1);
    ck_assert_uint_eq(output_width(STR("file")), 0);
}
END_TEST

Suite *test_output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_new_file_is_written);
    tcase_add_test(tests, an_old_file_is_replaced_and_keeps_its_mode);
    tcase_add_test(tests, what_cannot_be_written_is_said);
    tcase_add_test(tests, devices_are_written_into);
    tcase_add_test(tests, colours_are_decided);
    tcase_add_test(tests, hyperlinks_can_be_forced);
    tcase_add_test(tests, colours_can_be_forced);
    tcase_add_test(tests, a_file_has_no_width);
    suite_add_tcase(suite, tests);
    return suite;
}
