/* hash: 64-bit hashes of bytes (xxHash, XXH3). Stable across runs and machines. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "racelint/base.h"

uint64_t hash_bytes(const void *data, size_t size);
uint64_t hash_mix(uint64_t a, uint64_t b); /* combines two hashes; order matters */

#endif
