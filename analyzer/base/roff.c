#include "base/roff.h"

void roff_add_char(struct buf *out, char c)
{
    bool line_start = out->len == 0 || out->ptr[out->len - 1] == '\n';

    switch (c) {
    case '\\': buf_add(out, STR("\\e")); break;
    case '-': buf_add(out, STR("\\-")); break;
    case '.':
    case '\'':
        if (line_start) {
            buf_add(out, STR("\\&"));
        }
        buf_add_char(out, c);
        break;
    default: buf_add_char(out, c); break;
    }
}
