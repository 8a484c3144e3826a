/* tokens: the code of a file without its comments, strings as one token each. */
#ifndef EXTENSION_TOKENS_H
#define EXTENSION_TOKENS_H

#include "base/vec.h"
#include "racelint/extension.h"

enum token_kind {
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,    /* or a character */
    TOKEN_MARK,      /* one character of punctuation */
    TOKEN_DIRECTIVE, /* C: a whole line of the preprocessor, with the lines that continue it */
};

struct token {
    enum token_kind kind;
    uint32_t start, end; /* bytes of the text */
};

struct tokens {
    struct str text;
    VEC(struct token) items;
    VEC(struct extension_span) comments;
};

/* Zeroed tokens are filled; tokens_release ends them. Whatever is open at the end of the text ends there. */
void tokens_read(struct tokens *tokens, struct str text, enum extension_language language);
void tokens_release(struct tokens *tokens);

/* Drops what the preprocessor drops in a free-threaded build of CPython 3.13 or later, as far as the conditions tell.
 */
void tokens_drop_dead(struct tokens *tokens);

struct str token_text(const struct tokens *tokens, size_t index); /* empty behind the last */
bool token_is_mark(const struct tokens *tokens, size_t index, char mark);
bool token_is_name(const struct tokens *tokens, size_t index, const char *name);
/* The index of the bracket that closes the one at `index`; the number of tokens where none does. */
size_t tokens_close(const struct tokens *tokens, size_t index);

#endif
