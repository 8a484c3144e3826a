/* configure: finds the configuration that holds for what the command line names, and reads it. */
#ifndef CLI_CONFIGURE_H
#define CLI_CONFIGURE_H

#include "settings/options.h"

/* Adds to the settings of a command line what --config options say, and what the configuration file says: the one that
 * --config names, else (unless --isolated) the nearest one, from the folder that all PATHs share upwards, up to the top
 * of the repository: a racelint.toml, or a pyproject.toml with a table [tool.racelint]. False, with messages printed,
 * where something is wrong with it. */
bool configure(struct settings *settings, const struct settings_context *context);

#endif
