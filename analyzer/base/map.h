/* map: an open-addressing hash table from uint64_t keys to uint64_t values (linear probing, at most 3/4 full).
 * Iteration order is never exposed, so that it cannot order any output. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    uint64_t key; /* stored as key + 1; 0 marks a free slot */
    uint64_t value;
};

struct map {
    struct map_entry *entries; /* [cap]; a key and its value lie together, so that a look-up touches one cache line */
    size_t len, cap;           /* cap is 0 or a power of two */
};

/* Spreads a key over all bits (Fibonacci hashing, then the high bits folded down): keys often count up by one. */
static inline size_t map_hash(uint64_t key)
{
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key ^ key >> 32);
}

/* The slot that holds the key, or the free one where it belongs. The table must have a free slot. */
static inline size_t map_find(const struct map *map, uint64_t key)
{
    size_t slot = map_hash(key) & (map->cap - 1);

    while (map->entries[slot].key != 0 && map->entries[slot].key != key + 1) {
        slot = (slot + 1) & (map->cap - 1);
    }
    return slot;
}

/* Keys may be anything but UINT64_MAX. A zeroed struct is an empty map.
 * map_get: false where there is none; value may be NULL. */
static inline bool map_get(const struct map *map, uint64_t key, uint64_t *value)
{
    if (map->len == 0 || key == UINT64_MAX) {
        return false;
    }
    const struct map_entry *entry = &map->entries[map_find(map, key)];

    if (entry->key == 0) {
        return false;
    }
    if (value != NULL) {
        *value = entry->value;
    }
    return true;
}

void map_put(struct map *map, uint64_t key, uint64_t value); /* adds or replaces */
/* The slot of the key's value, added as `initial` where there was none. Good until the next change. */
uint64_t *map_slot(struct map *map, uint64_t key, uint64_t initial);
void map_clear(struct map *map);
void map_release(struct map *map);

#endif
