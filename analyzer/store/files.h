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
/* Reads exactly `size` bytes; false where that fails or the file ends before. */
bool files_read(int descriptor, void *out, size_t size);

/* Writes a file that takes its name when it is complete, in place of what had the name; until then it is called
 * `temporary`, which must be free. Returns 0, or an errno; then nothing has changed. */
int files_replace(int folder, const char *name, const char *temporary, struct str text);

/* Calls visit(context, name) for each name in a folder but "." and "..". Returns 0, or an errno. */
int files_list(int folder, void (*visit)(void *context, const char *name), void *context);

#endif
