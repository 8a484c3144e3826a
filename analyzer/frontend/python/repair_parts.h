/* repair_parts: what the files of the repair share: edits, the table of repairs, and the survey before the parse. */
#ifndef PYTHON_REPAIR_PARTS_H
#define PYTHON_REPAIR_PARTS_H

#include "base/vec.h"
#include "frontend/python/repair.h"
#include "frontend/python/token.h"

/* ---- edits ---- */

/* Bytes [start, end) of the text that the parser is to see otherwise. */
struct repair_edit {
    uint32_t start, end;
    const char *with; /* as many bytes to put there (static), or NULL for as many `fill` */
    char fill;
};

/* The most edits of one text. Repairs stop looking where it is reached. */
#define REPAIR_EDITS_MAX 65536

struct repair_edits {
    VEC(struct repair_edit) list;
};

void repair_edit_blank(struct repair_edits *edits, uint32_t start, uint32_t end);

/* ---- the repairs ---- */

/* The tokens of one statement, and where its edits go. */
struct repair_statement {
    struct str text;            /* the original text of the file */
    const struct token *tokens; /* without TOK_INDENT and TOK_DEDENT before the first */
    size_t count;               /* the last one is TOK_NEWLINE, unless the file is empty */
    struct repair_edits *edits;
};

enum repair_when {
    REPAIR_FIRST, /* before the first parse: what it makes good need not give an error node */
    REPAIR_SAFE,  /* where error nodes are; if some remain then, in the whole text: it never changes the meaning */
    REPAIR_NEAR   /* where error nodes are: it loses some of the meaning */
};

struct repair {
    const char *name;
    const char *makes_good; /* what the grammar gets wrong, and what the edit does */
    enum repair_when when;
    void (*find)(const struct repair_statement *statement);
};
extern const struct repair repairs[];
extern const size_t repair_count;

/* Calls find for every statement whose bytes touch one of `zones` (sorted, disjoint). */
void repair_find(const struct repair *repair, struct str text, const struct token *tokens, size_t count,
                 const struct repair_span *zones, size_t zone_count, struct repair_edits *edits);

/* ---- the survey ---- */

/* Caps, all of them on what the parser is given. */
#define REPAIR_BYTES_MAX ((size_t)32 << 20)      /* of text */
#define REPAIR_TOKENS_MAX 4000000u               /* a token costs up to 200 bytes of tree */
#define REPAIR_DEPTH_MAX 1000u                   /* brackets and fields inside each other; CPython allows 200 */
#define REPAIR_UNCLOSED_MAX 1000u                /* brackets never closed: the parser's recovery is quadratic in them */
#define REPAIR_WIDTHS_MAX 150u                   /* different indentations; CPython allows 100 nested blocks */
#define REPAIR_LITERAL_MAX ((uint32_t)512 << 10) /* bytes of one bracket of nothing but constants */

/* What a look over the whole text shows before it is parsed. */
struct repair_survey {
    bool tokenize; /* certain repairs may apply */
    bool refused;
    struct str reason;             /* where refused; in the arena or static */
    struct repair_edits blanked;   /* literals too large to parse, to be blanked but for their first element */
    VEC(struct repair_note) notes; /* what to say of them; in the arena */
};
void repair_survey(struct repair_survey *survey, struct str text, struct arena *arena);
void repair_survey_release(struct repair_survey *survey);

#endif
