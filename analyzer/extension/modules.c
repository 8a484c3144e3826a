/* modules: where a file makes a module, and whether that says that it can do without the GIL. */
#include "extension/scan.h"
#include "source/path.h"

static void add(struct scan *scan, enum extension_hazard_kind kind, enum extension_binding binding, size_t token,
                struct str name)
{
    const struct token *at = &scan->tokens.items.data[token];

    vec_push(&scan->hazards,
             (struct extension_hazard){.kind = kind,
                                       .binding = binding,
                                       .start = at->start,
                                       .end = at->end,
                                       .name = name,
                                       .is_sure = binding == BINDING_CPYTHON || binding == BINDING_PYBIND11 ||
                                                  binding == BINDING_BOOST});
}

/* ---- C and C++ ---- */

/* What the file says of the GIL, in its code and in its macros. */
struct signs {
    bool slot;     /* Py_mod_gil */
    bool not_used; /* Py_MOD_GIL_NOT_USED */
    size_t used;   /* the token Py_MOD_GIL_USED, or SIZE_MAX */
};

static void read_directive(struct scan *scan, struct str text, struct signs *signs)
{
    struct str rest = str_trim(str_slice(text, 1, text.len));

    if (str_starts(rest, STR("include"))) {
        size_t open = str_find(rest, STR("\""));
        struct str name = str_slice(rest, open == SIZE_MAX ? rest.len : open + 1, rest.len);
        size_t close = str_find(name, STR("\""));
        if (close != SIZE_MAX && close > 0) {
            vec_push(&scan->includes, path_name(str_slice(name, 0, close)));
        }
        return;
    }
    signs->not_used = signs->not_used || str_find(rest, STR("Py_MOD_GIL_NOT_USED")) != SIZE_MAX;
}

static struct signs read_signs(struct scan *scan)
{
    struct signs signs = {.used = SIZE_MAX};

    for (size_t i = 0; i < scan->tokens.items.len; i++) {
        if (scan->tokens.items.data[i].kind == TOKEN_DIRECTIVE) {
            read_directive(scan, token_text(&scan->tokens, i), &signs);
        } else if (token_is_name(&scan->tokens, i, "Py_MOD_GIL_NOT_USED")) {
            signs.not_used = true;
        } else if (token_is_name(&scan->tokens, i, "Py_mod_gil")) {
            signs.slot = true;
        } else if (token_is_name(&scan->tokens, i, "Py_MOD_GIL_USED") && signs.used == SIZE_MAX) {
            signs.used = i;
        }
    }
    return signs;
}

/* Whether `name(…) {` stands here: a definition, and not a declaration or a call. */
static bool is_definition(const struct scan *scan, size_t name)
{
    return token_is_mark(&scan->tokens, name + 1, '(') &&
           token_is_mark(&scan->tokens, tokens_close(&scan->tokens, name + 1) + 1, '{');
}

/* The value of mod_gil_not_used(…) in a list of arguments: 't' also where it has none, 'f', or '\0' where it is not
 * there. */
static char not_used_within(const struct scan *scan, size_t open)
{
    size_t close = tokens_close(&scan->tokens, open);

    for (size_t i = open; i < close; i++) {
        if (token_is_name(&scan->tokens, i, "mod_gil_not_used")) {
            return token_is_name(&scan->tokens, i + 2, "false") ? 'f' : 't';
        }
    }
    return '\0';
}

