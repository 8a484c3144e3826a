#include <stdlib.h>
#include <string.h>

#include "models/schema_internal.h"

enum { DEPTH_MAX = 64 };

/* What linking looks names up in. */
struct linker {
    struct schema *schema;
    const struct model *(*known)(struct str qualified_name); /* another table, or NULL */
};

static int entry_compare(const void *a, const void *b)
{
    const struct schema_entry *left = *(const struct schema_entry *const *)a;
    const struct schema_entry *right = *(const struct schema_entry *const *)b;
    int order = strcmp(left->model.name, right->model.name);

    if (order == 0) {
        order = str_compare(left->path, right->path);
    }
    return order != 0 ? order : (left->table->line > right->table->line) - (left->table->line < right->table->line);
}

static struct schema_entry *entry_find(const struct schema *schema, struct str name)
{
    size_t from = 0, to = schema->entries.len;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = str_compare(name, str_of(schema->entries.data[middle]->model.name));
        if (order == 0) {
            return schema->entries.data[middle];
        }
        if (order < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

/* The model of a name, in this schema or the known table. */
static const struct model *model_find(const struct linker *linker, struct str name)
{
    const struct schema_entry *entry = entry_find(linker->schema, name);

    if (entry != NULL) {
        return &entry->model;
    }
    return linker->known != NULL ? linker->known(name) : NULL;
}

static void problem_entry(struct schema *schema, const struct schema_entry *entry, const char *key, struct str message)
{
    const struct toml_value *at = toml_member(entry->table, str_of(key));

    at = at != NULL ? at : entry->table;
    schema_problem_add(schema, entry->path, at->line, at->column, message);
}

/* Reports names given twice, and keeps the first of each. */
static void names_unique(struct schema *schema)
{
    size_t kept = 0;

    for (size_t i = 0; i < schema->entries.len; i++) {
        struct schema_entry *entry = schema->entries.data[i];
        const struct schema_entry *before = kept > 0 ? schema->entries.data[kept - 1] : NULL;
        if (before != NULL && strcmp(before->model.name, entry->model.name) == 0) {
            problem_entry(schema, entry, "name",
                          arena_printf(schema->arena, "`%s` is already defined in %.*s at line %u", entry->model.name,
                                       STR_FMT(before->path), (unsigned)before->table->line));
        } else {
            schema->entries.data[kept++] = entry;
        }
    }
    schema->entries.len = kept;
}

/* The class of this name that is most like a mistyped one: same last part, or near as a whole. */
static struct str class_nearest(const struct schema *schema, struct str name)
{
    const char **names = arena_array(schema->arena, schema->entries.len + 1, sizeof *names);
    size_t count = 0, dot = str_rfind_char(name, '.');
    struct str last = str_slice(name, dot == SIZE_MAX ? 0 : dot + 1, name.len);

    for (size_t i = 0; i < schema->entries.len; i++) {
        const struct model *model = &schema->entries.data[i]->model;
        if (model->is != MODEL_CLASS) {
            continue;
        }
        struct str text = str_of(model->name);
        if (str_equal(str_slice(text, str_rfind_char(text, '.') + 1, text.len), last)) {
            return text;
        }
        names[count++] = model->name;
    }
    return schema_nearest(name, names, sizeof names[0]);
}

/* Checks that a name is that of a class, through aliases too. */
static bool class_check(const struct linker *linker, const struct schema_entry *entry, const char *key,
                        const char *name)
{
    const struct model *model = model_find(linker, str_of(name));

    if (model != NULL && model->same_as != NULL) {
        model = model_find(linker, str_of(model->same_as));
    }
    if (model != NULL && model->is == MODEL_CLASS) {
        return true;
    }
    if (linker->schema->problems.len >= SCHEMA_PROBLEMS_MAX) {
        return false;
    }
    struct str nearest = class_nearest(linker->schema, str_of(name));
    struct arena *arena = linker->schema->arena;
    problem_entry(linker->schema, entry, key,
                  nearest.len == 0 ? arena_printf(arena, "`%s`: there is no class `%s`", key, name)
                                   : arena_printf(arena, "`%s`: there is no class `%s`; did you mean `%.*s`?", key,
                                                  name, STR_FMT(nearest)));
    return false;
}

/* The class around a method or attribute must be modelled, too. */
static void member_check(const struct linker *linker, const struct schema_entry *entry)
{
    struct str name = str_of(entry->model.name);
    struct str module = str_of(entry->model.module);
    size_t dot = str_rfind_char(name, '.');

    if (entry->model.is == MODEL_METHOD || (entry->model.is == MODEL_VALUE && dot > module.len)) {
        const char *owner = arena_str(linker->schema->arena, str_slice(name, 0, dot)).ptr;
        class_check(linker, entry, "name", owner);
    }
}

static void references_check(const struct linker *linker, struct schema_entry *entry)
{
    static const char *const words[] = {"self", "element", "argument", NULL};
    const struct model *model = &entry->model;
    bool is_word = false;

    if (model->same_as != NULL) {
        const struct model *of = model_find(linker, str_of(model->same_as));
        if (of == NULL || of->same_as != NULL) {
            problem_entry(linker->schema, entry, "of",
                          arena_printf(linker->schema->arena, "`%s` is no entry, or itself an alias", model->same_as));
            return;
        }
        entry->model.is = of->is;
        return;
    }
    member_check(linker, entry);
    for (size_t i = 0; model->returns != NULL && words[i] != NULL; i++) {
        is_word = is_word || strcmp(model->returns, words[i]) == 0;
    }
    if (model->returns != NULL && !is_word) {
        class_check(linker, entry, "returns", model->returns);
    }
    if (model->configures != NULL) {
        class_check(linker, entry, "configures", model->configures);
    }
    for (const char *const *at = model->one_step_with; at != NULL && *at != NULL; at++) {
        class_check(linker, entry, "one-step-with", *at);
    }
}

static void field_copy(struct model *to, const struct model *from, const struct schema_key *key)
{
    static const size_t sizes[] = {
        [KEY_TEXT] = sizeof(const char *), [KEY_WORD] = sizeof(uint8_t),     [KEY_WORDS] = sizeof(uint32_t),
        [KEY_BOOLEAN] = sizeof(bool),      [KEY_COUNT] = sizeof(uint8_t),    [KEY_ARGUMENT] = sizeof(int8_t),
        [KEY_POSITION] = sizeof(int8_t),   [KEY_VERSION] = sizeof(uint16_t), [KEY_LIST] = sizeof(const char *const *),
    };
    memcpy((char *)to + key->offset, (const char *)from + key->offset, sizes[key->type]);
    if (key->type == KEY_ARGUMENT) {
        const char *const *keyword = (const char *const *)(const void *)((const char *)from + key->keyword_offset);
        *(const char **)(void *)((char *)to + key->keyword_offset) = *keyword;
    }
}

/* Whether a field of another table's entry says anything. */
static bool field_is_set(const struct model *model, const struct schema_key *key)
{
    const char *field = (const char *)model + key->offset;

    switch (key->type) {
    case KEY_WORD:
    case KEY_COUNT: return *(const uint8_t *)field != 0;
    case KEY_WORDS: return *(const uint32_t *)(const void *)field != 0;
    case KEY_BOOLEAN: return *(const bool *)field;
    case KEY_ARGUMENT:
        return *(const int8_t *)field != MODEL_NO_ARG ||
               *(const char *const *)(const void *)((const char *)model + key->keyword_offset) != NULL;
    case KEY_POSITION: return *(const int8_t *)field != MODEL_NO_ARG;
    case KEY_NAME:
    case KEY_TEXT:
    case KEY_VERSION:
    case KEY_LIST: break;
    }
    return *(const void *const *)(const void *)field != NULL;
}

/* Takes over from a base what the entry does not say itself. */
static void base_take(struct schema_entry *entry, const struct model *base, const struct schema_entry *base_entry)
{
    for (size_t i = 0; i < schema_key_count; i++) {
        const struct schema_key *key = &schema_keys[i];
        if (!key->inherited || schema_is_given(entry, key)) {
            continue;
        }
        if (base_entry != NULL ? schema_is_given(base_entry, key) : field_is_set(base, key)) {
            field_copy(&entry->model, base, key);
            entry->given[i] = true;
        }
    }
}

/* Bases first, then the class itself; `depth` classes derive from it on the way here. */
static void class_inherit(const struct linker *linker, struct schema_entry *entry, unsigned depth)
{
    if (entry->linked || entry->model.is != MODEL_CLASS || entry->model.same_as != NULL) {
        return;
    }
    entry->linking = true;
    for (const char *const *at = entry->model.bases; at != NULL && *at != NULL; at++) {
        if (!class_check(linker, entry, "bases", *at)) {
            continue;
        }
        const struct model *base = model_find(linker, str_of(*at));
        base = base->same_as != NULL ? model_find(linker, str_of(base->same_as)) : base;
        struct schema_entry *base_entry = entry_find(linker->schema, str_of(base->name));
        if (base_entry != NULL && base_entry->linking) {
            problem_entry(linker->schema, entry, "bases",
                          arena_printf(linker->schema->arena, "`%s` derives from itself", entry->model.name));
            continue;
        }
        if (base_entry != NULL && depth == DEPTH_MAX) {
            problem_entry(
                linker->schema, entry, "bases",
                arena_printf(linker->schema->arena, "more than %d classes derive from each other here", DEPTH_MAX));
            continue;
        }
        if (base_entry != NULL) {
            class_inherit(linker, base_entry, depth + 1);
        }
        base_take(entry, base, base_entry);
    }
    entry->linking = false;
    entry->linked = true;
}

static int problem_compare(const void *a, const void *b)
{
    const struct schema_problem *left = a, *right = b;
    int order = str_compare(left->path, right->path);

    if (order == 0) {
        order = (left->line > right->line) - (left->line < right->line);
    }
    if (order == 0) {
        order = (left->column > right->column) - (left->column < right->column);
    }
    return order != 0 ? order : str_compare(left->message, right->message);
}

void schema_link(struct schema *schema, const struct model *(*known)(struct str qualified_name))
{
    struct linker linker = {schema, known};

    if (schema->entries.len > 0) {
        qsort(schema->entries.data, schema->entries.len, sizeof *schema->entries.data, entry_compare);
    }
    names_unique(schema);
    for (size_t i = 0; i < schema->entries.len; i++) {
        references_check(&linker, schema->entries.data[i]);
    }
    for (size_t i = 0; i < schema->entries.len; i++) {
        class_inherit(&linker, schema->entries.data[i], 0);
    }
    if (schema->problems.len > 0) {
        qsort(schema->problems.data, schema->problems.len, sizeof *schema->problems.data, problem_compare);
    }
}
