#include "settings/options.h"

#include <stddef.h>
#include <string.h>

static const struct command_info commands[] = {
#define COMMAND(id, function, name, operands, minimum, maximum, summary, description)                                  \
    [COMMAND_##id] = {name, operands, minimum, maximum, summary, description},
#include "settings/commands.def"
#undef COMMAND
};

/* The bits that options.def combines. */
enum {
#define COMMAND(id, function, name, operands, minimum, maximum, summary, description) id = 1 << COMMAND_##id,
#include "settings/commands.def"
#undef COMMAND
    CONFIG = 1 << COMMAND_COUNT,
    PROGRAM = CHECK | DEBUG_PROGRAM,
    DISCOVERY = CHECK | DEBUG_PROGRAM | DEBUG_FILES | DEBUG_PARSE | DEBUG_SETTINGS,
    EVERY = (1 << COMMAND_COUNT) - 1
};

/* `debug settings` takes every option of `check` that is a key, too. */
#define BITS(bits) ((bits) | (((bits) & (CHECK | CONFIG)) == (CHECK | CONFIG) ? DEBUG_SETTINGS : 0))
#define ROW(of_kind, bits, long_name, short_name, member, placeholder, names, usual, low, high, text)                  \
    {of_kind,                                                                                                          \
     long_name,                                                                                                        \
     short_name,                                                                                                       \
     BITS(bits) & EVERY,                                                                                               \
     ((bits)&CONFIG) != 0,                                                                                             \
     offsetof(struct settings, member),                                                                                \
     placeholder,                                                                                                      \
     names,                                                                                                            \
     usual,                                                                                                            \
     low,                                                                                                              \
     high,                                                                                                             \
     text},
static const struct option_info options[] = {
#define GROUP(title) {.kind = OPTION_GROUP, .name = title},
#define FLAG(bits, name, letter, member, text)                                                                         \
    ROW(OPTION_FLAG, bits, name, letter, member, NULL, NULL, NULL, 0, 0, text)
#define CHOICE(bits, name, letter, member, value, choices, preset, text)                                               \
    ROW(OPTION_CHOICE, bits, name, letter, member, value, choices, preset, 0, 0, text)
#define LIST(bits, name, letter, member, value, preset, text)                                                          \
    ROW(OPTION_LIST, bits, name, letter, member, value, NULL, preset, 0, 0, text)
#define MORE(bits, name, letter, member, value, text)                                                                  \
    ROW(OPTION_MORE, bits, name, letter, member, value, NULL, NULL, 0, 0, text)
#define TEXT(bits, name, letter, member, value, text)                                                                  \
    ROW(OPTION_TEXT, bits, name, letter, member, value, NULL, NULL, 0, 0, text)
#define TEXTS(bits, name, letter, member, value, text)                                                                 \
    ROW(OPTION_TEXTS, bits, name, letter, member, value, NULL, NULL, 0, 0, text)
#define NUMBER(bits, name, letter, member, value, least, most, preset, text)                                           \
    ROW(OPTION_NUMBER, bits, name, letter, member, value, NULL, preset, least, most, text)
#define RULES_OF_FILES(bits, name, member, value, text)                                                                \
    ROW(OPTION_RULES_OF_FILES, bits, name, 0, member, value, NULL, NULL, 0, 0, text)
#define ENTRIES(bits, name, member, value, text)                                                                       \
    ROW(OPTION_ENTRIES, bits, name, 0, member, value, NULL, NULL, 0, 0, text)
#include "settings/options.def"
#undef GROUP
#undef FLAG
#undef CHOICE
#undef LIST
#undef MORE
#undef TEXT
#undef TEXTS
#undef NUMBER
#undef RULES_OF_FILES
#undef ENTRIES
};

const struct command_info *command_at(enum command_id id)
{
    return &commands[id];
}

size_t options_count(void)
{
    return sizeof options / sizeof *options;
}

const struct option_info *option_at(size_t index)
{
    return &options[index];
}

size_t option_of_field(size_t field)
{
    for (size_t i = 0; i < options_count(); i++) {
        if (options[i].kind != OPTION_GROUP && options[i].field == field) {
            return i;
        }
    }
    BUG("no option sets the field at %zu", field);
}

const struct option_info *option_of_key(struct str name)
{
    for (size_t i = 0; i < options_count(); i++) {
        if (options[i].is_key && str_equal(str_of(options[i].name), name)) {
            return &options[i];
        }
    }
    return NULL;
}

bool option_may_repeat(const struct option_info *option)
{
    bool is_list = option->kind == OPTION_LIST || option->kind == OPTION_MORE || option->kind == OPTION_TEXTS;
    return is_list || option->field == offsetof(struct settings, output_format) ||
           option->field == offsetof(struct settings, output_file);
}

bool option_is_for(const struct option_info *option, enum command_id command)
{
    return (option->commands & (1u << command)) != 0;
}

struct str option_choice(const struct option_info *option, const struct settings_context *context, size_t index)
{
    if (option->choices == NULL) {
        return str_of(context->report_format(index));
    }
    const char *at = option->choices;
    for (; index > 0 && at != NULL; index--) {
        at = strchr(at, '|');
        at = at != NULL ? at + 1 : NULL;
    }
    return at != NULL ? (struct str){at, strcspn(at, "|")} : STR("");
}

void option_list_choices(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    struct str choice, next = option_choice(option, context, 0);

    for (size_t i = 0; (choice = next).len > 0; i++) {
        next = option_choice(option, context, i + 1);
        if (i > 0) {
            buf_add(out, next.len > 0 ? STR(", ") : STR(" or "));
        }
        buf_add(out, choice);
    }
}
