#include "frontend/python/scopes.h"

#include "frontend/python/names.h"
#include "frontend/python/parameters.h"

static uint64_t symbol_key(uint32_t scope, ir_name name)
{
    return (uint64_t)scope << 32 | name;
}

/* The symbol of a name in a scope, made where there was none. The pointer is good until the next call. */
static struct symbol *symbol_of(struct scopes *scopes, uint32_t scope, ir_name name)
{
    uint64_t *slot = map_slot(&scopes->index, symbol_key(scope, name), UINT64_MAX);

    if (*slot == UINT64_MAX) {
        *slot = scopes->symbols.len;
        vec_push(&scopes->symbols, (struct symbol){.name = name, .next = NO_SYMBOL, .local = IR_NO_INDEX});
    }
    return &scopes->symbols.data[*slot];
}

static struct symbol *symbol_find(const struct scopes *scopes, uint32_t scope, ir_name name)
{
    uint64_t index;

    return map_get(&scopes->index, symbol_key(scope, name), &index) ? &scopes->symbols.data[index] : NULL;
}

static void scope_bind_name(struct scopes *scopes, uint32_t scope, ir_name name)
{
    struct symbol *symbol = symbol_of(scopes, scope, name);
    bool fresh = !(symbol->flags & SYMBOL_BOUND);

    symbol->flags |= SYMBOL_BOUND;
    if (fresh) {
        struct scope *owner = scope_at(scopes, scope);
        uint32_t index = (uint32_t)(symbol - scopes->symbols.data);
        if (owner->last_symbol == NO_SYMBOL) {
            owner->first_symbol = index;
        } else {
            scopes->symbols.data[owner->last_symbol].next = index;
        }
        owner->last_symbol = index;
    }
}

ir_name scope_name(struct scopes *scopes, uint32_t scope, uint32_t identifier)
{
    return python_name(scopes->ir, &scopes->scratch, node_text(scopes->tree, identifier),
                       scope_at(scopes, scope)->class);
}

/* Binds an identifier given by its text; the empty one binds nothing. */
static void scope_bind_text(struct scopes *scopes, uint32_t scope, struct str identifier)
{
    if (identifier.len > 0) {
        ir_name class = scope_at(scopes, scope)->class;
        scope_bind_name(scopes, scope, python_name(scopes->ir, &scopes->scratch, identifier, class));
    }
}

static void scope_bind(struct scopes *scopes, uint32_t scope, uint32_t identifier)
{
    if (identifier != NO_NODE) {
        scope_bind_text(scopes, scope, node_text(scopes->tree, identifier));
    }
}

/* Binds every identifier of a target; those inside attributes and items are read, not bound. */
static void scope_bind_target(struct scopes *scopes, uint32_t scope, uint32_t target)
{
    const struct tree *tree = scopes->tree;

    if (target == NO_NODE) {
        return;
    }
    for (uint32_t i = target; i < tree_node(tree, target)->after;) {
        switch (node_kind(tree, i)) {
        case NODE_IDENTIFIER:
            scope_bind(scopes, scope, i);
            i++;
            break;
        case NODE_PATTERN_LIST:
        case NODE_TUPLE_PATTERN:
        case NODE_LIST_PATTERN:
        case NODE_LIST_SPLAT_PATTERN:
        case NODE_AS_PATTERN_TARGET:
        case NODE_LIST:
        case NODE_TUPLE:
        case NODE_EXPRESSION_LIST:
        case NODE_LIST_SPLAT:
        case NODE_PARENTHESIZED_EXPRESSION: i++; break;
        default: i = tree_node(tree, i)->after; break;
        }
    }
}

/* ---- making scopes ---- */

/* Appends to the chain of scopes whose variables are locals of a function. */
static void scope_chain_inner(struct scopes *scopes, uint32_t owner, uint32_t inner)
{
    uint32_t last = scope_at(scopes, owner)->last_inner;

    scope_at(scopes, last != 0 ? last : owner)->inner = inner;
    scope_at(scopes, owner)->last_inner = inner;
}

