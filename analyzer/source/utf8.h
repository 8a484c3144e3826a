/* utf8: strict UTF-8, as Python decodes it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef SOURCE_UTF8_H
#define SOURCE_UTF8_H

#include "racelint/base.h"

/* The length in bytes of the character at s.ptr[offset], which must lie inside s: 1 to 4 with *valid true; else the
 * length of the longest beginning of a character there (at least 1), which counts as one error. */
size_t utf8_length_at(struct str s, size_t offset, bool *valid);

/* The offset of the first byte that is not valid, or s.len. */
size_t utf8_valid_length(struct str s);

/* The number of characters; bytes that continue a character are not counted. */
size_t utf8_count(struct str s);

/* Writes U+0000 to U+07FF as UTF-8; returns the number of bytes, 1 or 2. */
size_t utf8_put_small(char *out, unsigned code);

#endif
