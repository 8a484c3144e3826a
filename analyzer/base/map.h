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

/* Keys may be anything but UINT64_MAX. A zeroed struct is an empty map. */
bool map_get(const struct map *map, uint64_t key, uint64_t *value); /* false where there is none; value may be NULL */
void map_put(struct map *map, uint64_t key, uint64_t value);        /* adds or replaces */
/* The slot of the key's value, added as `initial` where there was none. Good until the next change. */
uint64_t *map_slot(struct map *map, uint64_t key, uint64_t initial);
void map_clear(struct map *map);
void map_release(struct map *map);

#endif
