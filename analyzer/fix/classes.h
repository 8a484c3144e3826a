/* classes: what a class of the program is to a lock that shall be kept in it. */
#ifndef FIX_CLASSES_H
#define FIX_CLASSES_H

#include "fix/locks.h"

struct class_place {
    const struct syntax *syntax; /* NULL: not found */
    uint32_t file, node;
};

/* The class of a qualified name: "pkg.cache.Cache". */
struct class_place class_locate(struct scene *scene, struct str qualified);

enum class_kind {
    CLASS_PLAIN,               /* has a constructor that every instance runs */
    CLASS_WITHOUT_CONSTRUCTOR, /* an instance may come about in other ways, or must not hold a lock: the class has it */
    CLASS_WITHOUT_STATE        /* a named tuple, an enumeration: neither can */
};
enum class_kind class_kind(struct scene *scene, uint32_t file, uint32_t node);

/* Whether a class is another one, or derives from it, as far as the names of bases tell. */
bool class_is_a(struct scene *scene, uint32_t file, uint32_t node, uint32_t base_file, uint32_t base);
/* Whether neither the class, nor what it derives from or what derives from it, uses an attribute of that name. */
bool class_name_is_free(struct scene *scene, uint32_t file, uint32_t node, struct str name);

#endif
