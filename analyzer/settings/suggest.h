/* suggest: the nearest of several names to one that was mistyped. */
#ifndef SETTINGS_SUGGEST_H
#define SETTINGS_SUGGEST_H

#include "racelint/base.h"

/* Offer candidates one by one, then ask for the best. */
struct suggestion {
    struct str wrong;  /* what was typed */
    struct str best;   /* the nearest candidate so far; the first one where several are as near */
    unsigned distance; /* of the best */
};

struct suggestion suggestion_of(struct str wrong);
void suggestion_offer(struct suggestion *suggestion, struct str candidate);
/* The nearest candidate, or the empty string where none is near: at most half of the typed letters may be wrong. */
struct str suggestion_best(const struct suggestion *suggestion);

/* How many letters to add, drop, change, or exchange with their neighbour lead from a to b; case does not count. Names
 * of more than 64 bytes are all far apart (UINT_MAX). */
unsigned edit_distance(struct str a, struct str b);

#endif
