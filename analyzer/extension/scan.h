/* scan: one file being read. */
#ifndef EXTENSION_SCAN_H
#define EXTENSION_SCAN_H

#include "extension/tokens.h"

struct scan {
    struct extension *extension;
    struct tokens tokens;
    VEC(struct extension_hazard) hazards;
    VEC(struct str) includes;
};

/* The module that a function of this name makes: what follows `PyInit_`, or `PyModExport_` (Python 3.15); else empty.
 */
struct str extension_module_of(struct str function);

/* Finds the modules that the file makes, and whether they declare support. */
void scan_modules(struct scan *scan);
/* Finds the calls of functions that lend references. */
void scan_calls(struct scan *scan);

#endif
