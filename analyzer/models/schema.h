/* schema: turns TOML documents into model entries, checking every key, type, value and reference. docs/models.md
 * describes the format. The generator of the built-in table stands on it, and so do model files of the user.
 *
 * Read every document, then link once; after that the entries are in order of name and hold all that they inherit.
 */
#ifndef MODELS_SCHEMA_H
#define MODELS_SCHEMA_H

#include "racelint/models.h"

struct toml_value;

#define SCHEMA_KEYS_MAX 96 /* keys of the format */

/* One entry, and where it stands. */
struct schema_entry {
    struct model model;             /* its strings live as long as the schema */
    const char *platform;           /* "unix", "windows", or NULL: every platform */
    struct str path;                /* of the file */
    const struct toml_value *table; /* the entry in the file, for messages */
    bool given[SCHEMA_KEYS_MAX];    /* for each key of the format: set here, or inherited */
    bool linking, linked;           /* while schema_link runs: bases are being looked at, or done */
};

struct schema_problem {
    struct str path;
    uint32_t line, column; /* both start at 1 */
    struct str message;
};

struct schema; /* owns its entries and problems */
struct schema *schema_new(void);
void schema_free(struct schema *schema);
/* Reads one file's text; `path` is for messages. Entries with problems are left out. */
void schema_read(struct schema *schema, struct str path, struct str text);
/* Sorts the entries, and checks and resolves what they say of each other: names given twice, methods without a class,
 * unknown classes, aliases, inheritance. `known` finds entries of another table that may be referred to, or is NULL. */
void schema_link(struct schema *schema, const struct model *(*known)(struct str qualified_name));

size_t schema_count(const struct schema *schema);
const struct schema_entry *schema_at(const struct schema *schema, size_t index);
/* At most 100 problems are kept; after linking they are in order of path and position. */
size_t schema_problem_count(const struct schema *schema);
const struct schema_problem *schema_problem_at(const struct schema *schema, size_t index);

#endif
