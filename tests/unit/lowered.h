/* lowered: small Python texts taken through the front end, for its tests. */
#ifndef UNIT_LOWERED_H
#define UNIT_LOWERED_H

#include <tree_sitter/api.h>

#include "frontend/python/lower.h"
#include "racelint/frontend.h"

/* A text lowered as users see it. */
struct lowered {
    struct source_file file;
    struct diagnostics *diagnostics;
    struct ir_module *module;
};

void lowered_init(struct lowered *lowered, struct frontend *frontend, const char *path, struct str text);
void lowered_release(struct lowered *lowered);

/* The steps of the front end one by one, with everything left open to look at. */
struct steps {
    TSParser *parser;
    TSTree *parsed;
    struct grammar grammar;
    struct tree tree;
    struct scopes scopes;
    struct lowering lowering;
    struct ir_builder *ir;
};

/* Parses, flattens, and builds scopes; with `lower` also lowers. The module is still under construction then. */
void steps_init(struct steps *steps, struct str text, bool lower);
void steps_release(struct steps *steps);

/* The function of a module with a qualified name ("" is the module body); fails the test where there is none. */
const struct ir_function *function_named(const struct ir_module *module, const char *qualname);
/* How many instructions of a function have an opcode. */
uint32_t count_ops(const struct ir_module *module, const struct ir_function *function, unsigned code);
/* A text of `count` times the same part, between a head and a tail; malloc memory. */
struct str repeated(const char *head, const char *part, size_t count, const char *tail);

#endif
