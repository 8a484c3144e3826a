#include "source/inodes.h"

#include "base/hash.h"

/* Whether the inode is there; *key is where it is or would be put. */
static bool find(const struct inode_set *set, const struct stat *status, uint64_t *key)
{
    uint64_t at;

    *key = hash_mix((uint64_t)status->st_dev, (uint64_t)status->st_ino) >> 1; /* never the forbidden UINT64_MAX */
    while (map_get(&set->index, *key, &at)) {
        const struct inode *item = &set->items.data[at];
        if (item->device == status->st_dev && item->number == status->st_ino) {
            return true;
        }
        ++*key;
    }
    return false;
}

bool inode_set_add(struct inode_set *set, const struct stat *status)
{
    uint64_t key;

    if (find(set, status, &key)) {
        return false;
    }
    map_put(&set->index, key, set->items.len);
    vec_push(&set->items, (struct inode){status->st_dev, status->st_ino});
    return true;
}

void inode_set_release(struct inode_set *set)
{
    map_release(&set->index);
    vec_release(&set->items);
}
