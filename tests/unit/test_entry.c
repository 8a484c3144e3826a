#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "racelint/frontend.h"
#include "store/entry.h"
#include "tests/unit/lowered.h"

static const char source[] = "import threading\n"
                             "__all__ = ['Cache', 'b\\xff']\n"
                             "class Cache(dict):\n"
                             "    '''Thread-safe.'''\n"
                             "    @staticmethod\n"
                             "    def get(key: int, *rest, default=None) -> str:\n"
                             "        # racelint: ignore[RL101] known\n"
                             "        def inner():\n"
                             "            return key + len(rest)\n"
                             "        for item in rest:\n"
                             "            if item is None:\n"
                             "                break\n"
                             "        return inner() or default\n"
                             "def broken(:\n"
                             "    pass\n"
                             "if __name__ == '__main__':\n"
                             "    print(b'\\xff')\n";

/* The text lowered, and its entry. */
struct sample {
    struct frontend *frontend;
    struct lowered lowered;
    struct entry_key key;
    struct str bytes; /* malloc memory */
};

static void sample_init(struct sample *sample)
{
    sample->frontend = frontend_new();
    lowered_init(&sample->lowered, sample->frontend, "a.py", STR(source));
    sample->key = entry_key_of(7, sample->lowered.file.text);
    sample->bytes = entry_write(&sample->key, sample->lowered.module, sample->lowered.diagnostics, 1234);
    ck_assert_ptr_nonnull(sample->bytes.ptr);
}

static void sample_release(struct sample *sample)
{
    free((char *)(uintptr_t)sample->bytes.ptr); /* entry_write() made it */
    lowered_release(&sample->lowered);
    frontend_free(sample->frontend);
}

/* What reading gives. */
struct reading {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct ir_module *module;
    uint32_t cost;
};

/* Reads bytes as an entry of a key. */
static void reading_init(struct reading *reading, struct str bytes, const struct entry_key *key, const char *path)
{
    *reading = (struct reading){.arena = arena_new(), .diagnostics = diagnostics_new()};
    void *copy = arena_alloc(reading->arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    reading->module =
        entry_read(reading->arena, copy, bytes.len, key, str_of(path), reading->diagnostics, &reading->cost);
}

static void reading_release(struct reading *reading)
{
    arena_free(reading->arena);
    diagnostics_free(reading->diagnostics);
}

static bool is_read(struct str bytes, const struct entry_key *key)
{
    struct reading reading;
    reading_init(&reading, bytes, key, "a.py");
    bool result = reading.module != NULL;
    ck_assert(result || diagnostics_count(reading.diagnostics) == 0);
    reading_release(&reading);
    return result;
}

START_TEST(what_is_read_is_what_was_written)
{
    struct sample sample;
    struct reading reading;
    char *before = NULL, *after = NULL;

    sample_init(&sample);
    reading_init(&reading, sample.bytes, &sample.key, "a.py");
    ck_assert_ptr_nonnull(reading.module);
    ck_assert_uint_eq(reading.cost, 1234);
    ir_print(sample.lowered.module, sample.lowered.file.text, &before);
    ir_print(reading.module, sample.lowered.file.text, &after);
    ck_assert_str_eq(before, after);
    ck_assert(reading.module->has_all && reading.module->main_guard && !reading.module->is_stub);
    ck_assert_uint_eq(reading.module->all_count, 2);
    ck_assert_uint_eq(reading.module->comment_count, 1);
    ck_assert_uint_gt(reading.module->error_count, 0);
    ck_assert_uint_gt(diagnostics_count(reading.diagnostics), 0);
    ck_assert_uint_eq(diagnostics_count(reading.diagnostics), diagnostics_count(sample.lowered.diagnostics));
    for (size_t i = 0; i < diagnostics_count(reading.diagnostics); i++) {
        const struct diagnostic *wanted = diagnostics_at(sample.lowered.diagnostics, i);
        const struct diagnostic *item = diagnostics_at(reading.diagnostics, i);
        ck_assert(str_equal(wanted->path, item->path) && str_equal(wanted->message, item->message));
        ck_assert_uint_eq(wanted->line, item->line);
        ck_assert_str_eq(wanted->code, item->code);
    }
    free(before);
    free(after);
    reading_release(&reading);
    sample_release(&sample);
}
END_TEST

START_TEST(the_path_is_not_part_of_an_entry)
{
    struct sample sample;
    struct reading reading;

    sample_init(&sample);
    reading_init(&reading, sample.bytes, &sample.key, "lib/b.pyi");
    ck_assert_ptr_nonnull(reading.module);
    ck_assert(str_equal(reading.module->path, STR("lib/b.pyi")));
    ck_assert(reading.module->is_stub);
    ck_assert(str_equal(diagnostics_at(reading.diagnostics, 0)->path, STR("lib/b.pyi")));
    reading_release(&reading);
    sample_release(&sample);
}
END_TEST

START_TEST(an_entry_is_good_for_its_key_only)
{
    struct sample sample;

    sample_init(&sample);
    struct entry_key keys[] = {entry_key_of(8, sample.lowered.file.text), entry_key_of(7, STR("x = 1\n")), sample.key,
                               sample.key};
    keys[2].text_size++;
    keys[3].version++;
    ck_assert(is_read(sample.bytes, &sample.key));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ck_assert_msg(!is_read(sample.bytes, &keys[i]), "key %zu", i);
    }
    sample_release(&sample);
}
END_TEST

