#include "racelint/models.h"

#include <string.h>

#include "models/table.h"

/* Classes may derive this deep from each other; the schema allows no deeper chain. */
enum { DEPTH_MAX = 64 };

/* Compares `name` with "prefix.member", or with `prefix` alone where member is empty, without joining them. */
static int name_compare(const char *name, struct str prefix, struct str member)
{
    struct str parts[] = {prefix, member.len > 0 ? STR(".") : (struct str){0}, member};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (size_t j = 0; j < parts[i].len; j++, name++) {
            int order = (unsigned char)*name - (unsigned char)parts[i].ptr[j];
            if (order != 0 || *name == '\0') { /* a NUL in the query is no part of any name */
                return order != 0 ? order : -1;
            }
        }
    }
    return (unsigned char)*name;
}

static const struct model *table_find(const struct models *models, struct str prefix, struct str member)
{
    size_t from = 0, to = models->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = name_compare(models->table[middle].name, prefix, member);
        if (order == 0) {
            const struct model *model = &models->table[middle];
            return model->same_as != NULL ? table_find(models, str_of(model->same_as), (struct str){0}) : model;
        }
        if (order > 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

const struct model *models_find(const struct models *models, struct str qualified_name)
{
    const struct model *found = qualified_name.len == 0 ? NULL : table_find(models, qualified_name, (struct str){0});

    return found != NULL && found->is != MODEL_PACKAGE ? found : NULL;
}

const struct model *models_package(const struct models *models, struct str module)
{
    while (module.len > 0) {
        const struct model *found = table_find(models, module, (struct str){0});
        if (found != NULL && found->is == MODEL_PACKAGE) {
            return found;
        }
        size_t dot = str_rfind_char(module, '.');
        module = str_slice(module, 0, dot == SIZE_MAX ? 0 : dot);
    }
    return NULL;
}

bool models_has_standard_module(const struct models *models, struct str name)
{
    size_t from = 0, to = models->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        struct str entry = str_of(models->table[middle].name);
        if (str_starts(entry, name) && entry.len > name.len && entry.ptr[name.len] == '.') {
            return str_starts(str_of(models->table[middle].source), STR("docs.python.org/"));
        }
        if (name_compare(models->table[middle].name, name, STR(".")) > 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return false;
}

static const struct model *member_find(const struct models *models, const struct model *type, struct str member,
                                       unsigned depth)
{
    const struct model *found = table_find(models, str_of(type->name), member);

    for (const char *const *base = type->bases; found == NULL && base != NULL && *base != NULL; base++) {
        const struct model *model = table_find(models, str_of(*base), (struct str){0});
        if (model != NULL && depth < DEPTH_MAX) {
            found = member_find(models, model, member, depth + 1);
        }
    }
    return found;
}

const struct model *models_member(const struct models *models, const struct model *type, struct str member)
{
    if (type == NULL || type->is != MODEL_CLASS || member.len == 0) {
        return NULL;
    }
    return member_find(models, type, member, 0);
}

/* ---- known by the last part of the name ---- */

static bool is_last_part(const struct model *model, struct str name)
{
    struct str full = str_of(model->name);

    return str_ends(full, name) && full.len > name.len && full.ptr[full.len - name.len - 1] == '.';
}

bool models_about_gil(const struct models *models, struct str name, enum model_gil gil)
{
    for (const struct model *const *entry = models->about_gil; *entry != NULL; entry++) {
        if ((*entry)->gil == (uint8_t)gil && is_last_part(*entry, name)) {
            return true;
        }
    }
    return false;
}

bool models_hands_to_loop(const struct models *models, struct str name)
{
    for (size_t i = 0; i < models->count; i++) {
        const struct model *model = &models->table[i];
        if (model->is != MODEL_METHOD || model->runs != RUNS_LOOP || !is_last_part(model, name)) {
            continue;
        }
        struct str type = str_slice(str_of(model->name), 0, strlen(model->name) - name.len - 1);
        const struct model *owner = models_find(models, type);
        if (owner != NULL && owner->role == ROLE_LOOP) {
            return true;
        }
    }
    return false;
}

bool models_runs_in_loop(const struct models *models, struct str name)
{
    for (size_t i = 0; i < models->count; i++) {
        const struct model *model = &models->table[i];
        if (model->runs == RUNS_LOOP && (model->is == MODEL_FUNCTION || model->safety == SAFETY_SAFE) &&
            is_last_part(model, name)) {
            return true;
        }
    }
    return false;
}

bool models_asks_gil(const struct models *models, struct str name)
{
    return str_equal(name, STR("Py_GIL_DISABLED")) || models_about_gil(models, name, GIL_PROBE);
}

bool models_makes_fields(const struct models *models, struct str decorator)
{
    for (size_t i = 0; i < models->count; i++) {
        const struct model *model = &models->table[i];
        if (!model->makes_fields || model->is != MODEL_FUNCTION) {
            continue;
        }
        struct str full = str_of(model->name), last = str_slice(full, str_rfind_char(full, '.') + 1, full.len);
        if (!str_ends(decorator, last)) {
            continue;
        }
        char before = decorator.len > last.len ? decorator.ptr[decorator.len - last.len - 1] : '.';
        if (before == '.' || before == '_') {
            return true;
        }
    }
    return false;
}

size_t models_count(const struct models *models)
{
    return models->count;
}

const struct model *models_at(const struct models *models, size_t index)
{
    if (index >= models->count) {
        BUG("model %zu of %zu", index, models->count);
    }
    return &models->table[index];
}

const struct models *models_builtin(void)
{
    return &models_compiled;
}
