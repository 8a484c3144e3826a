#include "source/utf8.h"

#include <string.h>

/* The bytes that may follow a lead byte: how many in all, and the range of the first of them. */
static size_t sequence_of(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *low = lead == 0xE0 ? 0xA0 : 0x80;
        *high = lead == 0xED ? 0x9F : 0xBF;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *low = lead == 0xF0 ? 0x90 : 0x80;
        *high = lead == 0xF4 ? 0x8F : 0xBF;
        return 4;
    }
    return 0;
}

size_t utf8_length_at(struct str s, size_t offset, bool *valid)
{
    const unsigned char *at = (const unsigned char *)s.ptr + offset;
    size_t left = s.len - offset;
    unsigned char low, high;

    *valid = true;
    if (*at < 0x80) {
        return 1;
    }
    size_t wanted = sequence_of(*at, &low, &high);
    *valid = false;
    if (wanted == 0) {
        return 1;
    }
    for (size_t i = 1; i < wanted; i++) {
        if (i == left || at[i] < low || at[i] > high) {
            return i;
        }
        low = 0x80;
        high = 0xBF;
    }
    *valid = true;
    return wanted;
}

size_t utf8_valid_length(struct str s)
{
    size_t at = 0;

    while (at < s.len) {
        uint64_t eight;
        bool valid;
        if (s.len - at >= sizeof eight) {
            memcpy(&eight, s.ptr + at, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        size_t len = utf8_length_at(s, at, &valid);
        if (!valid) {
            return at;
        }
        at += len;
    }
    return s.len;
}

size_t utf8_count(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    }
    return count;
}

size_t utf8_put_small(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    out[0] = (char)(0xC0 | (code >> 6));
    out[1] = (char)(0x80 | (code & 0x3F));
    return 2;
}
