/* The look over the whole text before it is parsed: is it too much for the parser, and does it need the tokenizer? */
#include <stdlib.h>
#include <string.h>

#include "frontend/python/repair_parts.h"

static void refuse(struct repair_survey *survey, struct str reason)
{
    survey->refused = true;
    survey->reason = reason;
}

/* ---- indentations ---- */

/* The grammar's scanner keeps the widths of the open blocks in a fixed buffer and aborts where that is full. Its stack
 * of widths is strictly increasing, so that it is bounded by the number of different widths in the text, read as the
 * scanner reads them: a tab counts 8, and lines of a lone backslash may add up. Sums below the cap cannot exceed it in
 * number; sums above it are refused, as no one writes them. */

struct widths {
    bool seen[UINT16_MAX + 1]; /* by width, as the scanner's 16-bit counter sees it */
    uint32_t distinct;
    uint32_t largest_sum; /* of lines that lone backslashes join */
};

/* The width of the white space at `at`, which is moved behind it. */
static uint32_t width_skip(struct str text, size_t *at)
{
    uint32_t width = 0;

    for (; *at < text.len; ++*at) {
        char c = text.ptr[*at];
        if (c == ' ') {
            width++;
        } else if (c == '\t') {
            width += 8;
        } else if (c == '\f') {
            width = 0;
        } else {
            break;
        }
    }
    return width;
}

/* The offset of the line end from `at` on: of its \r in a text with carriage returns. The text's length where there is
 * none. */
static size_t line_end_from(struct str text, size_t at, bool returns)
{
    if (!returns) {
        const char *feed = memchr(text.ptr + at, '\n', text.len - at);
        return feed != NULL ? (size_t)(feed - text.ptr) : text.len;
    }
    while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
        at++;
    }
    return at;
}

static void widths_read(struct widths *widths, struct str text)
{
    bool returns = text.len > 0 && memchr(text.ptr, '\r', text.len) != NULL;
    uint32_t sum = 0;
    bool joined = false;

    for (size_t at = 0; at < text.len;) {
        uint32_t width = width_skip(text, &at);
        sum = joined ? sum + width : width;
        widths->distinct += !widths->seen[(uint16_t)width]; /* as the 16-bit counter of the scanner sees it */
        widths->seen[(uint16_t)width] = true;
        widths->largest_sum = joined && sum > widths->largest_sum ? sum : widths->largest_sum;
        size_t end = line_end_from(text, at, returns);
        bool two = end + 1 < text.len && text.ptr[end] == '\r' && text.ptr[end + 1] == '\n';
        joined = end == at + 1 && text.ptr[at] == '\\';
        at = end + (two ? 2 : 1);
    }
}

static bool has_too_many_widths(struct str text)
{
    struct widths *widths = memory_new(sizeof *widths);

    widths_read(widths, text);
    bool too_many = widths->largest_sum >= REPAIR_WIDTHS_MAX || widths->distinct > REPAIR_WIDTHS_MAX;
    free(widths);
    return too_many;
}

/* ---- what makes a look at the tokens worth its time ---- */

/* The next place of `part` from `at` on, or SIZE_MAX. */
static size_t find_from(struct str text, size_t at, struct str part)
{
    size_t offset = at < text.len ? str_find(str_slice(text, at, text.len), part) : SIZE_MAX;

    return offset == SIZE_MAX ? SIZE_MAX : at + offset;
}

static bool has_lone_return(struct str text)
{
    const char *end = text.ptr + text.len;

    for (const char *at = text.ptr; at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++) {
        if (at + 1 == end || at[1] != '\n') {
            return true;
        }
    }
    return false;
}

/* Whether only white space stands between the byte at an offset and the start of its line or a `;` or `:`. */
static bool begins_statement(struct str text, size_t offset)
{
    while (offset > 0 &&
           (text.ptr[offset - 1] == ' ' || text.ptr[offset - 1] == '\t' || text.ptr[offset - 1] == '\f')) {
        offset--;
    }
    return offset == 0 || strchr("\n\r;:", text.ptr[offset - 1]) != NULL;
}

