#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "racelint/base.h"

/* A map never has more slots than this; past it memory counts as exhausted. */
#define MAP_CAP_MAX ((size_t)1 << 30)

/* The slot that holds the key, or the free one where it belongs. The table must have a free slot. */
static size_t map_find(const struct map *map, uint64_t key)
{
    size_t slot = (size_t)hash_mix(key, 0) & (map->cap - 1);

    while (map->keys[slot] != 0 && map->keys[slot] != key + 1) {
        slot = (slot + 1) & (map->cap - 1);
    }
    return slot;
}

static void map_grow(struct map *map)
{
    struct map larger = {.len = map->len, .cap = map->cap == 0 ? 16 : map->cap * 2};

    if (larger.cap > MAP_CAP_MAX) {
        out_of_memory(larger.cap * sizeof *larger.keys);
    }
    larger.keys = memory_new(larger.cap * sizeof *larger.keys);
    larger.values = memory_new(larger.cap * sizeof *larger.values);
    for (size_t i = 0; i < map->cap; i++) {
        if (map->keys[i] != 0) {
            size_t slot = map_find(&larger, map->keys[i] - 1);
            larger.keys[slot] = map->keys[i];
            larger.values[slot] = map->values[i];
        }
    }
    free(map->keys);
    free(map->values);
    map->keys = larger.keys;
    map->values = larger.values;
    map->cap = larger.cap;
}

bool map_get(const struct map *map, uint64_t key, uint64_t *value)
{
    if (map->len == 0 || key == UINT64_MAX) {
        return false;
    }
    size_t slot = map_find(map, key);

    if (map->keys[slot] == 0) {
        return false;
    }
    if (value != NULL) {
        *value = map->values[slot];
    }
    return true;
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

    if (map->keys[slot] == 0) {
        if ((map->len + 1) * 4 > map->cap * 3) {
            map_grow(map);
            slot = map_find(map, key);
        }
        map->keys[slot] = key + 1;
        map->values[slot] = initial;
        map->len++;
    }
    return &map->values[slot];
}

void map_put(struct map *map, uint64_t key, uint64_t value)
{
    *map_slot(map, key, value) = value;
}

void map_clear(struct map *map)
{
    if (map->cap > 0) {
        memset(map->keys, 0, map->cap * sizeof *map->keys);
    }
    map->len = 0;
}

void map_release(struct map *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct map){0};
}
