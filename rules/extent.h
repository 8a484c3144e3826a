/* extent: the lines that one lock has to cover so that nothing comes between the two ends of a span. */
#ifndef RULES_EXTENT_H
#define RULES_EXTENT_H

#include "racelint/rules.h"

struct extent {
    /* Two places in one function, from the first to the last. Where the ends of the span lie in helpers, these are the
     * calls of the helpers. NULL where no function has both. */
    const struct site *from, *to;
    struct str object; /* how that function writes the object whose state it is ("self", "ledger"); empty: unknown */
    struct str
        lines; /* "line 7", "lines 7-9", "lines 2-3 of posting.py"; "line 4 and ledger.py:8" where from is NULL */
};

struct extent extent_of(struct arena *arena, const struct hazard *hazard);

#endif
