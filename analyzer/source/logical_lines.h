/* logical_lines: which physical lines belong together, as Python joins them: inside brackets, inside strings of several
 * lines, behind a backslash at the end. */
#ifndef SOURCE_LOGICAL_LINES_H
#define SOURCE_LOGICAL_LINES_H

#include "racelint/source.h"

/* For each 1-based line the first and last line of its logical line; element 0 is not used. `last` and `first` are
 * arrays of file->line_count + 1 elements in the arena. */
struct logical_lines {
    const uint32_t *first, *last;
    uint32_t line_count;
};

/* Reads the whole file once, in time linear in its size. Code that does not parse gives some answer, too. */
struct logical_lines logical_lines_of(struct arena *arena, const struct source_file *file);

/* The line that a comment on this line is about: its own; of a comment that stands alone, the next one with code,
 * behind decorators; its own again where nothing follows. */
uint32_t logical_lines_meant(const struct logical_lines *lines, const struct source_file *file, uint32_t line);

#endif
