/* toml: reads a TOML 1.0 document into a tree of values, each with its place in the file.
 *
 * It stands on tree-sitter's TOML grammar, which says where the text does not parse; what the grammar lets through but
 * TOML forbids (duplicate keys, tables defined twice, numbers out of range, surrogates, bytes that are not UTF-8) is
 * checked here. One form of TOML is not read: blanks between a line-ending backslash and the end of its line.
 */
#ifndef SETTINGS_TOML_H
#define SETTINGS_TOML_H

#include "racelint/base.h"

enum toml_kind { TOML_STRING, TOML_INTEGER, TOML_FLOAT, TOML_BOOLEAN, TOML_DATETIME, TOML_ARRAY, TOML_TABLE };

/* A value, as a member of a table (then it has a key) or of an array. Lines and columns start at 1; columns count
 * Unicode code points. */
struct toml_value {
    uint8_t kind;                    /* enum toml_kind */
    uint8_t origin;                  /* how a table or array came to be; the reader's own */
    bool boolean;                    /* of TOML_BOOLEAN */
    struct str key;                  /* last part of the key; empty in arrays and for the document */
    uint32_t key_line, key_column;   /* where the key stands (of an array element: as line, column) */
    uint32_t line, column;           /* where the value stands; of a table without braces: its header or first key */
    struct str text;                 /* TOML_STRING: the contents; other scalars: as written */
    int64_t integer;                 /* of TOML_INTEGER */
    double number;                   /* of TOML_FLOAT */
    struct toml_value *first, *last; /* members of an array or table in the order of the file, or NULL */
    struct toml_value *next;         /* the following member of the same array or table, or NULL */
    struct toml_value *parent;       /* the array or table around it; NULL for the document */
    uint32_t count;                  /* members */
};

struct toml_error {
    uint32_t line, column; /* both start at 1 */
    struct str message;    /* one sentence, in the arena */
};

/* Reads a document. Returns its root table, which lives in the arena and may point into `text`; NULL with *error set
 * where the text is not TOML, is larger than 4 MB, or nests more than 64 deep. */
struct toml_value *toml_read(struct arena *arena, struct str text, struct toml_error *error);
/* The member of a table with this key, or NULL. */
const struct toml_value *toml_member(const struct toml_value *table, struct str key);
/* "a string", "an integer", … for messages. */
const char *toml_kind_text(enum toml_kind kind);

#endif
