#include <string.h>

#include "base/roff.h"
#include "settings/help.h"

/* What the manual page says besides the tables, in man(7) macros. */
static const char exit_status[] = ".SH EXIT STATUS\n"
                                  ".TP\n.B 0\nThere is nothing to report.\n"
                                  ".TP\n.B 1\nThere are findings, or named files that could not be read or parsed.\n"
                                  ".TP\n.B 2\nWrong usage, a path that does not exist, a wrong configuration, a result "
                                  "that could not be written, or an "
                                  "internal error.\n";

static const char comments[] =
    ".SH COMMENTS\n"
    "Comments in the code that is analysed can speak to racelint:\n"
    ".TP\n.B # racelint: ignore[RL201, check\\-then\\-insert] \\fIreason\\fP\n"
    "Findings of these rules are not reported if they lie on this line, in a statement that this line belongs to, or, "
    "where the comment stands on the line of a\n.B def\nor\n.BR class ,\nanywhere inside. A comment that stands alone "
    "is for what follows it. Without brackets: all rules. A comment that suppresses nothing is reported (RL003).\n.B "
    "racelint check \\-\\-add\\-ignores\nwrites such comments.\n"
    ".TP\n.B # noqa: RL201\nThe same. A\n.B noqa\nwithout codes does not speak to racelint.\n"
    ".TP\n.B # racelint: skip\\-file\nNothing in this file is reported. It is analysed all the same: other files need "
    "it.\n"
    ".TP\n.B # guarded by self._lock\n"
    "Behind an assignment, or alone above it: the attribute or variable may only be touched with that lock held.\n"
    ".TP\n.B # racelint: requires(self._lock)\n"
    "On the line of a\n.BR def ,\nor alone above it: its callers hold that lock.\n";

static const char environment[] =
    ".SH ENVIRONMENT\n"
    ".TP\n.B NO_COLOR\nIf set and not empty, there are no colours, unless\n.B \\-\\-color always\nasks for them.\n"
    ".TP\n.B FORCE_COLOR\nIf set and not empty, there are colours even if standard output is not a terminal.\n"
    ".TP\n.B RACELINT_CACHE_DIR\nThe folder of the cache, unless\n.B \\-\\-cache\\-dir\nnames one.\n"
    ".TP\n.B RACELINT_NO_CACHE\nIf set and not empty, there is no cache, as with\n.BR \\-\\-no\\-cache .\n";

static const char examples[] =
    ".SH EXAMPLES\n"
    "Look for races in the project around the current folder:\n.PP\n.RS\n.B racelint check\n.RE\n.PP\n"
    "Report what concerns two files only, as a code scanning service reads it:\n.PP\n.RS\n"
    ".B racelint check \\-\\-output\\-format sarif \\-o races.sarif app/cache.py app/pool.py\n.RE\n.PP\n"
    "Treat a library as threaded although no thread is in sight:\n.PP\n.RS\n"
    ".B racelint check \\-\\-assume\\-threaded src/\n.RE\n";

/* Appends text with the characters escaped that roff would take for its own; each line end begins a paragraph. */
static void add_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n') {
            roff_add_char(out, text.ptr[i]);
        } else if (out->len > 0 && out->ptr[out->len - 1] != '\n') {
            buf_add(out, STR("\n.PP\n"));
        }
    }
}

static void add_option(const struct option_info *option, const struct settings_context *context, struct buf *out)
{
    struct buf text = {0};

    buf_add(out, STR(".TP\n.B "));
    if (option->letter != 0) {
        buf_printf(out, "\\-%c\\fR,\\fP ", option->letter);
    }
    buf_add(out, option->commands != 0 ? STR("\\-\\-") : STR("")); /* a key alone has no dashes */
    add_text(out, str_of(option->name));
    if (option->value != NULL) {
        buf_printf(out, " \\fI%s\\fP", option->value);
    }
    buf_add_char(out, '\n');
    help_describe(option, context, &text);
    add_text(out, buf_str(&text));
    buf_add_char(out, '\n');
    buf_release(&text);
}

static void add_command(enum command_id id, const struct settings_context *context, struct buf *out)
{
    const struct command_info *command = command_at(id);
    const struct option_info *group = NULL;

    buf_printf(out, ".SS racelint %s %s\n", command->name, command->operands);
    add_text(out, str_of(command->description));
    buf_add_char(out, '\n');
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_GROUP) {
            group = option;
        } else if (option_is_for(option, id) && strcmp(option->name, "help") != 0) {
            if (group != NULL && id == COMMAND_CHECK) {
                buf_printf(out, ".PP\n.I %s\n", group->name);
            }
            group = NULL;
            add_option(option, context, out);
        }
    }
}

