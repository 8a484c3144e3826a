#include "program/threads/entries.h"

#include <string.h>

#include "program/evaluate/contexts.h"
#include "program/locks/declared.h"
#include "program/symbols/annotations.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "settings/suggest.h"

/* A method is run on so many of the instances that the program makes. */
#define ENTRY_RECEIVERS_MAX 8
/* Past so many roots in all, entries add none. */
#define ENTRY_ROOTS_MAX 2000

uint32_t entry_arguments(struct program *p, uint32_t unit, uint32_t function, set_id receiver,
                         struct argument args[ENTRY_ARGS_MAX])
{
    const struct ir_function *fn = &p->units.data[unit].ir->functions[function];
    uint32_t count = fn->param_count > ENTRY_ARGS_MAX ? ENTRY_ARGS_MAX : fn->param_count;
    for (uint32_t i = 0; i < count; i++)
        args[i] = (struct argument){i == 0 && receiver != 0 ? receiver : annotation_param(p, unit, function, i), 0};
    return count;
}

/* ---- what a name means ---- */

/* What an entry names: functions, and the class that a method is looked up in (0: none). */
struct target {
    object_id function, class_object;
};
struct targets {
    VEC(struct target) items;
};

static void target_add(struct targets *targets, object_id function, object_id class_object)
{
    for (size_t i = 0; i < targets->items.len; i++)
        if (targets->items.data[i].function == function && targets->items.data[i].class_object == class_object)
            return;
    vec_push(&targets->items, ((struct target){function, class_object}));
}

static bool is_public(struct str name)
{
    return name.len > 0 && name.ptr[0] != '_';
}

/* The public methods of a class, inherited ones included. */
static void add_methods(struct program *p, struct targets *targets, object_id class_object)
{
    const struct class_info *info = class_find(p, class_object);
    for (size_t k = 0; info != NULL && k < info->mro.len; k++)
        for (uint32_t i = object_at(p, info->mro.data[k])->first_field; i != 0; i = p->fields.data[i].next) {
            name_id name = p->fields.data[i].name;
            if (object_at(p, info->mro.data[k])->kind != OBJECT_CLASS || !is_public(name_text(p, name)))
                continue;
            struct member m = class_member(p, class_object, name, 0);
            for (uint32_t s = 0; s < sets_count(p->sets, m.value); s++) {
                object_id member = sets_member(p->sets, m.value, s);
                if (object_at(p, member)->kind == OBJECT_FUNCTION)
                    target_add(targets, member, class_object);
            }
        }
}

/* Follows the rest of a name from a module or class, through what its attributes hold. */
static void follow(struct program *p, struct targets *targets, object_id from, struct str rest)
{
    for (int depth = 0; depth < 8; depth++) {
        size_t dot = str_find(rest, STR("."));
        name_id name = intern_find(p->names, str_slice(rest, 0, dot));
        bool is_class = object_at(p, from)->kind == OBJECT_CLASS;
        bool last = dot == SIZE_MAX;
        set_id value = name == 0 ? 0 : is_class ? class_member(p, from, name, 0).value : heap_read(p, from, name, 0);
        object_id next = 0;
        for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
            object_id member = sets_member(p->sets, value, i);
            uint8_t kind = object_at(p, member)->kind;
            if (kind == OBJECT_FUNCTION && last)
                target_add(targets, member, is_class ? from : 0);
            else if (kind == OBJECT_BOUND && last && object_at(p, object_at(p, member)->a)->kind == OBJECT_FUNCTION)
                target_add(targets, object_at(p, member)->a, object_class(p, object_at(p, member)->b));
            else if (kind == OBJECT_CLASS && last)
                add_methods(p, targets, member);
            else if ((kind == OBJECT_CLASS || kind == OBJECT_MODULE) && !last)
                next = member;
        }
        if (next == 0)
            return;
        from = next;
        rest = str_slice(rest, dot + 1, rest.len);
    }
}

