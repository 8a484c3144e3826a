#include "frontend/python/parameters.h"

#include "racelint/base.h"

/* Takes the stars off: `*args` is a splat pattern around its name. */
static void parameter_target(const struct tree *tree, uint32_t target, struct parameter *parameter)
{
    if (target == NO_NODE) {
        return;
    }
    switch (node_kind(tree, target)) {
    case NODE_IDENTIFIER: parameter->name = target; break;
    case NODE_LIST_SPLAT_PATTERN:
        parameter->kind = IR_PARAM_STAR;
        parameter->name = node_of_kind(tree, target, NODE_IDENTIFIER);
        break;
    case NODE_DICTIONARY_SPLAT_PATTERN:
        parameter->kind = IR_PARAM_DOUBLE_STAR;
        parameter->name = node_of_kind(tree, target, NODE_IDENTIFIER);
        break;
    default: parameter->pattern = target; break;
    }
}

/* Reads a child of the list; false where it is no parameter (a separator, an error). */
static bool parameter_read(const struct tree *tree, uint32_t child, struct parameter *parameter)
{
    switch (node_kind(tree, child)) {
    case NODE_IDENTIFIER:
    case NODE_LIST_SPLAT_PATTERN:
    case NODE_DICTIONARY_SPLAT_PATTERN:
    case NODE_TUPLE_PATTERN: parameter_target(tree, child, parameter); break;
    case NODE_TYPED_PARAMETER:
        parameter_target(tree, node_operand(tree, child, 0), parameter);
        parameter->type = node_field(tree, child, FIELD_TYPE);
        break;
    case NODE_DEFAULT_PARAMETER:
    case NODE_TYPED_DEFAULT_PARAMETER:
        parameter_target(tree, node_field(tree, child, FIELD_NAME), parameter);
        parameter->type = node_field(tree, child, FIELD_TYPE);
        parameter->value = node_field(tree, child, FIELD_VALUE);
        break;
    default: return false;
    }
    return true;
}

bool parameter_next(const struct tree *tree, uint32_t list, struct parameter_walk *walk, struct parameter *parameter)
{
    if (list == NO_NODE) {
        return false;
    }
    for (;;) {
        walk->child = walk->child == NO_NODE ? node_first(tree, list) : node_next(tree, list, walk->child);
        if (walk->child == NO_NODE) {
            return false;
        }
        *parameter = (struct parameter){.node = walk->child,
                                        .kind = walk->keyword_only ? IR_PARAM_KEYWORD_ONLY : IR_PARAM_NORMAL};
        if (node_kind(tree, walk->child) == NODE_KEYWORD_SEPARATOR) {
            walk->keyword_only = true;
        } else if (parameter_read(tree, walk->child, parameter)) {
            walk->keyword_only |= parameter->kind == IR_PARAM_STAR;
            return true;
        }
    }
}

uint32_t parameter_positional_only(const struct tree *tree, uint32_t list)
{
    struct parameter_walk walk = {0};
    struct parameter parameter;
    uint32_t count = 0;
    uint32_t slash = list == NO_NODE ? NO_NODE : node_of_kind(tree, list, NODE_POSITIONAL_SEPARATOR);

    if (slash == NO_NODE) {
        return 0;
    }
    while (parameter_next(tree, list, &walk, &parameter) && parameter.node < slash) {
        count++;
    }
    return count;
}

struct str type_parameter_name(struct str text)
{
    size_t start = 0;

    while (start < text.len && (text.ptr[start] == '*' || text.ptr[start] == ' ')) {
        start++;
    }
    size_t end = start;
    while (end < text.len && str_is_name_byte(text.ptr[end])) {
        end++;
    }
    return str_slice(text, start, end);
}
