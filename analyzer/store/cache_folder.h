/* cache_folder: how the folder of a cache is laid out, and what happens to it as a whole. */
#ifndef STORE_CACHE_FOLDER_H
#define STORE_CACHE_FOLDER_H

#include <time.h>

#include "store/cache.h"
#include "store/entry.h"

/* Large enough for the name of an entry, and of a file that becomes one. */
enum { CACHE_NAME_SIZE = 48 };

/* The name of an entry: 32 hexadecimal digits. */
void cache_entry_name(char name[CACHE_NAME_SIZE], const struct entry_key *key);
/* A name that no file has, for one that is being written; `number` differs between all of this process. */
void cache_temporary_name(char name[CACHE_NAME_SIZE], unsigned number);

/* Opens the folder of the entries, and makes what is missing. -1 with errno set where that fails. */
int cache_folder_open(struct str folder);

/* Removes the entries that were not used for longest where all take more than `size_max` bytes, and what runs left
 * behind that were ended while they wrote. `now` is the present time. */
void cache_folder_sweep(int modules, uint64_t size_max, time_t now);

#endif
