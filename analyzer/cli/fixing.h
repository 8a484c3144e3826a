/* fixing: what --fix and --diff do: rounds of edits until nothing more can be fixed, then files written or a diff. */
#ifndef CLI_FIXING_H
#define CLI_FIXING_H

#include "cli/analysis.h"
#include "cli/filter.h"

/* What was changed, while it is not written yet. */
struct fixing {
    const struct settings *settings;
    struct load *load;     /* its files are exchanged for the edited ones */
    struct str *originals; /* [file_count]: the text as it was read, of files that changed; malloc memory */
    struct frontend *frontend;
    size_t fixed; /* findings so far */
    unsigned rounds;
};

void fixing_open(struct fixing *fixing, const struct settings *settings, struct load *load);
void fixing_close(struct fixing *fixing);

/* Works out edits for the findings that are shown and says in each what came of it. With --fix or --diff, also makes
 * those that are asked for in the loaded files, and returns whether there were any: then the analysis is out of date.
 */
bool fixing_round(struct fixing *fixing, const struct analysis *analysis, struct findings *findings,
                  const struct filtered *filtered, const struct rule_choice *choice);
/* Whether the settings ask for files to be changed, or shown changed. */
bool fixing_is_asked(const struct settings *settings);
/* Writes the changed files, or the diff; for standard input its text. False, with a message printed, where that failed.
 */
bool fixing_finish(struct fixing *fixing);

#endif
