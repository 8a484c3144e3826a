#include "report/xml.h"

#include "report/style.h"

/* The form in which a character of the markup, or one that a reader would change, stands for itself; NULL: as it is. */
static const char *reference(char c, bool attribute)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return attribute ? "&quot;" : NULL;
    case '\n': return attribute ? "&#10;" : NULL;
    case '\t': return attribute ? "&#9;" : NULL;
    case '\r': return "&#13;";
    default: return NULL;
    }
}

/* U+FFFE and U+FFFF, which XML has no room for. */
static bool is_outside(struct str bytes)
{
    return bytes.len == 3 && (unsigned char)bytes.ptr[0] == 0xEF && (unsigned char)bytes.ptr[1] == 0xBF &&
           (unsigned char)bytes.ptr[2] >= 0xBE;
}

static void add(struct buf *out, struct str text, bool attribute)
{
    while (text.len > 0) {
        struct display_unit unit;
        display_unit_at(text, &unit);
        char c = unit.bytes.ptr[0];
        const char *written = reference(c, attribute);
        if (written != NULL) {
            buf_add(out, str_of(written));
        } else if (is_outside(unit.bytes)) {
            buf_printf(out, "\\uff%02x", (unsigned char)unit.bytes.ptr[2] == 0xBE ? 0xfeu : 0xffu);
        } else if (unit.escape[0] != '\0' && c != '\n' && c != '\t') {
            buf_add(out, str_of(unit.escape));
        } else {
            buf_add(out, unit.bytes);
        }
        text = str_slice(text, unit.bytes.len, text.len);
    }
}

void xml_add_text(struct buf *out, struct str text)
{
    add(out, text, false);
}

void xml_add_attribute(struct buf *out, struct str text)
{
    add(out, text, true);
}
