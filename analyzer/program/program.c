/* program: the order of the phases: link, evaluate from the entries, evaluate what only callers outside reach, pair. */
#include "racelint/program.h"

#include <stdlib.h>

#include "program/evaluate/contexts.h"
#include "program/evaluate/frame.h"
#include "program/hazards/conventions.h"
#include "program/hazards/hazards.h"
#include "program/hazards/required.h"
#include "program/hazards/slow.h"
#include "program/locks/declared.h"
#include "program/records/drafts.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/threads/entries.h"
#include "program/threads/served.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

static void program_seed(struct program *p)
{
    static const char *const names[] = {
#define NAME(id, text) text,
#include "program/names.def"
#undef NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t id = intern_id(p->names, str_of(names[i]));
        if (id != i + 1)
            BUG("name %s has id %u", names[i], id);
    }
    object_get(p, OBJECT_UNKNOWN, 0, 0, 0);
    object_get(p, OBJECT_NONE, 0, 0, 0);
    object_get(p, OBJECT_SCALAR, 0, 0, 0);
    object_get(p, OBJECT_SCALAR, THREAD_ID_OBJECT, 0, 0);
    if (object_external_named(p, "builtins.object") != PLAIN_CLASS)
        BUG("the first objects are out of order");
    vec_push(&p->fields, ((struct field){0}));
    vec_push(&p->paths, ((struct path){0}));
    vec_push(&p->readers, ((struct reader){0}));
    struct context *none = arena_alloc(p->arena, sizeof *none);
    none->records = &p->nothing_recorded;
    none->rare = &p->nothing_rare;
    vec_push(&p->contexts, none);
    vec_push(&p->roots, ((struct root){.kind = THREAD_IMPORT, .label = STR("main thread")}));
    vec_push(&p->roots, ((struct root){.kind = THREAD_CALLER, .label = STR("any caller"), .self_parallel = true}));
    vec_push(&p->roots, ((struct root){.kind = THREAD_MAIN, .label = STR("main thread")}));
}

struct program *program_new(const struct program_options *options)
{
    struct program *p = memory_new(sizeof *p);
    p->options = *options;
    p->models = options->models != NULL ? options->models : models_builtin();
    for (size_t i = 0; i < models_count(p->models); i++)
        if (models_at(p->models, i)->any_copy)
            vec_push(&p->copied, models_at(p->models, i));
    p->arena = arena_new();
    p->names = intern_new();
    p->sets = sets_new();
    program_seed(p);
    return p;
}

static void rare_release(struct rare_records *rare)
{
    vec_release(&rare->sources);
    vec_release(&rare->local_locks);
    vec_release(&rare->leaks);
    vec_release(&rare->unmet);
    vec_release(&rare->nestings);
    vec_release(&rare->waits);
    vec_release(&rare->handed);
    vec_release(&rare->captures);
    vec_release(&rare->consumed);
    vec_release(&rare->late);
    vec_release(&rare->own_reads);
    vec_release(&rare->own_writes);
}

static void context_release(struct program *p, struct context *c)
{
    rare_release(c->rare);
    records_release(p, c);
    vec_release(&c->waiting);
}

/* What is known of how functions are called: see conventions.c. */
static void release_conventions(struct program *p)
{
    map_release(&p->called_how);
    map_release(&p->handed_on);
    map_release(&p->at_exit);
}

void program_free(struct program *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->contexts.len; i++)
        context_release(p, p->contexts.data[i]);
    for (size_t i = 0; i < p->classes.len; i++)
        vec_release(&p->classes.data[i]->mro);
    for (size_t i = 0; i < p->units.len; i++) {
        map_release(&p->units.data[i].globals);
        map_release(&p->units.data[i].field_classes);
    }
    frames_free(p);
    vec_release(&p->units);
    vec_release(&p->objects);
    vec_release(&p->fields);
    vec_release(&p->readers);
    vec_release(&p->walk_work);
    vec_release(&p->classes);
    vec_release(&p->contexts);
    vec_release(&p->arguments);
    vec_release(&p->queue);
    vec_release(&p->signals);
    for (size_t i = 0; i < p->roots.len; i++)
        vec_release(&p->roots.data[i].waits);
    vec_release(&p->roots);
    vec_release(&p->hazards);
    vec_release(&p->declarations);
    map_release(&p->declared);
    release_conventions(p);
    map_release(&p->waited);
    map_release(&p->loop_params);
    map_release(&p->relatives);
    vec_release(&p->memos);
    vec_release(&p->served);
    vec_release(&p->copied);
    map_release(&p->lookup_errors);
    map_release(&p->telling_methods);
    map_release(&p->memo_by_function);
    vec_release(&p->paths);
    map_release(&p->unit_by_path);
    map_release(&p->in_namespace);
    index_release(&p->object_index);
    index_release(&p->field_index);
    vec_release(&p->found_members);
    map_release(&p->found_by_name);
    map_release(&p->member_models);
    map_release(&p->members_by_name);
    index_release(&p->context_index);
    map_release(&p->context_count);
    map_release(&p->root_by_object);
    map_release(&p->roots_beside);
    map_release(&p->site_roots);
    map_release(&p->site_contexts);
    map_release(&p->builtins);
    index_release(&p->path_index);
    map_release(&p->unresolved_library);
    sets_free(p->sets);
    intern_free(p->names);
    arena_free(p->arena);
    free(p);
}

