/* tally: which calls of the program are understood, and why the others are not. */
#ifndef PROGRAM_TALLY_H
#define PROGRAM_TALLY_H

#include "program/evaluate/frame.h"

/* Notes what a call instruction was seen to call. A call that is evaluated more than once counts as resolved if it ever
 * was. */
void tally_call(struct frame *f, const struct call *call);

#endif
