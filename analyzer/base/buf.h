/* buf: a growable byte string. Always ends in a NUL that `len` does not count. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "racelint/base.h"

/* A buffer never holds more bytes than this; past it memory counts as exhausted. */
#define BUF_MAX ((size_t)1 << 30)

/* A zeroed struct is an empty buffer. */
struct buf {
    char *ptr;       /* malloc memory; NULL before the first addition */
    size_t len, cap; /* bytes in use without the NUL; bytes allocated */
};

/* What is added must not lie in the buffer itself. */
void buf_add(struct buf *buf, struct str s);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str buf_str(const struct buf *buf); /* a view, good until the next change */
void buf_clear(struct buf *buf);
void buf_release(struct buf *buf);

#endif
