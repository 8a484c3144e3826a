/* path: file names as text. Paths are absolute, with one '/' between their parts and none at the end, unless said. */
#ifndef SOURCE_PATH_H
#define SOURCE_PATH_H

#include "base/buf.h"
#include "racelint/base.h"

/* folder/name, in the arena. */
struct str path_join(struct arena *arena, struct str folder, struct str name);
/* The folder that a path lies in; "/" for "/". A view into the path: it need not end in NUL. */
struct str path_parent(struct str path);
/* The last part of a path. */
struct str path_name(struct str path);
/* Whether the path is the folder or lies below it. */
bool path_is_within(struct str path, struct str folder);
/* The path as seen from a folder that it lies below; empty for the folder itself; the path where it lies elsewhere. */
struct str path_relative(struct str path, struct str folder);
/* Appends the path of a file of a program, relative to the program's root, as people see it who work in a folder: from
 * there where it lies below, else as a whole. Without a folder, or with one that is the root, it stays as it is. */
void path_add_seen(struct buf *out, struct str path, struct str root, struct str here);
/* The deepest folder that both paths are or lie below. */
struct str path_common(struct str a, struct str b);

/* Where the process is; "/" where that is not known. In the arena. */
struct str path_working_folder(struct arena *arena);

/* Makes what a user gave absolute. Symbolic links keep their names; only a ".." behind one is resolved by the file
 * system. `working_folder` is where relative paths begin. In the arena. */
struct str path_absolute(struct arena *arena, struct str working_folder, struct str given);

/* Whether folder/name is a regular file, perhaps through a link. */
bool path_has_file(struct str folder, const char *name);
/* Whether folder/name is there at all. */
bool path_has_entry(struct str folder, const char *name);

/* The contents of a small regular file, in the arena; empty where it cannot be read. At most `max` bytes are read. */
struct str path_read_small(struct arena *arena, struct str folder, const char *name, size_t max);

#endif
