/* table: the built-in model entries, which tools/modelc generates from models/. */
#ifndef MODELS_TABLE_H
#define MODELS_TABLE_H

#include "racelint/models.h"

extern const struct model models_table[]; /* in byte order of name; each name once */
extern const size_t models_table_count;

#endif
