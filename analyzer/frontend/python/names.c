#include "frontend/python/names.h"

#include <stdlib.h>

#include <utf8proc.h>

static bool str_is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Python mangles names that begin with two underscores and do not end with two; a dot cannot be in an identifier. */
static bool is_private(struct str name)
{
    return str_starts(name, STR("__")) && !str_ends(name, STR("__"));
}

static ir_name mangled_name(struct ir_builder *ir, struct buf *scratch, struct str name, ir_name class)
{
    struct str owner = ir_builder_name_text(ir, class);
    size_t first = 0;

    while (first < owner.len && owner.ptr[first] == '_') {
        first++;
    }
    if (first == owner.len) {
        return ir_builder_name(ir, name); /* a class of underscores alone mangles nothing */
    }
    buf_clear(scratch);
    buf_add_char(scratch, '_');
    buf_add(scratch, str_slice(owner, first, owner.len));
    buf_add(scratch, name);
    return ir_builder_name(ir, buf_str(scratch));
}

static ir_name plain_name(struct ir_builder *ir, struct buf *scratch, struct str name, ir_name class)
{
    if (class != 0 && is_private(name)) {
        return mangled_name(ir, scratch, name, class);
    }
    return ir_builder_name(ir, name);
}

ir_name python_name(struct ir_builder *ir, struct buf *scratch, struct str identifier, ir_name class)
{
    if (str_is_ascii(identifier)) {
        return plain_name(ir, scratch, identifier, class);
    }
    utf8proc_uint8_t *folded = NULL;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
    utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)identifier.ptr, (utf8proc_ssize_t)identifier.len, &folded, options);

    if (length == UTF8PROC_ERROR_NOMEM) {
        out_of_memory(identifier.len);
    }
    struct str name = length < 0 ? identifier : (struct str){(const char *)folded, (size_t)length};
    ir_name id = plain_name(ir, scratch, name, class);
    free(folded);
    return id;
}

/* Copies a string literal that starts at `i`; returns the offset behind it. */
static size_t text_add_string(struct buf *out, struct str source, size_t i)
{
    char quote = source.ptr[i];
    bool triple = i + 2 < source.len && source.ptr[i + 1] == quote && source.ptr[i + 2] == quote;
    size_t width = triple ? 3 : 1;
    size_t end = i + width;

    while (end < source.len) {
        if (source.ptr[end] == '\\') {
            end += 2;
            continue;
        }
        if (source.ptr[end] == quote &&
            (!triple || (end + 2 < source.len && source.ptr[end + 1] == quote && source.ptr[end + 2] == quote))) {
            end += width;
            break;
        }
        end++;
    }
    end = end > source.len ? source.len : end;
    buf_add(out, str_slice(source, i, end));
    return end;
}

/* The inside of a text that is one string literal without prefix or escapes; else the text itself. */
static struct str text_unquote(struct str s)
{
    if (s.len < 2 || (s.ptr[0] != '"' && s.ptr[0] != '\'') || s.ptr[s.len - 1] != s.ptr[0]) {
        return s;
    }
    size_t width = s.len >= 6 && s.ptr[1] == s.ptr[0] && s.ptr[2] == s.ptr[0] ? 3 : 1;
    struct str inner = str_slice(s, width, s.len - width);

    for (size_t i = 0; i < inner.len; i++) {
        if (inner.ptr[i] == s.ptr[0] || inner.ptr[i] == '\\') {
            return s;
        }
    }
    return str_trim(inner);
}

ir_name python_text_name(struct ir_builder *ir, struct buf *scratch, struct str source)
{
    bool blank = false;

    buf_clear(scratch);
    for (size_t i = 0; i < source.len;) {
        char c = source.ptr[i];
        bool continuation = c == '\\' && i + 1 < source.len && (source.ptr[i + 1] == '\n' || source.ptr[i + 1] == '\r');
        if (c == ' ' || (c >= '\t' && c <= '\r') || continuation) {
            blank = true;
            i++;
            continue;
        }
        if (c == '#') {
            while (i < source.len && source.ptr[i] != '\n' && source.ptr[i] != '\r') {
                i++;
            }
            continue;
        }
        if (blank && scratch->len > 0) {
            buf_add_char(scratch, ' ');
        }
        blank = false;
        if (c == '"' || c == '\'') {
            i = text_add_string(scratch, source, i);
        } else {
            buf_add_char(scratch, c);
            i++;
        }
    }
    return ir_builder_name(ir, text_unquote(buf_str(scratch)));
}
