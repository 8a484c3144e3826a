#include "settings/completions.h"

static const char head[] = "#compdef racelint\n"
                           "# Completions of racelint for zsh; made by 'racelint completions zsh'.\n"
                           "\n";

static const char tail[] = "_racelint() {\n"
                           "    local command=$words[2] curcontext=$curcontext\n"
                           "    if (( CURRENT == 2 )); then\n"
                           "        _arguments '(-)'{-h,--help}'[print help]' '(-)'{-V,--version}'[print the version]' "
                           "'1: :_racelint_commands'\n"
                           "        return\n"
                           "    fi\n"
                           "    if [[ $command == debug ]]; then\n"
                           "        if (( CURRENT == 3 )); then\n"
                           "            _racelint_debug_commands\n"
                           "            return\n"
                           "        fi\n"
                           "        command=\"debug $words[3]\"\n"
                           "        shift words\n"
                           "        (( CURRENT-- ))\n"
                           "    fi\n"
                           "    shift words\n"
                           "    (( CURRENT-- ))\n"
                           "    _racelint_arguments $command\n"
                           "}\n"
                           "\n"
                           "# It may be loaded by its name from a folder of $fpath, or sourced.\n"
                           "if [[ $funcstack[1] == _racelint ]]; then\n"
                           "    _racelint \"$@\"\n"
                           "else\n"
                           "    compdef _racelint racelint\n"
                           "fi\n";

/* Appends text as it stands inside of single quotes. */
static void add_text(struct buf *out, struct str text)
{
    completion_add_quoted(out, text, '\'', "'\\''");
}

/* Appends the function that offers commands; its name ends in `suffix`. */
static void add_commands(const char *suffix, struct str beginning, struct buf *out)
{
    buf_printf(out, "_racelint_%scommands() {\n    local -a commands=(\n", suffix);
    completion_add_commands(beginning, "        '", ":", "'\n", out);
    buf_add(out, STR("    )\n    _describe -t commands command commands\n}\n\n"));
}

static void add_rules(const struct settings_context *context, struct buf *out)
{
    buf_add(out, STR("_racelint_rules() {\n    local -a rules=(\n"));
    for (size_t i = 0; context->rule_code(i) != NULL; i++) {
        buf_printf(out, "        '%s:%s'\n", context->rule_code(i), context->rule_name(i));
    }
    buf_add(out, STR("    )\n    _describe -t rules rule rules \"$@\"\n}\n\n"));
}

/* Appends the text in brackets behind an option: brackets and colons would end it. */
static void add_summary(struct buf *out, struct str summary)
{
    for (size_t i = 0; i < summary.len; i++) {
        switch (summary.ptr[i]) {
        case '[':
        case ']':
        case ':':
        case '\\': buf_printf(out, "\\%c", summary.ptr[i]); break;
        case '\'': buf_add(out, STR("'\\''")); break;
        default: buf_add_char(out, summary.ptr[i]); break;
        }
    }
}

/* Appends one specification for _arguments: '(-o --output-file)'{-o+,--output-file=}'[text]:FILE:_files'. */
static void add_option(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    const char *equals = option->value != NULL ? "=" : "";

    buf_add(out, STR("            "));
    if (option_may_repeat(option)) {
        buf_add(out, STR("'*'"));
    } else if (option->letter != 0) {
        buf_printf(out, "'(-%c --%s)'", option->letter, option->name);
    }
    if (option->letter != 0) {
        buf_printf(out, "{-%c%s,--%s%s}", option->letter, option->value != NULL ? "+" : "", option->name, equals);
    } else {
        buf_printf(out, "--%s%s", option->name, equals);
    }
    buf_add(out, STR("'["));
    add_summary(out, completion_summary(option));
    buf_add_char(out, ']');
    if (option->value != NULL) {
        buf_printf(out, ":%s:", option->value);
        switch (completion_of_option(option)) {
        case COMPLETE_WORDS:
            buf_add_char(out, '(');
            completion_add_option_words(option, context, out);
            buf_add_char(out, ')');
            break;
        case COMPLETE_FILES: buf_add(out, STR("_files")); break;
        case COMPLETE_FOLDERS: buf_add(out, STR("_files -/")); break;
        case COMPLETE_RULES: buf_add(out, STR("_sequence _racelint_rules")); break;
        default: buf_add_char(out, ' '); break;
        }
    }
    buf_add(out, STR("' \\\n"));
}

static void add_operands(const struct command_info *command, struct buf *out)
{
    buf_add(out, STR("            '*: :"));
    switch (completion_of_operands(command)) {
    case COMPLETE_FILES: buf_add(out, STR("_files -g \"*.py(|i)(-.)\"")); break;
    case COMPLETE_RULES: buf_add(out, STR("_racelint_rules")); break;
    case COMPLETE_COMMANDS: buf_add(out, STR("_racelint_commands")); break;
    case COMPLETE_WORDS:
        buf_add_char(out, '(');
        completion_add_operand_words(command, out);
        buf_add_char(out, ')');
        break;
    default: buf_add(out, STR("_default")); break;
    }
    buf_add(out, STR("'\n"));
}

void completions_zsh(const struct settings_context *context, struct buf *out)
{
    buf_add(out, str_of(head));
    add_commands("", STR(""), out);
    add_commands("debug_", STR("debug"), out);
    add_rules(context, out);
    buf_add(out, STR("# The options and operands of one command.\n_racelint_arguments() {\n    case $1 in\n"));
    for (unsigned id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
        buf_add(out, STR("    '"));
        add_text(out, str_of(command_at(id)->name));
        buf_add(out, STR("')\n        _arguments -s -S \\\n"));
        for (size_t i = 0; i < options_count(); i++) {
            if (option_is_for(option_at(i), id)) {
                add_option(option_at(i), context, out);
            }
        }
        add_operands(command_at(id), out);
        buf_add(out, STR("        ;;\n"));
    }
    buf_add(out, STR("    esac\n}\n\n"));
    buf_add(out, str_of(tail));
}
