#include <check.h>

#include "base/hash.h"

/* Known answers: what is stored under a hash must be found by every later build. */
START_TEST(hashes_are_stable)
{
    ck_assert_uint_eq(hash_bytes("", 0), UINT64_C(0x2d06800538d394c2));
    ck_assert_uint_eq(hash_bytes("racelint", 8), hash_bytes(&"xracelint"[1], 8));
    ck_assert_uint_ne(hash_bytes("a\0", 2), hash_bytes("a", 1));
    ck_assert_uint_eq(hash_mix(1, 2), UINT64_C(0x975835de1c9756ce));
}
END_TEST

START_TEST(mix_depends_on_order)
{
    ck_assert_uint_ne(hash_mix(1, 2), hash_mix(2, 1));
    ck_assert_uint_ne(hash_mix(0, 1), hash_mix(1, 0));
    ck_assert_uint_ne(hash_mix(7, 7), hash_mix(7, 8));
}
END_TEST

Suite *test_hash_suite(void)
{
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");

    tcase_add_test(tests, hashes_are_stable);
    tcase_add_test(tests, mix_depends_on_order);
    suite_add_tcase(suite, tests);
    return suite;
}
