/* formats: the report formats, one per file, and what they share in naming things. */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include "base/buf.h"
#include "base/json.h"
#include "racelint/report.h"

extern const struct report_format report_format_text;
extern const struct report_format report_format_concise;
extern const struct report_format report_format_json;
extern const struct report_format report_format_json_lines;
extern const struct report_format report_format_sarif;
extern const struct report_format report_format_github;
extern const struct report_format report_format_gitlab;
extern const struct report_format report_format_junit;
extern const struct report_format report_format_rdjson;

/* Appends to a report as report_format.write promises: *out grows by the text and stays NUL-terminated. */
void report_append(char **out, struct str text);
/* The same for a JSON value, pretty and with a line end; frees the value. */
void report_append_json(char **out, struct json *value);

/* The words that the formats use for the enumerations of a finding. */
const char *report_confidence_word(enum confidence confidence);              /* "high" */
const char *report_level_word(enum confidence confidence);                   /* "error", "warning", "note" */
const char *report_exposure_word(enum exposure exposure);                    /* "any-build" */
const char *report_fix_kind_word(enum fix_kind kind);                        /* "existing-lock" */
const char *report_applicability_word(enum fix_applicability applicability); /* "safe", "unsafe", "manual" */

/* Sets the address of the project's web page, where the build was told one (HOMEPAGE). */
void report_set_homepage(struct json *object, const char *key);

/* The level of a diagnostic: "error" where the file could not be read, else "warning". */
const char *report_diagnostic_level(const struct diagnostic *diagnostic);

/* Appends what is wrong and what to do about it, on one line: "... Fix: ...". */
void report_add_message(struct buf *out, const struct finding *finding);

/* Appends the path of a file from the root of the file system on. */
void report_add_absolute(struct buf *out, const struct report_input *input, struct str path);

/* Appends the text as one sentence on one line: white space is folded, the first letter is large, a full stop ends it
 * (in place of a colon). Nothing for an empty text. */
void report_add_sentence(struct buf *out, struct str text);

/* Where two ranges are the same place of the same file. */
bool report_range_equal(const struct finding_range *a, const struct finding_range *b);

#endif
