/* analysis: runs the whole-program analysis over what was loaded. */
#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include "cli/load.h"
#include "racelint/program.h"

/* What the analysis was given and made. */
struct analysis {
    struct program *program; /* NULL before analysis_run */
    struct arena *arena;     /* of its options */
};

/* Analyses the files that were lowered; settings and load must live as long. Settings that do not fit the program (a
 * thread entry that names nothing, a folder of src that does not exist) are warnings. The progress may be NULL. */
void analysis_run(struct analysis *analysis, const struct settings *settings, const struct load *load,
                  struct progress *progress);
void analysis_free(struct analysis *analysis);

#endif