static uint32_t scope_new(struct scopes *scopes, enum scope_kind kind, uint32_t node, uint32_t parent)
{
    uint32_t index = (uint32_t)scopes->scopes.len;
    struct scope scope = {.kind = (uint8_t)kind,
                          .node = node,
                          .parent = parent,
                          .class_index = IR_NO_INDEX,
                          .first_symbol = NO_SYMBOL,
                          .last_symbol = NO_SYMBOL};

    if (index > 0) {
        scope.class = scope_at(scopes, parent)->class;
    }
    if (kind == SCOPE_COMPREHENSION || kind == SCOPE_TYPES) {
        scope.function = scope_at(scopes, parent)->function;
        scope_chain_inner(scopes, scopes->functions.data[scope.function], index);
    } else {
        scope.function = (uint32_t)scopes->functions.len;
        vec_push(&scopes->functions, index);
    }
    vec_push(&scopes->scopes, scope);
    if (kind != SCOPE_TYPES) {
        scopes->tree->nodes.data[node].defines = index;
    }
    return index;
}

/* Lets a scope open at a node, where the scan and the lowering will find it. */
static void scope_open_at(struct scopes *scopes, uint32_t scope, uint32_t node)
{
    if (node != NO_NODE) {
        scopes->tree->nodes.data[node].scope = scope;
    }
}

/* The scope that a definition's type parameters make around it, or the scope it stands in. */
static uint32_t scope_of_types(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;
    uint32_t list = node_field(tree, node, FIELD_TYPE_PARAMETERS);

    if (list == NO_NODE) {
        return scope;
    }
    uint32_t types = scope_new(scopes, SCOPE_TYPES, node, scope);
    scope_at(scopes, types)->body = list;
    scope_open_at(scopes, types, list);
    scope_open_at(scopes, types, node_field(tree, node, FIELD_SUPERCLASSES));
    for (uint32_t type = node_first(tree, list); type != NO_NODE; type = node_next(tree, list, type)) {
        if (node_kind(tree, type) == NODE_TYPE) {
            scope_bind_text(scopes, types, type_parameter_name(node_text(tree, type)));
        }
    }
    return types;
}

static void scan_parameters(struct scopes *scopes, uint32_t scope, uint32_t list)
{
    struct parameter parameter;
    struct parameter_walk walk = {0};

    while (parameter_next(scopes->tree, list, &walk, &parameter)) {
        if (parameter.name != NO_NODE) {
            scope_bind_name(scopes, scope, scope_name(scopes, scope, parameter.name));
        } else {
            scope_bind_target(scopes, scope, parameter.pattern);
        }
    }
}

/* The decorated_definition that a definition is part of: between the two stand only decorators. */
static uint32_t scope_decorated(const struct scopes *scopes, uint32_t definition)
{
    uint32_t decorated = scopes->decorated;

    return decorated != NO_NODE && node_field(scopes->tree, decorated, FIELD_DEFINITION) == definition ? decorated
                                                                                                       : NO_NODE;
}

static void scan_function(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;
    bool lambda = node_kind(tree, node) == NODE_LAMBDA;
    uint32_t name = node_field(tree, node, FIELD_NAME);
    uint32_t parent = scope;

    if (!lambda) {
        scope_bind(scopes, scope, name);
        parent = scope_of_types(scopes, node, scope);
    }
    uint32_t function = scope_new(scopes, lambda ? SCOPE_LAMBDA : SCOPE_FUNCTION, node, parent);
    struct scope *made = scope_at(scopes, function);
    made->body = node_field(tree, node, FIELD_BODY);
    made->decorated = scope_decorated(scopes, node);
    made->name = lambda            ? ir_builder_name(scopes->ir, STR("<lambda>"))
                 : name != NO_NODE ? python_name(scopes->ir, &scopes->scratch, node_text(tree, name), 0)
                                   : 0;
    scope_open_at(scopes, function, made->body);
    scan_parameters(scopes, function, node_field(tree, node, FIELD_PARAMETERS));
}

