/* wrap: prose in lines that fit the page. */
#ifndef REPORT_WRAP_H
#define REPORT_WRAP_H

#include "base/buf.h"

/* Appends text, escaped (style.h), broken at spaces so that no line passes `page` columns; line ends in the text count
 * as spaces. The first word goes where the last line of *out stands, at `column` (0-based); further lines are indented
 * by `indent` spaces. A word that is longer than a line gets a line of its own. No line end is added behind the last
 * word. Returns the column behind it. */
size_t wrap_add(struct buf *out, struct str text, size_t column, size_t indent, size_t page);

/* Appends Markdown as text for a terminal: prose is wrapped, list items hang, fenced and indented code stays as it is,
 * the marks of headings and fences go. Every line is indented by `indent` spaces and ends in a line end; the page has
 * STYLE_WIDTH columns. */
void wrap_markdown(struct buf *out, struct str markdown, size_t indent);

#endif