/* A name without '*': from every module that its beginning names. */
static void find_exact(struct program *p, struct targets *targets, struct str name)
{
    for (size_t i = 0; i < p->units.len; i++) {
        struct str dotted = p->units.data[i].dotted;
        bool begins = str_starts(name, dotted) && name.len > dotted.len && name.ptr[dotted.len] == '.';
        if (begins && !p->units.data[i].ir->is_stub)
            follow(p, targets, p->units.data[i].object, str_slice(name, dotted.len + 1, name.len));
    }
}

bool entry_glob(struct str pattern, struct str name)
{
    size_t i = 0, k = 0, star = SIZE_MAX, again = 0;
    while (k < name.len) {
        if (i < pattern.len && pattern.ptr[i] == '*') {
            star = i++;
            again = k;
        } else if (i < pattern.len && pattern.ptr[i] == name.ptr[k]) {
            i++, k++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            k = ++again;
        } else {
            return false;
        }
    }
    while (i < pattern.len && pattern.ptr[i] == '*')
        i++;
    return i == pattern.len;
}

/* Whether a part of a pattern means a part of a name. */
static bool part_matches(struct str pattern, struct str name)
{
    return str_equal(pattern, STR("*")) ? is_public(name) : entry_glob(pattern, name);
}

static bool name_matches(struct str pattern, struct str name)
{
    for (;;) {
        size_t a = str_find(pattern, STR(".")), b = str_find(name, STR("."));
        if ((a == SIZE_MAX) != (b == SIZE_MAX) || !part_matches(str_slice(pattern, 0, a), str_slice(name, 0, b)))
            return false;
        if (a == SIZE_MAX)
            return true;
        pattern = str_slice(pattern, a + 1, pattern.len);
        name = str_slice(name, b + 1, name.len);
    }
}

/* Whether a function has a name that leads to it: it is not made in another one. */
static bool is_named(const struct unit *u, uint32_t function)
{
    const struct ir_function *fn = &u->ir->functions[function];
    if (fn->kind != IR_FN_FUNCTION)
        return false;
    while (fn->parent != IR_NO_INDEX) {
        fn = &u->ir->functions[fn->parent];
        if (fn->kind == IR_FN_FUNCTION || fn->kind == IR_FN_LAMBDA)
            return false;
    }
    return true;
}

static void find_pattern(struct program *p, struct targets *targets, struct str pattern)
{
    for (uint32_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        for (uint32_t k = 1; k < u->ir->function_count && !u->ir->is_stub; k++) {
            const struct ir_function *fn = &u->ir->functions[k];
            if (!is_named(u, k) || !name_matches(pattern, function_qualname(p, i, k)))
                continue;
            object_id class_object = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : 0;
            if (fn->class_index == IR_NO_INDEX || class_object != 0)
                target_add(targets, object_get(p, OBJECT_FUNCTION, i, k, 0), class_object);
        }
    }
}

static struct str nearest_name(struct program *p, struct str name)
{
    struct suggestion suggestion = suggestion_of(name);
    for (uint32_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        for (uint32_t k = 1; k < u->ir->function_count && !u->ir->is_stub; k++)
            if (is_named(u, k))
                suggestion_offer(&suggestion, function_qualname(p, i, k));
    }
    return suggestion_best(&suggestion);
}

/* ---- running it ---- */

/* A root that an entry made, and what it runs. */
struct entry_root {
    root_id root;
    struct target target;
    object_id receiver; /* of a bound method; 0: some of the class */
};
struct entry_roots {
    VEC(struct entry_root) items;
};

/* On what a method is run: the instances that were made of its class, or of ones derived from it; else some instance.
 */
