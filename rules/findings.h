/* findings: the part of findings_of that knows nothing of programs, so that tests can give it hazards of their own. */
#ifndef RULES_FINDINGS_H
#define RULES_FINDINGS_H

#include "racelint/rules.h"

/* As findings_of, over these hazards. They must live as long as the list, and so must their
 * source files. */
struct findings *findings_from(const struct hazard *const *hazards, size_t count, const struct rule_choice *choice);

#endif
