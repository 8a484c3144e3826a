/* arguments: from the arguments of a call to the parameters of the function called. */
#ifndef PROGRAM_ARGUMENTS_H
#define PROGRAM_ARGUMENTS_H

#include "program/evaluate/frame.h"

#define PARAMS_MAX 32 /* parameters of one function that are followed */

struct binding {
    struct val params[PARAMS_MAX];
    struct argument args[PARAMS_MAX]; /* the same as part of a context's key */
    uint32_t count;
};

/* Binds a call's arguments; `receiver` (or 0) is the first parameter. What *args and **kwargs take is kept in a tuple
 * and a dict. */
void arguments_bind(struct frame *f, object_id function, object_id receiver, const struct call *call,
                    struct binding *b);

#endif
