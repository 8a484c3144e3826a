/* The repairs, one function each: it looks through the tokens of one statement and adds the edits that it wants. No
 * edit may blank the first token of a line outside of brackets: that would change its indentation. */
#include <string.h>

#include "frontend/python/repair_parts.h"

/* ---- edits ---- */

static void edit_add(struct repair_edits *edits, struct repair_edit edit)
{
    if (edit.end > edit.start && edits->list.len < REPAIR_EDITS_MAX) {
        vec_push(&edits->list, edit);
    }
}

void repair_edit_blank(struct repair_edits *edits, uint32_t start, uint32_t end)
{
    edit_add(edits, (struct repair_edit){start, end, NULL, ' '});
}

/* Makes an error of them: bytes that begin no token. */
static void repair_edit_spoil(struct repair_edits *edits, uint32_t start, uint32_t end)
{
    edit_add(edits, (struct repair_edit){start, end, NULL, '$'});
}

static void repair_edit_put(struct repair_edits *edits, uint32_t start, const char *with)
{
    edit_add(edits, (struct repair_edit){start, start + (uint32_t)strlen(with), with, 0});
}

/* ---- walking through a statement ---- */

static const struct token no_token = {.kind = TOK_END};

/* The token at an index, or one of kind TOK_END. */
static const struct token *token_at(const struct repair_statement *in, size_t index)
{
    return index < in->count ? &in->tokens[index] : &no_token;
}

/* The index of the next token from `index` on that is neither trivia nor the edge of a block. */
static size_t solid_from(const struct repair_statement *in, size_t index)
{
    while (index < in->count && (token_is_trivia(&in->tokens[index]) || in->tokens[index].kind == TOK_INDENT ||
                                 in->tokens[index].kind == TOK_DEDENT)) {
        index++;
    }
    return index;
}

static bool is_operator(const struct repair_statement *in, const struct token *token, const char *bytes)
{
    return token->kind == TOK_OPERATOR && token_is(in->text, token, bytes);
}

static bool is_bracket(const struct repair_statement *in, const struct token *token, char bracket)
{
    return (token->kind == TOK_OPEN || token->kind == TOK_CLOSE) && in->text.ptr[token->start] == bracket;
}

/* The bracket that a token opens, and the one that closes it. */
static const char *opening_text(const struct repair_statement *in, const struct token *open)
{
    return is_bracket(in, open, '(') ? "(" : is_bracket(in, open, '[') ? "[" : "{";
}

static const char *closing_text(const struct repair_statement *in, const struct token *open)
{
    return is_bracket(in, open, '(') ? ")" : is_bracket(in, open, '[') ? "]" : "}";
}

/* Whether a simple statement may begin behind this token. */
static bool begins_simple_statement(const struct repair_statement *in, const struct token *before)
{
    return before->kind == TOK_END ||
           (before->depth == 0 && (is_operator(in, before, ";") || is_operator(in, before, ":")));
}

/* The index of the bracket that closes the one at `open`; the statement's end where there is none. */
static size_t closer_of(const struct repair_statement *in, size_t open)
{
    size_t index = open + 1;

    while (index < in->count &&
           !(in->tokens[index].kind == TOK_CLOSE && in->tokens[index].depth == in->tokens[open].depth)) {
        index++;
    }
    return index;
}

/* ---- certain repairs ---- */

static void find_lone_returns(const struct repair_statement *in)
{
    const char *text = in->text.ptr;

    for (size_t i = 0; i < in->count; i++) {
        for (uint32_t at = in->tokens[i].start; at < in->tokens[i].end; at++) {
            if (text[at] == '\r' && (at + 1 == in->text.len || text[at + 1] != '\n')) {
                repair_edit_put(in->edits, at, "\n");
            }
        }
    }
}

