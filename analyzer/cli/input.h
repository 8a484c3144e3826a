/* input: reading standard input. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "racelint/base.h"

/* All of standard input, in malloc memory, but not much more than a source file may hold: what is longer will be
 * refused when it is decoded. Returns 0, or an errno. */
int input_read(struct str *text);

#endif