/* A module made by a macro: NAME(module, …) {. */
static void read_macro(struct scan *scan, size_t at)
{
    static const struct {
        const char *macro;
        enum extension_binding binding;
    } rows[] = {
        {"PYBIND11_MODULE", BINDING_PYBIND11},
        {"BOOST_PYTHON_MODULE", BINDING_BOOST},
        {"BOOST_PYTHON_MODULE_MULTI_PHASE", BINDING_BOOST},
        {"NB_MODULE", BINDING_NANOBIND},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (token_is_name(&scan->tokens, at, rows[i].macro) && is_definition(scan, at)) {
            char not_used = rows[i].binding != BINDING_NANOBIND ? not_used_within(scan, at + 1) : '\0';
            if (not_used == 't') {
                scan->extension->declares = true;
            } else {
                add(scan, not_used == 'f' ? EXTENSION_WANTS_GIL : EXTENSION_SILENT, rows[i].binding, at,
                    token_text(&scan->tokens, at + 2));
            }
        }
    }
}

struct str extension_module_of(struct str function)
{
    static const struct str prefixes[] = {{"PyInit_", 7}, {"PyModExport_", 12}};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (str_starts(function, prefixes[i])) {
            return str_slice(function, prefixes[i].len, function.len);
        }
    }
    return STR("");
}

/* Whether a module of that name was found in the file: one may be made for old versions of Python, and for new ones. */
static bool is_known(const struct scan *scan, struct str module)
{
    for (size_t i = 0; i < scan->hazards.len; i++) {
        if (str_equal(scan->hazards.data[i].name, module)) {
            return true;
        }
    }
    return false;
}

static void read_c(struct scan *scan)
{
    struct signs signs = read_signs(scan);
    bool declares = signs.not_used || (signs.slot && signs.used == SIZE_MAX);

    scan->extension->declares = declares;
    for (size_t i = 0; i < scan->tokens.items.len; i++) {
        if (scan->tokens.items.data[i].kind != TOKEN_NAME) {
            continue;
        }
        struct str module = extension_module_of(token_text(&scan->tokens, i));
        if (module.len == 0 || !is_definition(scan, i)) {
            read_macro(scan, i);
            continue;
        }
        scan->extension->makes_module = true;
        if (!declares && !is_known(scan, module)) {
            bool refuses = signs.used != SIZE_MAX;
            add(scan, refuses ? EXTENSION_WANTS_GIL : EXTENSION_SILENT, BINDING_CPYTHON, refuses ? signs.used : i,
                module);
        }
    }
}

/* ---- Cython ---- */

/* The name of the file without its folder and suffix. */
static struct str stem_of(struct str path)
{
    struct str name = path_name(path);
    size_t dot = str_rfind_char(name, '.');

    return dot != SIZE_MAX && dot > 0 ? str_slice(name, 0, dot) : name;
}

/* The value of the directive in a comment "# cython: a=1, freethreading_compatible=True"; empty where it has none. */
static struct str directive_value(struct str comment)
{
    struct str text = str_trim(str_slice(comment, 1, comment.len)), name = STR("freethreading_compatible");
    size_t at = str_find(text, name);

    if (!str_starts(text, STR("cython:")) || at == SIZE_MAX) {
        return STR("");
    }
    struct str rest = str_trim(str_slice(text, at + name.len, text.len));
    return str_starts(rest, STR("=")) ? str_trim(str_slice(rest, 1, rest.len)) : STR("");
}

/* Files that others include are parts of those, and no modules. */
static void read_includes(struct scan *scan)
{
    for (size_t i = 0; i + 1 < scan->tokens.items.len; i++) {
        struct str text = token_text(&scan->tokens, i + 1);
        if (token_is_name(&scan->tokens, i, "include") && scan->tokens.items.data[i + 1].kind == TOKEN_STRING &&
            text.len > 2) {
            vec_push(&scan->includes, path_name(str_slice(text, 1, text.len - 1)));
        }
    }
}

