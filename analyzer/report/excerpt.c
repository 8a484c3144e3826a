#include "report/excerpt.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"

enum {
    INDENT = 2,    /* columns before the line numbers */
    CONTEXT = 1,   /* lines shown around each mark */
    GAP_MAX = 4,   /* up to so many lines between two shown ones are shown, too */
    MARK_HEAD = 3, /* of a longer range the first lines are marked, and the last one */
    LEAD = 20,     /* columns kept before the marks of a shortened line, where there is room */
    ELLIPSIS = 3   /* columns of "..." */
};

/* What holds for one excerpt as a whole. */
struct excerpt {
    const struct pen *pen;
    const struct source_file *file;
    const struct excerpt_mark *marks;
    size_t count;
    int digits;          /* of the largest line number */
    size_t room;         /* columns for source text */
    VEC(uint32_t) lines; /* what is shown, in order */
};

/* One line as it is shown. Columns are those of a terminal, from 0, tabs expanded. */
struct line_view {
    struct str text;
    size_t width;    /* of the whole line */
    size_t from, to; /* the columns of it that are shown */
};

/* A part of a line, in columns of the terminal. */
struct stretch {
    size_t from, to;
};

/* Columns that a unit takes where it stands. */
static size_t unit_width(const struct display_unit *unit, size_t column)
{
    bool tab = unit->bytes.ptr[0] == '\t';
    return tab ? STYLE_TAB - column % STYLE_TAB : unit->width;
}

/* The terminal column at which the code point `index` (from 0) of a line stands; the width of the line where it ends
 * before. */
static size_t column_of(struct str line, size_t index)
{
    struct display_unit unit;
    size_t column = 0;
    while (line.len > 0 && index > 0) {
        display_unit_at(line, &unit);
        column += unit_width(&unit, column);
        line = str_slice(line, unit.bytes.len, line.len);
        index--;
    }
    return column;
}

static size_t indent_of(struct str line)
{
    size_t count = 0;
    while (count < line.len && (line.ptr[count] == ' ' || line.ptr[count] == '\t')) {
        count++;
    }
    return column_of(line, count);
}

static uint32_t last_line(const struct finding_range *where)
{
    bool ends_before = where->end_column <= 1 && where->end_line > where->line;
    uint32_t last = ends_before ? where->end_line - 1 : where->end_line;
    return last > where->line ? last : where->line;
}

/* The part of a line that a mark underlines: false where it does not touch the line, or where that line of a long range
 * is left out. */
static bool mark_on_line(const struct excerpt_mark *mark, uint32_t line, struct str text, struct stretch *part)
{
    uint32_t first = mark->where.line, last = last_line(&mark->where);
    if (line < first || line > last || (line >= first + MARK_HEAD && line != last)) {
        return false;
    }
    size_t end = mark->where.end_column > 0 ? mark->where.end_column - 1 : 0;
    part->from = line == first ? column_of(text, mark->where.column > 0 ? mark->where.column - 1 : 0) : indent_of(text);
    part->to = line == mark->where.end_line ? column_of(text, end) : column_of(text, SIZE_MAX);
    if (part->to <= part->from) {
        part->to = part->from + 1;
        return line == first;
    }
    return true;
}

static void line_add(struct excerpt *excerpt, uint32_t line)
{
    if (line >= 1 && line <= excerpt->file->line_count) {
        vec_push(&excerpt->lines, line);
    }
}

