/* declared: the guards that authors declare, in comments and annotations. */
#ifndef PROGRAM_DECLARED_H
#define PROGRAM_DECLARED_H

#include "program/state.h"

struct guard;
struct finder;

/* Reads a module's comments and annotations: program->declarations, unit->requires. */
void declared_link(struct program *p, uint32_t unit);
/* Finds the locks that the declarations name, once everything was evaluated: fills program->declared. */
void declared_resolve(struct program *p);
/* Whether a place (guard_group) has a declared guard: sets its lock, sample and text. */
bool declared_guard(const struct program *p, uint64_t group, struct guard *guard);

/* The locks that a function is declared to require of its callers, for a call on a receiver (0: none). */
set_id declared_required(struct program *p, uint32_t unit, uint32_t function, object_id receiver);

/* The lock that a library holds when it calls a method of a class derived from one of its own (logging.Handler.emit).
 */
set_id declared_entry_lock(struct program *p, uint32_t unit, uint32_t function, object_id receiver);
/* Whether all locks that a function is declared to require exist. */
bool declared_locks_exist(struct program *p, uint32_t unit, uint32_t function);
/* Finds the declarations whose lock does not exist. */
void find_bad_annotations(struct finder *f);

#endif
