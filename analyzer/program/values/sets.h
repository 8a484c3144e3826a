/* sets: sorted sets of numbers, interned, so that equal sets have equal ids and can be compared, stored and memoised as
 * one number. Used for what a value may be (objects), locks held, threads running and objects owned. */
#ifndef PROGRAM_SETS_H
#define PROGRAM_SETS_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t set_id; /* 0 is the empty set */

struct sets;
struct sets *sets_new(void);
void sets_free(struct sets *sets);

set_id sets_one(struct sets *sets, uint32_t member);
set_id sets_union(struct sets *sets, set_id a, set_id b);
set_id sets_intersection(struct sets *sets, set_id a, set_id b);
set_id sets_minus(struct sets *sets, set_id a, set_id b);
set_id sets_add(struct sets *sets, set_id a, uint32_t member);
set_id sets_remove(struct sets *sets, set_id a, uint32_t member);
bool sets_has(const struct sets *sets, set_id a, uint32_t member);
bool sets_within(const struct sets *sets, set_id a, set_id b); /* every member of a is one of b */
bool sets_overlap(const struct sets *sets, set_id a, set_id b);
uint32_t sets_count(const struct sets *sets, set_id a);
uint32_t sets_member(const struct sets *sets, set_id a, uint32_t index);

#endif
