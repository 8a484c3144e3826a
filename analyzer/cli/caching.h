/* caching: which folder the cache of a run is in, and what is said of it. */
#ifndef CLI_CACHING_H
#define CLI_CACHING_H

#include "cli/load.h"

/* The cache of one run. */
struct caching {
    struct cache *cache; /* NULL: none is used */
    struct str folder;   /* absolute */
    bool is_named;       /* the user named the folder */
    struct arena *arena; /* of the folder's name */
};

/* Opens the cache that the settings and the environment ask for, and lends it to the load. Where it cannot be used, the
 * run goes on without. */
void caching_open(struct caching *caching, const struct settings *settings, struct load *load);
/* Closes it, and says what it was good for where the settings want to know. */
void caching_close(struct caching *caching, const struct settings *settings, struct load *load);

#endif
