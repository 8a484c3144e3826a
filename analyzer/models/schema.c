#include "models/schema.h"

#include <stdlib.h>
#include <string.h>

#include "models/schema_internal.h"

enum { POSITION_MAX = 99 };

/* What is true of a whole file. */
struct file {
    struct schema *schema;
    struct str path;
    struct str module; /* prefix of every name, without the dot */
    struct str page;   /* documentation page that "#anchor" belongs to */
};

struct schema *schema_new(void)
{
    struct schema *schema = memory_new(sizeof *schema);

    schema->arena = arena_new();
    return schema;
}

void schema_free(struct schema *schema)
{
    if (schema != NULL) {
        vec_release(&schema->entries);
        vec_release(&schema->problems);
        arena_free(schema->arena);
        free(schema);
    }
}

size_t schema_count(const struct schema *schema)
{
    return schema->entries.len;
}

const struct schema_entry *schema_at(const struct schema *schema, size_t index)
{
    return schema->entries.data[index];
}

size_t schema_problem_count(const struct schema *schema)
{
    return schema->problems.len;
}

const struct schema_problem *schema_problem_at(const struct schema *schema, size_t index)
{
    return &schema->problems.data[index];
}

void schema_problem_add(struct schema *schema, struct str path, uint32_t line, uint32_t column, struct str message)
{
    for (size_t i = 0; i < schema->problems.len; i++) { /* entries of one table share their place */
        const struct schema_problem *old = &schema->problems.data[i];
        if (old->line == line && old->column == column && str_equal(old->path, path) &&
            str_equal(old->message, message)) {
            return;
        }
    }
    if (schema->problems.len < SCHEMA_PROBLEMS_MAX) {
        vec_push(&schema->problems, (struct schema_problem){path, line, column, message});
    }
}

bool schema_is_given(const struct schema_entry *entry, const struct schema_key *key)
{
    return entry->given[key - schema_keys];
}

/* ---- problems ---- */

/* A problem with a value; always false, for use in a return. */
static bool problem(const struct file *file, const struct toml_value *at, struct str message)
{
    schema_problem_add(file->schema, file->path, at->line, at->column, message);
    return false;
}

static bool problem_key(const struct file *file, const struct toml_value *at, struct str message)
{
    schema_problem_add(file->schema, file->path, at->key_line, at->key_column, message);
    return false;
}

/* Something unknown, with the nearest of what is known. */
static bool problem_unknown(const struct file *file, const struct toml_value *at, bool key, const char *what,
                            struct str typed, struct str nearest)
{
    struct arena *arena = file->schema->arena;
    struct str message = nearest.len == 0 ? arena_printf(arena, "unknown %s `%.*s`", what, STR_FMT(typed))
                                          : arena_printf(arena, "unknown %s `%.*s`; did you mean `%.*s`?", what,
                                                         STR_FMT(typed), STR_FMT(nearest));
    return key ? problem_key(file, at, message) : problem(file, at, message);
}

static bool problem_type(const struct file *file, const struct toml_value *value, const char *wanted)
{
    return problem(file, value,
                   arena_printf(file->schema->arena, "`%.*s` must be %s, not %s", STR_FMT(value->key), wanted,
                                toml_kind_text(value->kind)));
}

/* ---- values ---- */

/* A name of Python: identifiers, joined by dots where `dotted`. */
static bool is_name(struct str text, bool dotted)
{
    bool starts = true;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (c == '.' && dotted && !starts) {
            starts = true;
        } else if (letter || c == '_' || c >= 0x80 || (!starts && c >= '0' && c <= '9')) {
            starts = false;
        } else {
            return false;
        }
    }
    return !starts;
}

static bool string_value(const struct file *file, const struct toml_value *value, const char **out)
{
    if (value->kind != TOML_STRING) {
        return problem_type(file, value, "a string");
    }
    if (value->text.len == 0 || memchr(value->text.ptr, '\0', value->text.len) != NULL) {
        return problem(file, value,
                       arena_printf(file->schema->arena, "`%.*s` is empty or holds a NUL", STR_FMT(value->key)));
    }
    *out = arena_str(file->schema->arena, value->text).ptr;
    return true;
}

