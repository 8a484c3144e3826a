#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "racelint/frontend.h"
#include "store/cache.h"
#include "store/cache_folder.h"
#include "store/files.h"
#include "tests/unit/folder.h"
#include "tests/unit/lowered.h"

/* A folder for a cache, and what makes modules. */
struct rig {
    struct arena *arena;
    struct str folder; /* for tests */
    struct str path;   /* in it; not made yet */
    struct frontend *frontend;
};

static void rig_init(struct rig *rig)
{
    rig->arena = arena_new();
    rig->folder = folder_new(rig->arena);
    rig->path = folder_path(rig->arena, rig->folder, "a/cache");
    rig->frontend = frontend_new();
}

static void rig_release(struct rig *rig)
{
    frontend_free(rig->frontend);
    folder_remove(rig->folder);
    arena_free(rig->arena);
}

static struct cache *open_cache(const struct rig *rig)
{
    struct cache *cache = cache_open(rig->path, 1, CACHE_SIZE_MAX);

    ck_assert_int_eq(cache_error(cache), 0);
    return cache;
}

static void store(const struct rig *rig, struct cache *cache, const char *text)
{
    struct lowered lowered;

    lowered_init(&lowered, rig->frontend, "a.py", str_of(text));
    cache_store(cache, &lowered.file, lowered.module, lowered.diagnostics, 0.5);
    lowered_release(&lowered);
}

static bool has(struct cache *cache, const char *text)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file;
    double cost = 0;

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), str_of(text), diagnostics), SOURCE_OK);
    struct ir_module *module = cache_find(cache, &file, diagnostics, &cost);
    if (module != NULL) {
        ck_assert_double_eq_tol(cost, 0.5, 1e-6);
        arena_free(module->arena);
    }
    diagnostics_free(diagnostics);
    source_free(&file);
    return module != NULL;
}

static bool exists(const struct rig *rig, const char *name)
{
    return access(folder_path(rig->arena, rig->folder, name).ptr, F_OK) == 0;
}

/* The path of the entry of a text. */
static struct str entry_path(const struct rig *rig, const char *text)
{
    struct entry_key key = entry_key_of(1, str_of(text));
    char name[CACHE_NAME_SIZE];

    cache_entry_name(name, &key);
    return arena_printf(rig->arena, "%.*s/modules/%s", STR_FMT(rig->path), name);
}

static void set_age(struct str path, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path.ptr, times, 0), 0);
}

