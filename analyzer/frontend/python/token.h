/* token: a tolerant tokenizer for Python 3, from bytes to tokens with byte offsets.
 *
 * It takes any bytes, never fails, never recurses, and takes time linear in the text. It knows what the repairs need:
 * strings of every prefix, replacement fields of f-strings and t-strings nested in each other, comments, brackets, line
 * joins, indentation, and words. It stands beside the grammar, not before it: the parser reads the text by itself.
 *
 * A bracket that is never closed ends at the next line that begins with a word which no expression can hold, such as
 * `def`, so that one mistake does not swallow the rest of a file. */
#ifndef PYTHON_TOKEN_H
#define PYTHON_TOKEN_H

#include "racelint/base.h"

enum tok_kind {
    TOK_END,     /* behind the last byte; given again and again */
    TOK_NEWLINE, /* the line end of a statement; without bytes where the file or an unclosed bracket ends it */
    TOK_JOIN,    /* any other line end outside of strings: in brackets, of a blank line, or behind a backslash */
    TOK_INDENT,  /* without bytes, before the first token of a deeper block */
    TOK_DEDENT,  /* without bytes, one for every block that ends, as many as there were TOK_INDENT */
    TOK_COMMENT, /* from '#' up to the line end */
    TOK_NAME,    /* identifier or keyword: see `word` */
    TOK_NUMBER,
    TOK_STRING,     /* a whole plain string, prefix and quotes included */
    TOK_TEXT_OPEN,  /* prefix and opening quotes of an f-string or t-string */
    TOK_TEXT,       /* literal text in one, or its format specifier */
    TOK_TEXT_CLOSE, /* its closing quotes; without bytes where the string is not closed */
    TOK_OPEN,       /* ( [ {, and the { of a replacement field */
    TOK_CLOSE,      /* the bracket that closes one of them */
    TOK_OPERATOR,
    TOK_STRAY /* a byte that begins no token, or a bracket that closes nothing */
};

/* The words that the repairs look for, and those that no expression can hold. */
enum tok_word {
    TOK_WORD_NONE, /* any other name */
#define WORD(name, text, statement) TOK_##name,
#include "frontend/python/token_words.def"
#undef WORD
    TOK_WORD_COUNT
};

struct token {
    uint32_t start, end; /* bytes of the text */
    uint32_t width;      /* first token on its line: the width of the white space before it (tabs to the next multiple
                            of 8); TOK_NO_WIDTH for all others */
    uint32_t block;      /* the width by which the statement's block is indented */
    uint16_t depth;      /* brackets and replacement fields around it; a bracket counts as inside of itself */
    uint8_t kind;        /* enum tok_kind */
    uint8_t word;        /* enum tok_word, of TOK_NAME */
    bool field;          /* stands directly in a replacement field, in no bracket of it; or is one of its two braces */
};

#define TOK_NO_WIDTH UINT32_MAX

/* Frames beyond this many are counted but not kept: their contents are still tokens, if less exact ones. */
#define TOK_FRAMES_MAX 1200
#define TOK_INDENTS_MAX 256

enum tok_frame_kind {
    TOK_FRAME_BRACKET,
    TOK_FRAME_STRING, /* the literal text of an f-string or t-string */
    TOK_FRAME_FIELD,  /* the expression of a replacement field; a string frame or specifier is below it */
    TOK_FRAME_SPEC    /* the format specifier of a field; its field is below it */
};

struct tok_frame {
    uint8_t kind; /* enum tok_frame_kind */
    char closer;  /* the bracket that ends it; of a string and a specifier, the string's quote */
    bool triple;  /* of a string and a specifier: three quotes end the string */
    bool raw;     /* of a string and a specifier: the string's prefix has an r */
};

struct tokenizer {
    struct str text;
    uint32_t at;      /* the next byte to read */
    uint32_t width;   /* of the white space that begins the line, until a token of the line is given */
    uint32_t dedents; /* TOK_DEDENT tokens to give before going on */
    bool fresh;       /* the next token that is no trivia begins a line of statements: its indentation counts */
    bool dirty;       /* a token of the present statement was given */
    uint32_t indents[TOK_INDENTS_MAX]; /* widths of the open blocks; [0] is 0 */
    uint32_t indent_count;
    struct tok_frame frames[TOK_FRAMES_MAX]; /* open brackets, strings, replacement fields */
    uint32_t frame_count;
    uint32_t overflow; /* open brackets beyond those kept */
    uint32_t depth;    /* open brackets and fields among the frames */
    uint32_t deepest;  /* the most frames ever open at once */
    uint32_t unclosed; /* brackets that a statement word or the end of the text ended */
};

/* Starts at the beginning of a text, at most UINT32_MAX - 1 bytes long, which must stay as it is meanwhile. */
void tokenizer_init(struct tokenizer *tokens, struct str text);
/* The next token. White space belongs to none. */
struct token tokenizer_next(struct tokenizer *tokens);

/* All tokens of a text up to and with TOK_END. The array is the caller's (free). */
struct token *tokenize(struct str text, size_t *count);

/* Whether the token's bytes are these. */
bool token_is(struct str text, const struct token *token, const char *bytes);
/* Whether it is white space to the grammar: a comment or TOK_JOIN. */
bool token_is_trivia(const struct token *token);

#endif
