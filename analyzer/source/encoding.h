/* encoding: the source encodings that a coding comment (PEP 263) can declare, and where it declares one. */
#ifndef SOURCE_ENCODING_H
#define SOURCE_ENCODING_H

#include "racelint/base.h"

enum encoding_kind { ENCODING_UTF8, ENCODING_ASCII, ENCODING_LATIN1, ENCODING_ICONV };

struct encoding {
    enum encoding_kind kind;
    const char *iconv_name; /* of ENCODING_ICONV; else NULL */
};

/* The encoding that Python means by a name, in any of its spellings. False where it is not understood. */
bool encoding_find(struct str name, struct encoding *found);

/* The name that a coding comment in the first two lines declares, as written, and its 1-based line in *line. Empty
 * where there is none. `bytes` is the file without its byte-order mark. */
struct str encoding_declared(struct str bytes, uint32_t *line);

#endif
