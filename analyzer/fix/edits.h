/* edits: pieces of source to replace, in bytes of the files' decoded text. */
#ifndef FIX_EDITS_H
#define FIX_EDITS_H

#include "base/buf.h"
#include "base/vec.h"
#include "racelint/base.h"

/* What comes first where several things are inserted at one offset. */
enum {
    EDIT_HERE = 0,      /* belongs to the line */
    EDIT_BEHIND = 1,    /* whole lines that belong to the statement on the line above */
    EDIT_BEFORE = 2,    /* whole lines before the statement, and before the `with` that is put around it */
    EDIT_HEADERS = 100, /* `with` lines, the outermost first */
    EDIT_BLANKS = 1 << 20
};

struct edit {
    uint32_t file;       /* index among the files of the request */
    uint32_t start, end; /* bytes [start, end) */
    uint32_t order;      /* EDIT_*: of insertions at one offset the lower one comes first */
    struct str text;
};
typedef VEC(struct edit) edit_list;

/* Sorts by file and position. False where two of them overlap. */
bool edits_sort(edit_list *edits);
/* Appends the text with the edits of one file made; they are sorted, and do not overlap. */
void edits_apply(const edit_list *edits, uint32_t file, struct str text, struct buf *out);
/* From an offset in the text with the edits made to one in the text before them; of what was put in: where that was. */
uint32_t edits_origin(const edit_list *edits, uint32_t file, uint32_t offset);

#endif
