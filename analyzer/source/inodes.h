/* inodes: a set of files and folders by identity, so that one reached by several names is seen once. */
#ifndef SOURCE_INODES_H
#define SOURCE_INODES_H

#include <sys/stat.h>

#include "base/map.h"
#include "base/vec.h"

struct inode {
    dev_t device;
    ino_t number;
};

/* A zeroed struct is an empty set. */
struct inode_set {
    struct map index; /* from a hash of the inode to its position in `items`; the next key where two collide */
    VEC(struct inode) items;
};

/* Adds one; false where it was there before. */
bool inode_set_add(struct inode_set *set, const struct stat *status);
void inode_set_release(struct inode_set *set);

#endif
