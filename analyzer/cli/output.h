/* output: where results go. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "racelint/base.h"

/* Writes a result to standard output, or, where `file` is neither empty nor "-", to that file: as a whole or not at
 * all, so that nobody reads half of it. A file that exists keeps its mode. False, with a message printed, where that
 * failed; a reader of standard output that went away is no failure. A signal that would end the program (an interrupt
 * from the keyboard) waits until the file has been replaced, so that nothing half-written lies beside it. */
bool output_result(struct str text, struct str file);

/* Whether two files that results go to are one, whatever they are called: through links, or from another folder. Pipes,
 * devices and standard output are written to and not replaced, so they are never in each other's way. */
bool output_is_same(struct str a, struct str b);

/* Whether standard output shows colours: for `auto`, where it is a terminal. NO_COLOR and FORCE_COLOR as users expect.
 */
bool output_has_color(unsigned color, struct str file);

/* Whether what shows standard output turns addresses into hyperlinks (OSC 8), as far as the environment tells:
 * FORCE_HYPERLINK decides, else the terminal must be one that is known to. */
bool output_has_links(struct str file);

/* Columns of the terminal that shows standard output; 0 where none does. COLUMNS counts more than what it says of
 * itself. */
uint32_t output_width(struct str file);

#endif