static void find_type_calls(const struct repair_statement *in)
{
    const struct token *before = &no_token;

    for (size_t i = solid_from(in, 0); i < in->count; i = solid_from(in, i + 1)) {
        const struct token *token = &in->tokens[i];
        const struct token *next = token_at(in, solid_from(in, i + 1));
        if (token->word == TOK_TYPE && begins_simple_statement(in, before) &&
            (is_bracket(in, next, '(') || is_bracket(in, next, '['))) {
            repair_edit_put(in->edits, token->start, "typ_");
        }
        before = token;
    }
}

static void find_lazy_imports(const struct repair_statement *in)
{
    const struct token *before = &no_token;

    for (size_t i = solid_from(in, 0); i < in->count; i = solid_from(in, i + 1)) {
        const struct token *token = &in->tokens[i];
        const struct token *next = token_at(in, solid_from(in, i + 1));
        if (token->word == TOK_LAZY && begins_simple_statement(in, before) &&
            (next->word == TOK_IMPORT || next->word == TOK_FROM)) {
            const char *keyword = next->word == TOK_IMPORT ? "import" : "from";
            uint32_t end = token->start + (next->end - next->start);
            repair_edit_put(in->edits, token->start, keyword);
            repair_edit_blank(in->edits, end, next->end);
        }
        before = token;
    }
}

static void find_field_specifiers(const struct repair_statement *in)
{
    for (size_t i = 0; i + 1 < in->count; i++) {
        const struct token *next = &in->tokens[i + 1];
        if (in->tokens[i].field && is_operator(in, &in->tokens[i], ":") && next->kind == TOK_TEXT &&
            in->text.ptr[next->start] == '=') {
            repair_edit_blank(in->edits, next->start, next->start + 1);
        }
    }
}

/* ---- repairs where error nodes are ---- */

/* Blanks the defaults in the type parameters whose bracket is at `open`. */
static void blank_type_defaults(const struct repair_statement *in, size_t open)
{
    size_t close = closer_of(in, open);
    uint16_t depth = in->tokens[open].depth;
    uint32_t from = 0;

    for (size_t i = open + 1; i <= close && i < in->count; i++) {
        const struct token *token = &in->tokens[i];
        if (token->depth != depth) {
            continue;
        }
        if (from != 0 && (i == close || is_operator(in, token, ","))) {
            repair_edit_blank(in->edits, from, token->start);
            from = 0;
        } else if (from == 0 && is_operator(in, token, "=")) {
            from = token->start;
        }
    }
}

static void find_type_defaults(const struct repair_statement *in)
{
    for (size_t i = solid_from(in, 0); i < in->count; i = solid_from(in, i + 1)) {
        uint8_t word = in->tokens[i].word;
        size_t name = solid_from(in, i + 1);
        size_t open = solid_from(in, name + 1);
        if ((word == TOK_CLASS || word == TOK_DEF || word == TOK_TYPE) && in->tokens[i].depth == 0 &&
            token_at(in, name)->kind == TOK_NAME && is_bracket(in, token_at(in, open), '[')) {
            blank_type_defaults(in, open);
        }
    }
}

/* Of `**d` the second star may stay where the grammar takes it: before a name. So the loop over d is still seen. */
static void blank_unpacking(const struct repair_statement *in, size_t star)
{
    const struct token *token = &in->tokens[star];
    const struct token *operand = token_at(in, solid_from(in, star + 1));
    bool name = operand->kind == TOK_NAME && operand->word != TOK_AWAIT && operand->word != TOK_LAMBDA;
    bool twice = token->end - token->start == 2;

    if (!name || twice) {
        repair_edit_blank(in->edits, token->start, name ? token->end - 1 : token->end);
    }
}