void program_add(struct program *p, const struct ir_module *module, const struct source_file *file)
{
    struct unit unit = {.ir = module, .file = file};
    vec_push(&p->units, unit);
}

static void run_module_bodies(struct program *p)
{
    for (uint32_t i = 0; i < p->units.len; i++) {
        struct call_key key = {.unit = i, .root = unit_root(&p->units.data[i])};
        context_id body = context_get(p, &key, 0, 0, false);
        p->units.data[i].body = body;
        context_need(p, body, 0);
        while (p->queue.len > p->queue_head)
            contexts_drain(p);
    }
}

/* ---- what only callers outside the program reach ---- */

static bool is_private(struct str name)
{
    return name.len > 1 && name.ptr[0] == '_' && !(str_starts(name, STR("__")) && str_ends(name, STR("__")));
}

static bool is_constructor(struct str name)
{
    static const char *const constructors[] = {"__init__",      "__new__",      "__del__",
                                               "__post_init__", "__setstate__", "__init_subclass__",
                                               "__set_name__",  "__reduce__",   "__getstate__"};
    if (!str_starts(name, STR("__")))
        return false;
    for (size_t i = 0; i < sizeof constructors / sizeof *constructors; i++)
        if (str_equal(name, str_of(constructors[i])))
            return true;
    return false;
}

static bool at_top_level(const struct unit *u, const struct ir_function *fn)
{
    while (fn->parent != IR_NO_INDEX) {
        fn = &u->ir->functions[fn->parent];
        if (fn->kind == IR_FN_FUNCTION || fn->kind == IR_FN_LAMBDA)
            return false;
    }
    return true;
}

#define CLASSES_MAX 3 /* of one metaclass that a caller is taken to call */

/* Some instance of a class; of a metaclass the classes that it makes, as far as they are known. */
static set_id some_instances(struct program *p, object_id class_object)
{
    set_id classes = 0;
    bool metaclass = class_derives_from(p, class_object, object_external_named(p, "builtins.type"));
    for (size_t i = 0; metaclass && i < p->classes.len && sets_count(p->sets, classes) < CLASSES_MAX; i++)
        if (sets_has(p->sets, p->classes.data[i]->metaclasses, class_object))
            classes = sets_add(p->sets, classes, p->classes.data[i]->object);
    return classes != 0 ? classes : sets_one(p->sets, object_generic(p, class_object));
}

/* Runs a function as any caller would: the receiver is some instance of the class, the arguments are anything. */
static void run_generic(struct program *p, uint32_t unit, uint32_t function)
{
    const struct unit *u = &p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    struct argument args[ENTRY_ARGS_MAX];
    set_id receiver = 0;
    struct call_key key = {.unit = unit, .function = function, .root = ROOT_CALLER, .args = args};
    object_id class_object = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : 0;
    if (class_object != 0 && fn->param_count > 0 && !function_has_decorator(p, unit, function, "staticmethod")) {
        enum method_kind kind = method_kind(p, unit, function);
        bool of_class = kind == METHOD_CLASS || str_equal(u->ir->names[fn->name], STR("__new__"));
        receiver = of_class ? sets_one(p->sets, class_object) : some_instances(p, class_object);
        if (!of_class && is_constructor(u->ir->names[fn->name]))
            key.owned = receiver;
    }
    key.arg_count = entry_arguments(p, unit, function, receiver, args);
    bool is_method = fn->class_index != IR_NO_INDEX && key.arg_count > 0;
    object_id self = is_method ? sets_member(p->sets, args[0].set, 0) : 0;
    key.locks =
        sets_union(p->sets, declared_required(p, unit, function, self), declared_entry_lock(p, unit, function, self));
    context_id id = context_get(p, &key, 0, 0, true);
    context_at(p, id)->generic = true;
    context_need(p, id, 0);
}

