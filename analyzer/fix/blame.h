/* blame: which of the units that were tried together are to be suspected, when they do not hold. */
#ifndef FIX_BLAME_H
#define FIX_BLAME_H

#include "fix/plan.h"
#include "fix/prove.h"

/* Whether a unit's present candidate may be why a try with it failed: a finding of it stayed, or there is a new finding
 * in a function that the candidate changes. A guess: what is not suspected is tried again without the suspects. */
bool blame_suspects(struct plan *plan, const struct unit *unit, const struct proof *proof);

#endif