static bool word_value(const struct file *file, const struct schema_key *key, const struct toml_value *value,
                       uint32_t *out)
{
    if (value->kind != TOML_STRING) {
        return problem(file, value,
                       arena_printf(file->schema->arena, "a value of `%s` must be a string, not %s", key->name,
                                    toml_kind_text(value->kind)));
    }
    for (const struct key_word *word = key->words; word->text != NULL; word++) {
        if (str_equal(value->text, str_of(word->text))) {
            *out = word->value;
            return true;
        }
    }
    return problem_unknown(file, value, false, key->name, value->text,
                           schema_nearest(value->text, &key->words[0].text, sizeof key->words[0]));
}

static bool words_value(const struct file *file, const struct schema_key *key, const struct toml_value *value,
                        uint32_t *out)
{
    bool good = true;

    if (value->kind != TOML_ARRAY) {
        return problem_type(file, value, "an array of strings");
    }
    for (const struct toml_value *item = value->first; item != NULL; item = item->next) {
        uint32_t bit = 0;
        if (word_value(file, key, item, &bit)) {
            if ((*out & bit) != 0) {
                good = problem(file, item, STR("this is said twice"));
            }
            *out |= bit;
        } else {
            good = false;
        }
    }
    return good;
}

static bool integer_value(const struct file *file, const struct toml_value *value, int64_t most, int64_t *out)
{
    if (value->kind != TOML_INTEGER) {
        return problem_type(file, value, "an integer");
    }
    if (value->integer < 0 || value->integer > most) {
        return problem(
            file, value,
            arena_printf(file->schema->arena, "`%.*s` must lie between 0 and %d", STR_FMT(value->key), (int)most));
    }
    *out = value->integer;
    return true;
}

/* "3.13" becomes 0x030d. */
static bool version_value(const struct file *file, const struct toml_value *value, uint16_t *out)
{
    unsigned parts[2] = {0, 0};
    unsigned part = 0;
    bool digit = false, good = value->kind == TOML_STRING;

    for (size_t i = 0; good && i < value->text.len; i++) {
        char c = value->text.ptr[i];
        if (c == '.' && part == 0 && digit) {
            part++;
            digit = false;
        } else if (c >= '0' && c <= '9' && parts[part] < 25) {
            parts[part] = parts[part] * 10 + (unsigned)(c - '0');
            digit = true;
        } else {
            good = false;
        }
    }
    if (!good || part != 1 || !digit || parts[0] != 3) {
        return problem(
            file, value,
            arena_printf(file->schema->arena, "`%.*s` must be a version such as \"3.13\"", STR_FMT(value->key)));
    }
    *out = (uint16_t)(parts[0] << 8 | parts[1]);
    return true;
}

/* An argument: 1, "target", or { position = 1, keyword = "target" }. */
static bool argument_value(const struct file *file, const struct toml_value *value, int8_t *position,
                           const char **keyword)
{
    int64_t number = MODEL_NO_ARG;
    bool good = true;

    if (value->kind == TOML_INTEGER) {
        good = integer_value(file, value, POSITION_MAX, &number);
    } else if (value->kind == TOML_STRING) {
        good = string_value(file, value, keyword);
    } else if (value->kind != TOML_TABLE || value->count == 0) {
        return problem_type(file, value, "a position, a keyword, or { position, keyword }");
    } else {
        for (const struct toml_value *part = value->first; good && part != NULL; part = part->next) {
            if (str_equal(part->key, STR("position"))) {
                good = integer_value(file, part, POSITION_MAX, &number);
            } else if (str_equal(part->key, STR("keyword"))) {
                good = string_value(file, part, keyword);
            } else {
                static const char *const known[] = {"position", "keyword", NULL};
                good = problem_unknown(file, part, true, "key", part->key,
                                       schema_nearest(part->key, known, sizeof known[0]));
            }
        }
    }
    if (good && *keyword != NULL && !is_name(str_of(*keyword), false)) {
        good = problem(file, value, arena_printf(file->schema->arena, "`%s` is not a Python name", *keyword));
    }
    *position = (int8_t)number;
    return good;
}

