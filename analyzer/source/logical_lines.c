#include "source/logical_lines.h"

#include <string.h>

/* What is open at the end of a physical line. */
struct state {
    uint32_t depth; /* brackets */
    char quote;     /* of the string that goes on in the next line; '\0': none */
    bool triple;    /* it has three quotes */
};

/* Words that begin statements and never stand in an expression: a bracket still open there was never closed. */
static const char *const statement_words[] = {
    "assert", "break",    "class", "continue", "def", "del",   "global", "import",
    "pass",   "nonlocal", "raise", "return",   "try", "while", "with",
};

static bool begins_statement(struct str line)
{
    size_t from = 0, to;

    while (from < line.len && (line.ptr[from] == ' ' || line.ptr[from] == '\t')) {
        from++;
    }
    for (to = from; to < line.len && str_is_name_byte(line.ptr[to]); to++) {
    }
    for (size_t i = 0; i < sizeof statement_words / sizeof *statement_words; i++) {
        if (str_equal(str_slice(line, from, to), str_of(statement_words[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_triple(struct str line, size_t at)
{
    return at + 2 < line.len && line.ptr[at + 1] == line.ptr[at] && line.ptr[at + 2] == line.ptr[at];
}

/* Goes on in an open string; returns the offset behind its end, or the line's length. */
static size_t scan_string(struct state *state, struct str line, size_t at, bool *joined)
{
    for (; at < line.len; at++) {
        if (line.ptr[at] == '\\') {
            *joined = at + 1 == line.len;
            at++;
        } else if (line.ptr[at] == state->quote && (!state->triple || is_triple(line, at))) {
            at += state->triple ? 3 : 1;
            state->quote = '\0';
            return at;
        }
    }
    return line.len;
}

/* Reads one physical line without its end; returns whether the next one belongs to it. */
static bool scan_line(struct state *state, struct str line)
{
    bool joined = false;

    for (size_t at = 0; at < line.len;) {
        char c = line.ptr[at];
        if (state->quote != '\0') {
            at = scan_string(state, line, at, &joined);
        } else if (c == '#') {
            break;
        } else if (c == '"' || c == '\'') {
            state->quote = c;
            state->triple = is_triple(line, at);
            at += state->triple ? 3 : 1;
        } else {
            joined = c == '\\' && at + 1 == line.len;
            if (c == '(' || c == '[' || c == '{') {
                state->depth++;
            } else if ((c == ')' || c == ']' || c == '}') && state->depth > 0) {
                state->depth--;
            }
            at++;
        }
    }
    if (state->quote != '\0' && !state->triple && !joined) {
        state->quote = '\0'; /* never closed: it ends with its line */
    }
    return state->depth > 0 || state->quote != '\0' || joined;
}

/* The present logical line goes from *start to `end`; the next one begins behind it. */
static void end_line(uint32_t *first, uint32_t *last, uint32_t *start, uint32_t end)
{
    for (uint32_t i = *start; i <= end; i++) {
        first[i] = *start;
        last[i] = end;
    }
    *start = end + 1;
}

struct logical_lines logical_lines_of(struct arena *arena, const struct source_file *file)
{
    uint32_t *first = arena_array(arena, (size_t)file->line_count + 1, sizeof *first);
    uint32_t *last = arena_array(arena, (size_t)file->line_count + 1, sizeof *last);
    struct state state = {0};
    uint32_t start = 1;

    for (uint32_t line = 1; line <= file->line_count; line++) {
        struct str text = source_line(file, line);
        if (state.quote == '\0' && state.depth > 0 && begins_statement(text)) {
            state.depth = 0;
            end_line(first, last, &start, line - 1);
        }
        if (!scan_line(&state, text) || line == file->line_count) {
            end_line(first, last, &start, line);
        }
    }
    return (struct logical_lines){first, last, file->line_count};
}

/* Whether a line holds no code: it is empty, or a comment. */
static bool is_empty_line(const struct source_file *file, uint32_t line)
{
    struct str text = str_trim(source_line(file, line));

    return text.len == 0 || text.ptr[0] == '#';
}

uint32_t logical_lines_meant(const struct logical_lines *lines, const struct source_file *file, uint32_t line)
{
    uint32_t at = line;
    bool inside = lines->first[line] != lines->last[line]; /* of a statement of several lines */

    if (inside || !is_empty_line(file, line)) {
        return line;
    }
    while (at <= file->line_count && is_empty_line(file, at)) {
        at++;
        while (at <= file->line_count && str_starts(str_trim(source_line(file, at)), STR("@"))) {
            at = lines->last[at] + 1;
        }
    }
    return at <= file->line_count ? at : line;
}
