/* breaking: which spans rely on nothing coming between their ends, and which writes of another thread do them harm.
 * Looks at the two records alone: whether they may happen at once, and which locks are held, is for others. */
#ifndef PROGRAM_BREAKING_H
#define PROGRAM_BREAKING_H

#include "program/state.h"

/* Whether the act of a span relies on what was read, checked or walked over. */
bool breaking_relies(const struct span *s);
/* Whether a write by another thread, between first and last, breaks the span. */
bool breaking_harms(const struct program *p, const struct span *s, const struct acc *w);
/* Another thread stores just what this one is about to store, and asks nothing before (or this one only asks whether to
 * go on with its loop): what this one does then comes out the same. */
bool breaking_stores_alike(const struct span *s, const struct acc *w);

#endif