START_TEST(an_entry_of_any_other_length_is_not_read)
{
    struct sample sample;
    char *longer;

    sample_init(&sample);
    for (size_t size = 0; size < sample.bytes.len; size++) {
        ck_assert_msg(!is_read(str_slice(sample.bytes, 0, size), &sample.key), "%zu bytes", size);
    }
    longer = memory_new(sample.bytes.len + 4);
    memcpy(longer, sample.bytes.ptr, sample.bytes.len);
    entry_seal(longer, sample.bytes.len + 4);
    ck_assert(!is_read((struct str){longer, sample.bytes.len + 4}, &sample.key));
    free(longer);
    sample_release(&sample);
}
END_TEST

START_TEST(no_changed_bit_goes_unnoticed)
{
    struct sample sample;

    sample_init(&sample);
    char *bytes = (char *)(uintptr_t)sample.bytes.ptr; /* entry_write() made it */
    for (size_t i = 0; i < sample.bytes.len; i++) {
        char bit = (char)(1 << i % 8);
        bytes[i] ^= bit;
        ck_assert_msg(!is_read(sample.bytes, &sample.key), "byte %zu", i);
        bytes[i] ^= bit;
    }
    ck_assert(is_read(sample.bytes, &sample.key));
    sample_release(&sample);
}
END_TEST

/* Whoever changes an entry on purpose can make the checksum fit. What is then taken must be as sound as any module. */
static void check_changed(const struct sample *sample, struct str bytes)
{
    struct reading reading;
    struct str message;
    char *printed = NULL;

    reading_init(&reading, bytes, &sample->key, "a.py");
    if (reading.module != NULL) {
        ck_assert_msg(ir_verify(reading.module, &message), "%.*s", STR_FMT(message));
        ir_print(reading.module, sample->lowered.file.text, &printed);
        free(printed);
    }
    reading_release(&reading);
}

START_TEST(what_was_altered_on_purpose_does_no_harm)
{
    static const uint32_t values[] = {0, 1, 2, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
    struct sample sample;

    sample_init(&sample);
    char *bytes = (char *)(uintptr_t)sample.bytes.ptr; /* entry_write() made it */
    for (size_t at = 0; at + 4 <= sample.bytes.len; at += 4) {
        uint32_t kept;
        memcpy(&kept, bytes + at, sizeof kept);
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            memcpy(bytes + at, &values[i], sizeof kept);
            entry_seal(bytes, sample.bytes.len);
            check_changed(&sample, sample.bytes);
        }
        for (uint32_t near = kept - 2; near != kept + 3; near++) {
            memcpy(bytes + at, &near, sizeof kept);
            entry_seal(bytes, sample.bytes.len);
            check_changed(&sample, sample.bytes);
        }
        memcpy(bytes + at, &kept, sizeof kept);
    }
    sample_release(&sample);
}
END_TEST

Suite *test_entry_suite(void)
{
    Suite *suite = suite_create("entry");
    TCase *tests = tcase_create("entry");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_is_read_is_what_was_written);
    tcase_add_test(tests, the_path_is_not_part_of_an_entry);
    tcase_add_test(tests, an_entry_is_good_for_its_key_only);
    tcase_add_test(tests, an_entry_of_any_other_length_is_not_read);
    tcase_add_test(tests, no_changed_bit_goes_unnoticed);
    tcase_add_test(tests, what_was_altered_on_purpose_does_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
