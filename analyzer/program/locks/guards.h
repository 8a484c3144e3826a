/* guards: which lock guards a place, by what the program does and by what its author declares.
 *
 * What is said of a place is said of the field of a class, whatever the object: the accesses of all objects of the
 * class count together, and a lock is named by how it is reached from the object that has the place (its own field, a
 * field of what holds it, a module, a class). So `self._lock` of two objects is one guard, and a lock of some other
 * object is none.
 */
#ifndef PROGRAM_GUARDS_H
#define PROGRAM_GUARDS_H

#include "program/hazards/finder.h"

struct guard {
    uint64_t lock;    /* guard_lock_key() of the lock */
    object_id sample; /* one lock object with that key: its name; 0 where none was seen */
    struct str text;  /* of a declared guard: the lock as its author wrote it; else empty */
    enum guard_kind kind;
    bool belongs;                 /* the lock is the place's own, not one that callers happen to hold */
    bool named;                   /* the lock has the name of the place: _jobs_lock, of _jobs */
    uint32_t held, of;            /* sites that hold it in every context, of how many */
    uint32_t writes_held, writes; /* those of them that write */
    size_t first, count;          /* the accesses of the place: in guards->sites */
};

/* An access outside constructors, with the field of a class (or variable of a module …) that it is of. */
struct sited {
    uint64_t group;
    uint64_t site; /* module and function */
    const struct acc *acc;
};

struct guards {
    VEC(struct sited) sites; /* by group, then position */
    VEC(struct guard) list;  /* in order of group: only places for which there is something to say */
    struct map by_group;     /* group -> index into list */
};

/* Sets finder->guards from all accesses; freed by guards_release. */
void guards_infer(struct finder *f);
void guards_release(struct guards *guards);

/* The field that an access is of, as a key; equal for the same field of all objects of a class. */
uint64_t guard_group(struct program *p, object_id object, name_id field);
/* The same of what the container in the field holds. */
uint64_t guard_contents(struct program *p, object_id object, name_id field);
/* What is known of the guard of an access's place, or NULL. */
const struct guard *guard_of(const struct finder *f, const struct acc *acc);
bool guard_holds(struct program *p, const struct guard *guard, const struct acc *acc);
/* Whether a walk over a list does without the lock as most accesses of the list do: it sees an element twice or misses
 * one, which its author may well have chosen. */
bool guard_is_slack(const struct program *p, const struct guard *guard, const struct acc *acc);
/* Whether an access holds one of the locks held at another one of the same place: the same object, or what each reaches
 * in the same way from the object that has the place. */
bool guards_share(struct program *p, set_id held, const struct acc *a, const struct acc *b);
/* Whether one of these locks, held at an access, is the place's own. */
bool guards_own(struct program *p, set_id held, const struct acc *acc);
/* Whether an access is one of a constructor, destructor or the like on its own receiver: nobody else has the object. Or
 * made right after a fork. */
bool guard_in_constructor(struct program *p, const struct acc *acc);
/* Whether the function of an access also makes the lock: it begins anew, as after a fork, and what others hold until
 * then is another lock. */
bool guard_is_made_by(const struct program *p, object_id lock, const struct acc *acc);
/* The object of which that constructor (destructor …) is, or 0. */
object_id guard_constructed(struct program *p, const struct acc *acc);
/* Whether one of these locks is that of one instance, while the place belongs to a module or class: others have other
 * locks. */
bool guards_wrong_scope(struct program *p, set_id locks, const struct acc *acc);
/* Fills in what a hazard says of the guard of its place. */
void guard_describe(struct finder *f, struct hazard *h, const struct guard *guard, const struct acc *acc);

#endif
