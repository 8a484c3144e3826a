/* ignores: writes comments that suppress what is found (--add-ignores). */
#ifndef CLI_IGNORES_H
#define CLI_IGNORES_H

#include "cli/filter.h"

/* Writes `# racelint: ignore[RL201]` at the statements of all findings that lie in reported files, and takes these
 * findings from the list, as suppressed ones. A file is replaced as a whole, only where nothing else of it changes, and
 * keeps its encoding, line ends and mode. Says how many there are, unless `quiet`. False, with messages printed, where
 * a file could not be written; its findings stay in the list. */
bool ignores_add(struct filtered *filtered, const struct findings *all, const struct load *load, bool quiet);

#endif
