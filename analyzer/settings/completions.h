/* completions: scripts that let shells complete the command line, from the tables of commands and options. */
#ifndef SETTINGS_COMPLETIONS_H
#define SETTINGS_COMPLETIONS_H

#include "settings/options.h"

/* Each appends the script for one shell. */
void completions_bash(const struct settings_context *context, struct buf *out);
void completions_zsh(const struct settings_context *context, struct buf *out);
void completions_fish(const struct settings_context *context, struct buf *out);

/* ---- For the writers of the scripts ---- */

/* What a shell offers where a value or an operand stands. */
enum completion {
    COMPLETE_NOTHING, /* a flag, a number, a free text */
    COMPLETE_FILES,
    COMPLETE_FOLDERS,
    COMPLETE_RULES,
    COMPLETE_COMMANDS,
    COMPLETE_WORDS /* those that completion_add_words() appends */
};

enum completion completion_of_option(const struct option_info *option);
enum completion completion_of_operands(const struct command_info *command);

/* Appends what an option or an operand of COMPLETE_WORDS may be, with blanks between. */
void completion_add_option_words(const struct option_info *option, const struct settings_context *context,
                                 struct buf *out);
void completion_add_operand_words(const struct command_info *command, struct buf *out);

/* The option's help up to the first semicolon: what fits beside its name. */
struct str completion_summary(const struct option_info *option);

/* Appends the names below a command of two words ("debug": ir, program), or, with an empty beginning, the first words
 * of all commands, each once; `before`, `between` and `after` surround each name and its summary. */
void completion_add_commands(struct str beginning, const char *before, const char *between, const char *after,
                             struct buf *out);

/* Appends text with every `quote` in it replaced. */
void completion_add_quoted(struct buf *out, struct str text, char quote, const char *replacement);

#endif
