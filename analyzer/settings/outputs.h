/* outputs: the reports that one run writes. On the command line each --output-file takes the --output-format before it,
 * so that a run can write several: "--output-format text --output-format sarif --output-file races.sarif". */
#ifndef SETTINGS_OUTPUTS_H
#define SETTINGS_OUTPUTS_H

#include "settings/settings.h"

/* One word of the command line that speaks of outputs. */
struct output_word {
    bool is_file;
    unsigned format; /* of a format: its index among the report formats */
    struct str file; /* of a file */
};

/* One report. */
struct output {
    unsigned format; /* index among the report formats */
    struct str file; /* empty: standard output */
};

/* Notes a word of the command line, in its order. */
void outputs_note(struct settings *settings, struct output_word word);

/* The reports that the settings ask for, in order, in the settings' arena; at least one. A lone format and a lone file
 * belong together in whichever order they come; of several formats without a file the last one goes to standard output.
 * NULL with a message in *error where a file has no format, or two reports would go to the same file. */
const struct output *outputs_of(const struct settings *settings, size_t *count, struct buf *error);

#endif
