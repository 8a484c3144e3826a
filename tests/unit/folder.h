/* folder: a temporary folder for tests of what reads files. */
#ifndef UNIT_FOLDER_H
#define UNIT_FOLDER_H

#include "racelint/base.h"

/* Makes an empty folder; its absolute path, without symbolic links, is in the arena. */
struct str folder_new(struct arena *arena);
/* Removes the folder and all that lies in it. */
void folder_remove(struct str folder);

/* Writes a file below the folder; the folders on the way to it are made. */
void folder_write(struct str folder, const char *name, const char *text);
/* Makes a folder below it, and those on the way. */
void folder_make(struct str folder, const char *name);
/* Makes a symbolic link below it that points to `target`. */
void folder_link(struct str folder, const char *name, const char *target);
/* folder/name, in the arena. */
struct str folder_path(struct arena *arena, struct str folder, const char *name);

#endif