/* Whether a statement may begin with `word` followed by one of `followers`, or by a backslash. */
static bool has_statement(struct str text, struct str word, const char *followers, bool space)
{
    for (size_t at = find_from(text, 0, word); at != SIZE_MAX; at = find_from(text, at + word.len, word)) {
        size_t next = at + word.len;
        bool spaced = false;
        while (next < text.len && (text.ptr[next] == ' ' || text.ptr[next] == '\t')) {
            spaced = true;
            next++;
        }
        char c = next < text.len ? text.ptr[next] : '\0';
        if (((c != '\0' && strchr(followers, c) != NULL) || (space && spaced) || c == '\\') &&
            begins_statement(text, at)) {
            return true;
        }
    }
    return false;
}

/* How far before a `:=` the brace of its replacement field is looked for. */
#define FIELD_LOOK_BACK 256

static bool has_field_assignment(struct str text)
{
    for (size_t at = find_from(text, 0, STR(":=")); at != SIZE_MAX; at = find_from(text, at + 2, STR(":="))) {
        size_t from = at > FIELD_LOOK_BACK ? at - FIELD_LOOK_BACK : 0;
        if (memchr(text.ptr + from, '{', at - from) != NULL) {
            return true;
        }
    }
    return false;
}

/* The deepest nesting of brackets when those in strings and comments count, too: an estimate. */
static uint32_t depth_estimate(struct str text)
{
    uint32_t depth = 0, deepest = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '(' || c == '[' || c == '{') {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

/* ---- literals too large to parse ---- */

/* An open bracket that may be a literal of constants. */
struct open_literal {
    uint32_t start;       /* its bracket */
    uint32_t first_end;   /* behind what is kept: its first string, or its first element and comma; 0: not known */
    bool comma;           /* the first comma was seen */
    uint32_t kept_tokens; /* tokens to parse that came before it */
    bool constant;        /* nothing else than constants so far */
};

/* What is kept of a first element, at most. */
#define FIRST_ELEMENT_MAX 4096u

struct token_survey {
    struct repair_survey *survey;
    struct arena *arena;
    struct str text;
    struct open_literal open[TOK_FRAMES_MAX + 1]; /* by depth */
    struct token before;                          /* the last token that is no trivia */
    uint32_t kept_tokens;
};

/* Whether a bracket behind this token is a display or a parenthesis, not a call or subscript. */
static bool token_precedes_literal(const struct token *token)
{
    switch (token->kind) {
    case TOK_NAME: return token->word == TOK_RETURN || token->word == TOK_IN || token->word == TOK_ELSE;
    case TOK_NUMBER:
    case TOK_STRING:
    case TOK_TEXT_CLOSE:
    case TOK_CLOSE: return false;
    default: return true;
    }
}

static bool token_is_constant(struct str text, const struct token *token)
{
    switch (token->kind) {
    case TOK_NAME:
        return token_is(text, token, "None") || token_is(text, token, "True") || token_is(text, token, "False");
    case TOK_OPERATOR:
        return token_is(text, token, ",") || token_is(text, token, ":") || token_is(text, token, "-") ||
               token_is(text, token, "+");
    case TOK_STRAY: return false;
    default: return true;
    }
}

static void literal_blank(struct token_survey *all, const struct open_literal *literal, uint32_t close)
{
    struct repair_survey *survey = all->survey;
    uint32_t from = literal->first_end != 0 ? literal->first_end : literal->start + 1;
    struct repair_note note = {
        .offset = literal->start,
        .message = arena_printf(all->arena, "a literal of %u bytes is left out but for its first element",
                                close + 1 - literal->start),
    };

    /* The literals inside of this one are gone with it. */
    while (survey->blanked.list.len > 0 && vec_last(&survey->blanked.list).start > literal->start) {
        (void)vec_pop(&survey->blanked.list);
        (void)vec_pop(&survey->notes);
    }
    repair_edit_blank(&survey->blanked, from, close);
    vec_push(&survey->notes, note);
    all->kept_tokens = literal->kept_tokens;
}

/* Follows the brackets through one more token. */
static void literal_follow(struct token_survey *all, const struct token *token)
{
    struct open_literal *literal = &all->open[token->depth];

    if (token->kind == TOK_OPEN) {
        *literal = (struct open_literal){.start = token->start,
                                         .kept_tokens = all->kept_tokens,
                                         .constant = !token->field && token_precedes_literal(&all->before)};
        return;
    }
    if (token->depth == 0) {
        return;
    }
    literal->constant &= token_is_constant(all->text, token);
    bool first_string = token->kind == TOK_STRING && all->before.start == literal->start;
    bool first_comma = !literal->comma && token_is(all->text, token, ",");
    if ((first_string || first_comma) && token->end - literal->start <= FIRST_ELEMENT_MAX) {
        literal->first_end = token->end;
    }
    literal->comma |= first_comma;
    if (token->kind == TOK_CLOSE) {
        if (literal->constant && token->end - literal->start >= REPAIR_LITERAL_MAX) {
            literal_blank(all, literal, token->start);
        }
        all->open[token->depth - 1].constant &= literal->constant;
    }
}

static void survey_tokens(struct repair_survey *survey, struct str text, struct arena *arena)
{
    struct tokenizer *tokens = memory_new(sizeof *tokens);
    struct token_survey *all = memory_new(sizeof *all);
    struct token token;

    *all = (struct token_survey){.survey = survey, .arena = arena, .text = text};
    all->before.kind = TOK_NEWLINE;
    tokenizer_init(tokens, text);
    do {
        token = tokenizer_next(tokens);
        if (!token_is_trivia(&token)) {
            all->kept_tokens++;
            literal_follow(all, &token);
            all->before = token;
        }
    } while (token.kind != TOK_END);
    if (tokens->deepest > REPAIR_DEPTH_MAX) {
        refuse(survey,
               arena_printf(arena, "brackets nest deeper than the %u levels that are parsed", REPAIR_DEPTH_MAX));
    } else if (tokens->unclosed > REPAIR_UNCLOSED_MAX) {
        refuse(survey, arena_printf(arena, "more than %u brackets are never closed", REPAIR_UNCLOSED_MAX));
    } else if (all->kept_tokens > REPAIR_TOKENS_MAX) {
        refuse(survey, arena_printf(arena, "it has more than the %u tokens that are parsed", REPAIR_TOKENS_MAX));
    }
    free(all);
    free(tokens);
}

/* ---- both ---- */

void repair_survey(struct repair_survey *survey, struct str text, struct arena *arena)
{
    *survey = (struct repair_survey){0};
    if (text.len > REPAIR_BYTES_MAX) {
        refuse(survey, arena_printf(arena, "it has more than the %zu bytes that are parsed", REPAIR_BYTES_MAX));
        return;
    }
    if (has_too_many_widths(text)) {
        refuse(survey,
               arena_printf(arena, "its lines begin with more than %u different indentations", REPAIR_WIDTHS_MAX));
        return;
    }
    survey->tokenize = has_lone_return(text) || has_statement(text, STR("type"), "([", false) ||
                       has_statement(text, STR("lazy"), "", true) || has_field_assignment(text);
    if (text.len >= REPAIR_LITERAL_MAX || depth_estimate(text) > REPAIR_DEPTH_MAX) {
        survey_tokens(survey, text, arena);
    }
}

void repair_survey_release(struct repair_survey *survey)
{
    vec_release(&survey->blanked.list);
    vec_release(&survey->notes);
}
