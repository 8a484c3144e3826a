#include "program/symbols/units.h"
#include "program/locks/declared.h"

#include <stdlib.h>
#include <string.h>

#include "program/values/objects.h"

static struct str path_stem(struct str path)
{
    if (str_ends(path, STR(".pyi")))
        return str_slice(path, 0, path.len - 4);
    if (str_ends(path, STR(".pyw")))
        return str_slice(path, 0, path.len - 4);
    if (str_ends(path, STR(".py")))
        return str_slice(path, 0, path.len - 3);
    return path;
}

static struct str path_folder(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == SIZE_MAX ? STR("") : str_slice(path, 0, slash);
}

static struct str path_base(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.len);
}

static struct str path_join(struct program *p, struct str folder, struct str name)
{
    if (folder.len == 0)
        return name;
    if (name.len == 0)
        return folder;
    char *text = arena_alloc(p->arena, folder.len + 1 + name.len);
    memcpy(text, folder.ptr, folder.len);
    text[folder.len] = '/';
    memcpy(text + folder.len + 1, name.ptr, name.len);
    return (struct str){text, folder.len + 1 + name.len};
}

static uint32_t unit_at_path(struct program *p, struct str stem)
{
    uint32_t name = intern_find(p->names, stem);
    uint64_t index;
    if (name == 0 && stem.len > 0)
        return UINT32_MAX;
    return map_get(&p->unit_by_path, name, &index) ? (uint32_t)index : UINT32_MAX;
}

/* A module is the file, or the folder with an __init__ file. */
static uint32_t unit_at(struct program *p, struct str stem)
{
    uint32_t unit = unit_at_path(p, stem);
    if (unit != UINT32_MAX)
        return unit;
    return unit_at_path(p, path_join(p, stem, STR("__init__")));
}

/* The folder of the outermost package around a folder: where absolute imports of that package start. */
static struct str package_top(struct program *p, struct str folder)
{
    while (folder.len > 0 && unit_at_path(p, path_join(p, folder, STR("__init__"))) != UINT32_MAX)
        folder = path_folder(folder);
    return folder;
}

/* The deepest of the folders where imports begin that the file lies in; false where it lies in none. */
static bool src_around(const struct program *p, struct str stem, struct str *around)
{
    bool found = false;
    for (uint32_t i = 0; i < p->options.src_count; i++) {
        struct str src = p->options.src[i];
        bool inside = src.len == 0 || (str_starts(stem, src) && stem.len > src.len && stem.ptr[src.len] == '/');
        if (inside && (!found || src.len > around->len))
            *around = src;
        found = found || inside;
    }
    return found;
}

static struct str dotted_of_path(struct program *p, struct str stem)
{
    struct str top = STR("");
    if (!src_around(p, stem, &top))
        top = package_top(p, path_folder(stem));
    struct str rest = top.len == 0 ? stem : str_slice(stem, top.len + 1, stem.len);
    if (str_ends(rest, STR("/__init__")))
        rest = str_slice(rest, 0, rest.len - 9);
    struct str copy = arena_str(p->arena, rest);
    char *text = (char *)(uintptr_t)copy.ptr;
    for (size_t i = 0; i < copy.len; i++)
        if (text[i] == '/')
            text[i] = '.';
    return copy;
}

#define BASE_REACH 4 /* instructions between the value of `self` and the store into its attribute */

/* Whether an attribute is stored into the first parameter of a method. */
static bool stores_into_self(const struct ir_module *ir, const struct ir_function *fn, uint32_t op)
{
    const struct ir_op *store = &ir->ops[op];
    for (uint32_t i = op, steps = 0; i-- > fn->first_op && steps < BASE_REACH; steps++)
        if (ir->ops[i].result == store->a)
            return ir->ops[i].code == IR_LOCAL && ir->ops[i].a == 0;
    return false;
}

/* self.name = value, in a method of a class. */
static bool sets_field(const struct ir_module *ir, const struct ir_function *fn, uint32_t op)
{
    return fn->class_index != IR_NO_INDEX && fn->kind != IR_FN_CLASS_BODY && fn->param_count != 0 &&
           stores_into_self(ir, fn, op);
}

