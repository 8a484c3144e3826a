#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "racelint/base.h"

/* A map never has more slots than this; past it memory counts as exhausted. */
#define MAP_CAP_MAX ((size_t)1 << 30)

/* How many slots are worth being cleared for each one that is taken. */
#define CLEARED_SLOTS 16

static void map_grow(struct map *map)
{
    struct map larger = {.len = map->len, .cap = map->cap == 0 ? 16 : map->cap * 2};

    if (larger.cap > MAP_CAP_MAX) {
        out_of_memory(larger.cap * sizeof *larger.entries);
    }
    /* Cleared by hand: pages that the system clears cost one fault when they are first looked at, and one more when
     * they are first written to. */
    larger.entries = memory_resize(NULL, larger.cap * sizeof *larger.entries);
    memset(larger.entries, 0, larger.cap * sizeof *larger.entries);
    for (size_t i = 0; i < map->cap; i++) {
        if (map->entries[i].key != 0) {
            larger.entries[map_find(&larger, map->entries[i].key - 1)] = map->entries[i];
        }
    }
    free(map->entries);
    map->entries = larger.entries;
    map->cap = larger.cap;
}

uint64_t *map_slot(struct map *map, uint64_t key, uint64_t initial)
{
    if (key == UINT64_MAX) {
        BUG("the map key UINT64_MAX is reserved");
    }
    if (map->cap == 0) {
        map_grow(map);
    }
    size_t slot = map_find(map, key);

    if (map->entries[slot].key == 0) {
        if ((map->len + 1) * 4 > map->cap * 3) {
            map_grow(map);
            slot = map_find(map, key);
        }
        map->entries[slot].key = key + 1;
        map->entries[slot].value = initial;
        map->len++;
    }
    return &map->entries[slot].value;
}

void map_put(struct map *map, uint64_t key, uint64_t value)
{
    *map_slot(map, key, value) = value;
}

void map_clear(struct map *map)
{
    /* A table that was far too large this time is let go: it may be cleared many times before it is filled again. */
    if (map->cap > CLEARED_SLOTS * (map->len + 1)) {
        map_release(map);
    } else if (map->cap > 0) {
        memset(map->entries, 0, map->cap * sizeof *map->entries);
    }
    map->len = 0;
}

void map_release(struct map *map)
{
    free(map->entries);
    *map = (struct map){0};
}
