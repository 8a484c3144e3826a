/* parameters: walking the parameter list of a function or lambda. */
#ifndef PYTHON_PARAMETERS_H
#define PYTHON_PARAMETERS_H

#include "frontend/python/tree.h"

struct parameter {
    uint32_t node;    /* the whole parameter */
    uint32_t name;    /* its identifier, or NO_NODE where it is a pattern */
    uint32_t pattern; /* Python 2: a tuple that the argument is unpacked into, else NO_NODE */
    uint32_t type;    /* its annotation, or NO_NODE */
    uint32_t value;   /* its default, or NO_NODE */
    uint8_t kind;     /* enum ir_param_kind */
};

/* Starts zeroed. */
struct parameter_walk {
    uint32_t child;    /* the last child seen */
    bool keyword_only; /* a star was passed */
};

/* Gives the next parameter of a list (NO_NODE: an empty list); false at the end. */
bool parameter_next(const struct tree *tree, uint32_t list, struct parameter_walk *walk, struct parameter *parameter);
/* How many parameters stand before the slash. */
uint32_t parameter_positional_only(const struct tree *tree, uint32_t list);

/* The name that a type parameter (`T: int`, `*Ts`, `**P`) or the left side of a type alias (`X[T]`) binds. */
struct str type_parameter_name(struct str text);

#endif
