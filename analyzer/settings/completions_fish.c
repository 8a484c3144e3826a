#include "settings/completions.h"

static const char head[] = "# Completions of racelint for fish; made by 'racelint completions fish'.\n"
                           "\n"
                           "# Whether the words before the cursor begin with this command.\n"
                           "function __racelint_in\n"
                           "    set -l words (commandline -opc)\n"
                           "    set -e words[1]\n"
                           "    string match -q -- \"$argv *\" \"$words \"\n"
                           "end\n"
                           "\n"
                           "# Whether they are this command and nothing else.\n"
                           "function __racelint_at\n"
                           "    set -l words (commandline -opc)\n"
                           "    set -e words[1]\n"
                           "    test \"$argv\" = \"$words\"\n"
                           "end\n"
                           "\n"
                           "function __racelint_rules\n"
                           "    printf '%s\\t%s\\n'";

/* Appends text between single quotes. */
static void add_text(struct buf *out, struct str text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '\'');
}

static void add_option(const struct option_info *option, const struct command_info *command,
                       const struct settings_context *context, struct buf *out)
{
    buf_printf(out, "complete -c racelint -n '__racelint_in %s' -l %s", command->name, option->name);
    if (option->letter != 0) {
        buf_printf(out, " -s %c", option->letter);
    }
    if (option->value != NULL) {
        switch (completion_of_option(option)) {
        case COMPLETE_WORDS:
            buf_add(out, STR(" -x -a '"));
            completion_add_option_words(option, context, out);
            buf_add_char(out, '\'');
            break;
        case COMPLETE_FILES: buf_add(out, STR(" -r -F")); break;
        case COMPLETE_FOLDERS: buf_add(out, STR(" -x -a '(__fish_complete_directories)'")); break;
        case COMPLETE_RULES: buf_add(out, STR(" -x -a '(__fish_complete_list , __racelint_rules)'")); break;
        default: buf_add(out, STR(" -x")); break;
        }
    }
    buf_add(out, STR(" -d "));
    add_text(out, completion_summary(option));
    buf_add_char(out, '\n');
}

static void add_operands(const struct command_info *command, struct buf *out)
{
    enum completion completion = completion_of_operands(command);

    if (completion == COMPLETE_NOTHING || completion == COMPLETE_FOLDERS) {
        return;
    }
    buf_printf(out, "complete -c racelint -n '__racelint_in %s'", command->name);
    switch (completion) {
    case COMPLETE_WORDS:
        buf_add(out, STR(" -a '"));
        completion_add_operand_words(command, out);
        buf_add_char(out, '\'');
        break;
    case COMPLETE_RULES: buf_add(out, STR(" -a '(__racelint_rules)'")); break;
    case COMPLETE_COMMANDS:
        buf_add(out, STR(" -a '"));
        completion_add_commands(STR(""), "", "", " ", out);
        buf_add_char(out, '\'');
        break;
    default: buf_add(out, STR(" -F")); break;
    }
    buf_add_char(out, '\n');
}

void completions_fish(const struct settings_context *context, struct buf *out)
{
    buf_add(out, str_of(head));
    for (size_t i = 0; context->rule_code(i) != NULL; i++) {
        buf_printf(out, " \\\n        %s %s", context->rule_code(i), context->rule_name(i));
    }
    buf_add(out, STR("\nend\n\ncomplete -c racelint -f\n"));
    completion_add_commands(STR(""), "complete -c racelint -n __racelint_at -a ", " -d '", "'\n", out);
    completion_add_commands(STR("debug"), "complete -c racelint -n '__racelint_at debug' -a ", " -d '", "'\n", out);
    buf_add(out, STR("complete -c racelint -n __racelint_at -l version -s V -d 'print the version'\n"
                     "complete -c racelint -n __racelint_at -l help -s h -d 'print help'\n"));
    for (unsigned id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
        for (size_t i = 0; i < options_count(); i++) {
            if (option_is_for(option_at(i), id)) {
                add_option(option_at(i), command_at(id), context, out);
            }
        }
        add_operands(command_at(id), out);
    }
}
