/* units: the program's modules, their dotted names, and how imports find them. */
#ifndef PROGRAM_UNITS_H
#define PROGRAM_UNITS_H

#include "program/state.h"

/* Names all modules once every one was added: dotted names, global names, module objects. Sorts units by path. */
void units_link(struct program *p);
/* The module that `dotted` (dots: leading dots of a relative import) means in a module, or UINT32_MAX. */
uint32_t units_resolve(struct program *p, uint32_t from, struct str dotted, unsigned dots);
/* The full dotted name meant, for modules outside the program: relative ones get the importer's package. */
struct str units_absolute_name(struct program *p, uint32_t from, struct str dotted, unsigned dots);
/* Whose thread runs the module's body: the main one for a program with an entry, else import time. */
root_id unit_root(const struct unit *unit);
/* The only class of the module whose methods set self.<name>, else IR_NO_INDEX. */
uint32_t unit_class_with(const struct unit *unit, name_id name);
bool unit_binds(const struct unit *unit, name_id name);

#endif
