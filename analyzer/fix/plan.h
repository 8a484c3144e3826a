/* plan: what could be done about the findings: for each place a list of candidates, the best one first. */
#ifndef FIX_PLAN_H
#define FIX_PLAN_H

#include "fix/locks.h"
#include "fix/regions.h"

/* One way to fix the findings of a unit. */
struct candidate {
    struct lock *lock; /* NULL: it takes none */
    region_list regions;
    edit_list edits; /* others than those that the regions and the lock make */
    enum fix_kind kind;
    enum fix_applicability applicability;
    bool preferred;       /* where unsafe edits are asked for, it has its turn before the safe ones */
    bool nests;           /* it was tried, and a thread would have taken its lock twice */
    struct str lock_name; /* as the finding's own code writes it */
    struct str message;   /* what it does, as a sentence; empty: what the rule says */
};

/* Findings that are fixed together: those of one place. */
struct unit {
    VEC(size_t) findings; /* indices */
    VEC(struct candidate) candidates;
    size_t next;        /* the candidate to try next */
    const char *reason; /* why there is none (any more): "it waits for another thread" */
};

struct plan {
    struct scene scene;
    VEC(struct unit) units;
    VEC(struct lock *) locks; /* new ones, one per owner */
};

/* Makes units of the wanted findings, and their candidates. */
void plan_make(struct plan *plan);
void plan_release(struct plan *plan);

/* The lock of that owner: this one, or the one that is planned already. */
struct lock *plan_lock(struct plan *plan, struct lock *lock);

/* The edits of some candidates together, sorted; false where they get into each other's way. */
bool plan_edits(struct plan *plan, const struct candidate *const *candidates, size_t count, edit_list *edits);

/* ---- the makers of candidates, each adds those it has ---- */

/* Counting in a loop's own counter (tally.c). */
void tally_candidates(struct plan *plan, struct unit *unit);
/* Holding a lock over the span, and wherever the place is used (hold.c). */
void hold_candidates(struct plan *plan, struct unit *unit);
/* A test and an act as one step (single.c). */
void single_candidates(struct plan *plan, struct unit *unit);
/* A copy to walk over, a lock made once, or one that may be taken twice (steps.c). */
void step_candidates(struct plan *plan, struct unit *unit);
/* `itertools.count` in place of a number (counting.c). */
void counting_candidates(struct plan *plan, struct unit *unit);
/* An event in place of a flag that is polled (signals.c). */
void signal_candidates(struct plan *plan, struct unit *unit);
/* An object that is complete before others see it (publish.c). */
void publish_candidates(struct plan *plan, struct unit *unit);
/* `with` in place of `acquire()` and `release()` (sections.c). */
void section_candidates(struct plan *plan, struct unit *unit);
/* A variable that is set with a lock held, in place of a cached function (memo.c). */
void memo_candidates(struct plan *plan, struct unit *unit);
/* A file made or removed without a test (filesystem.c). */
void filesystem_candidates(struct plan *plan, struct unit *unit);
/* A call that an event loop makes itself (loops.c). */
void loop_candidates(struct plan *plan, struct unit *unit);
/* The same said in another way, or in another order (rewrites.c). */
void rewrite_candidates(struct plan *plan, struct unit *unit);

/* Why a hazard has no candidate, as a clause (reasons.c). */
const char *plan_reason(const struct hazard *hazard);

/* The finding that leads a unit, and hazard number i of all its findings; NULL behind the last one. */
const struct finding *unit_leader(const struct plan *plan, const struct unit *unit);
const struct hazard *unit_hazard(const struct plan *plan, const struct unit *unit, size_t i);

#endif
