#include "cli/input.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "racelint/source.h"

int input_read(struct str *text)
{
    struct buf bytes = {0};
    int error = 0;

    buf_add(&bytes, STR("")); /* never NULL */
    while (bytes.len <= SOURCE_SIZE_MAX) {
        char chunk[16384];
        ssize_t count = read(STDIN_FILENO, chunk, sizeof chunk);
        if (count == 0) {
            break;
        }
        if (count > 0) {
            buf_add(&bytes, (struct str){chunk, (size_t)count});
        } else if (errno != EINTR) {
            error = errno;
            break;
        }
    }
    *text = buf_str(&bytes);
    return error;
}
