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
    struct str path;   /* of the cache, in it; not made yet */
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
    return cache_open(rig->path, 1, CACHE_SIZE_MAX);
}

static void close_cache(struct cache *cache)
{
    ck_assert_int_eq(cache_close(cache), 0);
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

/* Stores texts in a run of their own, until NULL. */
static void run_storing(const struct rig *rig, const char *const *texts)
{
    struct cache *cache = open_cache(rig);

    for (; *texts != NULL; texts++) {
        store(rig, cache, *texts);
    }
    close_cache(cache);
}
#define RUN_STORING(rig, ...) run_storing(rig, (const char *const[]){__VA_ARGS__, NULL})

/* Whether a new run finds a text. */
static bool run_has(const struct rig *rig, const char *text)
{
    struct cache *cache = open_cache(rig);
    bool result = has(cache, text);

    close_cache(cache);
    return result;
}

/* What is in the folder of packs. */
struct listing {
    unsigned packs, others;
    char pack[CACHE_NAME_SIZE]; /* the last one */
};

static void list_one(void *context, const char *name)
{
    struct listing *listing = context;

    if (cache_is_pack(name)) {
        listing->packs++;
        snprintf(listing->pack, sizeof listing->pack, "%s", name);
    } else {
        listing->others++;
    }
}

static struct listing list_packs(const struct rig *rig)
{
    struct listing listing = {0};
    int folder = files_open_folder(folder_path(rig->arena, rig->path, "packs"), false);

    ck_assert_int_ge(folder, 0);
    ck_assert_int_eq(files_list(folder, list_one, &listing), 0);
    close(folder);
    return listing;
}

/* The path of the only pack. */
static struct str pack_path(const struct rig *rig)
{
    struct listing listing = list_packs(rig);

    ck_assert_uint_eq(listing.packs, 1);
    return arena_printf(rig->arena, "%.*s/packs/%s", STR_FMT(rig->path), listing.pack);
}

static bool exists(const struct rig *rig, const char *name)
{
    return access(folder_path(rig->arena, rig->folder, name).ptr, F_OK) == 0;
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
    ck_assert(!run_has(&rig, "x = 1\n"));
    RUN_STORING(&rig, "x = 1\n", "x = 3\n", "x = 1\n");
    ck_assert(run_has(&rig, "x = 1\n") && run_has(&rig, "x = 3\n"));
    ck_assert(!run_has(&rig, "x = 2\n"));
    RUN_STORING(&rig, "x = 2\n");
    ck_assert(run_has(&rig, "x = 1\n") && run_has(&rig, "x = 2\n"));
    ck_assert_uint_eq(list_packs(&rig).packs, 2);
    ck_assert_uint_eq(list_packs(&rig).others, 0);
    rig_release(&rig);
}
END_TEST

START_TEST(another_version_finds_nothing)
{
    struct rig rig;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n");
    struct cache *cache = cache_open(rig.path, 2, CACHE_SIZE_MAX);
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    close_cache(cache);
    ck_assert(run_has(&rig, "x = 1\n")); /* and takes nothing away */
    rig_release(&rig);
}
END_TEST

START_TEST(many_packs_become_one)
{
    struct rig rig;
    char text[20];
    unsigned most = 0;

    rig_init(&rig);
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "x = %d\n", i);
        RUN_STORING(&rig, text, "y = 1\n");
        struct listing listing = list_packs(&rig);
        most = listing.packs > most ? listing.packs : most;
        ck_assert_uint_eq(listing.others, 0);
    }
    ck_assert_uint_eq(most, 16);
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "x = %d\n", i);
        ck_assert(run_has(&rig, text));
    }
    rig_release(&rig);
}
END_TEST

START_TEST(runs_at_the_same_time_keep_what_both_store)
{
    struct rig rig;
    struct cache *caches[20];
    char text[20];

    rig_init(&rig);
    RUN_STORING(&rig, "y = 1\n");
    for (int i = 0; i < 20; i++) {
        caches[i] = open_cache(&rig);
        snprintf(text, sizeof text, "x = %d\n", i);
        store(&rig, caches[i], text);
    }
    for (int i = 0; i < 20; i++) {
        close_cache(caches[i]);
    }
    struct cache *reader = open_cache(&rig);
    RUN_STORING(&rig, "z = 1\n"); /* makes one of 21 */
    ck_assert_uint_eq(list_packs(&rig).packs, 1);
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "x = %d\n", i);
        ck_assert(has(reader, text)); /* what was opened stays open */
        ck_assert(run_has(&rig, text));
    }
    ck_assert(has(reader, "y = 1\n") && run_has(&rig, "y = 1\n"));
    close_cache(reader);
    rig_release(&rig);
}
END_TEST

