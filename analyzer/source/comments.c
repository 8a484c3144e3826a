#include "source/comments.h"

#include <string.h>

#include "base/vec.h"

/* More items in one comment than this are not read. */
enum { ITEMS_MAX = 64 };

/* A text that is read from the left. */
struct reader {
    struct str rest;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip(struct reader *reader, size_t count)
{
    reader->rest = str_slice(reader->rest, count, reader->rest.len);
}

static void skip_blanks(struct reader *reader)
{
    while (reader->rest.len > 0 && is_blank(reader->rest.ptr[0])) {
        skip(reader, 1);
    }
}

static bool take_char(struct reader *reader, char c)
{
    skip_blanks(reader);
    if (reader->rest.len == 0 || reader->rest.ptr[0] != c) {
        return false;
    }
    skip(reader, 1);
    return true;
}

/* Takes a word, in any case, that no further letter, digit or dash follows. `word` is in lower case. */
static bool take_word(struct reader *reader, struct str word)
{
    skip_blanks(reader);
    if (reader->rest.len < word.len) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        char c = reader->rest.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word.ptr[i]) {
            return false;
        }
    }
    if (reader->rest.len > word.len &&
        (str_is_name_byte(reader->rest.ptr[word.len]) || reader->rest.ptr[word.len] == '-')) {
        return false;
    }
    skip(reader, word.len);
    return true;
}

static struct directive with_items(struct arena *arena, enum directive_kind kind, const struct str *items, size_t count)
{
    struct str *copy = arena_array(arena, count + 1, sizeof *copy);

    if (count > 0) {
        memcpy(copy, items, count * sizeof *items);
    }
    return (struct directive){.kind = kind, .items = copy, .item_count = (uint32_t)count};
}

/* Reads items that commas separate, up to a closing bracket. False where it is missing or an item is empty. */
static bool take_list(struct reader *reader, struct arena *arena, char close, enum directive_kind kind,
                      struct directive *directive)
{
    const char *end = memchr(reader->rest.ptr, close, reader->rest.len);
    struct str items[ITEMS_MAX];
    size_t count = 0;

    if (end == NULL) {
        return false;
    }
    struct str list = str_slice(reader->rest, 0, (size_t)(end - reader->rest.ptr));
    skip(reader, list.len + 1);
    for (size_t start = 0; start <= list.len;) {
        const char *comma = start < list.len ? memchr(list.ptr + start, ',', list.len - start) : NULL;
        size_t stop = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        struct str item = str_trim(str_slice(list, start, stop));
        start = stop + 1;
        if (item.len == 0 || count == ITEMS_MAX) {
            return false;
        }
        items[count++] = item;
    }
    *directive = with_items(arena, kind, items, count);
    return true;
}

/* What stands behind "racelint:". */
static struct directive read_racelint(struct reader reader, struct arena *arena)
{
    struct str all = str_trim(reader.rest);
    struct directive directive = {0};

    if (take_word(&reader, STR("skip-file"))) {
        return (struct directive){.kind = DIRECTIVE_SKIP_FILE};
    }
    if (take_word(&reader, STR("ignore"))) {
        if (!take_char(&reader, '[')) {
            directive.kind = DIRECTIVE_IGNORE;
        } else if (!take_list(&reader, arena, ']', DIRECTIVE_IGNORE, &directive)) {
            return with_items(arena, DIRECTIVE_MALFORMED, &all, 1);
        }
        directive.reason = str_trim(reader.rest);
        return directive;
    }
    if (take_word(&reader, STR("requires")) && take_char(&reader, '(') &&
        take_list(&reader, arena, ')', DIRECTIVE_REQUIRES, &directive)) {
        return directive;
    }
    return with_items(arena, DIRECTIVE_MALFORMED, &all, 1);
}

