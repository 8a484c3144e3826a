/* child: runs a function in a process of its own, for tests of what ends the process. */
#ifndef UNIT_CHILD_H
#define UNIT_CHILD_H

#include <stddef.h>

/* Runs work(context) in a child process. Returns its exit status, 0 where work() returned, or -1 where a signal ended
 * it; what it wrote to standard error is in `errors`, cut to `size` and ended by NUL. */
int child_run(void (*work)(void *context), void *context, char *errors, size_t size);

#endif