static bool list_value(const struct file *file, const struct toml_value *value, const char *const **out)
{
    if (value->kind != TOML_ARRAY || value->count == 0) {
        return problem_type(file, value, "an array of strings with at least one element");
    }
    const char **list = arena_array(file->schema->arena, value->count + 1, sizeof *list);
    size_t count = 0;
    for (const struct toml_value *item = value->first; item != NULL; item = item->next) {
        if (item->kind != TOML_STRING || item->text.len == 0) {
            return problem(file, item,
                           arena_printf(file->schema->arena,
                                        "the elements of `%.*s` must be strings that are not empty",
                                        STR_FMT(value->key)));
        }
        list[count++] = arena_str(file->schema->arena, item->text).ptr;
    }
    *out = list;
    return true;
}

/* Converts one value into its field. */
static bool field_read(const struct file *file, const struct schema_key *key, const struct toml_value *value,
                       struct model *model)
{
    char *field = (char *)model + key->offset;
    uint32_t number = 0;
    int64_t integer = 0;
    bool good = true;

    switch (key->type) {
    case KEY_NAME: return true;
    case KEY_TEXT: return string_value(file, value, (const char **)(void *)field);
    case KEY_WORD:
        good = word_value(file, key, value, &number);
        *(uint8_t *)field = (uint8_t)number;
        return good;
    case KEY_WORDS: return words_value(file, key, value, (uint32_t *)(void *)field);
    case KEY_BOOLEAN:
        *(bool *)(void *)field = value->boolean;
        return value->kind == TOML_BOOLEAN || problem_type(file, value, "true or false");
    case KEY_COUNT:
        good = integer_value(file, value, UINT8_MAX, &integer);
        *(uint8_t *)field = (uint8_t)integer;
        return good;
    case KEY_ARGUMENT:
        return argument_value(file, value, (int8_t *)field,
                              (const char **)(void *)((char *)model + key->keyword_offset));
    case KEY_POSITION:
        good = integer_value(file, value, POSITION_MAX, &integer);
        *(int8_t *)field = (int8_t)integer;
        return good;
    case KEY_VERSION: return version_value(file, value, (uint16_t *)(void *)field);
    case KEY_LIST: return list_value(file, value, (const char *const **)(void *)field);
    }
    BUG("key %s has no type", key->name);
}

/* ---- entries ---- */

static bool key_allowed(const struct schema_key *key, enum entry_kind kind)
{
    return (key->kinds >> kind & 1) != 0;
}

/* Reads every key of an entry into the model; false where one is wrong. */
static bool fields_read(const struct file *file, const struct toml_value *table, enum entry_kind kind,
                        struct schema_entry *entry)
{
    bool good = true;

    for (const struct toml_value *value = table->first; value != NULL; value = value->next) {
        const struct schema_key *key = schema_key_find(value->key);
        if (key == NULL) {
            good = problem_unknown(file, value, true, "key", value->key,
                                   schema_nearest(value->key, &schema_keys[0].name, sizeof schema_keys[0]));
        } else if (!key_allowed(key, kind)) {
            good = problem_key(
                file, value,
                arena_printf(file->schema->arena, "`%s` has no place in [[%s]]", key->name, schema_kind_names[kind]));
        } else {
            good = field_read(file, key, value, &entry->model) && good;
            entry->given[key - schema_keys] = true;
        }
    }
    return good;
}

/* Whether keys that say more about arguments have what they speak of. */
static bool arguments_check(const struct file *file, const struct toml_value *table, const struct model *model)
{
    bool good = true;

    if ((model->tasks || model->defers) && model->target == MODEL_NO_ARG && model->target_keyword == NULL) {
        good = problem(file, table, STR("`tasks` and `defers` are about a `target`"));
    }
    if (model->is == MODEL_FUNCTION && (model->configures != NULL) != (model->threads_with != NULL)) {
        good = problem(file, table, STR("of a function, `configures` and `threads-with` go together"));
    }
    for (const char *const *argument = model->threads_with; argument != NULL && *argument != NULL; argument++) {
        if (strchr(*argument, '=') == NULL) {
            good = problem(file, toml_member(table, STR("threads-with")), STR("an argument is `keyword=value`"));
        }
    }
    return good;
}

