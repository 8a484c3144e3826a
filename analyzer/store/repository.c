#include "store/repository.h"

#include <unistd.h>

/* A repository's top has a folder `.git`, or a file of that name where it is a submodule or a second work tree. */
static bool is_top(struct str folder)
{
    struct buf path = {0};
    buf_add(&path, folder);
    buf_add(&path, STR("/.git"));
    bool found = access(path.ptr, F_OK) == 0;
    buf_release(&path);
    return found;
}

void repository_add_prefix(struct buf *out, struct str folder)
{
    struct str top = folder;
    while (!is_top(top)) {
        size_t slash = str_rfind_char(top, '/');
        if (slash == SIZE_MAX) {
            return;
        }
        top = str_slice(top, 0, slash);
    }
    if (top.len < folder.len) {
        buf_add(out, str_slice(folder, top.len + 1, folder.len));
        buf_add_char(out, '/');
    }
}
