#include "store/cache.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/cache_folder.h"
#include "store/files.h"

/* How long an entry is in use before it is noted down that it is, in seconds: writing costs more than reading. */
enum { FRESH = 24 * 60 * 60 };

struct cache {
    int modules;         /* descriptor of the folder of entries; -1: the cache is of no use */
    uint64_t version;    /* of the front end */
    uint64_t size_max;   /* of all entries, in bytes */
    time_t now;          /* when it was opened */
    atomic_int error;    /* the first errno; nothing is stored any more */
    atomic_uint written; /* entries begun: part of the names of temporary files */
};

static void note_error(struct cache *cache, int error)
{
    int none = 0;

    atomic_compare_exchange_strong(&cache->error, &none, error);
}

struct cache *cache_open(struct str folder, uint64_t version, uint64_t size_max)
{
    struct cache *cache = memory_new(sizeof *cache);

    cache->version = version;
    cache->size_max = size_max;
    cache->now = time(NULL);
    cache->modules = cache_folder_open(folder);
    if (cache->modules < 0) {
        note_error(cache, errno);
    }
    return cache;
}

void cache_close(struct cache *cache)
{
    if (cache->modules >= 0) {
        if (atomic_load(&cache->written) > 0) {
            cache_folder_sweep(cache->modules, cache->size_max, cache->now);
        }
        close(cache->modules);
    }
    free(cache);
}

int cache_error(const struct cache *cache)
{
    return atomic_load(&cache->error);
}

struct ir_module *cache_find(struct cache *cache, const struct source_file *file, struct diagnostics *diagnostics,
                             double *cost)
{
    struct entry_key key = entry_key_of(cache->version, file->text);
    struct ir_module *module = NULL;
    char name[CACHE_NAME_SIZE];
    struct stat status;
    uint32_t microseconds;

    cache_entry_name(name, &key);
    int descriptor = cache->modules < 0 ? -1 : files_open_regular(cache->modules, name, &status);
    if (descriptor < 0) {
        return NULL;
    }
    if (status.st_size > 0 && (uint64_t)status.st_size <= ENTRY_SIZE_MAX) {
        struct arena *arena = arena_new();
        size_t size = (size_t)status.st_size;
        void *bytes = arena_alloc(arena, size);
        if (files_read(descriptor, bytes, size)) {
            module = entry_read(arena, bytes, size, &key, file->path, diagnostics, &microseconds);
        }
        if (module == NULL) {
            arena_free(arena);
        }
    }
    if (module != NULL) {
        *cost = microseconds * 1e-6;
        if (status.st_mtime < cache->now - FRESH) {
            futimens(descriptor, NULL); /* where that is not allowed, the entry is the first to go */
        }
    }
    close(descriptor);
    return module;
}

void cache_store(struct cache *cache, const struct source_file *file, const struct ir_module *module,
                 const struct diagnostics *diagnostics, double cost)
{
    struct entry_key key = entry_key_of(cache->version, file->text);
    char name[CACHE_NAME_SIZE], temporary[CACHE_NAME_SIZE];

    if (cache->modules < 0 || cache_error(cache) != 0) {
        return;
    }
    uint32_t microseconds = cost < 4000 ? (uint32_t)(cost * 1e6) : UINT32_MAX;
    struct str bytes = entry_write(&key, module, diagnostics, microseconds);
    if (bytes.ptr == NULL) {
        return;
    }
    cache_entry_name(name, &key);
    cache_temporary_name(temporary, atomic_fetch_add(&cache->written, 1));
    int error = files_replace(cache->modules, name, temporary, bytes);
    if (error != 0) {
        note_error(cache, error);
    }
    free((char *)(uintptr_t)bytes.ptr); /* entry_write() made it; the str only lends it out as const */
}