/* What is said of handlers, and of when something runs. */
static bool handler_check(const struct file *file, const struct toml_value *table, const struct model *model)
{
    bool good = true;
    bool served = model->role == ROLE_HANDLER && model->runs == RUNS_SERVER;
    if (!served && ((model->effects & EFFECT_LATER) != 0) != (model->runs != RUNS_UNSAID)) {
        good = problem(file, table, STR("`later` and `runs` go together"));
    }
    bool stands =
        model->like != NULL || model->parameters != NULL || model->named_in != NULL || model->made_with != NULL;
    if (stands && !served) {
        good = problem(file, table,
                       STR("`like`, `parameters`, `named-in` and `made-with` are about a `handler` that runs in a "
                           "`server`"));
    }
    if (served && model->entries == NULL && model->parameters == NULL) {
        good = problem(file, table, STR("a `handler` that runs in a `server` needs `entries` or `parameters`"));
    }
    return good;
}

/* What cannot be true at once, or needs something that is not there. */
static bool facts_check(const struct file *file, const struct toml_value *table, const struct model *model)
{
    static const struct {
        uint32_t both;
        const char *message;
    } contradictions[] = {
        {EFFECT_ATOMIC | EFFECT_COMPOUND, "an operation cannot be both `atomic` and `compound`"},
        {EFFECT_ATOMIC | EFFECT_ITERATE, "an operation cannot be both `atomic` and `iterate`"},
        {EFFECT_SNAPSHOT | EFFECT_ITERATE, "an operation cannot be both `snapshot` and `iterate`"},
        {EFFECT_SNAPSHOT | EFFECT_VIEW, "an operation cannot be both `snapshot` and `view`"},
        {EFFECT_PURE | EFFECT_WRITE, "an operation cannot be both `pure` and `write`"},
        {EFFECT_PURE | EFFECT_PROCESS, "an operation cannot be both `pure` and `process`"},
    };
    const struct toml_value *at = toml_member(table, STR("effects"));
    bool no_target = model->target == MODEL_NO_ARG && model->target_keyword == NULL;
    bool no_value = model->value == MODEL_NO_ARG && model->value_keyword == NULL;
    bool good = arguments_check(file, table, model);

    for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
        if ((model->effects & contradictions[i].both) == contradictions[i].both) {
            good = problem(file, at, str_of(contradictions[i].message));
        }
    }
    bool decorates = model->runs == RUNS_SERVER && (model->effects & EFFECT_MAKES_DECORATOR) != 0;
    if ((model->effects & (EFFECT_SPAWN | EFFECT_LATER)) != 0 && no_target && !decorates) {
        good = problem(file, at, STR("`spawn` and `later` need a `target`"));
    }
    good = handler_check(file, table, model) && good;
    if (model->state != STATE_NONE && (model->effects & EFFECT_PROCESS) == 0) {
        good = problem(file, toml_member(table, STR("state")), STR("`state` is about the effect `process`"));
    }
    if ((model->effects & EFFECT_PUT) != 0 && no_value) {
        good = problem(file, at, STR("`put` needs a `value`"));
    }
    if (model->to_version != 0 && model->to_version <= model->from_version) {
        good = problem(file, toml_member(table, STR("removed")), STR("`removed` must be later than `added`"));
    }
    return good;
}

static bool is_blank_or_quote(unsigned char c)
{
    return c <= ' ' || c == '"' || c == '\\' || c == 0x7f;
}

/* A text with the name of the entry in place of "{name}". */
static const char *name_filled(struct arena *arena, struct str text, struct str name)
{
    size_t hole = str_find(text, STR("{name}"));

    if (hole != SIZE_MAX) {
        text = arena_printf(arena, "%.*s%.*s%.*s", (int)hole, text.ptr, STR_FMT(name),
                            STR_FMT(str_slice(text, hole + strlen("{name}"), text.len)));
    }
    return arena_str(arena, text).ptr;
}

