#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "source/comments.h"

/* Prints the directives of a comment: "ignore(RL201,x)[reason]; guarded(self._lock)". */
static void expect(const char *comment, const char *expected)
{
    static const char *const words[] = {"ignore", "noqa", "skip-file", "guarded", "requires", "malformed"};
    struct arena *arena = arena_new();
    const struct directive *found;
    uint32_t count = comment_directives(str_of(comment), arena, &found);
    struct buf text = {0};

    buf_add(&text, STR(""));
    for (uint32_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%s(", i > 0 ? "; " : "", words[found[i].kind]);
        for (uint32_t j = 0; j < found[i].item_count; j++) {
            buf_printf(&text, "%s%.*s", j > 0 ? "," : "", STR_FMT(found[i].items[j]));
        }
        buf_printf(&text, ")");
        if (found[i].reason.len > 0) {
            buf_printf(&text, "[%.*s]", STR_FMT(found[i].reason));
        }
    }
    ck_assert_msg(strcmp(text.ptr, expected) == 0, "%s: %s", comment, text.ptr);
    buf_release(&text);
    arena_free(arena);
}

START_TEST(ignore)
{
    expect("# racelint: ignore", "ignore()");
    expect("# racelint: ignore[RL201]", "ignore(RL201)");
    expect("#racelint:ignore[ RL201 , check-then-use ]  only the GUI thread  ",
           "ignore(RL201,check-then-use)[only the GUI thread]");
    expect("# RaceLint: Ignore[RL2] x", "ignore(RL2)[x]");
    expect("# racelint: ignore because it is read-only", "ignore()[because it is read-only]");
    expect("# racelint: skip-file", "skip-file()");
}
END_TEST

START_TEST(what_is_wrong_is_malformed)
{
    expect("# racelint: ignore[RL201", "malformed(ignore[RL201)");
    expect("# racelint: ignore[]", "malformed(ignore[])");
    expect("# racelint: ignore[RL201,]", "malformed(ignore[RL201,])");
    expect("# racelint: ignored", "malformed(ignored)");
    expect("# racelint: ", "malformed()");
    expect("# racelint: requires self._lock", "malformed(requires self._lock)");
    expect("# racelint: skip-files", "malformed(skip-files)");
}
END_TEST

START_TEST(prose_says_nothing)
{
    expect("", "");
    expect("#", "");
    expect("# an ordinary comment", "");
    expect("# racelint is a tool", "");
    expect("# see racelint: ignore", "");
    expect("# racelintx: ignore", "");
    expect("#!/usr/bin/env python3", "");
}
END_TEST

START_TEST(noqa)
{
    expect("# noqa: RL201", "noqa(RL201)");
    expect("# NoQA:RL201,F401 E501 the reason", "noqa(RL201,F401,E501)");
    expect("# noqa", "");
    expect("# noqa:", "");
    expect("# noqa: because", "");
    expect("# noqa-file", "");
}
END_TEST

START_TEST(guards)
{
    expect("# guarded by self._lock", "guarded(self._lock)");
    expect("# Guarded by: `self._lock`.", "guarded(self._lock)");
    expect("# guarded-by _lock (see close())", "guarded(_lock)");
    expect("# guarded by module.lock, always", "guarded(module.lock)");
    expect("# guarded by verrou\xC3\xA9", "guarded(verrou\xC3\xA9)");
    expect("# guarded by the lock of the cache", "");
    expect("# guarded by `self._lock", "");
    expect("# guarded by", "");
    expect("# guarded by (nothing)", "");
    expect("# racelint: requires(self._lock)", "requires(self._lock)");
    expect("# racelint: requires( a._lock , b._lock ) for now", "requires(a._lock,b._lock)");
}
END_TEST

START_TEST(one_comment_may_say_several_things)
{
    expect("# type: ignore  # noqa: RL201  # racelint: ignore[RL301] why # guarded by x",
           "noqa(RL201); ignore(RL301)[why]; guarded(x)");
}
END_TEST

START_TEST(lists_have_a_limit)
{
    struct buf comment = {0};
    struct arena *arena = arena_new();
    const struct directive *found;

    buf_add(&comment, STR("# racelint: ignore[RL101"));
    for (size_t i = 0; i < 100; i++) {
        buf_add(&comment, STR(",RL101"));
    }
    buf_add_char(&comment, ']');
    ck_assert_uint_eq(comment_directives(buf_str(&comment), arena, &found), 1);
    ck_assert_int_eq(found[0].kind, DIRECTIVE_MALFORMED);
    buf_release(&comment);
    arena_free(arena);
}
END_TEST

Suite *test_comments_suite(void)
{
    Suite *suite = suite_create("comments");
    TCase *tests = tcase_create("comments");

    tcase_add_test(tests, ignore);
    tcase_add_test(tests, what_is_wrong_is_malformed);
    tcase_add_test(tests, prose_says_nothing);
    tcase_add_test(tests, noqa);
    tcase_add_test(tests, guards);
    tcase_add_test(tests, one_comment_may_say_several_things);
    tcase_add_test(tests, lists_have_a_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
