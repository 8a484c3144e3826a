/* frontend: from a decoded file to the IR. */
#ifndef RACELINT_FRONTEND_H
#define RACELINT_FRONTEND_H

#include "racelint/ir.h"
#include "racelint/source.h"

/* What one worker thread keeps between files (parser, scratch memory). One per thread. */
struct frontend;
struct frontend *frontend_new(void);
void frontend_free(struct frontend *frontend);

/* Parses and lowers one file. Never fails: where syntax is broken, error nodes become UNKNOWN values, module->errors
 * lists them, and an RL002 diagnostic names the first line. The module's arena is new and the caller's to free. */
struct ir_module *frontend_lower(struct frontend *frontend, const struct source_file *file,
                                 struct diagnostics *diagnostics);

/* Tells what lowering depends on besides the text: where two programs say the same, they make the same modules, and lay
 * them out in memory alike. */
uint64_t frontend_version(void);

/* Parses a file and fills the syntax tree that analyzer/frontend/python/tree.h describes, for those who edit the source.
 * False where the text is not parsed at all. The tree is the caller's to release. */
struct tree;
bool frontend_tree(struct frontend *frontend, const struct source_file *file, struct tree *tree);

/* Parses only, for measuring: the number of nodes that are errors. */
uint32_t frontend_parse_only(struct frontend *frontend, const struct source_file *file);

#endif
