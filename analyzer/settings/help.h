/* help: what --help and the manual page say, from the tables of commands and options. */
#ifndef SETTINGS_HELP_H
#define SETTINGS_HELP_H

#include "settings/options.h"

/* Appends the help of a command, at most 80 columns wide; that of COMMAND_NONE lists the commands. */
void help_print(enum command_id id, const struct settings_context *context, struct buf *out);
/* Appends the list of the commands whose names begin so ("debug"). False where there is none. */
bool help_print_family(struct str beginning, struct buf *out);
/* The command of that name, or COMMAND_NONE. */
enum command_id help_find_command(struct str name);

/* Appends the manual page racelint(1) in man(7) macros. */
void manual_print(const struct settings_context *context, struct buf *out);

/* Appends what help says of an option: its text, its choices and its default. */
void help_describe(const struct option_info *option, const struct settings_context *context, struct buf *out);

#endif
