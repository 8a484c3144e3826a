/* git: runs Git as a program of its own, without a shell. */
#ifndef STORE_GIT_H
#define STORE_GIT_H

#include "base/buf.h"

/* Runs `git -C FOLDER GIVEN...` (NULL behind the last one) and appends what it prints to *out and *err. It does not
 * see the environment variables by which Git hooks point at one repository: the folder decides. Returns its exit
 * status, or -1 with errno set where it could not be run (ENOENT: there is no Git). */
int git_run(const char *folder, const char *const *given, struct buf *out, struct buf *err);

#endif
