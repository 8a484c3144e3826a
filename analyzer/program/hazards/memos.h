/* memos: functions whose result is kept, and that two threads may run at once all the same. */
#ifndef PROGRAM_MEMOS_H
#define PROGRAM_MEMOS_H

#include "program/evaluate/frame.h"
#include "program/hazards/finder.h"

/* A decorator is applied: notes the functions whose results functools keeps from here on. False where it is another
 * one. */
bool memo_decorated(struct frame *f, const struct call *call);
/* A function has a result; where it is kept, all callers get the same one: it is nobody's own. */
void memo_result(struct frame *f);

/* Calls of such functions by threads that run in parallel, where it matters that there is one result, or that the
 * function runs once. */
void find_memos(struct finder *f);

#endif
