#include "source/encoding.h"

#include <string.h>

/* The longest short name in the table, and some room: a longer one is not in it. */
enum { SHORT_NAME_MAX = 32 };

struct entry {
    const char *name;       /* short form of the codec's name */
    const char *iconv_name; /* what iconv calls it; empty: decoded here */
    const char *aliases;    /* other short forms, separated by blanks */
};

static const struct entry entries[] = {
#define ENCODING(name, iconv_name, aliases) {name, iconv_name, aliases},
#include "source/encodings.def"
#undef ENCODING
};

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Lower case, letters and digits only. False where it does not fit. */
static bool short_name(struct str name, char out[SHORT_NAME_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_ascii_letter(c) && !is_digit(c)) {
            continue;
        }
        if (len == SHORT_NAME_MAX - 1) {
            return false;
        }
        out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[len] = '\0';
    return len > 0;
}

static bool alias_listed(const char *aliases, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = strstr(aliases, name); at != NULL; at = strstr(at + 1, name)) {
        if ((at == aliases || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* CPython's tokenizer takes everything that begins so for UTF-8 or Latin-1 ("utf-8-unix", "latin-1-dos"). */
static const char *by_prefix(const char *name)
{
    if (strncmp(name, "utf8", 4) == 0) {
        return "utf8";
    }
    for (size_t i = 0; i < 3; i++) {
        const char *prefix = (const char *const[]){"latin1", "iso88591", "isolatin1"}[i];
        size_t len = strlen(prefix);
        if (strncmp(name, prefix, len) == 0 && is_ascii_letter(name[len])) {
            return "latin1";
        }
    }
    return name;
}

bool encoding_find(struct str name, struct encoding *found)
{
    char wanted[SHORT_NAME_MAX] = "";

    if (!short_name(name, wanted)) {
        return false;
    }
    const char *known = by_prefix(wanted);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        const struct entry *entry = &entries[i];
        if (strcmp(entry->name, known) != 0 && !alias_listed(entry->aliases, known)) {
            continue;
        }
        *found = (struct encoding){ENCODING_ICONV, entry->iconv_name};
        if (*entry->iconv_name == '\0') {
            found->iconv_name = NULL;
            found->kind = entry->name[0] == 'u'   ? ENCODING_UTF8
                          : entry->name[0] == 'a' ? ENCODING_ASCII
                                                  : ENCODING_LATIN1;
        }
        return true;
    }
    return false;
}

/* What a line declares; empty where nothing. The form is `#.*?coding[:=][ \t]*([-\w.]+)` after white space. */
static struct str line_declares(struct str line)
{
    size_t at = 0;

    while (at < line.len && strchr(" \t\f", line.ptr[at]) != NULL && line.ptr[at] != '\0') {
        at++;
    }
    if (at == line.len || line.ptr[at] != '#') {
        return STR("");
    }
    for (struct str rest = str_slice(line, at, line.len);;) {
        size_t found = str_find(rest, STR("coding"));
        if (found == SIZE_MAX) {
            return STR("");
        }
        rest = str_slice(rest, found + strlen("coding"), rest.len);
        if (rest.len == 0 || (rest.ptr[0] != ':' && rest.ptr[0] != '=')) {
            continue;
        }
        size_t start = 1;
        while (start < rest.len && (rest.ptr[start] == ' ' || rest.ptr[start] == '\t')) {
            start++;
        }
        size_t end = start;
        while (end < rest.len && (is_ascii_letter(rest.ptr[end]) || is_digit(rest.ptr[end]) || rest.ptr[end] == '-' ||
                                  rest.ptr[end] == '_' || rest.ptr[end] == '.')) {
            end++;
        }
        if (end > start) {
            return str_slice(rest, start, end);
        }
    }
}

/* Whether a line holds nothing but white space or a comment: only then may the next one declare an encoding. */
static bool line_is_blank(struct str line)
{
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (c == '#') {
            return true;
        }
        if (c != ' ' && c != '\t' && c != '\f') {
            return false;
        }
    }
    return true;
}

struct str encoding_declared(struct str bytes, uint32_t *line)
{
    size_t start = 0;

    for (*line = 1; *line <= 2; (*line)++) {
        size_t end = start;
        while (end < bytes.len && bytes.ptr[end] != '\n' && bytes.ptr[end] != '\r') {
            end++;
        }
        struct str text = str_slice(bytes, start, end);
        struct str name = line_declares(text);
        if (name.len > 0) {
            return name;
        }
        if (!line_is_blank(text)) {
            break;
        }
        start = end + 1;
        if (end + 1 < bytes.len && bytes.ptr[end] == '\r' && bytes.ptr[end + 1] == '\n') {
            start++;
        }
    }
    *line = 0;
    return STR("");
}
