/* tree: the syntax tree, flattened.
 *
 * One walk over tree-sitter's tree copies what the lowering needs into an array in document order (preorder). A
 * node's subtree is the run [node, after), so that children are found without pointers, whole subtrees are scanned by a
 * plain loop, and no depth of nesting needs recursion. Tokens without meaning, comments and the insides of plain
 * strings and of annotations are left out. */
#ifndef PYTHON_TREE_H
#define PYTHON_TREE_H

#include "base/vec.h"
#include "racelint/ir.h"

/* tree-sitter's, which only the frontend knows more of. */
typedef struct TSTree TSTree;
typedef struct TSLanguage TSLanguage;

enum node_kind {
    NODE_NOTHING, /* not kept */
#define EXPRESSION(kind, name, handler) NODE_##kind,
#define STATEMENT(kind, name, handler) NODE_##kind,
#define PART(kind, name, reason) NODE_##kind,
#define TEXT(kind, name, reason) NODE_##kind,
#define TOKEN(kind, text) TOKEN_##kind,
#include "frontend/python/nodes.def"
    NODE_ERROR, /* what the parser skipped; its children are what it could make of the parts */
    NODE_KIND_COUNT
};

enum node_field {
    FIELD_NONE,
#define FIELD(kind, name) FIELD_##kind,
#include "frontend/python/nodes.def"
    FIELD_COUNT
};

enum node_role { ROLE_NOTHING, ROLE_EXPRESSION, ROLE_STATEMENT, ROLE_PART, ROLE_TEXT, ROLE_TOKEN, ROLE_ERROR };

enum {
    NODE_FLAG_MISSING = 1, /* the parser made it up: it has no text */
    NODE_FLAG_ERROR = 2    /* an error lies inside, of which nothing is kept */
};

/* The root has index 0, so that 0 can stand for no node. */
#define NO_NODE 0u

struct node {
    uint32_t start, end; /* bytes of the text */
    uint32_t after;      /* index behind the last node of the subtree */
    uint32_t scope;      /* the scope that opens here, or 0 (filled by scopes.c) */
    uint32_t defines;    /* the scope of the function, class or comprehension that this is, or 0 (scopes.c) */
    uint8_t kind;        /* enum node_kind */
    uint8_t field;       /* enum node_field: what it is to its parent */
    uint8_t flags;       /* NODE_FLAG_* */
};

struct tree_level; /* of the walk (flatten.c) */

struct tree {
    struct str text;              /* the file's own text */
    VEC(struct node) nodes;       /* [0] is the root */
    VEC(struct ir_span) comments; /* in order of position */
    VEC(struct ir_span) errors;   /* outermost error nodes, and missing ones; in order of position */
    VEC(struct tree_level) open;  /* while flattening: the subtrees whose children are being walked, outermost first */
};

/* tree-sitter's numbers of symbols and fields, translated. Filled once per frontend. */
struct grammar {
    uint8_t *kinds;  /* by symbol: enum node_kind */
    uint8_t *fields; /* by field id: enum node_field */
    uint32_t symbol_count, field_count;
};

void grammar_init(struct grammar *grammar, const TSLanguage *language);
void grammar_release(struct grammar *grammar);

/* Fills `tree` (emptied first; its memory is kept from file to file) from a parsed text. */
void tree_flatten(struct tree *tree, const struct grammar *grammar, const TSTree *parsed, struct str text);
void tree_release(struct tree *tree);

enum node_role node_role(enum node_kind kind);

static inline const struct node *tree_node(const struct tree *tree, uint32_t node)
{
    return &tree->nodes.data[node];
}

static inline enum node_kind node_kind(const struct tree *tree, uint32_t node)
{
    return (enum node_kind)tree->nodes.data[node].kind;
}

static inline struct ir_span node_span(const struct tree *tree, uint32_t node)
{
    return (struct ir_span){tree->nodes.data[node].start, tree->nodes.data[node].end};
}

struct str node_text(const struct tree *tree, uint32_t node);

/* Children are walked with
 *     for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child))
 * which skips nothing. */
static inline uint32_t node_first(const struct tree *tree, uint32_t node)
{
    return node + 1 < tree->nodes.data[node].after ? node + 1 : NO_NODE;
}

static inline uint32_t node_next(const struct tree *tree, uint32_t node, uint32_t child)
{
    uint32_t next = tree->nodes.data[child].after;

    return next < tree->nodes.data[node].after ? next : NO_NODE;
}

uint32_t node_field(const struct tree *tree, uint32_t node, enum node_field field); /* first child of that field */
uint32_t node_of_kind(const struct tree *tree, uint32_t node, enum node_kind kind); /* first child of that kind */
uint32_t node_operand(const struct tree *tree, uint32_t node, unsigned index); /* nth child that is an expression */
/* The next child behind `child` that is an expression; with child = NO_NODE the first. */
uint32_t node_next_operand(const struct tree *tree, uint32_t node, uint32_t child);
uint32_t node_operand_count(const struct tree *tree, uint32_t node);

/* The header of a compound statement or clause: from its start to behind its colon. */
struct ir_span node_head(const struct tree *tree, uint32_t node);
/* How many stars stand right before a node, in the text: those in the tree, and those that a repair took out of it. */
unsigned tree_stars_before(const struct tree *tree, uint32_t node);
/* Whether a comma stands between two offsets, comments aside: tells `a,` from `a`. */
bool tree_has_comma(const struct tree *tree, uint32_t from, uint32_t to);

#endif
