/* xml: text in an XML 1.0 document. What XML cannot hold in any form (control characters, bytes that are not UTF-8) is
 * written as text for people shows it: "\x1b". */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "base/buf.h"

/* Between tags. Line ends and tabs stay. */
void xml_add_text(struct buf *out, struct str text);
/* Between double quotes. Line ends and tabs are references, which a reader gives back as they were. */
void xml_add_attribute(struct buf *out, struct str text);

#endif