static void find_unpacking_comprehensions(const struct repair_statement *in)
{
    /* By depth: the index + 1 of the star that its bracket begins with; 0: it begins otherwise. */
    uint32_t stars[TOK_FRAMES_MAX + 1] = {0};

    for (size_t i = solid_from(in, 0); i < in->count; i = solid_from(in, i + 1)) {
        const struct token *token = &in->tokens[i];
        if (token->kind == TOK_OPEN) {
            size_t next = solid_from(in, i + 1);
            bool star = is_operator(in, token_at(in, next), "*") || is_operator(in, token_at(in, next), "**");
            stars[token->depth] = star ? (uint32_t)next + 1 : 0;
        } else if (token->word == TOK_FOR && stars[token->depth] != 0) {
            blank_unpacking(in, stars[token->depth] - 1);
            stars[token->depth] = 0;
        }
    }
}

/* Whether what follows the token at `index` is an annotation: behind `->`, or behind the colon of a parameter or of an
 * annotated name. The statement's first solid token is at `first`. */
static bool begins_annotation(const struct repair_statement *in, size_t index, size_t first)
{
    const struct token *token = &in->tokens[index];
    const struct token *name = index > first ? &in->tokens[index - 1] : &no_token;
    const struct token *before = index > first + 1 ? &in->tokens[index - 2] : &no_token;
    bool is_def = in->tokens[first].word == TOK_DEF || in->tokens[first].word == TOK_ASYNC;

    if (is_operator(in, token, "->")) {
        return token->depth == 0;
    }
    if (!is_operator(in, token, ":") || name->kind != TOK_NAME || name->word != TOK_WORD_NONE) {
        return false;
    }
    if (is_def) {
        return token->depth == 1 &&
               (before->kind == TOK_OPEN || is_operator(in, before, ",") || is_operator(in, before, "*") ||
                is_operator(in, before, "**") || token_is_trivia(before));
    }
    return token->depth == 0 && (index == first + 1 || is_operator(in, before, "."));
}

/* In an annotation `name[a][b]` becomes `name[a,b ]`. */
static void find_subscripted_annotations(const struct repair_statement *in)
{
    size_t first = solid_from(in, 0);

    for (size_t i = first; i < in->count; i++) {
        if (!begins_annotation(in, i, first) || token_at(in, i + 1)->kind != TOK_NAME) {
            continue;
        }
        size_t open = i + 2;
        while (is_bracket(in, token_at(in, open), '[')) {
            size_t close = closer_of(in, open);
            if (!is_bracket(in, token_at(in, close + 1), '[') || close == open + 1) {
                break;
            }
            repair_edit_put(in->edits, in->tokens[close].start, ",");
            repair_edit_blank(in->edits, in->tokens[close + 1].start, in->tokens[close + 1].end);
            open = close + 1;
        }
        i = open > i + 2 ? open - 1 : i;
    }
}

/* Whether a star behind this token unpacks, and does not multiply. */
static bool precedes_unpacking(const struct token *before)
{
    return before->kind == TOK_END || before->kind == TOK_OPEN || before->kind == TOK_OPERATOR ||
           (before->kind == TOK_NAME && (before->word == TOK_FOR || before->word == TOK_IN ||
                                         before->word == TOK_RETURN || before->word == TOK_YIELD));
}

/* Whether the operand of a star begins in a way that the grammar does not take everywhere. */
static bool is_hard_operand(const struct repair_statement *in, const struct token *token)
{
    switch (token->kind) {
    case TOK_NAME: return token->word == TOK_AWAIT || token->word == TOK_LAMBDA;
    case TOK_OPERATOR: return is_operator(in, token, "-") || is_operator(in, token, "+") || is_operator(in, token, "~");
    default:
        return token->kind == TOK_OPEN || token->kind == TOK_STRING || token->kind == TOK_TEXT_OPEN ||
               token->kind == TOK_NUMBER;
    }
}