/* Takes a rule code of any tool: letters, then digits. */
static bool take_code(struct reader *reader, struct str *code)
{
    size_t letters = 0, len;

    skip_blanks(reader);
    while (letters < reader->rest.len && is_letter(reader->rest.ptr[letters])) {
        letters++;
    }
    len = letters;
    while (len < reader->rest.len && reader->rest.ptr[len] >= '0' && reader->rest.ptr[len] <= '9') {
        len++;
    }
    if (letters == 0 || len == letters || (len < reader->rest.len && str_is_name_byte(reader->rest.ptr[len]))) {
        return false;
    }
    *code = str_slice(reader->rest, 0, len);
    skip(reader, len);
    return true;
}

/* What stands behind "noqa". False where no codes do. */
static bool read_noqa(struct reader reader, struct arena *arena, struct directive *directive)
{
    struct str codes[ITEMS_MAX];
    size_t count = 0;

    if (!take_char(&reader, ':')) {
        return false;
    }
    while (count < ITEMS_MAX && take_code(&reader, &codes[count])) {
        count++;
        take_char(&reader, ',');
    }
    *directive = with_items(arena, DIRECTIVE_NOQA, codes, count);
    return count > 0;
}

/* What stands behind "guarded by". Prose ("guarded by the lock of …") is told by the word that follows the name. */
static bool read_guarded_by(struct reader reader, struct arena *arena, struct directive *directive)
{
    bool quoted, closed;
    size_t len = 0;

    take_char(&reader, ':');
    quoted = take_char(&reader, '`');
    skip_blanks(&reader);
    while (len < reader.rest.len && (str_is_name_byte(reader.rest.ptr[len]) ||
                                     (len > 0 && reader.rest.ptr[len] == '.' && len + 1 < reader.rest.len &&
                                      str_is_name_byte(reader.rest.ptr[len + 1])))) {
        len++;
    }
    struct str name = str_slice(reader.rest, 0, len);
    skip(&reader, len);
    closed = !quoted || take_char(&reader, '`');
    skip_blanks(&reader);
    if (len == 0 || !closed || (reader.rest.len > 0 && str_is_name_byte(reader.rest.ptr[0]))) {
        return false;
    }
    *directive = with_items(arena, DIRECTIVE_GUARDED_BY, &name, 1);
    return true;
}

/* One stretch of a comment, behind a '#' and up to the next one. False where it says nothing to racelint, as its first
 * letter tells of most. */
static bool read_part(struct str part, struct arena *arena, struct directive *directive)
{
    struct reader reader = {part};

    skip_blanks(&reader);
    switch (reader.rest.len > 0 ? reader.rest.ptr[0] : '\0') {
    case 'r':
    case 'R':
        if (!take_word(&reader, STR("racelint")) || !take_char(&reader, ':')) {
            return false;
        }
        *directive = read_racelint(reader, arena);
        return true;
    case 'n':
    case 'N': return take_word(&reader, STR("noqa")) && read_noqa(reader, arena, directive);
    case 'g':
    case 'G':
        return (take_word(&reader, STR("guarded-by")) ||
                (take_word(&reader, STR("guarded")) && take_word(&reader, STR("by")))) &&
               read_guarded_by(reader, arena, directive);
    default: return false;
    }
}

uint32_t comment_directives(struct str comment, struct arena *arena, const struct directive **directives)
{
    VEC(struct directive) found = {0};
    struct directive *copy = NULL;
    uint32_t count;

    for (size_t start = 0; start < comment.len;) {
        const char *hash = memchr(comment.ptr + start, '#', comment.len - start);
        size_t stop = hash != NULL ? (size_t)(hash - comment.ptr) : comment.len;
        struct directive directive;
        if (read_part(str_slice(comment, start, stop), arena, &directive)) {
            vec_push(&found, directive);
        }
        start = stop + 1;
    }
    count = (uint32_t)found.len;
    if (count > 0) {
        copy = arena_array(arena, count, sizeof *copy);
        memcpy(copy, found.data, count * sizeof *copy);
    }
    *directives = copy;
    vec_release(&found);
    return count;
}
