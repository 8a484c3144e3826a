/* ignore: the .gitignore files that hold in a folder, as a chain from the innermost one outwards. */
#ifndef SOURCE_IGNORE_H
#define SOURCE_IGNORE_H

#include "source/gitignore.h"

/* The patterns of one ignore file. A chain lives in an arena; NULL is the empty one. */
struct ignore_level {
    const struct gitignore *patterns;
    struct str folder;                /* absolute; the patterns are relative to it */
    const struct ignore_level *outer; /* less important: inner files overrule outer ones */
};

/* The chain inside a folder, given the one around it: with the folder's own .gitignore, where it has one. */
const struct ignore_level *ignore_enter(struct arena *arena, const struct ignore_level *outer, struct str folder);

/* The chain around a folder: from the repository that it lies in (info/exclude, then every .gitignore from the
 * repository's top down to the folder's parent). NULL outside of a repository. Where the folder is itself ignored, it
 * is taken as asked for all the same: NULL. */
const struct ignore_level *ignore_around(struct arena *arena, struct str folder);

/* Whether git would ignore the path; that no folder above it is ignored is taken for granted. */
bool ignore_matches(const struct ignore_level *chain, struct str path, bool is_folder);

#endif
