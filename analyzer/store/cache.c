#include "store/cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/entry.h"
#include "store/files.h"
#include "store/pack.h"

/* How long a pack is in use before it is noted down that it is, in seconds: writing costs more than reading. */
enum { FRESH = 24 * 60 * 60 };

/* With more packs than the first, they become one; more than the second are not even opened. */
enum { PACKS_MAX = 16, PACKS_OPEN_MAX = 64 };

struct cache {
    int folder;         /* descriptor of the folder of packs; -1: the cache is of no use */
    uint64_t version;   /* of the front end */
    uint64_t size_max;  /* of all packs, in bytes */
    time_t now;         /* when it was opened */
    struct pack *packs; /* those of this version */
    size_t pack_count;
    atomic_int error;      /* the first errno; nothing is stored any more */
    atomic_bool is_torn;   /* something in the packs is damaged */
    pthread_mutex_t mutex; /* guards the writer */
    struct pack_writer writer;
};

static void note_error(struct cache *cache, int error)
{
    int none = 0;

    if (error != 0) {
        atomic_compare_exchange_strong(&cache->error, &none, error);
    }
}

static void open_pack(void *context, const char *name)
{
    struct cache *cache = context;

    if (cache->pack_count < PACKS_OPEN_MAX && cache_is_pack(name) &&
        pack_open(&cache->packs[cache->pack_count], cache->folder, name, cache->version)) {
        cache->pack_count++;
    }
}

struct cache *cache_open(struct str folder, uint64_t version, uint64_t size_max)
{
    struct cache *cache = memory_new(sizeof *cache);

    cache->version = version;
    cache->size_max = size_max;
    cache->now = time(NULL);
    pthread_mutex_init(&cache->mutex, NULL);
    cache->packs = memory_new(PACKS_OPEN_MAX * sizeof *cache->packs);
    cache->folder = cache_folder_open(folder);
    if (cache->folder < 0) {
        note_error(cache, errno);
    } else {
        note_error(cache, files_list(cache->folder, open_pack, cache));
    }
    return cache;
}

/* Reads one entry of a pack; NULL where it is not what it should be. */
static struct ir_module *read_entry(const struct pack *pack, const struct pack_record *record,
                                    const struct entry_key *key, struct str path, struct diagnostics *diagnostics,
                                    uint32_t *microseconds)
{
    struct ir_module *module = NULL;

    if (record->size > entry_size_max(key->text_size)) {
        return NULL;
    }
    struct arena *arena = arena_new();
    arena_reserve(arena, record->size, 1);
    void *bytes = arena_space(arena, record->size);
    if (pack_read(pack, record, bytes)) {
        module = entry_read(arena, bytes, record->size, key, path, diagnostics, microseconds);
    }
    if (module == NULL) {
        arena_free(arena);
    }
    return module;
}

struct ir_module *cache_find(struct cache *cache, const struct source_file *file, struct diagnostics *diagnostics,
                             double *cost)
{
    struct entry_key key = entry_key_of(cache->version, file->text);
    uint32_t microseconds;

    for (size_t i = 0; i < cache->pack_count; i++) {
        struct pack *pack = &cache->packs[i];
        uint32_t index = pack_find(pack, key.hash);
        if (index == UINT32_MAX) {
            continue;
        }
        struct ir_module *module =
            read_entry(pack, &pack->records[index], &key, file->path, diagnostics, &microseconds);
        if (module != NULL) {
            atomic_store_explicit(&pack->is_hit[index], 1, memory_order_relaxed);
            *cost = microseconds * 1e-6;
            return module;
        }
        atomic_store(&cache->is_torn, true);
    }
    return NULL;
}

void cache_store(struct cache *cache, const struct source_file *file, const struct ir_module *module,
                 const struct diagnostics *diagnostics, double cost)
{
    struct entry_key key = entry_key_of(cache->version, file->text);
    uint32_t microseconds = cost < 4000 ? (uint32_t)(cost * 1e6) : UINT32_MAX;

    if (cache->folder < 0 || atomic_load(&cache->error) != 0) {
        return;
    }
    struct str bytes = entry_write(&key, module, diagnostics, microseconds);
    if (bytes.ptr == NULL) {
        return;
    }
    pthread_mutex_lock(&cache->mutex);
    if (cache->writer.records.len < PACK_ENTRIES_MAX) {
        note_error(cache, pack_add(&cache->writer, cache->folder, key.hash, bytes, (uint32_t)cache->now));
    }
    pthread_mutex_unlock(&cache->mutex);
    free((char *)(uintptr_t)bytes.ptr); /* entry_write() made it; the str only lends it out as const */
}

/* ---- the end of a run ---- */

/* An entry that a new pack may take over. */
struct candidate {
    const struct pack *pack;
    const struct pack_record *record;
    uint32_t used; /* now, where this run did */
};
typedef VEC(struct candidate) candidates;

