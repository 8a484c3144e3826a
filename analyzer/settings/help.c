#include "settings/help.h"

#include <string.h>

enum { WIDTH = 80, TEXT_COLUMN = 29, COMMAND_COLUMN = 18 };

/* Appends words, wrapped at WIDTH, from `column` on; the cursor stands at *at. An empty line separates paragraphs. */
static void add_wrapped(struct buf *out, struct str text, size_t column, size_t *at)
{
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        if (text.ptr[i] == '\n') {
            buf_add(out, STR("\n\n"));
            for (*at = 0; *at < column; ++*at) {
                buf_add_char(out, ' ');
            }
            i += 2;
            continue;
        }
        if (text.ptr[i] == ' ') {
            i++;
            continue;
        }
        while (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\n') {
            end++;
        }
        if (*at > column) {
            if (*at + 1 + (end - i) > WIDTH) {
                buf_add_char(out, '\n');
                for (*at = 0; *at < column; ++*at) {
                    buf_add_char(out, ' ');
                }
            } else {
                buf_add_char(out, ' ');
                ++*at;
            }
        }
        buf_add(out, str_slice(text, i, end));
        *at += end - i;
        i = end;
    }
    buf_add_char(out, '\n');
}

/* Appends a term and, from `column` on, what it means; on the next line where the term is too long. */
static void add_entry(struct buf *out, struct str term, struct str text, size_t column)
{
    size_t at = term.len;

    buf_add(out, term);
    if (at + 2 > column) {
        buf_add_char(out, '\n');
        at = 0;
    }
    for (; at < column; at++) {
        buf_add_char(out, ' ');
    }
    add_wrapped(out, text, column, &at);
}

void help_describe(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    buf_add(out, str_of(option->help));
    if (option->kind == OPTION_CHOICE) {
        buf_add(out, STR(": "));
        option_list_choices(option, context, out);
    } else if (option->kind == OPTION_NUMBER) {
        buf_printf(out, ": %u to %u", option->least, option->most);
    }
    if (option->preset != NULL) {
        buf_printf(out, " (default: %s)", option->preset);
    }
}

static void add_options(enum command_id command, const struct settings_context *context, struct buf *out)
{
    const struct option_info *group = NULL;
    struct buf term = {0}, text = {0};

    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_GROUP) {
            group = option;
        }
        if (!option_is_for(option, command)) {
            continue;
        }
        if (group != NULL) {
            buf_printf(out, "\n%s:\n", group->name);
            group = NULL;
        }
        buf_clear(&term);
        buf_clear(&text);
        if (option->letter != 0) {
            buf_printf(&term, "  -%c, ", option->letter);
        } else {
            buf_add(&term, STR("      "));
        }
        buf_printf(&term, "--%s%s%s", option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
        help_describe(option, context, &text);
        add_entry(out, buf_str(&term), buf_str(&text), TEXT_COLUMN);
    }
    buf_release(&term);
    buf_release(&text);
}

bool help_print_family(struct str beginning, struct buf *out)
{
    struct buf term = {0};
    bool any = false;

    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        const struct command_info *command = command_at(i);
        struct str name = str_of(command->name);
        if (str_starts(name, beginning) && (beginning.len == 0 || name.ptr[beginning.len] == ' ')) {
            buf_clear(&term);
            buf_printf(&term, "  %s", command->name);
            add_entry(out, buf_str(&term), str_of(command->summary), COMMAND_COLUMN);
            any = true;
        }
    }
    buf_release(&term);
    return any;
}

enum command_id help_find_command(struct str name)
{
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        if (str_equal(str_of(command_at(i)->name), name)) {
            return i;
        }
    }
    return COMMAND_NONE;
}

void help_print(enum command_id id, const struct settings_context *context, struct buf *out)
{
    const struct command_info *command = command_at(id);
    size_t at = 0;

    buf_printf(out, "racelint%s%s: %s\n\n", id == COMMAND_NONE ? "" : " ", command->name, command->summary);
    buf_printf(out, "Usage: racelint%s%s", id == COMMAND_NONE ? "" : " ", command->name);
    buf_printf(out, "%s%s%s\n\n", id == COMMAND_NONE ? "" : " [OPTION...]", *command->operands != '\0' ? " " : "",
               command->operands);
    add_wrapped(out, str_of(command->description), 0, &at);
    if (id == COMMAND_NONE) {
        buf_add(out, STR("\nCommands:\n"));
        help_print_family(STR(""), out);
    }
    add_options(id, context, out);
    if (id == COMMAND_NONE) {
        buf_add(out, STR("\n'racelint COMMAND --help' explains a command; the manual page is racelint(1).\n"));
    } else if (id == COMMAND_CHECK) {
        buf_add(out, STR("\nExit status: 0 nothing to report; 1 findings, or files that could not be read or\n"
                         "parsed; 2 wrong usage or an internal error.\n"));
    }
}
