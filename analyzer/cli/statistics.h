/* statistics: how many findings each rule has. */
#ifndef CLI_STATISTICS_H
#define CLI_STATISTICS_H

#include "base/buf.h"
#include "cli/filter.h"

/* Whether a report format has statistics. */
bool statistics_have(struct str format);
/* Appends the counts of the rules that have findings, the most frequent first: lines, or one JSON object. */
void statistics_print(const struct filtered *filtered, bool as_json, struct buf *out);

#endif
