/* hash: 64-bit hashes of bytes (xxHash, XXH3). Stable across runs and machines. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "racelint/base.h"

uint64_t hash_bytes(const void *data, size_t size);

/* The same with 128 bits, for what must not be taken for another thing. Equal bytes with another seed have another
 * hash. */
struct hash128 {
    uint64_t low, high;
};
struct hash128 hash_wide(const void *data, size_t size, uint64_t seed);

/* Combines two hashes; order matters. Multiplying one side breaks the symmetry; the rest is the finalizer of
 * splitmix64. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) + b;

    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 31);
}

/* Of four numbers: what most keys of the analysis are made of. */
static inline uint64_t hash_words(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    return hash_mix((uint64_t)a << 32 | b, (uint64_t)c << 32 | d);
}

#endif
