/* written: the writes of a function and of what it calls, as its callers are told of them.
 *
 * Most of them are made by functions further down. Such a write is the access of the function that makes it, which is
 * kept once, with what changes from call to call: the instruction, the key in the words of the caller, the locks held.
 */
#ifndef PROGRAM_WRITTEN_H
#define PROGRAM_WRITTEN_H

#include "program/state.h"

/* An access as told from a context in a call of which it happens: by instruction number `op` of its function. */
struct acc access_in_call(const struct program *p, const struct acc *inner, context_id id, uint32_t op);
/* Notes in a record of a write how the access is told from here. */
void written_tell(struct written *w, const struct acc *acc);
/* A write that the context with this id has kept, as told from there. */
struct acc written_access(const struct program *p, context_id id, const struct written *w);

#endif
