/* paths: names of single objects. A value's path says by which parameter or variable it came in and through which
 * fields it was read. A set of abstract objects cannot tell two accounts apart that were made at the same place; two
 * paths can: equal ones mean one object (while nobody assigns to a field of the path), different ones may mean two.
 *
 * A path is only good within one call. paths_translate turns one of a callee into the caller's words. */
#ifndef PROGRAM_PATHS_H
#define PROGRAM_PATHS_H

#include "program/state.h"

enum path_kind {
    PATH_NOTHING, /* number 0: no path is known */
    PATH_PARAM,   /* a = index of a parameter */
    PATH_GLOBAL,  /* a = name, b = unit */
    PATH_CELL,    /* a = function, b = local: a variable of an enclosing function */
    PATH_ATTR,    /* base.name: a = name */
    PATH_ITEM,    /* base[key]: a = path of the key */
    PATH_CONST,   /* a literal: a = name of its text */
    PATH_CALL,    /* base(): the base is the callee */
    PATH_ARG,     /* a further argument of the call that is the base: a = its path */
    PATH_ELEMENT, /* an element of base met by the loop a, b = which pass over its body */
    PATH_PART,    /* part a of base: of a tuple unpacked */
    PATH_WRAPPED, /* a number that goes round, `(i + 1) % n`: a = instruction */
    PATH_SORTED   /* what sorted() and its like return: a = instruction. Its parts come in an order all threads agree on
                   */
};

struct path {
    uint8_t kind;  /* enum path_kind */
    uint8_t depth; /* steps, those of keys and arguments included */
    path_id base;
    uint32_t a, b;
};

#define PATH_STEPS_MAX 8

/* The path one step on; 0 where base is needed and 0, and past PATH_STEPS_MAX. */
path_id paths_step(struct program *p, path_id base, enum path_kind kind, uint32_t a, uint32_t b);
static inline const struct path *path_at(const struct program *p, path_id id)
{
    return &p->paths.data[id];
}
/* The path of base.name, where base has this value. */
path_id paths_attr(struct program *p, path_id base, set_id value, name_id name);
/* The path of a callee in the words of its caller: parameter i is params[i], a cell of function `env` is locals[…]; 0
 * where the caller has no name for it. */
struct path_words {
    const path_id *params;
    const object_id *parts; /* the object of each parameter that was made for the one it is a field of; else 0 */
    uint32_t param_count;
    uint32_t env_function; /* whose locals the callee closes over, or UINT32_MAX */
    const path_id *locals; /* paths of these */
    uint32_t local_count;
    bool same_cells; /* caller and callee close over the same cells: those names stay as they are */
};
/* The object, where it is a part of what `path` reached it through: that which made it and holds it; else 0. */
object_id paths_part(const struct program *p, path_id path, set_id value);
path_id paths_translate(struct program *p, path_id id, const struct path_words *words);
/* Whether equal paths mean the same object: no call lies in it, whose result may be new each time. */
bool paths_names_one(const struct program *p, path_id path);
/* Whether two paths are meant to lead to two objects: through different keys of one container, by way of different
 * parameters, or by different elements of one loop. Two that only differ in some other way may be two names of one. */
bool paths_apart(const struct program *p, path_id a, path_id b);
/* Whether a path is, or goes on from, another one. */
bool paths_begins(const struct program *p, path_id path, path_id with);
/* Whether the one is reached through the other, as a child is from its parent. */
bool paths_nested(const struct program *p, path_id a, path_id b);
/* Whether the path goes through parts of something sorted. */
bool paths_sorted(const struct program *p, path_id path);
/* What the path stands on: bit i for parameter i, further bits for loops and variables. */
uint64_t paths_origins(const struct program *p, path_id id);

#endif
