/* drafts: what a context records while it is evaluated, and how it is kept.
 *
 * Records grow while an evaluation runs, and some change: a span met again is one span, an access in the second pass of
 * a loop is one with that of the first. So they are made in a draft, whose vectors have the room that an earlier
 * evaluation needed; in the end they are copied to a block of just their size. Spans and announcements have copies of
 * accesses of their own in the draft, for the accesses may go on to change. Nearly all of them do not: what is kept are
 * pointers to the context's accesses, and the few others lie behind those.
 */
#ifndef PROGRAM_DRAFTS_H
#define PROGRAM_DRAFTS_H

#include "program/state.h"

/* struct span, with its own accesses. */
struct span_draft {
    struct acc first, last;
    uint8_t via;    /* enum span_via */
    uint8_t check;  /* enum check_kind */
    uint32_t flags; /* SPAN_* */
    set_id held;    /* locks held from first to last without interruption */
};

/* struct announced, with its own accesses. */
struct announced_draft {
    struct acc flag, data; /* data is empty where no use is known */
    uint8_t check;         /* enum check_kind */
    uint8_t outcome;       /* enum announced_outcome */
};

struct draft {
    struct program *p;
    struct records records; /* what the context shows while it is evaluated; without spans and announcements */
    VEC(struct span_draft) spans;
    VEC(struct announced_draft) announced;
    VEC(uint32_t) indices; /* in the end: of the accesses of spans and announcements, in records.accs */
};

struct draft *draft_new(struct program *p);
void draft_free(struct draft *draft);
/* Empties the draft; the context's records are those of the draft from here on, and what it had is freed. */
void draft_begin(struct draft *draft, struct context *c);
/* The context's records are those of the draft, at their size, from here on; c->takes_lock is set by them. The draft
 * may be used for another one. */
void draft_keep(struct draft *draft, struct context *c);
/* Frees what was kept of a context. */
void records_release(struct program *p, struct context *c);

#endif
