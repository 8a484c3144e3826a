/* gitignore: the patterns of one .gitignore file, with git's rules: `!` re-includes, the last match counts, a pattern
 * with a slash at its beginning or in its middle is anchored to the file's folder, one that ends in a slash is for
 * folders alone, `**` spans folders. Matching is linear in pattern times path, whatever the pattern. */
#ifndef SOURCE_GITIGNORE_H
#define SOURCE_GITIGNORE_H

#include "racelint/base.h"

struct gitignore;

enum gitignore_verdict {
    GITIGNORE_NO_MATCH,
    GITIGNORE_IGNORED,
    GITIGNORE_INCLUDED, /* a pattern with `!` matched last */
};

/* Patterns from the text of an ignore file. The result and what it refers to live in the arena. */
struct gitignore *gitignore_parse(struct arena *arena, struct str text);
/* Patterns from a list, one each: white space at their ends and a leading '#' are part of the pattern. */
struct gitignore *gitignore_from_list(struct arena *arena, const struct str *patterns, size_t count);

/* What the patterns say of a path, relative to the folder that they are for, with '/' and without one at its ends. */
enum gitignore_verdict gitignore_match(const struct gitignore *patterns, struct str path, bool is_folder);

#endif