static int line_order(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Chooses the lines: each mark's own and its context, sorted, once each, small gaps filled. */
static void choose_lines(struct excerpt *excerpt)
{
    for (size_t i = 0; i < excerpt->count; i++) {
        const struct finding_range *where = &excerpt->marks[i].where;
        uint32_t last = last_line(where);
        for (uint32_t line = where->line > CONTEXT ? where->line - CONTEXT : 1; line < where->line + MARK_HEAD;
             line++) {
            if (line <= last) {
                line_add(excerpt, line);
            }
        }
        for (uint32_t line = last; line <= last + CONTEXT && line >= last; line++) {
            line_add(excerpt, line);
        }
    }
    size_t chosen = excerpt->lines.len;
    if (chosen == 0) {
        return;
    }
    qsort(excerpt->lines.data, chosen, sizeof *excerpt->lines.data, line_order);
    for (size_t i = 0; i + 1 < chosen; i++) {
        uint32_t line = excerpt->lines.data[i], next = excerpt->lines.data[i + 1];
        for (uint32_t between = line + 1; next - line <= GAP_MAX + 1 && between < next; between++) {
            vec_push(&excerpt->lines, between);
        }
    }
    qsort(excerpt->lines.data, excerpt->lines.len, sizeof *excerpt->lines.data, line_order);
    size_t kept = 0;
    for (size_t i = 0; i < excerpt->lines.len; i++) {
        if (kept == 0 || excerpt->lines.data[kept - 1] != excerpt->lines.data[i]) {
            excerpt->lines.data[kept++] = excerpt->lines.data[i];
        }
    }
    excerpt->lines.len = kept;
}

static bool is_marked(const struct excerpt *excerpt, uint32_t line)
{
    struct stretch part;
    for (size_t i = 0; i < excerpt->count; i++) {
        if (mark_on_line(&excerpt->marks[i], line, source_line(excerpt->file, line), &part)) {
            return true;
        }
    }
    return false;
}

/* Drops blank lines of context at the ends and beside gaps. */
static void drop_blank_edges(struct excerpt *excerpt)
{
    uint32_t *lines = excerpt->lines.data;
    size_t kept = 0;
    for (size_t i = 0; i < excerpt->lines.len; i++) {
        bool edge =
            kept == 0 || lines[kept - 1] + 1 != lines[i] || i + 1 == excerpt->lines.len || lines[i] + 1 != lines[i + 1];
        bool blank = str_trim(source_line(excerpt->file, lines[i])).len == 0;
        if (!edge || !blank || is_marked(excerpt, lines[i])) {
            lines[kept++] = lines[i];
        }
    }
    excerpt->lines.len = kept;
}

/* Chooses the shown columns: all that fit, else those around the marks of the line. */
static void view_line(const struct excerpt *excerpt, uint32_t line, struct line_view *view)
{
    view->text = source_line(excerpt->file, line);
    view->width = column_of(view->text, SIZE_MAX);
    view->from = 0;
    view->to = view->width;
    if (view->width <= excerpt->room) {
        return;
    }
    size_t start = SIZE_MAX, end = 0;
    for (size_t i = 0; i < excerpt->count; i++) {
        struct stretch part;
        if (mark_on_line(&excerpt->marks[i], line, view->text, &part)) {
            start = part.from < start ? part.from : start;
            end = part.to > end ? part.to : end;
        }
    }
    if (start != SIZE_MAX && end + ELLIPSIS > excerpt->room) {
        size_t length = end - start + 2 * (size_t)ELLIPSIS;
        size_t spare = length < excerpt->room ? excerpt->room - length : 0;
        size_t lead = (spare < LEAD ? spare : LEAD) + ELLIPSIS;
        view->from = start > lead ? start - lead : 0;
        if (view->width - view->from < excerpt->room) {
            view->from = view->width - excerpt->room;
        }
    }
    view->to = view->from + excerpt->room < view->width ? view->from + excerpt->room : view->width;
}

static void gutter(const struct excerpt *excerpt, uint32_t line)
{
    char number[16] = "";
    if (line > 0) {
        snprintf(number, sizeof number, "%u", (unsigned)line);
    }
    pen_space(excerpt->pen, INDENT);
    pen_begin(excerpt->pen, STYLE_DIM);
    buf_printf(excerpt->pen->out, "%*s |", excerpt->digits, number);
    pen_end(excerpt->pen, STYLE_DIM);
}

/* Writes the shown part of a line; "..." stands for what is cut off at either side. */
static void line_write(const struct excerpt *excerpt, uint32_t line, const struct line_view *view)
{
    struct buf *out = excerpt->pen->out;
    size_t left = view->from > 0 ? view->from + ELLIPSIS : 0;
    size_t right = view->to < view->width ? view->to - ELLIPSIS : view->to;
    struct display_unit unit;
    size_t column = 0;
    gutter(excerpt, line);
    if (str_trim(view->text).len == 0) {
        buf_add_char(out, '\n');
        return;
    }
    buf_add(out, view->from > 0 ? STR(" ...") : STR(" "));
    for (struct str rest = view->text; rest.len > 0; rest = str_slice(rest, unit.bytes.len, rest.len)) {
        display_unit_at(rest, &unit);
        size_t end = column + unit_width(&unit, column);
        if (column >= right && end > column) {
            break;
        }
        if (rest.ptr[0] == '\t' || column < left || end > right) {
            /* A tab, or what an end of the view cuts in two: spaces for the columns inside it. */
            size_t inside = (end < right ? end : right) - (column > left ? column : left);
            pen_space(excerpt->pen, end > left ? inside : 0);
        } else {
            buf_add(out, unit.escape[0] != '\0' ? str_of(unit.escape) : unit.bytes);
        }
        column = end;
    }
    buf_add(out, view->to < view->width ? STR("...\n") : STR("\n"));
}

/* The row under a line that draws one mark; the label comes with the mark's last line. */
static void mark_write(const struct excerpt *excerpt, const struct line_view *view, const struct excerpt_mark *mark,
                       struct stretch part, bool last)
{
    const struct pen *pen = excerpt->pen;
    size_t from = part.from > view->from ? part.from - view->from : 0;
    size_t to = part.to > view->from ? part.to - view->from : 0;
    from = from < excerpt->room ? from : excerpt->room - 1;
    to = to > excerpt->room ? excerpt->room : to <= from ? from + 1 : to;
    gutter(excerpt, 0);
    pen_space(pen, from + 1);
    pen_begin(pen, mark->style);
    for (size_t i = from; i < to; i++) {
        buf_add_char(pen->out, mark->sign);
    }
    size_t width = display_width(mark->label);
    if (last && width > 0) {
        if (to + 1 + width > excerpt->room) {
            pen_end(pen, mark->style);
            buf_add_char(pen->out, '\n');
            gutter(excerpt, 0);
            pen_space(pen, from + width <= excerpt->room ? from : width < excerpt->room ? excerpt->room - width : 0);
            pen_begin(pen, mark->style);
        }
        buf_add_char(pen->out, ' ');
        display_escape(pen->out, mark->label);
    }
    pen_end(pen, mark->style);
    buf_add_char(pen->out, '\n');
}

void excerpt_write(const struct pen *pen, const struct source_file *file, const struct excerpt_mark *marks,
                   size_t count)
{
    struct excerpt excerpt = {.pen = pen, .file = file, .marks = marks, .count = count};
    choose_lines(&excerpt);
    drop_blank_edges(&excerpt);
    if (excerpt.lines.len > 0) {
        excerpt.digits = snprintf(NULL, 0, "%u", (unsigned)vec_last(&excerpt.lines));
        excerpt.room = pen_page(pen) - INDENT - (size_t)excerpt.digits - 3;
    }
    for (size_t i = 0; i < excerpt.lines.len; i++) {
        uint32_t line = excerpt.lines.data[i];
        struct line_view view;
        if (i > 0 && line != excerpt.lines.data[i - 1] + 1) {
            pen_space(pen, INDENT);
            pen_add(pen, STYLE_DIM, STR("..."));
            buf_add_char(pen->out, '\n');
        }
        view_line(&excerpt, line, &view);
        line_write(&excerpt, line, &view);
        for (size_t j = 0; j < count; j++) {
            struct stretch part;
            if (mark_on_line(&marks[j], line, view.text, &part)) {
                mark_write(&excerpt, &view, &marks[j], part, line == last_line(&marks[j].where));
            }
        }
    }
    vec_release(&excerpt.lines);
}
