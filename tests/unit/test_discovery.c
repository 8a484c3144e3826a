#include <check.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "racelint/source.h"
#include "tests/unit/folder.h"

/* A folder with a project in it, and how to look for it. */
struct place {
    struct arena *arena;
    struct str folder;
    struct discovery_options options;
};

static struct place place;

static void set_up(void)
{
    place = (struct place){.arena = arena_new()};
    place.folder = folder_new(place.arena);
}

static void tear_down(void)
{
    folder_remove(place.folder);
    arena_free(place.arena);
}

static void put(const char *name, const char *text)
{
    folder_write(place.folder, name, text);
}

/* Looks from the paths (separated by blanks, relative to the folder) and expects these files, in this order: "* a.py"
 * where findings are reported, "b.py" where not; and so many diagnostics. */
static void expect_with(const char *paths, const char *root, const char *expected, size_t diagnostic_count)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct discovery found;
    struct str list[8];
    size_t count = 0;
    struct buf text = {0};

    for (const char *at = paths; *at != '\0'; count++) {
        size_t len = strcspn(at, " ");
        list[count] = arena_printf(place.arena, "%s/%.*s", place.folder.ptr, (int)len, at);
        at += len + (at[len] == ' ');
    }
    discovery_run(&found, list, count, &place.options, diagnostics);
    buf_add(&text, STR(""));
    for (size_t i = 0; i < found.file_count; i++) {
        buf_printf(&text, "%s%s%.*s", i > 0 ? " " : "", found.files[i].reported ? "*" : "",
                   STR_FMT(found.files[i].path));
        ck_assert_int_eq(found.files[i].full_path.ptr[0], '/');
    }
    ck_assert_msg(strcmp(text.ptr, expected) == 0, "%s: %s", paths, text.ptr);
    struct str wanted = arena_printf(place.arena, "%s%s%s", place.folder.ptr, *root != '\0' ? "/" : "", root);
    ck_assert_msg(str_equal(found.root, wanted), "root %.*s", STR_FMT(found.root));
    ck_assert_uint_eq(diagnostics_count(diagnostics), diagnostic_count);
    buf_release(&text);
    discovery_free(&found);
    diagnostics_free(diagnostics);
}

static void expect(const char *paths, const char *root, const char *expected)
{
    expect_with(paths, root, expected, 0);
}

START_TEST(the_project_is_the_program)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    put("p/src/b.pyi", "");
    put("p/src/c.txt", "");
    put("p/src/deep/.hidden/d.py", "");
    put("outside.py", "");
    expect("p", "p", "*a.py *src/b.pyi *src/deep/.hidden/d.py");
    expect("p/src", "p", "a.py *src/b.pyi *src/deep/.hidden/d.py");
    expect("p/a.py", "p", "*a.py src/b.pyi src/deep/.hidden/d.py");
    expect("p/src/c.txt p/a.py", "p", "*a.py src/b.pyi *src/c.txt src/deep/.hidden/d.py");
    expect("p/./src/../src//deep/", "p", "a.py src/b.pyi *src/deep/.hidden/d.py");
}
END_TEST

START_TEST(the_nearest_marker_is_the_root)
{
    folder_make(place.folder, ".git");
    put("a.py", "");
    put("sub/racelint.toml", "");
    put("sub/b.py", "");
    put("other/c.py", "");
    expect("sub", "sub", "*b.py");
    expect("other", "", "a.py *other/c.py sub/b.py");
    expect("sub other", "", "a.py *other/c.py *sub/b.py");
}
END_TEST

START_TEST(without_a_project_the_paths_are_the_program)
{
    put("x/a.py", "");
    put("x/b.py", "");
    put("x/y/c.py", "");
    expect("x/a.py", "x", "*a.py");
    expect("x/a.py x/y", "x", "*a.py *y/c.py");
    expect("x", "x", "*a.py *b.py *y/c.py");
}
END_TEST

START_TEST(the_root_is_no_package)
{
    put("lib/pkg/__init__.py", "");
    put("lib/pkg/sub/__init__.py", "");
    put("lib/pkg/sub/a.py", "");
    expect("lib/pkg/sub/a.py", "lib", "*pkg/sub/a.py");
}
END_TEST