static void scan_class(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;
    uint32_t name = node_field(tree, node, FIELD_NAME);

    scope_bind(scopes, scope, name);
    uint32_t parent = scope_of_types(scopes, node, scope);
    uint32_t body = scope_new(scopes, SCOPE_CLASS, node, parent);
    struct scope *made = scope_at(scopes, body);
    made->class_index = scopes->class_count++;
    made->name = name != NO_NODE ? python_name(scopes->ir, &scopes->scratch, node_text(tree, name), 0) : 0;
    made->class = made->name;
    made->body = node_field(tree, node, FIELD_BODY);
    made->decorated = scope_decorated(scopes, node);
    scope_open_at(scopes, body, made->body);
}

/* Everything of a comprehension but the outermost iterable belongs to its own scope. */
static void scan_comprehension(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;
    uint32_t made = scope_new(scopes, SCOPE_COMPREHENSION, node, scope);
    bool first = true;

    scope_at(scopes, made)->body = node_field(tree, node, FIELD_BODY);
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (first && node_kind(tree, child) == NODE_FOR_IN_CLAUSE) {
            scope_open_at(scopes, made, node_field(tree, child, FIELD_LEFT));
            first = false;
        } else {
            scope_open_at(scopes, made, child);
        }
    }
}

/* ---- the scan ---- */

/* A walrus binds in the scope around its comprehensions. */
static uint32_t scope_outside_comprehensions(const struct scopes *scopes, uint32_t scope)
{
    while (scope_at(scopes, scope)->kind == SCOPE_COMPREHENSION) {
        scope = scope_at(scopes, scope)->parent;
    }
    return scope;
}

static void scan_import(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (tree_node(tree, child)->field != FIELD_NAME) {
            continue;
        }
        if (node_kind(tree, child) == NODE_ALIASED_IMPORT) {
            scope_bind(scopes, scope, node_field(tree, child, FIELD_ALIAS));
        } else {
            scope_bind(scopes, scope, node_first(tree, child)); /* the first identifier of a dotted name */
        }
    }
}

static void scan_declaration(struct scopes *scopes, uint32_t node, uint32_t scope, unsigned flag)
{
    const struct tree *tree = scopes->tree;

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) == NODE_IDENTIFIER) {
            symbol_of(scopes, scope, scope_name(scopes, scope, child))->flags |= flag;
        }
    }
}

/* A bare name in a case pattern captures. */
static void scan_pattern(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        uint32_t name = child + 1;
        if (node_kind(tree, child) == NODE_DOTTED_NAME && tree_node(tree, child)->after == name + 1) {
            scope_bind(scopes, scope, name);
        }
    }
}

