#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* Makes the folder and those above it; what is there already is no error here. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    mkdir(path, 0777);
}

int files_open_folder(struct str folder, bool make)
{
    struct buf path = {0};

    buf_add(&path, folder);
    int descriptor = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT && make) {
        make_folders(path.ptr);
        descriptor = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    int error = errno;
    buf_release(&path);
    errno = error;
    return descriptor;
}

int files_open_inner(int folder, const char *name, bool make)
{
    if (make && mkdirat(folder, name, 0777) != 0 && errno != EEXIST) {
        return -1;
    }
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int files_open_regular(int folder, const char *name, struct stat *status)
{
    int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

    if (descriptor >= 0 && (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode))) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

bool files_read_at(int descriptor, void *out, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = pread(descriptor, (char *)out + done, size - done, (off_t)(offset + done));
        if (count > 0) {
            done += (size_t)count;
        } else if (count == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

int files_create(int folder, const char *name)
{
    return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
}

int files_rename(int folder, const char *from, const char *to)
{
    return renameat(folder, from, folder, to) == 0 ? 0 : errno;
}

int files_write(int descriptor, struct str text)
{
    while (text.len > 0) {
        ssize_t count = write(descriptor, text.ptr, text.len);
        if (count >= 0) {
            text = str_slice(text, (size_t)count, text.len);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int files_replace(int folder, const char *name, const char *temporary, struct str text)
{
    int descriptor = files_create(folder, temporary);

    if (descriptor < 0) {
        return errno;
    }
    int error = files_write(descriptor, text);
    if (close(descriptor) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0) {
        error = files_rename(folder, temporary, name);
    }
    if (error != 0) {
        unlinkat(folder, temporary, 0);
    }
    return error;
}

int files_list(int folder, void (*visit)(void *context, const char *name), void *context)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closing a DIR closes its descriptor */
    DIR *entries = again >= 0 ? fdopendir(again) : NULL;

    if (entries == NULL) {
        int error = errno;
        if (again >= 0) {
            close(again);
        }
        return error;
    }
    errno = 0;
    for (struct dirent *entry = readdir(entries); entry != NULL; errno = 0, entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            visit(context, entry->d_name);
        }
    }
    int error = errno;
    closedir(entries);
    return error;
}
