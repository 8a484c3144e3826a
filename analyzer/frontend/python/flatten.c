/* The walk from tree-sitter's tree to ours.
 *
 * A subtree knows its symbol, its children, its own length and that of the white space before it; where it stands, what
 * it is called there (an alias) and which field of its parent it is, only the way to it tells. tree-sitter's cursor
 * finds that out anew at each node, for any order of moves. This walk knows its order and carries it along, for which
 * it reads the subtrees themselves: so it depends on the version of tree-sitter that is built in.
 * tests/unit/test_tree.c holds it against the cursor. */
#include <src/language.h>
#include <src/tree.h>

#include "frontend/python/tree.h"

/* What the grammar's rule behind a subtree says of its children, each known by its place among those that the rule asks
 * for. Most rules say nothing. */
struct rule {
    const TSSymbol *aliases;             /* what children are called here, by place; 0: by their own name; or NULL */
    const TSFieldMapEntry *field, *last; /* which places are which fields */
};

/* A subtree whose children are being walked. Subtrees that the grammar hides are levels, too, if they have several
 * children, but these count as those of the visible subtree around. */
struct tree_level {
    const Subtree *next, *end; /* the children left */
    struct rule rule;          /* what is said of them */
    uint32_t at;               /* byte behind the child before, where the white space of the next begins */
    uint32_t place;            /* of the next child */
    uint32_t node;             /* in struct tree: the visible subtree, or the one around a hidden one */
    uint8_t inherited;         /* enum node_field: what a hidden subtree is to its parent */
};

struct walk {
    struct tree *tree;
    const struct grammar *grammar;
    const TSLanguage *language;
    bool broken; /* the tree has errors */
};

/* Whether a string node can hold interpolations: its prefix has an f or a t. */
static bool string_is_formatted(struct str text, uint32_t start)
{
    for (size_t i = start; i < text.len && i < (size_t)start + 3; i++) {
        switch (text.ptr[i]) {
        case 'f':
        case 'F':
        case 't':
        case 'T': return true;
        case '\'':
        case '"': return false;
        default: break;
        }
    }
    return false;
}

/* What the walk does with one node: whether it is kept, and whether its children are visited. */
struct visit {
    bool keep, descend;
};

static struct visit visit_of(struct tree *tree, enum node_kind kind, struct ir_span span)
{
    switch (node_role(kind)) {
    case ROLE_NOTHING:
    case ROLE_TOKEN: return (struct visit){kind != NODE_NOTHING, false};
    case ROLE_TEXT:
        if (kind == NODE_COMMENT) {
            vec_push(&tree->comments, span);
            return (struct visit){false, false};
        }
        return (struct visit){true, false};
    default: return (struct visit){true, kind != NODE_STRING || string_is_formatted(tree->text, span.start)};
    }
}

/* Notes an error unless it lies inside the one before. */
static void tree_error(struct tree *tree, struct ir_span span)
{
    if (tree->errors.len > 0 && span.end <= vec_last(&tree->errors).end && span.start < vec_last(&tree->errors).end) {
        return;
    }
    vec_push(&tree->errors, span);
}

/* Of a subtree that has children. */
static struct rule rule_of(const struct walk *walk, Subtree subtree)
{
    uint16_t production = subtree.ptr->production_id;
    struct rule rule = {0};

    if (production != 0) { /* 0 is all rules that say nothing */
        rule.aliases = ts_language_alias_sequence(walk->language, production);
        ts_language_field_map(walk->language, production, &rule.field, &rule.last);
    }
    return rule;
}

static TSSymbol rule_alias(const struct rule *rule, uint32_t place)
{
    return rule->aliases != NULL ? rule->aliases[place] : 0;
}

/* What the child at a place is to the visible subtree around. */
static uint8_t rule_field(const struct walk *walk, const struct rule *rule, uint32_t place, uint8_t inherited)
{
    for (const TSFieldMapEntry *entry = rule->field; entry < rule->last; entry++) {
        if (entry->child_index == place && !entry->inherited) {
            return walk->grammar->fields[entry->field_id];
        }
    }
    return inherited;
}

/* Pushes a level for the children of a subtree whose white space begins at a byte: it is the white space of the first.
 */
static void level_enter(struct walk *walk, Subtree subtree, uint32_t at, uint32_t node, uint8_t inherited)
{
    const Subtree *children = ts_subtree_children(subtree);
    struct tree_level level = {
        .next = children,
        .end = children + subtree.ptr->child_count,
        .rule = rule_of(walk, subtree),
        .at = at,
        .node = node,
        .inherited = inherited,
    };

    vec_push(&walk->tree->open, level);
}

