/* output: where results go. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "racelint/base.h"

/* Writes a result to standard output, or, where `file` is neither empty nor "-", to that file: as a whole or not at
 * all, so that nobody reads half of it. A file that exists keeps its mode. False, with a message printed, where that
 * failed; a reader of standard output that went away is no failure. */
bool output_result(struct str text, struct str file);

/* Whether standard output shows colours: for `auto`, where it is a terminal. NO_COLOR and FORCE_COLOR as users expect.
 */
bool output_has_color(unsigned color, struct str file);

#endif
