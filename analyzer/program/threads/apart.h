/* apart: objects that a loop deals out to the threads it starts, one to each: what such a thread does with its own, no
 * other thread of the loop does.
 *
 *     for worker in workers:
 *         pool.submit(worker.run)
 *
 * And objects of which each makes a thread for itself and keeps it:
 *
 *     self.thread = Thread(target=self.run)
 *
 * Not so if the threads also come by these objects in another way: through the list that holds them, or as the
 * neighbours of their own.
 */
#ifndef PROGRAM_APART_H
#define PROGRAM_APART_H

#include "program/evaluate/frame.h"

/* The objects among what a thread gets (its target and arguments, or tuples of them) that a loop around the present
 * instruction deals out. `elements`: those that map() deals out itself. */
set_id apart_dealt(struct frame *f, const struct val *values, uint32_t count, set_id elements);

/* Once nothing changes any more: forgets those that the threads reach in other ways, too. */
void apart_check(struct program *p);

/* Whether the object, or the one that made and keeps it, is one that each thread of the root has for itself. */
bool apart_confined(const struct program *p, object_id object, root_id root);

/* Whether two roots stand for threads that objects make for themselves at one place, or that a function starts
 * which a loop calls: they were told apart by how the objects came to be made, or by what ran before. */
bool apart_alike(const struct program *p, root_id a, root_id b);

/* Whether two roots stand for threads that one object makes for itself at one place: it starts its thread anew. */
bool apart_starts_anew(const struct program *p, root_id a, root_id b);

/* Whether the object, or the one that made and keeps it, keeps the root's thread, too, and makes one for itself each
 * time: it has one at a time, as long as it is not started anew before the last one has ended. */
bool apart_one_at_a_time(const struct program *p, object_id object, root_id root);

#endif
