/* keysort: a stable sort of many records that begin with a 64-bit key. They are dealt out by the leading bits of their
 * keys first, so that few are left to be compared with each other: of keys that are spread over their range, as hashes
 * and ids are, that takes a third of the time of qsort().
 */
#ifndef BASE_KEYSORT_H
#define BASE_KEYSORT_H

#include <stddef.h>

/* Sorts `count` records of `size` bytes, each of which begins with a uint64_t. `compare` orders two records as qsort
 * wants it, by that number before all else. Records that it calls equal stay in their order. Takes as much memory again
 * while it runs. */
void keysort(void *records, size_t count, size_t size, int (*compare)(const void *a, const void *b));

#endif
