#include "settings/completions.h"

#include <string.h>

static enum completion completion_of_placeholder(struct str placeholder)
{
    static const struct {
        const char *part;
        enum completion completion;
    } known[] = {
        {"PATH", COMPLETE_FILES}, {"FILE", COMPLETE_FILES},      {"DIR", COMPLETE_FOLDERS},
        {"RULE", COMPLETE_RULES}, {"CODE|NAME", COMPLETE_RULES}, {"COMMAND", COMPLETE_COMMANDS},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_find(placeholder, str_of(known[i].part)) != SIZE_MAX) {
            return known[i].completion;
        }
    }
    return COMPLETE_NOTHING;
}

enum completion completion_of_option(const struct option_info *option)
{
    return option->kind == OPTION_CHOICE ? COMPLETE_WORDS : completion_of_placeholder(str_of(option->value));
}

/* Operands in small letters are words to choose from: "bash|zsh|fish". */
enum completion completion_of_operands(const struct command_info *command)
{
    bool words = command->operands[0] >= 'a' && command->operands[0] <= 'z';

    return words ? COMPLETE_WORDS : completion_of_placeholder(str_of(command->operands));
}

void completion_add_option_words(const struct option_info *option, const struct settings_context *context,
                                 struct buf *out)
{
    struct str choice;

    for (size_t i = 0; (choice = option_choice(option, context, i)).len > 0; i++) {
        buf_add(out, i > 0 ? STR(" ") : STR(""));
        buf_add(out, choice);
    }
}

void completion_add_operand_words(const struct command_info *command, struct buf *out)
{
    completion_add_quoted(out, str_of(command->operands), '|', " ");
}

struct str completion_summary(const struct option_info *option)
{
    struct str help = str_of(option->help);

    return str_slice(help, 0, str_find(help, STR(";")));
}

void completion_add_commands(struct str beginning, const char *before, const char *between, const char *after,
                             struct buf *out)
{
    struct str last = STR("");

    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        struct str name = str_of(command_at(i)->name);
        struct str summary = str_of(command_at(i)->summary);
        size_t blank = str_find(name, STR(" "));
        if (beginning.len > 0) {
            if (!str_starts(name, beginning) || blank != beginning.len) {
                continue;
            }
            name = str_slice(name, blank + 1, name.len);
        } else if (blank != SIZE_MAX) {
            name = str_slice(name, 0, blank);
            summary = STR("look inside");
        }
        if (!str_equal(name, last)) {
            buf_printf(out, "%s%.*s%s%.*s%s", before, STR_FMT(name), between, between[0] != '\0' ? (int)summary.len : 0,
                       summary.ptr, after);
        }
        last = name;
    }
}

void completion_add_quoted(struct buf *out, struct str text, char quote, const char *replacement)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) {
            buf_add(out, str_of(replacement));
        } else {
            buf_add_char(out, text.ptr[i]);
        }
    }
}
