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

/* Writes all of a text. Returns 0, or an errno. */
int files_write(int descriptor, struct str text);

/* A file being written. Where the system can do that, it has no name until it is complete: then nothing is left of it
 * when the program is ended. Else it is called `temporary`, a name that must be free. */
struct new_file {
    int descriptor;        /* to write to */
    int folder;            /* which stays the caller's */
    bool is_named;         /* it is called `temporary` now */
    const char *temporary; /* not copied */
};
/* Each returns 0, or an errno. Once a file was created, files_complete or files_abandon ends it. */
int files_create(struct new_file *file, int folder, const char *temporary);
/* Gives the file its name, in place of what had that; where that fails, nothing has changed. */
int files_complete(struct new_file *file, const char *name);
void files_abandon(struct new_file *file);
/* All of it for one text. */
int files_replace(int folder, const char *name, const char *temporary, struct str text);

/* Calls visit(context, name) for each name in a folder but "." and "..". Returns 0, or an errno. */
int files_list(int folder, void (*visit)(void *context, const char *name), void *context);

#endif
