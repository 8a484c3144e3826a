/* repository: the Git repository around a folder, without Git. */
#ifndef STORE_REPOSITORY_H
#define STORE_REPOSITORY_H

#include "base/buf.h"

/* Appends the path of a folder (absolute, links resolved) from the top of its repository on, with a '/' behind it:
 * "services/shop/". Nothing where the folder is the top, or lies in no repository. */
void repository_add_prefix(struct buf *out, struct str folder);

#endif
