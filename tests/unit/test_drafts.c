#include <check.h>

#include "program/evaluate/contexts.h"
#include "program/records/drafts.h"

static struct program *program;
static struct draft *draft;
static struct context context;

static void setup(void)
{
    program = program_new(&(struct program_options){0});
    draft = draft_new(program);
    context = (struct context){.records = &program->nothing_recorded};
    draft_begin(draft, &context);
}

static void teardown(void)
{
    records_release(program, &context);
    draft_free(draft);
    program_free(program);
}

static struct acc access_at(uint32_t op)
{
    return (struct acc){.context = 1, .op = op, .object = 7, .field = 3};
}

static void add_span(uint32_t first, uint32_t last)
{
    struct span_draft span = {.first = access_at(first), .last = access_at(last), .flags = first};
    vec_push(&draft->spans, span);
}

START_TEST(nothing_recorded_takes_nothing)
{
    draft_keep(draft, &context);
    ck_assert_ptr_eq(context.records, &program->nothing_recorded);
}
END_TEST

START_TEST(what_is_recorded_shows_while_it_is_made)
{
    vec_push(&draft->records.written, ((struct written){.op = 4, .params = 2}));
    ck_assert_uint_eq(context.records->written.len, 1);
    draft_keep(draft, &context);
    ck_assert_uint_eq(context.records->written.data[0].params, 2);
}
END_TEST

START_TEST(lists_are_kept_at_their_size)
{
    for (uint32_t i = 0; i < 5; i++)
        vec_push(&draft->records.accs, access_at(i));
    for (context_id id = 1; id < 4; id++)
        vec_push(&draft->records.callees, id);
    vec_push(&draft->records.returned, ((struct returned){access_at(9), CHECK_IN}));
    draft_keep(draft, &context);
    const struct records *kept = context.records;
    ck_assert_uint_eq(kept->accs.len, 5);
    ck_assert_uint_eq(kept->accs.cap, 5);
    ck_assert_uint_eq(kept->accs.data[4].op, 4);
    ck_assert_uint_eq(kept->callees.len, 3);
    ck_assert_uint_eq(kept->callees.data[2], 3);
    ck_assert_uint_eq(kept->returned.data[0].acc.op, 9);
    ck_assert_uint_eq(kept->returned.data[0].check, CHECK_IN);
    ck_assert_uint_eq(kept->spans.len, 0);
}
END_TEST

START_TEST(spans_point_to_the_accesses)
{
    vec_push(&draft->records.accs, access_at(1));
    vec_push(&draft->records.accs, access_at(2));
    add_span(2, 1);
    draft_keep(draft, &context);
    const struct records *kept = context.records;
    ck_assert_uint_eq(kept->spans.len, 1);
    ck_assert_uint_eq(kept->spans.data[0].flags, 2);
    ck_assert_ptr_eq(kept->spans.data[0].first, &kept->accs.data[1]);
    ck_assert_ptr_eq(kept->spans.data[0].last, &kept->accs.data[0]);
}
END_TEST

/* The access was changed after the span was made, or is one of a callee: no access of the context, but one of a span.
 */
START_TEST(other_accesses_lie_behind)
{
    vec_push(&draft->records.accs, access_at(1));
    add_span(1, 6);
    draft->spans.data[0].first.flags = ACC_NONE;
    add_span(1, 6);
    draft_keep(draft, &context);
    const struct records *kept = context.records;
    ck_assert_uint_eq(kept->accs.len, 1);
    ck_assert_uint_eq(kept->accs.data[0].flags, 0);
    ck_assert_ptr_eq(kept->spans.data[0].first, &kept->accs.data[1]);
    ck_assert_uint_eq(kept->spans.data[0].first->flags, ACC_NONE);
    ck_assert_uint_eq(kept->spans.data[0].last->op, 6);
    ck_assert_ptr_eq(kept->spans.data[1].first, &kept->accs.data[0]);
    ck_assert_ptr_eq(kept->spans.data[1].last, kept->spans.data[0].last);
}
END_TEST

START_TEST(announcements_without_a_use_have_none)
{
    struct announced_draft tested = {.flag = access_at(1), .outcome = ANNOUNCED_TESTED};
    struct announced_draft used = {.flag = access_at(1), .data = access_at(2), .outcome = ANNOUNCED_TRUE};
    vec_push(&draft->announced, tested);
    vec_push(&draft->announced, used);
    draft_keep(draft, &context);
    const struct records *kept = context.records;
    ck_assert_uint_eq(kept->accs.len, 0);
    ck_assert_uint_eq(kept->announced.len, 2);
    ck_assert_ptr_null(kept->announced.data[0].data);
    ck_assert_ptr_eq(kept->announced.data[1].flag, kept->announced.data[0].flag);
    ck_assert_uint_eq(kept->announced.data[1].data->op, 2);
    ck_assert_uint_eq(kept->announced.data[1].outcome, ANNOUNCED_TRUE);
}
END_TEST

START_TEST(another_evaluation_replaces_the_last_one)
{
    vec_push(&draft->records.accs, access_at(1));
    add_span(1, 1);
    draft_keep(draft, &context);
    draft_begin(draft, &context);
    ck_assert_uint_eq(context.records->accs.len, 0);
    vec_push(&draft->records.accs, access_at(8));
    draft_keep(draft, &context);
    ck_assert_uint_eq(context.records->accs.len, 1);
    ck_assert_uint_eq(context.records->accs.data[0].op, 8);
    ck_assert_uint_eq(context.records->spans.len, 0);
}
END_TEST

Suite *test_drafts_suite(void)
{
    Suite *suite = suite_create("drafts");
    TCase *tcase = tcase_create("drafts");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_recorded_takes_nothing);
    tcase_add_test(tcase, what_is_recorded_shows_while_it_is_made);
    tcase_add_test(tcase, lists_are_kept_at_their_size);
    tcase_add_test(tcase, spans_point_to_the_accesses);
    tcase_add_test(tcase, other_accesses_lie_behind);
    tcase_add_test(tcase, announcements_without_a_use_have_none);
    tcase_add_test(tcase, another_evaluation_replaces_the_last_one);
    suite_add_tcase(suite, tcase);
    return suite;
}
