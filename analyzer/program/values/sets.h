/* sets: sorted sets of numbers, interned, so that equal sets have equal ids and can be compared, stored and memoised as
 * one number. Used for what a value may be (objects), locks held, threads running and objects owned.
 *
 * Nearly all of them are empty or have one member, and nearly every instruction asks for some: what can be told without
 * looking at more than the ids is told here.
 */
#ifndef PROGRAM_SETS_H
#define PROGRAM_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

/* 0 is the empty set; SET_OF_ONE | m is the set of m alone; else it is an index into sets->entries. */
typedef uint32_t set_id;

/* A set of one member that has this bit itself is in the entries, too. */
#define SET_OF_ONE 0x80000000u

struct set_entry {
    uint32_t first, count; /* run of members in the pool, in rising order */
};

struct sets_memo;
struct sets {
    VEC(uint32_t) pool;
    VEC(struct set_entry) entries; /* [0]: the empty set */
    struct sets_memo *memo;        /* of sets.c: how equal sets are found */
};

struct sets *sets_new(void);
/* Makes room for so many sets, and for so many members in all of them together. */
void sets_reserve(struct sets *sets, size_t count, size_t members);
void sets_free(struct sets *sets);

set_id sets_intern_one(struct sets *sets, uint32_t member); /* of a member that has the bit SET_OF_ONE */
set_id sets_join(struct sets *sets, set_id a, set_id b);
set_id sets_common(struct sets *sets, set_id a, set_id b);
set_id sets_without(struct sets *sets, set_id a, set_id b);
bool sets_search(const struct sets *sets, set_id a, uint32_t member);
bool sets_meet(const struct sets *sets, set_id a, set_id b);

static inline set_id sets_one(struct sets *sets, uint32_t member)
{
    return (member & SET_OF_ONE) == 0 ? SET_OF_ONE | member : sets_intern_one(sets, member);
}

static inline uint32_t sets_count(const struct sets *sets, set_id a)
{
    return (a & SET_OF_ONE) != 0 ? 1 : sets->entries.data[a].count;
}

static inline uint32_t sets_member(const struct sets *sets, set_id a, uint32_t index)
{
    return (a & SET_OF_ONE) != 0 ? a & ~SET_OF_ONE : sets->pool.data[sets->entries.data[a].first + index];
}

static inline bool sets_has(const struct sets *sets, set_id a, uint32_t member)
{
    if (a == 0 || (a & SET_OF_ONE) != 0)
        return a == (SET_OF_ONE | member) && (member & SET_OF_ONE) == 0;
    return sets_search(sets, a, member);
}

static inline bool sets_overlap(const struct sets *sets, set_id a, set_id b)
{
    return a != 0 && b != 0 && (a == b || sets_meet(sets, a, b));
}

static inline set_id sets_union(struct sets *sets, set_id a, set_id b)
{
    if (a == b || b == 0)
        return a;
    return a == 0 ? b : sets_join(sets, a, b);
}

static inline set_id sets_intersection(struct sets *sets, set_id a, set_id b)
{
    if (a == b)
        return a;
    return a == 0 || b == 0 ? 0 : sets_common(sets, a, b);
}

static inline set_id sets_minus(struct sets *sets, set_id a, set_id b)
{
    if (a == b)
        return 0;
    return a == 0 || b == 0 ? a : sets_without(sets, a, b);
}

static inline set_id sets_add(struct sets *sets, set_id a, uint32_t member)
{
    return sets_union(sets, a, sets_one(sets, member));
}

static inline set_id sets_remove(struct sets *sets, set_id a, uint32_t member)
{
    return sets_minus(sets, a, sets_one(sets, member));
}

bool sets_within(const struct sets *sets, set_id a, set_id b); /* every member of a is one of b */

#endif