static void find_starred_operands(const struct repair_statement *in)
{
    const struct token *before = &no_token;
    bool calls[TOK_FRAMES_MAX + 1] = {false}; /* by depth: whether its bracket holds the arguments of a call */

    for (size_t i = solid_from(in, 0); i < in->count; i = solid_from(in, i + 1)) {
        const struct token *token = &in->tokens[i];
        const struct token *next = token_at(in, solid_from(in, i + 1));
        if (token->kind == TOK_OPEN) {
            calls[token->depth] =
                is_bracket(in, token, '(') &&
                (before->kind == TOK_CLOSE || (before->kind == TOK_NAME && before->word == TOK_WORD_NONE));
        }
        if (is_operator(in, token, "*") && !calls[token->depth] && precedes_unpacking(before) &&
            is_hard_operand(in, next)) {
            /* The first byte of a line must not become blank. */
            if (before->kind != TOK_END) {
                repair_edit_blank(in->edits, token->start, token->end);
            } else if (next->kind == TOK_OPEN) {
                repair_edit_put(in->edits, token->start, opening_text(in, next));
                repair_edit_blank(in->edits, next->start, next->end);
            }
        }
        before = token;
    }
}

/* Line ends and comments in brackets become blanks where what follows is indented less than the statement. */
static void find_dedents_in_brackets(const struct repair_statement *in)
{
    for (size_t i = 0; i < in->count; i++) {
        size_t end = i;
        bool dedented = false;
        while (end < in->count && token_is_trivia(&in->tokens[end]) && in->tokens[end].depth > 0) {
            const struct token *token = &in->tokens[end++];
            dedented |= token->kind == TOK_COMMENT && token->width < token->block;
        }
        if (end == i) {
            continue;
        }
        const struct token *next = token_at(in, end);
        if (dedented || next->width < next->block) {
            repair_edit_blank(in->edits, in->tokens[i].start, in->tokens[end - 1].end);
        }
        i = end;
    }
}

/* Comments before a definition that are indented less than it, which may come between it and its decorator. */
static void find_dedented_comments(const struct repair_statement *in)
{
    size_t first = solid_from(in, 0);
    const struct token *begin = token_at(in, first);

    if (begin->word != TOK_DEF && begin->word != TOK_CLASS && begin->word != TOK_ASYNC &&
        !is_operator(in, begin, "@")) {
        return;
    }
    for (size_t i = 0; i < first; i++) {
        if (in->tokens[i].kind == TOK_COMMENT && in->tokens[i].width < begin->block) {
            repair_edit_blank(in->edits, in->tokens[i].start, in->tokens[i].end);
        }
    }
}

/* The index of the outermost bracket that the statement leaves open; its count where all are closed. */
static size_t unclosed_bracket(const struct repair_statement *in)
{
    size_t open = in->count;

    for (size_t i = 0; i < in->count; i++) {
        const struct token *token = &in->tokens[i];
        if (token->kind == TOK_OPEN && token->depth == 1) {
            open = i;
        } else if (token->depth == 0 || (token->kind == TOK_CLOSE && token->depth == 1)) {
            open = token->kind == TOK_NEWLINE && token->start == token->end ? open : in->count;
        }
    }
    return open;
}

/* The end of the bracket's line: the last token there that is no trivia. */
static size_t last_of_line(const struct repair_statement *in, size_t index)
{
    while (index + 1 < in->count && !token_is_trivia(&in->tokens[index + 1]) &&
           in->tokens[index + 1].kind != TOK_NEWLINE) {
        index++;
    }
    return index;
}

/* A bracket that is never closed is closed at once, and the rest of its line becomes an error: behind a `;` in a simple
 * statement; in a compound one the colon stays, and that of a `def` is added. */
