#include "program/values/sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/index.h"
#include "base/vec.h"
#include "racelint/base.h"

/* A union that was made before. */
struct set_union {
    set_id a, b; /* a < b; both 0: none */
    set_id result;
};

/* A power of two. Unions come again soon or not at all, so that a small table serves as well as one of all. */
#define UNIONS_MAX 8192u

struct sets_memo {
    VEC(uint32_t) scratch;               /* the set being built */
    struct index index;                  /* of `entries`, by their members */
    struct set_union unions[UNIONS_MAX]; /* by hash; the latest one stays */
};

struct sets *sets_new(void)
{
    struct sets *sets = memory_new(sizeof *sets);
    sets->memo = memory_new(sizeof *sets->memo);
    vec_push(&sets->entries, ((struct set_entry){0, 0}));
    return sets;
}

void sets_reserve(struct sets *sets, size_t count, size_t members)
{
    vec_reserve(&sets->entries, count);
    vec_reserve(&sets->pool, members);
    index_reserve(&sets->memo->index, count);
}

void sets_free(struct sets *sets)
{
    if (sets == NULL)
        return;
    vec_release(&sets->pool);
    vec_release(&sets->entries);
    vec_release(&sets->memo->scratch);
    index_release(&sets->memo->index);
    free(sets->memo);
    free(sets);
}

/* Adds a set of the members in the scratch vector. */
static set_id sets_new_entry(struct sets *sets)
{
    const uint32_t *members = sets->memo->scratch.data;
    size_t count = sets->memo->scratch.len;
    struct set_entry entry = {(uint32_t)sets->pool.len, (uint32_t)count};
    vec_reserve(&sets->pool, sets->pool.len + count);
    memcpy(sets->pool.data + sets->pool.len, members, count * sizeof *members);
    sets->pool.len += count;
    vec_push(&sets->entries, entry);
    return (set_id)(sets->entries.len - 1);
}

/* Interns the sorted, duplicate-free members in the scratch vector. */
static set_id sets_intern(struct sets *sets)
{
    const uint32_t *members = sets->memo->scratch.data;
    size_t count = sets->memo->scratch.len;
    if (count == 0)
        return 0;
    if (count == 1 && (members[0] & SET_OF_ONE) == 0)
        return SET_OF_ONE | members[0];
    size_t bytes = count * sizeof *members;
    uint64_t hash = hash_bytes(members, bytes);
    struct index_probe probe;
    for (set_id id = index_first(&sets->memo->index, hash, &probe); id != INDEX_NONE;
         id = index_next(&sets->memo->index, &probe)) {
        struct set_entry e = sets->entries.data[id];
        if (e.count == count && memcmp(sets->pool.data + e.first, members, bytes) == 0)
            return id;
    }
    set_id id = sets_new_entry(sets);
    index_add(&sets->memo->index, hash, id);
    return id;
}

set_id sets_intern_one(struct sets *sets, uint32_t member)
{
    vec_clear(&sets->memo->scratch);
    vec_push(&sets->memo->scratch, member);
    return sets_intern(sets);
}

/* The members of a set, wherever they are. */
struct members {
    uint32_t one; /* of a set of one */
    const uint32_t *data;
    uint32_t count;
};

static void members_of(const struct sets *sets, set_id a, struct members *members)
{
    members->one = a & ~SET_OF_ONE;
    members->count = sets_count(sets, a);
    members->data = (a & SET_OF_ONE) != 0 ? &members->one : sets->pool.data + sets->entries.data[a].first;
}

/* Walks both sets in step; keeps members that are only in a, only in b, in both, as the flags say. */
static set_id sets_merge(struct sets *sets, set_id a, set_id b, bool only_a, bool only_b, bool both)
{
    struct members x, y;
    members_of(sets, a, &x);
    members_of(sets, b, &y);
    const uint32_t *p = x.data, *q = y.data, *p_end = p + x.count, *q_end = q + y.count;
    vec_reserve(&sets->memo->scratch, (size_t)x.count + y.count);
    uint32_t *out = sets->memo->scratch.data;
    while (p < p_end && q < q_end) {
        if (*p < *q) {
            if (only_a)
                *out++ = *p;
            p++;
        } else if (*q < *p) {
            if (only_b)
                *out++ = *q;
            q++;
        } else {
            if (both)
                *out++ = *p;
            p++, q++;
        }
    }
    while (only_a && p < p_end)
        *out++ = *p++;
    while (only_b && q < q_end)
        *out++ = *q++;
    sets->memo->scratch.len = (size_t)(out - sets->memo->scratch.data);
    return sets_intern(sets);
}

set_id sets_join(struct sets *sets, set_id a, set_id b)
{
    if (a > b) {
        set_id t = a;
        a = b;
        b = t;
    }
    if ((b & SET_OF_ONE) != 0 && (a & SET_OF_ONE) == 0 && sets_has(sets, a, b & ~SET_OF_ONE))
        return a;
    struct set_union *made = &sets->memo->unions[hash_mix(a, b) & (UNIONS_MAX - 1)];
    if (made->a != a || made->b != b)
        *made = (struct set_union){a, b, sets_merge(sets, a, b, true, true, true)};
    return made->result;
}

set_id sets_common(struct sets *sets, set_id a, set_id b)
{
    if ((a & SET_OF_ONE) != 0)
        return sets_has(sets, b, a & ~SET_OF_ONE) ? a : 0;
    if ((b & SET_OF_ONE) != 0)
        return sets_has(sets, a, b & ~SET_OF_ONE) ? b : 0;
    return sets_merge(sets, a, b, false, false, true);
}

set_id sets_without(struct sets *sets, set_id a, set_id b)
{
    if ((a & SET_OF_ONE) != 0)
        return sets_has(sets, b, a & ~SET_OF_ONE) ? 0 : a;
    if ((b & SET_OF_ONE) != 0 && !sets_has(sets, a, b & ~SET_OF_ONE))
        return a;
    return sets_merge(sets, a, b, true, false, false);
}

bool sets_search(const struct sets *sets, set_id a, uint32_t member)
{
    struct set_entry e = sets->entries.data[a];
    const uint32_t *members = sets->pool.data + e.first;
    uint32_t low = 0, high = e.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (members[middle] < member)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e.count && members[low] == member;
}

bool sets_within(const struct sets *sets, set_id a, set_id b)
{
    if (a == 0 || a == b)
        return true;
    struct members x;
    members_of(sets, a, &x);
    for (uint32_t i = 0; i < x.count; i++)
        if (!sets_has(sets, b, x.data[i]))
            return false;
    return true;
}

bool sets_meet(const struct sets *sets, set_id a, set_id b)
{
    if ((b & SET_OF_ONE) != 0)
        return sets_has(sets, a, b & ~SET_OF_ONE);
    struct members x;
    members_of(sets, a, &x);
    for (uint32_t i = 0; i < x.count; i++)
        if (sets_has(sets, b, x.data[i]))
            return true;
    return false;
}
