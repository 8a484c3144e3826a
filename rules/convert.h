/* convert: from a hazard to a finding: byte offsets become lines and columns, and all strings move to the finding's
 * arena. */
#ifndef RULES_CONVERT_H
#define RULES_CONVERT_H

#include "rules/fold.h"

/* The finding that `fold` makes, all but the ":n" of its fingerprint. */
struct finding convert_fold(struct arena *arena, const struct fold *fold);

#endif
