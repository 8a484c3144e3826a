#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "racelint/source.h"
#include "source/path.h"
#include "source/walk.h"

static const char *const default_excludes[] = {
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".racelint_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
};
enum { DEFAULT_EXCLUDE_COUNT = sizeof default_excludes / sizeof *default_excludes };

/* A path that the user named. */
struct target {
    struct str path;    /* absolute */
    struct str real;    /* the same without symbolic links, where it lies in the project */
    struct stat status; /* of what it leads to */
    bool is_folder;
    bool is_link;
    bool unsaved; /* need not exist: status says nothing */
};

/* One discovery under way. */
struct search {
    struct discovery *found;
    const struct discovery_options *options;
    struct diagnostics *diagnostics;
    struct walk walk;
    VEC(struct target) targets;
};

const char *discovery_default_exclude(size_t index)
{
    return index < DEFAULT_EXCLUDE_COUNT ? default_excludes[index] : NULL;
}

/* Looks the paths up. */
static void add_targets(struct search *search, const struct str *paths, size_t count)
{
    struct discovery *found = search->found;
    struct arena *arena = found->arena;
    struct str here = path_working_folder(arena);

    found->missing = arena_array(arena, count + 1, sizeof *found->missing);
    for (size_t i = 0; i < count; i++) {
        struct target target = {.path = path_absolute(arena, here, paths[i])};
        struct stat link;
        if (paths[i].len == 0 || stat(target.path.ptr, &target.status) != 0) {
            const char *reason = strerror(paths[i].len == 0 ? ENOENT : errno);
            struct str shown = paths[i].len == 0 ? STR("''") : arena_str(arena, paths[i]);
            diagnostics_add(search->diagnostics, shown, 0, "RL001",
                            arena_printf(arena, "the path cannot be opened: %s", reason));
            found->missing[found->missing_count++] = shown;
            continue;
        }
        target.is_folder = S_ISDIR(target.status.st_mode);
        target.is_link = lstat(target.path.ptr, &link) == 0 && S_ISLNK(link.st_mode);
        vec_push(&search->targets, target);
    }
    if (search->options->unsaved.len > 0) {
        struct str path = path_absolute(arena, here, search->options->unsaved);
        vec_push(&search->targets, (struct target){.path = path, .unsaved = true});
    }
    if (search->targets.len == 0) {
        search->found->root = here;
    }
}

/* Plain names before links, so that a file named both ways goes by its own name; then by path. */
static int compare_targets(const void *left, const void *right)
{
    const struct target *a = left;
    const struct target *b = right;

    return a->is_link != b->is_link ? a->is_link - b->is_link : str_compare(a->path, b->path);
}

static struct str common_folder(const struct search *search)
{
    struct str common = STR("");

    for (size_t i = 0; i < search->targets.len; i++) {
        const struct target *target = &search->targets.data[i];
        struct str folder = target->is_folder ? target->path : path_parent(target->path);
        common = i == 0 ? folder : path_common(common, folder);
    }
    return common;
}

/* Sets the root; true where it is that of a project, all of which is the program. */
static bool find_root(struct search *search)
{
    struct str common = common_folder(search);
    struct str at = common;

    if (search->options->root.len > 0 && !search->options->isolated) {
        search->found->root = search->options->root;
        return true;
    }
    for (; !search->options->isolated; at = path_parent(at)) {
        if (path_has_file(at, "pyproject.toml") || path_has_file(at, "racelint.toml") || path_has_entry(at, ".git")) {
            search->found->root = arena_str(search->found->arena, at);
            return true;
        }
        if (at.len <= 1) {
            break;
        }
    }
    at = common;
    while (at.len > 1 && path_has_file(at, "__init__.py")) {
        at = path_parent(at);
    }
    search->found->root = arena_str(search->found->arena, at);
    return false;
}

static void set_excludes(struct search *search)
{
    struct arena *arena = search->found->arena;
    const struct discovery_options *options = search->options;
    size_t count = options->exclude_count + options->extend_exclude_count;
    struct str *patterns = arena_array(arena, count + 1, sizeof *patterns);

    for (size_t i = 0; i < count; i++) {
        patterns[i] =
            i < options->exclude_count ? options->excludes[i] : options->extend_excludes[i - options->exclude_count];
    }
    search->walk.excludes = gitignore_from_list(arena, patterns, count);
    if (options->excludes == NULL) {
        struct str defaults[DEFAULT_EXCLUDE_COUNT];
        for (size_t i = 0; i < DEFAULT_EXCLUDE_COUNT; i++) {
            defaults[i] = str_of(default_excludes[i]);
        }
        search->walk.defaults = gitignore_from_list(arena, defaults, DEFAULT_EXCLUDE_COUNT);
    }
}

/* Whether an exclude names the path or a folder above it, inside the root. */
static bool is_excluded(const struct search *search, const struct target *target)
{
    for (struct str at = target->path; at.len > search->found->root.len; at = path_parent(at)) {
        if (walk_excludes(&search->walk, at, target->is_folder || at.len < target->path.len)) {
            return true;
        }
    }
    return false;
}

static void drop_excluded_targets(struct search *search)
{
    size_t kept = 0;

    for (size_t i = 0; i < search->targets.len; i++) {
        if (!is_excluded(search, &search->targets.data[i])) {
            search->targets.data[kept++] = search->targets.data[i];
        }
    }
    search->targets.len = kept;
}

