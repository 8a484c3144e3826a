/* elf: built extension modules of Linux and its like. */
#ifndef EXTENSION_ELF_H
#define EXTENSION_ELF_H

#include "racelint/base.h"

enum elf_verdict {
    ELF_OTHER,    /* no extension module, or one that cannot be read */
    ELF_DECLARES, /* there are signs that it says that it can do without the GIL, or that it may */
    ELF_SILENT    /* there are none */
};

/* Reads a file from memory, whatever it holds. The module's name is a view into it. */
enum elf_verdict elf_read(struct str bytes, struct str *module);

#endif
