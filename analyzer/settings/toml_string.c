#include "settings/toml_string.h"

#include <string.h>

size_t toml_utf8_length(struct str text, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr + at;
    unsigned char lead = bytes[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || text.len - at < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (lead == 0xe0 && bytes[1] < 0xa0) || (lead == 0xf0 && bytes[1] < 0x90);
    bool surrogate = lead == 0xed && bytes[1] >= 0xa0;
    bool too_large = lead == 0xf4 && bytes[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : length;
}

static uint32_t hex_number(const char *digits, size_t count)
{
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        char c = digits[i];
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
        number = number * 16 + digit;
    }
    return number;
}

static size_t utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; code >>= 6) {
        out[i] = (char)(0x80 | (code & 0x3f));
    }
    out[0] = (char)(leads[length] | code);
    return length;
}

/* A line-ending backslash takes all white space up to the next character with it. */
static size_t skip_white(struct str body, size_t i)
{
    while (i < body.len && memchr(" \t\r\n", body.ptr[i], 4) != NULL) {
        i++;
    }
    return i;
}

/* Decodes the escape at body[i] (a backslash) into out; moves *i behind it. The grammar has checked its shape. */
static size_t escape_decode(struct str body, size_t *i, char *out, const char **problem)
{
    static const char letters[] = "btnfr\"\\", bytes[] = "\b\t\n\f\r\"\\";
    char letter = *i + 1 < body.len ? body.ptr[*i + 1] : '\0';
    const char *simple = letter != '\0' ? strchr(letters, letter) : NULL;
    if (simple != NULL) {
        out[0] = bytes[simple - letters];
        *i += 2;
        return 1;
    }
    if (letter == '\n' || letter == '\r') {
        *i = skip_white(body, *i + 1);
        return 0;
    }
    size_t digits = letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (digits == 0 || *i + 2 + digits > body.len) {
        *problem = "there is no such escape";
        return 0;
    }
    uint32_t code = hex_number(body.ptr + *i + 2, digits);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        *problem = "the escape names no Unicode character";
        return 0;
    }
    *i += 2 + digits;
    return utf8_put(out, code);
}

bool toml_string_decode(struct arena *arena, struct str written, struct str *out, const char **problem, size_t *offset)
{
    char quote = written.ptr[0];
    bool multiline = written.len >= 6 && written.ptr[1] == quote && written.ptr[2] == quote;
    size_t edge = multiline ? 3 : 1;
    struct str body = str_slice(written, edge, written.len - edge);
    if (multiline) { /* a line end right behind the quotes does not count */
        size_t skip = str_starts(body, STR("\r\n")) ? 2 : str_starts(body, STR("\n")) ? 1 : 0;
        body = str_slice(body, skip, body.len);
    }
    if (quote == '\'' || body.len == 0 || memchr(body.ptr, '\\', body.len) == NULL) {
        *out = body;
        return true;
    }
    char *text = arena_alloc(arena, body.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < body.len;) {
        if (body.ptr[i] != '\\') {
            text[len++] = body.ptr[i++];
            continue;
        }
        len += escape_decode(body, &i, text + len, problem);
        if (*problem != NULL) {
            *offset = (size_t)(body.ptr - written.ptr) + i;
            return false;
        }
    }
    *out = (struct str){text, len};
    return true;
}
