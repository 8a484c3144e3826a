/* hold: a candidate in the making that puts a lock around accesses of a place. */
#ifndef FIX_HOLD_H
#define FIX_HOLD_H

#include "fix/plan.h"

/* What is being made. */
struct holding {
    struct plan *plan;
    struct scene *scene;
    struct unit *unit;
    struct lock *lock;
    struct candidate candidate;
    struct str field;                    /* of the place */
    bool whole;                          /* a test that reads the place is held together with all it decides */
    bool company;                        /* what the regions change besides is held, too */
    bool lenient;                        /* a look that is one step is left alone where it cannot be held */
    bool glances;                        /* looks of one step are held, too, where they stand by themselves */
    const struct place_access *accesses; /* of the place, and of those held besides */
    uint32_t access_count;
    bool failed;
    const char *reason;
};

/* What the calls in a region come to. */
struct call_survey region_survey(struct holding *h, const struct syntax *s, const struct region *region);
/* Whether control may leave a region in its middle: `yield`, `await`. */
bool region_hands_over_control(const struct syntax *s, const struct region *region);
/* Whether a region can be held for as long as it takes without a second thought. */
bool region_is_cheap(struct holding *h, const struct syntax *s, const struct region *region);
/* Whether a name gets its value inside of a region: before it, it means something else, or nothing. */
bool region_binds(const struct syntax *s, const struct region *region, struct str name);

/* ---- what needs no lock comes first (outside.c) ---- */

/* Puts the value of an expression into a variable, under the lock, before the statement that uses it. */
void compute_first(struct holding *h, uint32_t file, uint32_t statement, uint32_t expression, bool copy,
                   struct str lock);
/* `self.total += fetch(url)`: what is slow, or unknown, needs no lock: it comes first, into a variable. False where the
 * region is no such statement. */
bool compute_slow_value(struct holding *h, struct region *region);
/* `for row in rows:` takes each element of a shared iterator with the lock held, and works on it without. False where
 * the loop is another one. */
bool take_each(struct holding *h, uint32_t file, uint32_t loop, const struct access *access, struct str lock);
/* Statements between the ends of a region that take their time and do not depend on it go before it, with the comments
 * right above them. */
void move_slow_out(struct holding *h, const struct syntax *s, struct region *region);

#endif
