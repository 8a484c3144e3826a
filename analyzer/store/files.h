/* files: what the cache does in folders, by descriptors of folders: nobody can exchange these in between. Every name is
 * one part of a path, ended by NUL. */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include <sys/stat.h>

#include "racelint/base.h"

/* Opens a folder (an absolute path); with `make`, makes it and those above it that are missing. -1 with errno set where
 * that fails. */
int files_open_folder(struct str folder, bool make);
/* The same for a folder in another one, which must not be a link. */
int files_open_inner(int folder, const char *name, bool make);

/* Opens a regular file, no link, to read it; -1 where there is none. */
int files_open_regular(int folder, const char *name, struct stat *status);
/* Reads exactly `size` bytes from an offset on; false where that fails or the file ends before. */
bool files_read_at(int descriptor, void *out, size_t size, uint64_t offset);

/* Makes a file to write to; the name must be free. -1 with errno set where that fails. */
int files_create(int folder, const char *name);
/* Writes all of it. Returns 0, or an errno; so do the next two. */
int files_write(int descriptor, struct str text);
/* Gives a file another name, in place of what had that. */
int files_rename(int folder, const char *from, const char *to);
/* Writes a whole file that takes its name when it is complete; until then it is called `temporary`. Where that fails,
 * nothing has changed. */
int files_replace(int folder, const char *name, const char *temporary, struct str text);

/* Calls visit(context, name) for each name in a folder but "." and "..". Returns 0, or an errno. */
int files_list(int folder, void (*visit)(void *context, const char *name), void *context);

#endif
