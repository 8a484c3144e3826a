/* uri: paths as URI references (RFC 3986). */
#ifndef REPORT_URI_H
#define REPORT_URI_H

#include "base/buf.h"

/* Appends a path with every byte percent-encoded that is neither unreserved nor '/'. As no colon is left, a relative
 * path is a relative reference whatever its name. */
void uri_add_path(struct buf *out, struct str path);
/* Appends the file URI of an absolute folder; ends in '/'. */
void uri_add_folder(struct buf *out, struct str folder);

#endif
