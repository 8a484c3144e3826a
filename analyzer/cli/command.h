/* command: one function per command, and what finds it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "settings/options.h"

enum { EXIT_NOTHING = 0, EXIT_FOUND = 1, EXIT_TROUBLE = 2 };

/* Runs what the command line asks for; returns the exit status. */
int cli_run(int argc, char **argv);

/* What settings are told by the layers above them. */
const struct settings_context *cli_context(void);

/* Each runs one command and returns the exit status. */
#define COMMAND(id, function, name, operands, minimum, maximum, summary, description)                                  \
    int command_##function(const struct settings *settings);
#include "settings/commands.def"
#undef COMMAND

#endif
