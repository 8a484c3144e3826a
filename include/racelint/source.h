/* source: finding files, reading and decoding them, positions in them, and the comments that speak to racelint. */
#ifndef RACELINT_SOURCE_H
#define RACELINT_SOURCE_H

#include "racelint/base.h"

/* Larger files are refused, in bytes: the syntax tree of a long literal takes 200 times its source. */
#define SOURCE_SIZE_MAX (8 << 20)

/* One decoded file. Memory is malloc's, owned by the struct (source_free). */
struct source_file {
    struct str path;      /* as reported: relative to the project root where it lies inside, else as given; '/' */
    struct str full_path; /* what to open */
    struct str text;      /* UTF-8 without BOM, ends in NUL behind its length; line ends as in the file */
    uint32_t *line_starts; /* byte offset of each line's first byte; \n, \r\n and a lone \r end lines */
    uint32_t line_count;   /* at least 1 */
    bool transcoded;       /* the file's bytes (but for a BOM) are not `text`: another encoding, or bad bytes replaced */
    bool has_bom;
};

enum source_status {
    SOURCE_OK = 0,
    SOURCE_UNREADABLE = -1, /* a diagnostic RL001 was added */
};

/* Reads and decodes (PEP 263: BOM, coding comment; UTF-8 by default). Bytes that do not decode become U+FFFD, NUL bytes
 * become blanks, an unknown encoding is read as UTF-8 or Latin-1: each with one RL001 diagnostic that names the first such
 * line. What is not a regular file, and files above SOURCE_SIZE_MAX, are refused. `path` and `full_path` (which must end
 * in NUL) are not copied. */
enum source_status source_read(struct source_file *file, struct str path, struct str full_path,
                               struct diagnostics *diagnostics);
/* The same from memory, for standard input and tests: bytes are decoded like a file's. */
enum source_status source_from_bytes(struct source_file *file, struct str path, struct str bytes,
                                     struct diagnostics *diagnostics);
void source_free(struct source_file *file);

/* A position for people: both 1-based, the column in Unicode code points. */
struct source_position {
    uint32_t line, column;
};
struct source_position source_position_at(const struct source_file *file, uint32_t offset);
/* The text of a line, 1-based, without its line end; empty where there is no such line. */
struct str source_line(const struct source_file *file, uint32_t line);

/* What discovery is told. All patterns are gitignore-style. */
struct discovery_options {
    struct str root;            /* absolute: the program's root; empty: it is looked for */
    const struct str *excludes; /* replace the default excludes; NULL: those hold */
    size_t exclude_count;
    const struct str *extend_excludes; /* added to them */
    size_t extend_exclude_count;
    bool force_exclude;   /* excludes hold for explicitly named paths, too */
    bool isolated;        /* the program is the paths alone */
    bool (*takes)(struct str name); /* whether a file that is not Python's is looked for, too; NULL: none is */
    struct str unsaved;   /* a file that counts as named and need not exist: its text comes from elsewhere; empty: none */
};

/* What discovery found; sorted by path; each file once. Free with discovery_free. */
struct discovered_file {
    struct str path;      /* relative to the root where inside it */
    struct str full_path;
    bool reported;        /* lies in what the user named: findings there are shown */
    bool unsaved;         /* the file of discovery_options.unsaved */
    bool is_extra;        /* not Python's: discovery_options.takes says so */
};
struct discovery {
    struct str root;      /* absolute, without '/' at its end; see discovery_run */
    struct discovered_file *files;
    size_t file_count;
    size_t skipped;       /* folders and files that excludes or .gitignore left out */
    struct str *named_files;   /* what the user named, relative to the root like the files; in order of name */
    struct str *named_folders; /* the root itself is empty */
    size_t named_file_count, named_folder_count;
    struct str *missing;  /* named paths that do not exist, as they were given */
    size_t missing_count;
    struct arena *arena;  /* owns all of this */
};
/* Finds the program around `paths` (files and folders).
 *
 * Unless it is given, the root is the nearest folder, from the one that all paths share upwards, that has a pyproject.toml, a racelint.toml or
 * a repository (.git); the program is then every .py and .pyi file below the root. Where there is none, or with `isolated`,
 * the program is the paths alone, and the root the folder that they share, or the one around the package that it lies
 * in. A named file belongs to the program whatever its name; a named folder even if it is excluded.
 *
 * Left out, inside the root only: what .gitignore files and the repository's info/exclude ignore; what is excluded (the
 * default excludes spare folders with an __init__.py, and add virtual environments, told by pyvenv.cfg). Symbolic links
 * are followed to what was not met otherwise, once.
 *
 * A path that does not exist is an RL001 diagnostic. */
void discovery_run(struct discovery *found, const struct str *paths, size_t path_count,
                   const struct discovery_options *options, struct diagnostics *diagnostics);
void discovery_free(struct discovery *found);

/* Whether a file or folder, by the path that is shown for it, is or lies in what the user named. */
bool discovery_names(const struct discovery *found, struct str path);

/* The default excludes, in order of name; NULL behind the last. */
const char *discovery_default_exclude(size_t index);

#endif
