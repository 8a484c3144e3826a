/* link: what one file of a module does not say, but its headers or the files that build it do. */
#include <stdlib.h>
#include <string.h>

#include "extension/scan.h"
#include "source/path.h"

/* Larger build files are read to here. */
enum { BUILD_FILE_MAX = 1 << 20 };

/* The first version of PyO3 that knows free threading, and the first whose modules need not ask for it: 0.x. */
enum { PYO3_KNOWS = 23, PYO3_DEFAULT = 28 };

/* What the build files of a folder, and of those above it, say. */
struct build {
    bool cython_declares;   /* freethreading_compatible is set for all that Cython compiles */
    bool nanobind_declares; /* FREE_THREADED is given */
    bool nanobind_builds;   /* nanobind_add_module is there */
    int pyo3_minor;         /* of version 0.x; -1: unknown */
};

/* A line without the comment at its end. All of these files write comments with '#'. */
static struct str code_of(struct str line)
{
    size_t comment = str_find(line, STR("#"));

    return comment == SIZE_MAX ? line : str_slice(line, 0, comment);
}

/* Whether a line sets the directive: 'freethreading_compatible': True, or -Xfreethreading_compatible=True. */
static bool sets_directive(struct str line)
{
    struct str name = STR("freethreading_compatible");
    size_t at = str_find(line, name);

    if (at == SIZE_MAX) {
        return false;
    }
    for (at += name.len; at < line.len && strchr("'\" \t:=", line.ptr[at]) != NULL; at++) {
    }
    return str_starts(str_slice(line, at, line.len), STR("True")) ||
           str_starts(str_slice(line, at, line.len), STR("true"));
}

/* The 23 of `pyo3 = "0.23"` or `pyo3 = { version = "0.23", … }`; -1 where the line is none such. */
static int pyo3_minor(struct str line)
{
    struct str rest = str_trim(line);

    if (!str_starts(rest, STR("pyo3"))) {
        return -1;
    }
    rest = str_trim(str_slice(rest, 4, rest.len));
    if (!str_starts(rest, STR("=")) && !str_starts(rest, STR(".version"))) {
        return -1;
    }
    size_t version = str_find(rest, STR("version"));
    rest = version == SIZE_MAX ? rest : str_slice(rest, version, rest.len);
    size_t at = str_find(rest, STR("0."));
    char digits[4] = "";
    for (size_t i = at == SIZE_MAX ? rest.len : at + 2, n = 0; i < rest.len && n < sizeof digits - 1; i++) {
        if (rest.ptr[i] < '0' || rest.ptr[i] > '9') {
            break;
        }
        digits[n++] = rest.ptr[i];
    }
    return digits[0] != '\0' ? atoi(digits) : -1;
}

static void read_line(struct build *build, struct str line)
{
    struct str code = code_of(line);
    int minor = pyo3_minor(code);

    build->cython_declares = build->cython_declares || sets_directive(code);
    build->nanobind_declares = build->nanobind_declares || str_find(code, STR("FREE_THREADED")) != SIZE_MAX;
    build->nanobind_builds = build->nanobind_builds || str_find(code, STR("nanobind_add_module")) != SIZE_MAX;
    build->pyo3_minor = build->pyo3_minor < 0 ? minor : build->pyo3_minor;
}

static void read_folder(struct build *build, struct arena *arena, struct str folder)
{
    static const char *const names[] = {"setup.py",    "setup.cfg",      "pyproject.toml",
                                        "meson.build", "CMakeLists.txt", "Cargo.toml"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str text = path_read_small(arena, folder, names[i], BUILD_FILE_MAX);
        for (size_t start = 0; start < text.len;) {
            const char *end = memchr(text.ptr + start, '\n', text.len - start);
            size_t stop = end != NULL ? (size_t)(end - text.ptr) : text.len;
            read_line(build, str_slice(text, start, stop));
            start = stop + 1;
        }
    }
}

/* From the file's folder up to the root; the nearest version of PyO3 counts. */
static struct build build_of(struct str path, struct str root)
{
    struct build build = {.pyo3_minor = -1};
    struct arena *arena = arena_new();

    for (struct str folder = path_parent(path); path_is_within(folder, root); folder = path_parent(folder)) {
        read_folder(&build, arena, arena_str(arena, folder));
        if (folder.len <= root.len) {
            break;
        }
    }
    arena_free(arena);
    return build;
}

/* Whether the build files settle the hazard; else they may make it surer. */
static bool is_settled(const struct build *build, struct extension_hazard *hazard)
{
    switch (hazard->binding) {
    case BINDING_CYTHON: return build->cython_declares;
    case BINDING_NANOBIND: hazard->is_sure = build->nanobind_builds; return build->nanobind_declares;
    case BINDING_PYO3: hazard->is_sure = build->pyo3_minor >= PYO3_KNOWS; return build->pyo3_minor >= PYO3_DEFAULT;
    case BINDING_CPYTHON:
    case BINDING_PYBIND11:
    case BINDING_BOOST:
    case BINDING_BUILT: break;
    }
    return false;
}

/* Whether a header that the file includes declares support, by the header's name. */
static bool includes_declaration(const struct extension *extension, struct extension *const *all, size_t count)
{
    for (uint32_t i = 0; i < extension->include_count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (all[k] != NULL && all[k]->declares &&
                str_equal(path_name(all[k]->file->path), extension->includes[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Whether another Cython file includes this one. */
static bool is_included(const struct extension *extension, struct extension *const *all, size_t count)
{
    struct str name = path_name(extension->file->path);

    for (size_t i = 0; i < count; i++) {
        bool cython = all[i] != NULL && all[i] != extension && all[i]->language == EXTENSION_CYTHON;
        for (uint32_t k = 0; cython && k < all[i]->include_count; k++) {
            if (str_equal(all[i]->includes[k], name)) {
                return true;
            }
        }
    }
    return false;
}

static bool has_silent(const struct extension *extension)
{
    for (uint32_t i = 0; i < extension->hazard_count; i++) {
        if (extension->hazards[i].kind == EXTENSION_SILENT) {
            return true;
        }
    }
    return false;
}

static void link_one(struct extension *extension, struct extension *const *all, size_t count, struct str root)
{
    bool declared = extension->language == EXTENSION_C && includes_declaration(extension, all, count);
    bool is_part = extension->language == EXTENSION_CYTHON && is_included(extension, all, count);
    struct build build = build_of(extension->file->full_path, root);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < extension->hazard_count; i++) {
        struct extension_hazard *hazard = &extension->hazards[i];
        bool silent = hazard->kind == EXTENSION_SILENT;
        if (silent && (is_settled(&build, hazard) || (declared && hazard->binding == BINDING_CPYTHON))) {
            extension->declares = true;
        } else if (!silent || !is_part) {
            extension->hazards[kept++] = *hazard;
        }
    }
    extension->hazard_count = kept;
}

void extension_link(struct extension *const *extensions, size_t count, struct str root)
{
    bool declares = false;

    for (size_t i = 0; i < count; i++) {
        if (extensions[i] != NULL && has_silent(extensions[i])) {
            link_one(extensions[i], extensions, count, root);
        }
    }
    for (size_t i = 0; i < count; i++) {
        declares = declares || (extensions[i] != NULL && extensions[i]->declares);
    }
    for (size_t i = 0; i < count; i++) {
        if (extensions[i] != NULL) {
            extensions[i]->project_declares = declares;
        }
    }
}
