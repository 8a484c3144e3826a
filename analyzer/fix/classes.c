#include "fix/classes.h"

static struct str class_name(const struct syntax *s, uint32_t node)
{
    uint32_t name = node_field(&s->tree, node, FIELD_NAME);
    return name == NO_NODE ? STR("") : node_text(&s->tree, name);
}

/* Whether a class has the qualified name "Outer.Inner" within its module. */
static bool has_qualname(const struct syntax *s, uint32_t node, struct str qualname)
{
    while (node != NO_NODE) {
        struct str name = class_name(s, node);
        if (!str_ends(qualname, name)) {
            return false;
        }
        qualname = str_slice(qualname, 0, qualname.len - name.len);
        uint32_t outer = NO_NODE;
        for (uint32_t up = s->parents[node]; up != NO_NODE && outer == NO_NODE; up = s->parents[up]) {
            enum node_kind kind = node_kind(&s->tree, up);
            outer = kind == NODE_CLASS_DEFINITION || kind == NODE_FUNCTION_DEFINITION ? up : NO_NODE;
        }
        if (outer == NO_NODE) {
            return qualname.len == 0;
        }
        if (!str_ends(qualname, STR("."))) {
            return false;
        }
        qualname = str_slice(qualname, 0, qualname.len - 1);
        node = outer;
    }
    return false;
}

/* The part of a qualified name behind the module's, as far as the path tells: "Cache" of "pkg.cache.Cache" in
 * src/pkg/cache.py. */
static struct str within_module(struct scene *scene, struct str path, struct str qualified)
{
    struct buf dotted = {0};
    struct str stem = str_slice(path, 0, str_rfind_char(path, '.'));
    if (str_ends(stem, STR("/__init__"))) {
        stem = str_slice(stem, 0, stem.len - (sizeof "/__init__" - 1));
    }
    for (size_t i = 0; i < stem.len; i++) {
        buf_add_char(&dotted, stem.ptr[i] == '/' ? '.' : stem.ptr[i]);
    }
    struct str module = arena_str(scene->arena, buf_str(&dotted)), rest = STR("");
    buf_release(&dotted);
    for (size_t at = 0; at < module.len && rest.len == 0; at++) {
        struct str part = str_slice(module, at, module.len);
        bool boundary = at == 0 || module.ptr[at - 1] == '.';
        if (boundary && str_starts(qualified, part) && qualified.len > part.len + 1 && qualified.ptr[part.len] == '.') {
            rest = str_slice(qualified, part.len + 1, qualified.len);
        }
    }
    return rest;
}

struct class_place class_locate(struct scene *scene, struct str qualified)
{
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        struct str qualname = within_module(scene, scene->request->files[file].source->path, qualified);
        const struct syntax *s = qualname.len > 0 ? scene_syntax(scene, file) : NULL;
        for (uint32_t i = 1; s && i < s->tree.nodes.len; i++) {
            if (node_kind(&s->tree, i) == NODE_CLASS_DEFINITION && has_qualname(s, i, qualname)) {
                return (struct class_place){s, file, i};
            }
        }
    }
    return (struct class_place){0};
}

static struct str last_name(struct str path)
{
    size_t bracket = str_find(path, STR("["));
    struct str plain = str_slice(path, 0, bracket == SIZE_MAX ? path.len : bracket);
    size_t dot = str_rfind_char(plain, '.');
    return dot == SIZE_MAX ? plain : str_slice(plain, dot + 1, plain.len);
}

/* Whether a class names a base of one of these names. */
static bool has_base(const struct syntax *s, uint32_t node, const char *const *names)
{
    uint32_t bases = node_field(&s->tree, node, FIELD_SUPERCLASSES);
    for (uint32_t base = bases == NO_NODE ? NO_NODE : node_first(&s->tree, bases); base != NO_NODE;
         base = node_next(&s->tree, bases, base)) {
        if (syntax_is_any_of(last_name(syntax_text(s, base)), names)) {
            return true;
        }
    }
    return false;
}

static bool is_decorated(const struct syntax *s, uint32_t node)
{
    return node_kind(&s->tree, s->parents[node]) == NODE_DECORATED_DEFINITION;
}

/* Methods by which instances come about without the constructor, or go through pickle and copy. */
static bool has_other_ways(const struct syntax *s, uint32_t node)
{
    static const char *const methods[] = {"__new__",  "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__",
                                          "__copy__", "__deepcopy__", "__del__",      NULL};
    for (const char *const *method = methods; *method; method++) {
        if (syntax_method(s, node, str_of(*method)) != NO_NODE) {
            return true;
        }
    }
    uint32_t body = syntax_body(s, node);
    for (uint32_t i = body; body != NO_NODE && i < s->tree.nodes.data[body].after; i++) {
        bool slots = node_kind(&s->tree, i) == NODE_IDENTIFIER && str_equal(node_text(&s->tree, i), STR("__slots__"));
        if (slots) {
            return true;
        }
    }
    return false;
}

