/* changed: whether a finding has to do with lines that changed. */
#ifndef CLI_CHANGED_H
#define CLI_CHANGED_H

#include "cli/load.h"
#include "racelint/rules.h"
#include "store/changes.h"

/* Whether any line changed that the finding names: on either side, on the ways there, where the state or its lock is
 * set up, or a related one; or the head of a function around a step, where a decorator may take the lock. */
bool changed_has(const struct changes *changes, const struct load *load, const struct finding *finding);

#endif
