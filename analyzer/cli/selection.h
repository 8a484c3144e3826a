/* selection: which rules are on, and where. */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include "racelint/rules.h"
#include "settings/options.h"

/* How exactly a selector means a rule: 0 not at all, 1 "ALL", then the longer the prefix of its code, up to its whole
 * code or name. Case does not count. */
unsigned selector_exactness(struct str selector, const struct rule *rule);

/* Whether any rule is meant by the selector. */
bool selector_is_known(struct str selector);
/* Appends "; did you mean 'RL201'?" where a rule's code or name is near. */
void selector_suggest(struct str selector, struct buf *out);

/* Per rule, whether it reports, as enum rule_state: by default all that are not opt-in; --select replaces them,
 * --extend-select adds,
 * --ignore takes away what no selector means as exactly. What the command line says goes before what a configuration
 * says as exactly, and its --select before all of it. NULL, with messages printed, where a selector is unknown, in
 * per-file-ignores, too. The array is malloc's. */
uint8_t *selection_of(const struct settings *settings);

/* Whether `ignore` means the rule, other than by ALL. */
bool selection_ignores(const struct settings *settings, const struct rule *rule);

/* What per-file-ignores says. */
struct file_ignores;
struct file_ignores *file_ignores_new(const struct settings *settings); /* refers to the settings */
void file_ignores_free(struct file_ignores *ignores);
/* Whether the rule is not reported in the file (a path relative to the root). */
bool file_ignores_cover(const struct file_ignores *ignores, struct str path, const struct rule *rule);

#endif
