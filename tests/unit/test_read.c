#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "racelint/source.h"
#include "tests/unit/folder.h"

/* A folder, what reads in it, and what was said. */
struct place {
    struct arena *arena;
    struct str folder;
    struct diagnostics *diagnostics;
};

static struct place place_new(void)
{
    struct place place = {.arena = arena_new(), .diagnostics = diagnostics_new()};

    place.folder = folder_new(place.arena);
    return place;
}

static void place_free(struct place *place)
{
    folder_remove(place->folder);
    diagnostics_free(place->diagnostics);
    arena_free(place->arena);
}

static void expect_refusal(struct place *place, const char *name, const char *part)
{
    struct source_file file;

    ck_assert_int_eq(
        source_read(&file, STR("shown.py"), folder_path(place->arena, place->folder, name), place->diagnostics),
        SOURCE_UNREADABLE);
    ck_assert_uint_eq(diagnostics_count(place->diagnostics), 1);
    const struct diagnostic *diagnostic = diagnostics_at(place->diagnostics, 0);
    ck_assert(str_equal(diagnostic->path, STR("shown.py")));
    ck_assert_str_eq(diagnostic->code, "RL001");
    ck_assert_uint_eq(diagnostic->line, 0);
    ck_assert_msg(str_find(diagnostic->message, str_of(part)) != SIZE_MAX, "%.*s", STR_FMT(diagnostic->message));
    source_free(&file);
}

START_TEST(a_file_is_read)
{
    struct place place = place_new();
    struct source_file file;

    folder_write(place.folder, "a.py", "x = 1\ny = 2\n");
    struct str full = folder_path(place.arena, place.folder, "a.py");
    ck_assert_int_eq(source_read(&file, STR("a.py"), full, place.diagnostics), SOURCE_OK);
    ck_assert(str_equal(file.text, STR("x = 1\ny = 2\n")));
    ck_assert(str_equal(file.path, STR("a.py")));
    ck_assert(str_equal(file.full_path, full));
    ck_assert_uint_eq(file.line_count, 3);
    ck_assert_uint_eq(diagnostics_count(place.diagnostics), 0);
    source_free(&file);
    folder_write(place.folder, "empty.py", "");
    ck_assert_int_eq(
        source_read(&file, STR("e"), folder_path(place.arena, place.folder, "empty.py"), place.diagnostics), SOURCE_OK);
    ck_assert_uint_eq(file.text.len, 0);
    source_free(&file);
    place_free(&place);
}
END_TEST

START_TEST(what_is_not_there_is_refused)
{
    struct place place = place_new();

    expect_refusal(&place, "nowhere.py", "No such file");
    place_free(&place);
}
END_TEST

START_TEST(a_folder_is_refused)
{
    struct place place = place_new();

    folder_make(place.folder, "d.py");
    expect_refusal(&place, "d.py", "folder");
    place_free(&place);
}
END_TEST

START_TEST(a_pipe_is_refused_and_not_waited_for)
{
    struct place place = place_new();

    ck_assert_int_eq(mkfifo(folder_path(place.arena, place.folder, "p.py").ptr, 0666), 0);
    expect_refusal(&place, "p.py", "pipe");
    place_free(&place);
}
END_TEST

START_TEST(a_link_to_nowhere_is_refused)
{
    struct place place = place_new();

    folder_link(place.folder, "l.py", "nowhere");
    expect_refusal(&place, "l.py", "No such file");
    place_free(&place);
}
END_TEST

START_TEST(a_link_to_itself_is_refused)
{
    struct place place = place_new();

    folder_link(place.folder, "l.py", "l.py");
    expect_refusal(&place, "l.py", "symbolic links");
    place_free(&place);
}
END_TEST

START_TEST(a_file_without_permission_is_refused)
{
    struct place place = place_new();

    folder_write(place.folder, "secret.py", "x");
    struct str full = folder_path(place.arena, place.folder, "secret.py");
    ck_assert_int_eq(chmod(full.ptr, 0), 0);
    if (geteuid() == 0) { /* root may read everything: become nobody */
        ck_assert_int_eq(chmod(place.folder.ptr, 0777), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
    expect_refusal(&place, "secret.py", "Permission denied");
    ck_assert_int_eq(seteuid(getuid()), 0);
    place_free(&place);
}
END_TEST

START_TEST(a_huge_file_is_refused_unread)
{
    struct place place = place_new();

    folder_write(place.folder, "huge.py", "x");
    ck_assert_int_eq(truncate(folder_path(place.arena, place.folder, "huge.py").ptr, (off_t)1 << 40), 0);
    expect_refusal(&place, "huge.py", "larger than 8 MiB");
    place_free(&place);
}
END_TEST

Suite *test_read_suite(void)
{
    Suite *suite = suite_create("read");
    TCase *tests = tcase_create("read");

    tcase_add_test(tests, a_file_is_read);
    tcase_add_test(tests, what_is_not_there_is_refused);
    tcase_add_test(tests, a_folder_is_refused);
    tcase_add_test(tests, a_pipe_is_refused_and_not_waited_for);
    tcase_add_test(tests, a_link_to_nowhere_is_refused);
    tcase_add_test(tests, a_link_to_itself_is_refused);
    tcase_add_test(tests, a_file_without_permission_is_refused);
    tcase_add_test(tests, a_huge_file_is_refused_unread);
    suite_add_tcase(suite, tests);
    return suite;
}
