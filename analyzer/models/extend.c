#include "models/extend.h"

#include <stdlib.h>
#include <string.h>

#include "models/table.h"

const struct model *models_known(struct str qualified_name)
{
    return models_find(models_builtin(), qualified_name);
}

/* The entries of a table that have a `gil`, as struct models lists them. */
static const struct model **gil_list(const struct model *table, size_t count)
{
    const struct model **list = memory_new((count + 1) * sizeof *list);

    for (size_t i = 0, found = 0; i < count; i++) {
        if (table[i].gil != GIL_UNSAID) {
            list[found++] = &table[i];
        }
    }
    return list;
}

struct models *models_extended(const struct schema *schema)
{
    const struct models *builtin = models_builtin();
    size_t mine = schema_count(schema), i = 0, k = 0, count = 0;
    struct model *table = memory_new((builtin->count + mine) * sizeof *table);
    struct models *models = memory_new(sizeof *models);

    while (i < builtin->count || k < mine) {
        int order = i == builtin->count ? 1
                    : k == mine         ? -1
                                        : strcmp(builtin->table[i].name, schema_at(schema, k)->model.name);
        table[count++] = order < 0 ? builtin->table[i] : schema_at(schema, k)->model;
        i += order <= 0;
        k += order >= 0;
    }
    *models = (struct models){table, count, gil_list(table, count)};
    return models;
}

void models_free(struct models *models)
{
    if (models != NULL) {
        free((struct model *)(uintptr_t)models->table); /* models_extended() made both */
        free((const struct model **)(uintptr_t)models->about_gil);
        free(models);
    }
}
