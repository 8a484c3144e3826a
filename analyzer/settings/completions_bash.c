#include "settings/completions.h"

/* Bash 3.2 (macOS) has to run it, without the bash-completion package: no mapfile, no compopt, no _init_completion.
 * Where COMPREPLY stays empty, `complete -o default` offers files. */
static const char head[] =
    "# Completions of racelint for bash; made by 'racelint completions bash'.\n"
    "\n"
    "# Offers those of its arguments that begin like the word at the cursor.\n"
    "_racelint_words() {\n"
    "    COMPREPLY=($(compgen -W \"$*\" -- \"$word\"))\n"
    "}\n"
    "\n"
    "# The same for the last item of a list with commas.\n"
    "_racelint_list() {\n"
    "    local before=\n"
    "    case $word in *,*) before=${word%,*}, ;; esac\n"
    "    COMPREPLY=($(compgen -P \"$before\" -W \"$*\" -- \"${word##*,}\"))\n"
    "}\n"
    "\n"
    "_racelint() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} first=2\n"
    "    COMPREPLY=()\n"
    "    if [ \"$word\" = = ]; then # --option=\n"
    "        word=\n"
    "    elif [ \"$option\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then # --option=value\n"
    "        option=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char tail[] = "    esac\n"
                           "}\n"
                           "\n"
                           "complete -o bashdefault -o default -F _racelint racelint\n";

static void add_rules(const struct settings_context *context, struct buf *out)
{
    for (size_t i = 0; context->rule_code(i) != NULL; i++) {
        buf_printf(out, "%s%s", i > 0 ? " " : "", context->rule_code(i));
    }
}

static void add_value(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    buf_add(out, STR("        "));
    if (option->letter != 0) {
        buf_printf(out, "-%c|", option->letter);
    }
    buf_printf(out, "--%s) ", option->name);
    switch (completion_of_option(option)) {
    case COMPLETE_WORDS:
        buf_add(out, STR("_racelint_words "));
        completion_add_option_words(option, context, out);
        buf_add(out, STR("; "));
        break;
    case COMPLETE_RULES: buf_add(out, STR("_racelint_list $rules; ")); break;
    case COMPLETE_FOLDERS: buf_add(out, STR("COMPREPLY=($(compgen -d -- \"$word\")); ")); break;
    default: break;
    }
    buf_add(out, STR("return ;;\n"));
}

static void add_operands(const struct command_info *command, struct buf *out)
{
    switch (completion_of_operands(command)) {
    case COMPLETE_WORDS:
        buf_add(out, STR("        _racelint_words "));
        completion_add_operand_words(command, out);
        buf_add(out, STR(" ;;\n"));
        break;
    case COMPLETE_RULES: buf_add(out, STR("        _racelint_words $rules ;;\n")); break;
    case COMPLETE_COMMANDS: buf_add(out, STR("        _racelint_words $commands ;;\n")); break;
    default: buf_add(out, STR("        ;;\n")); break;
    }
}

static void add_command(enum command_id id, const struct settings_context *context, struct buf *out)
{
    const struct command_info *command = command_at(id);
    bool any = false;

    buf_printf(out, "    '%s')\n", command->name);
    for (size_t i = 0; i < options_count(); i++) {
        if (option_is_for(option_at(i), id) && option_at(i)->value != NULL) {
            buf_add(out, any ? STR("") : STR("        case $option in\n"));
            add_value(option_at(i), context, out);
            any = true;
        }
    }
    buf_add(out, any ? STR("        esac\n") : STR(""));
    buf_add(out, STR("        case $word in\n        -*) _racelint_words"));
    for (size_t i = 0; i < options_count(); i++) {
        if (option_is_for(option_at(i), id)) {
            buf_printf(out, " --%s", option_at(i)->name);
        }
    }
    buf_add(out, STR("; return ;;\n        esac\n"));
    add_operands(command, out);
}

void completions_bash(const struct settings_context *context, struct buf *out)
{
    buf_add(out, str_of(head));
    buf_add(out, STR("    local commands='"));
    completion_add_commands(STR(""), "", "", " ", out);
    buf_add(out, STR("'\n    local rules='"));
    add_rules(context, out);
    buf_add(out, STR("'\n"
                     "    if [ \"$command\" = debug ]; then\n"
                     "        command=\"debug ${COMP_WORDS[2]}\" first=3\n"
                     "        commands='"));
    completion_add_commands(STR("debug"), "", "", " ", out);
    buf_add(out, STR("'\n    fi\n"
                     "    if [ \"$COMP_CWORD\" -lt \"$first\" ]; then\n"
                     "        case $word in -*) commands='--help --version' ;; esac\n"
                     "        _racelint_words $commands\n"
                     "        return\n"
                     "    fi\n"
                     "    case $command in\n"));
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        add_command(i, context, out);
    }
    buf_add(out, str_of(tail));
}
