#include "frontend/python/token.h"

#include <string.h>

#include "base/vec.h"

/* What a byte can be. */
enum {
    BYTE_NAME = 1, /* in a name; all that is not ASCII counts */
    BYTE_DIGIT = 2,
    BYTE_SPACE = 4,
    BYTE_LINE = 8 /* ends a line */
};

/* The class of each byte, a letter each to keep the table readable: N name, D digit and name, S space, L line end. */
enum { _ = 0, N = BYTE_NAME, D = BYTE_NAME | BYTE_DIGIT, S = BYTE_SPACE, L = BYTE_LINE };
static const uint8_t byte_classes[256] = {
    _, _, _, _, _, _, _, _, _, S, L, _, S, L, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, /* control bytes */
    S, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, D, D, D, D, D, D, D, D, D, D, _, _, _, _, _, _, /* space to ? */
    _, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, _, _, _, _, N, /* @ to _ */
    _, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, _, _, _, _, _, /* ` to DEL */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, /* not ASCII */
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
};

static uint8_t byte_class(char c)
{
    return byte_classes[(unsigned char)c];
}

static const struct {
    const char *text;
    bool statement;
} words[TOK_WORD_COUNT] = {
    {"", false},
#define WORD(name, text, statement) {text, statement},
#include "frontend/python/token_words.def"
#undef WORD
};

/* The byte at an offset, or NUL behind the end. */
static char byte_at(const struct tokenizer *tokens, size_t offset)
{
    return offset < tokens->text.len ? tokens->text.ptr[offset] : '\0';
}

/* How many bytes the line end at an offset has: 0 where there is none. */
static uint32_t line_end_size(const struct tokenizer *tokens, size_t offset)
{
    char c = byte_at(tokens, offset);

    if (offset >= tokens->text.len || (byte_class(c) & BYTE_LINE) == 0) {
        return 0;
    }
    return c == '\r' && byte_at(tokens, offset + 1) == '\n' ? 2 : 1;
}

/* ---- frames ---- */

static struct tok_frame *frame_top(struct tokenizer *tokens)
{
    return tokens->frame_count > 0 ? &tokens->frames[tokens->frame_count - 1] : NULL;
}

static bool frame_has_depth(const struct tok_frame *frame)
{
    return frame->kind == TOK_FRAME_BRACKET || frame->kind == TOK_FRAME_FIELD;
}

static bool frames_full(const struct tokenizer *tokens)
{
    return tokens->frame_count == TOK_FRAMES_MAX;
}

static void frame_push(struct tokenizer *tokens, struct tok_frame frame)
{
    tokens->frames[tokens->frame_count++] = frame;
    tokens->depth += frame_has_depth(&frame);
    if (tokens->frame_count > tokens->deepest) {
        tokens->deepest = tokens->frame_count;
    }
}

/* Drops the frames from an index on. */
static void frames_cut(struct tokenizer *tokens, uint32_t count)
{
    while (tokens->frame_count > count) {
        tokens->frame_count--;
        tokens->depth -= frame_has_depth(&tokens->frames[tokens->frame_count]);
    }
}

/* Ends every open bracket and string, because something shows that one was never closed. */
static void frames_abandon(struct tokenizer *tokens)
{
    tokens->unclosed += tokens->depth + tokens->overflow;
    tokens->overflow = 0;
    frames_cut(tokens, 0);
}

/* ---- lines and tokens ---- */

/* Reads the white space that begins a line. */
static void line_begin(struct tokenizer *tokens)
{
    uint32_t width = 0;

    for (;; tokens->at++) {
        char c = byte_at(tokens, tokens->at);
        if (c == ' ') {
            width++;
        } else if (c == '\t') {
            width = (width / 8 + 1) * 8;
        } else if (c == '\f') {
            width = 0;
        } else {
            break;
        }
    }
    tokens->width = width;
}

