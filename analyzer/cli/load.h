/* load: the first half of every analysis: finds the program's files, reads and lowers them on worker threads. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/progress.h"
#include "racelint/extension.h"
#include "racelint/frontend.h"
#include "racelint/source.h"
#include "settings/settings.h"
#include "store/cache.h"

struct loaded_file {
    struct source_file source;
    struct ir_module *module;    /* NULL where the file could not be read, or was only parsed */
    struct extension *extension; /* of a file of an extension module that has to do with Python; else NULL */
    bool is_read;                /* source has a text */
    bool reported;               /* findings there are shown */
};

struct load {
    struct discovery discovery;
    struct str here;           /* the folder that people see paths from; empty where there are none to see */
    struct loaded_file *files; /* as discovery has them: in order of path */
    size_t file_count;
    struct diagnostics *diagnostics;   /* of all files; sorted after load_files */
    struct cache *cache;               /* of lowered files; NULL: none is used. Lent, from load_find to load_files */
    struct str input;                  /* what standard input held, where it was read (malloc memory) */
    uint64_t bytes, lines;             /* of all files that could be read, decoded; of extensions: that matter */
    uint64_t extras;                   /* files of extension modules that turned out not to matter */
    uint64_t error_nodes;              /* counted where files were only parsed */
    uint64_t cache_hits, cache_misses; /* files that were found in the cache, and that were not */
    double saved_seconds;              /* that lowering the files took that were found */
    double find_seconds;               /* by the clock: discovery */
    /* By the clock; the workers' shares of the whole where these overlap. The cache: looking things up and storing. */
    double read_seconds, cache_seconds, parse_seconds;
};

enum load_scope {
    LOAD_PROGRAM,   /* the Python files */
    LOAD_EXTENSIONS /* the sources of extension modules, too */
};
/* Finds the program that the settings speak of, and reads standard input where "-" asks for it. False, with a message
 * printed, where the paths contradict each other or the options. In either case load_free ends it. */
bool load_find(struct load *load, const struct settings *settings, enum load_scope scope);

enum load_mode { LOAD_LOWER, LOAD_PARSE_ONLY };
/* Reads all files and parses or lowers them; the progress may be NULL. */
void load_files(struct load *load, const struct settings *settings, enum load_mode mode, struct progress *progress);
/* The index of the file of that path, as it is shown; or SIZE_MAX. */
size_t load_find_file(const struct load *load, struct str path);
void load_free(struct load *load);

/* Appends the path of a file of the program, or of one that was named and is not there, as people see it. */
void load_add_path(const struct load *load, struct str path, struct buf *out);
/* Whether the user named that path, and it is not there. */
bool load_is_missing(const struct load *load, struct str path);
/* Prints a diagnostic on standard error. */
void load_say(const struct load *load, const struct diagnostic *diagnostic);

/* The number of threads that the settings ask for. */
unsigned load_jobs(const struct settings *settings);

#endif
