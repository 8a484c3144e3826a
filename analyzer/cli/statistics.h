/* statistics: how many findings each rule has. */
#ifndef CLI_STATISTICS_H
#define CLI_STATISTICS_H

#include "base/buf.h"
#include "cli/filter.h"

/* Whether a report format has statistics. */
bool statistics_have(struct str format);
/* Appends how many findings of which confidence each rule has that has any, the most frequent first, and the sums: a
 * table, or one JSON object. */
void statistics_print(const struct filtered *filtered, bool as_json, struct buf *out);

#endif
