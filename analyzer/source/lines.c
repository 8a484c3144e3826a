#include "source/lines.h"

#include <string.h>

#include "base/vec.h"
#include "source/utf8.h"

/* The offset behind the next line end from an offset on, or 0 where there is none. */
static size_t line_after(struct str text, size_t from, bool returns)
{
    for (size_t i = from; returns && i < text.len; i++) {
        if (text.ptr[i] == '\n' || (text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n'))) {
            return i + 1;
        }
    }
    const char *feed = !returns && from < text.len ? memchr(text.ptr + from, '\n', text.len - from) : NULL;
    return feed != NULL ? (size_t)(feed - text.ptr) + 1 : 0;
}

void lines_index(struct source_file *file)
{
    struct str text = file->text;
    bool returns = text.len > 0 && memchr(text.ptr, '\r', text.len) != NULL;
    VEC(uint32_t) starts = {0};

    vec_reserve(&starts, text.len / 32 + 1);
    vec_push(&starts, 0);
    for (size_t at = 0; (at = line_after(text, at, returns)) != 0;) {
        vec_push(&starts, (uint32_t)at);
    }
    file->line_starts = starts.data;
    file->line_count = (uint32_t)starts.len;
}

uint32_t lines_find(const struct source_file *file, uint32_t offset)
{
    uint32_t low = 0, high = file->line_count;

    /* The last line that starts at or before the offset lies in [low, high). */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (file->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + 1;
}

struct source_position source_position_at(const struct source_file *file, uint32_t offset)
{
    if (offset > file->text.len) {
        offset = (uint32_t)file->text.len;
    }
    uint32_t line = lines_find(file, offset);
    struct str before = str_slice(file->text, file->line_starts[line - 1], offset);

    return (struct source_position){line, (uint32_t)utf8_count(before) + 1};
}

struct str source_line(const struct source_file *file, uint32_t line)
{
    if (line == 0 || line > file->line_count) {
        return STR("");
    }
    size_t start = file->line_starts[line - 1];
    size_t end = line < file->line_count ? file->line_starts[line] : file->text.len;
    struct str text = str_slice(file->text, start, end);

    if (str_ends(text, STR("\n"))) {
        text.len--;
    }
    if (str_ends(text, STR("\r"))) {
        text.len--;
    }
    return text;
}