START_TEST(isolated_ignores_the_project)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    put("p/src/b.py", "");
    place.options.isolated = true;
    expect("p/src/b.py", "p/src", "*b.py");
}
END_TEST

START_TEST(default_excludes_hold_inside_the_root_only)
{
    put("build/venv/p/pyproject.toml", "");
    put("build/venv/p/a.py", "");
    put("build/venv/p/build/b.py", "");
    put("build/venv/p/.venv/c.py", "");
    put("build/venv/p/src/node_modules/d.py", "");
    put("build/venv/p/src/build/__init__.py", "");
    put("build/venv/p/src/build.py", "");
    put("build/venv/p/env/pyvenv.cfg", "");
    put("build/venv/p/env/e.py", "");
    expect("build/venv/p", "build/venv/p", "*a.py *src/build.py *src/build/__init__.py");
    expect("build/venv/p/build", "build/venv/p", "a.py *build/b.py src/build.py src/build/__init__.py");
    expect("build/venv/p/.venv/c.py", "build/venv/p", "*.venv/c.py a.py src/build.py src/build/__init__.py");
    expect("build/venv/p/env", "build/venv/p", "a.py *env/e.py src/build.py src/build/__init__.py");
}
END_TEST

START_TEST(excludes_replace_or_extend)
{
    struct str generated[] = {STR("gen_*"), STR("/src/old")};

    put("pyproject.toml", "");
    put("gen_a.py", "");
    put("src/old/b.py", "");
    put("src/src/old/c.py", "");
    put("dist/d.py", "");
    place.options.extend_excludes = generated;
    place.options.extend_exclude_count = 2;

    expect(".", "", "*src/src/old/c.py");
    place.options = (struct discovery_options){.excludes = generated, .exclude_count = 2};
    expect(".", "", "*dist/d.py *src/src/old/c.py");
    expect("gen_a.py src/old", "", "dist/d.py *gen_a.py *src/old/b.py src/src/old/c.py");
    place.options.force_exclude = true;
    expect("gen_a.py src/old/b.py", "", "dist/d.py src/src/old/c.py");
    place.options = (struct discovery_options){.force_exclude = true};
    expect("dist/d.py src", "", "gen_a.py *src/old/b.py *src/src/old/c.py");
}
END_TEST

START_TEST(an_exclude_can_take_a_default_back)
{
    struct str patterns[] = {STR("!build")};

    put("pyproject.toml", "");
    put("build/a.py", "");
    put("dist/b.py", "");
    place.options.extend_excludes = patterns;
    place.options.extend_exclude_count = 1;
    expect(".", "", "*build/a.py");
}
END_TEST

START_TEST(gitignore_files_hold_at_every_level)
{
    folder_make(place.folder, ".git/info");
    put(".git/info/exclude", "secret.py\n");
    put(".gitignore", "*_pb2.py\n/top.py\ntmp/\n!keep_pb2.py\n");
    put("a_pb2.py", "");
    put("keep_pb2.py", "");
    put("top.py", "");
    put("secret.py", "");
    put("sub/top.py", "");
    put("sub/.gitignore", "!b_pb2.py\nlocal.py\n");
    put("sub/b_pb2.py", "");
    put("sub/local.py", "");
    put("sub/tmp/c.py", "");
    put("local.py", "");
    expect(".", "", "*keep_pb2.py *local.py *sub/b_pb2.py *sub/top.py");
    expect("a_pb2.py", "", "*a_pb2.py keep_pb2.py local.py sub/b_pb2.py sub/top.py");
    expect("sub/tmp", "", "keep_pb2.py local.py sub/b_pb2.py *sub/tmp/c.py sub/top.py");
}
END_TEST

START_TEST(gitignore_files_above_the_root_hold_too)
{
    folder_make(place.folder, ".git");
    put(".gitignore", "gen/\nproject/x.py\n");
    put("project/pyproject.toml", "");
    put("project/x.py", "");
    put("project/y.py", "");
    put("project/gen/z.py", "");
    expect("project", "project", "*y.py");
}
END_TEST

