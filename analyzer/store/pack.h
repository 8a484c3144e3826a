/* pack: a file with many entries, one behind the other, and an index of them at its end. A run writes one pack at most:
 * making files is what takes time. A pack never changes; nothing in one is believed. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stdatomic.h>

#include "base/hash.h"
#include "base/vec.h"
#include "store/cache_folder.h"
#include "store/files.h"

/* Larger indexes are not read, in entries. */
#define PACK_ENTRIES_MAX (UINT64_C(1) << 21)

/* Where an entry is: an item of the index. */
struct pack_record {
    struct hash128 hash; /* of the entry's key */
    uint64_t offset;     /* in the file */
    uint32_t size;       /* in bytes */
    uint32_t used;       /* when it was stored or last known to be in use: seconds since 1970 */
};

/* An open pack. */
struct pack {
    char name[CACHE_NAME_SIZE];
    int descriptor;
    uint64_t size;               /* of the file, in bytes */
    struct pack_record *records; /* in order of hash */
    uint32_t count;
    _Atomic unsigned char *is_hit; /* per record: this run has used it */
};

/* Opens a pack and checks its index. False where it is none, or one of another version. */
bool pack_open(struct pack *pack, int folder, const char *name, uint64_t version);
void pack_release(struct pack *pack);

/* These two may be called from several threads at once. The index of an entry, or UINT32_MAX. */
uint32_t pack_find(const struct pack *pack, struct hash128 hash);
/* Reads an entry, which has the size that its record says; false where that fails. */
bool pack_read(const struct pack *pack, const struct pack_record *record, void *out);

/* A pack being written; zeroed, there is none yet. */
struct pack_writer {
    bool is_begun; /* there is a file */
    struct new_file file;
    char temporary[CACHE_NAME_SIZE]; /* for the file */
    uint64_t size;                   /* in bytes, so far */
    VEC(struct pack_record) records;
};

/* Appends an entry; the first one begins the file in the folder. Returns 0, or an errno: then the pack is of no use. */
int pack_add(struct pack_writer *writer, int folder, struct hash128 hash, struct str bytes, uint32_t used);
/* Sorts what was added by hash, and forgets what was added twice. */
void pack_sort(struct pack_writer *writer);
/* Completes the pack, and gives it its name, which its contents make up. Returns 0, or an errno. */
int pack_finish(struct pack_writer *writer, uint64_t version, char name[CACHE_NAME_SIZE]);
/* Gives up what is not finished; frees the memory in either case. */
void pack_writer_release(struct pack_writer *writer);

#endif
