#include <check.h>
#include <string.h>

#include "racelint/base.h"
#include "tests/unit/child.h"

static bool is_zero(const unsigned char *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (p[i] != 0) {
            return false;
        }
    }
    return true;
}

START_TEST(memory_is_zeroed_aligned_and_distinct)
{
    struct arena *arena = arena_new();
    unsigned char *objects[2000];

    for (size_t i = 0; i < 2000; i++) {
        size_t size = i % 67;
        objects[i] = arena_alloc(arena, size);
        ck_assert_uint_eq((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        ck_assert(is_zero(objects[i], size));
        memset(objects[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t at = 0; at < i % 67; at++) {
            ck_assert_uint_eq(objects[i][at], i % 251);
        }
    }
    arena_free(arena);
}
END_TEST

START_TEST(memory_is_zeroed_after_clear)
{
    struct arena *arena = arena_new();

    memset(arena_alloc(arena, 4096), 0xFF, 4096);
    arena_clear(arena);
    ck_assert(is_zero(arena_alloc(arena, 4096), 4096));
    arena_free(arena);
}
END_TEST

START_TEST(large_objects_fit)
{
    struct arena *arena = arena_new();
    size_t size = (size_t)5 << 20;
    unsigned char *large = arena_alloc(arena, size);

    ck_assert(is_zero(large, size));
    large[size - 1] = 1;
    ck_assert(is_zero(arena_alloc(arena, 16), 16));
    arena_free(arena);
}
END_TEST

START_TEST(used_counts_what_was_asked_for)
{
    struct arena *arena = arena_new();

    ck_assert_uint_eq(arena_used(arena), 0);
    arena_alloc(arena, 3);
    arena_array(arena, 5, 7);
    ck_assert_uint_eq(arena_used(arena), 38);
    arena_clear(arena);
    ck_assert_uint_eq(arena_used(arena), 0);
    arena_clear(arena);
    arena_free(arena);
    arena_free(NULL);
}
END_TEST

START_TEST(reserved_memory_is_used_before_other)
{
    struct arena *arena = arena_new();

    arena_reserve(arena, 100000, 3);
    char *first = arena_alloc(arena, 50001);
    char *second = arena_alloc(arena, 49998);
    char *third = arena_alloc(arena, 1);
    ck_assert(is_zero((unsigned char *)first, 50001) && is_zero((unsigned char *)second, 49998) && *third == 0);
#ifndef RACELINT_ARENA_MALLOC
    ck_assert(second >= first + 50001 && second < first + 50001 + 2 * _Alignof(max_align_t));
    ck_assert(third >= second + 49998 && third < second + 49998 + 2 * _Alignof(max_align_t));
#endif
    ck_assert_uint_eq(arena_used(arena), 100000);
    arena_free(arena);
}
END_TEST

START_TEST(space_is_memory_of_its_own)
{
    struct arena *arena = arena_new();
    unsigned char *before = arena_alloc(arena, 3);
    unsigned char *space = arena_space(arena, 20000);

    ck_assert_uint_eq((uintptr_t)space % _Alignof(max_align_t), 0);
    memset(space, 0xFF, 20000);
    ck_assert(is_zero(before, 3));
    ck_assert(is_zero(arena_alloc(arena, 100), 100));
    ck_assert_uint_eq(arena_used(arena), 20103);
    arena_free(arena);
}
END_TEST

START_TEST(copy_keeps_the_bytes)
{
    struct arena *arena = arena_new();
    uint32_t original[] = {7, 8, 9};
    const uint32_t *copy = arena_copy(arena, original, 3, sizeof *original);

    original[1] = 0;
    ck_assert_uint_eq(copy[0] + copy[1] + copy[2], 24);
    ck_assert_ptr_nonnull(arena_copy(arena, NULL, 0, sizeof *original));
    arena_free(arena);
}
END_TEST

START_TEST(str_copies_and_ends_in_nul)
{
    struct arena *arena = arena_new();
    char original[] = {'a', '\0', 'b'};
    struct str copy = arena_str(arena, (struct str){original, 3});

    original[0] = 'x';
    ck_assert(str_equal(copy, STR("a\0b")));
    ck_assert_int_eq(copy.ptr[3], '\0');
    copy = arena_str(arena, (struct str){NULL, 0});
    ck_assert_uint_eq(copy.len, 0);
    ck_assert_str_eq(copy.ptr, "");
    arena_free(arena);
}
END_TEST

START_TEST(printf_formats)
{
    struct arena *arena = arena_new();
    struct str text = arena_printf(arena, "%s:%d", "cache.py", 12);

    ck_assert_str_eq(text.ptr, "cache.py:12");
    ck_assert_uint_eq(text.len, 11);
    ck_assert_uint_eq(arena_printf(arena, "%s", "").len, 0);
    for (int length = 250; length < 260; length++) {
        text = arena_printf(arena, "%*d", length, 1);
        ck_assert_uint_eq(text.len, (size_t)length);
        ck_assert_uint_eq(strlen(text.ptr), text.len);
        ck_assert_int_eq(text.ptr[length - 1], '1');
    }
    ck_assert_uint_eq(arena_printf(arena, "%100000d", 1).len, 100000);
    arena_free(arena);
}
END_TEST

static void overflow_array(void *context)
{
    arena_array(context, SIZE_MAX / 4, 8);
}

static void overflow_copy(void *context)
{
    arena_copy(context, "", SIZE_MAX / 4, 8);
}

static void exhaust(void *context)
{
    arena_alloc(context, SIZE_MAX - 8);
}

static void exhaust_str(void *context)
{
    arena_str(context, (struct str){"", SIZE_MAX});
}

START_TEST(too_much_ends_with_a_message)
{
    void (*const cases[])(void *) = {overflow_array, overflow_copy, exhaust, exhaust_str};
    struct arena *arena = arena_new();
    char errors[200];

    ck_assert_int_eq(child_run(cases[_i], arena, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "racelint: out of memory"));
    arena_free(arena);
}
END_TEST

Suite *test_arena_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");

    tcase_add_test(tests, memory_is_zeroed_aligned_and_distinct);
    tcase_add_test(tests, memory_is_zeroed_after_clear);
    tcase_add_test(tests, large_objects_fit);
    tcase_add_test(tests, used_counts_what_was_asked_for);
    tcase_add_test(tests, reserved_memory_is_used_before_other);
    tcase_add_test(tests, space_is_memory_of_its_own);
    tcase_add_test(tests, copy_keeps_the_bytes);
    tcase_add_test(tests, str_copies_and_ends_in_nul);
    tcase_add_test(tests, printf_formats);
    tcase_add_loop_test(tests, too_much_ends_with_a_message, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}
