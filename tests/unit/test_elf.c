/* Built modules, made here byte by byte: both sizes of words, both orders of bytes, and what is broken. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "extension/elf.h"
#include "racelint/extension.h"

/* A file being made, and what is in it. */
static struct {
    unsigned char bytes[1024];
    bool is_wide, is_big;
} made;

/* What a module has. */
struct content {
    const char *symbol;    /* the one that is defined */
    const char *undefined; /* the one that it calls */
    unsigned slot, value;  /* a pair in its data */
    unsigned flags;        /* of the section of data */
};

/* Where the parts begin. */
enum { STRINGS = 64, SYMBOLS = 192, DATA = 288, HEADERS = 352, SIZE = HEADERS + 4 * 64 };

static void put(size_t at, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        made.bytes[at + (made.is_big ? size - 1 - i : i)] = (unsigned char)(value >> (8 * i));
    }
}

static void put_section(unsigned index, unsigned type, unsigned flags, unsigned offset, unsigned size, unsigned link,
                        unsigned entry_size)
{
    unsigned word = made.is_wide ? 8 : 4;
    size_t at = HEADERS + index * (made.is_wide ? 64U : 40U);

    put(at + 4, 4, type);
    put(at + 8, word, flags);
    put(at + 8 + 2 * word, word, offset);
    put(at + 8 + 3 * word, word, size);
    put(at + 8 + 4 * word, 4, link);
    put(at + 16 + 5 * word, word, entry_size);
}

static struct str make(bool wide, bool big, const struct content *content)
{
    unsigned word = wide ? 8 : 4, entry = wide ? 24 : 16, undefined = (unsigned)strlen(content->symbol) + 2;

    memset(&made, 0, sizeof made);
    made.is_wide = wide;
    made.is_big = big;
    memcpy(made.bytes, "\177ELF", 4);
    made.bytes[4] = wide ? 2 : 1;
    made.bytes[5] = big ? 2 : 1;
    put(16, 2, 3);
    put(wide ? 40 : 32, word, HEADERS);
    put(wide ? 58 : 46, 2, wide ? 64 : 40);
    put(wide ? 60 : 48, 2, 4);
    strcpy((char *)made.bytes + STRINGS + 1, content->symbol);
    strcpy((char *)made.bytes + STRINGS + undefined, content->undefined);
    put(SYMBOLS + entry, 4, 1);
    put(SYMBOLS + entry + (wide ? 6 : 14), 2, 7);
    put(SYMBOLS + 2 * entry, 4, undefined);
    put(DATA + 2 * word, 4, content->slot);
    put(DATA + 3 * word, word, content->value);
    put_section(1, 3, 2, STRINGS, SYMBOLS - STRINGS, 0, 0);
    put_section(2, 11, 2, SYMBOLS, 3 * entry, 1, entry);
    put_section(3, 1, content->flags, DATA, HEADERS - DATA, 0, 0);
    return (struct str){(const char *)made.bytes, SIZE};
}

static enum elf_verdict verdict(struct str bytes)
{
    struct str module;

    return elf_read(bytes, &module);
}

static const struct {
    struct content content;
    enum elf_verdict verdict;
} rows[] = {
    {{"PyInit_fast", "PyModule_Create2", 2, 1, 3}, ELF_SILENT},
    {{"PyInit_fast", "PyModule_Create2", 4, 0, 3}, ELF_SILENT},
    {{"PyInit_fast", "PyModuleDef_Init", 4, 1, 3}, ELF_DECLARES},
    {{"PyInit_fast", "PyModuleDef_Init", 87, 1, 2}, ELF_DECLARES},
    {{"PyInit_fast", "PyModuleDef_Init", 4, 1, 6}, ELF_SILENT}, /* code is no data */
    {{"PyInit_fast", "PyModuleDef_Init", 4, 1, 0}, ELF_SILENT}, /* nor is what is not loaded */
    {{"PyInit_fast", "PyUnstable_Module_SetGIL", 0, 0, 3}, ELF_DECLARES},
    {{"PyInit_fast", "_ZN8pybind116moduleE", 0, 0, 3}, ELF_DECLARES},
    {{"sqrt", "PyInit_fast", 0, 0, 3}, ELF_OTHER},
    {{"PyInit_", "", 0, 0, 3}, ELF_OTHER},
    {{"PyModExport_fast", "PyType_Ready", 4, 0, 3}, ELF_SILENT},
    {{"PyModExport_fast", "PyType_Ready", 4, 1, 3}, ELF_DECLARES},
};

START_TEST(modules_of_every_layout)
{
    for (unsigned layout = 0; layout < 4; layout++) {
        struct str module, bytes = make(layout & 1, layout & 2, &rows[_i].content);
        ck_assert_int_eq(elf_read(bytes, &module), rows[_i].verdict);
        ck_assert(str_equal(module, rows[_i].verdict == ELF_OTHER ? STR("") : STR("fast")));
    }
}
END_TEST

