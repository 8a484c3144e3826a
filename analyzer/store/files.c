#ifdef __linux__
#define _GNU_SOURCE /* O_TMPFILE */
#endif
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

/* Opens a file without a name; -1 where the system cannot do that, or could not name it later. */
static int open_nameless(int folder)
{
#ifdef O_TMPFILE
    if (access("/proc/self/fd", X_OK) == 0) {
        return openat(folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    }
#endif
    (void)folder;
    return -1;
}

int files_create(struct new_file *file, int folder, const char *temporary)
{
    *file = (struct new_file){.descriptor = open_nameless(folder), .folder = folder, .temporary = temporary};
    if (file->descriptor < 0) {
        file->is_named = true;
        file->descriptor = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    }
    return file->descriptor >= 0 ? 0 : errno;
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

/* A nameless file cannot take a name that another one has: it gets the temporary one first. */
static int name_nameless(struct new_file *file)
{
    char path[40];

    snprintf(path, sizeof path, "/proc/self/fd/%d", file->descriptor);
    if (linkat(AT_FDCWD, path, file->folder, file->temporary, AT_SYMLINK_FOLLOW) != 0) {
        return errno;
    }
    file->is_named = true;
    return 0;
}

int files_complete(struct new_file *file, const char *name)
{
    int error = file->is_named ? 0 : name_nameless(file);

    if (close(file->descriptor) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0 && renameat(file->folder, file->temporary, file->folder, name) != 0) {
        error = errno;
    }
    if (error != 0 && file->is_named) {
        unlinkat(file->folder, file->temporary, 0);
    }
    return error;
}

void files_abandon(struct new_file *file)
{
    close(file->descriptor);
    if (file->is_named) {
        unlinkat(file->folder, file->temporary, 0);
    }
}

int files_replace(int folder, const char *name, const char *temporary, struct str text)
{
    struct new_file file;
    int error = files_create(&file, folder, temporary);

    if (error != 0) {
        return error;
    }
    error = files_write(file.descriptor, text);
    if (error != 0) {
        files_abandon(&file);
        return error;
    }
    return files_complete(&file, name);
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
