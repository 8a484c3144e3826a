/* repair: parsing with tree-sitter-python, and making good what its grammar gets wrong.
 *
 * The grammar misreads some valid Python (repair_table.c lists what). Where that happens, the parser is given a copy of
 * the text with edits of equal byte length, so that every byte offset in the tree is an offset in the original. The
 * tree then tells the structure, and the original text the words: names, numbers, strings and operators are always to
 * be read from the original. Rows and columns of nodes (TSPoint) may be those of the copy and are not to be used.
 *
 * What a tree does not say, the original text may: an import statement that begins with `lazy` there is a lazy one;
 * where a `*` precedes the list_splat in a set comprehension, that unpacks mappings into a dictionary. */
#ifndef PYTHON_REPAIR_H
#define PYTHON_REPAIR_H

#include <tree_sitter/api.h>

#include "racelint/base.h"

/* Bytes [start, end) of the text. */
struct repair_span {
    uint32_t start, end;
};

/* Something that was left out of the tree, and that the user should hear of. */
struct repair_note {
    uint32_t offset;    /* where it is */
    struct str message; /* one sentence; in the arena or static */
};

struct repaired {
    TSTree *tree;    /* the caller's, to delete with ts_tree_delete */
    struct str text; /* the original text, in which words are to be read */
    bool edited;     /* the tree was parsed from an edited copy */
    /* Comments, '#' included, that are blank in the copy, so that the tree has no node for them; in order of position.
     */
    const struct repair_span *comments;
    size_t comment_count;
    const struct repair_note *notes; /* in order of position */
    size_t note_count;
};

/* Parses a text, which must end in a NUL byte behind its length, and repairs it where needed. Always gives a tree. A
 * text whose parse would need more memory or time than the caps allow, or that nests too deeply, gives refused = true,
 * no tree, and a reason. What the result points to lies in `scratch`. The same text always gives the same
 * result, but for text so broken that only a limit on processor time ends its parse. */
struct repair_result {
    struct repaired parsed;
    bool refused;
    struct str reason; /* one sentence, where refused */
};
struct repair_result repair_parse(TSParser *parser, struct arena *scratch, struct str text);

#endif
