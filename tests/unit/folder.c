#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/unit/folder.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct str folder_new(struct arena *arena)
{
    char name[] = "/tmp/racelint-test-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(name));
    char *real = realpath(name, NULL);
    struct str result = arena_str(arena, str_of(real));
    free(real);
    return result;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void folder_remove(struct str folder)
{
    ck_assert_int_eq(nftw(folder.ptr, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

struct str folder_path(struct arena *arena, struct str folder, const char *name)
{
    return arena_printf(arena, "%.*s/%s", STR_FMT(folder), name);
}

/* Makes the folders above a path that begins with the folder. */
static void make_above(struct str folder, char *path)
{
    for (char *slash = strchr(path + folder.len + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ck_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
}

void folder_make(struct str folder, const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder.ptr, name);
    make_above(folder, path);
    ck_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
}

void folder_write(struct str folder, const char *name, const char *text)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder.ptr, name);
    make_above(folder, path);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

void folder_link(struct str folder, const char *name, const char *target)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder.ptr, name);
    make_above(folder, path);
    ck_assert_int_eq(symlink(target, path), 0);
}
