#include "program/records/drafts.h"

#include <stdlib.h>
#include <string.h>

/* The lists of struct records that grow in the draft itself. */
#define EACH_LIST(X) X(accs) X(written) X(returned) X(takings) X(notes) X(callees) X(guessed)

struct draft *draft_new(struct program *p)
{
    struct draft *draft = memory_new(sizeof *draft);
    draft->p = p;
    return draft;
}

void draft_free(struct draft *draft)
{
#define RELEASE(list) vec_release(&draft->records.list);
    EACH_LIST(RELEASE)
#undef RELEASE
    vec_release(&draft->spans);
    vec_release(&draft->announced);
    vec_release(&draft->indices);
    free(draft);
}

void records_release(struct program *p, struct context *c)
{
    if (c->records != &p->nothing_recorded)
        free(c->records);
    c->records = &p->nothing_recorded;
}

void draft_begin(struct draft *draft, struct context *c)
{
    records_release(draft->p, c);
#define CLEAR(list) vec_clear(&draft->records.list);
    EACH_LIST(CLEAR)
#undef CLEAR
    vec_clear(&draft->spans);
    vec_clear(&draft->announced);
    vec_clear(&draft->indices);
    c->records = &draft->records;
}

static bool same_access(const struct acc *a, const struct acc *b)
{
    return a->op == b->op && a->object == b->object && a->field == b->field && a->context == b->context &&
           a->unit == b->unit && a->function == b->function && a->path == b->path && a->kind == b->kind &&
           a->key_constant == b->key_constant && a->key_param == b->key_param && a->flags == b->flags &&
           a->locks == b->locks && a->tokens == b->tokens && a->running == b->running && a->key == b->key &&
           a->stored == b->stored && a->span.start == b->span.start && a->span.end == b->span.end &&
           a->model == b->model && a->inner.unit == b->inner.unit && a->inner.function == b->inner.function &&
           a->inner.span.start == b->inner.span.start && a->inner.span.end == b->inner.span.end;
}

/* The first access of an instruction, as far as they are in the order of instructions: those of a loop's second pass
 * that the first one did not meet come later. */
static uint32_t first_of(const struct draft *draft, uint32_t count, uint32_t op)
{
    const struct acc *accs = draft->records.accs.data;
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (accs[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Finds an access among those of the draft, the first `own` of which are the context's, and notes its index. It is put
 * behind them unless it is there. */
static void index_access(struct draft *draft, uint32_t own, const struct acc *acc)
{
    const struct acc *accs = draft->records.accs.data;
    uint32_t count = (uint32_t)draft->records.accs.len;
    uint32_t i = first_of(draft, own, acc->op);
    while (i < own && accs[i].op == acc->op && !same_access(&accs[i], acc))
        i++;
    if (i == own || accs[i].op != acc->op)
        for (i = 0; i < count && !same_access(&accs[i], acc);)
            i++;
    if (i == count)
        vec_push(&draft->records.accs, *acc);
    vec_push(&draft->indices, i);
}

/* All accesses of spans, then of announcements. */
static void index_accesses(struct draft *draft)
{
    uint32_t own = (uint32_t)draft->records.accs.len;
    for (size_t i = 0; i < draft->spans.len; i++) {
        index_access(draft, own, &draft->spans.data[i].first);
        index_access(draft, own, &draft->spans.data[i].last);
    }
    for (size_t i = 0; i < draft->announced.len; i++) {
        index_access(draft, own, &draft->announced.data[i].flag);
        if (draft->announced.data[i].outcome != ANNOUNCED_TESTED)
            index_access(draft, own, &draft->announced.data[i].data);
    }
}

/* Bytes that a list takes in a block: what comes behind it is aligned. */
static size_t room(size_t count, size_t size)
{
    size_t align = _Alignof(max_align_t);
    return (count * size + align - 1) / align * align;
}

static size_t block_size(const struct draft *draft)
{
    const struct records *records = &draft->records;
    size_t size = room(draft->spans.len, sizeof(struct span)) + room(draft->announced.len, sizeof(struct announced));
#define ADD(list) size += room(records->list.len, sizeof *records->list.data);
    EACH_LIST(ADD)
#undef ADD
    return size == 0 ? 0 : size + room(1, sizeof *records);
}

/* Fills in the spans and announcements of a block, whose room for them begins at `at`. */
static void keep_pointers(const struct draft *draft, struct records *kept, void *at)
{
    const struct acc *accs = kept->accs.data;
    const uint32_t *index = draft->indices.data;
    kept->spans.data = at;
    kept->spans.len = kept->spans.cap = draft->spans.len;
    for (size_t i = 0; i < draft->spans.len; i++) {
        const struct span_draft *from = &draft->spans.data[i];
        kept->spans.data[i] = (struct span){.first = accs + index[0],
                                            .last = accs + index[1],
                                            .via = from->via,
                                            .check = from->check,
                                            .flags = from->flags,
                                            .held = from->held};
        index += 2;
    }
    kept->announced.data = (void *)((char *)at + room(draft->spans.len, sizeof(struct span)));
    kept->announced.len = kept->announced.cap = draft->announced.len;
    for (size_t i = 0; i < draft->announced.len; i++) {
        const struct announced_draft *from = &draft->announced.data[i];
        struct announced *to = &kept->announced.data[i];
        *to = (struct announced){.flag = accs + *index++, .check = from->check, .outcome = from->outcome};
        if (from->outcome != ANNOUNCED_TESTED)
            to->data = accs + *index++;
    }
}

static bool takes_lock(const struct program *p, const struct records *records, set_id held)
{
    for (size_t i = 0; i < records->accs.len; i++)
        if (records->accs.data[i].locks != held && sets_minus(p->sets, records->accs.data[i].locks, held) != 0)
            return true;
    return false;
}

void draft_keep(struct draft *draft, struct context *c)
{
    const struct records *records = &draft->records;
    size_t own = records->accs.len;
    c->takes_lock = takes_lock(draft->p, records, c->locks);
    index_accesses(draft);
    size_t size = block_size(draft);
    c->records = &draft->p->nothing_recorded;
    if (size == 0)
        return;
    char *block = memory_resize(NULL, size), *at = block + room(1, sizeof *records);
    struct records *kept = (void *)block;
#define KEEP(list)                                                                                                     \
    kept->list.data = (void *)at;                                                                                      \
    kept->list.len = kept->list.cap = records->list.len;                                                               \
    if (records->list.len > 0)                                                                                         \
        memcpy(at, records->list.data, records->list.len * sizeof *records->list.data);                                \
    at += room(records->list.len, sizeof *records->list.data);
    EACH_LIST(KEEP)
#undef KEEP
    kept->accs.len = own;
    keep_pointers(draft, kept, at);
    c->records = kept;
}
