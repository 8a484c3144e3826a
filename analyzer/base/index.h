/* index: an open-addressing hash table that finds things by what they are made of, where each has a number already: it
 * holds a hash and a number per slot, and whoever asks looks at the things themselves. That is half of what a map
 * takes, and such tables are looked up too seldom in the same place to stay in a cache.
 *
 *     struct index_probe probe;
 *     for (uint32_t i = index_first(&index, hash, &probe); i != INDEX_NONE; i = index_next(&index, &probe))
 *         if (is_equal(&things[i], key))
 *             return i;
 *     index_add(&index, hash, thing_count);
 */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX /* no number */

struct index_slot {
    uint32_t hash; /* the low half of what was given */
    uint32_t next; /* the number + 1; 0 marks a free slot */
};

struct index {
    struct index_slot *slots; /* [cap]; linear probing, at most 3/4 of them taken */
    size_t len, cap;          /* cap is 0 or a power of two */
};

/* Where a search is. */
struct index_probe {
    uint32_t hash;
    size_t slot;
};

static inline uint32_t index_find(const struct index *index, struct index_probe *probe)
{
    for (;; probe->slot = (probe->slot + 1) & (index->cap - 1)) {
        const struct index_slot *slot = &index->slots[probe->slot];
        if (slot->next == 0 || slot->hash == probe->hash) {
            return slot->next - 1; /* of a free slot: INDEX_NONE */
        }
    }
}

/* The numbers that were added with this hash, and few others, one after the other; INDEX_NONE ends them. Nothing may be
 * added in between. */
static inline uint32_t index_first(const struct index *index, uint64_t hash, struct index_probe *probe)
{
    if (index->cap == 0) {
        return INDEX_NONE;
    }
    *probe = (struct index_probe){(uint32_t)hash, (size_t)(uint32_t)hash & (index->cap - 1)};
    return index_find(index, probe);
}

static inline uint32_t index_next(const struct index *index, struct index_probe *probe)
{
    probe->slot = (probe->slot + 1) & (index->cap - 1);
    return index_find(index, probe);
}

/* A zeroed struct is an empty index. A number may be added with several hashes, but not twice with one. */
void index_add(struct index *index, uint64_t hash, uint32_t number);
/* Makes room for so many in all. */
void index_reserve(struct index *index, size_t count);
void index_release(struct index *index);

#endif
