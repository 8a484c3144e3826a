/* fingerprint: what a finding is known by from one run to the next. It is made of the rule, the function and the state
 * within their module, and the code of the span; not of lines or paths, so that it survives moves, renames of the file,
 * and edits elsewhere. White space, the kind of quotes and trailing commas do not matter. */
#ifndef RULES_FINGERPRINT_H
#define RULES_FINGERPRINT_H

#include "racelint/rules.h"

/* 16 hexadecimal digits. Equal hazards of one function have equal ones. */
struct str fingerprint_of(struct arena *arena, const struct rule *rule, const struct hazard *hazard);
/* Appends ":2", ":3" … to all but the first of equal fingerprints, in the order of the list. */
void fingerprint_number(struct arena *arena, struct finding *findings, size_t count);

#endif
