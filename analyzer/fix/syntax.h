/* syntax: the syntax tree of one file as those see it who edit it: nodes with parents, statements, blocks, lines. */
#ifndef FIX_SYNTAX_H
#define FIX_SYNTAX_H

#include "frontend/python/tree.h"
#include "racelint/frontend.h"
#include "racelint/source.h"

struct syntax {
    const struct source_file *file;
    struct tree tree;
    uint32_t *parents;  /* [tree.nodes.len]; of the root: 0 */
    bool *in_string;    /* [file->line_count]: the line begins inside a string, so that its blanks are text */
    struct str unit;    /* one step of indentation: "    ", "\t" */
    struct str newline; /* how lines end */
    struct arena *arena;
};

/* NULL where the file is not parsed, or has errors: nothing is edited there. */
struct syntax *syntax_new(struct frontend *frontend, const struct source_file *file);
void syntax_free(struct syntax *syntax); /* NULL is ignored */

/* The smallest node that holds the span; the largest of equals that is no block. */
uint32_t syntax_find(const struct syntax *syntax, struct ir_span span);
/* The innermost statement around a node, which may be it: a child of a block or of the module. NO_NODE: none. */
uint32_t syntax_statement(const struct syntax *syntax, uint32_t node);
/* The innermost function or lambda around a node, not itself; NO_NODE: the module. */
uint32_t syntax_function(const struct syntax *syntax, uint32_t node);
/* The innermost class around a node with no function between; NO_NODE: none. */
uint32_t syntax_class(const struct syntax *syntax, uint32_t node);
/* The innermost node of a kind around a node, not itself; NO_NODE: none. */
uint32_t syntax_around(const struct syntax *syntax, uint32_t node, enum node_kind kind);
bool syntax_contains(const struct syntax *syntax, uint32_t outer, uint32_t inner);
/* Whether a node of the kind lies in the subtree, nested functions, lambdas and classes aside. */
bool syntax_has(const struct syntax *syntax, uint32_t node, enum node_kind kind);
/* Whether a name is used in the subtree. */
bool syntax_uses(const struct syntax *syntax, uint32_t node, struct str name);
/* Whether a name stands as an identifier anywhere in the file. */
bool syntax_has_name(const struct syntax *syntax, struct str name);

/* The first and last line (1-based) that a node touches. */
uint32_t syntax_first_line(const struct syntax *syntax, uint32_t node);
uint32_t syntax_last_line(const struct syntax *syntax, uint32_t node);
/* The byte offset at which a line begins; of the line behind the last one: the length of the text. */
uint32_t syntax_line_start(const struct syntax *syntax, uint32_t line);
/* The blanks at the beginning of a line. */
struct str syntax_indent(const struct syntax *syntax, uint32_t line);
/* Whether nothing but blanks stands before the node on its line, and nothing but a comment behind it on its last one.
 */
bool syntax_has_lines(const struct syntax *syntax, uint32_t node);
/* The source of a node. */
struct str syntax_text(const struct syntax *syntax, uint32_t node);

/* Whether a statement defines a function or class, decorated or not. */
bool syntax_is_definition(const struct syntax *syntax, uint32_t statement);
/* The block of a definition or compound statement. */
uint32_t syntax_body(const struct syntax *syntax, uint32_t node);
/* A method of a class, by name; NO_NODE: none. */
uint32_t syntax_method(const struct syntax *syntax, uint32_t class_node, struct str name);

/* The name that a path begins with: "self" of "self._data". */
struct str syntax_first_name(struct str path);
/* Whether a name is one of a list that ends with NULL. */
bool syntax_is_any_of(struct str name, const char *const *names);

#endif