/* Such comments count in front of the code only. */
static void read_cython(struct scan *scan)
{
    struct tokens *tokens = &scan->tokens;
    struct str stem = stem_of(scan->extension->file->path);

    if (tokens->items.len == 0) {
        return;
    }
    for (size_t i = 0; i < tokens->comments.len && tokens->comments.data[i].start < tokens->items.data[0].start; i++) {
        struct extension_span span = tokens->comments.data[i];
        struct str value = directive_value(str_slice(tokens->text, span.start, span.end));
        if (str_starts(value, STR("True"))) {
            scan->extension->declares = true;
            return;
        }
        if (str_starts(value, STR("False"))) {
            add(scan, EXTENSION_WANTS_GIL, BINDING_CYTHON, 0, stem);
            vec_last(&scan->hazards).start = span.start;
            vec_last(&scan->hazards).end = span.end;
            return;
        }
    }
    add(scan, EXTENSION_SILENT, BINDING_CYTHON, 0, stem);
}

/* ---- Rust ---- */

/* The value of gil_used in a list or behind a method's name: 't', 'f', or '\0' where it has none. */
static char gil_used_within(const struct scan *scan, size_t open, size_t close)
{
    for (size_t i = open; i < close; i++) {
        if (token_is_name(&scan->tokens, i, "gil_used")) {
            return token_is_name(&scan->tokens, i + 2, "true")    ? 't'
                   : token_is_name(&scan->tokens, i + 2, "false") ? 'f'
                                                                  : '\0';
        }
    }
    return '\0';
}

/* The name of what an attribute stands before: the word behind `fn` or `mod`. SIZE_MAX where none follows. */
static size_t name_behind(const struct scan *scan, size_t attribute_end)
{
    for (size_t i = attribute_end; i < scan->tokens.items.len && !token_is_mark(&scan->tokens, i, '{'); i++) {
        if (token_is_name(&scan->tokens, i, "fn") || token_is_name(&scan->tokens, i, "mod")) {
            return i + 1 < scan->tokens.items.len ? i + 1 : SIZE_MAX;
        }
    }
    return SIZE_MAX;
}

/* #[pymodule] or #[pymodule(…)], of which `at` is the '#'; modules within modules are parts of those. */
static void read_attribute(struct scan *scan, size_t at)
{
    const struct tokens *tokens = &scan->tokens;
    size_t close = tokens_close(tokens, at + 1), name = name_behind(scan, close);

    if (name == SIZE_MAX) {
        return;
    }
    char used = gil_used_within(scan, at, name); /* also in #[pyo3(gil_used = false)], behind it */
    if (used == 'f') {
        scan->extension->declares = true;
    } else {
        add(scan, used == 't' ? EXTENSION_WANTS_GIL : EXTENSION_SILENT, BINDING_PYO3, at + 2, token_text(tokens, name));
    }
}

static void read_rust(struct scan *scan)
{
    const struct tokens *tokens = &scan->tokens;
    size_t depth = 0;

    for (size_t i = 0; i < tokens->items.len; i++) {
        depth += token_is_mark(tokens, i, '{');
        depth -= depth > 0 && token_is_mark(tokens, i, '}');
        if (depth == 0 && token_is_mark(tokens, i, '#') && token_is_mark(tokens, i + 1, '[') &&
            token_is_name(tokens, i + 2, "pymodule")) {
            read_attribute(scan, i);
        } else if (token_is_mark(tokens, i, '.') && gil_used_within(scan, i, i + 2) == 'f') {
            scan->extension->declares = true; /* module.gil_used(false) */
        }
    }
    for (size_t i = 0, kept = 0; scan->extension->declares && i <= scan->hazards.len; i++) {
        if (i == scan->hazards.len) {
            scan->hazards.len = kept;
        } else if (scan->hazards.data[i].kind == EXTENSION_WANTS_GIL) {
            scan->hazards.data[kept++] = scan->hazards.data[i];
        }
    }
}

void scan_modules(struct scan *scan)
{
    switch (scan->extension->language) {
    case EXTENSION_NONE:
    case EXTENSION_BUILT: break;
    case EXTENSION_C: read_c(scan); break;
    case EXTENSION_CYTHON:
        read_includes(scan);
        read_cython(scan);
        break;
    case EXTENSION_RUST: read_rust(scan); break;
    }
}
