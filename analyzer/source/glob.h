/* glob: shell patterns over paths, as git's wildmatch reads them. */
#ifndef SOURCE_GLOB_H
#define SOURCE_GLOB_H

#include "racelint/base.h"

/* Whether the pattern matches the whole path. `*` and `?` do not match '/'; `**` as a whole part of the pattern matches
 * any number of parts of the path (at the end, one or more); [abc], [a-z], [!a], [[:alpha:]] match one byte; a
 * backslash takes the next byte literally. A broken pattern matches nothing. */
bool glob_match(struct str pattern, struct str path);

#endif
