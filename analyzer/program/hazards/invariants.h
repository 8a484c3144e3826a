/* invariants: fields that are always changed together, seen in the middle of such a change. */
#ifndef PROGRAM_INVARIANTS_H
#define PROGRAM_INVARIANTS_H

#include "program/hazards/finder.h"

/* Two fields of one object that are only written together, in one critical section of one lock, and are both read
 * elsewhere without that lock: the reader can get one of them from before a change and the other one from behind it. */
void find_torn(struct finder *f);

#endif
