#include <check.h>

#include "store/repository.h"
#include "tests/unit/folder.h"

static void check_prefix(struct str folder, const char *expected)
{
    struct buf prefix = {0};
    repository_add_prefix(&prefix, folder);
    ck_assert_msg(str_equal(buf_str(&prefix), str_of(expected)), "%.*s: %.*s", STR_FMT(folder),
                  STR_FMT(buf_str(&prefix)));
    buf_release(&prefix);
}

START_TEST(the_prefix_is_the_way_from_the_top)
{
    struct arena *arena = arena_new();
    struct str top = folder_new(arena);
    folder_make(top, "code/.git");
    folder_make(top, "code/services/shop");
    folder_write(top, "code/vendored/part/.git", "gitdir: elsewhere\n");
    folder_make(top, "code/vendored/part/inner");
    check_prefix(folder_path(arena, top, "code"), "");
    check_prefix(folder_path(arena, top, "code/services/shop"), "services/shop/");
    check_prefix(folder_path(arena, top, "code/vendored/part"), "");
    check_prefix(folder_path(arena, top, "code/vendored/part/inner"), "inner/");
    folder_remove(top);
    arena_free(arena);
}
END_TEST

START_TEST(without_a_repository_there_is_none)
{
    check_prefix(STR("/"), "");
    check_prefix(STR(""), "");
    check_prefix(STR("/dev/null/no/such/folder"), "");
}
END_TEST

Suite *test_repository_suite(void)
{
    Suite *suite = suite_create("repository");
    TCase *tests = tcase_create("repository");
    tcase_add_test(tests, the_prefix_is_the_way_from_the_top);
    tcase_add_test(tests, without_a_repository_there_is_none);
    suite_add_tcase(suite, tests);
    return suite;
}
