/* escapes: constructors that let other threads have the object before it is complete. */
#ifndef PROGRAM_ESCAPES_H
#define PROGRAM_ESCAPES_H

#include "program/evaluate/frame.h"
#include "program/hazards/finder.h"

/* A constructor stores a field of an object. */
void escape_stored(struct frame *f, object_id object, name_id field);
/* A value is put where other code finds it: into `holder`, a container, module or class. */
void escape_registered(struct frame *f, object_id holder, set_id value);

/* A thread object, which nobody else is known to have, reads its own field in its own thread. */
void escape_own_read(struct frame *f, object_id object, name_id field);

/* Fields that a constructor sets after it has started a thread that reads them, or after it has put the object where
 * another thread finds it. */
void find_escapes(struct finder *f);

#endif
