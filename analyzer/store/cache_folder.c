#include "store/cache_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/files.h"

#define PACKS "packs"
#define TEMPORARY "new-" /* begins the names of files that are being written */

/* What is left of a file that was being written so many seconds ago belongs to no run any more. */
enum { ABANDONED = 60 * 60 };

/* What marks the folder, written when it is made. */
static const struct {
    const char *name, *text;
} marks[] = {
    {"CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"
                     "# This file marks the cache of racelint, which backups can leave out.\n"
                     "# See https://bford.info/cachedir/\n"},
    {".gitignore", "# Made by racelint: its cache is not for Git.\n*\n"},
};
enum { MARK_COUNT = sizeof marks / sizeof *marks };

void cache_pack_name(char name[CACHE_NAME_SIZE], struct hash128 hash)
{
    snprintf(name, CACHE_NAME_SIZE, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
}

bool cache_is_pack(const char *name)
{
    return strlen(name) == 32 && strspn(name, "0123456789abcdef") == 32;
}

void cache_temporary_name(char name[CACHE_NAME_SIZE], unsigned number)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(name, CACHE_NAME_SIZE, TEMPORARY "%llx-%lx-%x", (unsigned long long)getpid(), (unsigned long)now.tv_nsec,
             number);
}

static bool is_temporary(const char *name)
{
    return strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0;
}

/* ---- opening ---- */

static void note_stranger(void *context, const char *name)
{
    bool known = strcmp(name, PACKS) == 0 || is_temporary(name);

    for (size_t i = 0; i < MARK_COUNT; i++) {
        known = known || strcmp(name, marks[i].name) == 0;
    }
    *(bool *)context |= !known;
}

/* Writes the marks that are missing. A folder with other things in it is not marked: they may be worth a backup. */
static void add_marks(int folder)
{
    bool has_strangers = false;
    struct stat status;
    char temporary[CACHE_NAME_SIZE];

    if (files_list(folder, note_stranger, &has_strangers) != 0 || has_strangers) {
        return;
    }
    for (unsigned i = 0; i < MARK_COUNT; i++) {
        if (fstatat(folder, marks[i].name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            cache_temporary_name(temporary, i);
            files_replace(folder, marks[i].name, temporary, str_of(marks[i].text));
        }
    }
}

int cache_folder_open(struct str folder)
{
    int top = files_open_folder(folder, true);

    if (top < 0) {
        return -1;
    }
    add_marks(top);
    int packs = files_open_inner(top, PACKS, true);
    int error = errno;
    close(top);
    errno = error;
    return packs;
}

/* ---- removing ---- */

/* A file in the folder of packs. */
struct kept {
    char name[CACHE_NAME_SIZE];
    uint64_t size; /* in bytes */
    time_t used;   /* when it was written or last known to be in use */
};

/* What there is to remove. */
struct removal {
    int packs;
    VEC(struct kept) files;
    VEC(struct kept) temporary;
    uint64_t size; /* of all packs, in bytes */
};

static void collect(void *context, const char *name)
{
    struct removal *removal = context;
    struct kept kept = {0};
    struct stat status;

    if (strlen(name) >= sizeof kept.name || (!cache_is_pack(name) && !is_temporary(name)) ||
        fstatat(removal->packs, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
        return;
    }
    memcpy(kept.name, name, strlen(name));
    kept.size = (uint64_t)status.st_size;
    kept.used = status.st_mtime;
    if (cache_is_pack(name)) {
        vec_push(&removal->files, kept);
        removal->size += kept.size;
    } else {
        vec_push(&removal->temporary, kept);
    }
}

static void removal_release(struct removal *removal)
{
    vec_release(&removal->files);
    vec_release(&removal->temporary);
}

static int compare_use(const void *left, const void *right)
{
    const struct kept *a = left, *b = right;

    return a->used != b->used ? (a->used > b->used) - (a->used < b->used) : strcmp(a->name, b->name);
}

void cache_folder_sweep(int packs, uint64_t size_max, time_t now)
{
    struct removal removal = {.packs = packs};

    files_list(packs, collect, &removal);
    for (size_t i = 0; i < removal.temporary.len; i++) {
        if (removal.temporary.data[i].used < now - ABANDONED) {
            unlinkat(packs, removal.temporary.data[i].name, 0);
        }
    }
    if (removal.files.len > 0) {
        qsort(removal.files.data, removal.files.len, sizeof *removal.files.data, compare_use);
    }
    for (size_t i = 0; i < removal.files.len && removal.size > size_max; i++) {
        unlinkat(packs, removal.files.data[i].name, 0);
        removal.size -= removal.files.data[i].size;
    }
    removal_release(&removal);
}

static void note_result(struct cache_cleared *cleared, int result)
{
    if (result != 0 && errno != ENOENT && cleared->error == 0) {
        cleared->error = errno;
    }
}

static void clear_packs(int packs, struct cache_cleared *cleared)
{
    struct removal removal = {.packs = packs};

    files_list(packs, collect, &removal);
    for (size_t i = 0; i < removal.files.len; i++) {
        int result = unlinkat(packs, removal.files.data[i].name, 0);
        note_result(cleared, result);
        cleared->files += result == 0;
        cleared->bytes += result == 0 ? removal.files.data[i].size : 0;
    }
    for (size_t i = 0; i < removal.temporary.len; i++) {
        note_result(cleared, unlinkat(packs, removal.temporary.data[i].name, 0));
    }
    removal_release(&removal);
}

/* Whether a file is the mark that we wrote. */
static bool is_mark(int folder, size_t index)
{
    char text[512];
    struct stat status;
    size_t size = strlen(marks[index].text);
    int descriptor = files_open_regular(folder, marks[index].name, &status);

    if (descriptor < 0) {
        return false;
    }
    bool same = size <= sizeof text && (uint64_t)status.st_size == size && files_read_at(descriptor, text, size, 0) &&
                memcmp(text, marks[index].text, size) == 0;
    close(descriptor);
    return same;
}

struct cache_cleared cache_clear(struct str folder)
{
    struct cache_cleared cleared = {0};
    int top = files_open_folder(folder, false);

    if (top < 0) {
        cleared.error = errno == ENOENT ? 0 : errno;
        return cleared;
    }
    int packs = files_open_inner(top, PACKS, false);
    if (packs >= 0) {
        clear_packs(packs, &cleared);
        close(packs);
        unlinkat(top, PACKS, AT_REMOVEDIR); /* fails where something else lies in it: that is to stay */
    }
    bool has_strangers = fstatat(top, PACKS, &(struct stat){0}, AT_SYMLINK_NOFOLLOW) == 0;
    files_list(top, note_stranger, &has_strangers);
    for (size_t i = 0; i < MARK_COUNT && !has_strangers; i++) {
        if (is_mark(top, i)) {
            note_result(&cleared, unlinkat(top, marks[i].name, 0));
        }
    }
    close(top);
    if (!has_strangers) {
        struct arena *scratch = arena_new();
        rmdir(arena_str(scratch, folder).ptr);
        arena_free(scratch);
    }
    return cleared;
}
