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
    DISCOVERY = DEBUG_PROGRAM | DEBUG_FILES | DEBUG_PARSE,
    EVERY = (1 << COMMAND_COUNT) - 1
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option_info options[] = {
#define GROUP(title) {.kind = OPTION_GROUP, .name = title},
#define FLAG(for_commands, long_name, short_name, member, text)                                                        \
    {OPTION_FLAG, long_name, short_name, for_commands, FIELD(member), NULL, NULL, NULL, 0, 0, text},
#define CHOICE(for_commands, long_name, short_name, member, placeholder, names, usual, text)                           \
    {OPTION_CHOICE, long_name, short_name, for_commands, FIELD(member), placeholder, names, usual, 0, 0, text},
#define LIST(for_commands, long_name, short_name, member, placeholder, text)                                           \
    {OPTION_LIST, long_name, short_name, for_commands, FIELD(member), placeholder, NULL, NULL, 0, 0, text},
#define TEXT(for_commands, long_name, short_name, member, placeholder, text)                                           \
    {OPTION_TEXT, long_name, short_name, for_commands, FIELD(member), placeholder, NULL, NULL, 0, 0, text},
#define NUMBER(for_commands, long_name, short_name, member, placeholder, low, high, usual, text)                       \
    {OPTION_NUMBER, long_name, short_name, for_commands, FIELD(member), placeholder, NULL, usual, low, high, text},
#include "settings/options.def"
#undef GROUP
#undef FLAG
#undef CHOICE
#undef LIST
#undef TEXT
#undef NUMBER
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
