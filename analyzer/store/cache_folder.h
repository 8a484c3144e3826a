/* cache_folder: how the folder of a cache is laid out, and what happens to it as a whole. */
#ifndef STORE_CACHE_FOLDER_H
#define STORE_CACHE_FOLDER_H

#include <time.h>

#include "base/hash.h"
#include "store/cache.h"

/* Large enough for the name of a pack, and of a file that becomes one. */
enum { CACHE_NAME_SIZE = 48 };

/* The name of a pack: 32 hexadecimal digits. */
void cache_pack_name(char name[CACHE_NAME_SIZE], struct hash128 hash);
bool cache_is_pack(const char *name);
/* A name that no file has, for one that is being written; `number` differs between those of this process. */
void cache_temporary_name(char name[CACHE_NAME_SIZE], unsigned number);

/* Opens the folder of the packs, and makes what is missing. -1 with errno set where that fails. */
int cache_folder_open(struct str folder);

/* Removes the packs that were not used for longest where all take more than `size_max` bytes, and what runs left behind
 * that were ended while they wrote. `now` is the present time. */
void cache_folder_sweep(int packs, uint64_t size_max, time_t now);

#endif
