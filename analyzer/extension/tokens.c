#include "extension/tokens.h"

#include <string.h>

/* A text being cut up. */
struct cutter {
    struct tokens *tokens;
    struct str text;
    size_t at;
    enum extension_language language;
    bool at_line_start; /* nothing but blanks since the line began */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return str_is_name_byte(c) && !is_digit(c);
}

static char peek(const struct cutter *cutter, size_t ahead)
{
    size_t at = cutter->at + ahead;

    return at < cutter->text.len ? cutter->text.ptr[at] : '\0';
}

static bool starts_here(const struct cutter *cutter, struct str part)
{
    return str_starts(str_slice(cutter->text, cutter->at, cutter->text.len), part);
}

/* Moves behind the next `part`, or to the end of the text. */
static void skip_past(struct cutter *cutter, struct str part)
{
    size_t found = str_find(str_slice(cutter->text, cutter->at, cutter->text.len), part);

    cutter->at = found == SIZE_MAX ? cutter->text.len : cutter->at + found + part.len;
}

static void add_token(struct cutter *cutter, enum token_kind kind, size_t start)
{
    vec_push(&cutter->tokens->items, (struct token){kind, (uint32_t)start, (uint32_t)cutter->at});
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Whether the byte at `at` is a line end that a backslash takes back. */
static bool is_continued(const struct cutter *cutter, size_t at)
{
    const char *text = cutter->text.ptr;

    return (at > 0 && text[at - 1] == '\\') ||
           (at > 1 && text[at] == '\n' && text[at - 1] == '\r' && text[at - 2] == '\\');
}

static void skip_line(struct cutter *cutter, bool continues)
{
    while (cutter->at < cutter->text.len &&
           (!is_line_end(cutter->text.ptr[cutter->at]) || (continues && is_continued(cutter, cutter->at)))) {
        cutter->at++;
    }
}

/* Rust's block comments nest. */
static void skip_block(struct cutter *cutter)
{
    size_t depth = 0;

    do {
        if (starts_here(cutter, STR("/*")) && (depth == 0 || cutter->language == EXTENSION_RUST)) {
            depth++;
            cutter->at += 2;
        } else if (starts_here(cutter, STR("*/"))) {
            depth--;
            cutter->at += 2;
        } else {
            cutter->at++;
        }
    } while (depth > 0 && cutter->at < cutter->text.len);
}

static bool take_comment(struct cutter *cutter)
{
    size_t start = cutter->at;
    bool python = cutter->language == EXTENSION_CYTHON;

    if (python ? peek(cutter, 0) == '#' : starts_here(cutter, STR("//"))) {
        skip_line(cutter, cutter->language == EXTENSION_C);
    } else if (!python && starts_here(cutter, STR("/*"))) {
        skip_block(cutter);
    } else {
        return false;
    }
    vec_push(&cutter->tokens->comments, (struct extension_span){(uint32_t)start, (uint32_t)cutter->at});
    return true;
}

/* A string that ends at its quote, or (not in Rust) where its line ends. */
static void skip_string(struct cutter *cutter, char quote)
{
    for (cutter->at++; cutter->at < cutter->text.len; cutter->at++) {
        char c = cutter->text.ptr[cutter->at];
        if (c == '\\') {
            cutter->at++;
        } else if (c == quote) {
            cutter->at++;
            break;
        } else if (is_line_end(c) && cutter->language != EXTENSION_RUST) {
            break;
        }
    }
    cutter->at = cutter->at < cutter->text.len ? cutter->at : cutter->text.len;
}

/* C++: R"tag(…)tag", at its quote. */
static void skip_raw_cpp(struct cutter *cutter)
{
    char close[20] = ")";
    size_t len = 0;

    while (len < 16 && peek(cutter, len + 1) != '(' && cutter->at + len + 1 < cutter->text.len) {
        close[len + 1] = peek(cutter, len + 1);
        len++;
    }
    close[len + 1] = '"';
    cutter->at += len + 1;
    skip_past(cutter, (struct str){close, len + 2});
}

/* Rust: r#"…"#, at the first mark behind the r. False where it is none. */
static bool skip_raw_rust(struct cutter *cutter)
{
    char close[256] = "\"";
    size_t marks = 0;

    while (peek(cutter, marks) == '#' && marks < sizeof close - 2) {
        close[++marks] = '#';
    }
    if (peek(cutter, marks) != '"') {
        return false;
    }
    cutter->at += marks + 1;
    skip_past(cutter, (struct str){close, marks + 1});
    return true;
}

/* Rust writes characters and lifetimes with the same mark. */
static bool is_lifetime(const struct cutter *cutter)
{
    return cutter->language == EXTENSION_RUST && is_name_start(peek(cutter, 1)) &&
           (unsigned char)peek(cutter, 1) < 0x80 && peek(cutter, 2) != '\'';
}

static bool take_string(struct cutter *cutter)
{
    size_t start = cutter->at;
    char quote = peek(cutter, 0);

    if ((quote != '"' && quote != '\'') || (quote == '\'' && is_lifetime(cutter))) {
        return false;
    }
    if (cutter->language == EXTENSION_CYTHON && peek(cutter, 1) == quote && peek(cutter, 2) == quote) {
        const char close[3] = {quote, quote, quote};
        cutter->at += 3;
        skip_past(cutter, (struct str){close, 3});
    } else {
        skip_string(cutter, quote);
    }
    add_token(cutter, TOKEN_STRING, start);
    return true;
}

static void take_name(struct cutter *cutter)
{
    size_t start = cutter->at;

    while (str_is_name_byte(peek(cutter, 0))) {
        cutter->at++;
    }
    struct str name = str_slice(cutter->text, start, cutter->at);
    char last = name.ptr[name.len - 1];
    bool raw_cpp = cutter->language == EXTENSION_C && last == 'R' && name.len <= 3 && peek(cutter, 0) == '"';
    bool raw_rust = cutter->language == EXTENSION_RUST && last == 'r' && name.len <= 2;
    if (raw_cpp) {
        skip_raw_cpp(cutter);
    }
    add_token(cutter, raw_cpp || (raw_rust && skip_raw_rust(cutter)) ? TOKEN_STRING : TOKEN_NAME, start);
    vec_last(&cutter->tokens->items).end = (uint32_t)cutter->at;
}

/* The quotes in numbers (1'000) are C++'s. */
static void take_number(struct cutter *cutter)
{
    size_t start = cutter->at;

    while (str_is_name_byte(peek(cutter, 0)) || peek(cutter, 0) == '.' ||
           (cutter->language == EXTENSION_C && peek(cutter, 0) == '\'' && str_is_name_byte(peek(cutter, 1)))) {
        cutter->at++;
    }
    add_token(cutter, TOKEN_NUMBER, start);
}

static void take_one(struct cutter *cutter)
{
    size_t start = cutter->at;
    char c = peek(cutter, 0);

    if (is_line_end(c) || c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\\') {
        cutter->at++;
        cutter->at_line_start = is_line_end(c) || cutter->at_line_start;
        return;
    }
    if (c == '#' && cutter->language == EXTENSION_C && cutter->at_line_start) {
        skip_line(cutter, true);
        add_token(cutter, TOKEN_DIRECTIVE, start);
        return;
    }
    if (take_comment(cutter)) {
        return;
    }
    cutter->at_line_start = false;
    if (take_string(cutter)) {
        return;
    }
    if (is_name_start(c)) {
        take_name(cutter);
    } else if (is_digit(c)) {
        take_number(cutter);
    } else {
        cutter->at++;
        add_token(cutter, TOKEN_MARK, start);
    }
}

void tokens_read(struct tokens *tokens, struct str text, enum extension_language language)
{
    struct cutter cutter = {.tokens = tokens, .text = text, .language = language, .at_line_start = true};

    tokens->text = text;
    while (cutter.at < text.len) {
        take_one(&cutter);
    }
}

void tokens_release(struct tokens *tokens)
{
    vec_release(&tokens->items);
    vec_release(&tokens->comments);
}

struct str token_text(const struct tokens *tokens, size_t index)
{
    if (index >= tokens->items.len) {
        return STR("");
    }
    return str_slice(tokens->text, tokens->items.data[index].start, tokens->items.data[index].end);
}

bool token_is_mark(const struct tokens *tokens, size_t index, char mark)
{
    return index < tokens->items.len && tokens->items.data[index].kind == TOKEN_MARK &&
           tokens->text.ptr[tokens->items.data[index].start] == mark;
}

bool token_is_name(const struct tokens *tokens, size_t index, const char *name)
{
    return index < tokens->items.len && tokens->items.data[index].kind == TOKEN_NAME &&
           str_equal(token_text(tokens, index), str_of(name));
}

size_t tokens_close(const struct tokens *tokens, size_t index)
{
    size_t depth = 0;

    for (size_t i = index; i < tokens->items.len; i++) {
        if (token_is_mark(tokens, i, '(') || token_is_mark(tokens, i, '[') || token_is_mark(tokens, i, '{')) {
            depth++;
        } else if (token_is_mark(tokens, i, ')') || token_is_mark(tokens, i, ']') || token_is_mark(tokens, i, '}')) {
            if (--depth == 0) {
                return i;
            }
        }
    }
    return tokens->items.len;
}
