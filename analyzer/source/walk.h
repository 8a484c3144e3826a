/* walk: collects the Python files below folders. Nothing recurses, whatever the depth of the folders. */
#ifndef SOURCE_WALK_H
#define SOURCE_WALK_H

#include "base/vec.h"
#include "racelint/source.h"
#include "source/ignore.h"
#include "source/inodes.h"

/* A symbolic link that was met and not yet followed. */
struct walk_link {
    struct str path;                    /* absolute */
    const struct ignore_level *ignores; /* that hold where the link lies */
    bool is_folder;                     /* what it points at */
};

struct walk {
    struct arena *arena;              /* for what outlives the walk: paths */
    struct str root;                  /* absolute; excludes and diagnostics are relative to it */
    const struct gitignore *excludes; /* the user's */
    const struct gitignore *defaults; /* the default excludes, which spare Python packages; NULL: replaced */
    bool (*takes)(struct str name);   /* as in discovery_options */
    struct diagnostics *diagnostics;
    struct inode_set folders, seen; /* folders entered; files taken */
    VEC(struct str) files;          /* absolute; may hold a path twice */
    VEC(struct walk_link) links;
    size_t skipped; /* folders and Python files left out by a pattern */
};

/* Whether the user's or the default excludes name the path itself. */
bool walk_excludes(const struct walk *walk, struct str path, bool is_folder);
/* Takes all Python files below a folder, in which `ignores` hold besides its own .gitignore. Links are put aside. */
void walk_folder(struct walk *walk, struct str folder, const struct ignore_level *ignores);
/* Takes one file. Where a symbolic link leads to it, only if it was not taken under another name before. */
void walk_file(struct walk *walk, struct str path, const struct stat *status, bool through_link);
/* Follows the links put aside, those behind them, and so on: each file and folder that was not met otherwise once. */
void walk_links(struct walk *walk);
void walk_release(struct walk *walk);

#endif