void tokenizer_init(struct tokenizer *tokens, struct str text)
{
    if (text.len >= UINT32_MAX) {
        BUG("%zu bytes are too many for the tokenizer", text.len);
    }
    /* The frames are left as they are: most of the struct, and written before they are read. */
    tokens->text = text;
    tokens->at = 0;
    tokens->dedents = 0;
    tokens->fresh = true;
    tokens->dirty = false;
    tokens->indents[0] = 0;
    tokens->indent_count = 1;
    tokens->frame_count = tokens->overflow = tokens->depth = 0;
    tokens->deepest = tokens->unclosed = 0;
    line_begin(tokens);
}

/* The token from `at` up to `end`, which becomes the next byte to read. */
static struct token token_take(struct tokenizer *tokens, enum tok_kind kind, size_t end)
{
    struct token token = {
        .start = tokens->at,
        .end = end < tokens->text.len ? (uint32_t)end : (uint32_t)tokens->text.len,
        .width = TOK_NO_WIDTH,
        .block = tokens->indents[tokens->indent_count - 1],
        .depth = (uint16_t)tokens->depth,
        .kind = (uint8_t)kind,
    };

    if (token.end > token.start) {
        token.width = tokens->width;
        tokens->width = TOK_NO_WIDTH;
    }
    tokens->at = token.end;
    return token;
}

/* A token that the statement is made of. */
static struct token token_solid(struct tokenizer *tokens, enum tok_kind kind, size_t end)
{
    const struct tok_frame *top = frame_top(tokens);
    struct token token = token_take(tokens, kind, end);

    tokens->dirty = true;
    token.field = top != NULL && top->kind == TOK_FRAME_FIELD;
    return token;
}

static struct token token_line_end(struct tokenizer *tokens, uint32_t size)
{
    bool ends_statement = tokens->dirty && tokens->frame_count == 0 && tokens->overflow == 0;
    struct token token = token_take(tokens, ends_statement ? TOK_NEWLINE : TOK_JOIN, tokens->at + size);

    if (ends_statement) {
        tokens->dirty = false;
        tokens->fresh = true;
    }
    line_begin(tokens);
    return token;
}

/* A statement's end that no line end marks. */
static struct token token_statement_end(struct tokenizer *tokens)
{
    tokens->dirty = false;
    tokens->fresh = true;
    return token_take(tokens, TOK_NEWLINE, tokens->at);
}

static struct token token_at_end(struct tokenizer *tokens)
{
    frames_abandon(tokens);
    if (tokens->dirty) {
        return token_statement_end(tokens);
    }
    if (tokens->indent_count > 1) {
        tokens->indent_count--;
        return token_take(tokens, TOK_DEDENT, tokens->at);
    }
    return token_take(tokens, TOK_END, tokens->at);
}

/* Compares the indentation of a line of statements with the open blocks. Returns whether there is a token for it. */
static bool indentation(struct tokenizer *tokens, struct token *token)
{
    uint32_t width = tokens->width;

    while (tokens->indent_count > 1 && width < tokens->indents[tokens->indent_count - 1]) {
        tokens->indent_count--;
        tokens->dedents++;
    }
    if (tokens->dedents > 0) {
        tokens->dedents--;
        *token = token_take(tokens, TOK_DEDENT, tokens->at);
        return true;
    }
    tokens->fresh = false;
    if (width <= tokens->indents[tokens->indent_count - 1] || tokens->indent_count == TOK_INDENTS_MAX) {
        return false;
    }
    tokens->indents[tokens->indent_count++] = width;
    *token = token_take(tokens, TOK_INDENT, tokens->at);
    return true;
}

/* ---- names and numbers ---- */

static size_t name_end(const struct tokenizer *tokens, size_t offset)
{
    while (offset < tokens->text.len && (byte_class(tokens->text.ptr[offset]) & BYTE_NAME) != 0) {
        offset++;
    }
    return offset;
}

