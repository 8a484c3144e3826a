/* named: handlers of a server that a variable names by strings, as Django's setting MIDDLEWARE does. */
#ifndef PROGRAM_NAMED_H
#define PROGRAM_NAMED_H

#include "program/state.h"

/* The classes and functions of the program that the strings in a variable mean: of every module that sets one of this
 * name. What its module puts together from literals and other variables of its own is followed. */
set_id named_objects(struct program *p, struct str variable);

#endif
