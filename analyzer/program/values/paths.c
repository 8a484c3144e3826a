#include "program/values/paths.h"

#include "base/hash.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool path_equal(const struct path *x, const struct path *y)
{
    return x->kind == y->kind && x->base == y->base && x->a == y->a && x->b == y->b;
}

static bool has_path_operand(enum path_kind kind)
{
    return kind == PATH_ITEM || kind == PATH_ARG;
}

path_id paths_step(struct program *p, path_id base, enum path_kind kind, uint32_t a, uint32_t b)
{
    bool needs_base = kind == PATH_ATTR || kind == PATH_ITEM || kind == PATH_CALL || kind == PATH_ARG ||
                      kind == PATH_ELEMENT || kind == PATH_PART;
    if ((needs_base && base == 0) || (has_path_operand(kind) && a == 0))
        return 0;
    unsigned depth =
        1 + (base != 0 ? path_at(p, base)->depth : 0u) + (has_path_operand(kind) ? path_at(p, a)->depth : 0u);
    if (depth > PATH_STEPS_MAX)
        return 0;
    struct path path = {(uint8_t)kind, (uint8_t)depth, base, a, b};
    uint64_t hash = hash_words((uint32_t)kind, base, a, b);
    struct index_probe probe;
    for (path_id id = index_first(&p->path_index, hash, &probe); id != INDEX_NONE;
         id = index_next(&p->path_index, &probe))
        if (path_equal(path_at(p, id), &path))
            return id;
    path_id fresh = (path_id)p->paths.len;
    index_add(&p->path_index, hash, fresh);
    vec_push(&p->paths, path);
    return fresh;
}

object_id paths_part(const struct program *p, path_id path, set_id value)
{
    if (path == 0 || sets_count(p->sets, value) != 1)
        return 0;
    object_id part = sets_member(p->sets, value, 0);
    const struct object *o = object_at(p, part);
    const struct path *step = path_at(p, path);
    return o->kind == OBJECT_INSTANCE && step->kind == PATH_ATTR && step->a == o->home_field ? part : 0;
}

/* x.part.owner is x where the part was made for x alone and was given it. What the part's constructor holds of any
 * caller's arguments does not count. */
static bool leads_back(struct program *p, object_id part, name_id name)
{
    object_id home = object_at(p, part)->home;
    const struct field *field = heap_find(p, part, name);
    if (field == NULL || field->value == 0)
        field = heap_find(p, object_generic(p, object_at(p, part)->a), name);
    if (field == NULL || !sets_has(p->sets, field->value, home))
        return false;
    for (uint32_t i = 0; i < sets_count(p->sets, field->value); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, field->value, i));
        if (sets_member(p->sets, field->value, i) != home && o->kind != OBJECT_PATH)
            return false;
    }
    return true;
}

/* The same for a callee's path parameter.name: that of the object whose part the caller passed, or 0. */
static path_id translate_back(struct program *p, const struct path *path, const struct path_words *words)
{
    const struct path *base = path_at(p, path->base);
    if (base->kind != PATH_PARAM || base->a >= words->param_count || words->parts[base->a] == 0)
        return 0;
    return leads_back(p, words->parts[base->a], path->a) ? path_at(p, words->params[base->a])->base : 0;
}

path_id paths_attr(struct program *p, path_id base, set_id value, name_id name)
{
    object_id part = paths_part(p, base, value);
    if (part != 0 && leads_back(p, part, name))
        return path_at(p, base)->base;
    return paths_step(p, base, PATH_ATTR, name, 0);
}

/* Recurses at most PATH_STEPS_MAX deep: a path has no more steps. */
path_id paths_translate(struct program *p, path_id id, const struct path_words *words)
{
    if (id == 0)
        return 0;
    struct path path = *path_at(p, id);
    switch ((enum path_kind)path.kind) {
    case PATH_PARAM: return path.a < words->param_count ? words->params[path.a] : 0;
    case PATH_CELL:
        if (words->same_cells)
            return id;
        return path.a == words->env_function && path.b < words->local_count ? words->locals[path.b] : 0;
    case PATH_GLOBAL:
    case PATH_CONST: return id;
    case PATH_WRAPPED:
    case PATH_SORTED:
    case PATH_ELEMENT: return 0; /* of the callee's own loops */
    case PATH_ATTR: {
        path_id back = translate_back(p, &path, words);
        if (back != 0)
            return back;
        path_id base = paths_translate(p, path.base, words);
        return base == path.base ? id : paths_step(p, base, PATH_ATTR, path.a, path.b);
    }
    case PATH_CALL:
    case PATH_PART: {
        path_id base = paths_translate(p, path.base, words);
        return base == path.base ? id : paths_step(p, base, (enum path_kind)path.kind, path.a, path.b);
    }
    case PATH_ITEM:
    case PATH_ARG: {
        path_id base = paths_translate(p, path.base, words), operand = paths_translate(p, path.a, words);
        return paths_step(p, base, (enum path_kind)path.kind, operand, path.b);
    }
    case PATH_NOTHING: break;
    }
    return 0;
}

bool paths_names_one(const struct program *p, path_id id)
{
    if (id == 0)
        return false;
    for (; id != 0; id = path_at(p, id)->base) {
        const struct path *path = path_at(p, id);
        if (path->kind == PATH_CALL || path->kind == PATH_ARG)
            return false;
        if (path->kind == PATH_ITEM && !paths_names_one(p, path->a))
            return false;
    }
    return true;
}

bool paths_apart(const struct program *p, path_id a, path_id b)
{
    while (a != 0 && b != 0 && a != b) {
        const struct path *x = path_at(p, a), *y = path_at(p, b);
        if (x->kind != y->kind)
            return false;
        if (x->kind == PATH_PARAM)
            return true; /* of one call: another number */
        bool one_base = x->base == y->base && x->base != 0;
        if (x->kind == PATH_ITEM && one_base)
            return paths_names_one(p, x->a) && paths_names_one(p, y->a);
        if (x->kind == PATH_ELEMENT && one_base)
            return x->a == y->a;
        if (x->a != y->a || x->b != y->b)
            return false;
        a = x->base;
        b = y->base;
    }
    return false;
}

bool paths_begins(const struct program *p, path_id id, path_id with)
{
    for (; id != 0; id = path_at(p, id)->base)
        if (id == with)
            return true;
    return false;
}

/* A loop over the children of a node, or a call that gives one of them, counts as a step down from the node. */
bool paths_nested(const struct program *p, path_id a, path_id b)
{
    return paths_begins(p, a, b) || paths_begins(p, b, a);
}

bool paths_sorted(const struct program *p, path_id id)
{
    for (; id != 0; id = path_at(p, id)->base) {
        const struct path *path = path_at(p, id);
        if (path->kind == PATH_SORTED || (has_path_operand((enum path_kind)path->kind) && paths_sorted(p, path->a)))
            return true;
    }
    return false;
}

uint64_t paths_origins(const struct program *p, path_id id)
{
    uint64_t origins = 0;
    for (; id != 0; id = path_at(p, id)->base) {
        const struct path *path = path_at(p, id);
        switch ((enum path_kind)path->kind) {
        case PATH_PARAM: origins |= (uint64_t)1 << (path->a % 32); break;
        case PATH_ELEMENT: origins |= (uint64_t)1 << (32 + path->a % 16); break;
        case PATH_CELL:
        case PATH_GLOBAL: origins |= (uint64_t)1 << (48 + (path->a ^ path->b) % 16); break;
        case PATH_ITEM:
        case PATH_ARG: origins |= paths_origins(p, path->a); break;
        default: break;
        }
    }
    return origins;
}