static enum tok_word word_of(struct str name)
{
    if (name.len < 2 || name.len > 8 || name.ptr[0] < 'a' || name.ptr[0] > 'y') {
        return TOK_WORD_NONE;
    }
    for (unsigned word = TOK_WORD_NONE + 1; word < TOK_WORD_COUNT; word++) {
        if (words[word].text[0] == name.ptr[0] && str_equal(name, str_of(words[word].text))) {
            return (enum tok_word)word;
        }
    }
    return TOK_WORD_NONE;
}

static bool is_digit(const struct tokenizer *tokens, size_t offset)
{
    return (byte_class(byte_at(tokens, offset)) & BYTE_DIGIT) != 0;
}

static size_t digits_end(const struct tokenizer *tokens, size_t offset)
{
    while (is_digit(tokens, offset) || (byte_at(tokens, offset) == '_' && is_digit(tokens, offset + 1))) {
        offset++;
    }
    return offset;
}

/* The end of a number with a base prefix (0x…), or 0 where it has none. */
static size_t based_number_end(const struct tokenizer *tokens, size_t offset)
{
    char base = (char)(byte_at(tokens, offset + 1) | 0x20);
    const char *digits = base == 'x' ? "0123456789abcdefABCDEF_" : base == 'o' ? "01234567_" : "01_";

    if (byte_at(tokens, offset) != '0' || (base != 'x' && base != 'o' && base != 'b')) {
        return 0;
    }
    offset += 2;
    while (byte_at(tokens, offset) != '\0' && strchr(digits, byte_at(tokens, offset)) != NULL) {
        offset++;
    }
    return offset;
}

static size_t number_end(const struct tokenizer *tokens, size_t offset)
{
    size_t based = based_number_end(tokens, offset);

    if (based != 0) {
        return based;
    }
    offset = digits_end(tokens, offset);
    if (byte_at(tokens, offset) == '.') {
        offset = digits_end(tokens, offset + 1);
    }
    if ((byte_at(tokens, offset) | 0x20) == 'e') {
        char sign = byte_at(tokens, offset + 1);
        size_t digits = offset + 1 + (sign == '+' || sign == '-');
        if (is_digit(tokens, digits)) {
            offset = digits_end(tokens, digits);
        }
    }
    return offset + ((byte_at(tokens, offset) | 0x20) == 'j');
}

/* ---- strings ---- */

/* The prefix and quotes that open a string. */
struct opening {
    size_t size; /* bytes of both; 0: no string begins here */
    char quote;
    bool triple, raw, interpolated;
};

static struct opening opening_at(const struct tokenizer *tokens, size_t offset)
{
    struct opening opening = {0};
    bool bytes = false, unicode = false;
    size_t size = 0;

    for (; size < 2; size++) {
        char c = (char)(byte_at(tokens, offset + size) | 0x20);
        if (c == 'r' && !opening.raw) {
            opening.raw = true;
        } else if ((c == 'f' || c == 't') && !opening.interpolated && !bytes) {
            opening.interpolated = true;
        } else if (c == 'b' && !bytes && !opening.interpolated) {
            bytes = true;
        } else if (c == 'u' && size == 0) {
            unicode = true;
        } else {
            break;
        }
    }
    opening.quote = byte_at(tokens, offset + size);
    if ((opening.quote != '"' && opening.quote != '\'') || (unicode && size > 1)) {
        return (struct opening){0};
    }
    opening.triple =
        byte_at(tokens, offset + size + 1) == opening.quote && byte_at(tokens, offset + size + 2) == opening.quote;
    opening.size = size + (opening.triple ? 3 : 1);
    return opening;
}

/* Whether the string's closing quotes stand at an offset. */
static bool closes(const struct tokenizer *tokens, size_t offset, char quote, bool triple)
{
    return byte_at(tokens, offset) == quote &&
           (!triple || (byte_at(tokens, offset + 1) == quote && byte_at(tokens, offset + 2) == quote));
}

/* The offset behind the backslash at an offset and what it escapes. */
static size_t escape_end(const struct tokenizer *tokens, size_t offset)
{
    uint32_t line = line_end_size(tokens, offset + 1);

    return offset + 1 + (line > 0 ? line : 1);
}

