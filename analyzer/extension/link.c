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
    bool cython_builds;     /* Cython is spoken of */
    bool in_pyo3;           /* the lines that are read belong to [dependencies.pyo3] */
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

/* Whether a line sets the directive: 'freethreading_compatible': True, -Xfreethreading_compatible=True, or
 * directives["freethreading_compatible"] = <whatever is not false>. */
static bool sets_directive(struct str line)
{
    struct str name = STR("freethreading_compatible");
    size_t at = str_find(line, name);

    if (at == SIZE_MAX) {
        return false;
    }
    bool sets = false;
    for (at += name.len; at < line.len && strchr("'\"] \t:=", line.ptr[at]) != NULL; at++) {
        sets = sets || line.ptr[at] == ':' || line.ptr[at] == '=';
    }
    struct str value = str_slice(line, at, line.len);
    return sets && value.len > 0 && !str_starts(value, STR("False")) && !str_starts(value, STR("false"));
}

/* Whether a line speaks of Cython: cythonize(), a requirement, a source. */
static bool names_cython(struct str line)
{
    return str_find(line, STR("ython")) != SIZE_MAX &&
           (str_find(line, STR("Cython")) != SIZE_MAX || str_find(line, STR("cython")) != SIZE_MAX);
}

/* The 23 of `pyo3 = "0.23"` or `pyo3 = { version = "0.23", … }`, or of `version = "0.23"` where that is of PyO3; -1
 * where the line is none such. */
static int pyo3_minor(struct str line, bool in_pyo3)
{
    struct str rest = str_trim(line);
    bool named = str_starts(rest, STR("pyo3"));

    if (!named && !(in_pyo3 && str_starts(rest, STR("version")))) {
        return -1;
    }
    rest = str_trim(str_slice(rest, named ? 4 : 0, rest.len));
    if (!str_starts(rest, STR("=")) && !str_starts(rest, STR(".version")) && !str_starts(rest, STR("version"))) {
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
    struct str code = code_of(line), trimmed = str_trim(code);
    if (str_starts(trimmed, STR("["))) {
        build->in_pyo3 = str_ends(trimmed, STR("dependencies.pyo3]"));
    }
    int minor = pyo3_minor(code, build->in_pyo3);

    build->cython_declares = build->cython_declares || sets_directive(code);
    build->cython_builds = build->cython_builds || names_cython(code);
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
    case BINDING_CYTHON: hazard->is_sure = build->cython_builds; return build->cython_declares;
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

/* Whether another file of the folder declares support that makes no module itself: what it holds is part of those that
 * do. */
static bool has_part_that_declares(const struct extension *extension, struct extension *const *all, size_t count)
{
    struct str folder = path_parent(extension->file->path);

    for (size_t i = 0; i < count; i++) {
        if (all[i] != NULL && all[i]->language == EXTENSION_C && all[i]->declares && !all[i]->makes_module &&
            str_equal(path_parent(all[i]->file->path), folder)) {
            return true;
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
    bool declared = extension->language == EXTENSION_C &&
                    (includes_declaration(extension, all, count) || has_part_that_declares(extension, all, count));
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
