#include <check.h>

#include "source/inodes.h"

START_TEST(each_inode_is_added_once)
{
    struct inode_set set = {0};

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            struct stat status = {.st_dev = i % 7, .st_ino = i / 7};
            ck_assert(inode_set_add(&set, &status) == (round == 0));
        }
    }
    ck_assert_uint_eq(set.items.len, 1000);
    inode_set_release(&set);
}
END_TEST

Suite *test_inodes_suite(void)
{
    Suite *suite = suite_create("inodes");
    TCase *tests = tcase_create("inodes");

    tcase_add_test(tests, each_inode_is_added_once);
    suite_add_tcase(suite, tests);
    return suite;
}
