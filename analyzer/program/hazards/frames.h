/* frames: frames of other threads, whose local variables are read. */
#ifndef PROGRAM_FRAMES_H
#define PROGRAM_FRAMES_H

#include "program/state.h"

/* Is told a function of the module, and where it reads the variables. */
typedef void frame_fn(void *data, uint32_t function, struct ir_span span);

/* Finds where one module reads `f_locals` of what comes from sys._current_frames(), by its own variables, functions and
 * their arguments. */
void frames_find(const struct program *p, uint32_t unit, frame_fn *found, void *data);

#endif
