/* hazards: pairs spans and writes with what another thread does to the same place. */
#ifndef PROGRAM_HAZARDS_H
#define PROGRAM_HAZARDS_H

#include "program/state.h"

/* Fills program->hazards, sorted. */
void hazards_find(struct program *p);

/* ---- parallel.c: may two accesses happen at once, and how sure is that ---- */

enum parallel { PARALLEL_NO, PARALLEL_CALLERS, PARALLEL_MIXED, PARALLEL_ROOTS };
struct parallel_info {
    enum parallel kind;
    bool same_root;
};
void parallel_prepare(struct program *p);
struct parallel_info parallel_accesses(struct program *p, const struct acc *a, const struct acc *b);
/* Whether the thread of an access is kept in a variable of an object: each object has one at a time. */
bool parallel_is_one_at_a_time(const struct program *p, const struct acc *acc);
/* Whether two threads have taken what they access out of one queue: then each has another object, as long as nobody
 * puts one there twice. */
bool parallel_taken_apart(const struct program *p, const struct acc *a, const struct acc *b);
/* Whether a lock of one object can guard a place at all: not one that each thread has for itself. */
bool parallel_lock_guards(struct program *p, object_id lock, const struct acc *acc);
/* Whether a lock lets several threads in at once: a semaphore of more than one, or a lock of asyncio's, which only
 * keeps the tasks of one event loop apart. It guards nothing. */
bool parallel_lock_is_weak(const struct program *p, object_id lock);
/* Whether a lock is there for a place: it hangs off the same object or class, or off the module that the place's code
 * is in. A lock that merely happens to be held further up the stack is no sign of anything. */
bool parallel_lock_belongs(const struct program *p, object_id lock, const struct acc *acc);

/* ---- defaults.c ---- */

/* Whether a container is the default value of a parameter. */
bool default_of_parameter(const struct program *p, object_id object);

/* ---- confidence.c ---- */

/* What holds the place at the outermost: a module, class, generic instance, cells, path … */
object_id place_root_object(const struct program *p, object_id object);
/* Collects what classes show of being meant for threads; once, when all is evaluated. */
void confidence_prepare(struct program *p);
/* What the accesses of a place show of a lock of its own. */
enum guarded {
    GUARDED_NEVER,
    GUARDED_ONCE, /* some access holds it, and most do without: it may be there for something else */
    GUARDED_OFTEN /* enough of them do for it to be the place's guard: see guards.h */
};
/* Whether the program's own state, or its end, keeps two accesses apart, as far as is seen: then another partner is the
 * better one to tell. */
bool confidence_kept_apart(struct program *p, const struct acc *a, const struct acc *b);
enum confidence confidence_of(struct program *p, const struct span *span, const struct acc *partner,
                              struct parallel_info parallel, enum guarded guarded, struct str *why);

/* ---- describe.c: from internal records to what program.h promises ---- */

const struct place *describe_place(struct program *p, const struct acc *acc);
const struct access *describe_access(struct program *p, const struct acc *acc, const struct place *place);
/* One side: how it comes to run, and its steps up to and with the accesses (first may be NULL). */
const struct thread_side *describe_side(struct program *p, const struct acc *first, const struct acc *last);
const struct held_lock *describe_lock(struct program *p, object_id lock, const struct acc *near);

#endif