/* Whether the program moves objects through pickle or copy at all. */
static bool moves_objects(struct scene *scene)
{
    static const char *const modules[] = {"pickle", "copy", "multiprocessing", "copyreg", "shelve", NULL};
    for (size_t i = 0; i < scene->request->file_count; i++) {
        const struct ir_module *module = scene->request->files[i].module;
        for (uint32_t op = 0; module && op < module->op_count; op++) {
            bool import = module->ops[op].code == IR_IMPORT || module->ops[op].code == IR_IMPORT_FROM;
            if (import && syntax_is_any_of(module->names[module->ops[op].a], modules)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a class has a constructor of its own that does not run that of its bases. */
static bool skips_base_constructor(const struct syntax *s, uint32_t node)
{
    uint32_t init = syntax_method(s, node, STR("__init__"));
    if (init == NO_NODE) {
        return false;
    }
    struct str text = syntax_text(s, init);
    struct str rest = str_slice(text, 1 + str_find(text, STR("__init__")), text.len);
    return str_find(rest, STR("__init__(")) == SIZE_MAX;
}

static bool subclass_skips(struct scene *scene, struct str name)
{
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        const struct ir_module *module = scene->request->files[file].module;
        const struct syntax *s = module && module->class_count > 0 ? scene_syntax(scene, file) : NULL;
        for (uint32_t i = 1; s && i < s->tree.nodes.len; i++) {
            const char *const names[] = {scene_text(scene, "%.*s", STR_FMT(name)).ptr, NULL};
            if (node_kind(&s->tree, i) == NODE_CLASS_DEFINITION && has_base(s, i, names) &&
                skips_base_constructor(s, i)) {
                return true;
            }
        }
    }
    return false;
}

enum class_kind class_kind(struct scene *scene, uint32_t file, uint32_t node)
{
    static const char *const stateless[] = {"NamedTuple", "Enum",      "IntEnum",  "StrEnum", "Flag",
                                            "IntFlag",    "TypedDict", "Protocol", NULL};
    const struct syntax *s = scene_syntax(scene, file);
    if (has_base(s, node, stateless)) {
        return CLASS_WITHOUT_STATE;
    }
    bool plain = syntax_method(s, node, STR("__init__")) != NO_NODE && !is_decorated(s, node) &&
                 !has_other_ways(s, node) && !moves_objects(scene) && !subclass_skips(scene, class_name(s, node));
    return plain ? CLASS_PLAIN : CLASS_WITHOUT_CONSTRUCTOR;
}

/* Whether a class uses an attribute, or has a member, of that name. */
static bool uses_name(const struct syntax *s, uint32_t node, struct str name)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        if (node_kind(&s->tree, i) == NODE_IDENTIFIER && str_equal(node_text(&s->tree, i), name)) {
            return true;
        }
    }
    return false;
}

#define RELATIVES_MAX 64 /* classes looked at around one */

/* The names of a class and of all that are related to it by inheritance, by their last names. */
struct relatives {
    struct str names[RELATIVES_MAX];
    uint32_t count;
};

static bool is_relative(const struct relatives *relatives, struct str name)
{
    for (uint32_t i = 0; i < relatives->count; i++) {
        if (str_equal(relatives->names[i], name)) {
            return true;
        }
    }
    return false;
}

static bool add_relative(struct relatives *relatives, struct str name)
{
    if (is_relative(relatives, name) || relatives->count == RELATIVES_MAX || str_equal(name, STR("object"))) {
        return false;
    }
    relatives->names[relatives->count++] = name;
    return true;
}

/* Adds the bases of relatives, and the classes that have relatives for bases, if those are wanted. */
static bool grow(struct scene *scene, struct relatives *relatives, bool derived)
{
    bool grown = false;
    for (uint32_t file = 0; file < scene->request->file_count; file++) {
        const struct ir_module *module = scene->request->files[file].module;
        const struct syntax *s = module && module->class_count > 0 ? scene_syntax(scene, file) : NULL;
        for (uint32_t i = 1; s && i < s->tree.nodes.len; i++) {
            uint32_t bases =
                node_kind(&s->tree, i) == NODE_CLASS_DEFINITION ? node_field(&s->tree, i, FIELD_SUPERCLASSES) : NO_NODE;
            for (uint32_t base = bases == NO_NODE ? NO_NODE : node_first(&s->tree, bases); base != NO_NODE;
                 base = node_next(&s->tree, bases, base)) {
                struct str name = last_name(syntax_text(s, base));
                if (is_relative(relatives, class_name(s, i))) {
                    grown = add_relative(relatives, name) || grown;
                } else if (derived && is_relative(relatives, name)) {
                    grown = add_relative(relatives, class_name(s, i)) || grown;
                }
            }
        }
    }
    return grown;
}

bool class_is_a(struct scene *scene, uint32_t file, uint32_t node, uint32_t base_file, uint32_t base)
{
    struct relatives relatives = {.count = 1};
    struct str name = class_name(scene_syntax(scene, base_file), base);
    relatives.names[0] = class_name(scene_syntax(scene, file), node);
    while (!is_relative(&relatives, name) && grow(scene, &relatives, false)) {
    }
    return is_relative(&relatives, name);
}

bool class_name_is_free(struct scene *scene, uint32_t file, uint32_t node, struct str name)
{
    struct relatives relatives = {.count = 1};
    relatives.names[0] = class_name(scene_syntax(scene, file), node);
    while (grow(scene, &relatives, true)) {
    }
    for (uint32_t i = 0; i < scene->request->file_count; i++) {
        const struct ir_module *module = scene->request->files[i].module;
        const struct syntax *s = module && module->class_count > 0 ? scene_syntax(scene, i) : NULL;
        for (uint32_t k = 1; s && k < s->tree.nodes.len; k++) {
            if (node_kind(&s->tree, k) == NODE_CLASS_DEFINITION && is_relative(&relatives, class_name(s, k)) &&
                uses_name(s, k, name)) {
                return false;
            }
        }
    }
    return true;
}
