#include "report/wrap.h"

#include "report/style.h"

/* A piece of `code` with spaces in it stays on one line up to this width, if a line has so much. */
#define UNBROKEN_MAX 48

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t word_end(struct str text, size_t from)
{
    while (from < text.len && !is_space(text.ptr[from])) {
        from++;
    }
    return from;
}

/* The next word, without the space around it: up to a space, or past it where it lies between two backquotes and fits
 * the `room` of a line. Empty at the end of the text. */
static struct str next_word(struct str text, size_t room)
{
    size_t start = 0;
    while (start < text.len && is_space(text.ptr[start])) {
        start++;
    }
    size_t end = word_end(text, start);
    struct str word = str_slice(text, start, end);
    size_t quotes = 0;
    for (size_t i = 0; i < word.len; i++) {
        quotes += word.ptr[i] == '`';
    }
    if (quotes % 2 == 0) {
        return word;
    }
    size_t closing = str_find(str_slice(text, end, text.len), STR("`"));
    if (closing == SIZE_MAX) {
        return word;
    }
    struct str whole = str_slice(text, start, word_end(text, end + closing));
    if (str_find(whole, STR("\n")) != SIZE_MAX || display_width(whole) > UNBROKEN_MAX || display_width(whole) > room) {
        return word;
    }
    return whole;
}

static void add_spaces(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_char(out, ' ');
    }
}

size_t wrap_add(struct buf *out, struct str text, size_t column, size_t indent, size_t page)
{
    bool first = true;
    for (;;) {
        struct str word = next_word(text, page > indent ? page - indent : 1);
        if (word.len == 0) {
            return column;
        }
        text = str_slice(text, (size_t)(word.ptr + word.len - text.ptr), text.len);
        size_t width = display_width(word);
        bool fits = column + (first ? 0 : 1) + width <= page;
        if (!fits && column > indent) {
            buf_add_char(out, '\n');
            add_spaces(out, indent);
            column = indent;
        } else if (!first) {
            buf_add_char(out, ' ');
            column++;
        }
        display_escape(out, word);
        column += width;
        first = false;
    }
}

/* A paragraph or list item while its lines are collected. */
struct paragraph {
    struct buf text;
    size_t indent; /* of its further lines */
};

static void paragraph_flush(struct paragraph *paragraph, struct buf *out)
{
    if (paragraph->text.len > 0) {
        wrap_add(out, buf_str(&paragraph->text), paragraph->indent, paragraph->indent, STYLE_WIDTH);
        buf_add_char(out, '\n');
    }
    buf_clear(&paragraph->text);
}

/* The length of a list marker with the space behind it ("- ", "12. "), or 0. */
static size_t list_marker(struct str line)
{
    size_t i = 0;
    if (line.len > 0 && (line.ptr[0] == '-' || line.ptr[0] == '*' || line.ptr[0] == '+')) {
        i = 1;
    } else {
        while (i < line.len && line.ptr[i] >= '0' && line.ptr[i] <= '9') {
            i++;
        }
        if (i == 0 || i >= line.len || line.ptr[i] != '.') {
            return 0;
        }
        i++;
    }
    return i < line.len && line.ptr[i] == ' ' ? i + 1 : 0;
}

static size_t leading_spaces(struct str line)
{
    size_t count = 0;
    while (count < line.len && line.ptr[count] == ' ') {
        count++;
    }
    return count;
}

static void literal_line(struct buf *out, struct str line, size_t indent)
{
    if (str_trim(line).len > 0) {
        add_spaces(out, indent);
        display_escape(out, line);
    }
    buf_add_char(out, '\n');
}

/* One line of Markdown outside a fence. */
static void prose_line(struct paragraph *paragraph, struct buf *out, struct str line, size_t indent)
{
    size_t margin = leading_spaces(line);
    struct str rest = str_trim(line);
    size_t marker = list_marker(rest);
    bool heading = str_starts(rest, STR("#"));
    if (rest.len == 0) {
        paragraph_flush(paragraph, out);
        buf_add_char(out, '\n');
    } else if (heading || marker > 0 || rest.ptr[0] == '|' || (margin >= 4 && paragraph->text.len == 0)) {
        paragraph_flush(paragraph, out);
        if (marker > 0) {
            add_spaces(out, indent + margin);
            display_escape(out, str_slice(rest, 0, marker));
            paragraph->indent = indent + margin + marker;
            buf_add(&paragraph->text, str_slice(rest, marker, rest.len));
            return;
        }
        while (heading && rest.len > 0 && (rest.ptr[0] == '#' || rest.ptr[0] == ' ')) {
            rest = str_slice(rest, 1, rest.len);
        }
        literal_line(out, heading ? rest : line, indent);
    } else {
        if (paragraph->text.len == 0) {
            paragraph->indent = indent + margin;
            add_spaces(out, paragraph->indent);
        } else {
            buf_add_char(&paragraph->text, ' ');
        }
        buf_add(&paragraph->text, rest);
    }
}

void wrap_markdown(struct buf *out, struct str markdown, size_t indent)
{
    struct paragraph paragraph = {.indent = indent};
    bool fenced = false;
    markdown = str_trim(markdown);
    while (markdown.len > 0) {
        size_t end = str_find(markdown, STR("\n"));
        struct str line = str_slice(markdown, 0, end);
        markdown = str_slice(markdown, end == SIZE_MAX ? markdown.len : end + 1, markdown.len);
        if (str_starts(str_trim(line), STR("```"))) {
            paragraph_flush(&paragraph, out);
            fenced = !fenced;
        } else if (fenced) {
            literal_line(out, line, indent + 4);
        } else {
            prose_line(&paragraph, out, line, indent);
        }
    }
    paragraph_flush(&paragraph, out);
    buf_release(&paragraph.text);
}
