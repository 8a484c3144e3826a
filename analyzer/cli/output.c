#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/message.h"
#include "settings/settings.h"
#include "store/files.h"

/* Holds the signals back that end a program; *before is what to let them come again with. */
static void hold_signals(sigset_t *before)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGQUIT);
    pthread_sigmask(SIG_BLOCK, &signals, before);
}

/* Writes through a file beside the target, which takes its name when it is complete. Returns 0, or an errno. */
static int replace_file(const char *target, mode_t mode, struct str text)
{
    struct buf name = {0};
    int error = 0;

    buf_printf(&name, "%s.XXXXXX", target);
    int descriptor = mkstemp(name.ptr);
    if (descriptor < 0) {
        error = errno;
        buf_release(&name);
        return error;
    }
    error = files_write(descriptor, text);
    if (error == 0 && (fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0)) {
        error = errno;
    }
    if (close(descriptor) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0 && rename(name.ptr, target) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(name.ptr);
    }
    buf_release(&name);
    return error;
}

/* A pipe or a device cannot be replaced, only written to. */
static int write_into(const char *target, struct str text)
{
    int descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int error;

    if (descriptor < 0) {
        return errno;
    }
    error = files_write(descriptor, text);
    if (close(descriptor) != 0 && error == 0) {
        error = errno;
    }
    return error;
}

static int write_file_now(const char *file, struct str text)
{
    struct stat status;

    if (stat(file, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            return EISDIR;
        }
        if (!S_ISREG(status.st_mode)) {
            return write_into(file, text);
        }
        if (access(file, W_OK) != 0) {
            return errno;
        }
        char *target = realpath(file, NULL); /* a link keeps pointing at the file */
        if (target == NULL) {
            return errno;
        }
        int error = replace_file(target, status.st_mode & 07777, text);
        free(target);
        return error;
    }
    mode_t mask = umask(0);
    umask(mask);
    return replace_file(file, 0666 & ~mask, text);
}

/* Pipes and devices may take their time, so for them an interrupt need not wait. */
static int write_file(const char *file, struct str text)
{
    struct stat status;
    sigset_t before;
    bool special = stat(file, &status) == 0 && !S_ISREG(status.st_mode);
    if (special) {
        return write_file_now(file, text);
    }
    hold_signals(&before);
    int error = write_file_now(file, text);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static bool is_standard(struct str file)
{
    return file.len == 0 || str_equal(file, STR("-"));
}

bool output_result(struct str text, struct str file)
{
    struct buf name = {0};
    int error;

    if (is_standard(file)) {
        error = files_write(STDOUT_FILENO, text);
        if (error != 0 && error != EPIPE) {
            message_error("standard output cannot be written: %s", strerror(error));
        }
        return error == 0 || error == EPIPE;
    }
    buf_add(&name, file);
    error = write_file(name.ptr, text);
    if (error != 0) {
        buf_clear(&name);
        message_add_path(&name, file);
        message_error("'%s' cannot be written: %s", name.ptr, strerror(error));
    }
    buf_release(&name);
    return error == 0;
}

/* Appends the path, without links, of the file that a result for `file` replaces; nothing where it replaces none. What
 * is not there yet (a link that leads nowhere counts as that) is named after its folder. */
static void add_target(struct buf *out, struct str file)
{
    struct buf name = {0};
    struct stat status;
    struct str base = STR("");

    buf_add(&name, file);
    if (stat(name.ptr, &status) != 0) {
        size_t slash = str_rfind_char(file, '/');
        base = slash == SIZE_MAX ? file : str_slice(file, slash + 1, file.len);
        buf_clear(&name);
        buf_add(&name, slash == SIZE_MAX ? STR(".") : str_slice(file, 0, slash + 1));
    } else if (!S_ISREG(status.st_mode)) {
        buf_release(&name);
        return;
    }
    char *path = realpath(name.ptr, NULL);
    if (path != NULL) {
        buf_printf(out, base.len > 0 ? "%s/%.*s" : "%s", path, STR_FMT(base));
    }
    free(path);
    buf_release(&name);
}

bool output_is_same(struct str a, struct str b)
{
    struct buf first = {0}, second = {0};

    if (!is_standard(a) && !is_standard(b)) {
        add_target(&first, a);
        add_target(&second, b);
    }
    bool same = first.len > 0 && str_equal(buf_str(&first), buf_str(&second));
    buf_release(&first);
    buf_release(&second);
    return same;
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

/* Whether a variable that forces something says yes: anything but "0" and "false". */
static bool forces(const char *variable)
{
    const char *value = getenv(variable);

    return is_set(variable) && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static bool is_terminal(struct str file)
{
    const char *name = getenv("TERM");

    return is_standard(file) && isatty(STDOUT_FILENO) && !(name != NULL && strcmp(name, "dumb") == 0);
}

bool output_has_color(unsigned color, struct str file)
{
    if (color != COLOR_AUTO) {
        return color == COLOR_ALWAYS;
    }
    if (is_set("NO_COLOR")) {
        return false;
    }
    if (is_set("FORCE_COLOR")) {
        return forces("FORCE_COLOR");
    }
    return is_terminal(file);
}

/* A number at the start of a variable, 0 where there is none. */
static long number_of(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL ? strtol(value, NULL, 10) : 0;
}

bool output_has_links(struct str file)
{
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"};
    static const char *const terms[] = {"xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"};
    /* The version of VTE, of which GNOME's and many other terminals are made, that understood them first. */
    const long first_vte = 5000;

    if (is_set("FORCE_HYPERLINK")) {
        return forces("FORCE_HYPERLINK");
    }
    if (!is_terminal(file)) {
        return false;
    }
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (is_set("TERM_PROGRAM") && strcmp(getenv("TERM_PROGRAM"), programs[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (is_set("TERM") && str_starts(str_of(getenv("TERM")), str_of(terms[i]))) {
            return true;
        }
    }
    return number_of("VTE_VERSION") >= first_vte || is_set("WT_SESSION") || is_set("KONSOLE_VERSION") ||
           is_set("DOMTERM");
}

uint32_t output_width(struct str file)
{
    struct winsize size;

    if (!is_terminal(file)) {
        return 0;
    }
    if (number_of("COLUMNS") > 0 && number_of("COLUMNS") < UINT16_MAX) {
        return (uint32_t)number_of("COLUMNS");
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