START_TEST(an_ignored_project_is_walked_when_asked_for)
{
    folder_make(place.folder, ".git");
    put(".gitignore", "/vendor/**\n/third\n");
    put("third/pyproject.toml", "");
    put("third/a.py", "");
    put("third/sub/b.py", "");
    expect("third", "third", "*a.py *sub/b.py");
    expect("third/sub", "third", "a.py *sub/b.py");
}
END_TEST

START_TEST(a_linked_work_tree_has_the_excludes_of_its_repository)
{
    put("main/.git/info/exclude", "x.py\n");
    put("main/.git/worktrees/w/commondir", "../..\n");
    struct str link = arena_printf(place.arena, "gitdir: %s/main/.git/worktrees/w\n", place.folder.ptr);
    put("tree/.git", link.ptr);
    put("tree/x.py", "");
    put("tree/y.py", "");
    expect("tree", "tree", "*y.py");
}
END_TEST

START_TEST(links_are_followed_once)
{
    put("p/pyproject.toml", "");
    put("p/src/a.py", "");
    put("outside/o.py", "");
    put("outside/more/m.py", "");
    folder_link(place.folder, "p/src/up", "..");
    folder_link(place.folder, "p/src/world", "/");
    folder_link(place.folder, "p/src/self", "self");
    folder_link(place.folder, "p/a_too.py", "src/a.py");
    folder_link(place.folder, "p/lib", "../outside");
    folder_link(place.folder, "p/lib2", "../outside");
    folder_link(place.folder, "outside/back", "../p/src");
    folder_link(place.folder, "p/.#lock.py", "user@host.1");
    expect("p", "p", "*lib/more/m.py *lib/o.py *src/a.py");
    expect("p/a_too.py", "p", "lib/more/m.py lib/o.py *src/a.py");
    expect("p/lib2", "p", "*lib2/more/m.py *lib2/o.py src/a.py");
    place.options.isolated = true;
    expect("p/a_too.py", "p", "*a_too.py");
    expect("p/a_too.py p/src/a.py", "p", "*src/a.py");
}
END_TEST

START_TEST(a_root_named_through_a_link)
{
    put("real/pyproject.toml", "");
    put("real/a.py", "");
    folder_link(place.folder, "real/b.py", "a.py");
    folder_link(place.folder, "link", "real");
    expect("link/b.py", "link", "*a.py");
}
END_TEST

START_TEST(links_to_nowhere_and_paths_that_are_not_there_are_said)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    folder_link(place.folder, "p/gone.py", "nowhere");
    expect_with("p p/missing.py", "p", "*a.py", 2);
}
END_TEST

START_TEST(a_folder_that_cannot_be_read_is_said)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    folder_make(place.folder, "p/closed");
    struct str closed = folder_path(place.arena, place.folder, "p/closed");
    ck_assert_int_eq(chmod(closed.ptr, 0), 0);
    if (geteuid() == 0) { /* root may read everything: become nobody */
        ck_assert_int_eq(chmod(place.folder.ptr, 0755), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
    expect_with("p", "p", "*a.py", 1);
    ck_assert_int_eq(seteuid(getuid()), 0);
    ck_assert_int_eq(chmod(closed.ptr, 0755), 0);
}
END_TEST

START_TEST(odd_names_are_names)
{
    put("p/pyproject.toml", "");
    put("p/new\nline.py", "");
    put("p/\xFF\xFE.py", "");
    put("p/.py", "");
    put("p/d.py/in.py", "");
    put("p/#.py", "");
    expect("p", "p", "*#.py *.py *d.py/in.py *new\nline.py *\xFF\xFE.py");
}
END_TEST

START_TEST(deep_folders_do_not_recurse)
{
    struct buf name = {0};

    put("p/pyproject.toml", "");
    buf_add(&name, STR("p"));
    for (size_t i = 0; i < 1500; i++) {
        buf_add(&name, STR("/d"));
    }
    buf_add(&name, STR("/a.py"));
    put(name.ptr, "");
    buf_clear(&name);
    buf_add(&name, STR("*"));
    for (size_t i = 0; i < 1500; i++) {
        buf_add(&name, STR("d/"));
    }
    buf_add(&name, STR("a.py"));
    expect("p", "p", name.ptr);
    buf_release(&name);
}
END_TEST

START_TEST(hard_links_are_files_of_their_own)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    ck_assert_int_eq(link(folder_path(place.arena, place.folder, "p/a.py").ptr,
                          folder_path(place.arena, place.folder, "p/b.py").ptr),
                     0);
    expect("p", "p", "*a.py *b.py");
    expect("p/b.py", "p", "a.py *b.py");
}
END_TEST

