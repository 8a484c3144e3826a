/* decode: from a file's bytes to UTF-8 text. */
#ifndef SOURCE_DECODE_H
#define SOURCE_DECODE_H

#include "racelint/source.h"

/* Sets file->text (malloc memory), has_bom and transcoded; file->path names the file in RL001 diagnostics. Never
 * fails: what cannot be decoded becomes U+FFFD, NUL bytes become blanks, and a diagnostic says so once for each. */
void decode_bytes(struct source_file *file, struct str bytes, struct diagnostics *diagnostics);
/* The same of bytes in malloc memory with a NUL behind them, which this takes over: valid UTF-8 becomes the text where
 * it lies. */
void decode_buffer(struct source_file *file, char *bytes, size_t size, struct diagnostics *diagnostics);

#endif
