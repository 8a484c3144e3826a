#include "source/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/path.h"

/* One name in a folder. */
struct entry {
    struct str name;
    bool wanted; /* has the name of a file that is looked for */
};

/* A folder that waits to be walked. */
struct pending {
    struct str path;
    const struct ignore_level *ignores; /* that hold around it */
};

typedef VEC(struct entry) entry_list;
typedef VEC(struct pending) pending_list;

/* Whether a file's name is that of a Python module: .py or .pyi. */
static bool walk_is_python(struct str name)
{
    return str_ends(name, STR(".py")) || str_ends(name, STR(".pyi"));
}

static void report(struct walk *walk, struct str path, const char *format, const char *detail)
{
    struct str message = arena_printf(walk->arena, format, detail);
    struct str relative = path_relative(path, walk->root);

    diagnostics_add(walk->diagnostics, relative.len > 0 ? relative : STR("."), 0, "RL001", message);
}

bool walk_excludes(const struct walk *walk, struct str path, bool is_folder)
{
    struct str relative = path_relative(path, walk->root);
    enum gitignore_verdict verdict = gitignore_match(walk->excludes, relative, is_folder);

    if (verdict != GITIGNORE_NO_MATCH) {
        return verdict == GITIGNORE_IGNORED;
    }
    return walk->defaults != NULL && gitignore_match(walk->defaults, relative, is_folder) == GITIGNORE_IGNORED &&
           !(is_folder && path_has_file(path, "__init__.py"));
}

static bool is_left_out(struct walk *walk, struct str path, bool is_folder, const struct ignore_level *ignores)
{
    bool result = walk_excludes(walk, path, is_folder) || ignore_matches(ignores, path, is_folder);

    walk->skipped += result;
    return result;
}

void walk_file(struct walk *walk, struct str path, const struct stat *status, bool through_link)
{
    if (inode_set_add(&walk->seen, status) || !through_link) {
        vec_push(&walk->files, path);
    }
}

static int compare_entries(const void *left, const void *right)
{
    return str_compare(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

/* Lists a folder in order of name; names that cannot matter (files that are not looked for) are dropped where the
 * system tells the type. False where it cannot be read. */
static bool read_entries(struct walk *walk, struct arena *scratch, struct str folder, entry_list *entries)
{
    DIR *handle = opendir(folder.ptr);
    struct dirent *found;

    vec_clear(entries);
    if (handle == NULL) {
        report(walk, folder, "the folder cannot be read: %s", strerror(errno));
        return false;
    }
    while (errno = 0, (found = readdir(handle)) != NULL) {
        struct str name = str_of(found->d_name);
        bool wanted = walk_is_python(name) || (walk->takes != NULL && walk->takes(name));
        if (str_equal(name, STR(".")) || str_equal(name, STR("..")) || (!wanted && found->d_type == DT_REG)) {
            continue;
        }
        vec_push(entries, (struct entry){arena_str(scratch, name), wanted});
    }
    if (errno != 0) {
        report(walk, folder, "the folder cannot be read: %s", strerror(errno));
    }
    closedir(handle);
    if (entries->len > 1) {
        qsort(entries->data, entries->len, sizeof *entries->data, compare_entries);
    }
    return true;
}

static void take_link(struct walk *walk, struct str path, struct entry entry, const struct ignore_level *ignores)
{
    struct stat target;

    if (stat(path.ptr, &target) != 0) {
        /* Editors mark a file that is being edited by a link .#name to nowhere. */
        if (walk_is_python(entry.name) && !str_starts(entry.name, STR(".#"))) {
            report(walk, path, "the symbolic link cannot be followed: %s", strerror(errno));
        }
        return;
    }
    bool is_folder = S_ISDIR(target.st_mode);
    if ((is_folder || entry.wanted) && !is_left_out(walk, path, is_folder, ignores)) {
        vec_push(&walk->links, (struct walk_link){path, ignores, is_folder});
    }
}

static void take_entry(struct walk *walk, struct str folder, struct entry entry, const struct ignore_level *ignores,
                       pending_list *stack)
{
    struct str path = path_join(walk->arena, folder, entry.name);
    struct stat status;

    if (lstat(path.ptr, &status) != 0) {
        if (errno != ENOENT) { /* gone since the folder was listed */
            report(walk, path, "this cannot be looked at: %s", strerror(errno));
        }
    } else if (S_ISLNK(status.st_mode)) {
        take_link(walk, path, entry, ignores);
    } else if (S_ISDIR(status.st_mode)) {
        if (!is_left_out(walk, path, true, ignores)) {
            vec_push(stack, (struct pending){path, ignores});
        }
    } else if (entry.wanted && !is_left_out(walk, path, false, ignores)) {
        walk_file(walk, path, &status, false); /* what is no regular file is refused, with a message, when it is read */
    }
}

void walk_folder(struct walk *walk, struct str folder, const struct ignore_level *ignores)
{
    struct arena *scratch = arena_new();
    entry_list entries = {0};
    pending_list stack = {0};

    vec_push(&stack, (struct pending){folder, ignores});
    for (bool first = true; stack.len > 0; first = false) {
        struct pending here = vec_pop(&stack);
        struct stat status;
        if (stat(here.path.ptr, &status) != 0) {
            report(walk, here.path, "the folder cannot be read: %s", strerror(errno));
            continue;
        }
        if (!first && walk->defaults != NULL && path_has_file(here.path, "pyvenv.cfg")) { /* a virtual environment */
            walk->skipped++;
            continue;
        }
        arena_clear(scratch);
        if (!inode_set_add(&walk->folders, &status) || !read_entries(walk, scratch, here.path, &entries)) {
            continue;
        }
        const struct ignore_level *inside = ignore_enter(walk->arena, here.ignores, here.path);
        for (size_t i = 0; i < entries.len; i++) {
            take_entry(walk, here.path, entries.data[i], inside, &stack);
        }
    }
    vec_release(&stack);
    vec_release(&entries);
    arena_free(scratch);
}

static int compare_links(const void *left, const void *right)
{
    return str_compare(((const struct walk_link *)left)->path, ((const struct walk_link *)right)->path);
}

/* Whether a linked folder is one that the whole project lies in: walking it would walk the world. */
static bool leads_above_root(const struct walk *walk, struct str folder)
{
    char *target = realpath(folder.ptr, NULL);
    char *root = realpath(walk->root.ptr, NULL);
    bool result = target != NULL && root != NULL && path_is_within(str_of(root), str_of(target));

    free(target);
    free(root);
    return result;
}

void walk_links(struct walk *walk)
{
    while (walk->links.len > 0) {
        size_t count = walk->links.len;
        struct walk_link *links = walk->links.data;

        walk->links.data = NULL; /* links behind these ones gather in a new list */
        walk->links.len = walk->links.cap = 0;
        qsort(links, count, sizeof *links, compare_links);
        for (size_t i = 0; i < count; i++) {
            struct stat status;
            if (stat(links[i].path.ptr, &status) != 0) {
                report(walk, links[i].path, "the symbolic link cannot be followed: %s", strerror(errno));
            } else if (!links[i].is_folder) {
                walk_file(walk, links[i].path, &status, true);
            } else if (!leads_above_root(walk, links[i].path)) {
                walk_folder(walk, links[i].path, links[i].ignores);
            }
        }
        vec_free(links);
    }
}

void walk_release(struct walk *walk)
{
    inode_set_release(&walk->folders);
    inode_set_release(&walk->seen);
    vec_release(&walk->files);
    vec_release(&walk->links);
}