/* Where a plain string ends, its quotes included; where it is not closed, the line end or the end of the text. */
static size_t string_end(const struct tokenizer *tokens, size_t offset, const struct opening *opening)
{
    size_t at = offset + opening->size;

    while (at < tokens->text.len) {
        char c = tokens->text.ptr[at];
        if (c == '\\') {
            at = escape_end(tokens, at);
        } else if (c == opening->quote && closes(tokens, at, opening->quote, opening->triple)) {
            return at + (opening->triple ? 3 : 1);
        } else if (!opening->triple && (c == '\n' || c == '\r')) {
            return at;
        } else {
            at++;
        }
    }
    return at;
}

static struct token token_string(struct tokenizer *tokens, const struct opening *opening)
{
    if (!opening->interpolated || frames_full(tokens)) {
        return token_solid(tokens, TOK_STRING, string_end(tokens, tokens->at, opening));
    }
    struct token token = token_solid(tokens, TOK_TEXT_OPEN, tokens->at + opening->size);
    frame_push(tokens,
               (struct tok_frame){
                   .kind = TOK_FRAME_STRING, .closer = opening->quote, .triple = opening->triple, .raw = opening->raw});
    return token;
}

/* The offset behind the backslash at an offset and what it takes along, in literal text with replacement fields: a
 * brace is never escaped by it, but the braces of \N{NAME} are a part of the escape. */
static size_t text_escape_end(const struct tokenizer *tokens, size_t offset, const struct tok_frame *frame)
{
    char next = byte_at(tokens, offset + 1);

    if (next == '{' || next == '}') {
        return offset + 1;
    }
    if (next != 'N' || byte_at(tokens, offset + 2) != '{' || frame->raw) {
        return escape_end(tokens, offset);
    }
    size_t at = offset + 3;
    while ((byte_class(byte_at(tokens, at)) & BYTE_NAME) != 0 || byte_at(tokens, at) == ' ' ||
           byte_at(tokens, at) == '-') {
        at++;
    }
    return at + (byte_at(tokens, at) == '}');
}

/* Where the literal text that goes on at `at` ends: before a field, the string's end, or the end of its specifier. */
static size_t text_end(const struct tokenizer *tokens, const struct tok_frame *frame)
{
    bool specifier = frame->kind == TOK_FRAME_SPEC;
    size_t at = tokens->at;

    while (at < tokens->text.len) {
        char c = tokens->text.ptr[at];
        if (c == '\\') {
            at = text_escape_end(tokens, at, frame);
        } else if (closes(tokens, at, frame->closer, frame->triple)) {
            break;
        } else if (!frame->triple && (c == '\n' || c == '\r')) {
            break;
        } else if (c == '{' && (specifier || byte_at(tokens, at + 1) != '{')) {
            break;
        } else if (c == '}' && specifier) {
            break;
        } else {
            at += c == '{' ? 2 : 1;
        }
    }
    return at;
}

/* The string around the top frame ends here, with or without its quotes, and with it all its fields. */
static struct token token_text_close(struct tokenizer *tokens, const struct tok_frame *frame)
{
    size_t size = !closes(tokens, tokens->at, frame->closer, frame->triple) ? 0 : frame->triple ? 3 : 1;
    uint32_t string = tokens->frame_count - 1;
    uint32_t depth = tokens->depth;

    while (tokens->frames[string].kind != TOK_FRAME_STRING) {
        string--;
    }
    frames_cut(tokens, string);
    tokens->unclosed += depth - tokens->depth;
    return token_solid(tokens, TOK_TEXT_CLOSE, tokens->at + size);
}

/* The next token in the literal text of a string. */
static struct token token_in_text(struct tokenizer *tokens, const struct tok_frame *frame)
{
    size_t end = text_end(tokens, frame);
    char c = byte_at(tokens, tokens->at);

