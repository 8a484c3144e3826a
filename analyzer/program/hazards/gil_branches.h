/* gil_branches: code that locks only with the GIL, or only without it. */
#ifndef PROGRAM_GIL_BRANCHES_H
#define PROGRAM_GIL_BRANCHES_H

#include "program/state.h"

/* Is told a function of the module, and where it asks. */
typedef void gil_branch_fn(void *data, uint32_t function, struct ir_span condition);

/* Finds the branches of one module that ask about the GIL and lock on one side only. A module without a name that
 * models_asks_gil() knows has none. */
void gil_branches_find(const struct program *p, uint32_t unit, gil_branch_fn *found, void *data);

#endif
