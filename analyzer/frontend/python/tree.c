#include <tree_sitter/api.h>

#include "frontend/python/tree.h"

#include <stdlib.h>
#include <string.h>

/* One entry of nodes.def. */
struct node_info {
    const char *name; /* as the grammar calls it */
    uint8_t role;     /* enum node_role */
};

static const struct node_info infos[NODE_KIND_COUNT] = {
    [NODE_NOTHING] = {"", ROLE_NOTHING},
    [NODE_ERROR] = {"ERROR", ROLE_ERROR},
#define EXPRESSION(kind, name, handler) [NODE_##kind] = {#name, ROLE_EXPRESSION},
#define STATEMENT(kind, name, handler) [NODE_##kind] = {#name, ROLE_STATEMENT},
#define PART(kind, name, reason) [NODE_##kind] = {#name, ROLE_PART},
#define TEXT(kind, name, reason) [NODE_##kind] = {#name, ROLE_TEXT},
#define TOKEN(kind, text) [TOKEN_##kind] = {text, ROLE_TOKEN},
#include "frontend/python/nodes.def"
};

static const char *const fields[FIELD_COUNT] = {
    [FIELD_NONE] = "",
#define FIELD(kind, name) [FIELD_##kind] = #name,
#include "frontend/python/nodes.def"
};

_Static_assert(NODE_KIND_COUNT <= UINT8_MAX, "a node's kind is stored in a byte");

static uint8_t kind_of_symbol(const TSLanguage *language, TSSymbol symbol)
{
    TSSymbolType type = ts_language_symbol_type(language, symbol);
    const char *name = ts_language_symbol_name(language, symbol);

    if (name == NULL || (type != TSSymbolTypeRegular && type != TSSymbolTypeAnonymous)) {
        return NODE_NOTHING;
    }
    for (unsigned kind = 1; kind < NODE_ERROR; kind++) {
        bool token = infos[kind].role == ROLE_TOKEN;
        if (token == (type == TSSymbolTypeAnonymous) && strcmp(infos[kind].name, name) == 0) {
            return (uint8_t)kind;
        }
    }
    return NODE_NOTHING;
}

static uint8_t field_of_id(const TSLanguage *language, TSFieldId id)
{
    const char *name = ts_language_field_name_for_id(language, id);

    for (unsigned field = 1; name != NULL && field < FIELD_COUNT; field++) {
        if (strcmp(fields[field], name) == 0) {
            return (uint8_t)field;
        }
    }
    return FIELD_NONE;
}

void grammar_init(struct grammar *grammar, const TSLanguage *language)
{
    grammar->symbol_count = ts_language_symbol_count(language);
    grammar->field_count = ts_language_field_count(language) + 1; /* ids start at 1 */
    grammar->kinds = memory_new(grammar->symbol_count);
    grammar->fields = memory_new(grammar->field_count);
    for (uint32_t i = 0; i < grammar->symbol_count; i++) {
        grammar->kinds[i] = kind_of_symbol(language, (TSSymbol)i);
    }
    for (uint32_t i = 1; i < grammar->field_count; i++) {
        grammar->fields[i] = field_of_id(language, (TSFieldId)i);
    }
}

void grammar_release(struct grammar *grammar)
{
    free(grammar->kinds);
    free(grammar->fields);
    *grammar = (struct grammar){0};
}

void tree_release(struct tree *tree)
{
    vec_release(&tree->nodes);
    vec_release(&tree->comments);
    vec_release(&tree->errors);
    vec_release(&tree->open);
}

enum node_role node_role(enum node_kind kind)
{
    return (enum node_role)infos[kind].role;
}

struct str node_text(const struct tree *tree, uint32_t node)
{
    struct ir_span span = node_span(tree, node);

    return str_slice(tree->text, span.start, span.end);
}

uint32_t node_field(const struct tree *tree, uint32_t node, enum node_field field)
{
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (tree_node(tree, child)->field == field) {
            return child;
        }
    }
    return NO_NODE;
}

uint32_t node_of_kind(const struct tree *tree, uint32_t node, enum node_kind kind)
{
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) == kind) {
            return child;
        }
    }
    return NO_NODE;
}

uint32_t node_next_operand(const struct tree *tree, uint32_t node, uint32_t child)
{
    child = child == NO_NODE ? node_first(tree, node) : node_next(tree, node, child);
    while (child != NO_NODE && infos[node_kind(tree, child)].role != ROLE_EXPRESSION) {
        child = node_next(tree, node, child);
    }
    return child;
}

uint32_t node_operand(const struct tree *tree, uint32_t node, unsigned index)
{
    uint32_t child = node_next_operand(tree, node, NO_NODE);

    while (child != NO_NODE && index-- > 0) {
        child = node_next_operand(tree, node, child);
    }
    return child;
}

uint32_t node_operand_count(const struct tree *tree, uint32_t node)
{
    uint32_t count = 0;

    for (uint32_t child = node_next_operand(tree, node, NO_NODE); child != NO_NODE;
         child = node_next_operand(tree, node, child)) {
        count++;
    }
    return count;
}

struct ir_span node_head(const struct tree *tree, uint32_t node)
{
    struct ir_span span = node_span(tree, node);

    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) == TOKEN_COLON) {
            span.end = tree_node(tree, child)->end;
            break;
        }
    }
    return span;
}

unsigned tree_stars_before(const struct tree *tree, uint32_t node)
{
    uint32_t at = tree_node(tree, node)->start;
    unsigned stars = 0;

    while (at < tree->text.len && tree->text.ptr[at] == '*') {
        at++; /* the parser may have seen a bracket where the text has the star */
    }
    while (at > 0 && (tree->text.ptr[at - 1] == ' ' || tree->text.ptr[at - 1] == '\t')) {
        at--;
    }
    while (at > 0 && tree->text.ptr[at - 1] == '*' && stars < 2) {
        at--;
        stars++;
    }
    return stars;
}

bool tree_has_comma(const struct tree *tree, uint32_t from, uint32_t to)
{
    bool comment = false;

    for (uint32_t i = from; i < to && i < tree->text.len; i++) {
        char c = tree->text.ptr[i];
        if (c == '\n' || c == '\r') {
            comment = false;
        } else if (c == '#') {
            comment = true;
        } else if (c == ',' && !comment) {
            return true;
        }
    }
    return false;
}
