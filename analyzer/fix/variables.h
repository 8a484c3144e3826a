/* variables: every use of a variable or attribute, for rewrites that change what it holds. */
#ifndef FIX_VARIABLES_H
#define FIX_VARIABLES_H

#include "fix/spots.h"

/* A variable of a module, or an attribute of the instances of a class. */
struct variable {
    struct plan *plan;
    const struct place *place;
    struct str name;
    struct spot made;    /* where it gets its first value */
    uint32_t class_node; /* in the file of `made`; NO_NODE: it is of the module */
};

/* False where the place is something else, or its first value is not seen. */
bool variable_of(struct plan *plan, const struct place *place, struct variable *variable);

enum variable_use {
    USE_NONE,   /* the node is something else */
    USE_OWN,    /* one of the variable */
    USE_UNCLEAR /* it has the name, and may be one */
};
enum variable_use variable_use(struct variable *variable, const struct syntax *s, uint32_t node);
/* Whether a name that a function stores into is its own: no `global` in it says otherwise. */
bool variable_is_local(const struct variable *variable, const struct syntax *s, uint32_t use);
/* Takes a `global` statement away that names nothing else; false where it does, or where nothing would be left. */
bool variable_drop_global(struct candidate *candidate, const struct spot *spot, uint32_t statement);

#endif
