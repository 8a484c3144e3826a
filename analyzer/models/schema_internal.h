/* schema_internal: what the reading and the linking half of the schema share. */
#ifndef MODELS_SCHEMA_INTERNAL_H
#define MODELS_SCHEMA_INTERNAL_H

#include "base/vec.h"
#include "models/schema.h"
#include "models/schema_keys.h"
#include "settings/toml.h"

enum { SCHEMA_PROBLEMS_MAX = 100 };

struct schema {
    struct arena *arena; /* owns all strings, the documents and the entries */
    VEC(struct schema_entry *) entries;
    VEC(struct schema_problem) problems;
};

/* Adds a problem at a place in a file; past the limit it is dropped. */
void schema_problem_add(struct schema *schema, struct str path, uint32_t line, uint32_t column, struct str message);
/* Whether the key is among the entry's given ones. */
bool schema_is_given(const struct schema_entry *entry, const struct schema_key *key);

#endif
