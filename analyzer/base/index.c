#include "base/index.h"

#include <stdlib.h>
#include <string.h>

#include "racelint/base.h"

/* An index never has more slots than this; past it memory counts as exhausted. */
#define INDEX_CAP_MAX ((size_t)1 << 30)

/* Puts a slot's contents where they belong; there must be a free slot. */
static void index_insert(struct index *index, struct index_slot contents)
{
    size_t at = (size_t)contents.hash & (index->cap - 1);

    while (index->slots[at].next != 0) {
        at = (at + 1) & (index->cap - 1);
    }
    index->slots[at] = contents;
}

static void index_resize(struct index *index, size_t cap)
{
    struct index larger = {.len = index->len, .cap = cap};

    if (cap > INDEX_CAP_MAX) {
        out_of_memory(cap * sizeof *larger.slots);
    }
    larger.slots = memory_resize(NULL, cap * sizeof *larger.slots);
    memset(larger.slots, 0, cap * sizeof *larger.slots);
    for (size_t i = 0; i < index->cap; i++) {
        if (index->slots[i].next != 0) {
            index_insert(&larger, index->slots[i]);
        }
    }
    free(index->slots);
    *index = larger;
}

void index_reserve(struct index *index, size_t count)
{
    size_t cap = index->cap == 0 ? 16 : index->cap;

    while (cap < INDEX_CAP_MAX && count > cap / 4 * 3) {
        cap *= 2;
    }
    if (cap > index->cap) {
        index_resize(index, cap);
    }
}

void index_add(struct index *index, uint64_t hash, uint32_t number)
{
    if (number == INDEX_NONE) {
        BUG("the number %u is reserved", number);
    }
    if ((index->len + 1) * 4 > index->cap * 3) {
        index_resize(index, index->cap == 0 ? 16 : index->cap * 2);
    }
    index_insert(index, (struct index_slot){(uint32_t)hash, number + 1});
    index->len++;
}

void index_release(struct index *index)
{
    free(index->slots);
    *index = (struct index){0};
}
