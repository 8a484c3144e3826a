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

enum option_kind {
    OPTION_GROUP,
    OPTION_FLAG,
    OPTION_CHOICE,
    OPTION_LIST,
    OPTION_MORE, /* a list to which each layer adds */
    OPTION_TEXT,
    OPTION_TEXTS,
    OPTION_NUMBER,
    OPTION_RULES_OF_FILES, /* struct file_rules_list; each layer adds */
    OPTION_ENTRIES         /* struct entry_list */
};

struct option_info {
    enum option_kind kind;
    const char *name;     /* without dashes; of OPTION_GROUP: its title */
    char letter;          /* short form, or 0 */
    unsigned commands;    /* bit 1 << command_id for each that takes it; none: it is a key only */
    bool is_key;          /* a key of configuration files */
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
/* The row of that field of struct settings (an offset), and its index. */
size_t option_of_field(size_t field);
/* The key of configuration files of that name, or NULL. */
const struct option_info *option_of_key(struct str name);
/* Whether it says more when it is given again: lists, and what tells the reports of `check` (outputs.h). */
bool option_may_repeat(const struct option_info *option);
bool option_is_for(const struct option_info *option, enum command_id command);

/* Choice number `index` of an option; the empty string behind the last one. */
struct str option_choice(const struct option_info *option, const struct settings_context *context, size_t index);
/* Appends the choices as "a, b or c". */
void option_list_choices(const struct option_info *option, const struct settings_context *context, struct buf *out);

#endif
