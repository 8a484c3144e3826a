/* baselines: what --baseline and --write-baseline do with the findings of a run. */
#ifndef CLI_BASELINES_H
#define CLI_BASELINES_H

#include "cli/filter.h"
#include "store/baseline.h"

/* The baseline of one run. A zeroed struct is none. */
struct run_baseline {
    bool is_given;                 /* by --baseline: findings are compared */
    struct str shown;              /* its name, as it was given */
    struct baseline known;         /* what the file holds */
    uint32_t *met_in_scope;        /* per entry, how many of the findings it stands for would be shown without it */
    const struct folders *folders; /* which rules report where */
    const struct load *load;
};

/* Reads the baseline that the settings name. False, with a message printed, where it is bad. In either case
 * baselines_release() ends it. */
bool baselines_open(struct run_baseline *baseline, const struct settings *settings);
void baselines_release(struct run_baseline *baseline);

/* Finds the findings that the baseline knows, and lets those of them not be shown that would have been. A finding is
 * known by its fingerprint: first in the file that the baseline names, then, as it may have been moved, in any other.
 */
void baselines_match(struct run_baseline *baseline, const struct findings *findings, enum finding_fate *fates);

/* How many findings the baseline holds that this run would have found, and has not: it can do without them. With `say`,
 * notes name them: the first ones, or all. */
uint32_t baselines_gone(const struct run_baseline *baseline, bool say, bool all);

/* Writes a baseline of all findings that are shown or known to be in the old one. What the old one holds of rules and
 * files that this run is not about stays. False, with a message printed, where that failed. */
bool baselines_write(const struct run_baseline *baseline, const struct findings *findings,
                     const enum finding_fate *fates, struct str file, bool quiet);

#endif
