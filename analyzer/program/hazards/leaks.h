/* leaks: guarded containers that are handed on, so that other code uses them without the lock. */
#ifndef PROGRAM_LEAKS_H
#define PROGRAM_LEAKS_H

#include "program/evaluate/frame.h"
#include "program/hazards/finder.h"

/* Notes that the containers in a value are returned, or passed to a call that is not known. */
void leak_note(struct frame *f, set_id value, enum leak_kind kind);

#endif
