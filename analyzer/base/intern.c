#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"

/* Ids above this are refused: 2^28 distinct names fit no real program. It is also the limit of a VEC. */
#define INTERN_MAX ((uint32_t)VEC_MAX)

/* How many slots a table has at first, and how many are worth being cleared for each string that it held. */
enum { SLOTS_FIRST = 64, CLEARED_SLOTS = 16 };

/* A string and the low half of its hash, which spares most comparisons and all hashing when the table grows. */
struct entry {
    struct str text; /* in the arena */
    uint32_t hash;
};

struct intern {
    struct arena *arena;       /* owns the texts */
    VEC(struct entry) entries; /* by id; entry 0 is the empty string */
    uint32_t *slots;           /* an open-addressing table of ids, linear probing; 0 marks a free slot */
    size_t cap;                /* number of slots, a power of two, at most 3/4 of them taken */
};

struct intern *intern_new(void)
{
    struct intern *table = memory_new(sizeof *table);

    table->arena = arena_new();
    table->cap = SLOTS_FIRST;
    table->slots = memory_new(table->cap * sizeof *table->slots);
    vec_push(&table->entries, (struct entry){.text = STR("")});
    return table;
}

void intern_free(struct intern *table)
{
    if (table != NULL) {
        arena_free(table->arena);
        vec_release(&table->entries);
        free(table->slots);
        free(table);
    }
}

void intern_clear(struct intern *table)
{
    /* A table that was far too large this time is let go: it may be cleared many times before it is filled again. */
    if (table->cap > SLOTS_FIRST && table->cap > CLEARED_SLOTS * table->entries.len) {
        free(table->slots);
        table->cap = SLOTS_FIRST;
        table->slots = memory_new(table->cap * sizeof *table->slots);
    } else {
        memset(table->slots, 0, table->cap * sizeof *table->slots);
    }
    table->entries.len = 1;
    arena_clear(table->arena);
}

/* The slot of the string, or the free one where it belongs. */
static size_t intern_slot(const struct intern *table, struct str s, uint32_t hash)
{
    size_t slot = hash & (table->cap - 1);

    while (table->slots[slot] != 0) {
        const struct entry *entry = &table->entries.data[table->slots[slot]];
        if (entry->hash == hash && str_equal(entry->text, s)) {
            break;
        }
        slot = (slot + 1) & (table->cap - 1);
    }
    return slot;
}

static void intern_grow(struct intern *table)
{
    size_t cap = table->cap * 2;
    uint32_t *slots = memory_new(cap * sizeof *slots);

    for (uint32_t id = 1; id < table->entries.len; id++) {
        size_t slot = table->entries.data[id].hash & (cap - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (cap - 1);
        }
        slots[slot] = id;
    }
    free(table->slots);
    table->slots = slots;
    table->cap = cap;
}

uint32_t intern_id(struct intern *table, struct str s)
{
    if (s.len == 0) {
        return 0;
    }
    uint32_t hash = (uint32_t)hash_bytes(s.ptr, s.len);
    size_t slot = intern_slot(table, s, hash);

    if (table->slots[slot] != 0) {
        return table->slots[slot];
    }
    if (table->entries.len >= INTERN_MAX) {
        out_of_memory(s.len);
    }
    if ((table->entries.len + 1) * 4 > table->cap * 3) {
        intern_grow(table);
        slot = intern_slot(table, s, hash);
    }
    uint32_t id = (uint32_t)table->entries.len;
    vec_push(&table->entries, (struct entry){arena_str(table->arena, s), hash});
    table->slots[slot] = id;
    return id;
}

uint32_t intern_find(const struct intern *table, struct str s)
{
    if (s.len == 0) {
        return 0;
    }
    return table->slots[intern_slot(table, s, (uint32_t)hash_bytes(s.ptr, s.len))];
}

struct str intern_str(const struct intern *table, uint32_t id)
{
    if (id >= table->entries.len) {
        BUG("intern id %u of %zu", id, table->entries.len);
    }
    return table->entries.data[id].text;
}

uint32_t intern_count(const struct intern *table)
{
    return (uint32_t)table->entries.len;
}
