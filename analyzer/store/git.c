#include "store/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"

extern char **environ;

/* What points at a repository, or changes what `git diff` prints, whatever is asked for. */
static const char *const hidden[] = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_DIFF_OPTS",
    "GIT_EXTERNAL_DIFF",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_OPTIONAL_LOCKS",
    "LC_ALL",
};

static bool is_hidden(const char *variable)
{
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        size_t length = strlen(hidden[i]);
        if (strncmp(variable, hidden[i], length) == 0 && variable[length] == '=') {
            return true;
        }
    }
    return false;
}

typedef VEC(char *) words;

static char *word(const char *text)
{
    return (char *)(uintptr_t)text; /* posix_spawn() takes what it does not change as changeable */
}

/* Starts Git with its output going into the two pipes. Returns 0, or an errno. */
static int start(pid_t *child, words *arguments, words *environment, const int out[2], const int err[2])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int error;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, out[i]);
        posix_spawn_file_actions_addclose(&actions, err[i]);
    }
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* ignored here, but that is inherited */
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    error = posix_spawnp(child, "git", &actions, &attributes, arguments->data, environment->data);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Reads both pipes until both end. */
static void read_both(const int descriptors[2], struct buf *const texts[2])
{
    struct pollfd polled[2] = {{.fd = descriptors[0], .events = POLLIN}, {.fd = descriptors[1], .events = POLLIN}};
    char chunk[1 << 14];

    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) {
            return;
        }
        for (int i = 0; i < 2; i++) {
            if (polled[i].fd < 0 || polled[i].revents == 0) {
                continue;
            }
            ssize_t count = read(polled[i].fd, chunk, sizeof chunk);
            if (count > 0) {
                buf_add(texts[i], (struct str){chunk, (size_t)count});
            } else if (count == 0 || errno != EINTR) {
                polled[i].fd = -1; /* poll() passes it over */
            }
        }
    }
}

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static int run_words(words *arguments, words *environment, struct buf *out, struct buf *err)
{
    int outs[2], errs[2];
    pid_t child;

    if (pipe(outs) != 0) {
        return -1;
    }
    if (pipe(errs) != 0) {
        close_pair(outs);
        return -1;
    }
    int error = start(&child, arguments, environment, outs, errs);
    close(outs[1]);
    close(errs[1]);
    if (error == 0) {
        read_both((int[2]){outs[0], errs[0]}, (struct buf *const[2]){out, err});
    }
    close(outs[0]);
    close(errs[0]);
    errno = error;
    return error == 0 ? wait_for(child) : -1;
}

int git_run(const char *folder, const char *const *given, struct buf *out, struct buf *err)
{
    words arguments = {0}, environment = {0};
    const char *const first[] = {"git", "--no-pager", "-c", "core.quotePath=false", "-C", folder};

    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        vec_push(&arguments, word(first[i]));
    }
    for (size_t i = 0; given[i] != NULL; i++) {
        vec_push(&arguments, word(given[i]));
    }
    vec_push(&arguments, NULL);
    for (char **variable = environ; *variable != NULL; variable++) {
        if (!is_hidden(*variable)) {
            vec_push(&environment, *variable);
        }
    }
    vec_push(&environment, word("GIT_OPTIONAL_LOCKS=0"));
    vec_push(&environment, word("LC_ALL=C"));
    vec_push(&environment, NULL);
    int status = run_words(&arguments, &environment, out, err);
    int error = errno;
    vec_release(&arguments);
    vec_release(&environment);
    errno = error;
    return status;
}
