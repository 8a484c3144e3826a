#include "tests/unit/child.h"

#include <check.h>
#include <sys/wait.h>
#include <unistd.h>

int child_run(void (*work)(void *context), void *context, char *errors, size_t size)
{
    int ends[2];
    int status = 0;
    size_t used = 0;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        work(context);
        _exit(0);
    }
    close(ends[1]);
    while (used + 1 < size) {
        ssize_t got = read(ends[0], errors + used, size - 1 - used);
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
    }
    errors[used] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
