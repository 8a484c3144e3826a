/* fold: which hazards are told as one finding. Hazards on one place in one function are one finding, told by the most
 * specific rule among the surest; a bare mutation joins the surest finding on its place, wherever that is. Accesses
 * without the lock of their place are one finding for the place, as are loops over it. A span whose act a surer or
 * earlier finding tells as its other side is part of that one. */
#ifndef RULES_FOLD_H
#define RULES_FOLD_H

#include "racelint/rules.h"

/* A hazard and the rule that tells it. */
struct told {
    const struct hazard *hazard;
    const struct rule *rule;
};

/* One finding to be. */
struct fold {
    struct told leader;
    struct told *others; /* told along with it; in the arena */
    size_t other_count;
};

struct fold_list {
    struct fold *items; /* in no order that matters; in the arena */
    size_t count;
};

/* Sorts `told` and folds it. What comes out depends on the hazards alone, not on their order. */
struct fold_list fold_all(struct arena *arena, struct told *told, size_t count);

#endif