START_TEST(what_is_stored_is_found_by_its_text)
{
    struct rig rig;

    rig_init(&rig);
    struct cache *cache = open_cache(&rig);
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    ck_assert(has(cache, "x = 1\n"));
    ck_assert(!has(cache, "x = 2\n"));
    cache_close(cache);
    cache = open_cache(&rig);
    ck_assert(has(cache, "x = 1\n"));
    cache_close(cache);
    cache = cache_open(rig.path, 2, CACHE_SIZE_MAX);
    ck_assert(!has(cache, "x = 1\n"));
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(a_folder_of_its_own_is_marked)
{
    struct rig rig;

    rig_init(&rig);
    cache_close(open_cache(&rig));
    struct str cache = rig.path;
    struct str tag = arena_str(rig.arena, STR("Signature: 8a477f597d28d172789f06886806bc55\n"));
    int top = files_open_folder(cache, false);
    struct stat status;
    char text[200] = {0};
    int descriptor = files_open_regular(top, "CACHEDIR.TAG", &status);
    ck_assert(files_read(descriptor, text, tag.len));
    ck_assert_str_eq(text, tag.ptr);
    close(descriptor);
    close(top);
    ck_assert(exists(&rig, "a/cache/.gitignore"));
    rig_release(&rig);
}
END_TEST

START_TEST(a_folder_of_others_is_not_marked)
{
    struct rig rig;

    rig_init(&rig);
    folder_write(rig.folder, "a/cache/thesis.txt", "");
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    ck_assert(has(cache, "x = 1\n"));
    cache_close(cache);
    ck_assert(!exists(&rig, "a/cache/CACHEDIR.TAG"));
    ck_assert(!exists(&rig, "a/cache/.gitignore"));
    rig_release(&rig);
}
END_TEST

START_TEST(damaged_entries_are_replaced)
{
    struct rig rig;

    rig_init(&rig);
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    struct str path = entry_path(&rig, "x = 1\n");
    ck_assert_int_eq(truncate(path.ptr, 100), 0);
    ck_assert(!has(cache, "x = 1\n"));
    ck_assert_int_eq(truncate(path.ptr, 0), 0);
    ck_assert(!has(cache, "x = 1\n"));
    ck_assert_int_eq(truncate(path.ptr, (off_t)1 << 40), 0); /* has no blocks */
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    ck_assert(has(cache, "x = 1\n"));
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(what_is_no_file_is_no_entry)
{
    struct rig rig;

    rig_init(&rig);
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    struct str path = entry_path(&rig, "x = 1\n"), other = folder_path(rig.arena, rig.folder, "other");
    ck_assert_int_eq(rename(path.ptr, other.ptr), 0);
    ck_assert_int_eq(symlink(other.ptr, path.ptr), 0);
    ck_assert(!has(cache, "x = 1\n"));
    ck_assert_int_eq(unlink(path.ptr), 0);
    ck_assert_int_eq(mkfifo(path.ptr, 0600), 0);
    ck_assert(!has(cache, "x = 1\n")); /* and nobody waits for a writer */
    ck_assert_int_eq(unlink(path.ptr), 0);
    ck_assert_int_eq(mkdir(path.ptr, 0700), 0);
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    ck_assert_int_ne(cache_error(cache), 0); /* a folder is in the way */
    store(&rig, cache, "x = 2\n");
    ck_assert(!has(cache, "x = 2\n")); /* one error is enough */
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(without_a_folder_nothing_is_found)
{
    struct rig rig;

    rig_init(&rig);
    folder_write(rig.folder, "a/cache", "");
    struct cache *cache = cache_open(rig.path, 1, CACHE_SIZE_MAX);
    ck_assert_int_eq(cache_error(cache), ENOTDIR);
    store(&rig, cache, "x = 1\n");
    ck_assert(!has(cache, "x = 1\n"));
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(a_link_is_not_followed_to_the_entries)
{
    struct rig rig;

    rig_init(&rig);
    folder_make(rig.folder, "elsewhere");
    folder_make(rig.folder, "a/cache");
    folder_link(rig.folder, "a/cache/modules", "../../elsewhere");
    struct cache *cache = cache_open(rig.path, 1, CACHE_SIZE_MAX);
    ck_assert_int_ne(cache_error(cache), 0);
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(the_oldest_entries_go)
{
    struct rig rig;
    char texts[8][20];

    rig_init(&rig);
    struct cache *cache = open_cache(&rig);
    for (int i = 0; i < 8; i++) {
        snprintf(texts[i], sizeof texts[i], "x = %d\n", i);
        store(&rig, cache, texts[i]);
        set_age(entry_path(&rig, texts[i]), 100 * (i + 1));
    }
    folder_write(rig.folder, "a/cache/modules/new-abandoned", "");
    folder_write(rig.folder, "a/cache/modules/new-growing", "");
    folder_write(rig.folder, "a/cache/modules/stranger", "");
    set_age(folder_path(rig.arena, rig.folder, "a/cache/modules/new-abandoned"), 4000);
    cache_close(cache);
    ck_assert(!exists(&rig, "a/cache/modules/new-abandoned"));
    ck_assert(exists(&rig, "a/cache/modules/new-growing"));

    struct stat status;
    ck_assert_int_eq(stat(entry_path(&rig, texts[0]).ptr, &status), 0);
    uint64_t one = (uint64_t)status.st_size; /* as large as the others */
    cache = cache_open(rig.path, 1, 8 * one);
    store(&rig, cache, "y = 9\n"); /* one too many */
    cache_close(cache);
    cache = open_cache(&rig);
    ck_assert(has(cache, "y = 9\n"));
    for (int i = 0; i < 8; i++) {
        ck_assert_msg(has(cache, texts[i]) == (i < 5), "entry %d", i); /* six of eight are left */
    }
    cache_close(cache);
    ck_assert(exists(&rig, "a/cache/modules/stranger"));
    rig_release(&rig);
}
END_TEST

START_TEST(use_keeps_entries_young)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    struct str path = entry_path(&rig, "x = 1\n");
    set_age(path, 3 * 24 * 60 * 60);
    ck_assert(has(cache, "x = 1\n"));
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    ck_assert_int_gt(status.st_mtime, time(NULL) - 1000);
    cache_close(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(clearing_removes_what_is_ours)
{
    struct rig rig;

    rig_init(&rig);
    struct cache_cleared cleared = cache_clear(rig.path);
    ck_assert_int_eq(cleared.error, 0);
    ck_assert_uint_eq(cleared.entries, 0);
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    store(&rig, cache, "x = 2\n");
    cache_close(cache);
    folder_write(rig.folder, "a/cache/modules/new-1-2-3", "");
    cleared = cache_clear(rig.path);
    ck_assert_int_eq(cleared.error, 0);
    ck_assert_uint_eq(cleared.entries, 2);
    ck_assert_uint_gt(cleared.bytes, 100);
    ck_assert(!exists(&rig, "a/cache"));
    ck_assert(exists(&rig, "a"));
    rig_release(&rig);
}
END_TEST

START_TEST(clearing_leaves_what_is_not)
{
    static const char *const strangers[] = {"a/cache/thesis.txt", "a/cache/modules/thesis.txt"};

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        struct rig rig;
        rig_init(&rig);
        struct cache *cache = open_cache(&rig);
        store(&rig, cache, "x = 1\n");
        cache_close(cache);
        folder_write(rig.folder, strangers[i], "");
        struct cache_cleared cleared = cache_clear(rig.path);
        ck_assert_int_eq(cleared.error, 0);
        ck_assert_uint_eq(cleared.entries, 1);
        ck_assert(exists(&rig, strangers[i]));
        ck_assert(exists(&rig, "a/cache/CACHEDIR.TAG"));
        rig_release(&rig);
    }
}
END_TEST

START_TEST(clearing_leaves_marks_of_others)
{
    struct rig rig;

    rig_init(&rig);
    folder_write(rig.folder, "a/cache/.gitignore", "*.o\n");
    cache_close(open_cache(&rig));
    ck_assert(exists(&rig, "a/cache/CACHEDIR.TAG"));
    cache_clear(rig.path);
    ck_assert(exists(&rig, "a/cache/.gitignore"));
    ck_assert(!exists(&rig, "a/cache/CACHEDIR.TAG"));
    ck_assert(!exists(&rig, "a/cache/modules"));
    rig_release(&rig);
}
END_TEST

Suite *test_cache_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *tests = tcase_create("cache");

    tcase_add_test(tests, what_is_stored_is_found_by_its_text);
    tcase_add_test(tests, a_folder_of_its_own_is_marked);
    tcase_add_test(tests, a_folder_of_others_is_not_marked);
    tcase_add_test(tests, damaged_entries_are_replaced);
    tcase_add_test(tests, what_is_no_file_is_no_entry);
    tcase_add_test(tests, without_a_folder_nothing_is_found);
    tcase_add_test(tests, a_link_is_not_followed_to_the_entries);
    tcase_add_test(tests, the_oldest_entries_go);
    tcase_add_test(tests, use_keeps_entries_young);
    tcase_add_test(tests, clearing_removes_what_is_ours);
    tcase_add_test(tests, clearing_leaves_what_is_not);
    tcase_add_test(tests, clearing_leaves_marks_of_others);
    suite_add_tcase(suite, tests);
    return suite;
}