/* The place in the documentation: "#anchor" belongs to the file's page; "{name}" stands for the entry's name. */
static bool source_read(const struct file *file, const struct toml_value *table, struct str name, const char **out)
{
    const struct toml_value *value = toml_member(table, STR("source"));
    struct arena *arena = file->schema->arena;

    if (value == NULL) {
        return problem(file, table, STR("`source` is missing: the page of the documentation that says it"));
    }
    if (value->kind != TOML_STRING) {
        return problem_type(file, value, "a string");
    }
    struct str text = value->text;
    if (str_starts(text, STR("#")) && file->page.len > 0) {
        text = arena_printf(arena, "%.*s%.*s", STR_FMT(file->page), STR_FMT(text));
    }
    bool good = str_find(text, STR("/")) != SIZE_MAX && str_find(text, STR("/")) > 0;
    for (size_t i = 0; i < text.len; i++) {
        good = good && !is_blank_or_quote((unsigned char)text.ptr[i]);
    }
    if (!good) {
        return problem(file, value, STR("`source` must be host/page#anchor, or #anchor where the file has a `page`"));
    }
    *out = name_filled(arena, text, name);
    return true;
}

static enum model_is kind_is(enum entry_kind kind)
{
    static const enum model_is is[ENTRY_COUNT] = {MODEL_CLASS, MODEL_FUNCTION, MODEL_METHOD, MODEL_VALUE,
                                                  MODEL_VALUE, MODEL_VALUE,    MODEL_PACKAGE};
    return is[kind];
}

/* Methods and attributes are named Class.member, the others have one part. */
static bool name_check(const struct file *file, const struct toml_value *value, enum entry_kind kind)
{
    bool member = kind == ENTRY_METHOD || kind == ENTRY_ATTRIBUTE;
    bool dot = value->kind == TOML_STRING && str_find(value->text, STR(".")) != SIZE_MAX;

    if (value->kind != TOML_STRING || !is_name(value->text, true)) {
        return problem(file, value, STR("this must be a Python name, relative to the module"));
    }
    if (kind != ENTRY_ALIAS && member != dot) {
        return problem(file, value,
                       member ? STR("this must be Class.member") : STR("this must be a name without a dot"));
    }
    return true;
}

/* Adds the entry of the module itself and of those below it, which needs no name. */
static void package_add(const struct file *file, const struct toml_value *table, const struct schema_entry *common)
{
    struct schema_entry *entry = arena_alloc(file->schema->arena, sizeof *entry);

    *entry = *common;
    if (entry->model.role != ROLE_LOOP) {
        problem(file, table, STR("what is said of a package is its `role`, which can be `loop`"));
    } else if (source_read(file, table, file->module, &entry->model.source)) {
        entry->model.name = file->module.ptr;
        vec_push(&file->schema->entries, entry);
    }
}

/* Adds one entry per name of a table. */
static void names_add(const struct file *file, const struct toml_value *table, enum entry_kind kind,
                      const struct schema_entry *common)
{
    if (kind == ENTRY_PACKAGE) {
        package_add(file, table, common);
        return;
    }
    const struct toml_value *one = toml_member(table, STR("name"));
    const struct toml_value *many = toml_member(table, STR("names"));

    if ((one == NULL) == (many == NULL)) {
        problem(file, table, STR("an entry needs a `name`, or `names` for several that are alike"));
        return;
    }
    if (many != NULL && (many->kind != TOML_ARRAY || many->count == 0)) {
        problem_type(file, many, "an array of strings with at least one element");
        return;
    }
    for (const struct toml_value *name = one != NULL ? one : many->first; name != NULL;
         name = one != NULL ? NULL : name->next) {
        struct schema_entry *entry = arena_alloc(file->schema->arena, sizeof *entry);
        *entry = *common;
        if (name_check(file, name, kind) && source_read(file, table, name->text, &entry->model.source)) {
            entry->model.name =
                arena_printf(file->schema->arena, "%.*s.%.*s", STR_FMT(file->module), STR_FMT(name->text)).ptr;
            if (kind == ENTRY_ALIAS) {
                entry->model.same_as = name_filled(file->schema->arena, str_of(entry->model.same_as), name->text);
            }
            vec_push(&file->schema->entries, entry);
        }
    }
}