/* Code that a model speaks for: the standard library's own, when it is what is analysed. */
static bool is_modelled(const struct program *p, const struct unit *u, const struct ir_function *fn)
{
    object_id class_object = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : 0;
    const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
    struct str name = u->ir->names[fn->name];
    return info != NULL && info->itself != NULL &&
           (is_private(name) || models_member(p->models, info->itself, name) != NULL);
}

/* What a decorator of the program's own puts in the place of a function that it is given: another function, made for
 * it. Whoever calls, calls that one. 0: the function is there itself, or what is there is not known. */
static object_id wrapper_of(const struct program *p, uint32_t unit, uint32_t function)
{
    const struct unit *u = &p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    object_id holder = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : u->object;
    if (fn->decorator_count == 0 || holder == 0)
        return 0;
    const struct field *field = heap_find(p, holder, u->names[fn->name]);
    object_id bound =
        field != NULL && sets_count(p->sets, field->value) == 1 ? sets_member(p->sets, field->value, 0) : 0;
    const struct object *o = object_at(p, bound);
    return o->kind == OBJECT_FUNCTION && o->c != 0 && (o->a != unit || o->b != function) ? bound : 0;
}

enum generic_pass { GENERIC_CONSTRUCTORS, GENERIC_PUBLIC, GENERIC_UNCALLED };

static bool in_pass(const struct program *p, uint32_t unit, uint32_t function, enum generic_pass pass)
{
    const struct unit *u = &p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    if (fn->kind != IR_FN_FUNCTION || !at_top_level(u, fn))
        return false;
    struct str name = u->ir->names[fn->name];
    if (is_modelled(p, u, fn) || u->threaded[function] || wrapper_of(p, unit, function) != 0)
        return false;
    bool constructor = fn->class_index != IR_NO_INDEX && is_constructor(name);
    if (pass == GENERIC_CONSTRUCTORS)
        return constructor;
    if (constructor)
        return false;
    if (p->has_entry && u->concrete[function])
        return false; /* the entry's own calls say more */
    if (pass == GENERIC_PUBLIC)
        return !is_private(name);
    return is_private(name) && !u->called[function] && !str_ends(name, STR("_locked")) &&
           !str_ends(name, STR("_unlocked"));
}

static void run_generics(struct program *p)
{
    for (int pass = GENERIC_CONSTRUCTORS; pass <= GENERIC_UNCALLED; pass++)
        for (uint32_t i = 0; i < p->units.len; i++) {
            const struct unit *u = &p->units.data[i];
            if (u->ir->is_stub)
                continue;
            for (uint32_t k = 1; k < u->ir->function_count; k++) {
                if (!in_pass(p, i, k, (enum generic_pass)pass))
                    continue;
                run_generic(p, i, k);
                while (p->queue.len > p->queue_head)
                    contexts_drain(p);
            }
        }
}

/* The class that each function made inside another one is a method of, as a decorator's wrapper is: function object ->
 * class. */
static void collect_wrapped(struct program *p, struct map *classes)
{
    for (size_t i = 0; i < p->classes.len; i++) {
        object_id class_object = p->classes.data[i]->object;
        for (uint32_t k = object_at(p, class_object)->first_field; k != 0; k = p->fields.data[k].next) {
            set_id value = p->fields.data[k].value;
            for (uint32_t m = 0; m < sets_count(p->sets, value); m++) {
                object_id member = sets_member(p->sets, value, m);
                const struct object *o = object_at(p, member);
                if (o->kind == OBJECT_FUNCTION && o->c != 0)
                    map_put(classes, member, class_object);
            }
        }
    }
}

/* The receiver of a wrapper: its first parameter, or the first element of *args. */
static set_id wrapper_receiver(struct program *p, object_id function, object_id class_object, uint8_t param_kind)
{
    object_id self = object_generic(p, class_object);
    if (param_kind != IR_PARAM_STAR)
        return sets_one(p->sets, self);
    object_id tuple = object_modelled(p, object_external(p, CLASS_TUPLE), function, 0);
    heap_write(p, tuple, intern_id(p->names, STR("#0")), sets_one(p->sets, self), UINT32_MAX, 0);
    heap_write(p, tuple, FIELD_CONTENTS, sets_one(p->sets, UNKNOWN_OBJECT), UINT32_MAX, 0);
    return sets_one(p->sets, tuple);
}

