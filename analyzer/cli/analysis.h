/* analysis: runs the whole-program analysis over what was loaded. */
#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include "cli/load.h"
#include "racelint/program.h"

struct models;
struct schema;

/* What the analysis was given and made. */
struct analysis {
    struct program *program; /* NULL before analysis_run */
    struct schema *schema;   /* of the user's model files, which `models` holds with the others; NULL: there are none */
    struct models *models;
    struct program_options options;
    struct arena *arena; /* of its options */
};

/* Reads the model files that the settings name. False, with messages printed, where one is wrong or cannot be read. */
bool analysis_prepare(struct analysis *analysis, const struct settings *settings);

/* Analyses the files that were lowered; settings and load must live as long. A folder of src that does not exist is a
 * warning. The progress may be NULL. */
void analysis_run(struct analysis *analysis, const struct settings *settings, const struct load *load,
                  struct progress *progress);
/* Says which thread entries of the settings name nothing, as warnings. */
void analysis_warn(const struct analysis *analysis, const struct settings *settings, const struct load *load);
/* Lets go of the program, for another run. */
void analysis_clear(struct analysis *analysis);
void analysis_free(struct analysis *analysis);

#endif