START_TEST(equal_runs_write_equal_packs)
{
    struct rig rig;

    rig_init(&rig);
    struct cache *first = open_cache(&rig), *second = open_cache(&rig);
    store(&rig, first, "x = 1\n");
    store(&rig, first, "x = 2\n");
    store(&rig, second, "x = 2\n");
    store(&rig, second, "x = 1\n");
    close_cache(first);
    close_cache(second);
    ck_assert_uint_eq(list_packs(&rig).packs, 1);
    ck_assert(run_has(&rig, "x = 1\n") && run_has(&rig, "x = 2\n"));
    rig_release(&rig);
}
END_TEST

START_TEST(a_folder_of_its_own_is_marked)
{
    struct rig rig;

    rig_init(&rig);
    close_cache(open_cache(&rig));
    struct str tag = STR("Signature: 8a477f597d28d172789f06886806bc55\n");
    int top = files_open_folder(rig.path, false);
    struct stat status;
    char text[200] = {0};
    int descriptor = files_open_regular(top, "CACHEDIR.TAG", &status);
    ck_assert(files_read_at(descriptor, text, tag.len, 0));
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
    RUN_STORING(&rig, "x = 1\n");
    ck_assert(run_has(&rig, "x = 1\n"));
    ck_assert(!exists(&rig, "a/cache/CACHEDIR.TAG"));
    ck_assert(!exists(&rig, "a/cache/.gitignore"));
    rig_release(&rig);
}
END_TEST

START_TEST(damaged_packs_do_no_harm)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n", "x = 2\n");
    struct str path = pack_path(&rig);
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    size_t size = (size_t)status.st_size;
    char *bytes = memory_new(size);
    int descriptor = open(path.ptr, O_RDWR);
    ck_assert(files_read_at(descriptor, bytes, size, 0));
    for (size_t i = 0; i < size; i++) {
        char changed = (char)(bytes[i] ^ 1 << i % 8);
        ck_assert_int_eq(pwrite(descriptor, &changed, 1, (off_t)i), 1);
        struct cache *cache = cache_open(rig.path, 1, CACHE_SIZE_MAX);
        ck_assert_msg(!has(cache, "x = 1\n") || !has(cache, "x = 2\n"), "byte %zu", i);
        ck_assert_int_eq(pwrite(descriptor, &bytes[i], 1, (off_t)i), 1);
        cache_close(cache); /* takes over what is good again */
        close(descriptor);
        ck_assert(run_has(&rig, "x = 1\n") && run_has(&rig, "x = 2\n"));
        path = pack_path(&rig);
        descriptor = open(path.ptr, O_RDWR | O_TRUNC);
        ck_assert_int_eq(pwrite(descriptor, bytes, size, 0), (ssize_t)size);
    }
    close(descriptor);
    free(bytes);
    rig_release(&rig);
}
END_TEST

START_TEST(packs_of_any_other_length_are_not_read)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n");
    struct str path = pack_path(&rig);
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    ck_assert_int_eq(truncate(path.ptr, (off_t)1 << 40), 0); /* has no blocks */
    ck_assert(!run_has(&rig, "x = 1\n"));
    for (off_t size = status.st_size; size-- > 0;) {
        ck_assert_int_eq(truncate(path.ptr, size), 0);
        ck_assert_msg(!run_has(&rig, "x = 1\n"), "%ld bytes", (long)size);
    }
    RUN_STORING(&rig, "x = 1\n"); /* has the same name */
    ck_assert(run_has(&rig, "x = 1\n"));
    ck_assert_uint_eq(list_packs(&rig).packs, 1);
    rig_release(&rig);
}
END_TEST

START_TEST(torn_entries_are_replaced)
{
    struct rig rig;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n", "x = 2\n");
    int descriptor = open(pack_path(&rig).ptr, O_WRONLY);
    ck_assert_int_eq(pwrite(descriptor, "torn", 4, 100), 4); /* in the first entry */
    close(descriptor);
    ck_assert(run_has(&rig, "x = 2\n")); /* finds nothing wrong */
    struct cache *cache = open_cache(&rig);
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    close_cache(cache);
    ck_assert(run_has(&rig, "x = 1\n") && run_has(&rig, "x = 2\n"));
    ck_assert_uint_eq(list_packs(&rig).packs, 1);
    rig_release(&rig);
}
END_TEST

