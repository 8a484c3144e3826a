/* schema_keys: the keys of a model entry, their types and their values, as tables. Part of the schema. */
#ifndef MODELS_SCHEMA_KEYS_H
#define MODELS_SCHEMA_KEYS_H

#include "racelint/models.h"

/* What a key's value may be, and what it becomes in struct model. */
enum key_type {
    KEY_NAME,     /* handled by the schema itself: name, names, source, platform, of */
    KEY_TEXT,     /* string -> const char * */
    KEY_WORD,     /* one of the key's words -> uint8_t */
    KEY_WORDS,    /* array of them -> uint32_t, a set of bits */
    KEY_BOOLEAN,  /* -> bool */
    KEY_COUNT,    /* integer from 0 to 255 -> uint8_t */
    KEY_ARGUMENT, /* position, keyword, or { position, keyword } -> int8_t and const char * */
    KEY_POSITION, /* integer from 0 to 99 -> int8_t */
    KEY_VERSION,  /* "3.13" -> uint16_t */
    KEY_LIST      /* array of strings -> const char *const *, NULL-terminated */
};

/* The tables that an entry may stand in: [[class]], [[function]], … */
enum entry_kind {
    ENTRY_CLASS,
    ENTRY_FUNCTION,
    ENTRY_METHOD,
    ENTRY_ATTRIBUTE,
    ENTRY_VALUE,
    ENTRY_ALIAS,
    ENTRY_PACKAGE,
    ENTRY_COUNT
};

/* A word of a key, and what it means. */
struct key_word {
    const char *text; /* NULL ends a list */
    uint32_t value;
};

struct schema_key {
    const char *name;
    enum key_type type;
    unsigned kinds;               /* a bit per enum entry_kind where it may stand */
    bool inherited;               /* a class that does not give it takes it from its bases */
    size_t offset;                /* in struct model */
    size_t keyword_offset;        /* of KEY_ARGUMENT: of its keyword */
    const struct key_word *words; /* of KEY_WORD and KEY_WORDS */
};

extern const struct schema_key schema_keys[]; /* a row without a name ends it */
extern const size_t schema_key_count;         /* at most SCHEMA_KEYS_MAX */
extern const char *const schema_kind_names[ENTRY_COUNT];
extern const struct key_word schema_effects[], schema_platforms[];

/* The key of this name, or NULL. */
const struct schema_key *schema_key_find(struct str name);
/* The known name that is most like a mistyped one, or the empty string where none is near. `texts` ends with NULL
 * and each lies `stride` bytes behind the one before. */
struct str schema_nearest(struct str typed, const char *const *texts, size_t stride);

#endif
