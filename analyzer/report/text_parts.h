/* text_parts: the blocks of a finding in the text format. Every line of them is indented by TEXT_INDENT spaces. */
#ifndef REPORT_TEXT_PARTS_H
#define REPORT_TEXT_PARTS_H

#include "racelint/report.h"
#include "report/style.h"

#define TEXT_INDENT 2

/* "RL102 split-read-modify-write [high]"; the code is a hyperlink where the pen writes them. */
void text_heading(const struct pen *pen, const struct finding *finding);

/* A whole finding, with an empty line behind it. */
void text_finding(const struct pen *pen, const struct finding *finding);

/* Source lines around the accesses that lie in the finding's own file, with who does what there. Nothing where the file
 * is not known. */
void text_excerpt(const struct pen *pen, const struct finding *finding);

/* The threads, their steps in the order of the interleaving, and the locks held, with a blank line after each part but
 * the last. Two threads stand side by side where the terminal has room for it. The finding must have a thread. */
void text_threads(const struct pen *pen, const struct finding *finding);

/* A line such as "fix:   hold the lock", with the key in a style and the value wrapped behind it. */
void text_entry(const struct pen *pen, enum style style, const char *key, struct str value);

/* Appends where something is: "line 12" in the finding's own file, else "pkg/app.py:12". */
void text_add_place(const struct pen *pen, struct buf *out, const struct finding *finding,
                    const struct finding_range *where);

/* "pkg/cache.py:13:9:", in bold: the place that the finding is reported at. */
void text_place(const struct pen *pen, const struct finding *finding);

/* The verb of a step: "reads", or "read" in the plural. */
const char *text_verb(enum step_effect effect, bool plural);

/* The colour of a thread's name and of a confidence. */
enum style text_thread_style(uint32_t thread);
enum style text_confidence_style(enum confidence confidence);

#endif