/* Where configuration stands, and its keys: those that are options, by name; the others in full. */
static void add_configuration(const struct settings_context *context, struct buf *out)
{
    bool first = true;

    buf_add(out,
            STR(".SH CONFIGURATION\n"
                "Settings can be kept in a file:\n.BR racelint.toml ,\nor the table\n.B [tool.racelint]\nof\n"
                ".BR pyproject.toml .\nThe nearest one holds, from the folder that the PATHs share upwards, up to "
                "the top of the repository; its folder is the root of the program, and what it says of paths is "
                "relative to it.\n.B \\-\\-config\nnames another file or sets single keys,\n.B \\-\\-isolated\nreads "
                "none. The command line goes before\n.BR \\-\\-config ,\nand that before the file; "
                "but what it says of\n.BR ignore \\ and\\ extend\\-...\nis added to the file's, unless "
                "it selects rules anew. A key that is unknown, and a value that does not fit, is an "
                "error.\n.B racelint debug settings\nshows what holds, and where each setting comes from.\n.PP\n"
                "The keys are the names of these options:\n"));
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->is_key && option_is_for(option, COMMAND_CHECK)) {
            buf_add(out, first ? STR("") : STR(", "));
            add_text(out, str_of(option->name));
            first = false;
        }
    }
    buf_add(out, STR(";\na flag is true or false, a list is an array of strings. And these:\n"));
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->is_key && !option_is_for(option, COMMAND_CHECK)) {
            add_option(option, context, out);
        }
    }
}

static void add_files(const struct settings_context *context, struct buf *out)
{
    buf_add(out,
            STR(".SH FILES\n"
                "The program is looked for from the PATHs upwards: the folder of the configuration file that holds, or "
                "else the nearest one with a\n.B pyproject.toml\nor\n.B .git\nis its root. Below the root, all\n.B "
                ".py\nand\n"
                ".B .pyi\nfiles belong to it, but for what\n.B .gitignore\nfiles and the repository's\n"
                ".B .git/info/exclude\nignore, for virtual environments (folders with a\n.BR pyvenv.cfg ),\n"
                "and for what the excludes match. The default excludes are "));
    for (size_t i = 0; context->default_exclude(i) != NULL; i++) {
        bool last = context->default_exclude(i + 1) == NULL;
        buf_add(out, i == 0 ? STR("\\%") : last ? STR(" and \\%") : STR(", \\%")); /* not to be hyphenated */
        add_text(out, str_of(context->default_exclude(i)));
    }
    buf_add(out, STR("; they spare folders that have an\n.BR __init__.py .\n"
                     "Files of more than 8 MiB are not analysed. Encodings are those of PEP 263.\n"));
}

void manual_print(const struct settings_context *context, struct buf *out)
{
    const struct command_info *program = command_at(COMMAND_NONE);

    buf_printf(out,
               ".\\\" Made by 'racelint debug man' from the tables in analyzer/settings. Do not edit.\n"
               ".TH RACELINT 1 \"\" \"racelint %s\" \"User Commands\"\n.SH NAME\nracelint \\- %s\n",
               RACELINT_VERSION, program->summary);
    buf_add(out, STR(".SH SYNOPSIS\n"));
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        buf_printf(out, "%s.B racelint %s\n[\\fIOPTION\\fP...] %s\n", i > COMMAND_NONE + 1 ? ".br\n" : "",
                   command_at(i)->name, command_at(i)->operands);
    }
    buf_add(out, STR(".SH DESCRIPTION\n"));
    add_text(out, str_of(program->description));
    buf_add(out, STR("\n.PP\nResults go to standard output, and nothing else does; messages about the analysis, such "
                     "as files that "
                     "cannot be read (RL001) or parsed (RL002), go to standard error. The result does not depend on "
                     "the order of "
                     "the files or on the number of threads.\n.SH COMMANDS\n"));
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        add_command(i, context, out);
    }
    buf_add(out, str_of(exit_status));
    buf_add(out, str_of(comments));
    add_configuration(context, out);
    add_files(context, out);
    buf_add(out, str_of(environment));
    buf_add(out, str_of(examples));
}
