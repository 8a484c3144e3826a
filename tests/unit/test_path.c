#include <check.h>

#include "source/path.h"
#include "tests/unit/folder.h"

#define ck_assert_str(a, b) ck_assert_msg(str_equal((a), (b)), "'%.*s' and '%.*s'", STR_FMT(a), STR_FMT(b))

START_TEST(parts)
{
    ck_assert_str(path_parent(STR("/a/b")), STR("/a"));
    ck_assert_str(path_parent(STR("/a")), STR("/"));
    ck_assert_str(path_parent(STR("/")), STR("/"));
    ck_assert_str(path_name(STR("/a/b.py")), STR("b.py"));
    ck_assert_str(path_name(STR("b.py")), STR("b.py"));
}
END_TEST

START_TEST(within)
{
    ck_assert(path_is_within(STR("/a/b"), STR("/a")));
    ck_assert(path_is_within(STR("/a"), STR("/a")));
    ck_assert(path_is_within(STR("/a"), STR("/")));
    ck_assert(!path_is_within(STR("/ab"), STR("/a")));
    ck_assert(!path_is_within(STR("/a"), STR("/a/b")));
}
END_TEST

START_TEST(relative)
{
    ck_assert_str(path_relative(STR("/a/b/c"), STR("/a")), STR("b/c"));
    ck_assert_str(path_relative(STR("/a"), STR("/")), STR("a"));
    ck_assert_str(path_relative(STR("/a"), STR("/a")), STR(""));
    ck_assert_str(path_relative(STR("/x/y"), STR("/a")), STR("/x/y"));
}
END_TEST

static void check_seen(const char *path, const char *root, const char *here, const char *expected)
{
    struct buf out = {0};
    path_add_seen(&out, str_of(path), str_of(root), str_of(here));
    ck_assert_str_eq(out.ptr, expected);
    buf_release(&out);
}

START_TEST(seen_from_a_folder)
{
    check_seen("a/b.py", "/root", "", "a/b.py");
    check_seen("a/b.py", "/root", "/root", "a/b.py");
    check_seen("a/b.py", "/root", "/root/a", "b.py");
    check_seen("a/b.py", "/root", "/root/c", "/root/a/b.py");
    check_seen("a/b.py", "/root", "/", "root/a/b.py");
    check_seen("a/b.py", "/top/root", "/top", "root/a/b.py");
    check_seen("a/b.py", "/", "/a", "b.py");
    check_seen("ab.py", "/root", "/root/a", "/root/ab.py");
}
END_TEST

START_TEST(common)
{
    ck_assert_str(path_common(STR("/a/b/c"), STR("/a/d")), STR("/a"));
    ck_assert_str(path_common(STR("/a/b"), STR("/a/bc")), STR("/a"));
    ck_assert_str(path_common(STR("/a"), STR("/b")), STR("/"));
    ck_assert_str(path_common(STR("/a"), STR("/a/b")), STR("/a"));
}
END_TEST

START_TEST(absolute)
{
    struct arena *arena = arena_new();

    ck_assert_str(path_absolute(arena, STR("/w"), STR("a//b/")), STR("/w/a/b"));
    ck_assert_str(path_absolute(arena, STR("/w"), STR(".")), STR("/w"));
    ck_assert_str(path_absolute(arena, STR("/w"), STR("./a/./b")), STR("/w/a/b"));
    ck_assert_str(path_absolute(arena, STR("/w/x"), STR("../y")), STR("/w/y"));
    ck_assert_str(path_absolute(arena, STR("/w"), STR("/a/../..")), STR("/"));
    ck_assert_str(path_absolute(arena, STR("/"), STR("a")), STR("/a"));
    arena_free(arena);
}
END_TEST

START_TEST(dots_behind_a_link_are_the_file_systems)
{
    struct arena *arena = arena_new();
    struct str folder = folder_new(arena);

    folder_write(folder, "real/deep/a.py", "");
    folder_link(folder, "link", "real/deep");
    ck_assert_str(path_absolute(arena, folder, STR("link/a.py")), folder_path(arena, folder, "link/a.py"));
    ck_assert_str(path_absolute(arena, folder, STR("link/../b.py")), folder_path(arena, folder, "real/b.py"));
    folder_remove(folder);
    arena_free(arena);
}
END_TEST

START_TEST(small_files)
{
    struct arena *arena = arena_new();
    struct str folder = folder_new(arena);

    folder_write(folder, "a", "hello");
    folder_make(folder, "d");
    ck_assert(path_has_file(folder, "a"));
    ck_assert(!path_has_file(folder, "d"));
    ck_assert(path_has_entry(folder, "d"));
    ck_assert(!path_has_entry(folder, "x"));
    ck_assert_str(path_read_small(arena, folder, "a", 100), STR("hello"));
    ck_assert_str(path_read_small(arena, folder, "a", 3), STR("hel"));
    ck_assert_str(path_read_small(arena, folder, "d", 3), STR(""));
    ck_assert_str(path_read_small(arena, folder, "x", 3), STR(""));
    folder_remove(folder);
    arena_free(arena);
}
END_TEST

Suite *test_path_suite(void)
{
    Suite *suite = suite_create("path");
    TCase *tests = tcase_create("path");

    tcase_add_test(tests, parts);
    tcase_add_test(tests, within);
    tcase_add_test(tests, relative);
    tcase_add_test(tests, seen_from_a_folder);
    tcase_add_test(tests, common);
    tcase_add_test(tests, absolute);
    tcase_add_test(tests, dots_behind_a_link_are_the_file_systems);
    tcase_add_test(tests, small_files);
    suite_add_tcase(suite, tests);
    return suite;
}
