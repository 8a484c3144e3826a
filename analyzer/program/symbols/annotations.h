/* annotations: from the text of a type annotation to the class it names. */
#ifndef PROGRAM_ANNOTATIONS_H
#define PROGRAM_ANNOTATIONS_H

#include "program/state.h"

/* The value that a variable annotated with `text` in a module has: instances of the classes named (unions, Optional,
 * quotes and ClassVar/Final/Annotated looked through; containers as the container). `base` and `name` say which path
 * the instance is reached by. 0 where the text names nothing known. */
set_id annotation_value(struct program *p, uint32_t unit, struct str text, object_id base, name_id name);

/* What any caller gives a parameter (by number): what its annotation names, or something of unknown kind that is told
 * apart from the arguments of other parameters. */
set_id annotation_param(struct program *p, uint32_t unit, uint32_t function, uint32_t param);

#endif
