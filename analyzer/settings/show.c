/* show: the settings as a configuration file, and the reference of its keys. */
#include <string.h>

#include "settings/config.h"
#include "settings/help.h"

static void add_quoted(struct buf *out, struct str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(out, "\\u%04X", c);
        } else {
            buf_add_char(out, (char)c);
        }
    }
    buf_add_char(out, '"');
}

static void add_place(struct buf *out, const struct setting_place *place)
{
    buf_add(out, STR("  # "));
    place_print(place, out);
    buf_add_char(out, '\n');
}

/* One line of an array, or all of it where it is empty. */
static void add_list(struct buf *out, const struct str_list *list, const struct setting_place *place)
{
    if (list->count == 0) {
        buf_add(out, STR("[]"));
        add_place(out, place);
        return;
    }
    buf_add(out, STR("[\n"));
    for (size_t i = 0; i < list->count; i++) {
        buf_add(out, STR("    "));
        add_quoted(out, list->items[i]);
        buf_add_char(out, ',');
        add_place(out, &list->places[i]);
    }
    buf_add(out, STR("]\n"));
}

static void add_default_excludes(struct buf *out, const struct settings_context *context)
{
    static const struct setting_place preset = {.layer = LAYER_PRESET};

    buf_add_char(out, '[');
    for (size_t i = 0; context->default_exclude(i) != NULL; i++) {
        buf_add(out, i > 0 ? STR(", ") : STR(""));
        add_quoted(out, str_of(context->default_exclude(i)));
    }
    buf_add_char(out, ']');
    add_place(out, &preset);
}

static void add_rules_of_files(struct buf *out, const struct file_rules_list *list)
{
    buf_add(out, STR("{"));
    for (size_t i = 0; i < list->count; i++) {
        buf_add(out, i > 0 ? STR(", ") : STR(" "));
        add_quoted(out, list->items[i].pattern);
        buf_add(out, STR(" = ["));
        for (size_t k = 0; k < list->items[i].rules.count; k++) {
            buf_add(out, k > 0 ? STR(", ") : STR(""));
            add_quoted(out, list->items[i].rules.items[k]);
        }
        buf_add_char(out, ']');
    }
    buf_add(out, list->count > 0 ? STR(" }") : STR("}"));
}

static void add_entries(struct buf *out, const struct entry_list *list, const struct setting_place *place)
{
    if (list->count == 0) {
        buf_add(out, STR("[]"));
        add_place(out, place);
        return;
    }
    buf_add(out, STR("[\n"));
    for (size_t i = 0; i < list->count; i++) {
        const struct entry_setting *entry = &list->items[i];
        bool is_plain = entry->many && !entry->own_instance;
        buf_add(out, is_plain ? STR("    ") : STR("    { name = "));
        add_quoted(out, entry->name);
        buf_add(out, entry->many ? STR("") : STR(", many = false"));
        buf_add(out, entry->own_instance ? STR(", own-instance = true") : STR(""));
        buf_add(out, is_plain ? STR(",") : STR(" },"));
        add_place(out, &entry->place);
    }
    buf_add(out, STR("]\n"));
}

static void add_setting(const struct settings *settings, const struct settings_context *context, size_t index,
                        struct buf *out)
{
    const struct option_info *option = option_at(index);
    const struct setting_place *place = &settings->places[index];
    const void *field = (const char *)settings + option->field;
    bool is_exclude = option->field == offsetof(struct settings, exclude);

    bool has_value = option->kind == OPTION_FLAG || option->kind == OPTION_CHOICE || is_exclude;

    if (place->layer == LAYER_PRESET && (!has_value)) {
        buf_printf(out, "# %s: %s", option->name, option->preset != NULL ? option->preset : "none");
        add_place(out, place);
        return;
    }
    buf_printf(out, "%s = ", option->name);
    switch (option->kind) {
    case OPTION_FLAG: buf_add(out, *(const bool *)field ? STR("true") : STR("false")); break;
    case OPTION_CHOICE: add_quoted(out, option_choice(option, context, *(const unsigned *)field)); break;
    case OPTION_NUMBER: buf_printf(out, "%u", *(const unsigned *)field); break;
    case OPTION_TEXT: add_quoted(out, *(const struct str *)field); break;
    case OPTION_LIST:
    case OPTION_MORE:
        if (is_exclude && place->layer == LAYER_PRESET) {
            add_default_excludes(out, context);
        } else {
            add_list(out, field, place);
        }
        return;
    case OPTION_ENTRIES: add_entries(out, field, place); return;
    case OPTION_RULES_OF_FILES: add_rules_of_files(out, field); break;
    case OPTION_GROUP:
    case OPTION_TEXTS: BUG("'%s' is no key", option->name);
    }
    add_place(out, place);
}

void settings_print(const struct settings *settings, const struct settings_context *context, struct buf *out)
{
    const struct option_info *group = NULL;

    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_GROUP) {
            group = option;
        } else if (option->is_key) {
            if (group != NULL) {
                buf_printf(out, "\n# %s\n", group->name);
            }
            group = NULL;
            add_setting(settings, context, i, out);
        }
    }
}

/* ---- the reference ---- */

static void add_type(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    struct str choice, next;

    switch (option->kind) {
    case OPTION_FLAG: buf_add(out, STR("`true` or `false`")); break;
    case OPTION_CHOICE:
        next = option_choice(option, context, 0);
        for (size_t i = 0; (choice = next).len > 0; i++) {
            next = option_choice(option, context, i + 1);
            buf_printf(out, "%s`\"%.*s\"`", i == 0 ? "" : next.len > 0 ? ", " : " or ", STR_FMT(choice));
        }
        break;
    case OPTION_NUMBER: buf_printf(out, "an integer from %u to %u", option->least, option->most); break;
    case OPTION_LIST:
    case OPTION_MORE: buf_add(out, STR("an array of strings")); break;
    case OPTION_TEXT: buf_add(out, STR("a string")); break;
    case OPTION_RULES_OF_FILES: buf_add(out, STR("a table of arrays of strings")); break;
    case OPTION_ENTRIES: buf_add(out, STR("an array of strings and tables")); break;
    case OPTION_GROUP:
    case OPTION_TEXTS: BUG("'%s' is no key", option->name);
    }
}

static void add_preset(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    if (option->field == offsetof(struct settings, exclude)) {
        for (size_t i = 0; context->default_exclude(i) != NULL; i++) {
            buf_printf(out, "%s`%s`", i > 0 ? ", " : "", context->default_exclude(i));
        }
    } else if (option->kind == OPTION_FLAG) {
        buf_add(out, STR("`false`"));
    } else if (option->kind == OPTION_CHOICE) {
        buf_printf(out, "`\"%s\"`", option->preset);
    } else {
        buf_add(out, option->preset != NULL ? str_of(option->preset) : STR("none"));
    }
}

void keys_print(const struct settings_context *context, struct buf *out)
{
    const struct option_info *group = NULL;

    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_GROUP) {
            group = option;
        } else if (option->is_key) {
            if (group != NULL) {
                buf_printf(out, "%s### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
                           out->len > 0 ? "\n" : "", group->name);
            }
            group = NULL;
            buf_printf(out, "| `%s` | ", option->name);
            add_type(option, context, out);
            buf_add(out, STR(" | "));
            add_preset(option, context, out);
            buf_printf(out, " | %s |\n", option->help);
        }
    }
}
