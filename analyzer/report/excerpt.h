/* excerpt: lines of a source file with line numbers and underlined ranges.
 *
 *       21 |     def increment(self, key):
 *       22 |         value = self._data.get(key, 0)
 *          |                 ---------------------- A reads here
 *
 * Tabs go to stops of STYLE_TAB columns; wide characters count as two columns; what must not be shown is escaped
 * (style.h); a line that is too long for the page is shortened around its marks; lines far from every mark are left
 * out. */
#ifndef REPORT_EXCERPT_H
#define REPORT_EXCERPT_H

#include "racelint/report.h"
#include "report/style.h"

struct excerpt_mark {
    struct finding_range where; /* of the file; what lies behind the file's end is not drawn */
    char sign;                  /* draws the line: '^' or '-' */
    enum style style;
    struct str label; /* stands behind the line; may be empty */
};

/* Marks of one line are drawn one below the other, in the order given. */
void excerpt_write(const struct pen *pen, const struct source_file *file, const struct excerpt_mark *marks,
                   size_t count);

#endif