    tokens->width = TOK_NO_WIDTH;
    if (end > tokens->at) {
        return token_solid(tokens, TOK_TEXT, end);
    }
    if (c == '{' && !frames_full(tokens)) {
        frame_push(tokens, (struct tok_frame){.kind = TOK_FRAME_FIELD, .closer = '}'});
        return token_solid(tokens, TOK_OPEN, tokens->at + 1);
    }
    if (c == '{') {
        return token_solid(tokens, TOK_STRAY, tokens->at + 1);
    }
    if (c == '}') {
        frames_cut(tokens, tokens->frame_count - 1); /* the specifier */
        struct token token = token_solid(tokens, TOK_CLOSE, tokens->at + 1);
        frames_cut(tokens, tokens->frame_count - 1); /* its field */
        return token;
    }
    return token_text_close(tokens, frame);
}

/* ---- brackets and operators ---- */

static struct token token_open(struct tokenizer *tokens, char c)
{
    if (frames_full(tokens)) {
        tokens->overflow++;
    } else {
        char closer = c == '(' ? ')' : c == '[' ? ']' : '}';
        frame_push(tokens, (struct tok_frame){.kind = TOK_FRAME_BRACKET, .closer = closer});
    }
    return token_solid(tokens, TOK_OPEN, tokens->at + 1);
}

/* How far down to look for what a bracket closes, when it does not close the innermost. */
#define UNCLOSED_BETWEEN_MAX 16

static struct token token_close(struct tokenizer *tokens, char c)
{
    if (tokens->overflow > 0) {
        tokens->overflow--;
        return token_solid(tokens, TOK_CLOSE, tokens->at + 1);
    }
    for (uint32_t above = 0; above < tokens->frame_count && above <= UNCLOSED_BETWEEN_MAX; above++) {
        uint32_t index = tokens->frame_count - 1 - above;
        if (tokens->frames[index].closer == c) {
            frames_cut(tokens, index + 1);
            tokens->unclosed += above;
            struct token token = token_solid(tokens, TOK_CLOSE, tokens->at + 1);
            frames_cut(tokens, index);
            return token;
        }
        if (tokens->frames[index].kind != TOK_FRAME_BRACKET) {
            break;
        }
    }
    return token_solid(tokens, TOK_STRAY, tokens->at + 1);
}

static size_t operator_size(const struct tokenizer *tokens)
{
    static const char *const three[] = {"**=", "//=", ">>=", "<<=", "..."};
    static const char *const two[] = {"**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", ":=",
                                      "<>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@="};
    const char bytes[3] = {byte_at(tokens, tokens->at), byte_at(tokens, tokens->at + 1),
                           byte_at(tokens, tokens->at + 2)};

    if (bytes[1] != '\0' && strchr("*/<>=.", bytes[1]) != NULL) {
        for (size_t i = 0; i < sizeof three / sizeof *three; i++) {
            if (memcmp(bytes, three[i], 3) == 0) {
                return 3;
            }
        }
        for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
            if (memcmp(bytes, two[i], 2) == 0) {
                return 2;
            }
        }
    }
    return bytes[0] != '\0' && strchr("+-*/%@&|^~<>=.,:;!", bytes[0]) != NULL ? 1 : 0;
}

static struct token token_operator(struct tokenizer *tokens)
{
    const struct tok_frame *top = frame_top(tokens);
    size_t size = operator_size(tokens);

    if (size == 0) {
        return token_solid(tokens, TOK_STRAY, tokens->at + 1);
    }
    /* Directly in a field a colon begins the format specifier, whatever follows. */
    if (byte_at(tokens, tokens->at) != ':' || top == NULL || top->kind != TOK_FRAME_FIELD || frames_full(tokens)) {
        return token_solid(tokens, TOK_OPERATOR, tokens->at + size);
    }
    struct tok_frame specifier = *(top - 1); /* a field is never the lowest frame: its string's text is below it */
    struct token token = token_solid(tokens, TOK_OPERATOR, tokens->at + 1);
    specifier.kind = TOK_FRAME_SPEC;
    frame_push(tokens, specifier);
    return token;
}

