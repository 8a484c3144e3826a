/* remarks: findings about the text of a file, which no hazard stands behind. */
#ifndef RULES_REMARKS_H
#define RULES_REMARKS_H

#include "racelint/rules.h"

/* The finding, with copies of the texts in the arena. Equal remarks have equal fingerprints. */
struct finding remark_finding(struct arena *arena, const struct remark *remark);

#endif
