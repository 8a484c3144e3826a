/* entry: a lowered file as bytes: what the cache keeps of it. An entry holds all that lowering gives, and nothing that
 * depends on other files or on the path.
 *
 * An entry is a header, the tables of the module as they lie in memory, and all its strings. So it is good for programs
 * of one frontend_version() alone, and can be used where it was read to. Nothing in one is believed: what was altered
 * on purpose is found out like what is torn, because every number is checked before it is used. */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include "base/hash.h"
#include "racelint/ir.h"
#include "racelint/source.h"

/* Larger ones are neither kept nor read, in bytes: what code of that length is never lowered to. */
size_t entry_size_max(uint64_t text_size);

/* What an entry is of. */
struct entry_key {
    uint64_t version;    /* of the front end */
    struct hash128 hash; /* of version and text */
    uint64_t text_size;
};
struct entry_key entry_key_of(uint64_t version, struct str text);

/* The entry of a module and of what its lowering said, in malloc memory; ptr NULL where it would be too large. `cost`
 * is how long lowering took, in microseconds: reading gives it back. */
struct str entry_write(const struct entry_key *key, const struct ir_module *module,
                       const struct diagnostics *diagnostics, uint32_t cost);

/* Makes the module of an entry, as frontend_lower would: its tables lie in `bytes`, which lie in `arena`, which becomes
 * the module's. The diagnostics are added. NULL, and nothing added, where this is no sound entry of the key. */
struct ir_module *entry_read(struct arena *arena, void *bytes, size_t size, const struct entry_key *key,
                             struct str path, struct diagnostics *diagnostics, uint32_t *cost);

/* Whether the checksum is right: nothing else of the entry is looked at. */
bool entry_is_intact(const void *bytes, size_t size);

/* Puts the right checksum into what has the size of an entry: the last step of writing, and what tests need to get past
 * the first step of reading. */
void entry_seal(void *bytes, size_t size);

#endif