/* The globals that a module binds, and whose its fields are. */
static void unit_collect(struct unit *u)
{
    const struct ir_module *ir = u->ir;
    for (uint32_t k = 0; k < ir->function_count; k++) {
        const struct ir_function *fn = &ir->functions[k];
        for (uint32_t i = fn->first_op; i < fn->first_op + fn->op_count; i++) {
            uint8_t code = ir->ops[i].code;
            if (code == IR_WRITE_GLOBAL || code == IR_DELETE_GLOBAL) {
                uint64_t *when = map_slot(&u->globals, u->names[ir->ops[i].a], GLOBAL_AT_IMPORT);
                if (k != 0)
                    *when = GLOBAL_LATER;
            } else if (code == IR_WRITE_ATTR && sets_field(ir, fn, i)) {
                uint64_t *owner = map_slot(&u->field_classes, u->names[ir->ops[i].b], fn->class_index);
                if (*owner != fn->class_index)
                    *owner = IR_NO_INDEX;
            }
        }
    }
}

uint32_t unit_class_with(const struct unit *unit, name_id name)
{
    uint64_t owner;
    return map_get(&unit->field_classes, name, &owner) ? (uint32_t)owner : IR_NO_INDEX;
}

/* The standard library analysed as a program: what a model says of its functions goes before their code. */
static void units_find_modelled(struct program *p)
{
    struct map modules = {0};
    for (size_t i = 0; i < models_count(p->models); i++) {
        const struct model *model = models_at(p->models, i);
        if (model->module != NULL)
            map_put(&modules, intern_id(p->names, str_of(model->module)), 1);
    }
    for (uint32_t i = 0; i < p->units.len; i++) {
        struct unit *u = &p->units.data[i];
        uint32_t dotted = intern_find(p->names, u->dotted);
        if (dotted == 0 || !map_get(&modules, dotted, NULL))
            continue;
        u->modelled = arena_array(p->arena, u->ir->function_count, sizeof *u->modelled);
        for (uint32_t k = 1; k < u->ir->function_count; k++) {
            const struct model *model = models_find(p->models, function_qualname(p, i, k));
            if (model != NULL && model->is != MODEL_VALUE) /* a class: a function that makes its instances (RLock) */
                u->modelled[k] = model;
        }
    }
    map_release(&modules);
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    return str_compare(x->ir->path, y->ir->path);
}

/* Nobody else has the receiver of these. */
static bool has_receiver_alone(struct str name)
{
    static const char *const constructors[] = {"__init__",      "__new__",      "__del__",
                                               "__post_init__", "__setstate__", "__getstate__",
                                               "__reduce__",    "__copy__",     "__deepcopy__"};
    if (!str_starts(name, STR("__")))
        return false;
    for (size_t i = 0; i < sizeof constructors / sizeof *constructors; i++)
        if (str_equal(name, str_of(constructors[i])))
            return true;
    return false;
}

/* What runs right after a fork is alone in its process. The names are a habit of projects, no library asks for them. */
static bool is_after_fork(struct str name)
{
    static const char *const after_fork[] = {"after_fork", "afterfork", "at_fork", "atfork"};
    if (str_find(name, STR("fork")) == SIZE_MAX)
        return false;
    for (size_t i = 0; i < sizeof after_fork / sizeof *after_fork; i++)
        if (str_find(name, str_of(after_fork[i])) != SIZE_MAX)
            return true;
    return false;
}

static enum alone alone_of(struct str name)
{
    if (has_receiver_alone(name))
        return ALONE_WITH_RECEIVER;
    return is_after_fork(name) ? ALONE_IN_PROCESS : ALONE_NOT;
}

static void unit_link(struct program *p, uint32_t index)
{
    struct unit *u = &p->units.data[index];
    const struct ir_module *ir = u->ir;
    struct str stem = path_stem(ir->path);
    u->folder = path_folder(stem);
    u->top = package_top(p, u->folder);
    u->is_package = str_equal(path_base(stem), STR("__init__"));
    u->names = arena_array(p->arena, ir->name_count, sizeof *u->names);
    for (uint32_t i = 0; i < ir->name_count; i++)
        u->names[i] = intern_id(p->names, ir->names[i]);
    u->concrete = arena_array(p->arena, ir->function_count, sizeof *u->concrete);
    callsites_find(&u->calls, p->arena, ir);
    u->fates = arena_array(p->arena, u->calls.count, sizeof *u->fates);
    u->targets = arena_array(p->arena, u->calls.count, sizeof *u->targets);
    u->threaded = arena_array(p->arena, ir->function_count, sizeof *u->threaded);
    u->called = arena_array(p->arena, ir->function_count, sizeof *u->called);
    u->detached = arena_array(p->arena, ir->function_count, sizeof *u->detached);
    u->class_object = arena_array(p->arena, ir->class_count + 1, sizeof *u->class_object);
    u->param_values = arena_array(p->arena, ir->param_count, sizeof *u->param_values);
    u->qualnames = arena_array(p->arena, ir->function_count, sizeof *u->qualnames);
    u->alone = arena_array(p->arena, ir->function_count, sizeof *u->alone);
    for (uint32_t i = 0; i < ir->function_count; i++)
        u->alone[i] = (uint8_t)alone_of(ir->names[ir->functions[i].name]);
    unit_collect(u);
    u->object = object_get(p, OBJECT_MODULE, index, 0, 0);
}

