#include "racelint/base.h"

#include <string.h>

struct str str_of(const char *c_string)
{
    if (c_string == NULL) {
        return STR("");
    }
    return (struct str){c_string, strlen(c_string)};
}

bool str_equal(struct str a, struct str b)
{
    /* memcmp() must not see the null pointer that an empty string may hold. */
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);

    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal((struct str){s.ptr, prefix.len}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_equal(str_slice(s, s.len - suffix.len, s.len), suffix);
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_white(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_white(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from >= to) {
        return STR("");
    }
    return (struct str){s.ptr + from, to - from};
}

size_t str_find(struct str s, struct str part)
{
    size_t from = 0;

    if (part.len == 0) {
        return 0;
    }
    while (s.len - from >= part.len) {
        const char *hit = memchr(s.ptr + from, part.ptr[0], s.len - from - part.len + 1);
        if (hit == NULL) {
            break;
        }
        if (memcmp(hit, part.ptr, part.len) == 0) {
            return (size_t)(hit - s.ptr);
        }
        from = (size_t)(hit - s.ptr) + 1;
    }
    return SIZE_MAX;
}

bool str_is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

size_t str_find_name(struct str text, struct str name)
{
    for (size_t from = 0; name.len > 0 && from + name.len <= text.len; from++) {
        size_t found = str_find(str_slice(text, from, text.len), name);
        if (found == SIZE_MAX) {
            break;
        }
        from += found;
        size_t end = from + name.len;
        bool begins = from == 0 || !str_is_name_byte(text.ptr[from - 1]);
        if (begins && (end == text.len || !str_is_name_byte(text.ptr[end]))) {
            return from;
        }
    }
    return SIZE_MAX;
}

size_t str_rfind_char(struct str s, char c)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.ptr[i - 1] == c) {
            return i - 1;
        }
    }
    return SIZE_MAX;
}
