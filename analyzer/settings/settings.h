/* settings: what the command line asks for. The commands and options are the rows of commands.def and options.def. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/buf.h"
#include "racelint/base.h"

/* More operands than this are refused. */
#define OPERANDS_MAX 1000000

enum command_id {
#define COMMAND(id, function, name, operands, minimum, maximum, summary, description) COMMAND_##id,
#include "settings/commands.def"
#undef COMMAND
    COMMAND_COUNT
};

struct str_list {
    struct str *items;
    size_t count;
};

/* The choices of options, in the order of options.def. */
enum settings_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum settings_rule_format { RULE_FORMAT_TEXT, RULE_FORMAT_JSON, RULE_FORMAT_MARKDOWN };
enum { FAIL_ON_NEVER = 3 }; /* settings.fail_on; below it, a confidence */

struct settings {
    enum command_id command;
    struct str_list operands;
    struct str_list select, extend_select, ignore; /* rules as written */
    unsigned min_confidence;                       /* enum confidence: low is 0 */
    bool assume_threaded;
    unsigned target_version; /* minor version above 3.13 */
    struct str_list exclude, extend_exclude;
    bool force_exclude, isolated;
    struct str stdin_filename; /* empty: not given; so for all texts */
    bool show_files;
    unsigned output_format; /* index among the report formats */
    unsigned rule_format;   /* enum settings_rule_format */
    bool all_rules;
    struct str output_file;
    bool statistics;
    unsigned color; /* enum settings_color */
    bool quiet, verbose, timings;
    unsigned fail_on; /* enum confidence, or FAIL_ON_NEVER */
    bool exit_zero;
    unsigned jobs; /* 0: all processors */
    bool help, version;
    struct arena *arena; /* owns the lists; texts are views into argv */
};

/* What this layer is told by the ones above it: names, by their index; NULL behind the last one. */
struct settings_context {
    const char *(*report_format)(size_t index);
    const char *(*default_exclude)(size_t index);
    const char *(*rule_code)(size_t index);
    const char *(*rule_name)(size_t index);
};

/* Reads the command line. False with a message in *error (which the caller releases) that names the option and value
 * and, where one is near, what may have been meant. The settings are to be freed in either case. */
bool settings_parse(struct settings *settings, int argc, char **argv, const struct settings_context *context,
                    struct buf *error);
void settings_free(struct settings *settings);

#endif
