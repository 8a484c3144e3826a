#include "settings/config.h"

#include <string.h>

#include "settings/toml.h"
#include "settings/values.h"

/* One configuration being read. */
struct reader {
    struct settings *settings;
    const struct settings_context *context;
    const struct config_text *config;
    struct buf *problems;
    size_t begin; /* where the last problem begins in `problems` */
    bool wrong;   /* some problem was found */
};

void place_print(const struct setting_place *place, struct buf *out)
{
    switch (place->layer) {
    case LAYER_PRESET: buf_add(out, STR("the default")); break;
    case LAYER_COMMAND_LINE: buf_add(out, STR("the command line")); break;
    case LAYER_CONFIG_OPTION: buf_add(out, STR("option '--config'")); break;
    case LAYER_FILE:
        buf_add(out, place->file);
        if (place->line > 0) {
            buf_printf(out, ":%u:%u", (unsigned)place->line, (unsigned)place->column);
        }
        break;
    }
}

static struct setting_place place_at(const struct reader *reader, uint32_t line, uint32_t column)
{
    struct setting_place place = reader->config->place;

    place.line = line;
    place.column = column;
    return place;
}

static struct setting_place place_of(const struct reader *reader, const struct toml_value *value)
{
    return place_at(reader, value->line, value->column);
}

/* Appends the beginning of a line about a place; what is appended next is the problem, up to problem_end(). */
static struct buf *problem_begin(struct reader *reader, struct setting_place place)
{
    reader->wrong = true;
    reader->begin = reader->problems->len;
    place_print(&place, reader->problems);
    buf_add(reader->problems, STR(": "));
    return reader->problems;
}

/* Ends the line, and keeps it one line where it quotes several. */
static void problem_end(struct reader *reader)
{
    struct buf *problems = reader->problems;

    for (size_t i = reader->begin; i < problems->len; i++) {
        problems->ptr[i] = problems->ptr[i] == '\n' ? ' ' : problems->ptr[i];
    }
    buf_add_char(problems, '\n');
}

static void problem_add(struct reader *reader, const struct toml_value *value, struct str key, const char *text)
{
    buf_printf(problem_begin(reader, place_of(reader, value)), "%.*s: %s", STR_FMT(key), text);
    problem_end(reader);
}

/* Whether a value is of the kind; else that is a problem. */
static bool is_kind(struct reader *reader, const struct toml_value *value, enum toml_kind kind, struct str key,
                    const char *wanted)
{
    if (value->kind == kind) {
        return true;
    }
    buf_printf(problem_begin(reader, place_of(reader, value)), "%.*s: needs %s, not %s", STR_FMT(key), wanted,
               toml_kind_text(value->kind));
    if (kind == TOML_STRING && value->kind != TOML_ARRAY && value->kind != TOML_TABLE) {
        buf_printf(reader->problems, "; put it in quotes: \"%.*s\"", STR_FMT(value->text));
    } else if (kind == TOML_ARRAY && value->kind == TOML_STRING) {
        buf_printf(reader->problems, "; put it in brackets: [\"%.*s\"]", STR_FMT(value->text));
    }
    problem_end(reader);
    return false;
}

/* A string that says something. */
static bool is_text(struct reader *reader, const struct toml_value *value, struct str key, const char *wanted)
{
    if (!is_kind(reader, value, TOML_STRING, key, wanted)) {
        return false;
    }
    if (str_trim(value->text).len == 0 || memchr(value->text.ptr, '\0', value->text.len) != NULL) {
        problem_add(reader, value, key, value->text.len == 0 ? "the string is empty" : "the string says nothing");
        return false;
    }
    return true;
}

static void read_list(struct reader *reader, const struct toml_value *value, struct str key, struct str_list *list)
{
    struct arena *arena = reader->settings->arena;

    if (!is_kind(reader, value, TOML_ARRAY, key, "an array of strings")) {
        return;
    }
    if (list->items == NULL) { /* an empty list is said, too */
        list->items = list_room(arena, NULL, 0, sizeof *list->items);
        list->places = list_room(arena, NULL, 0, sizeof *list->places);
    }
    for (const struct toml_value *item = value->first; item != NULL; item = item->next) {
        if (is_text(reader, item, key, "strings in its array")) {
            list_push(arena, list, str_trim(item->text), place_of(reader, item));
        }
    }
}

static void read_rules_of_files(struct reader *reader, const struct toml_value *value, struct str key,
                                struct file_rules_list *list)
{
    struct arena *arena = reader->settings->arena;

    if (!is_kind(reader, value, TOML_TABLE, key, "a table of patterns and rules")) {
        return;
    }
    for (const struct toml_value *item = value->first; item != NULL; item = item->next) {
        struct file_rules rules = {.pattern = item->key, .place = place_at(reader, item->key_line, item->key_column)};
        if (item->key.len == 0) {
            problem_add(reader, item, key, "the pattern is empty");
            continue;
        }
        read_list(reader, item, key, &rules.rules);
        list->items = list_room(arena, list->items, list->count, sizeof *list->items);
        list->items[list->count++] = rules;
    }
}

