/* filter: which findings are shown. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/load.h"
#include "cli/selection.h"
#include "racelint/rules.h"

struct filtered {
    const struct finding **findings; /* to be shown, in order; malloc memory */
    size_t count;
    uint32_t suppressed; /* by comments in the code */
    uint32_t hidden_low; /* of low confidence, where the settings ask for more */
};

/* Keeps the findings that touch a reported file, that no comment suppresses, that the configuration does not call off
 * for their file, and that are sure enough. */
void filter_run(struct filtered *filtered, const struct findings *findings, const struct load *load,
                const struct settings *settings, const struct file_ignores *ignores);
void filter_free(struct filtered *filtered);

#endif