static int compare_hashes(const struct candidate *a, const struct candidate *b)
{
    return memcmp(&a->record->hash, &b->record->hash, sizeof a->record->hash);
}

/* Equal ones beside each other, the one last used first. */
static int compare_entries(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int order = compare_hashes(a, b);

    return order != 0 ? order : (a->used < b->used) - (a->used > b->used);
}

/* What was used last first. */
static int compare_use(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    return a->used != b->used ? (a->used < b->used) - (a->used > b->used) : compare_hashes(a, b);
}

/* The entries of all packs that the new one has not, each once, those first that are worth most. */
static void collect(const struct cache *cache, candidates *all)
{
    const struct pack fresh = {.records = cache->writer.records.data, .count = (uint32_t)cache->writer.records.len};
    size_t kept = 0;

    for (size_t i = 0; i < cache->pack_count; i++) {
        const struct pack *pack = &cache->packs[i];
        for (uint32_t k = 0; k < pack->count; k++) {
            const struct pack_record *record = &pack->records[k];
            uint32_t used = atomic_load(&pack->is_hit[k]) ? (uint32_t)cache->now : record->used;
            if (pack_find(&fresh, record->hash) == UINT32_MAX) {
                vec_push(all, ((struct candidate){pack, record, used}));
            }
        }
    }
    if (all->len == 0) {
        return;
    }
    qsort(all->data, all->len, sizeof *all->data, compare_entries);
    for (size_t i = 1; i < all->len; i++) {
        if (compare_hashes(&all->data[i], &all->data[kept]) != 0) {
            all->data[++kept] = all->data[i];
        }
    }
    all->len = kept + 1;
    qsort(all->data, all->len, sizeof *all->data, compare_use);
}

/* Copies what fits and is not torn into the new pack. Returns 0, or an errno. */
static int take_over(struct cache *cache)
{
    candidates all = {0};
    int error = 0;

    pack_sort(&cache->writer);
    collect(cache, &all);
    for (size_t i = 0; i < all.len && error == 0; i++) {
        const struct pack_record *record = all.data[i].record;
        if (record->size > entry_size_max(UINT64_MAX) || cache->writer.records.len == PACK_ENTRIES_MAX ||
            cache->writer.size + record->size > cache->size_max / 4 * 3) {
            continue;
        }
        char *bytes = memory_new(record->size);
        if (pack_read(all.data[i].pack, record, bytes) && entry_is_intact(bytes, record->size)) {
            struct str entry = {bytes, record->size};
            error = pack_add(&cache->writer, cache->folder, record->hash, entry, all.data[i].used);
        }
        free(bytes);
    }
    vec_release(&all);
    return error;
}

static bool wants_merge(const struct cache *cache)
{
    uint64_t size = cache->writer.size;

    for (size_t i = 0; i < cache->pack_count; i++) {
        size += cache->packs[i].size;
    }
    return cache->pack_count >= PACKS_MAX || size > cache->size_max || atomic_load(&cache->is_torn);
}

/* Notes that packs are in use, so that they are not the first to go. */
static void note_use(const struct cache *cache)
{
    for (size_t i = 0; i < cache->pack_count; i++) {
        const struct pack *pack = &cache->packs[i];
        struct stat status;
        bool is_hit = false;
        for (uint32_t k = 0; k < pack->count; k++) {
            is_hit = is_hit || atomic_load_explicit(&pack->is_hit[k], memory_order_relaxed);
        }
        if (is_hit && fstat(pack->descriptor, &status) == 0 && status.st_mtime < cache->now - FRESH) {
            futimens(pack->descriptor, NULL); /* where that is not allowed, it is the first to go */
        }
    }
}

/* Writes the new pack, where there is one to be written. */
static void complete(struct cache *cache)
{
    bool merges = wants_merge(cache), has_new = cache->writer.is_begun;
    char name[CACHE_NAME_SIZE] = "";

    if (!has_new && !merges) {
        return;
    }
    int error = merges ? take_over(cache) : 0;
    if (error == 0 && cache->writer.is_begun) {
        error = pack_finish(&cache->writer, cache->version, name);
    }
    for (size_t i = 0; i < cache->pack_count && merges && error == 0; i++) {
        if (strcmp(cache->packs[i].name, name) != 0) {
            unlinkat(cache->folder, cache->packs[i].name, 0);
        }
    }
    note_error(cache, error);
    cache_folder_sweep(cache->folder, cache->size_max, cache->now);
}

int cache_close(struct cache *cache)
{
    if (cache->folder >= 0) {
        note_use(cache);
        if (atomic_load(&cache->error) == 0) {
            complete(cache);
        }
        close(cache->folder);
    }
    int error = atomic_load(&cache->error);
    pack_writer_release(&cache->writer);
    for (size_t i = 0; i < cache->pack_count; i++) {
        pack_release(&cache->packs[i]);
    }
    free(cache->packs);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
    return error;
}