/* What stands in the place of decorated functions. */
static void collect_wrappers(const struct program *p, struct map *wrappers)
{
    for (uint32_t i = 0; i < p->units.len; i++)
        for (uint32_t k = 1; k < p->units.data[i].ir->function_count; k++)
            if (at_top_level(&p->units.data[i], &p->units.data[i].ir->functions[k]))
                map_put(wrappers, wrapper_of(p, i, k), 1);
}

/* Functions made inside others that stand in the place of those, or are kept somewhere and never called here: whoever
 * has them may call them. */
static void run_closures(struct program *p)
{
    struct map classes = {0}, wrappers = {0};
    collect_wrapped(p, &classes);
    collect_wrappers(p, &wrappers);
    for (object_id i = 0; i < p->objects.len; i++) {
        struct object o = *object_at(p, i);
        if (o.kind != OBJECT_FUNCTION || o.c == 0 || (p->units.data[o.a].called[o.b] && !map_get(&wrappers, i, NULL)))
            continue;
        const struct unit *u = &p->units.data[o.a];
        const struct ir_function *fn = &u->ir->functions[o.b];
        struct argument args[32];
        uint32_t count = fn->param_count > 32 ? 32 : fn->param_count;
        for (uint32_t k = 0; k < count; k++)
            args[k] = (struct argument){
                sets_one(p->sets, object_path(p, i, u->names[u->ir->params[fn->first_param + k].name], 0)), 0};
        uint64_t class_object;
        if (count > 0 && map_get(&classes, i, &class_object))
            args[0].set = wrapper_receiver(p, i, (object_id)class_object, u->ir->params[fn->first_param].kind);
        struct call_key key = {
            .unit = o.a, .function = o.b, .env = o.c, .root = ROOT_CALLER, .args = args, .arg_count = count};
        context_need(p, context_get(p, &key, 0, 0, true), 0);
        while (p->queue.len > p->queue_head)
            contexts_drain(p);
    }
    map_release(&classes);
    map_release(&wrappers);
}

/* Makes room for about what code of this size comes to, and a little more: a table that grows is copied, and memory
 * that nobody has written to costs nothing. */
static void tables_reserve(struct program *p, uint64_t instructions)
{
    index_reserve(&p->object_index, instructions / 6);
    index_reserve(&p->field_index, instructions / 5);
    index_reserve(&p->path_index, instructions / 8);
    vec_reserve(&p->objects, instructions / 5);
    vec_reserve(&p->fields, instructions / 4);
    vec_reserve(&p->paths, instructions / 6);
    vec_reserve(&p->readers, instructions / 2);
    sets_reserve(p->sets, instructions / 5, instructions * 5 / 4);
}

void program_analyze(struct program *p)
{
    units_link(p);
    uint64_t instructions = 0;
    for (size_t i = 0; i < p->units.len; i++) {
        instructions += p->units.data[i].ir->op_count;
    }
    tables_reserve(p, instructions);
    p->main_limit = 40000 + instructions / 16;
    p->spawned_limit = 75000 + instructions / 16;
    p->step_limit = 1000000 + 12 * instructions;
    regions_prepare(p);
    attributes_prepare(p);
    run_module_bodies(p);
    p->imported = true;
    entries_run(p);
    served_collect(p);
    served_run(p);
    run_generics(p);
    served_collect(p);
    served_run(p); /* what functions that make applications have registered */
    run_closures(p);
    required_drop(p);
    conventions_prepare(p);
    slow_prepare(p);
    contexts_drop_stale(p);
    hazards_find(p);
}

uint32_t program_hazard_count(const struct program *p)
{
    return (uint32_t)p->hazards.len;
}

const struct hazard *program_hazard_at(const struct program *p, uint32_t index)
{
    return &p->hazards.data[index];
}

const char *step_effect_text(enum step_effect effect)
{
    static const char *const texts[STEP_COUNT] = {"read", "write",   "update",  "delete", "check", "iterate",
                                                  "call", "acquire", "release", "spawn",  "join"};
    if (effect >= STEP_COUNT)
        BUG("step effect %u", (unsigned)effect);
    return texts[effect];
}