static set_id receivers_of(struct program *p, object_id function, object_id class_object, bool own_instance)
{
    const struct object *o = object_at(p, function);
    set_id found = 0;
    if (class_object == 0)
        return 0;
    switch (method_kind(p, o->a, o->b)) {
    case METHOD_STATIC: return 0;
    case METHOD_CLASS: return sets_one(p->sets, class_object);
    default: break;
    }
    for (object_id i = 0; !own_instance && i < p->objects.len && sets_count(p->sets, found) < ENTRY_RECEIVERS_MAX; i++)
        if (object_at(p, i)->kind == OBJECT_INSTANCE && class_derives_from(p, object_at(p, i)->a, class_object))
            found = sets_add(p->sets, found, i);
    return found != 0 ? found : sets_one(p->sets, object_generic(p, class_object));
}

/* What makes a root of a function. */
struct origin {
    object_id object; /* what stands for the root */
    struct str label; /* "thread-entries(work)", "Flask.route(index)" */
    bool many;        /* several threads at once */
    bool served;      /* a model says so, not the settings */
    bool interleaves; /* one thread works on several calls at once: coroutines */
};

/* What stands for the root that runs one function, and its label. */
static struct origin origin_of(struct program *p, const struct target *target, struct str registrar)
{
    struct origin origin = {.object = object_get(p, OBJECT_ROOT, target->function, target->class_object, 0)};
    const struct object *o = object_at(p, target->function);
    const struct unit *u = &p->units.data[o->a];
    origin.label = arena_printf(p->arena, "%.*s(%.*s)", STR_FMT(registrar),
                                STR_FMT(u->ir->names[u->ir->functions[o->b].qualname]));
    return origin;
}

/* The root of what code outside runs, made on first use; `*known` tells whether an earlier entry made it. */
static root_id root_get(struct program *p, const struct origin *origin, bool *known)
{
    struct root root = {.kind = THREAD_SPAWNED,
                        .object = origin->object,
                        .label = origin->label,
                        .unit = UINT32_MAX,
                        .function = UINT32_MAX,
                        .entry = true,
                        .served = origin->served,
                        .interleaves = origin->interleaves,
                        .generic = true,
                        .self_parallel = origin->many};
    uint64_t found;
    *known = map_get(&p->root_by_object, root.object, &found);
    if (*known) {
        p->roots.data[found].self_parallel |= origin->many;
        return (root_id)found;
    }
    root_id id = (root_id)p->roots.len;
    vec_push(&p->roots, root);
    map_put(&p->root_by_object, root.object, id);
    p->has_threads = true;
    return id;
}

/* Runs a function as a thread. What it is given is its own, but for the receiver (unless each thread has one). */
static void run_target(struct program *p, root_id id, const struct target *target, object_id receiver, set_id running)
{
    const struct object o = *object_at(p, target->function);
    struct root *root = &p->roots.data[id];
    struct argument args[ENTRY_ARGS_MAX];
    set_id self = receiver != 0 ? sets_one(p->sets, receiver) : 0;
    uint32_t count = entry_arguments(p, o.a, o.b, self, args);
    for (uint32_t i = receiver != 0 && !root->own_instance ? 1 : 0; i < count; i++)
        root->exclusive = sets_union(p->sets, root->exclusive, args[i].set);
    if (!root->self_parallel)
        running = sets_remove(p->sets, running, root->object);
    struct call_key key = {
        .unit = o.a, .function = o.b, .env = o.c, .root = id, .running = running, .args = args, .arg_count = count};
    key.locks =
        sets_union(p->sets, declared_required(p, o.a, o.b, receiver), declared_entry_lock(p, o.a, o.b, receiver));
    p->units.data[o.a].called[o.b] = true;
    p->units.data[o.a].threaded[o.b] = true;
    context_need(p, context_get(p, &key, 0, 0, root->self_parallel), 0);
    while (p->queue.len > p->queue_head)
        contexts_drain(p);
}

