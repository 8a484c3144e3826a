/* settings: what the command line and the configuration ask for. The commands and options are the rows of commands.def
 * and options.def. The command line is read first (settings_parse); the layers below it are added by config.h. */
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

/* Who said it; what a later one says goes before. */
enum setting_layer { LAYER_PRESET, LAYER_FILE, LAYER_CONFIG_OPTION, LAYER_COMMAND_LINE };

/* Where a setting was said. Lines and columns start at 1; they are 0 but in files and --config options. */
struct setting_place {
    enum setting_layer layer;
    struct str file;   /* of LAYER_FILE: as shown to people; else empty */
    struct str folder; /* that the file lies in, absolute; of --config options: the working folder */
    uint32_t line, column;
};

/* Texts, and where each was said. */
struct str_list {
    struct str *items;
    struct setting_place *places;
    size_t count;
};

/* One line of per-file-ignores: the rules that are not reported in files that match the pattern. */
struct file_rules {
    struct str pattern;
    struct setting_place place;
    struct str_list rules;
};
struct file_rules_list {
    struct file_rules *items;
    size_t count;
};

/* One of thread-entries. */
struct entry_setting {
    struct str name;   /* a qualified name; '*' stands for any part of a name */
    bool many;         /* several threads may run it at once */
    bool own_instance; /* each thread has a receiver of its own */
    struct setting_place place;
};
struct entry_list {
    struct entry_setting *items;
    size_t count;
};

/* The choices of options, in the order of options.def. */
enum settings_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum settings_rule_format { RULE_FORMAT_TEXT, RULE_FORMAT_JSON, RULE_FORMAT_MARKDOWN };
enum { FAIL_ON_NEVER = 3 }; /* settings.fail_on; below it, a confidence */

struct output_word; /* outputs.h */

struct settings {
    enum command_id command;
    struct str_list operands;
    struct str_list select, extend_select, ignore; /* rules as written */
    struct file_rules_list per_file_ignores;
    unsigned min_confidence; /* enum confidence: low is 0 */
    bool assume_threaded;
    unsigned target_version; /* minor version above 3.13 */
    unsigned target_build;   /* 1: free-threaded builds only */
    struct str_list exclude, extend_exclude;
    bool force_exclude, isolated;
    bool add_ignores;
    struct str_list config;        /* of --config: files, and texts KEY=VALUE */
    struct str_list src;           /* folders relative to the root */
    struct str_list extend_models; /* files relative to the folders of their places */
    struct entry_list thread_entries;
    struct str stdin_filename; /* empty: not given; so for all texts */
    bool show_files;
    unsigned output_format;           /* index among the report formats; outputs_of() knows about several */
    struct output_word *output_words; /* what the command line says of formats and files, in its order */
    size_t output_word_count;
    unsigned rule_format; /* enum settings_rule_format */
    bool all_rules;
    struct str output_file;
    struct str baseline; /* relative to the folder of its place */
    struct str write_baseline, diff_base;
    bool statistics;
    unsigned color; /* enum settings_color */
    bool quiet, verbose, timings;
    unsigned fail_on; /* enum confidence, or FAIL_ON_NEVER */
    bool exit_zero;
    bool fix, unsafe_fixes, diff;
    unsigned jobs; /* 0: all processors */
    bool no_cache;
    struct str cache_dir; /* relative to the folder of its place */
    bool help, version;
    struct str config_file; /* that was read, as shown to people; empty: none */
    struct str root;        /* the folder of the configuration file that was found around the PATHs; empty: none was */
    struct settings *said;  /* before the configuration file that was looked for was read; NULL: none was looked for */
    const struct settings_context *context; /* of `said` */
    struct setting_place *places;           /* of each row of options.def; of a list: of its last item */
    struct arena *arena;                    /* owns all of this; texts of the command line are views into argv */
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
