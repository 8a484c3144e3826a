/* lines: where the lines of a decoded file begin. */
#ifndef SOURCE_LINES_H
#define SOURCE_LINES_H

#include "racelint/source.h"

/* Sets file->line_starts (malloc memory) and line_count from file->text. \n, \r\n and a lone \r end a line. */
void lines_index(struct source_file *file);

/* The 1-based line that the byte offset lies in; an offset behind the text counts as its end. */
uint32_t lines_find(const struct source_file *file, uint32_t offset);

#endif