/* What one entry names, as new roots. */
static void entry_resolve(struct program *p, uint32_t index, struct entry_roots *roots)
{
    const struct thread_entry *entry = &p->options.entries[index];
    struct targets targets = {0};
    bool is_pattern = str_find(entry->name, STR("*")) != SIZE_MAX;
    if (is_pattern)
        find_pattern(p, &targets, entry->name);
    else
        find_exact(p, &targets, entry->name);
    p->entries[index].count = (uint32_t)targets.items.len;
    p->entries[index].nearest = targets.items.len == 0 && !is_pattern ? nearest_name(p, entry->name) : STR("");
    for (size_t i = 0; i < targets.items.len && p->roots.len < ENTRY_ROOTS_MAX; i++) {
        struct origin origin = origin_of(p, &targets.items.data[i], STR("thread-entries"));
        origin.many = entry->many;
        bool known;
        root_id id = root_get(p, &origin, &known);
        if (!known) {
            p->roots.data[id].own_instance = entry->own_instance;
            vec_push(&roots->items, ((struct entry_root){id, targets.items.data[i], 0}));
        }
    }
    vec_release(&targets.items);
}

/* Runs new roots, each beside all of them. */
static void roots_run(struct program *p, const struct entry_roots *roots)
{
    set_id running = 0;
    for (size_t i = 0; i < roots->items.len; i++)
        running = sets_add(p->sets, running, p->roots.data[roots->items.data[i].root].object);
    for (size_t i = 0; i < roots->items.len; i++) {
        const struct entry_root *root = &roots->items.data[i];
        set_id receivers = root->receiver != 0 ? sets_one(p->sets, root->receiver)
                                               : receivers_of(p, root->target.function, root->target.class_object,
                                                              p->roots.data[root->root].own_instance);
        for (uint32_t k = 0; k < sets_count(p->sets, receivers); k++)
            run_target(p, root->root, &root->target, sets_member(p->sets, receivers, k), running);
        if (receivers == 0)
            run_target(p, root->root, &root->target, 0, running);
    }
}

void entries_run(struct program *p)
{
    struct entry_roots roots = {0};
    p->entries = arena_array(p->arena, p->options.entry_count + 1, sizeof *p->entries);
    for (uint32_t i = 0; i < p->options.entry_count; i++)
        entry_resolve(p, i, &roots);
    roots_run(p, &roots);
    vec_release(&roots.items);
}

/* "Flask.route" of "flask.Flask.route", "path" of "django.urls.path". */
static struct str registrar_label(const struct model *model)
{
    return str_slice(str_of(model->name), strlen(model->module) + 1, strlen(model->name));
}

void served_run(struct program *p)
{
    struct entry_roots roots = {0};
    for (; p->served_run < p->served.len && p->roots.len < ENTRY_ROOTS_MAX; p->served_run++) {
        struct served served = p->served.data[p->served_run];
        const struct object o = *object_at(p, served.function);
        struct target target = {o.kind == OBJECT_BOUND ? o.a : served.function, served.class_object};
        const struct unit *u = &p->units.data[o.a];
        if (target.class_object == 0 && o.kind == OBJECT_FUNCTION && u->ir->functions[o.b].class_index != IR_NO_INDEX)
            target.class_object = u->class_object[u->ir->functions[o.b].class_index]; /* a decorated method */
        struct origin origin = origin_of(p, &target, registrar_label(served.model));
        if (served.async)
            origin = (struct origin){.object = object_get(p, OBJECT_ROOT, 0, 0, 0), .label = STR("event loop")};
        origin.many = !served.async && served.model->many;
        origin.interleaves = served.async && served.model->many;
        origin.served = true;
        bool known;
        root_id id = root_get(p, &origin, &known);
        if (!known)
            p->roots.data[id].own_instance = served.class_object != 0 && served.model->own_instance;
        if (!known || served.async)
            vec_push(&roots.items, ((struct entry_root){id, target, o.kind == OBJECT_BOUND ? o.b : 0}));
    }
    roots_run(p, &roots);
    vec_release(&roots.items);
}

uint32_t program_entry_count(const struct program *p, uint32_t index, struct str *nearest)
{
    *nearest = p->entries[index].nearest;
    return p->entries[index].count;
}