/* The root may have been named through a link: what lies in it really is named from there, too. */
static void set_real_paths(struct search *search)
{
    struct arena *arena = search->found->arena;
    char *root = realpath(search->found->root.ptr, NULL);

    for (size_t i = 0; i < search->targets.len; i++) {
        struct target *target = &search->targets.data[i];
        char *real = realpath(target->path.ptr, NULL);
        target->real = target->path;
        if (root != NULL && real != NULL && path_is_within(str_of(real), str_of(root))) {
            struct str below = path_relative(str_of(real), str_of(root));
            target->real = below.len > 0 ? path_join(arena, search->found->root, below) : search->found->root;
        }
        free(real);
    }
    free(root);
}

static void collect(struct search *search, bool whole_project)
{
    struct arena *arena = search->found->arena;

    if (whole_project) {
        walk_folder(&search->walk, search->found->root, ignore_around(arena, search->found->root));
    }
    for (size_t i = 0; i < search->targets.len; i++) {
        struct target *target = &search->targets.data[i];
        if (target->is_folder) {
            walk_folder(&search->walk, target->path, ignore_around(arena, target->path));
        } else if (!target->unsaved) {
            walk_file(&search->walk, target->path, &target->status, target->is_link);
        }
    }
    walk_links(&search->walk);
    for (size_t i = 0; i < search->targets.len; i++) {
        if (search->targets.data[i].unsaved) {
            vec_push(&search->walk.files, search->targets.data[i].real);
        }
    }
}

static int compare_paths(const void *left, const void *right)
{
    return str_compare(*(const struct str *)left, *(const struct str *)right);
}

/* Keeps what the user named for look-up. */
static void set_named(struct search *search)
{
    struct discovery *found = search->found;
    size_t most = 2 * search->targets.len;

    found->named_files = arena_array(found->arena, most + 1, sizeof *found->named_files);
    found->named_folders = arena_array(found->arena, most + 1, sizeof *found->named_folders);
    for (size_t i = 0; i < search->targets.len; i++) {
        const struct target *target = &search->targets.data[i];
        size_t *count = target->is_folder ? &found->named_folder_count : &found->named_file_count;
        struct str *list = target->is_folder ? found->named_folders : found->named_files;
        list[(*count)++] = path_relative(target->path, found->root);
        if (!str_equal(target->real, target->path)) {
            list[(*count)++] = path_relative(target->real, found->root);
        }
    }
    if (found->named_file_count > 0) {
        qsort(found->named_files, found->named_file_count, sizeof *found->named_files, compare_paths);
    }
}

bool discovery_names(const struct discovery *found, struct str path)
{
    if (found->named_file_count > 0 &&
        bsearch(&path, found->named_files, found->named_file_count, sizeof path, compare_paths) != NULL) {
        return true;
    }
    for (size_t i = 0; i < found->named_folder_count; i++) {
        if (found->named_folders[i].len == 0 || path_is_within(path, found->named_folders[i])) {
            return true;
        }
    }
    return false;
}

/* The files in order of the path that is shown, each once. */
static void set_files(struct search *search)
{
    struct discovery *found = search->found;
    size_t count = search->walk.files.len;
    struct str *paths = search->walk.files.data;
    bool (*takes)(struct str name) = search->options->takes;
    struct str unsaved = STR("");

    for (size_t i = 0; i < search->targets.len; i++) {
        unsaved = search->targets.data[i].unsaved ? search->targets.data[i].real : unsaved;
    }
    if (count > 0) {
        qsort(paths, count, sizeof *paths, compare_paths);
    }
    found->files = arena_array(found->arena, count + 1, sizeof *found->files);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && str_equal(paths[i], paths[i - 1])) {
            continue;
        }
        found->files[found->file_count++] = (struct discovered_file){
            .path = path_relative(paths[i], found->root),
            .full_path = paths[i],
            .reported = discovery_names(found, path_relative(paths[i], found->root)),
            .unsaved = unsaved.len > 0 && str_equal(paths[i], unsaved),
            .is_extra = takes != NULL && takes(path_name(paths[i])),
        };
    }
}

void discovery_run(struct discovery *found, const struct str *paths, size_t path_count,
                   const struct discovery_options *options, struct diagnostics *diagnostics)
{
    struct search search = {.found = found, .options = options, .diagnostics = diagnostics};

    *found = (struct discovery){.arena = arena_new()};
    add_targets(&search, paths, path_count);
    if (search.targets.len > 0) {
        qsort(search.targets.data, search.targets.len, sizeof *search.targets.data, compare_targets);
        bool whole_project = find_root(&search);
        search.walk.arena = found->arena;
        search.walk.root = found->root;
        search.walk.diagnostics = diagnostics;
        search.walk.takes = options->takes;
        set_excludes(&search);
        if (options->force_exclude) {
            drop_excluded_targets(&search);
        }
        set_real_paths(&search);
        set_named(&search);
        collect(&search, whole_project);
        set_files(&search);
        found->skipped = search.walk.skipped;
        walk_release(&search.walk);
    }
    vec_release(&search.targets);
}

void discovery_free(struct discovery *found)
{
    arena_free(found->arena);
    *found = (struct discovery){0};
}