/* Whether a module is there to be run. One that says what it exports is there to be imported: what it does when it is
 * run is a test, or a small tool beside. */
static bool is_script(const struct unit *u)
{
    return u->ir->main_guard && !u->is_package && !u->ir->has_all;
}

void units_link(struct program *p)
{
    if (p->units.len > 0)
        qsort(p->units.data, p->units.len, sizeof *p->units.data, compare_units);
    for (uint32_t i = 0; i < p->units.len; i++) {
        uint32_t name = intern_id(p->names, path_stem(p->units.data[i].ir->path));
        if (!map_get(&p->unit_by_path, name, NULL) || !p->units.data[i].ir->is_stub)
            map_put(&p->unit_by_path, name, i);
    }
    for (uint32_t i = 0; i < p->units.len; i++) {
        p->units.data[i].dotted = dotted_of_path(p, path_stem(p->units.data[i].ir->path));
        unit_link(p, i);
        declared_link(p, i);
        if (is_script(&p->units.data[i]))
            p->has_entry = true;
    }
    units_find_modelled(p);
}

static struct str dots_to_path(struct program *p, struct str dotted)
{
    struct str copy = arena_str(p->arena, dotted);
    char *text = (char *)(uintptr_t)copy.ptr;
    for (size_t i = 0; i < copy.len; i++)
        if (text[i] == '.')
            text[i] = '/';
    return copy;
}

static struct str relative_folder(const struct unit *u, unsigned dots)
{
    struct str folder = u->folder;
    for (unsigned i = 1; i < dots; i++)
        folder = path_folder(folder);
    return folder;
}

uint32_t units_resolve(struct program *p, uint32_t from, struct str dotted, unsigned dots)
{
    const struct unit *u = &p->units.data[from];
    struct str relative = dots_to_path(p, dotted);
    if (dots > 0)
        return unit_at(p, path_join(p, relative_folder(u, dots), relative));
    /* where the importer's own package starts, then its own folder (a script beside its modules), then src */
    static const struct str usual_src[] = {{"", 0}, {"src", 3}};
    const struct str *src = p->options.src != NULL ? p->options.src : usual_src;
    uint32_t src_count = p->options.src != NULL ? p->options.src_count : 2;
    for (uint32_t i = 0; i < 2 + src_count; i++) {
        struct str top = i == 0 ? u->top : i == 1 ? u->folder : src[i - 2];
        if (i == 1 && unit_at_path(p, path_join(p, u->folder, STR("__init__"))) != UINT32_MAX && p->units.len > 64)
            continue; /* inside a package, a sibling is not an absolute import */
        uint32_t unit = unit_at(p, path_join(p, top, relative));
        if (unit != UINT32_MAX && unit != from)
            return unit;
    }
    return UINT32_MAX;
}

struct str units_absolute_name(struct program *p, uint32_t from, struct str dotted, unsigned dots)
{
    if (dots == 0)
        return dotted;
    const struct unit *u = &p->units.data[from];
    struct str package = u->dotted;
    for (unsigned i = u->is_package ? 1 : 0; i < dots; i++) {
        size_t dot = str_rfind_char(package, '.');
        package = dot == SIZE_MAX ? STR("") : str_slice(package, 0, dot);
    }
    if (package.len == 0)
        return dotted;
    if (dotted.len == 0)
        return package;
    return arena_printf(p->arena, "%.*s.%.*s", STR_FMT(package), STR_FMT(dotted));
}

root_id unit_root(const struct unit *unit)
{
    return unit->ir->main_guard ? ROOT_MAIN : ROOT_IMPORT;
}

bool unit_binds(const struct unit *unit, name_id name)
{
    return map_get(&unit->globals, name, NULL);
}
