/* toml_string: the four string forms of TOML, and its encoding. Part of the TOML reader (settings/toml.h). */
#ifndef SETTINGS_TOML_STRING_H
#define SETTINGS_TOML_STRING_H

#include "racelint/base.h"

/* Length in bytes of the character at text[at] (at < text.len), or 0 where the bytes are not UTF-8. */
size_t toml_utf8_length(struct str text, size_t at);
/* The contents of a string as written, with its quotes. *out points into `written` where it has no escapes, else into
 * the arena. Returns false for a bad escape, with a message and the byte it is about. */
bool toml_string_decode(struct arena *arena, struct str written, struct str *out, const char **problem, size_t *offset);

#endif
