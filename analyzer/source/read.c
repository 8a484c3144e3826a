#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "racelint/source.h"
#include "source/decode.h"
#include "source/lines.h"

static void report(const struct source_file *file, struct diagnostics *diagnostics, struct str message)
{
    diagnostics_add(diagnostics, file->path, 0, "RL001", message);
}

static void report_errno(const struct source_file *file, struct diagnostics *diagnostics, int error)
{
    struct arena *scratch = arena_new();

    report(file, diagnostics, arena_printf(scratch, "the file cannot be read: %s", strerror(error)));
    arena_free(scratch);
}

static struct str file_type_text(mode_t mode)
{
    if (S_ISDIR(mode)) {
        return STR("this is a folder, not a file");
    }
    if (S_ISFIFO(mode)) {
        return STR("this is a pipe, not a regular file; use '-' to read standard input");
    }
    return S_ISSOCK(mode) ? STR("this is a socket, not a regular file") : STR("this is a device, not a regular file");
}

/* A file that grows while it is read ends where it was at first; one that shrinks, where it ends now. Returns the
 * number of bytes read, or -1 with errno set. */
static ssize_t read_fully(int descriptor, char *out, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t count = read(descriptor, out + done, size - done);
        if (count == 0) {
            break;
        }
        if (count > 0) {
            done += (size_t)count;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return (ssize_t)done;
}

/* Opens a regular file and nothing else: opening a pipe would wait for its writer, and a device may do anything. */
static int open_regular(const struct source_file *file, struct stat *status, struct diagnostics *diagnostics)
{
    if (stat(file->full_path.ptr, status) == 0 && !S_ISREG(status->st_mode)) {
        report(file, diagnostics, file_type_text(status->st_mode));
        return -1;
    }
    int descriptor = open(file->full_path.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 || fstat(descriptor, status) != 0) {
        report_errno(file, diagnostics, errno);
    } else if (!S_ISREG(status->st_mode)) { /* exchanged in between */
        report(file, diagnostics, file_type_text(status->st_mode));
    } else {
        return descriptor;
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    return -1;
}

static bool size_fits(const struct source_file *file, uint64_t size, struct diagnostics *diagnostics)
{
    if (size <= SOURCE_SIZE_MAX) {
        return true;
    }
    struct arena *scratch = arena_new();
    report(file, diagnostics,
           arena_printf(scratch, "the file is not analysed: it is larger than %d MiB", SOURCE_SIZE_MAX >> 20));
    arena_free(scratch);
    return false;
}

enum source_status source_from_bytes(struct source_file *file, struct str path, struct str bytes,
                                     struct diagnostics *diagnostics)
{
    *file = (struct source_file){.path = path, .full_path = path};
    if (!size_fits(file, bytes.len, diagnostics)) {
        return SOURCE_UNREADABLE;
    }
    decode_bytes(file, bytes, diagnostics);
    lines_index(file);
    return SOURCE_OK;
}

enum source_status source_read(struct source_file *file, struct str path, struct str full_path,
                               struct diagnostics *diagnostics)
{
    enum source_status result = SOURCE_UNREADABLE;
    struct stat status;

    *file = (struct source_file){.path = path, .full_path = full_path};
    int descriptor = open_regular(file, &status, diagnostics);
    if (descriptor < 0) {
        return SOURCE_UNREADABLE;
    }
    if (size_fits(file, (uint64_t)status.st_size, diagnostics)) {
        char *bytes = memory_resize(NULL, (size_t)status.st_size + 1);
        ssize_t count = read_fully(descriptor, bytes, (size_t)status.st_size);
        if (count < 0) {
            report_errno(file, diagnostics, errno);
            free(bytes);
        } else {
            bytes[count] = '\0';
            decode_buffer(file, bytes, (size_t)count, diagnostics);
            lines_index(file);
            result = SOURCE_OK;
        }
    }
    close(descriptor);
    return result;
}

void source_free(struct source_file *file)
{
    free((char *)(uintptr_t)file->text.ptr); /* decode_bytes() made it; the str only lends it out as const */
    free(file->line_starts);
    *file = (struct source_file){0};
}