static void entry_read(const struct file *file, const struct toml_value *table, enum entry_kind kind)
{
    struct schema_entry entry = {.path = file->path, .table = table};
    const struct toml_value *of = toml_member(table, STR("of"));
    const struct toml_value *platform = toml_member(table, STR("platform"));
    struct schema_key platform_key = {.name = "platform", .words = schema_platforms};
    struct model *model = &entry.model;
    uint32_t ignored = 0;
    bool good = true;

    model->is = (uint8_t)kind_is(kind);
    model->module = file->module.ptr;
    model->rest = model->elements = MODEL_NO_ARG;
    for (size_t i = 0; i < schema_key_count; i++) {
        if (schema_keys[i].type == KEY_ARGUMENT) {
            *((int8_t *)model + schema_keys[i].offset) = MODEL_NO_ARG;
        }
    }
    good = fields_read(file, table, kind, &entry);
    if (platform != NULL) {
        good = word_value(file, &platform_key, platform, &ignored) && string_value(file, platform, &entry.platform) &&
               good;
    }
    if (kind == ENTRY_ALIAS) {
        if (of == NULL) {
            good = problem(file, table, STR("an alias needs `of`: the qualified name it stands for"));
        } else {
            good = string_value(file, of, &model->same_as) && good;
        }
    }
    if (good && facts_check(file, table, model)) {
        names_add(file, table, kind, &entry);
    }
}

/* ---- files ---- */

static bool header_read(struct file *file, const struct toml_value *root)
{
    const struct toml_value *module = toml_member(root, STR("module"));
    const struct toml_value *page = toml_member(root, STR("page"));
    const char *text = NULL;

    if (module == NULL) {
        return problem(file, root, STR("`module` is missing: the module whose names the file describes"));
    }
    if (!string_value(file, module, &text)) {
        return false;
    }
    file->module = str_of(text);
    if (!is_name(file->module, true)) {
        return problem(file, module, STR("`module` must be the dotted name of a module"));
    }
    if (page != NULL) {
        if (!string_value(file, page, &text)) {
            return false;
        }
        file->page = str_of(text);
    }
    return true;
}

static void section_read(const struct file *file, const struct toml_value *section)
{
    static const char *const known[] = {"module",    "page",  "class", "function", "method",
                                        "attribute", "value", "alias", "package",  NULL};

    for (unsigned kind = 0; kind < ENTRY_COUNT; kind++) {
        if (!str_equal(section->key, str_of(schema_kind_names[kind]))) {
            continue;
        }
        bool tables = section->kind == TOML_ARRAY;
        for (const struct toml_value *table = section->first; tables && table != NULL; table = table->next) {
            tables = table->kind == TOML_TABLE;
        }
        if (!tables) {
            problem_key(file, section,
                        arena_printf(file->schema->arena, "`%.*s` must be an array of tables: [[%.*s]]",
                                     STR_FMT(section->key), STR_FMT(section->key)));
            return;
        }
        for (const struct toml_value *table = section->first; table != NULL; table = table->next) {
            entry_read(file, table, kind);
        }
        return;
    }
    problem_unknown(file, section, true, "key", section->key, schema_nearest(section->key, known, sizeof known[0]));
}

void schema_read(struct schema *schema, struct str path, struct str text)
{
    struct file file = {.schema = schema, .path = arena_str(schema->arena, path)};
    struct toml_error error;
    /* The document points into its text, and the entries into the document. */
    const struct toml_value *root = toml_read(schema->arena, arena_str(schema->arena, text), &error);

    if (root == NULL) {
        schema_problem_add(schema, file.path, error.line, error.column, error.message);
        return;
    }
    if (!header_read(&file, root)) {
        return;
    }
    for (const struct toml_value *section = root->first; section != NULL; section = section->next) {
        if (!str_equal(section->key, STR("module")) && !str_equal(section->key, STR("page"))) {
            section_read(&file, section);
        }
    }
}
