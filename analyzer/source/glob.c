#include "source/glob.h"

#include <ctype.h>
#include <string.h>

/* A class of characters by its name, as in [[:alpha:]]. */
struct character_class {
    const char *name;
    int (*contains)(int c);
};

static int is_ascii_blank(int c)
{
    return c == ' ' || c == '\t';
}

static const struct character_class classes[] = {
    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", is_ascii_blank}, {"cntrl", iscntrl},
    {"digit", isdigit}, {"graph", isgraph}, {"lower", islower},        {"print", isprint},
    {"punct", ispunct}, {"space", isspace}, {"upper", isupper},        {"xdigit", isxdigit},
};

/* What one element of a pattern (a byte, `?`, a bracket) did with one byte. */
enum outcome { DIFFERENT, SAME, BROKEN };

/* Reads a class name at `at` (behind "[:"). Returns the offset behind ":]", or 0 where there is no such class. */
static size_t match_class(struct str part, size_t at, unsigned char c, bool *found)
{
    struct str rest = str_slice(part, at, part.len);
    size_t len = str_find(rest, STR(":]"));

    if (len == SIZE_MAX) {
        return 0;
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (str_equal(str_slice(rest, 0, len), str_of(classes[i].name))) {
            *found = *found || classes[i].contains(c) != 0;
            return at + len + 2;
        }
    }
    return 0;
}

/* Reads one member byte of a bracket at *at, with its backslash. False at the end of the pattern. */
static bool read_member(struct str part, size_t *at, unsigned char *member)
{
    if (*at < part.len && part.ptr[*at] == '\\') {
        (*at)++;
    }
    if (*at >= part.len) {
        return false;
    }
    *member = (unsigned char)part.ptr[(*at)++];
    return true;
}

/* Matches one byte against the bracket that opens at part.ptr[*at]; moves *at behind it. */
static enum outcome match_bracket(struct str part, size_t *at, unsigned char c)
{
    size_t i = *at + 1;
    bool found = false;
    bool negated = i < part.len && (part.ptr[i] == '!' || part.ptr[i] == '^');

    i += negated;
    for (bool first = true; first || i >= part.len || part.ptr[i] != ']'; first = false) {
        unsigned char low, high;
        if (i + 1 < part.len && part.ptr[i] == '[' && part.ptr[i + 1] == ':') {
            i = match_class(part, i + 2, c, &found);
            if (i == 0) {
                return BROKEN;
            }
            continue;
        }
        if (!read_member(part, &i, &low)) {
            return BROKEN;
        }
        high = low;
        if (i + 1 < part.len && part.ptr[i] == '-' && part.ptr[i + 1] != ']') {
            i++;
            if (!read_member(part, &i, &high)) {
                return BROKEN;
            }
        }
        found = found || c == low || (low <= c && c <= high);
    }
    *at = i + 1;
    return found != negated ? SAME : DIFFERENT;
}

/* Matches one byte against the element at part.ptr[*at], which is no `*`; moves *at behind the element. */
static enum outcome match_one(struct str part, size_t *at, unsigned char c)
{
    switch (part.ptr[*at]) {
    case '?': (*at)++; return SAME;
    case '[': return match_bracket(part, at, c);
    case '\\':
        (*at)++;
        if (*at == part.len) {
            return BROKEN;
        }
        break;
    default: break;
    }
    return (unsigned char)part.ptr[(*at)++] == c ? SAME : DIFFERENT;
}

/* Matches one part of a path, in which there are no slashes. Only the last `*` ever needs another try: what stands
 * before it has matched as early as can be. */
static bool match_part(struct str pattern, struct str name)
{
    size_t p = 0, n = 0;
    size_t star = SIZE_MAX; /* behind the last `*` */
    size_t star_name = 0;   /* where what follows it was last tried */

    while (n < name.len || p < pattern.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = ++p;
            star_name = n;
            continue;
        }
        if (p < pattern.len && n < name.len) {
            enum outcome outcome = match_one(pattern, &p, (unsigned char)name.ptr[n]);
            if (outcome == BROKEN) {
                return false;
            }
            if (outcome == SAME) {
                n++;
                continue;
            }
        }
        if (star == SIZE_MAX || star_name >= name.len) {
            return false;
        }
        p = star;
        n = ++star_name;
    }
    return true;
}

/* The end of the part of a path that begins at `start`. */
static size_t part_end(struct str path, size_t start)
{
    const char *slash = start < path.len ? memchr(path.ptr + start, '/', path.len - start) : NULL;

    return slash != NULL ? (size_t)(slash - path.ptr) : path.len;
}

/* The offset behind the bracket that opens at `at`, or `at` + 1 where it is never closed. */
static size_t bracket_end(struct str pattern, size_t at)
{
    size_t i = at + 1;

    i += i < pattern.len && (pattern.ptr[i] == '!' || pattern.ptr[i] == '^');
    for (bool first = true; i < pattern.len; first = false) {
        struct str rest = str_slice(pattern, i, pattern.len);
        size_t class_end = str_starts(rest, STR("[:")) ? str_find(rest, STR(":]")) : SIZE_MAX;
        if (class_end != SIZE_MAX) {
            i += class_end + 2;
        } else if (pattern.ptr[i] == ']' && !first) {
            return i + 1;
        } else {
            i += pattern.ptr[i] == '\\' ? 2 : 1;
        }
    }
    return at + 1;
}

/* The part of a pattern that begins at `start`, and in *next where the following one begins: one more than the length
 * behind the last one. A slash in brackets does not end a part; a backslash before a slash is dropped. */
static struct str pattern_part(struct str pattern, size_t start, size_t *next)
{
    size_t at = start;

    while (at < pattern.len && pattern.ptr[at] != '/') {
        if (pattern.ptr[at] == '[') {
            at = bracket_end(pattern, at);
        } else if (pattern.ptr[at] == '\\' && at + 1 < pattern.len) {
            if (pattern.ptr[at + 1] == '/') {
                *next = at + 2;
                return str_slice(pattern, start, at);
            }
            at += 2;
        } else {
            at++;
        }
    }
    *next = at + 1;
    return str_slice(pattern, start, at);
}

/* Two or more stars and nothing else. */
static bool is_globstar(struct str part)
{
    size_t stars = 0;

    while (stars < part.len && part.ptr[stars] == '*') {
        stars++;
    }
    return stars == part.len && stars >= 2;
}

/* As match_part, with parts for bytes and `**` for `*`. */
bool glob_match(struct str pattern, struct str path)
{
    size_t p = 0, n = 0;    /* beginnings of the present parts; one more than the length: none is left */
    size_t star = SIZE_MAX; /* behind the last `**` */
    size_t star_path = 0;   /* where what follows it was last tried */

    while (p <= pattern.len || n <= path.len) {
        if (p <= pattern.len) {
            size_t next;
            struct str part = pattern_part(pattern, p, &next);
            if (is_globstar(part)) {
                if (next > pattern.len) {
                    return n <= path.len;
                }
                star = p = next;
                star_path = n;
                continue;
            }
            if (n <= path.len) {
                size_t n_end = part_end(path, n);
                if (match_part(part, str_slice(path, n, n_end))) {
                    p = next;
                    n = n_end + 1;
                    continue;
                }
            }
        }
        if (star == SIZE_MAX || star_path > path.len) {
            return false;
        }
        p = star;
        n = star_path = part_end(path, star_path) + 1;
    }
    return true;
}
