/* roff: text in the source of manual pages. */
#ifndef BASE_ROFF_H
#define BASE_ROFF_H

#include "base/buf.h"

/* Appends a character so that roff shows it as it is: a backslash, a dash, or what would begin a request at the start
 * of a line. Line ends are appended as they are. */
void roff_add_char(struct buf *out, char c);

#endif
