/* selection: which rules are on. */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include "racelint/rules.h"
#include "settings/settings.h"

/* How exactly a selector means a rule: 0 not at all, 1 "ALL", then the longer the prefix of its code, up to its whole
 * code or name. Case does not count. */
unsigned selector_exactness(struct str selector, const struct rule *rule);

/* Whether any rule is meant by the selector. */
bool selector_is_known(struct str selector);
/* Appends "; did you mean 'RL201'?" where a rule's code or name is near. */
void selector_suggest(struct str selector, struct buf *out);

/* Per rule, whether it reports: by default all that are not opt-in; --select replaces them, --extend-select adds,
 * --ignore takes away what no selector means as exactly. NULL, with a message printed, where a selector is unknown.
 * The array is malloc's. */
bool *selection_of(const struct settings *settings);

#endif