/* ---- all of them ---- */

/* A name, unless it is a statement word that begins a line in a bracket: then the statement's end. */
static struct token token_name(struct tokenizer *tokens)
{
    size_t end = name_end(tokens, tokens->at);
    enum tok_word word = word_of(str_slice(tokens->text, tokens->at, end));

    if (words[word].statement && tokens->width != TOK_NO_WIDTH && tokens->frame_count > 0) {
        frames_abandon(tokens);
        return token_statement_end(tokens);
    }
    struct token token = token_solid(tokens, TOK_NAME, end);
    token.word = (uint8_t)word;
    return token;
}

/* The next token of a statement, which begins at `at`. */
static struct token token_in_statement(struct tokenizer *tokens)
{
    char c = byte_at(tokens, tokens->at);
    uint8_t class = byte_class(c);
    struct token token;

    if (tokens->fresh && tokens->frame_count == 0 && indentation(tokens, &token)) {
        return token;
    }
    if (c == '"' || c == '\'' || ((class & BYTE_NAME) != 0 && strchr("rRbBuUfFtT", c) != NULL)) {
        struct opening opening = opening_at(tokens, tokens->at);
        if (opening.size > 0) {
            return token_string(tokens, &opening);
        }
    }
    if ((class & BYTE_DIGIT) != 0 || (c == '.' && is_digit(tokens, tokens->at + 1))) {
        return token_solid(tokens, TOK_NUMBER, number_end(tokens, tokens->at));
    }
    if ((class & BYTE_NAME) != 0) {
        return token_name(tokens);
    }
    if (c == '(' || c == '[' || c == '{') {
        return token_open(tokens, c);
    }
    return c == ')' || c == ']' || c == '}' ? token_close(tokens, c) : token_operator(tokens);
}

struct token tokenizer_next(struct tokenizer *tokens)
{
    const struct tok_frame *top = frame_top(tokens);

    if (tokens->dedents > 0) {
        tokens->dedents--;
        return token_take(tokens, TOK_DEDENT, tokens->at);
    }
    if (top != NULL && (top->kind == TOK_FRAME_STRING || top->kind == TOK_FRAME_SPEC)) {
        return token_in_text(tokens, top);
    }
    while ((byte_class(byte_at(tokens, tokens->at)) & BYTE_SPACE) != 0) {
        tokens->at++;
    }
    if (tokens->at >= tokens->text.len) {
        return token_at_end(tokens);
    }
    char c = tokens->text.ptr[tokens->at];
    uint32_t line = line_end_size(tokens, tokens->at);
    if (line > 0) {
        return token_line_end(tokens, line);
    }
    if (c == '\\' && line_end_size(tokens, tokens->at + 1) > 0) {
        uint32_t width = tokens->width; /* the line's width stays that of its first part */
        struct token token = token_take(tokens, TOK_JOIN, tokens->at + 1 + line_end_size(tokens, tokens->at + 1));
        tokens->width = width;
        return token;
    }
    if (c == '#') {
        size_t end = tokens->at;
        while (end < tokens->text.len && line_end_size(tokens, end) == 0) {
            end++;
        }
        return token_take(tokens, TOK_COMMENT, end);
    }
    return token_in_statement(tokens);
}

struct token *tokenize(struct str text, size_t *count)
{
    VEC(struct token) list = {0};
    struct tokenizer tokens;

    tokenizer_init(&tokens, text);
    do {
        vec_push(&list, tokenizer_next(&tokens));
    } while (vec_last(&list).kind != TOK_END);
    *count = list.len;
    return list.data;
}

bool token_is(struct str text, const struct token *token, const char *bytes)
{
    return str_equal(str_slice(text, token->start, token->end), str_of(bytes));
}

bool token_is_trivia(const struct token *token)
{
    return token->kind == TOK_COMMENT || token->kind == TOK_JOIN;
}
