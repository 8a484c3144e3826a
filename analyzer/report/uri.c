#include "report/uri.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~' || c == '/';
}

void uri_add_path(struct buf *out, struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (is_plain(path.ptr[i])) {
            buf_add_char(out, path.ptr[i]);
        } else {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)path.ptr[i]);
        }
    }
}

void uri_add_folder(struct buf *out, struct str folder)
{
    buf_add(out, STR("file://"));
    uri_add_path(out, folder);
    if (!str_ends(folder, STR("/"))) {
        buf_add_char(out, '/');
    }
}
