#include "source/path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static bool is_top(struct str path)
{
    return str_equal(path, STR("/"));
}

struct str path_join(struct arena *arena, struct str folder, struct str name)
{
    return arena_printf(arena, "%.*s%s%.*s", STR_FMT(folder), is_top(folder) ? "" : "/", STR_FMT(name));
}

struct str path_parent(struct str path)
{
    size_t slash = str_rfind_char(path, '/');

    return slash == SIZE_MAX || slash == 0 ? STR("/") : str_slice(path, 0, slash);
}

struct str path_name(struct str path)
{
    size_t slash = str_rfind_char(path, '/');

    return slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.len);
}

bool path_is_within(struct str path, struct str folder)
{
    return is_top(folder) || (str_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/'));
}

struct str path_relative(struct str path, struct str folder)
{
    if (!path_is_within(path, folder)) {
        return path;
    }
    size_t skip = is_top(folder) ? 1 : folder.len + 1;
    return str_slice(path, skip, path.len);
}

void path_add_seen(struct buf *out, struct str path, struct str root, struct str here)
{
    struct buf whole = {0};

    if (here.len == 0 || str_equal(here, root)) {
        buf_add(out, path);
        return;
    }
    buf_printf(&whole, "%.*s%s%.*s", STR_FMT(root), str_ends(root, STR("/")) ? "" : "/", STR_FMT(path));
    buf_add(out, path_relative(buf_str(&whole), here));
    buf_release(&whole);
}

struct str path_common(struct str a, struct str b)
{
    while (!path_is_within(b, a)) {
        a = path_parent(a);
    }
    return a;
}

/* Replaces the path so far by its parent, which for a symbolic link is the parent of what it points at. */
static void go_up(struct buf *path)
{
    struct stat status;

    if (path->len > 1 && lstat(path->ptr, &status) == 0 && S_ISLNK(status.st_mode)) {
        char *target = realpath(path->ptr, NULL);
        if (target != NULL) {
            buf_clear(path);
            buf_add(path, str_of(target));
            free(target);
        }
    }
    path->len = path_parent(buf_str(path)).len;
    path->ptr[path->len] = '\0';
}

struct str path_working_folder(struct arena *arena)
{
    char *here = getcwd(NULL, 0);
    struct str result = arena_str(arena, here != NULL ? str_of(here) : STR("/"));

    free(here);
    return result;
}

struct str path_absolute(struct arena *arena, struct str working_folder, struct str given)
{
    struct buf path = {0};

    buf_add(&path, str_starts(given, STR("/")) ? STR("/") : working_folder);
    for (size_t start = 0; start < given.len;) {
        const char *slash = memchr(given.ptr + start, '/', given.len - start);
        size_t end = slash != NULL ? (size_t)(slash - given.ptr) : given.len;
        struct str part = str_slice(given, start, end);
        start = end + 1;
        if (part.len == 0 || str_equal(part, STR("."))) {
            continue;
        }
        if (str_equal(part, STR(".."))) {
            go_up(&path);
            continue;
        }
        if (path.len > 1) {
            buf_add_char(&path, '/');
        }
        buf_add(&path, part);
    }
    struct str result = arena_str(arena, buf_str(&path));
    buf_release(&path);
    return result;
}

static bool entry_status(struct str folder, const char *name, struct stat *status)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%.*s/%s", STR_FMT(folder), name);

    return length > 0 && (size_t)length < sizeof path && stat(path, status) == 0;
}

bool path_has_file(struct str folder, const char *name)
{
    struct stat status;

    return entry_status(folder, name, &status) && S_ISREG(status.st_mode);
}

bool path_has_entry(struct str folder, const char *name)
{
    struct stat status;

    return entry_status(folder, name, &status);
}

struct str path_read_small(struct arena *arena, struct str folder, const char *name, size_t max)
{
    struct str result = STR("");
    struct stat status;

    if (!entry_status(folder, name, &status) || !S_ISREG(status.st_mode)) {
        return result;
    }
    FILE *file = fopen(path_join(arena, folder, str_of(name)).ptr, "rbe");
    if (file != NULL) {
        size_t size = (uint64_t)status.st_size < max ? (size_t)status.st_size : max;
        char *bytes = memory_new(size + 1);
        result = arena_str(arena, (struct str){bytes, fread(bytes, 1, size, file)});
        free(bytes);
        fclose(file);
    }
    return result;
}
