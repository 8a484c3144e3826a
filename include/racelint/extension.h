/* extension: what the sources of extension modules, and built ones, say about free threading. Reads C, C++, Cython and
 * Rust as tokens, not as programs: it finds calls and declarations by their names. Of built modules it reads ELF files. */
#ifndef RACELINT_EXTENSION_H
#define RACELINT_EXTENSION_H

#include "racelint/source.h"

enum extension_language {
    EXTENSION_NONE, /* not a file of this layer */
    EXTENSION_C,    /* and C++; headers, too */
    EXTENSION_CYTHON,
    EXTENSION_RUST,
    EXTENSION_BUILT /* a shared object */
};

enum extension_hazard_kind {
    EXTENSION_SILENT,    /* a module that does not say that it can do without the GIL: importing it turns the GIL on */
    EXTENSION_WANTS_GIL, /* one that says it cannot */
    EXTENSION_BORROWED,  /* a call that gives a reference which another thread can take away */
    EXTENSION_ITERATION  /* a walk over a dict that another thread can change */
};

/* What a module is written with; it tells how support is declared. */
enum extension_binding {
    BINDING_CPYTHON, /* PyInit_name() in C or C++ */
    BINDING_CYTHON,
    BINDING_PYBIND11,
    BINDING_BOOST,
    BINDING_NANOBIND,
    BINDING_PYO3,
    BINDING_BUILT /* not told: what is read is the built module */
};

struct extension_hazard {
    enum extension_hazard_kind kind;
    enum extension_binding binding; /* of modules */
    uint32_t start, end;            /* bytes of the file: the name that gives it away */
    struct str name;                /* the module's; of calls: the function's */
    struct str container;           /* of calls: the first argument, as written */
    struct str symbol;              /* of calls: the function that the call stands in; may be empty */
    const char *instead;            /* of calls: the function that gives a strong reference; NULL where there is none */
    bool is_shared;                 /* of calls: the container is a global, or a field of something */
    bool is_sure;                   /* of modules: nothing that was not looked at could declare support */
};

struct extension_span {
    uint32_t start, end; /* bytes of the file */
};

/* What one file says. Memory is its own (extension_free); names are views into the file's text. */
struct extension {
    enum extension_language language;
    const struct source_file *file;
    struct extension_hazard *hazards; /* in order of position */
    uint32_t hazard_count;
    const struct extension_span *comments; /* that may speak to racelint: from the mark that opens them to their end */
    uint32_t comment_count;
    const struct str *includes; /* names of the files that the file includes, without folders */
    uint32_t include_count;
    bool declares;         /* something in it says that the GIL is not needed */
    bool makes_module;     /* C: it defines the function that makes a module */
    bool project_declares; /* something in the project does (extension_link) */
    struct arena *arena;
};

/* What a file is by its name (or path). */
enum extension_language extension_language_of(struct str name);

/* Reads one file, which must outlive the result. NULL where it has nothing to do with Python, or where a generator
 * wrote it: it is the generator's source that counts. Safe to call from several threads at once. */
struct extension *extension_scan(const struct source_file *file, enum extension_language language);
/* The same for a built module, whose bytes these are; of the file only the path counts. NULL where it is no module that
 * free-threaded Python can load: its name tells a build with the GIL, the stable ABI or another system. What is missing
 * from the bytes, if only a part of the file was read, is no sign of anything. */
struct extension *extension_scan_built(const struct source_file *file, struct str bytes);
void extension_free(struct extension *extension); /* NULL is ignored */

/* Settles what no file says alone: drops the hazards of modules that a header which they include, or a build file of
 * their folder or one above it (up to `root`, absolute), declares to be fine. Entries may be NULL. */
void extension_link(struct extension *const *extensions, size_t count, struct str root);

#endif
