#include "fix/variables.h"

bool variable_of(struct plan *plan, const struct place *place, struct variable *v)
{
    struct access made = {.site = place->declared};
    *v = (struct variable){.plan = plan, .place = place, .name = place->field};
    v->made = spot_of(plan, made.site.file ? &made : NULL);
    if (!v->made.syntax || place->contents) {
        return false;
    }
    uint32_t function = syntax_function(v->made.syntax, v->made.node);
    v->class_node = function == NO_NODE ? NO_NODE : syntax_class(v->made.syntax, function);
    return place->root == PLACE_GLOBAL ? function == NO_NODE : v->class_node != NO_NODE;
}

/* Whether a look at an attribute of that name is one of those that the analysis saw. */
static bool is_access(const struct variable *v, const struct syntax *s, uint32_t node)
{
    struct place_access *accesses;
    uint64_t key = v->place->key;
    uint32_t count = program_accesses(v->plan->scene.request->program, &key, 1, v->plan->scene.arena, &accesses);
    for (uint32_t i = 0; i < count; i++) {
        const struct site *site = &accesses[i].access->site;
        if (site->file == s->file && site->span.start == s->tree.nodes.data[node].start) {
            return true;
        }
    }
    return false;
}

/* `self.name` in a method of the class. */
static bool is_own_attribute(const struct variable *v, const struct syntax *s, uint32_t node)
{
    uint32_t function = syntax_function(s, node);
    while (function != NO_NODE && syntax_class(s, function) == NO_NODE) {
        function = syntax_function(s, function);
    }
    return s == v->made.syntax && v->class_node != NO_NODE && function != NO_NODE &&
           syntax_class(s, function) == v->class_node &&
           str_equal(syntax_text(s, node_field(&s->tree, node, FIELD_OBJECT)), STR("self"));
}

enum variable_use variable_use(struct variable *v, const struct syntax *s, uint32_t node)
{
    enum node_kind kind = node_kind(&s->tree, node);
    if (kind == NODE_ATTRIBUTE) {
        uint32_t name = node_field(&s->tree, node, FIELD_ATTRIBUTE);
        if (name == NO_NODE || !str_equal(node_text(&s->tree, name), v->name)) {
            return USE_NONE;
        }
        return is_own_attribute(v, s, node) || is_access(v, s, node) ? USE_OWN : USE_UNCLEAR;
    }
    if (kind != NODE_IDENTIFIER || s->tree.nodes.data[node].field == FIELD_ATTRIBUTE ||
        !str_equal(node_text(&s->tree, node), v->name)) {
        return USE_NONE;
    }
    if (v->class_node != NO_NODE) { /* in a class body it would be the value that all instances begin with */
        return syntax_class(s, node) != NO_NODE ? USE_UNCLEAR : USE_NONE;
    }
    bool imported = syntax_around(s, node, NODE_IMPORT_FROM_STATEMENT) != NO_NODE;
    return s == v->made.syntax ? USE_OWN : imported ? USE_UNCLEAR : USE_NONE;
}

bool variable_is_local(const struct variable *v, const struct syntax *s, uint32_t use)
{
    uint32_t function = syntax_function(s, use);
    for (uint32_t i = function; function != NO_NODE && i < s->tree.nodes.data[function].after; i++) {
        if (node_kind(&s->tree, i) == NODE_GLOBAL_STATEMENT && syntax_uses(s, i, v->name)) {
            return false;
        }
    }
    return function != NO_NODE && node_kind(&s->tree, use) == NODE_IDENTIFIER;
}

bool variable_drop_global(struct candidate *candidate, const struct spot *spot, uint32_t statement)
{
    const struct syntax *s = spot->syntax;
    if (spot_only(s, statement) == NO_NODE || !syntax_has_lines(s, statement) ||
        spot_only(s, s->parents[statement]) != NO_NODE) {
        return false;
    }
    spot_delete(candidate, spot, statement);
    return true;
}