START_TEST(what_is_no_file_is_no_pack)
{
    struct rig rig;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n");
    struct str path = pack_path(&rig), other = folder_path(rig.arena, rig.folder, "other");
    ck_assert_int_eq(rename(path.ptr, other.ptr), 0);
    ck_assert_int_eq(symlink(other.ptr, path.ptr), 0);
    ck_assert(!run_has(&rig, "x = 1\n"));
    ck_assert_int_eq(unlink(path.ptr), 0);
    ck_assert_int_eq(mkfifo(path.ptr, 0600), 0);
    ck_assert(!run_has(&rig, "x = 1\n")); /* and nobody waits for a writer */
    ck_assert_int_eq(unlink(path.ptr), 0);
    ck_assert_int_eq(mkdir(path.ptr, 0700), 0);
    struct cache *cache = open_cache(&rig);
    ck_assert(!has(cache, "x = 1\n"));
    store(&rig, cache, "x = 1\n");
    ck_assert_int_ne(cache_close(cache), 0); /* a folder is in the way */
    ck_assert_uint_eq(list_packs(&rig).others, 0);
    rig_release(&rig);
}
END_TEST

START_TEST(without_a_folder_nothing_is_found)
{
    struct rig rig;

    rig_init(&rig);
    folder_write(rig.folder, "a/cache", "");
    struct cache *cache = open_cache(&rig);
    store(&rig, cache, "x = 1\n");
    ck_assert(!has(cache, "x = 1\n"));
    ck_assert_int_eq(cache_close(cache), ENOTDIR);
    rig_release(&rig);
}
END_TEST

START_TEST(a_link_is_not_followed_to_the_packs)
{
    struct rig rig;

    rig_init(&rig);
    folder_make(rig.folder, "elsewhere");
    folder_make(rig.folder, "a/cache");
    folder_link(rig.folder, "a/cache/packs", "../../elsewhere");
    ck_assert_int_ne(cache_close(open_cache(&rig)), 0);
    rig_release(&rig);
}
END_TEST

START_TEST(what_was_not_used_for_longest_goes)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n", "x = 2\n", "x = 3\n", "x = 4\n");
    ck_assert_int_eq(stat(pack_path(&rig).ptr, &status), 0);
    struct cache *cache = cache_open(rig.path, 1, (uint64_t)status.st_size);
    ck_assert(has(cache, "x = 3\n"));
    store(&rig, cache, "x = 5\n"); /* one too many: three of five are left */
    close_cache(cache);
    ck_assert(run_has(&rig, "x = 3\n") == run_has(&rig, "x = 5\n"));
    ck_assert(run_has(&rig, "x = 5\n"));
    unsigned left = 0;
    for (int i = 1; i <= 5; i++) {
        char text[20];
        snprintf(text, sizeof text, "x = %d\n", i);
        left += run_has(&rig, text);
    }
    ck_assert_uint_ge(left, 2);
    ck_assert_uint_le(left, 3);
    ck_assert_uint_eq(list_packs(&rig).packs, 1);
    rig_release(&rig);
}
END_TEST

START_TEST(packs_of_other_versions_go_when_there_is_no_room)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n");
    struct str path = pack_path(&rig);
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    set_age(path, 1000);
    struct cache *cache = cache_open(rig.path, 2, (uint64_t)status.st_size * 3 / 2);
    store(&rig, cache, "x = 1\n");
    close_cache(cache);
    ck_assert(!run_has(&rig, "x = 1\n"));
    cache = cache_open(rig.path, 2, CACHE_SIZE_MAX);
    ck_assert(has(cache, "x = 1\n"));
    close_cache(cache);
    rig_release(&rig);
}
END_TEST

START_TEST(abandoned_files_go)
{
    struct rig rig;

    rig_init(&rig);
    folder_write(rig.folder, "a/cache/packs/new-abandoned", "");
    folder_write(rig.folder, "a/cache/packs/new-growing", "");
    folder_write(rig.folder, "a/cache/packs/stranger", "");
    set_age(folder_path(rig.arena, rig.folder, "a/cache/packs/new-abandoned"), 4000);
    set_age(folder_path(rig.arena, rig.folder, "a/cache/packs/stranger"), 4000);
    RUN_STORING(&rig, "x = 1\n");
    ck_assert(!exists(&rig, "a/cache/packs/new-abandoned"));
    ck_assert(exists(&rig, "a/cache/packs/new-growing"));
    ck_assert(exists(&rig, "a/cache/packs/stranger"));
    rig_release(&rig);
}
END_TEST

