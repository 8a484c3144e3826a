/* supported: which versions of Python a project says it runs on. */
#ifndef CLI_SUPPORTED_H
#define CLI_SUPPORTED_H

#include "racelint/base.h"

/* The oldest version of Python that the project in a folder runs on, as 0x030d for 3.13: what pyproject.toml, setup.cfg
 * or setup.py require, else the oldest that their classifiers name; 0 where they say nothing that can be read. */
uint16_t supported_oldest(struct arena *arena, struct str folder);

#endif