START_TEST(an_unsaved_file_belongs_to_its_project)
{
    put("p/pyproject.toml", "");
    put("p/a.py", "");
    place.options.unsaved = folder_path(place.arena, place.folder, "p/src/new.py");
    expect("", "p", "a.py *src/new.py");
    place.options.unsaved = folder_path(place.arena, place.folder, "p/a.py");
    expect("", "p", "*a.py");
    put("p/dist/x.py", "");
    place.options.unsaved = folder_path(place.arena, place.folder, "p/dist/x.py");
    expect("", "p", "a.py *dist/x.py");
    place.options.force_exclude = true;
    expect("", "p", "a.py");
}
END_TEST

START_TEST(names_tells_what_was_named)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct discovery found;

    put("p/pyproject.toml", "");
    put("p/src/a.py", "");
    put("p/b.py", "");
    struct str paths[] = {folder_path(place.arena, place.folder, "p/src"),
                          folder_path(place.arena, place.folder, "p/b.py"),
                          folder_path(place.arena, place.folder, "p/none.py")};
    discovery_run(&found, paths, 3, &place.options, diagnostics);
    ck_assert(discovery_names(&found, STR("src")));
    ck_assert(discovery_names(&found, STR("src/a.py")));
    ck_assert(discovery_names(&found, STR("b.py")));
    ck_assert(!discovery_names(&found, STR("src2")));
    ck_assert(!discovery_names(&found, STR("c.py")));
    ck_assert_uint_eq(found.missing_count, 1);
    ck_assert(str_equal(found.missing[0], paths[2]));
    discovery_free(&found);
    diagnostics_free(diagnostics);
}
END_TEST

START_TEST(default_excludes_are_listed_in_order)
{
    size_t count = 1;

    for (; discovery_default_exclude(count) != NULL; count++) {
        ck_assert_int_lt(strcmp(discovery_default_exclude(count - 1), discovery_default_exclude(count)), 0);
    }
    ck_assert_uint_gt(count, 20);
}
END_TEST

Suite *test_discovery_suite(void)
{
    Suite *suite = suite_create("discovery");
    TCase *tests = tcase_create("discovery");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_project_is_the_program);
    tcase_add_test(tests, the_nearest_marker_is_the_root);
    tcase_add_test(tests, without_a_project_the_paths_are_the_program);
    tcase_add_test(tests, the_root_is_no_package);
    tcase_add_test(tests, isolated_ignores_the_project);
    tcase_add_test(tests, default_excludes_hold_inside_the_root_only);
    tcase_add_test(tests, excludes_replace_or_extend);
    tcase_add_test(tests, an_exclude_can_take_a_default_back);
    tcase_add_test(tests, gitignore_files_hold_at_every_level);
    tcase_add_test(tests, gitignore_files_above_the_root_hold_too);
    tcase_add_test(tests, an_ignored_project_is_walked_when_asked_for);
    tcase_add_test(tests, a_linked_work_tree_has_the_excludes_of_its_repository);
    tcase_add_test(tests, links_are_followed_once);
    tcase_add_test(tests, a_root_named_through_a_link);
    tcase_add_test(tests, links_to_nowhere_and_paths_that_are_not_there_are_said);
    tcase_add_test(tests, a_folder_that_cannot_be_read_is_said);
    tcase_add_test(tests, odd_names_are_names);
    tcase_add_test(tests, deep_folders_do_not_recurse);
    tcase_add_test(tests, hard_links_are_files_of_their_own);
    tcase_add_test(tests, an_unsaved_file_belongs_to_its_project);
    tcase_add_test(tests, names_tells_what_was_named);
    tcase_add_test(tests, default_excludes_are_listed_in_order);
    suite_add_tcase(suite, tests);
    return suite;
}
