/* notes: single steps that rules look at one by one: calls of modelled functions, with how the code around them stands.
 * Finders (finder.h) judge them when everything is evaluated. */
#ifndef PROGRAM_NOTES_H
#define PROGRAM_NOTES_H

#include "program/evaluate/frame.h"

/* A modelled function or method is about to be called, or an instance of a modelled class was made: keeps what is of
 * interest. */
void note_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call);

/* A function of the program was called with these parameters: if what it returns is whether a file of a given path is
 * there, the call is such a check. */
void note_file_from_call(struct frame *f, const struct context *callee, const struct val *given, uint32_t count);
/* Keeps a note: a record of the present instruction about an object (0: none). It is told apart from others of the same
 * instruction by kind, object and model. */
struct note *note_add(struct frame *f, enum note_kind kind, object_id object, const struct model *model);

/* A CALL is about to run: of a method of a thread object or an event loop. */
void note_method(struct frame *f, const struct ir_op *op);
/* A task was given to a pool; `stands_for` is its root's object. */
void note_task(struct frame *f, const struct model *model, object_id stands_for);
/* The function is at its end: which futures were kept and never asked. */
void note_finish(struct frame *f);
/* A thread object was made; or is started without anything to run. */
void note_thread_made(struct frame *f, object_id thread);
/* Something that is not known is about to be called, by the instruction `op`. */
void note_unknown_call(struct frame *f, object_id callee, const struct ir_op *op);
/* Control is given to the event loop. */
void note_await(struct frame *f);
/* An attribute of objects is read or set: kept where each thread has its own. */
void note_attribute(struct frame *f, enum note_kind kind, set_id objects, name_id name);
/* An element of a container is read, set or deleted: kept where the container is process-wide state (os.environ). */
void note_state(struct frame *f, enum note_kind kind, set_id containers);

/* ---- locks taken and released by calls, not by `with`: see releases.c ---- */

void release_pending(struct frame *f, set_id locks); /* the present call took these, and waits until it has them */
void release_done(struct frame *f, set_id locks);    /* before they are released */
void release_called(struct frame *f, const struct context *callee);
void release_left(struct frame *f, const struct region *with); /* the end of a `with` releases what it took */
void release_risk(struct frame *f, const struct ir_op *op);    /* the instruction may not go on to the next one */
void release_exit(struct frame *f);                            /* control leaves the function */
void release_finish(struct frame *f);

#endif
