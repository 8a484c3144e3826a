/* entries: what code outside of the program calls: its arguments, and the thread roots that settings and models name.
 */
#ifndef PROGRAM_ENTRIES_H
#define PROGRAM_ENTRIES_H

#include "program/state.h"

#define ENTRY_ARGS_MAX 32 /* further parameters get nothing */

/* Fills in the arguments that a caller outside gives a function: anything that fits their annotations. `receiver` is
 * the first one of a method; 0: it is an argument like the others. Returns how many there are. */
uint32_t entry_arguments(struct program *p, uint32_t unit, uint32_t function, set_id receiver,
                         struct argument args[ENTRY_ARGS_MAX]);

/* Whether a pattern means a name; '*' stands for any letters. */
bool entry_glob(struct str pattern, struct str name);

/* Runs what the thread entries of the options name, each as a root of its own. Once the bodies of the modules were run:
 * names are looked up in what they made. */
void entries_run(struct program *p);

/* The same for what models say a server calls, as far as it was registered since the last time. */
void served_run(struct program *p);

#endif
