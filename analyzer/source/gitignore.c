#include "source/gitignore.h"

#include <string.h>

#include "base/vec.h"
#include "source/glob.h"

struct pattern {
    struct str glob; /* without the leading `!` and `/` and the trailing `/` */
    bool negated;    /* re-includes what it matches */
    bool folders_only;
    bool anchored; /* matches the whole path; else its last part */
};

struct gitignore {
    const struct pattern *patterns; /* in the order of the file */
    size_t count;
};

typedef VEC(struct pattern) pattern_list;

static bool is_escaped(struct str s, size_t at)
{
    size_t backslashes = 0;

    while (at > backslashes && s.ptr[at - backslashes - 1] == '\\') {
        backslashes++;
    }
    return backslashes % 2 == 1;
}

/* Blanks at the end do not count unless a backslash stands before them. */
static struct str trim_end(struct str line)
{
    while (line.len > 0 && line.ptr[line.len - 1] == ' ' && !is_escaped(line, line.len - 1)) {
        line.len--;
    }
    return line;
}

static void add_pattern(struct arena *arena, pattern_list *list, struct str text)
{
    struct pattern pattern = {0};

    if (str_starts(text, STR("!"))) {
        pattern.negated = true;
        text = str_slice(text, 1, text.len);
    }
    if (str_ends(text, STR("/")) && !is_escaped(text, text.len - 1)) {
        pattern.folders_only = true;
        text.len--;
    }
    pattern.anchored = memchr(text.ptr, '/', text.len) != NULL;
    if (str_starts(text, STR("/"))) {
        text = str_slice(text, 1, text.len);
    }
    if (text.len > 0) {
        pattern.glob = arena_str(arena, text);
        vec_push(list, pattern);
    }
}

static struct gitignore *finish(struct arena *arena, pattern_list *list)
{
    struct gitignore *result = arena_alloc(arena, sizeof *result);

    if (list->len > 0) {
        struct pattern *patterns = arena_array(arena, list->len, sizeof *patterns);
        memcpy(patterns, list->data, list->len * sizeof *patterns);
        *result = (struct gitignore){patterns, list->len};
    }
    vec_release(list);
    return result;
}

struct gitignore *gitignore_parse(struct arena *arena, struct str text)
{
    pattern_list list = {0};

    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        text = str_slice(text, 3, text.len);
    }
    for (size_t start = 0; start < text.len;) {
        const char *newline = memchr(text.ptr + start, '\n', text.len - start);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        struct str line = str_slice(text, start, end);
        start = end + 1;
        if (newline != NULL && str_ends(line, STR("\r"))) {
            line.len--;
        }
        if (line.len > 0 && line.ptr[0] != '#') {
            add_pattern(arena, &list, trim_end(line));
        }
    }
    return finish(arena, &list);
}

struct gitignore *gitignore_from_list(struct arena *arena, const struct str *patterns, size_t count)
{
    pattern_list list = {0};

    for (size_t i = 0; i < count; i++) {
        add_pattern(arena, &list, patterns[i]);
    }
    return finish(arena, &list);
}

enum gitignore_verdict gitignore_match(const struct gitignore *patterns, struct str path, bool is_folder)
{
    size_t slash = str_rfind_char(path, '/');
    struct str name = slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.len);

    for (size_t i = patterns->count; i-- > 0;) {
        const struct pattern *pattern = &patterns->patterns[i];
        if ((is_folder || !pattern->folders_only) && glob_match(pattern->glob, pattern->anchored ? path : name)) {
            return pattern->negated ? GITIGNORE_INCLUDED : GITIGNORE_IGNORED;
        }
    }
    return GITIGNORE_NO_MATCH;
}
