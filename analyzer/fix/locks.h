/* locks: which lock guards a place, how it is written at each access, and how a new one is made. */
#ifndef FIX_LOCKS_H
#define FIX_LOCKS_H

#include "fix/edits.h"
#include "fix/syntax.h"
#include "racelint/fix.h"

/* What the fix layer knows of the program while it plans. */
struct scene {
    const struct fix_request *request;
    struct syntax **syntaxes; /* [file_count]; NULL: not parsed yet, or not to be edited */
    bool *parsed;             /* [file_count] */
    struct frontend *frontend;
    struct arena *arena;
};

/* The index of a file, or UINT32_MAX; and its syntax, NULL where nothing can be edited. */
uint32_t scene_file(const struct scene *scene, const struct source_file *file);
struct syntax *scene_syntax(struct scene *scene, uint32_t file);
struct str scene_text(struct scene *scene, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum lock_where { LOCK_IN_MODULE, LOCK_IN_CLASS, LOCK_IN_CONSTRUCTOR, LOCK_IN_FUNCTION };

/* A lock that guards what a module, a class or a function owns. One per owner and round: what belongs together is
 * guarded together. */
struct lock {
    bool is_new;
    bool reentrant;    /* of a new one: an RLock; of another: takes itself twice without harm */
    uint32_t identity; /* of an existing one, see struct held_lock */
    struct str key;    /* of the owner, or the lock */
    enum place_root root;
    enum lock_where where;
    uint32_t file;       /* where it is made */
    uint32_t owner;      /* node of the class or function that has it; NO_NODE: the module */
    uint32_t beside;     /* statement beside which a new one is made */
    bool before;         /* before it, not behind */
    struct str attr;     /* its name alone: "_lock" */
    struct str path;     /* of an existing one: as its owner writes it */
    struct ir_span made; /* of an existing one: the statement that makes it, in `file` */
};

/* The lock for a hazard's place, found or planned. NULL with a reason where none can be offered. */
struct lock *lock_for(struct scene *scene, const struct hazard *hazard, const char **reason);
/* How the lock is written where `node` accesses the place whose field is `field`; empty where it cannot be told. */
struct str lock_written(struct scene *scene, const struct lock *lock, uint32_t file, uint32_t node, struct str field);
/* Appends what makes a new lock, and the import it needs; false where there is no room for it. */
bool lock_create(struct scene *scene, const struct lock *lock, bool reentrant, edit_list *edits);
/* Appends what makes an existing lock an RLock where it is made; false where that is not seen. */
bool lock_make_reentrant(struct scene *scene, const struct lock *lock, edit_list *edits);
/* Whether the access holds the lock. */
bool lock_is_held(const struct lock *lock, const struct access *access);

/* How a name of a module is written in a file ("threading.Lock"); appends the import that it needs, if any. Empty where
 * the module's name means something else there. */
struct str scene_import(struct scene *scene, uint32_t file, struct str module, struct str name, edit_list *edits);

#endif
