/* emit: prints linked model entries. */
#ifndef MODELC_EMIT_H
#define MODELC_EMIT_H

#include <stdio.h>

#include "base/buf.h"
#include "models/schema.h"

/* Appends the C file that defines models_table (models/table.h). */
void emit_table(const struct schema *schema, struct buf *out);
/* Prints one line per entry, fields between tabs: name, kind, module, added, removed, platform, source, alias,
 * arguments ("target=1:target,…"), bases. What is not there is "-". */
void emit_list(const struct schema *schema, FILE *out);
/* Prints one line per key of an entry: its name, and the words that it takes, between tabs. */
void emit_keys(FILE *out);

#endif
