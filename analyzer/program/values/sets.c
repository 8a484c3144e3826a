#include "program/values/sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "racelint/base.h"

struct set_entry {
    uint32_t first, count; /* run of members in the pool */
};

/* A union that was made before. */
struct set_union {
    set_id a, b; /* a < b; both 0: none */
    set_id result;
};

/* A power of two. Unions come again soon or not at all, so that a small table serves as well as one of all. */
#define UNIONS_MAX 8192u

struct sets {
    VEC(uint32_t) pool;
    VEC(struct set_entry) entries;
    VEC(uint32_t) scratch; /* the set being built */
    VEC(set_id) ones;      /* by member: the set of it alone, 0 where none was made */
    struct map by_hash;    /* hash of the members, of sets of several -> id; colliding hashes probe the next key */
    struct set_union unions[UNIONS_MAX]; /* by hash; the latest one stays */
};

struct sets *sets_new(void)
{
    struct sets *sets = memory_new(sizeof *sets);
    vec_push(&sets->entries, ((struct set_entry){0, 0}));
    return sets;
}

void sets_free(struct sets *sets)
{
    if (sets == NULL)
        return;
    vec_release(&sets->pool);
    vec_release(&sets->entries);
    vec_release(&sets->scratch);
    vec_release(&sets->ones);
    map_release(&sets->by_hash);
    free(sets);
}

/* Adds a set of the members in the scratch vector. */
static set_id sets_new_entry(struct sets *sets)
{
    size_t count = sets->scratch.len;
    struct set_entry entry = {(uint32_t)sets->pool.len, (uint32_t)count};
    vec_reserve(&sets->pool, sets->pool.len + count);
    memcpy(sets->pool.data + sets->pool.len, sets->scratch.data, count * sizeof(uint32_t));
    sets->pool.len += count;
    vec_push(&sets->entries, entry);
    return (set_id)(sets->entries.len - 1);
}

#define ONES_MAX ((uint32_t)1 << 24) /* members above it are looked up like any set */

/* Interns the sorted, duplicate-free members in the scratch vector. */
static set_id sets_intern(struct sets *sets)
{
    size_t count = sets->scratch.len;
    if (count == 0)
        return 0;
    if (count == 1 && sets->scratch.data[0] < ONES_MAX)
        return sets_one(sets, sets->scratch.data[0]);
    size_t bytes = count * sizeof(uint32_t);
    uint64_t key = hash_bytes(sets->scratch.data, bytes) >> 1;
    for (;; key++) {
        uint64_t found;
        if (!map_get(&sets->by_hash, key, &found))
            break;
        struct set_entry e = sets->entries.data[found];
        if (e.count == count && memcmp(sets->pool.data + e.first, sets->scratch.data, bytes) == 0)
            return (set_id)found;
    }
    set_id id = sets_new_entry(sets);
    map_put(&sets->by_hash, key, id);
    return id;
}

set_id sets_one(struct sets *sets, uint32_t member)
{
    if (member < sets->ones.len && sets->ones.data[member] != 0)
        return sets->ones.data[member];
    vec_clear(&sets->scratch);
    vec_push(&sets->scratch, member);
    if (member >= ONES_MAX)
        return sets_intern(sets);
    set_id id = sets_new_entry(sets);
    while (sets->ones.len <= member)
        vec_push(&sets->ones, 0);
    sets->ones.data[member] = id;
    return id;
}

/* Walks both sets in step; keeps members that are only in a, only in b, in both, as the flags say. */
static set_id sets_merge(struct sets *sets, set_id a, set_id b, bool only_a, bool only_b, bool both)
{
    struct set_entry x = sets->entries.data[a], y = sets->entries.data[b];
    const uint32_t *p = sets->pool.data + x.first, *q = sets->pool.data + y.first;
    const uint32_t *p_end = p + x.count, *q_end = q + y.count;
    vec_clear(&sets->scratch);
    while (p < p_end || q < q_end) {
        if (q == q_end || (p < p_end && *p < *q)) {
            if (only_a)
                vec_push(&sets->scratch, *p);
            p++;
        } else if (p == p_end || *q < *p) {
            if (only_b)
                vec_push(&sets->scratch, *q);
            q++;
        } else {
            if (both)
                vec_push(&sets->scratch, *p);
            p++, q++;
        }
    }
    return sets_intern(sets);
}

set_id sets_union(struct sets *sets, set_id a, set_id b)
{
    if (a == b || b == 0)
        return a;
    if (a == 0)
        return b;
    if (a > b) {
        set_id t = a;
        a = b;
        b = t;
    }
    struct set_union *made = &sets->unions[map_hash((uint64_t)a << 32 | b) & (UNIONS_MAX - 1)];
    if (made->a != a || made->b != b)
        *made = (struct set_union){a, b, sets_merge(sets, a, b, true, true, true)};
    return made->result;
}

set_id sets_intersection(struct sets *sets, set_id a, set_id b)
{
    if (a == b)
        return a;
    return a == 0 || b == 0 ? 0 : sets_merge(sets, a, b, false, false, true);
}

set_id sets_minus(struct sets *sets, set_id a, set_id b)
{
    if (a == b)
        return 0;
    return b == 0 || a == 0 ? a : sets_merge(sets, a, b, true, false, false);
}

set_id sets_add(struct sets *sets, set_id a, uint32_t member)
{
    return sets_has(sets, a, member) ? a : sets_union(sets, a, sets_one(sets, member));
}

set_id sets_remove(struct sets *sets, set_id a, uint32_t member)
{
    return sets_has(sets, a, member) ? sets_minus(sets, a, sets_one(sets, member)) : a;
}

bool sets_has(const struct sets *sets, set_id a, uint32_t member)
{
    struct set_entry e = sets->entries.data[a];
    uint32_t low = 0, high = e.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (sets->pool.data[e.first + middle] < member)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e.count && sets->pool.data[e.first + low] == member;
}

bool sets_within(const struct sets *sets, set_id a, set_id b)
{
    struct set_entry e = sets->entries.data[a];
    for (uint32_t i = 0; i < e.count && a != b; i++)
        if (!sets_has(sets, b, sets->pool.data[e.first + i]))
            return false;
    return true;
}

bool sets_overlap(const struct sets *sets, set_id a, set_id b)
{
    if (a == 0 || b == 0)
        return false;
    if (a == b)
        return true;
    struct set_entry e = sets->entries.data[a];
    for (uint32_t i = 0; i < e.count; i++)
        if (sets_has(sets, b, sets->pool.data[e.first + i]))
            return true;
    return false;
}

uint32_t sets_count(const struct sets *sets, set_id a)
{
    return sets->entries.data[a].count;
}

uint32_t sets_member(const struct sets *sets, set_id a, uint32_t index)
{
    return sets->pool.data[sets->entries.data[a].first + index];
}
