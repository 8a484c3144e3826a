/* configure: finds the configuration that holds for what the command line names, and reads it. */
#ifndef CLI_CONFIGURE_H
#define CLI_CONFIGURE_H

#include "settings/config.h"

/* Adds to the settings of a command line what --config options say, and what the configuration file says: the one that
 * --config names, else (unless --isolated) the nearest one, from the folder that all PATHs share upwards, up to the top
 * of the repository: a racelint.toml, or a pyproject.toml with a table [tool.racelint]. False, with messages printed,
 * where something is wrong with it. */
bool configure(struct settings *settings, const struct settings_context *context);

/* The settings that hold in a folder (an absolute path) below the program's root that has a configuration file of its
 * own: what the command line and --config options say, then that file instead of the run's; *result is in the arena of
 * the run's settings. CONFIG_ABSENT where there is no such file, or where the run has one that --config names or is
 * isolated; CONFIG_WRONG with messages printed. */
enum config_status configure_folder(const struct settings *run, struct str folder, struct settings **result);

#endif
