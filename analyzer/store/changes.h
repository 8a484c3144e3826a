/* changes: which lines of a project's files are not as they were in a revision, told by Git. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "base/buf.h"
#include "base/vec.h"

/* Lines that were added or changed, from 1. Where lines were taken away, those before and behind the gap. */
struct changed_lines {
    struct str path; /* relative to the folder that was asked for */
    uint32_t first, last;
};

struct changes {
    struct arena *arena;             /* owns the paths */
    VEC(struct changed_lines) lines; /* in order of path, then as Git tells them: in order of line */
    VEC(struct str) tracked;         /* the files that Git knows below the folder, in order of path */
};

/* Asks Git what changed below a folder (absolute) between a revision and the files as they are now; a file that was
 * only renamed has not changed. False with a message in *error where there is no Git, the folder lies in no repository,
 * or the revision does not exist. In either case changes_release() ends it. */
bool changes_read(struct changes *changes, struct str folder, struct str revision, struct buf *error);
void changes_release(struct changes *changes);

/* Whether any of the lines changed. All lines of a file have that Git does not track. */
bool changes_touch(const struct changes *changes, struct str path, uint32_t first, uint32_t last);

/* Reads the output of `git diff -U0` with the prefixes a/ and b/: for changes_read, and for tests. */
void changes_parse(struct changes *changes, struct str diff);

#endif
