/* config: reads configuration files, and what --config says, into the settings. */
#ifndef SETTINGS_CONFIG_H
#define SETTINGS_CONFIG_H

#include "settings/options.h"

/* A configuration to be read: a racelint.toml, a pyproject.toml, or the KEY=VALUE of a --config option. */
struct config_text {
    struct str text;            /* lives as long as the settings */
    struct setting_place place; /* layer, file and folder; lines and columns are filled in */
    bool is_pyproject;          /* only its table [tool.racelint] speaks to racelint */
};

enum config_status {
    CONFIG_OK = 0,
    CONFIG_ABSENT = 1, /* a pyproject.toml without [tool.racelint] */
    CONFIG_WRONG = -1
};

/* Adds what a configuration says to the settings: what a higher layer said stays. Of CONFIG_WRONG, every problem was
 * appended to *problems as a line that begins with its place; the settings are then of no use. */
enum config_status config_read(struct settings *settings, const struct config_text *config,
                               const struct settings_context *context, struct buf *problems);

/* A copy, in the same arena, to which configurations can be added without a change of the other. */
struct settings *settings_copy(const struct settings *settings);

/* Appends a place as messages name it: "pyproject.toml:5:18", "option '--config'", "the command line". */
void place_print(const struct setting_place *place, struct buf *out);

/* Appends all settings as a racelint.toml, with where each comes from as comments. */
void settings_print(const struct settings *settings, const struct settings_context *context, struct buf *out);
/* Appends the reference of all keys in Markdown. */
void keys_print(const struct settings_context *context, struct buf *out);

#endif
