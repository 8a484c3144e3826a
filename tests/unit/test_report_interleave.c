#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "report/interleave.h"

#define AT(number)                                                                                                     \
    {                                                                                                                  \
        .path = {"a.py", 4}, .line = (number), .column = 1, .end_line = (number), .end_column = 5                      \
    }

/* The story as words: "A spawn 1, B read 2"; the number is the line. */
static void check_story(const struct finding *finding, const char *expected)
{
    struct interleaved order[16];
    struct buf out = {0};
    size_t count = interleave_count(finding);
    ck_assert_uint_le(count, 16);
    interleave_steps(finding, order);
    for (size_t i = 0; i < count; i++) {
        char name[8];
        interleave_name(order[i].thread, name, sizeof name);
        buf_printf(&out, "%s%s %s %u", i > 0 ? ", " : "", name, step_effect_text(order[i].step->effect),
                   (unsigned)order[i].step->where.line);
    }
    ck_assert_str_eq(out.ptr != NULL ? out.ptr : "", expected);
    buf_release(&out);
}

START_TEST(the_other_thread_comes_between_read_and_write)
{
    struct finding_step first[] = {{AT(20), STEP_SPAWN, {0}, NULL, 0},
                                   {AT(1), STEP_CALL, {0}, NULL, 0},
                                   {AT(2), STEP_READ, {0}, NULL, 0},
                                   {AT(3), STEP_CALL, {0}, NULL, 0},
                                   {AT(4), STEP_WRITE, {0}, NULL, 0}};
    struct finding_step second[] = {{AT(21), STEP_SPAWN, {0}, NULL, 0}, {AT(9), STEP_UPDATE, {0}, NULL, 0}};
    struct finding_thread threads[] = {{.steps = first, .step_count = 5}, {.steps = second, .step_count = 2}};
    struct finding finding = {.where = AT(4), .threads = threads, .thread_count = 2};

    check_story(&finding, "A spawn 20, B spawn 21, A call 1, A read 2, A call 3, B update 9, A write 4");
}
END_TEST

START_TEST(what_follows_the_last_access_stays_behind_it)
{
    struct finding_step first[] = {
        {AT(2), STEP_CHECK, {0}, NULL, 0}, {AT(4), STEP_DELETE, {0}, NULL, 0}, {AT(5), STEP_RELEASE, {0}, NULL, 0}};
    struct finding_step second[] = {{AT(9), STEP_DELETE, {0}, NULL, 0}};
    struct finding_thread threads[] = {{.steps = first, .step_count = 3}, {.steps = second, .step_count = 1}};
    struct finding finding = {.where = AT(4), .threads = threads, .thread_count = 2};

    check_story(&finding, "A check 2, B delete 9, A delete 4, A release 5");
}
END_TEST

START_TEST(a_lock_is_not_held_while_the_other_thread_takes_it)
{
    struct finding_step first[] = {{AT(1), STEP_ACQUIRE, {0}, NULL, 0}, {AT(2), STEP_READ, {0}, NULL, 0},
                                   {AT(2), STEP_RELEASE, {0}, NULL, 0}, {AT(3), STEP_ACQUIRE, {0}, NULL, 0},
                                   {AT(4), STEP_WRITE, {0}, NULL, 0},   {AT(4), STEP_RELEASE, {0}, NULL, 0}};
    struct finding_thread threads[] = {{.steps = first, .step_count = 6}, {.steps = first, .step_count = 6}};
    struct finding finding = {.where = AT(4), .threads = threads, .thread_count = 2};

    check_story(&finding,
                "A acquire 1, A read 2, A release 2, B acquire 1, B read 2, B release 2, B acquire 3, B write 4, "
                "B release 4, A acquire 3, A write 4, A release 4");
}
END_TEST

START_TEST(with_one_access_a_thread_is_not_cut)
{
    struct finding_step first[] = {{AT(1), STEP_CALL, {0}, NULL, 0}, {AT(4), STEP_ITERATE, {0}, NULL, 0}};
    struct finding_step second[] = {{AT(9), STEP_UPDATE, {0}, NULL, 0}};
    struct finding_thread threads[] = {{.steps = first, .step_count = 2}, {.steps = second, .step_count = 1}};
    struct finding finding = {.where = AT(4), .threads = threads, .thread_count = 2};

    check_story(&finding, "A call 1, A iterate 4, B update 9");
}
END_TEST

START_TEST(a_finding_elsewhere_falls_back_to_the_last_access)
{
    struct finding_step first[] = {
        {AT(2), STEP_READ, {0}, NULL, 0}, {AT(3), STEP_WRITE, {0}, NULL, 0}, {AT(5), STEP_CALL, {0}, NULL, 0}};
    struct finding_step second[] = {{AT(9), STEP_WRITE, {0}, NULL, 0}};
    struct finding_thread threads[] = {{.steps = first, .step_count = 3}, {.steps = second, .step_count = 1}};
    struct finding finding = {.where = AT(40), .threads = threads, .thread_count = 2};

    check_story(&finding, "A read 2, B write 9, A write 3, A call 5");
}
END_TEST

START_TEST(threads_without_steps_have_no_story)
{
    struct finding_thread threads[] = {{.steps = NULL}, {.steps = NULL}};
    struct finding none = {.thread_count = 0}, empty = {.threads = threads, .thread_count = 2};

    check_story(&none, "");
    check_story(&empty, "");
}
END_TEST

START_TEST(names_go_past_the_alphabet)
{
    char name[16];
    interleave_name(0, name, sizeof name);
    ck_assert_str_eq(name, "A");
    interleave_name(25, name, sizeof name);
    ck_assert_str_eq(name, "Z");
    interleave_name(26, name, sizeof name);
    ck_assert_str_eq(name, "T27");
}
END_TEST

START_TEST(a_root_is_its_start_and_name)
{
    struct finding_thread a = {.root = STR("Thread(target=f)"), .where = AT(3)}, same = a, name = a, line = a;
    name.root = STR("Thread(target=g)");
    line.where.line = 4;

    ck_assert(interleave_same_root(&a, &same));
    ck_assert(!interleave_same_root(&a, &name));
    ck_assert(!interleave_same_root(&a, &line));
}
END_TEST

Suite *test_report_interleave_suite(void)
{
    Suite *suite = suite_create("report_interleave");
    TCase *tests = tcase_create("report_interleave");

    tcase_add_test(tests, the_other_thread_comes_between_read_and_write);
    tcase_add_test(tests, what_follows_the_last_access_stays_behind_it);
    tcase_add_test(tests, a_lock_is_not_held_while_the_other_thread_takes_it);
    tcase_add_test(tests, with_one_access_a_thread_is_not_cut);
    tcase_add_test(tests, a_finding_elsewhere_falls_back_to_the_last_access);
    tcase_add_test(tests, threads_without_steps_have_no_story);
    tcase_add_test(tests, names_go_past_the_alphabet);
    tcase_add_test(tests, a_root_is_its_start_and_name);
    suite_add_tcase(suite, tests);
    return suite;
}
