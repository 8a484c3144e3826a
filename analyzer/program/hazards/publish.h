/* publish: state that is set where other threads see it before what it stands for is there. */
#ifndef PROGRAM_PUBLISH_H
#define PROGRAM_PUBLISH_H

#include "program/evaluate/frame.h"
#include "program/hazards/finder.h"

/* A condition over a variable or attribute begins to hold: notes the variables that it asks whether they are set. */
void publish_tested(struct frame *f, uint32_t test, bool loop);
/* A read of state that belongs to a variable tested before: of another field of its object, or of what it holds. */
void publish_used(struct frame *f, const struct acc *read);

/* A container or flag that is stored first and filled, or followed by its data, later in the same function, while
 * another thread tests it and goes on to use what is not there yet. */
void find_publish(struct finder *f);

#endif
