/* scopes: which variable a name means. A scan of the flat tree before the lowering collects, for every module,
 * function, lambda, class body and comprehension, the names bound there; the lowering then asks for each name it meets.
 *
 * A comprehension's scope has no function of its own: its variables are locals of the function around it. The same
 * holds for the scope of type parameters. */
#ifndef PYTHON_SCOPES_H
#define PYTHON_SCOPES_H

#include "base/buf.h"
#include "base/map.h"
#include "frontend/python/tree.h"
#include "ir/builder.h"

enum scope_kind { SCOPE_MODULE, SCOPE_FUNCTION, SCOPE_LAMBDA, SCOPE_CLASS, SCOPE_COMPREHENSION, SCOPE_TYPES };

#define NO_SYMBOL UINT32_MAX

struct scope {
    uint8_t kind;          /* enum scope_kind */
    uint8_t flags;         /* of a scope with a function: IR_FN_GENERATOR, IR_FN_ERROR as found by the scan */
    uint32_t node;         /* the definition */
    uint32_t body;         /* the node where the scope opens */
    uint32_t decorated;    /* the decorated_definition around the definition, or NO_NODE */
    uint32_t parent;       /* index of the enclosing scope; the module's is 0 itself */
    uint32_t function;     /* index of the function that has its variables as locals */
    uint32_t class_index;  /* of SCOPE_CLASS; else IR_NO_INDEX */
    uint32_t first_symbol; /* chain of the names bound here, in order of their first binding; NO_SYMBOL ends it */
    uint32_t last_symbol;
    uint32_t inner;      /* the next comprehension or type scope of the same function, or 0 */
    uint32_t last_inner; /* of a scope with a function: the end of that chain, or 0 */
    ir_name name;        /* of functions and classes */
    ir_name class;       /* the class whose private names are mangled here, or 0 */
};

enum symbol_flags {
    SYMBOL_BOUND = 1,    /* bound by a statement or expression of this scope */
    SYMBOL_GLOBAL = 2,   /* declared global */
    SYMBOL_NONLOCAL = 4, /* declared nonlocal */
    SYMBOL_RESOLVED = 8  /* `place` is known */
};

/* Where a variable lives. */
struct place {
    enum { PLACE_IS_LOCAL, PLACE_IS_GLOBAL, PLACE_IS_FREE } kind;
    uint32_t function; /* of a free variable: the function that owns it */
    ir_local local;    /* of a local or free variable */
};

struct symbol {
    ir_name name;
    uint32_t flags;     /* enum symbol_flags */
    uint32_t next;      /* in the scope's chain of bound names */
    ir_local local;     /* of a bound name that is a local; IR_NO_INDEX before it has one */
    struct place place; /* what the name means when used in this scope, once resolved */
};

struct open_scope {
    uint32_t scope, after; /* while scanning: the scope, and the node behind its end */
};

struct scopes {
    struct tree *tree;
    struct ir_builder *ir;
    VEC(struct scope) scopes;   /* [0] is the module; a scope comes before those inside it */
    VEC(struct symbol) symbols; /* of all scopes */
    VEC(uint32_t) functions;    /* the scope of each function */
    uint32_t decorated;         /* while scanning: the last decorated_definition met */
    uint32_t class_count;       /* while scanning: classes met so far */
    struct map index;           /* scope << 32 | name -> symbol */
    VEC(struct open_scope) open;
    struct buf scratch;
};

/* Scans the tree; emptied first, memory is kept from file to file. Functions and classes are numbered in document
 * order. */
void scopes_build(struct scopes *scopes, struct tree *tree, struct ir_builder *ir);
void scopes_release(struct scopes *scopes);

static inline struct scope *scope_at(const struct scopes *scopes, uint32_t scope)
{
    return &scopes->scopes.data[scope];
}

/* The name of an identifier node that stands in a scope. */
ir_name scope_name(struct scopes *scopes, uint32_t scope, uint32_t identifier);
/* Gives every variable of a function its local; the function must be entered, with its parameters declared first
 * through scope_param. */
void scope_declare_locals(struct scopes *scopes, uint32_t function);
void scope_param(struct scopes *scopes, uint32_t scope, ir_name name, ir_local local);
/* What a name used in a scope means. Marks the owner's local as captured where it is a free variable. */
struct place scope_resolve(struct scopes *scopes, uint32_t scope, ir_name name);

#endif
