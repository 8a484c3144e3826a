/* filter: which findings are shown. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/load.h"
#include "cli/selection.h"
#include "racelint/rules.h"
#include "store/changes.h"

struct run_baseline; /* baselines.h */

/* What becomes of a finding. */
enum finding_fate {
    FATE_SHOWN,
    FATE_ELSEWHERE,  /* nothing of it lies in a reported file */
    FATE_IGNORED,    /* the configuration calls it off for its file */
    FATE_SUPPRESSED, /* a comment in the code does */
    FATE_UNSURE,     /* its confidence is too low */
    FATE_KNOWN,      /* the baseline holds it */
    FATE_UNCHANGED   /* none of its lines changed */
};

struct filtered {
    const struct finding **findings; /* to be shown, in order; malloc memory */
    size_t count;
    enum finding_fate *fates; /* of all findings, by their index; malloc memory */
    uint32_t suppressed;      /* by comments in the code */
    uint32_t hidden_low;      /* of low confidence, where the settings ask for more */
    uint32_t baselined;       /* in the baseline */
    uint32_t unchanged;       /* on lines that did not change */
};

struct folders; /* folders.h */

/* What else decides; the last two may be NULL. */
struct filter_by {
    const struct folders *folders; /* what holds in which folder */
    struct run_baseline *baseline;
    const struct changes *changes;
};

/* Adds findings about comments of reported files that suppressed nothing, where that rule is on. Then keeps the
 * findings that touch a reported file, that no comment suppresses, that the configuration does not call off for their
 * file, that are sure enough, that the baseline does not hold, and that have changed lines. */
void filter_run(struct filtered *filtered, struct findings *findings, const struct load *load, bool quiet,
                const struct filter_by *by);
/* Takes the findings that are shown for ones that the baseline holds, as it does from now on. */
void filter_shown_are_known(struct filtered *filtered);
void filter_free(struct filtered *filtered);

#endif
