#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `more` bytes and the NUL after them. */
static void buf_reserve(struct buf *buf, size_t more)
{
    if (more >= BUF_MAX || buf->len >= BUF_MAX - more) {
        out_of_memory(more);
    }
    size_t need = buf->len + more + 1;

    if (need > buf->cap) {
        size_t larger = buf->cap < 64 ? 64 : buf->cap * 2;
        if (larger < need) {
            larger = need;
        }
        buf->ptr = memory_resize(buf->ptr, larger);
        buf->cap = larger;
    }
}

void buf_add(struct buf *buf, struct str s)
{
    buf_reserve(buf, s.len);
    if (s.len > 0) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
    }
    buf->len += s.len;
    buf->ptr[buf->len] = '\0';
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, (struct str){&c, 1});
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        BUG("bad format \"%s\"", format);
    }
    buf_reserve(buf, (size_t)length);
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)length + 1, format, args);
    va_end(args);
    buf->len += (size_t)length;
}

struct str buf_str(const struct buf *buf)
{
    return buf->ptr == NULL ? STR("") : (struct str){buf->ptr, buf->len};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    if (buf->ptr != NULL) {
        buf->ptr[0] = '\0';
    }
}

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    *buf = (struct buf){0};
}
