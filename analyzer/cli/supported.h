/* supported: which versions of Python a project says it runs on. */
#ifndef CLI_SUPPORTED_H
#define CLI_SUPPORTED_H

#include "racelint/base.h"

/* The oldest version that `requires-python` in the pyproject.toml of a folder allows, as 0x030d for 3.13; 0 where it
 * says nothing that can be read. */
uint16_t supported_oldest(struct arena *arena, struct str folder);

#endif