static void scan_binding(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    const struct tree *tree = scopes->tree;
    uint32_t left;

    switch (node_kind(tree, node)) {
    case NODE_ASSIGNMENT:
    case NODE_AUGMENTED_ASSIGNMENT:
    case NODE_FOR_STATEMENT: scope_bind_target(scopes, scope, node_field(tree, node, FIELD_LEFT)); break;
    case NODE_FOR_IN_CLAUSE:
        left = node_field(tree, node, FIELD_LEFT);
        scope_bind_target(
            scopes, left != NO_NODE && tree_node(tree, left)->scope != 0 ? tree_node(tree, left)->scope : scope, left);
        break;
    case NODE_AS_PATTERN_TARGET: scope_bind_target(scopes, scope, node); break;
    case NODE_EXCEPT_CLAUSE: scope_bind_target(scopes, scope, node_field(tree, node, FIELD_ALIAS)); break;
    case NODE_DELETE_STATEMENT: scope_bind_target(scopes, scope, node_operand(tree, node, 0)); break;
    case NODE_NAMED_EXPRESSION:
        scope_bind(scopes, scope_outside_comprehensions(scopes, scope), node_field(tree, node, FIELD_NAME));
        break;
    case NODE_CASE_PATTERN:
    case NODE_KEYWORD_PATTERN: scan_pattern(scopes, node, scope); break;
    case NODE_AS_PATTERN:
        if (node_of_kind(tree, node, NODE_CASE_PATTERN) != NO_NODE) {
            scope_bind(scopes, scope, node_of_kind(tree, node, NODE_IDENTIFIER));
        }
        break;
    case NODE_SPLAT_PATTERN: scope_bind(scopes, scope, node_of_kind(tree, node, NODE_IDENTIFIER)); break;
    case NODE_TYPE_ALIAS_STATEMENT:
        left = node_field(tree, node, FIELD_LEFT);
        scope_bind_text(scopes, scope, left == NO_NODE ? STR("") : type_parameter_name(node_text(tree, left)));
        break;
    default: break;
    }
}

static void scan_yield(struct scopes *scopes, uint32_t scope)
{
    struct scope *function = scope_at(scopes, scopes->functions.data[scope_at(scopes, scope)->function]);

    if (function->kind == SCOPE_FUNCTION || function->kind == SCOPE_LAMBDA) {
        function->flags |= IR_FN_GENERATOR;
    }
}

static void scan_node(struct scopes *scopes, uint32_t node, uint32_t scope)
{
    switch (node_kind(scopes->tree, node)) {
    case NODE_FUNCTION_DEFINITION:
    case NODE_LAMBDA: scan_function(scopes, node, scope); break;
    case NODE_DECORATED_DEFINITION: scopes->decorated = node; break;
    case NODE_CLASS_DEFINITION: scan_class(scopes, node, scope); break;
    case NODE_LIST_COMPREHENSION:
    case NODE_SET_COMPREHENSION:
    case NODE_DICTIONARY_COMPREHENSION:
    case NODE_GENERATOR_EXPRESSION: scan_comprehension(scopes, node, scope); break;
    case NODE_IMPORT_STATEMENT:
    case NODE_IMPORT_FROM_STATEMENT:
    case NODE_FUTURE_IMPORT_STATEMENT: scan_import(scopes, node, scope); break;
    case NODE_GLOBAL_STATEMENT: scan_declaration(scopes, node, scope, SYMBOL_GLOBAL); break;
    case NODE_NONLOCAL_STATEMENT: scan_declaration(scopes, node, scope, SYMBOL_NONLOCAL); break;
    case NODE_YIELD: scan_yield(scopes, scope); break;
    case NODE_ERROR:
        scope_at(scopes, scopes->functions.data[scope_at(scopes, scope)->function])->flags |= IR_FN_ERROR;
        break;
    default: scan_binding(scopes, node, scope); break;
    }
}

void scopes_build(struct scopes *scopes, struct tree *tree, struct ir_builder *ir)
{
    uint32_t scope = 0;

    scopes->tree = tree;
    scopes->ir = ir;
    vec_clear(&scopes->scopes);
    vec_clear(&scopes->symbols);
    vec_clear(&scopes->functions);
    vec_clear(&scopes->open);
    map_clear(&scopes->index);
    scopes->decorated = NO_NODE;
    scopes->class_count = 0;
    scope_new(scopes, SCOPE_MODULE, 0, 0);
    for (uint32_t i = 0; i < tree->nodes.len; i++) {
        while (scopes->open.len > 0 && vec_last(&scopes->open).after <= i) {
            scopes->open.len--;
        }
        if (tree_node(tree, i)->scope != 0) {
            vec_push(&scopes->open, (struct open_scope){tree_node(tree, i)->scope, tree_node(tree, i)->after});
        }
        scope = scopes->open.len > 0 ? vec_last(&scopes->open).scope : 0;
        if (tree_node(tree, i)->flags != 0) {
            scope_at(scopes, scopes->functions.data[scope_at(scopes, scope)->function])->flags |= IR_FN_ERROR;
        }
        scan_node(scopes, i, scope);
    }
}

