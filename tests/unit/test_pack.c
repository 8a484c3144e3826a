#include <check.h>
#include <string.h>
#include <unistd.h>

#include "store/files.h"
#include "store/pack.h"
#include "tests/unit/folder.h"

/* A folder, and what is written into it. */
struct rig {
    struct arena *arena;
    struct str path;
    int folder;
    struct pack_writer writer;
    char name[CACHE_NAME_SIZE];
};

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.arena = arena_new()};
    rig->path = folder_new(rig->arena);
    rig->folder = files_open_folder(rig->path, false);
}

static void rig_release(struct rig *rig)
{
    pack_writer_release(&rig->writer);
    close(rig->folder);
    folder_remove(rig->path);
    arena_free(rig->arena);
}

static struct hash128 hash_of(uint64_t number)
{
    return (struct hash128){number, 0};
}

static void add(struct rig *rig, uint64_t number, const char *text)
{
    ck_assert_int_eq(pack_add(&rig->writer, rig->folder, hash_of(number), str_of(text), 5), 0);
}

static void finish(struct rig *rig)
{
    ck_assert_int_eq(pack_finish(&rig->writer, 1, rig->name), 0);
}

static void check_entry(const struct pack *pack, uint64_t number, const char *text)
{
    char bytes[100] = {0};
    uint32_t index = pack_find(pack, hash_of(number));

    ck_assert_uint_lt(index, pack->count);
    ck_assert_uint_eq(pack->records[index].used, 5);
    ck_assert_uint_eq(pack->records[index].size, strlen(text));
    ck_assert(pack_read(pack, &pack->records[index], bytes));
    ck_assert_str_eq(bytes, text);
}

START_TEST(what_is_added_is_found)
{
    struct rig rig;
    struct pack pack;

    rig_init(&rig);
    add(&rig, 7, "seven");
    add(&rig, 3, "three");
    add(&rig, 9, "");
    add(&rig, 3, "again");
    finish(&rig);
    ck_assert(pack_open(&pack, rig.folder, rig.name, 1));
    ck_assert_uint_eq(pack.count, 3);
    check_entry(&pack, 7, "seven");
    check_entry(&pack, 3, "three");
    check_entry(&pack, 9, "");
    ck_assert_uint_eq(pack_find(&pack, hash_of(1)), UINT32_MAX);
    ck_assert_uint_eq(pack_find(&pack, hash_of(8)), UINT32_MAX);
    ck_assert_uint_eq(pack_find(&pack, hash_of(10)), UINT32_MAX);
    pack_release(&pack);
    rig_release(&rig);
}
END_TEST

START_TEST(a_pack_may_be_empty)
{
    struct rig rig;
    struct pack pack;

    rig_init(&rig);
    add(&rig, 7, "seven");
    vec_clear(&rig.writer.records);
    finish(&rig);
    ck_assert(pack_open(&pack, rig.folder, rig.name, 1));
    ck_assert_uint_eq(pack_find(&pack, hash_of(7)), UINT32_MAX);
    pack_release(&pack);
    rig_release(&rig);
}
END_TEST

START_TEST(another_version_is_not_opened)
{
    struct rig rig;
    struct pack pack;

    rig_init(&rig);
    add(&rig, 7, "seven");
    finish(&rig);
    ck_assert(!pack_open(&pack, rig.folder, rig.name, 2));
    ck_assert(!pack_open(&pack, rig.folder, "00000000000000000000000000000000", 1));
    rig_release(&rig);
}
END_TEST

/* The index says something that cannot be, and its checksum fits. */
START_TEST(what_was_altered_on_purpose_is_not_opened)
{
    static const struct {
        uint64_t offset;
        uint32_t size;
        bool good;
    } cases[] = {
        {0, 10, true},
        {10, 0, true},
        {4, 6, true},
        {0, 11, false},
        {11, 0, false},
        {5, UINT32_MAX, false},
        {9, 2, false},
        {UINT64_MAX, 1, false},
        {UINT64_MAX, 0, false},
        {UINT64_MAX - 5, 16, false},
        {(uint64_t)1 << 63, 1, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig rig;
        struct pack pack;
        rig_init(&rig);
        add(&rig, 3, "three");
        add(&rig, 7, "seven");
        rig.writer.records.data[0].offset = cases[i].offset;
        rig.writer.records.data[0].size = cases[i].size;
        finish(&rig);
        bool opened = pack_open(&pack, rig.folder, rig.name, 1);
        ck_assert_msg(opened == cases[i].good, "case %zu", i);
        if (opened) {
            pack_release(&pack);
        }
        rig_release(&rig);
    }
}
END_TEST

static void count_name(void *context, const char *name)
{
    (void)name;
    ++*(int *)context;
}

START_TEST(what_is_not_complete_has_no_name_where_that_is_possible)
{
    struct rig rig;
    int names = 0;

    rig_init(&rig);
    add(&rig, 3, "three");
    ck_assert_int_eq(files_list(rig.folder, count_name, &names), 0);
    ck_assert_int_eq(names, rig.writer.file.is_named);
    finish(&rig);
    names = 0;
    ck_assert_int_eq(files_list(rig.folder, count_name, &names), 0);
    ck_assert_int_eq(names, 1);
    rig_release(&rig);
}
END_TEST

START_TEST(what_is_given_up_leaves_nothing)
{
    struct rig rig;

    rig_init(&rig);
    add(&rig, 3, "three");
    pack_writer_release(&rig.writer);
    ck_assert_int_eq(rmdir(rig.path.ptr), 0);
    ck_assert_int_ne(pack_add(&rig.writer, rig.folder, hash_of(3), STR("three"), 0), 0);
    ck_assert_int_eq(mkdir(rig.path.ptr, 0700), 0);
    rig_release(&rig);
}
END_TEST

Suite *test_pack_suite(void)
{
    Suite *suite = suite_create("pack");
    TCase *tests = tcase_create("pack");

    tcase_add_test(tests, what_is_added_is_found);
    tcase_add_test(tests, a_pack_may_be_empty);
    tcase_add_test(tests, another_version_is_not_opened);
    tcase_add_test(tests, what_was_altered_on_purpose_is_not_opened);
    tcase_add_test(tests, what_is_not_complete_has_no_name_where_that_is_possible);
    tcase_add_test(tests, what_is_given_up_leaves_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