/* Whether a text is a name with dots, of which '*' may stand for any letters. */
static bool is_qualified(struct str name)
{
    bool begins = true, dotted = false;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool digit = c >= '0' && c <= '9';
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '*' || (unsigned char)c >= 128;
        if (c == '.' ? begins : !(letter || (digit && !begins))) {
            return false;
        }
        dotted = dotted || c == '.';
        begins = c == '.';
    }
    return dotted && !begins;
}

/* Reads "pkg.mod.function", "pkg.mod:function" or { name = "…", many = false, own-instance = true }. */
static void read_entry(struct reader *reader, const struct toml_value *value, struct str key, struct entry_list *list)
{
    struct arena *arena = reader->settings->arena;
    struct entry_setting entry = {.many = true, .place = place_of(reader, value)};
    const struct toml_value *name = value->kind == TOML_TABLE ? toml_member(value, STR("name")) : value;

    for (const struct toml_value *item = value->kind == TOML_TABLE ? value->first : NULL; item != NULL;
         item = item->next) {
        bool is_many = str_equal(item->key, STR("many"));
        if (is_many || str_equal(item->key, STR("own-instance"))) {
            if (is_kind(reader, item, TOML_BOOLEAN, item->key, "true or false")) {
                *(is_many ? &entry.many : &entry.own_instance) = item->boolean;
            }
        } else if (item != name) {
            struct setting_place place = place_at(reader, item->key_line, item->key_column);
            buf_printf(problem_begin(reader, place), "%.*s: '%.*s' is not name, many or own-instance", STR_FMT(key),
                       STR_FMT(item->key));
            problem_end(reader);
        }
    }
    if (name == NULL) {
        problem_add(reader, value, key, "the entry has no name");
        return;
    }
    if (!is_text(reader, name, key, "strings, or tables { name = \"…\", many = false }, in its array")) {
        return;
    }
    struct str text = arena_str(arena, str_trim(name->text));
    size_t colon = str_find(text, STR(":"));
    if (colon != SIZE_MAX) { /* as entry points are written in pyproject.toml */
        ((char *)(uintptr_t)text.ptr)[colon] = '.';
    }
    if (!is_qualified(text)) {
        buf_printf(problem_begin(reader, place_of(reader, name)),
                   "%.*s: '%.*s' is no name of the form package.module.function or package.module.Class.method",
                   STR_FMT(key), STR_FMT(name->text));
        problem_end(reader);
        return;
    }
    entry.name = text;
    list->items = list_room(arena, list->items, list->count, sizeof *list->items);
    list->items[list->count++] = entry;
}

static void read_entries(struct reader *reader, const struct toml_value *value, struct str key, struct entry_list *list)
{
    if (!is_kind(reader, value, TOML_ARRAY, key, "an array")) {
        return;
    }
    for (const struct toml_value *item = value->first; item != NULL; item = item->next) {
        read_entry(reader, item, key, list);
    }
}

static void read_scalar(struct reader *reader, const struct toml_value *value, const struct option_info *option,
                        void *field)
{
    struct str key = str_of(option->name);
    struct buf problem = {0};
    bool good = true;

    if (option->kind == OPTION_NUMBER) {
        if (is_kind(reader, value, TOML_INTEGER, key, "an integer")) {
            buf_printf(&problem, "%lld", (long long)value->integer);
            struct str text = arena_str(reader->settings->arena, buf_str(&problem));
            buf_clear(&problem);
            good = value_number(option, text, field, &problem);
        }
    } else if (is_text(reader, value, key, "a string")) {
        if (option->kind == OPTION_CHOICE) {
            good = value_choice(option, reader->context, value->text, field, &problem);
        } else {
            *(struct str *)field = value->text;
        }
    }
    if (!good) {
        problem_add(reader, value, key, problem.ptr);
    }
    buf_release(&problem);
}