void scopes_release(struct scopes *scopes)
{
    vec_release(&scopes->scopes);
    vec_release(&scopes->symbols);
    vec_release(&scopes->functions);
    vec_release(&scopes->open);
    map_release(&scopes->index);
    buf_release(&scopes->scratch);
}

/* ---- what names mean ---- */

void scope_param(struct scopes *scopes, uint32_t scope, ir_name name, ir_local local)
{
    struct symbol *symbol = symbol_find(scopes, scope, name);

    if (symbol != NULL && symbol->local == IR_NO_INDEX) {
        symbol->local = local;
    }
}

static void declare_locals_of(struct scopes *scopes, uint32_t scope, unsigned flags)
{
    for (uint32_t i = scope_at(scopes, scope)->first_symbol; i != NO_SYMBOL; i = scopes->symbols.data[i].next) {
        struct symbol *symbol = &scopes->symbols.data[i];
        bool elsewhere = (symbol->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) != 0;
        if (!elsewhere && symbol->local == IR_NO_INDEX) {
            symbol->local = ir_builder_local(scopes->ir, symbol->name, flags);
        }
    }
}

void scope_declare_locals(struct scopes *scopes, uint32_t function)
{
    uint32_t scope = scopes->functions.data[function];

    if (scope_at(scopes, scope)->kind != SCOPE_MODULE) {
        declare_locals_of(scopes, scope, 0);
    }
    for (uint32_t inner = scope_at(scopes, scope)->inner; inner != 0; inner = scope_at(scopes, inner)->inner) {
        declare_locals_of(scopes, inner, IR_LOCAL_INNER);
    }
}

/* The place of a name that `owner` binds, as seen from a function. */
static struct place place_in(struct scopes *scopes, uint32_t owner, const struct symbol *symbol, uint32_t function)
{
    uint32_t home = scope_at(scopes, owner)->function;

    if (symbol->local == IR_NO_INDEX) {
        BUG("the variable %u of function %u has no local", symbol->name, home);
    }
    if (home == function) {
        return (struct place){.kind = PLACE_IS_LOCAL, .local = symbol->local};
    }
    ir_builder_capture(scopes->ir, home, symbol->local);
    return (struct place){PLACE_IS_FREE, home, symbol->local};
}

static struct place place_search(struct scopes *scopes, uint32_t from, ir_name name)
{
    for (uint32_t scope = from; scope != 0; scope = scope_at(scopes, scope)->parent) {
        const struct symbol *symbol = symbol_find(scopes, scope, name);
        if (symbol == NULL || (symbol->flags & SYMBOL_NONLOCAL)) {
            continue;
        }
        if (symbol->flags & SYMBOL_GLOBAL) {
            break;
        }
        bool hidden = scope_at(scopes, scope)->kind == SCOPE_CLASS && scope != from;
        if ((symbol->flags & SYMBOL_BOUND) && !hidden) {
            return place_in(scopes, scope, symbol, scope_at(scopes, from)->function);
        }
    }
    return (struct place){.kind = PLACE_IS_GLOBAL};
}

struct place scope_resolve(struct scopes *scopes, uint32_t scope, ir_name name)
{
    if (scope == 0) {
        return (struct place){.kind = PLACE_IS_GLOBAL};
    }
    struct symbol *symbol = symbol_find(scopes, scope, name);
    if (symbol != NULL && (symbol->flags & SYMBOL_RESOLVED)) {
        return symbol->place;
    }
    struct place place = place_search(scopes, scope, name);
    symbol = symbol_of(scopes, scope, name);
    symbol->place = place;
    symbol->flags |= SYMBOL_RESOLVED;
    return place;
}
