/* folders: which settings of a report hold in which folder. Those of the run hold everywhere, but in and below a folder
 * of the program that has a configuration file of its own, that file chooses the rules, the confidence and the files
 * that are reported; the command line goes before both. */
#ifndef CLI_FOLDERS_H
#define CLI_FOLDERS_H

#include "cli/load.h"
#include "cli/selection.h"

struct folder_settings {
    struct str folder; /* relative to the root; empty: the whole program */
    const struct settings *settings;
    uint8_t *enabled; /* enum rule_state, per rule */
    struct file_ignores *ignores;
    const struct gitignore *excludes; /* of a folder's own file: what is not reported; NULL: all is */
};

struct folders {
    struct folder_settings *items; /* a folder comes before those inside it; the first is the whole program */
    size_t count;
    struct rule_choice choice; /* what `enabled` says */
    struct arena *arena;       /* owns the arrays */
};

/* Begins with what holds everywhere. False, with messages printed, where a setting names no rule. The settings are to
 * be freed later than these; in either case folders_release ends them. */
bool folders_init(struct folders *folders, const struct settings *settings);
/* Finds the configuration files in the folders of the program, and takes the mark of being reported off the files that
 * they exclude. False, with messages printed, where one of them is wrong. */
bool folders_find(struct folders *folders, const struct load *load);
void folders_release(struct folders *folders);

/* The settings that hold for a file or folder, by its path relative to the root. */
const struct folder_settings *folders_at(const struct folders *folders, struct str path);
/* Whether the rule reports in any folder; whether it does by these settings. */
bool folders_enable(const struct folders *folders, const struct rule *rule);
bool folder_enables(const struct folder_settings *own, const struct rule *rule);
/* Whether their per-file-ignores calls the rule off for a file. */
bool folder_ignores(const struct folder_settings *own, struct str path, const struct rule *rule);
/* Whether the file is excluded by a folder's own configuration. */
bool folders_exclude(const struct folders *folders, const struct discovery *found, struct str path);

#endif
