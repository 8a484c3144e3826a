/* baseline: the findings that a project has decided to live with for now, in a file that it keeps. An entry stands for
 * `count` findings with one fingerprint in one file; it says nothing of lines, so that only a change of the finding
 * itself, not one around it, makes it anew.
 *
 *     {"racelint-baseline": 1, "findings": [
 *     {"path": "app.py", "rule": "RL101", "symbol": "app.work", "state": "total", "fingerprint": "58d0…", "count": 1}
 *     ]}
 */
#ifndef STORE_BASELINE_H
#define STORE_BASELINE_H

#include "base/buf.h"
#include "base/vec.h"

/* Larger files are refused, in bytes. */
#define BASELINE_SIZE_MAX (64 << 20)

struct baseline_entry {
    struct str fingerprint;         /* without the number of equal ones: count stands for it */
    struct str path;                /* where the findings were, relative to the project's root */
    struct str rule, symbol, state; /* for people, and to tell what a run can know of it */
    uint32_t count;                 /* findings that it stands for */
    uint32_t met;                   /* of these, how many baseline_meet() found again */
};

/* A zeroed struct is an empty baseline but for its arena. */
struct baseline {
    struct arena *arena;                /* owns the strings */
    VEC(struct baseline_entry) entries; /* after baseline_sort: by fingerprint and path, each pair once */
};

void baseline_init(struct baseline *baseline);
void baseline_release(struct baseline *baseline);

/* Adds what a file holds. False with a message in *error, in which the file has the name `shown`, where it cannot be
 * read or is no baseline. The path must end in NUL. */
bool baseline_read(struct baseline *baseline, struct str path, struct str shown, struct buf *error);

/* Adds an entry for as many findings as its count says; the strings are copied. A ":n" behind the fingerprint goes. */
void baseline_add(struct baseline *baseline, const struct baseline_entry *entry);
/* Sorts the entries, and joins those of one fingerprint and path. To be called after additions, before the rest. */
void baseline_sort(struct baseline *baseline);

/* Whether an entry of the fingerprint still stands for a finding that was not met before; that one is met now. Only
 * entries of the path count, or, where it is empty, those of any path. The index of the entry, or SIZE_MAX. */
size_t baseline_meet(struct baseline *baseline, struct str fingerprint, struct str path);

/* Appends the file's text: an entry per line in order of path, rule, symbol and fingerprint, so that two versions can
 * be compared and merged line by line. */
void baseline_write(const struct baseline *baseline, struct buf *out);

#endif