/* Sets the field of a key, unless a higher layer did; lists that every layer adds to are added to. */
static void read_key(struct reader *reader, const struct toml_value *value, const struct option_info *option)
{
    struct settings *settings = reader->settings;
    struct setting_place *place = &settings->places[option - option_at(0)];
    bool adds = option->kind == OPTION_MORE || option->kind == OPTION_RULES_OF_FILES;
    bool overruled = place->layer > reader->config->place.layer;
    struct settings ignored = {0}; /* takes what is overruled, which is checked all the same */
    void *field = (char *)(overruled && !adds ? &ignored : settings) + option->field;
    struct str key = str_of(option->name);

    switch (option->kind) {
    case OPTION_FLAG:
        if (is_kind(reader, value, TOML_BOOLEAN, key, "true or false")) {
            *(bool *)field = value->boolean;
        }
        break;
    case OPTION_LIST:
        *(struct str_list *)field = (struct str_list){0};
        read_list(reader, value, key, field);
        break;
    case OPTION_MORE: read_list(reader, value, key, field); break;
    case OPTION_CHOICE:
    case OPTION_NUMBER:
    case OPTION_TEXT: read_scalar(reader, value, option, field); break;
    case OPTION_RULES_OF_FILES: read_rules_of_files(reader, value, key, field); break;
    case OPTION_ENTRIES:
        *(struct entry_list *)field = (struct entry_list){0};
        read_entries(reader, value, key, field);
        break;
    case OPTION_GROUP:
    case OPTION_TEXTS: BUG("key '%s' cannot be read", option->name);
    }
    if (!overruled) {
        *place = place_at(reader, value->key_line, value->key_column);
    }
}

static void report_unknown(struct reader *reader, const struct toml_value *value)
{
    struct suggestion suggestion = suggestion_of(value->key);
    struct buf *out = problem_begin(reader, place_at(reader, value->key_line, value->key_column));

    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->is_key) {
            suggestion_offer(&suggestion, str_of(option->name));
        } else if (option->kind != OPTION_GROUP && str_equal(str_of(option->name), value->key)) {
            buf_printf(out, "'%s' is an option of the command line only", option->name);
            problem_end(reader);
            return;
        }
    }
    buf_printf(out, "there is no key '%.*s'", STR_FMT(value->key));
    if (value->kind == TOML_TABLE && str_equal(value->key, STR("tool"))) {
        buf_add(out, STR("; outside of a pyproject.toml the keys stand without [tool.racelint]"));
    } else {
        value_suggest(&suggestion, "", out);
    }
    problem_end(reader);
}

/* The table that speaks to racelint; NULL where there is none, or where it is none (then that is a problem). */
static const struct toml_value *find_table(struct reader *reader, const struct toml_value *document)
{
    if (!reader->config->is_pyproject) {
        return document;
    }
    const struct toml_value *tool = toml_member(document, STR("tool"));
    const struct toml_value *table =
        tool != NULL && tool->kind == TOML_TABLE ? toml_member(tool, STR("racelint")) : NULL;
    return table != NULL && !is_kind(reader, table, TOML_TABLE, STR("tool.racelint"), "a table") ? NULL : table;
}

struct settings *settings_copy(const struct settings *settings)
{
    struct arena *arena = settings->arena;
    struct settings *copy = arena_alloc(arena, sizeof *copy);

    *copy = *settings;
    copy->places = arena_array(arena, options_count(), sizeof *copy->places);
    memcpy(copy->places, settings->places, options_count() * sizeof *copy->places);
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_MORE) {
            const struct str_list *from = (const void *)((const char *)settings + option->field);
            struct str_list *to = (void *)((char *)copy + option->field);
            *to = (struct str_list){0};
            for (size_t k = 0; k < from->count; k++) {
                list_push(arena, to, from->items[k], from->places[k]);
            }
        } else if (option->kind == OPTION_RULES_OF_FILES) {
            const struct file_rules_list *from = (const void *)((const char *)settings + option->field);
            struct file_rules_list *to = (void *)((char *)copy + option->field);
            *to = (struct file_rules_list){0};
            for (size_t k = 0; k < from->count; k++) {
                to->items = list_room(arena, to->items, to->count, sizeof *to->items);
                to->items[to->count++] = from->items[k];
            }
        }
    }
    return copy;
}

enum config_status config_read(struct settings *settings, const struct config_text *config,
                               const struct settings_context *context, struct buf *problems)
{
    struct reader reader = {settings, context, config, problems, 0, false};
    struct toml_error error;
    const struct toml_value *document = toml_read(settings->arena, config->text, &error);

    if (document == NULL) {
        struct buf *out = problem_begin(&reader, place_at(&reader, error.line, error.column));
        buf_printf(out, "%.*s%s", STR_FMT(error.message),
                   config->place.layer == LAYER_CONFIG_OPTION ? "; strings need quotes: 'min-confidence=\"low\"'" : "");
        problem_end(&reader);
        return CONFIG_WRONG;
    }
    const struct toml_value *table = find_table(&reader, document);
    if (table == NULL) {
        return reader.wrong ? CONFIG_WRONG : CONFIG_ABSENT;
    }
    for (const struct toml_value *value = table->first; value != NULL; value = value->next) {
        const struct option_info *option = option_of_key(value->key);
        if (option != NULL) {
            read_key(&reader, value, option);
        } else {
            report_unknown(&reader, value);
        }
    }
    return reader.wrong ? CONFIG_WRONG : CONFIG_OK;
}
