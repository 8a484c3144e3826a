/* style: text for people. A pen writes to a buffer with or without ANSI colours and never lets a control character of a
 * name or a source line reach the terminal. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "base/buf.h"

#define STYLE_WIDTH 80  /* columns of a page: what every line of prose keeps to */
#define STYLE_NARROW 40 /* of the narrowest page; a terminal with less breaks lines where it likes */
#define STYLE_TAB 4     /* columns from one tab stop to the next in a source excerpt */

enum style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,  /* gutters, line numbers */
    STYLE_HIGH, /* by confidence of the finding */
    STYLE_MEDIUM,
    STYLE_LOW,
    STYLE_THREAD_A, /* the thread whose access completes the hazard */
    STYLE_THREAD_B, /* the one that comes between */
    STYLE_FIX,
    STYLE_COUNT
};

struct pen {
    struct buf *out;
    bool color;            /* write ANSI sequences */
    bool links;            /* write hyperlinks */
    size_t width;          /* columns of the terminal, 0: unknown */
    struct str root, here; /* paths, which are relative to the root, are shown from `here`; empty: as they are */
};

/* Columns of the page that the pen writes on: those of the terminal, but from STYLE_NARROW to STYLE_WIDTH. */
size_t pen_page(const struct pen *pen);
/* Switch the style on, and back to plain. They do not nest. */
void pen_begin(const struct pen *pen, enum style style);
void pen_end(const struct pen *pen, enum style style);
/* Writes text as display_escape makes it, in a style. */
void pen_add(const struct pen *pen, enum style style, struct str text);
/* What stands between them is a hyperlink to the address; nothing happens where that is NULL. */
void pen_begin_link(const struct pen *pen, const char *uri);
void pen_end_link(const struct pen *pen, const char *uri);
/* Appends a path as it is shown, not escaped. */
void pen_add_path(const struct pen *pen, struct buf *out, struct str path);
/* Writes as many spaces. */
void pen_space(const struct pen *pen, size_t count);

/* One unit of text as it is shown: a code point, or an escape such as \x1b for what must not be shown as it is: control
 * and format characters, line ends, bytes that are not UTF-8. A tab is an escape, too. */
struct display_unit {
    struct str bytes; /* of the source text */
    char escape[12];  /* what to show instead; empty: the bytes themselves */
    unsigned width;   /* columns on a terminal: 0 for a combining mark, 2 for a wide character */
};
/* The unit at the start of the text, which must not be empty. */
void display_unit_at(struct str text, struct display_unit *unit);
/* Appends the text with its escapes. */
void display_escape(struct buf *out, struct str text);
/* Columns that display_escape's output takes. */
size_t display_width(struct str text);
/* Appends the text, escaped, in at most `width` columns; where it is longer its tail is replaced by "...". */
void display_shorten(struct buf *out, struct str text, size_t width);

#endif