/* A file that is cut off is none, and nothing behind its end is read: it is copied, for the sanitizer to see. */
START_TEST(files_may_end_anywhere)
{
    for (unsigned layout = 0; layout < 4; layout++) {
        struct str bytes = make(layout & 1, layout & 2, &rows[2].content);
        size_t whole = HEADERS + 4 * (layout & 1 ? 64 : 40);
        for (size_t len = 0; len < whole; len++) {
            char *copy = memory_new(len > 0 ? len : 1);
            memcpy(copy, bytes.ptr, len);
            ck_assert_int_eq(verdict((struct str){copy, len}), ELF_OTHER);
            free(copy);
        }
        ck_assert_int_eq(verdict(str_slice(bytes, 0, whole)), ELF_DECLARES);
    }
}
END_TEST

/* No byte can be set so that anything is read that is not there, or that it takes long. */
START_TEST(any_byte_may_be_wrong)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

    for (size_t at = 0; at < SIZE; at++) {
        for (size_t i = 0; i < sizeof values; i++) {
            struct str bytes = make(at & 1, at & 2, &rows[2].content);
            made.bytes[at] = values[i];
            verdict(bytes);
        }
    }
}
END_TEST

static void put_wide(size_t at, unsigned size, uint64_t value)
{
    make(true, false, &rows[0].content);
    put(at, size, value);
}

START_TEST(hostile_numbers)
{
    static const struct {
        size_t at;
        unsigned size;
        uint64_t value;
        enum elf_verdict verdict;
    } numbers[] = {
        {4, 1, 3, ELF_OTHER}, /* no such class */
        {4, 1, 0, ELF_OTHER},
        {5, 1, 0, ELF_OTHER},                           /* no such order */
        {5, 1, 2, ELF_OTHER},                           /* the other order */
        {16, 2, 2, ELF_OTHER},                          /* a program */
        {40, 8, 0, ELF_OTHER},                          /* no sections */
        {40, 8, UINT64_MAX, ELF_OTHER},                 /* far behind the end */
        {40, 8, UINT64_MAX - 63, ELF_OTHER},            /* the end wraps around */
        {58, 2, 8, ELF_OTHER},                          /* headers too small */
        {60, 2, 0xffff, ELF_OTHER},                     /* more than there are */
        {HEADERS + 64 + 24, 8, UINT64_MAX, ELF_OTHER},  /* strings elsewhere */
        {HEADERS + 64 + 32, 8, UINT64_MAX, ELF_OTHER},  /* strings without end */
        {HEADERS + 128 + 24, 8, UINT64_MAX, ELF_OTHER}, /* symbols elsewhere */
        {HEADERS + 128 + 32, 8, UINT64_MAX, ELF_OTHER}, /* symbols without end */
        {HEADERS + 128 + 40, 4, 4, ELF_OTHER},          /* strings in no section */
        {HEADERS + 128 + 56, 8, 0, ELF_OTHER},          /* symbols without a size */
        {HEADERS + 192 + 24, 8, UINT64_MAX, ELF_SILENT},
        {HEADERS + 192 + 32, 8, UINT64_MAX, ELF_SILENT},
        {HEADERS + 192 + 32, 8, 4, ELF_SILENT},   /* smaller than a slot */
        {SYMBOLS + 24, 4, 0xffffffff, ELF_OTHER}, /* a name elsewhere */
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_wide(numbers[i].at, numbers[i].size, numbers[i].value);
        ck_assert_msg(verdict((struct str){(const char *)made.bytes, SIZE}) == numbers[i].verdict, "number %zu", i);
    }
}
END_TEST

/* Other builds of Python cannot load a module whose name has a tag, so what it says does not matter. */
START_TEST(names_tell_who_may_load_a_module)
{
    static const struct {
        const char *path;
        bool counts;
    } names[] = {
        {"pkg/fast.cpython-314t-x86_64-linux-gnu.so", true},
        {"pkg.d/fast.so", true},
        {"fast.abi3t.so", true},
        {"fast.cpython-314-x86_64-linux-gnu.so", false},
        {"fast.cpython-314d-x86_64-linux-gnu.so", false},
        {"fast.abi3.so", false},
        {"fast.pypy311-pp73-x86_64-linux-gnu.so", false},
        {"fast.cpython-", false},
        {"fast", false},
    };
    struct str bytes = make(true, false, &rows[0].content);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct source_file file = {.path = str_of(names[i].path)};
        struct extension *extension = extension_scan_built(&file, bytes);
        ck_assert_msg((extension != NULL) == names[i].counts, "%s", names[i].path);
        if (extension != NULL) {
            ck_assert_uint_eq(extension->hazard_count, 1);
            ck_assert(str_equal(extension->hazards[0].name, STR("fast")));
            ck_assert(!extension->hazards[0].is_sure);
        }
        extension_free(extension);
    }
}
END_TEST

Suite *test_elf_suite(void)
{
    Suite *suite = suite_create("elf");
    TCase *tcase = tcase_create("elf");

    tcase_add_loop_test(tcase, modules_of_every_layout, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tcase, files_may_end_anywhere);
    tcase_add_test(tcase, any_byte_may_be_wrong);
    tcase_add_test(tcase, hostile_numbers);
    tcase_add_test(tcase, names_tell_who_may_load_a_module);
    suite_add_tcase(suite, tcase);
    return suite;
}
