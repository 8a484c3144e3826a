/* finder: what the searches for hazards share: all accesses sorted by place, and how a hazard is kept. Each kind of
 * hazard is found in a file of its own (hazards.c: spans and mutations), called by hazards_find. */
#ifndef PROGRAM_FINDER_H
#define PROGRAM_FINDER_H

#include "program/hazards/hazards.h"

/* An access with its place in canonical form, so that accesses of one place sort together. */
struct located {
    uint64_t place;
    uint64_t position; /* acc_position: so that sorting need not look at the records */
    const struct acc *acc;
};

/* Orders accesses by module and start. */
static inline uint64_t acc_position(const struct acc *acc)
{
    return (uint64_t)acc->unit << 32 | acc->span.start;
}

struct guards;

struct finder {
    struct program *p;
    struct guards *guards;          /* see guards.h */
    VEC(struct located) writes;     /* by place, then position */
    VEC(struct located) all;        /* the same, reads too */
    VEC(const struct note *) notes; /* of contexts that count, in order of context */
    struct map guarded;             /* place -> whether some access of it holds a lock */
    struct map counted;             /* place -> 1: some span writes it with a value computed from it */
    struct map changed;             /* class -> 1: some instance is changed after it was made */
    struct map repeated;            /* hash of a span's instructions and its thread -> contexts looked at */
    struct map seen;                /* hazards made: hash of kind, instructions and place -> index */
};

/* The place of an access as a key: fields of a class's instances belong to the topmost class that has them. */
uint64_t finder_place(struct program *p, const struct acc *a);
/* The index of the first record of a place in a sorted list. */
size_t finder_lower_bound(const struct located *list, size_t count, uint64_t place);
/* Those of the locks held that can guard the access's place at all. */
set_id finder_guarding(struct program *p, set_id locks, const struct acc *acc);
/* Keeps a hazard: fills in place, accesses and sides from the records (partner may be NULL). The same hazard met again
 * in another context is kept once, with the greater confidence. */
void finder_add(struct finder *f, struct hazard *h, const struct acc *first, const struct acc *last,
                const struct acc *partner);
/* The lock that would fit an access: one held at it or its partner, or the owner's only one; 0 for none. */
object_id finder_suggestion(struct program *p, const struct acc *acc, const struct acc *partner);

/* ---- further kinds of hazards, each in a file of its own ---- */

void find_unguarded(struct finder *f);
void find_passed(struct finder *f);
void find_unmet(struct finder *f);
void find_leaks(struct finder *f);
void find_filled(struct finder *f);
void find_rebound_locks(struct finder *f);
void find_process_locks(struct finder *f);
void find_made_once(struct finder *f);
void find_shared_iterators(struct finder *f);
void find_handoffs(struct finder *f);
void find_refills(struct finder *f);
void find_captures(struct finder *f);
void find_buffers(struct finder *f);
void find_request_state(struct finder *f);
void find_releases(struct finder *f);
void find_conditions(struct finder *f);
void find_predicates(struct finder *f);
void find_lost_signals(struct finder *f);
void find_process_state(struct finder *f);
void find_files(struct finder *f);
void find_thread_misuse(struct finder *f);
void find_dropped_futures(struct finder *f);
void find_early_reads(struct finder *f);
void find_loop_touches(struct finder *f);
void find_polling(struct finder *f);
void find_blocking(struct finder *f);
void find_finalizers(struct finder *f);
void find_thread_state(struct finder *f);
void find_remarks(struct finder *f);
void find_inventories(struct finder *f);
/* A write that may come between the steps of a span that holds a lock: whether it is the write that is at fault,
 * because that lock guards the place. Then the hazard is kept. */
bool unguarded_breaks(struct finder *f, const struct span *span, const struct acc *w, struct parallel_info parallel);

#endif
