#include "report/style.h"

#include <stdio.h>
#include <utf8proc.h>

#include "source/path.h"

static const char *const sequences[] = {
    [STYLE_PLAIN] = "",
    [STYLE_BOLD] = "\x1b[1m",
    [STYLE_DIM] = "\x1b[2m",
    [STYLE_HIGH] = "\x1b[1;31m",
    [STYLE_MEDIUM] = "\x1b[1;33m",
    [STYLE_LOW] = "\x1b[1;34m",
    [STYLE_THREAD_A] = "\x1b[36m",
    [STYLE_THREAD_B] = "\x1b[35m",
    [STYLE_FIX] = "\x1b[32m",
};
_Static_assert(sizeof sequences / sizeof *sequences == STYLE_COUNT, "every style has its sequence");

void pen_add_path(const struct pen *pen, struct buf *out, struct str path)
{
    path_add_seen(out, path, pen->root, pen->here);
}

size_t pen_page(const struct pen *pen)
{
    if (pen->width == 0 || pen->width > STYLE_WIDTH) {
        return STYLE_WIDTH;
    }
    return pen->width < STYLE_NARROW ? STYLE_NARROW : pen->width;
}

void pen_begin(const struct pen *pen, enum style style)
{
    if (pen->color) {
        buf_add(pen->out, str_of(sequences[style]));
    }
}

void pen_end(const struct pen *pen, enum style style)
{
    if (pen->color && style != STYLE_PLAIN) {
        buf_add(pen->out, STR("\x1b[0m"));
    }
}

void pen_begin_link(const struct pen *pen, const char *uri)
{
    if (pen->links && uri != NULL) {
        buf_printf(pen->out, "\x1b]8;;%s\x1b\\", uri);
    }
}

void pen_end_link(const struct pen *pen, const char *uri)
{
    if (pen->links && uri != NULL) {
        buf_add(pen->out, STR("\x1b]8;;\x1b\\"));
    }
}

void pen_add(const struct pen *pen, enum style style, struct str text)
{
    pen_begin(pen, style);
    display_escape(pen->out, text);
    pen_end(pen, style);
}

void pen_space(const struct pen *pen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_char(pen->out, ' ');
    }
}

/* Characters that would move the cursor, hide text or turn its direction. */
static bool is_unshowable(utf8proc_int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return false;
    }
}

static void escape_code(struct display_unit *unit, utf8proc_int32_t code)
{
    const char *format = code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";
    int length;
    switch (code) {
    case '\n': length = snprintf(unit->escape, sizeof unit->escape, "\\n"); break;
    case '\r': length = snprintf(unit->escape, sizeof unit->escape, "\\r"); break;
    case '\t': length = snprintf(unit->escape, sizeof unit->escape, "\\t"); break;
    default: length = snprintf(unit->escape, sizeof unit->escape, format, (unsigned)code); break;
    }
    unit->width = (unsigned)length;
}

void display_unit_at(struct str text, struct display_unit *unit)
{
    utf8proc_int32_t code;
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &code);
    unit->escape[0] = '\0';
    if (size <= 0) { /* not UTF-8: the byte itself is all there is to show */
        unit->bytes = str_slice(text, 0, 1);
        escape_code(unit, (unsigned char)text.ptr[0]);
        return;
    }
    unit->bytes = str_slice(text, 0, (size_t)size);
    if (is_unshowable(code)) {
        escape_code(unit, code);
    } else {
        int width = utf8proc_charwidth(code);
        unit->width = width > 0 ? (unsigned)width : 0;
    }
}

static struct str unit_text(const struct display_unit *unit)
{
    return unit->escape[0] != '\0' ? str_of(unit->escape) : unit->bytes;
}

void display_escape(struct buf *out, struct str text)
{
    struct display_unit unit;
    while (text.len > 0) {
        display_unit_at(text, &unit);
        buf_add(out, unit_text(&unit));
        text = str_slice(text, unit.bytes.len, text.len);
    }
}

size_t display_width(struct str text)
{
    struct display_unit unit;
    size_t width = 0;
    while (text.len > 0) {
        display_unit_at(text, &unit);
        width += unit.width;
        text = str_slice(text, unit.bytes.len, text.len);
    }
    return width;
}

void display_shorten(struct buf *out, struct str text, size_t width)
{
    if (display_width(text) <= width) {
        display_escape(out, text);
        return;
    }
    static const size_t dots = 3;
    struct display_unit unit;
    size_t used = 0;
    while (text.len > 0) {
        display_unit_at(text, &unit);
        if (used + unit.width + dots > width) {
            break;
        }
        used += unit.width;
        buf_add(out, unit_text(&unit));
        text = str_slice(text, unit.bytes.len, text.len);
    }
    buf_add(out, str_slice(STR("..."), 0, width));
}
