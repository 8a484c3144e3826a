#include "base/keysort.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "racelint/base.h"

#define FEW 64          /* so many are compared right away */
#define BUCKET_BITS 16u /* most buckets: 1 << BUCKET_BITS */

static uint64_t key_at(const char *records, size_t i, size_t size)
{
    uint64_t key;

    memcpy(&key, records + i * size, sizeof key);
    return key;
}

/* How keys become numbers of buckets: (key - low) >> shift. */
struct deal {
    uint64_t low;
    unsigned shift;
    size_t buckets;
};

/* About as many buckets as records, in the range that the keys take. */
static struct deal deal_for(const char *records, size_t count, size_t size)
{
    uint64_t low = key_at(records, 0, size), high = low;
    unsigned bits = 0;

    for (size_t i = 1; i < count; i++) {
        uint64_t key = key_at(records, i, size);
        low = key < low ? key : low;
        high = key > high ? key : high;
    }
    while (bits < BUCKET_BITS && ((size_t)1 << bits) < count) {
        bits++;
    }
    unsigned shift = 0;
    while (shift < 64 - bits && (high - low) >> shift >> bits != 0) {
        shift++;
    }
    return (struct deal){low, shift, (size_t)((high - low) >> shift) + 1};
}

static size_t bucket_of(const struct deal *deal, uint64_t key)
{
    return (size_t)((key - deal->low) >> deal->shift);
}

/* Copies the records to `dealt`, bucket by bucket; ends[i] is where bucket number i ends there. */
static void deal_out(const struct deal *deal, const char *records, size_t count, size_t size, char *dealt, size_t *ends)
{
    for (size_t i = 0; i < count; i++) {
        ends[bucket_of(deal, key_at(records, i, size))]++;
    }
    size_t at = 0;
    for (size_t i = 0; i < deal->buckets; i++) {
        size_t in_bucket = ends[i];
        ends[i] = at;
        at += in_bucket;
    }
    for (size_t i = 0; i < count; i++) {
        size_t to = ends[bucket_of(deal, key_at(records, i, size))]++;
        memcpy(dealt + to * size, records + i * size, size);
    }
}

void keysort(void *records, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    if (size < sizeof(uint64_t)) {
        BUG("records of %zu bytes have no key", size);
    }
    if (count <= FEW) {
        if (count > 1) {
            qsort(records, count, size, compare);
        }
        return;
    }
    struct deal deal = deal_for(records, count, size);
    size_t *ends = memory_new(deal.buckets * sizeof *ends);
    char *dealt = memory_resize(NULL, count * size);
    deal_out(&deal, records, count, size, dealt, ends);
    memcpy(records, dealt, count * size);
    free(dealt);
    for (size_t i = 0, begin = 0; i < deal.buckets; begin = ends[i++]) {
        if (ends[i] - begin > 1) {
            qsort((char *)records + begin * size, ends[i] - begin, size, compare);
        }
    }
    free(ends);
}
