/* cache: a folder of lowered files, by the hash of their text: what was lowered once is read the next time.
 *
 *     FOLDER/CACHEDIR.TAG   tells backups to leave the folder out
 *     FOLDER/.gitignore     tells Git
 *     FOLDER/packs/NAME     packs (pack.h) of entries (entry.h)
 *
 * A run that met something new writes it into a pack of its own. Where packs become many, it takes over the entries of
 * the others, and removes these. Any number of runs may use a folder at once: packs appear complete or not at all,
 * never change, and are removed only when another one has what they have. What a run cannot use (damaged, of another
 * version, too large) it takes for missing. */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "racelint/ir.h"
#include "racelint/source.h"

/* When the packs of a folder take more than this, in bytes, the entries that were not used for longest are removed
 * until three quarters are left. */
#define CACHE_SIZE_MAX (UINT64_C(512) << 20)

struct cache;

/* Opens a folder (an absolute path), and makes it where it is missing. Where that fails, the cache is one in which
 * nothing is found and nothing can be stored. `version` is frontend_version()'s. */
struct cache *cache_open(struct str folder, uint64_t version, uint64_t size_max);
/* Completes what was stored, which is found from now on, removes old entries where there are too many, and frees the
 * cache. Returns the first error (an errno) that opening or storing met, or 0. */
int cache_close(struct cache *cache);

/* These two are safe to call from several threads at once.
 *
 * The module of a file, as frontend_lower made it when it was stored, with the diagnostics; NULL where there is none.
 * *cost is how long lowering took then, in seconds. */
struct ir_module *cache_find(struct cache *cache, const struct source_file *file, struct diagnostics *diagnostics,
                             double *cost);
/* Stores what frontend_lower made of the file: the module, and its diagnostics alone. */
void cache_store(struct cache *cache, const struct source_file *file, const struct ir_module *module,
                 const struct diagnostics *diagnostics, double cost);

/* What cache_clear did. */
struct cache_cleared {
    uint64_t files, bytes; /* removed */
    int error;             /* the first errno that removing met; 0: none. A missing folder is no error */
};
/* Removes all packs, then the folder, unless something else lies in it. */
struct cache_cleared cache_clear(struct str folder);

#endif