/* Adds a visible subtree whose white space begins at a byte, and enters it where its children matter. */
static void walk_visit(struct walk *walk, Subtree subtree, enum node_kind kind, uint8_t field, uint32_t at)
{
    struct tree *tree = walk->tree;
    uint32_t start = at + ts_subtree_padding(subtree).bytes;
    struct ir_span span = {start, start + ts_subtree_size(subtree).bytes};
    struct visit visit = visit_of(tree, kind, span);
    uint32_t index = (uint32_t)tree->nodes.len;
    unsigned flags = 0;

    if (walk->broken) {
        bool missing = ts_subtree_missing(subtree);
        bool inside = !visit.descend && ts_subtree_error_cost(subtree) > 0;
        if (kind == NODE_ERROR || missing || inside) {
            tree_error(tree, span);
        }
        flags = (missing ? NODE_FLAG_MISSING : 0u) | (inside ? NODE_FLAG_ERROR : 0u);
        visit.keep |= flags != 0;
        kind = flags != 0 && kind == NODE_NOTHING ? NODE_ERROR : kind;
    }
    if (visit.keep) {
        vec_push(&tree->nodes,
                 (struct node){span.start, span.end, index + 1, 0, 0, (uint8_t)kind, field, (uint8_t)flags});
    }
    if (visit.descend && ts_subtree_child_count(subtree) > 0) {
        level_enter(walk, subtree, at, index, FIELD_NONE);
    }
}

static enum node_kind grammar_kind(const struct grammar *grammar, TSSymbol symbol)
{
    /* ts_builtin_sym_error is above all symbols of the grammar */
    return symbol < grammar->symbol_count ? (enum node_kind)grammar->kinds[symbol] : NODE_ERROR;
}

/* Walks over the next child of a level, which is no longer good afterwards: another one may have been pushed. Of a
 * hidden subtree with one child, as most are, the walk goes on to that child. */
static void level_step(struct walk *walk, struct tree_level *level)
{
    Subtree child = *level->next++;
    struct rule rule = level->rule;
    bool extra = ts_subtree_extra(child); /* may stand anywhere, like a comment: it takes no place in the rule */
    uint32_t at = level->at, node = level->node;
    uint32_t place = extra ? 0 : level->place++;
    uint8_t inherited = level->inherited;

    level->at = at + ts_subtree_padding(child).bytes + ts_subtree_size(child).bytes;
    for (;;) {
        TSSymbol alias = extra ? 0 : rule_alias(&rule, place);
        if (alias != 0 || ts_subtree_visible(child)) {
            enum node_kind kind = grammar_kind(walk->grammar, alias != 0 ? alias : ts_subtree_symbol(child));
            if (kind != NODE_NOTHING || walk->broken) {
                walk_visit(walk, child, kind, extra ? FIELD_NONE : rule_field(walk, &rule, place, inherited), at);
            }
            return;
        }
        if (ts_subtree_visible_child_count(child) == 0) {
            return;
        }
        inherited = extra ? FIELD_NONE : rule_field(walk, &rule, place, inherited);
        if (ts_subtree_child_count(child) > 1) {
            level_enter(walk, child, at, node, inherited);
            return;
        }
        rule = rule_of(walk, child);
        child = *ts_subtree_children(child);
        extra = ts_subtree_extra(child);
        place = 0;
    }
}

void tree_flatten(struct tree *tree, const struct grammar *grammar, const TSTree *parsed, struct str text)
{
    Subtree root = parsed->root;
    struct walk walk = {
        .tree = tree,
        .grammar = grammar,
        .language = parsed->language,
        .broken = ts_subtree_error_cost(root) > 0,
    };

    tree->text = text;
    vec_clear(&tree->nodes);
    vec_clear(&tree->comments);
    vec_clear(&tree->errors);
    vec_clear(&tree->open);
    walk_visit(&walk, root, grammar_kind(grammar, ts_subtree_symbol(root)), FIELD_NONE, 0);
    while (tree->open.len > 0) {
        struct tree_level *level = &vec_last(&tree->open);
        if (level->next < level->end) {
            level_step(&walk, level);
            continue;
        }
        tree->nodes.data[level->node].after = (uint32_t)tree->nodes.len;
        tree->open.len--;
    }
}
