/* message: what is said on standard error, apart from results. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "base/buf.h"
#include "racelint/base.h"

/* Each prints one line: "racelint: error: …". Control characters in names are the caller's to escape. */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints one diagnostic as "path:line: CODE message", with its path as it is to be shown. */
void message_diagnostic(struct str path, const struct diagnostic *diagnostic);

/* Appends a file name as it is shown: control characters, line ends and bytes that are not UTF-8 are escaped. */
void message_add_path(struct buf *out, struct str path);

#endif
