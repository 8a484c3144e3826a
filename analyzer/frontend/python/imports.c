/* Import statements. */
#include "frontend/python/lower.h"

#include "frontend/python/names.h"

/* The text of a dotted name without white space, with each part folded: "os.path". */
static ir_name dotted_name(struct lowering *low, uint32_t node)
{
    const struct tree *tree = low->tree;
    struct buf dotted = {0};

    if (node == NO_NODE) {
        return 0;
    }
    for (uint32_t child = node_first(tree, node); child != NO_NODE; child = node_next(tree, node, child)) {
        if (node_kind(tree, child) == NODE_IDENTIFIER) {
            ir_name part = keyword_name(low, child);
            if (dotted.len > 0) {
                buf_add_char(&dotted, '.');
            }
            buf_add(&dotted, ir_builder_name_text(low->ir, part));
        }
    }
    ir_name name = ir_builder_name(low->ir, buf_str(&dotted));
    buf_release(&dotted);
    return name;
}

/* One name of an import list, taken apart. */
struct imported {
    uint32_t dotted; /* what is imported */
    uint32_t alias;  /* the identifier behind `as`, or NO_NODE */
};

/* Reads a child of an import statement; false where it is no name. */
static bool imported_read(const struct tree *tree, uint32_t child, struct imported *imported)
{
    if (tree_node(tree, child)->field != FIELD_NAME || (tree_node(tree, child)->flags & NODE_FLAG_MISSING)) {
        return false;
    }
    *imported = (struct imported){.dotted = child};
    if (node_kind(tree, child) == NODE_ALIASED_IMPORT) {
        imported->dotted = node_field(tree, child, FIELD_NAME);
        imported->alias = node_field(tree, child, FIELD_ALIAS);
    }
    return imported->dotted != NO_NODE && node_first(tree, imported->dotted) != NO_NODE;
}

void lower_import(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    struct imported imported;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (!imported_read(tree, child, &imported)) {
            continue;
        }
        ir_value module = emit_op(low, (struct ir_op){.code = IR_IMPORT,
                                                      .flags = imported.alias != NO_NODE ? IR_FLAG_LEAF : 0,
                                                      .a = dotted_name(low, imported.dotted),
                                                      .span = node_span(tree, child)});
        uint32_t bound = imported.alias != NO_NODE ? imported.alias : node_first(tree, imported.dotted);
        emit_write_name(low, name_at(low, bound), module, 0, node_span(tree, bound));
    }
}

/* The module of `from … import`: its leading dots and its name, which may be empty. */
struct source_module {
    ir_name name;
    uint16_t dots;
};

static struct source_module source_module_of(struct lowering *low, uint32_t node)
{
    const struct tree *tree = low->tree;
    struct source_module module = {0};
    uint32_t name = node_field(tree, node, FIELD_MODULE_NAME);

    if (node_kind(tree, node) == NODE_FUTURE_IMPORT_STATEMENT) {
        module.name = ir_builder_name(low->ir, STR("__future__"));
    } else if (name != NO_NODE && node_kind(tree, name) == NODE_RELATIVE_IMPORT) {
        uint32_t prefix = node_of_kind(tree, name, NODE_IMPORT_PREFIX);
        struct str dots = prefix == NO_NODE ? STR("") : node_text(tree, prefix);
        for (size_t i = 0; i < dots.len && module.dots < UINT16_MAX; i++) {
            module.dots = (uint16_t)(module.dots + (dots.ptr[i] == '.'));
        }
        module.name = dotted_name(low, node_of_kind(tree, name, NODE_DOTTED_NAME));
    } else {
        module.name = dotted_name(low, name);
    }
    return module;
}

void lower_import_from(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    struct source_module module = source_module_of(low, task.node);
    uint32_t star = node_of_kind(tree, task.node, NODE_WILDCARD_IMPORT);
    struct imported imported;

    if (star != NO_NODE) {
        emit_op(low,
                (struct ir_op){
                    .code = IR_IMPORT_STAR, .aux = module.dots, .a = module.name, .span = node_span(tree, task.node)});
    }
    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        if (!imported_read(tree, child, &imported)) {
            continue;
        }
        ir_value value = emit_op(low, (struct ir_op){.code = IR_IMPORT_FROM,
                                                     .aux = module.dots,
                                                     .a = module.name,
                                                     .b = dotted_name(low, imported.dotted),
                                                     .span = node_span(tree, child)});
        uint32_t bound = imported.alias != NO_NODE ? imported.alias : node_first(tree, imported.dotted);
        emit_write_name(low, name_at(low, bound), value, 0, node_span(tree, bound));
    }
}