START_TEST(use_keeps_packs_young)
{
    struct rig rig;
    struct stat status;

    rig_init(&rig);
    RUN_STORING(&rig, "x = 1\n");
    struct str path = pack_path(&rig);
    set_age(path, 3 * 24 * 60 * 60);
    ck_assert(!run_has(&rig, "x = 2\n"));
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    ck_assert_int_lt(status.st_mtime, time(NULL) - 1000);
    ck_assert(run_has(&rig, "x = 1\n"));
    ck_assert_int_eq(stat(path.ptr, &status), 0);
    ck_assert_int_gt(status.st_mtime, time(NULL) - 1000);
    rig_release(&rig);
}
END_TEST

START_TEST(clearing_removes_what_is_ours)
{
    struct rig rig;

    rig_init(&rig);
    struct cache_cleared cleared = cache_clear(rig.path);
    ck_assert_int_eq(cleared.error, 0);
    ck_assert_uint_eq(cleared.files, 0);
    RUN_STORING(&rig, "x = 1\n");
    RUN_STORING(&rig, "x = 2\n");
    folder_write(rig.folder, "a/cache/packs/new-1-2-3", "");
    cleared = cache_clear(rig.path);
    ck_assert_int_eq(cleared.error, 0);
    ck_assert_uint_eq(cleared.files, 2);
    ck_assert_uint_gt(cleared.bytes, 100);
    ck_assert(!exists(&rig, "a/cache"));
    ck_assert(exists(&rig, "a"));
    rig_release(&rig);
}
END_TEST

START_TEST(clearing_leaves_what_is_not)
{
    static const char *const strangers[] = {"a/cache/thesis.txt", "a/cache/packs/thesis.txt"};

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        struct rig rig;
        rig_init(&rig);
        RUN_STORING(&rig, "x = 1\n");
        folder_write(rig.folder, strangers[i], "");
        struct cache_cleared cleared = cache_clear(rig.path);
        ck_assert_int_eq(cleared.error, 0);
        ck_assert_uint_eq(cleared.files, 1);
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
    close_cache(open_cache(&rig));
    ck_assert(exists(&rig, "a/cache/CACHEDIR.TAG"));
    cache_clear(rig.path);
    ck_assert(exists(&rig, "a/cache/.gitignore"));
    ck_assert(!exists(&rig, "a/cache/CACHEDIR.TAG"));
    ck_assert(!exists(&rig, "a/cache/packs"));
    rig_release(&rig);
}
END_TEST

Suite *test_cache_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *tests = tcase_create("cache");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_stored_is_found_by_its_text);
    tcase_add_test(tests, another_version_finds_nothing);
    tcase_add_test(tests, many_packs_become_one);
    tcase_add_test(tests, runs_at_the_same_time_keep_what_both_store);
    tcase_add_test(tests, equal_runs_write_equal_packs);
    tcase_add_test(tests, a_folder_of_its_own_is_marked);
    tcase_add_test(tests, a_folder_of_others_is_not_marked);
    tcase_add_test(tests, damaged_packs_do_no_harm);
    tcase_add_test(tests, packs_of_any_other_length_are_not_read);
    tcase_add_test(tests, torn_entries_are_replaced);
    tcase_add_test(tests, what_is_no_file_is_no_pack);
    tcase_add_test(tests, without_a_folder_nothing_is_found);
    tcase_add_test(tests, a_link_is_not_followed_to_the_packs);
    tcase_add_test(tests, what_was_not_used_for_longest_goes);
    tcase_add_test(tests, packs_of_other_versions_go_when_there_is_no_room);
    tcase_add_test(tests, abandoned_files_go);
    tcase_add_test(tests, use_keeps_packs_young);
    tcase_add_test(tests, clearing_removes_what_is_ours);
    tcase_add_test(tests, clearing_leaves_what_is_not);
    tcase_add_test(tests, clearing_leaves_marks_of_others);
    suite_add_tcase(suite, tests);
    return suite;
}
