/* options: the tables of commands and options, for the parser and for what documents them. */
#ifndef SETTINGS_OPTIONS_H
#define SETTINGS_OPTIONS_H

#include "settings/settings.h"

struct command_info {
    const char *name;        /* "debug ir"; empty for the program itself */
    const char *operands;    /* "[PATH...]" */
    size_t minimum, maximum; /* number of operands */
    const char *summary;
    const char *description; /* paragraphs separated by an empty line */
};

enum option_kind { OPTION_GROUP, OPTION_FLAG, OPTION_CHOICE, OPTION_LIST, OPTION_TEXT, OPTION_NUMBER };

struct option_info {
    enum option_kind kind;
    const char *name;     /* without dashes; of OPTION_GROUP: its title */
    char letter;          /* short form, or 0 */
    unsigned commands;    /* bit 1 << command_id for each that takes it */
    size_t field;         /* offset in struct settings */
    const char *value;    /* placeholder of the value, or NULL */
    const char *choices;  /* "a|b|c"; NULL: the report formats; of OPTION_CHOICE */
    const char *preset;   /* default in words, or NULL */
    unsigned least, most; /* of OPTION_NUMBER */
    const char *help;
};

const struct command_info *command_at(enum command_id id);
size_t options_count(void);
const struct option_info *option_at(size_t index);
bool option_is_for(const struct option_info *option, enum command_id command);

/* Choice number `index` of an option; the empty string behind the last one. */
struct str option_choice(const struct option_info *option, const struct settings_context *context, size_t index);
/* Appends the choices as "a, b or c". */
void option_list_choices(const struct option_info *option, const struct settings_context *context, struct buf *out);

#endif