static void find_unclosed_brackets(const struct repair_statement *in)
{
    size_t first = solid_from(in, 0);
    size_t open = unclosed_bracket(in);

    if (open >= in->count || open < first) {
        return;
    }
    const struct token *bracket = &in->tokens[open];
    const struct token *last = &in->tokens[last_of_line(in, open)];
    bool colon = is_operator(in, last, ":");
    bool def = in->tokens[first].word == TOK_DEF;
    uint32_t at = bracket->end, end = colon ? last->start : last->end;
    if (def && end < at + (colon ? 2 : 3)) {
        return;
    }
    if (def && !colon) {
        repair_edit_put(in->edits, --end, ":");
    }
    if (end > at + 1) {
        repair_edit_put(in->edits, at++, closing_text(in, bracket));
    } else {
        at = colon ? bracket->start : in->tokens[first].start; /* no room to close it and still have an error */
    }
    if (!def && !colon && at > bracket->end && end > at + 1) {
        repair_edit_put(in->edits, at++, ";");
    }
    repair_edit_spoil(in->edits, at, end > at ? end : bracket->end);
}

/* ---- the table ---- */

const struct repair repairs[] = {
    {"lone-returns", "a carriage return alone does not end a line; it becomes a line feed", REPAIR_FIRST,
     find_lone_returns},
    {"type-calls",
     "`type(x).y = 1` and `type[x] = 1` are read as type aliases; the parser sees another name there, and the original "
     "text still says `type`",
     REPAIR_FIRST, find_type_calls},
    {"lazy-imports",
     "`lazy import x` and `lazy from m import x` (PEP 810) are errors; the keyword moves to where `lazy` was",
     REPAIR_FIRST, find_lazy_imports},
    {"field-specifiers",
     "the format specifier `=10` in f\"{x:=10}\" is read as an assignment expression or an error; its = is blanked",
     REPAIR_FIRST, find_field_specifiers},
    {"type-defaults", "defaults of type parameters (PEP 696) are errors; they are blanked", REPAIR_SAFE,
     find_type_defaults},
    {"unpacking-comprehensions",
     "`{**d for d in ds}` and `[*(x) for x in xs]` (PEP 798) are errors; before a name one star is left, else none: a "
     "set comprehension whose element is `*d`",
     REPAIR_SAFE, find_unpacking_comprehensions},
    {"subscripted-annotations", "an annotation `name[a][b]` is an error; the parser sees `name[a,b ]`", REPAIR_SAFE,
     find_subscripted_annotations},
    {"starred-operands",
     "`*(a, b), c = x`, `x[*(a)]` and `yield *[a], b` are errors; the star is blanked, or the bracket moves to where "
     "it was",
     REPAIR_NEAR, find_starred_operands},
    {"dedents-in-brackets",
     "a line in brackets that is indented less than its statement may end the block; the line ends and comments before "
     "it are blanked",
     REPAIR_SAFE, find_dedents_in_brackets},
    {"dedented-comments",
     "a comment between a decorator and its definition that is indented less than they; it is blanked", REPAIR_SAFE,
     find_dedented_comments},
    {"unclosed-brackets",
     "a bracket that is never closed is a mistake of the author's, but it may swallow the rest of the file; it is "
     "closed at "
     "once, and the rest of its line becomes the error",
     REPAIR_NEAR, find_unclosed_brackets},
};
const size_t repair_count = sizeof repairs / sizeof *repairs;

void repair_find(const struct repair *repair, struct str text, const struct token *tokens, size_t count,
                 const struct repair_span *zones, size_t zone_count, struct repair_edits *edits)
{
    size_t zone = 0;

    for (size_t first = 0; first < count;) {
        size_t end = first;
        while (end < count && tokens[end].kind != TOK_NEWLINE) {
            end++;
        }
        end += end < count;
        while (first < end && (tokens[first].kind == TOK_INDENT || tokens[first].kind == TOK_DEDENT)) {
            first++;
        }
        while (first < end && zone < zone_count && zones[zone].end < tokens[first].start) {
            zone++;
        }
        if (first < end && zone < zone_count && zones[zone].start <= tokens[end - 1].end) {
            const struct repair_statement in = {text, tokens + first, end - first, edits};
            repair->find(&in);
        }
        first = end;
    }
}
