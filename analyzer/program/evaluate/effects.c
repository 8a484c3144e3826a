/* effects: what modelled calls do: locks, threads, hand-off, container operations, and the builtins that need more. */
#include "program/evaluate/frame.h"

#include <string.h>

#include "program/evaluate/effects.h"
#include "program/hazards/escapes.h"
#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/threads/served.h"
#include "program/threads/tasks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static set_id one(struct frame *f, object_id object)
{
    return sets_one(f->p->sets, object);
}

static struct val effect_base_constructor(struct frame *f, const struct model *model, object_id receiver,
                                          const struct call *call);
static struct val call_subject(struct frame *f, const struct model *model, object_id receiver, const struct call *call);

static uint64_t all_reads(const struct call *call)
{
    uint64_t reads = 0;
    for (uint32_t i = 0; i < call->count; i++)
        reads |= call->args[i].reads;
    return reads;
}

static uint32_t all_params(const struct call *call)
{
    uint32_t params = 0;
    for (uint32_t i = 0; i < call->count; i++)
        params |= call->args[i].params;
    return params;
}

/* None, or -1: for ever. */
static bool is_for_ever(const struct frame *f, const struct val *v)
{
    if (v->op >= f->fn->op_count)
        return false;
    const struct ir_op *op = &f->ops[v->op];
    return effect_is_constant(f, v, "None") || (op->code == IR_UNARY && op->aux == IR_OP_NEG);
}

/* ---- containers ---- */

static bool is_iterator(const struct frame *f, object_id object)
{
    return object_at(f->p, object)->kind == OBJECT_MODELLED && object_role(f->p, object) == ROLE_ITERATOR;
}

/* The class of a value where that is one modelled class, to ask one_step_with about. */
static const struct model *exact_class(const struct frame *f, const struct val *v)
{
    object_id object = 0;
    for (uint32_t i = 0; v != NULL && i < sets_count(f->p->sets, v->set); i++) {
        object_id member = sets_member(f->p->sets, v->set, i);
        if (is_iterator(f, member) && sets_count(f->p->sets, v->set) > 1)
            continue; /* the other is what it walks */
        if (object != 0)
            return NULL;
        object = member;
    }
    if (object == 0)
        return NULL;
    object_id class_object = object_at(f->p, object)->kind == OBJECT_MODELLED ? object_class(f->p, object) : 0;
    return class_object != 0 ? object_at(f->p, class_object)->model : NULL;
}

/* Whether argument 0 makes the operation one step: 1 yes, 0 no, -1 its class is not known. */
static int one_step_with(const struct frame *f, const struct model *model, const struct val *argument)
{
    const struct model *type = exact_class(f, argument);
    if (model->one_step_with == NULL || type == NULL)
        return -1;
    for (const char *const *name = model->one_step_with; *name != NULL; name++)
        if (strcmp(*name, type->name) == 0)
            return 1;
    return 0;
}

bool effect_is_one_step(const struct frame *f, const struct model *model, const struct val *argument)
{
    int known = one_step_with(f, model, argument);
    return known >= 0 ? known == 1 : (model->effects & EFFECT_ATOMIC) != 0;
}

bool effect_is_known_other(const struct frame *f, const struct val *v, const char *type)
{
    const struct model *known = exact_class(f, v);
    return known != NULL && strcmp(known->name, type) != 0;
}

static bool is_one_step(const struct frame *f, const struct model *model, const struct call *call)
{
    int known = one_step_with(f, model, call_arg(f, call, 0, NULL));
    if (known >= 0)
        return known == 1;
    if ((model->effects & EFFECT_COMPOUND) && model->one_step_without_key)
        return call_arg(f, call, model->key, model->key_keyword) == NULL;
    return (model->effects & EFFECT_ATOMIC) != 0;
}

static uint32_t access_flags(const struct frame *f, const struct model *model, const struct call *call,
                             bool has_fallback)
{
    uint32_t flags = 0, effects = model->effects;
    if (is_one_step(f, model, call))
        flags |= ACC_ATOMIC;
    if (effects & EFFECT_REMOVE)
        flags |= ACC_REMOVES | ACC_RESIZES | ACC_RAISES;
    if (model->discards)
        flags |= ACC_REMOVES | ACC_RESIZES;
    if (effects & EFFECT_INSERT)
        flags |= ACC_INSERTS | ACC_RESIZES;
    /* setdefault: looks and stores in one step, and gives back what is there */
    if ((effects & EFFECT_INSERT) && model->returns != NULL && strcmp(model->returns, "element") == 0)
        flags |= ACC_SAFE_KEY;
    if (has_fallback)
        flags = (flags | ACC_SAFE_KEY) & ~(uint32_t)ACC_RAISES;
    return flags;
}

static void contents_add(struct frame *f, object_id container, set_id value)
{
    escape_registered(f, container, value);
    if (!sets_has(f->p->sets, f->now.owned, container))
        frame_escape(f, value);
    heap_write(f->p, container, FIELD_CONTENTS, value, f->c->unit, f->fn->first_op + f->op);
}

/* Those of a value that can be containers: everything with an identity that is not code. */
static uint32_t container_objects(const struct frame *f, set_id value, uint32_t *objects, uint32_t max)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, value) && count < max; i++) {
        object_id object = sets_member(f->p->sets, value, i);
        uint8_t kind = object_at(f->p, object)->kind;
        if (is_iterator(f, object))
            continue; /* see iterators.c */
        if (kind == OBJECT_MODELLED || kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC || kind == OBJECT_PATH ||
            object_is_library_state(f->p, object))
            objects[count++] = object;
    }
    return count;
}

/* next(it), it.__next__(), generator.send(x): the names are those of the language, whatever the library. */
static bool takes_next(const struct model *model)
{
    struct str name = str_of(model->name);
    return str_ends(name, STR(".next")) || str_ends(name, STR(".__next__")) || str_ends(name, STR("Generator.send"));
}

static bool has_iterator(const struct frame *f, set_id value)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++)
        if (is_iterator(f, sets_member(f->p->sets, value, i)))
            return true;
    return false;
}

/* What an operation on a container does to it. The result is what was read. */
static uint64_t container_access(struct frame *f, const struct model *model, const struct val *subject,
                                 const struct call *call)
{
    const struct val *key = effect_arg(f, call, model->key, model->key_keyword);
    const struct val *stored = effect_arg(f, call, model->value, model->value_keyword);
    bool fallback = effect_arg(f, call, model->fallback, model->fallback_keyword) != NULL;
    struct access_info info = {.field = FIELD_CONTENTS,
                               .kind = ACCESS_METHOD,
                               .key = key,
                               .model = model,
                               .flags = access_flags(f, model, call, fallback),
                               .path = subject->path};
    bool walks = (model->effects & EFFECT_ITERATE) != 0;
    if (walks && one_step_with(f, model, subject) == 1)
        walks = false;
    if (model->effects & EFFECT_SIZE)
        info.kind = ACCESS_SIZE;
    if (walks && !(model->effects & EFFECT_WRITE))
        info.kind = ACCESS_ITERATE;
    uint32_t objects[8];
    bool takes = takes_next(model);
    if (walks || takes || (model->effects & EFFECT_SNAPSHOT))
        iterator_consumed(f, subject->set, f->ops[f->op].span, model);
    uint32_t count = takes && has_iterator(f, subject->set) ? 0 : container_objects(f, subject->set, objects, 8);
    if (walks || (model->effects & EFFECT_SNAPSHOT))
        spawn_join_results(f, subject->set, f->ops[f->op].span); /* list(pool.map(…)) */
    uint64_t reads = 0;
    if (model->effects & (EFFECT_READ | EFFECT_SIZE | EFFECT_SNAPSHOT) || walks)
        reads = access_read(f, objects, count, &info);
    if (model->effects & EFFECT_WRITE) {
        for (uint32_t i = 0; i < count && stored != NULL; i++)
            contents_add(f, objects[i], stored->set);
        struct val written = stored != NULL ? *stored : (struct val){0};
        info.kind = ACCESS_METHOD;
        access_write(f, objects, count, &info, &written);
    }
    return reads;
}

/* jobs.update(more), jobs.extend(more): what is given is read as well, in one step or element by element. Where its
 * class is not known, nothing is said of it. */
static void arguments_read(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    if (receiver == 0 || model->elements < 0 || (model->effects & EFFECT_WRITE) == 0)
        return;
    for (uint32_t i = (uint32_t)model->elements; i < call->count; i++) {
        const struct model *type = call->keywords[i] == 0 ? exact_class(f, &call->args[i]) : NULL;
        if (type == NULL || !role_is_container((enum model_role)type->role))
            continue;
        bool whole = model->one_step_with != NULL ? one_step_with(f, model, &call->args[i]) == 1
                                                  : strcmp(type->name, "builtins.dict") == 0;
        struct access_info info = {.field = FIELD_CONTENTS,
                                   .kind = whole ? ACCESS_METHOD : ACCESS_ITERATE,
                                   .model = model,
                                   .flags = whole ? ACC_ATOMIC : 0};
        uint32_t objects[8];
        uint32_t count = container_objects(f, sets_remove(f->p->sets, call->args[i].set, receiver), objects, 8);
        (void)access_read(f, objects, count, &info);
    }
}

/* What a container made from another one holds. */
static void copy_contents(struct frame *f, object_id fresh, const struct val *from)
{
    if (from == NULL)
        return;
    struct val contents = place_contents(f, from);
    if (contents.set != 0 && !value_is(f->p, contents.set, UNKNOWN_OBJECT))
        heap_write(f->p, fresh, FIELD_CONTENTS, contents.set, UINT32_MAX, 0);
}

/* The object that a call is about: what `through` names, the receiver, or argument 0. */
static struct val call_subject(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    const struct val *through = effect_arg(f, call, model->through, model->through_keyword);
    if (through != NULL)
        return *through;
    if (receiver != 0)
        return (struct val){.set = one(f, receiver), .path = nesting_receiver(f, receiver, call)};
    if (model->elements >= 0) {
        struct val all = {0};
        for (uint32_t i = (uint32_t)model->elements; i < call->count; i++)
            if (call->keywords[i] == 0)
                all = val_join(f, all, call->args[i]);
        return all;
    }
    return call->count > 0 && call->keywords[0] == 0 ? call->args[0] : (struct val){0};
}

/* ---- results ---- */

static set_id element_of(struct frame *f, const struct model *model, const struct val *container, const struct val *key)
{
    set_id elements = place_contents(f, container).set;
    if (model->effects & EFFECT_REMOVE)
        frame_own_taken(f, elements);
    if (access_by_thread(f, key))
        access_own_found(f, elements);
    return elements;
}

/* The argument that a call gives back: the first one, or the one that the model names. */
static const struct val *argument_back(struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *named = effect_arg(f, call, model->through, model->through_keyword);
    return named != NULL ? named : &call->args[0];
}

static struct val effect_returns(struct frame *f, const struct model *model, object_id receiver,
                                 const struct call *call)
{
    struct program *p = f->p;
    struct val result = {.reads = all_reads(call), .params = all_params(call)};
    const char *returns = model->returns;
    struct val subject = call_subject(f, model, receiver, call);
    const struct val *first = subject.set != 0 ? &subject : NULL;
    if (model->effects & EFFECT_VIEW) {
        result.set = first != NULL ? first->set : 0;
        bool sentinel =
            receiver == 0 && call->count > 1 && strcmp(model->name, "builtins.iter") == 0; /* calls a function */
        const char *made =
            model->safety == SAFETY_UNSAFE ? "collections.abc.Iterator" : returns; /* tee: all share one */
        if (first != NULL && made != NULL && !sentinel)
            result.set = iterator_over(f, result.set, object_external_named(p, made));
    } else if (returns == NULL) {
        result.set = 0;
    } else if (strcmp(returns, "self") == 0) {
        result.set = receiver;
        if (receiver != 0)
            result.set = one(f, receiver);
    } else if (strcmp(returns, "element") == 0) {
        const struct val *key = effect_arg(f, call, model->key, model->key_keyword);
        result.set = first != NULL ? element_of(f, model, first, key) : 0;
        const struct val *fallback = effect_arg(f, call, model->fallback, model->fallback_keyword);
        if (fallback != NULL)
            result.set = value_union(p, result.set, fallback->set), result.reads &= ~fallback->reads;
        const struct val *value = effect_arg(f, call, model->value, model->value_keyword);
        if (value != NULL)
            result.set = value_union(p, result.set, value->set);
    } else if (strcmp(returns, "argument") == 0) {
        if (call->count > 0)
            result = *argument_back(f, model, call);
    } else if (strcmp(returns, "None") == 0) {
        result.set = one(f, NONE_OBJECT);
    } else {
        object_id external = object_external_named(p, returns);
        const struct model *type = object_at(p, external)->model;
        if (type != NULL && (type->role == ROLE_IMMUTABLE)) {
            result.set = one(f, SCALAR_OBJECT);
        } else {
            object_id fresh = effect_made(f, external, model, call);
            if (model->effects & (EFFECT_SNAPSHOT | EFFECT_ITERATE))
                copy_contents(f, fresh, first);
            result.set = one(f, fresh);
        }
    }
    if (result.set == 0)
        result.set = one(f, UNKNOWN_OBJECT);
    return result;
}

/* ---- calls ---- */

/* Calls the target now, with elements of the other arguments. */
static void effect_callback(struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *target = effect_arg(f, call, model->target, model->target_keyword);
    if (target == NULL)
        return;
    struct call inner;
    call_begin(&inner, call->op);
    inner.callee = *target;
    for (uint32_t i = 0; i < call->count; i++) {
        if (&call->args[i] == target)
            continue;
        struct val contents = place_contents(f, &call->args[i]);
        call_add(&inner, contents, 0, true);
    }
    call_run(f, &inner);
}

/* What a method that takes or releases a lock is about: the receiver, or the attribute of it that the model names. */
static set_id locks_of_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    struct program *p = f->p;
    if (call->locks != 0)
        return lock_objects(f, call->locks);
    if (model->held == NULL)
        return lock_objects(f, one(f, receiver));
    name_id name = intern_id(p->names, str_of(model->held));
    set_id locks = lock_objects(f, heap_read(p, receiver, name, f->id));
    return locks != 0 ? locks : one(f, object_path(p, receiver, name, object_external_named(p, "threading.RLock")));
}

/* A function that takes or releases one lock of the process: imp.acquire_lock(). */
static void effect_process_lock(struct frame *f, const struct model *model)
{
    set_id locks = one(f, object_process_lock(f->p, model->held));
    if (model->effects & EFFECT_ACQUIRE)
        nesting_take(f, locks, 0, f->ops[f->op].span, 0);
    if (model->effects & EFFECT_RELEASE) {
        nesting_released(f, locks);
        lock_release(f, locks);
    }
}

static void effect_wait(struct frame *f, object_id receiver)
{
    set_id locks = lock_objects(f, one(f, receiver));
    bool held = sets_overlap(f->p->sets, f->now.locks, locks);
    lock_release(f, locks);
    if (held)
        lock_acquire(f, locks);
}

bool effect_may_give_up(const struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *block = effect_arg(f, call, model->block, model->block_keyword);
    const struct val *timeout = effect_arg(f, call, model->timeout, model->timeout_keyword);
    if (block != NULL && !effect_is_constant(f, block, "True") && !effect_is_constant(f, block, "1"))
        return true;
    return timeout != NULL && !is_for_ever(f, timeout);
}

static void effect_join(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    struct val subject = call_subject(f, model, receiver, call);
    bool loop = f->loop_depth > 0;
    if (receiver == 0) {
        subject = val_join(f, subject, place_contents(f, &subject)); /* wait(futures) */
        loop = true;
    }
    for (uint32_t i = 0; i < sets_count(f->p->sets, subject.set); i++) {
        object_id object = sets_member(f->p->sets, subject.set, i);
        if (object_role(f->p, object) == ROLE_EXECUTOR || object_role(f->p, object) == ROLE_SERVER)
            spawn_join_executor(f, object);
    }
    if (!effect_may_give_up(f, model, call))
        wait_note(f, subject.set, f->ops[f->op].span);
    spawn_join(f, subject.set, loop);
}

static void effect_acquire(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    set_id locks = locks_of_call(f, model, receiver, call);
    /* what the arguments of an unknown lock mean is unknown, too */
    bool tries =
        effect_may_give_up(f, model, call) || (object_at(f->p, receiver)->kind == OBJECT_PATH && call->count > 0);
    path_id path = model->held == NULL ? nesting_receiver(f, receiver, call) : 0;
    nesting_take(f, locks, path, f->ops[f->op].span, tries ? TAKING_TRIED : 0);
    if (!tries)
        release_pending(f, locks);
}

/* Whether a method tells its receiver not to wait from now on: socket.setblocking(False), socket.settimeout(0). */
static bool forbids_waiting(const struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *block = (model->effects & (EFFECT_BLOCKS | EFFECT_ACQUIRE)) == 0
                                  ? effect_arg(f, call, model->block, model->block_keyword)
                                  : NULL;
    return effect_is_constant(f, block, "False") || effect_is_constant(f, block, "0") ||
           effect_is_constant(f, block, "0.0");
}

static void effect_locks_and_threads(struct frame *f, const struct model *model, object_id receiver,
                                     const struct call *call)
{
    uint32_t effects = model->effects;
    if (effects & (EFFECT_WAIT | EFFECT_JOIN))
        handoff_waited(f);
    if (receiver != 0) {
        if (effects & EFFECT_WAIT)
            effect_wait(f, receiver);
        const struct val *entered = effect_arg(f, call, model->through, model->through_keyword);
        if (effects & EFFECT_ACQUIRE && entered != NULL)
            lock_enter_by(f, receiver, entered); /* stack.enter_context(lock) */
        else if (effects & EFFECT_ACQUIRE)
            effect_acquire(f, model, receiver, call);
        if (effects & EFFECT_RELEASE) {
            set_id locks = locks_of_call(f, model, receiver, call);
            release_done(f, locks);
            nesting_released(f, locks);
            lock_found_held(f, locks);
            lock_release(f, locks);
        }
        if (effects & EFFECT_SIZE && role_is_lock(object_role(f->p, receiver)))
            nesting_probed(f, lock_objects(f, one(f, receiver)));
        if (effects & EFFECT_START)
            spawn_start(f, receiver, model);
        if (forbids_waiting(f, model, call))
            heap_write(f->p, receiver, FIELD_AT_ONCE, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
    } else if (model->held != NULL) {
        effect_process_lock(f, model);
    }
    if (effects & EFFECT_JOIN)
        effect_join(f, model, receiver, call);
}

static struct val effect_handoff(struct frame *f, const struct model *model, object_id receiver,
                                 const struct call *call)
{
    struct program *p = f->p;
    struct access_info info = {
        .field = FIELD_CONTENTS, .kind = ACCESS_METHOD, .model = model, .flags = ACC_ATOMIC | ACC_RESIZES};
    info.flags |= model->effects & EFFECT_PUT ? ACC_INSERTS : ACC_REMOVES;
    if (model->effects & EFFECT_CHECK_THEN_RAISES)
        info.flags |= ACC_RAISES;
    access_write(f, &receiver, 1, &info, NULL);
    if (model->effects & EFFECT_PUT) {
        const struct val *value = call_arg(f, call, model->value >= 0 ? model->value : 0, model->value_keyword);
        if (value != NULL) {
            handoff_put(f, receiver, value);
            frame_escape(f, value->set);
            heap_write(p, receiver, FIELD_CONTENTS, value->set, UINT32_MAX, 0);
        }
        return val_of(one(f, NONE_OBJECT));
    }
    handoff_waited(f);
    p->roots.data[f->c->root].queues = sets_add(p->sets, p->roots.data[f->c->root].queues, receiver);
    struct val self = val_of(one(f, receiver));
    struct val result = place_contents(f, &self);
    for (uint32_t i = 0; i < sets_count(p->sets, result.set); i++) {
        object_id object = sets_member(p->sets, result.set, i);
        if (object_at(p, object)->kind == OBJECT_INSTANCE || object_at(p, object)->kind == OBJECT_MODELLED)
            frame_own(f, object);
    }
    return result;
}

static struct val effect_spawn(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    struct program *p = f->p;
    const struct val *target = effect_arg(f, call, model->target, model->target_keyword);
    if (target == NULL)
        return effect_returns(f, model, receiver, call);
    object_id external = object_external_named(p, model->returns != NULL && strchr(model->returns, '.') != NULL
                                                      ? model->returns
                                                      : "concurrent.futures.Future");
    object_id stands = spawn_again(f);
    if (stands == 0)
        stands = effect_fresh(f, external);
    f->now.owned = sets_remove(p->sets, f->now.owned, stands);
    const struct val *through = effect_arg(f, call, model->through, model->through_keyword);
    object_id executor = receiver != 0 && object_role(p, receiver) == ROLE_EXECUTOR ? receiver : 0;
    if (through != NULL && sets_count(p->sets, through->set) == 1)
        executor = sets_member(p->sets, through->set, 0);
    const struct model *pool = executor != 0 ? object_type_model(p, executor) : NULL;
    if (pool != NULL && pool->scope == SCOPE_PROCESS && heap_find(p, executor, FIELD_THREADS) == NULL)
        return val_of(one(f, stands)); /* another process shares nothing */
    set_id run = model->tasks ? place_contents(f, target).set : target->set;
    spawn_target(f, stands, model, run, call, executor);
    uint64_t root;
    bool of_future = receiver != 0 && object_role(p, receiver) == ROLE_FUTURE; /* one that no thread here completes */
    if (of_future && !map_get(&p->root_by_object, receiver, NULL) && map_get(&p->root_by_object, stands, &root))
        p->roots.data[root].callback = true;
    if (model->returns != NULL && (object_role(p, stands) == ROLE_FUTURE || (model->effects & EFFECT_VIEW)))
        note_task(f, model, stands);
    if (model->effects & EFFECT_JOIN) {
        wait_note(f, one(f, stands), f->ops[f->op].span);
        spawn_join(f, one(f, stands), true);
    }
    return val_of(one(f, stands));
}

/* field(default_factory=list): what comes back calls the factory for each instance of the class. */
static void keep_factory(struct frame *f, const struct model *model, const struct call *call, set_id result)
{
    const struct val *factory = (model->effects & EFFECT_LATER) && model->runs == RUNS_CALLER && model->returns != NULL
                                    ? effect_arg(f, call, model->target, model->target_keyword)
                                    : NULL;
    if (factory != NULL && sets_count(f->p->sets, result) == 1 &&
        object_at(f->p, sets_member(f->p->sets, result, 0))->kind == OBJECT_MODELLED)
        heap_write(f->p, sets_member(f->p->sets, result, 0), FIELD_FACTORY, factory->set, UINT32_MAX, 0);
}

/* What a server runs in its threads; what another process runs, or this one right after a fork: nothing else runs
 * there.
 */
static void run_elsewhere(struct frame *f, const struct model *model, const struct call *call)
{
    struct program *p = f->p;
    if ((model->effects & EFFECT_LATER) == 0 || (model->runs != RUNS_PROCESS && model->runs != RUNS_SERVER))
        return;
    const struct val *target = effect_arg(f, call, model->target, model->target_keyword);
    if (model->runs == RUNS_SERVER) {
        served_add(p, model, target != NULL ? target->set : 0);
        return;
    }
    for (uint32_t i = 0; target != NULL && i < sets_count(p->sets, target->set); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, target->set, i));
        if (o->kind == OBJECT_BOUND)
            o = object_at(p, o->a);
        if (o->kind == OBJECT_FUNCTION)
            p->units.data[o->a].detached[o->b] = true;
    }
}

/* A call without its first argument, which was the receiver. */
static void call_shift(struct call *call)
{
    call->count--;
    memmove(call->args, call->args + 1, call->count * sizeof *call->args);
    memmove(call->keywords, call->keywords + 1, call->count * sizeof *call->keywords);
    memmove(call->star, call->star + 1, call->count * sizeof *call->star);
}

static bool has_receiver_first(const struct model *model, const struct call *call)
{
    return model->is == MODEL_METHOD && call->count > 0 && call->keywords[0] == 0 && !call->star[0];
}

/* dict.get(self, key): a method called by way of its class. */
static struct val effect_of_class(struct frame *f, const struct model *model, const struct call *call)
{
    struct val result = {0};
    struct call inner = *call;
    call_shift(&inner);
    inner.callee = call->args[0];
    for (uint32_t i = 0; i < sets_count(f->p->sets, call->args[0].set); i++) {
        object_id receiver = sets_member(f->p->sets, call->args[0].set, i);
        if (receiver > SCALAR_OBJECT)
            result = val_join(f, result, effect_call(f, model, receiver, &inner));
    }
    if (result.set == 0)
        result.set = one(f, UNKNOWN_OBJECT);
    return result;
}

/* Hands something to a main loop that has a thread of its own: a function, which means the one loop of the process, or
 * what any thread may call. */
static bool is_for_loop(const struct model *model)
{
    return (model->effects & EFFECT_LATER) && model->runs == RUNS_LOOP &&
           (model->is == MODEL_FUNCTION || model->safety == SAFETY_SAFE);
}

struct val effect_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    struct val result = {0};
    if (model->is == MODEL_CLASS)
        return effect_base_constructor(f, model, receiver, call);
    if (receiver == 0 && has_receiver_first(model, call))
        return effect_of_class(f, model, call);
    if (receiver == 0 && effect_builtin(f, model, call, &result))
        return result;
    note_call(f, model, receiver, call);
    f->p->units.data[f->c->unit].greenlets |= model->greenlets && f->c->function == 0 && f->regions.len == 0;
    effect_locks_and_threads(f, model, receiver, call);
    run_elsewhere(f, model, call);
    task_given(f, model, call);
    if (model->effects & (EFFECT_PUT | EFFECT_GET) && receiver != 0)
        return effect_handoff(f, model, receiver, call);
    if (model->effects & EFFECT_SPAWN)
        return effect_spawn(f, model, receiver, call);
    if (model->effects & EFFECT_CALLBACK)
        effect_callback(f, model, call);
    uint64_t reads = 0;
    const uint32_t container = EFFECT_READ | EFFECT_WRITE | EFFECT_SIZE | EFFECT_ITERATE | EFFECT_SNAPSHOT;
    const uint32_t known = container | EFFECT_PURE | EFFECT_DECORATOR | EFFECT_MAKES_DECORATOR | EFFECT_BLOCKS |
                           EFFECT_PROCESS | EFFECT_VIEW | EFFECT_ACQUIRE | EFFECT_RELEASE | EFFECT_WAIT |
                           EFFECT_NOTIFY | EFFECT_START | EFFECT_JOIN | EFFECT_SET | EFFECT_CLEAR | EFFECT_CALLBACK |
                           EFFECT_MEMO;
    if (model->effects & container) {
        struct val subject = call_subject(f, model, receiver, call);
        arguments_read(f, model, receiver, call);
        reads = container_access(f, model, &subject, call);
        if (receiver == 0)
            reads |= subject.reads;
    } else if (is_for_loop(model)) {
        call_in_loop(f, call);
    } else if ((model->effects & known) == 0 && !((model->effects & EFFECT_LATER) && model->runs == RUNS_PROCESS)) {
        call_unknown(f, call);
    }
    result = effect_returns(f, model, receiver, call);
    result.set = value_union(f->p, result.set, effect_default(f, model, receiver));
    if (model->thread_identity)
        result.set = one(f, THREAD_ID_OBJECT);
    if (model->effects & EFFECT_DECORATOR && call->count > 0 && model->returns == NULL)
        result = call->args[0];
    if (receiver == 0)
        keep_factory(f, model, call, result.set);
    result.reads |= reads;
    if (model->extreme)
        span_note_extreme(f, result.reads, false);
    result.test = builtin_search_test(f, model, result.reads);
    return result;
}

/* ---- instances of modelled classes ---- */

/* super().__init__(…) or Base.__init__(self, …) of a modelled base class. */
static struct val effect_base_constructor(struct frame *f, const struct model *model, object_id receiver,
                                          const struct call *call)
{
    struct program *p = f->p;
    struct call inner = *call;
    set_id receivers = one(f, receiver);
    if (object_at(p, receiver)->kind == OBJECT_EXTERNAL) {
        if (call->count == 0)
            return val_of(one(f, NONE_OBJECT));
        receivers = call->args[0].set;
        call_shift(&inner);
    }
    for (uint32_t i = 0; i < sets_count(p->sets, receivers); i++)
        effect_construct(f, sets_member(p->sets, receivers, i), model, &inner);
    return val_of(one(f, NONE_OBJECT));
}

/* defaultdict(list): the elements that it makes itself. */
static void fill_missing(struct frame *f, object_id object, const struct val *factory, const struct call *call)
{
    struct call inner;
    call_begin(&inner, call->op);
    inner.callee = *factory;
    struct val made = call_run(f, &inner);
    for (uint32_t i = 0; i < sets_count(f->p->sets, made.set); i++) {
        object_id element = sets_member(f->p->sets, made.set, i);
        uint8_t kind = object_at(f->p, element)->kind;
        if (kind == OBJECT_MODELLED || kind == OBJECT_INSTANCE)
            object_at(f->p, element)->flags |= OBJECT_MANY;
    }
    if (made.set != 0 && !value_is(f->p, made.set, UNKNOWN_OBJECT))
        heap_write(f->p, object, FIELD_CONTENTS, made.set, f->c->unit, f->fn->first_op + f->op);
}

/* list(x), dict(x, name=value), deque(x, maxlen=9): what a new container holds. */
static void fill_container(struct frame *f, object_id object, const struct model *model, const struct call *call)
{
    struct program *p = f->p;
    const struct val *factory = model->effects & EFFECT_LATER ? effect_arg(f, call, model->target, NULL) : NULL;
    if (factory != NULL)
        fill_missing(f, object, factory, call);
    for (uint32_t i = 0; i < call->count; i++) {
        if (&call->args[i] == factory)
            continue;
        if (call->keywords[i] == 0 || model->role != ROLE_DICT) {
            copy_contents(f, object, &call->args[i]);
            continue;
        }
        struct str name = name_text(p, call->keywords[i]);
        set_id value = call->args[i].set;
        heap_write(p, object, intern_id(p->names, arena_printf(p->arena, "=%.*s", STR_FMT(name))), value, UINT32_MAX,
                   0);
        heap_write(p, object, FIELD_CONTENTS, value, UINT32_MAX, 0);
    }
}

struct val effect_instance(struct frame *f, object_id external, const struct call *call)
{
    struct program *p = f->p;
    const struct model *model = object_at(p, external)->model;
    struct val builtin = {0};
    if (effect_builtin(f, model, call, &builtin))
        return builtin;
    note_call(f, model, 0, call);
    struct val subject = call_subject(f, model, 0, call);
    const uint32_t walks = EFFECT_READ | EFFECT_SIZE | EFFECT_ITERATE | EFFECT_SNAPSHOT;
    uint64_t reads = 0;
    if (model->effects & walks && subject.set != 0)
        reads = container_access(f, model, &subject, call);
    if (model->role == ROLE_IMMUTABLE)
        return (struct val){.set = one(f, SCALAR_OBJECT), .reads = all_reads(call) | reads, .params = all_params(call)};
    if (model->effects & EFFECT_VIEW && subject.set != 0) { /* iter, enumerate, reversed: a live view */
        struct val view = subject;
        view.set = iterator_over(f, view.set, external);
        if (model->role == ROLE_COUNTER_ATOMIC) { /* takes elements one at a time, whoever asks */
            object_id guard = effect_fresh(f, external);
            copy_contents(f, guard, &subject);
            view.set = sets_add(f->p->sets, iterator_without(f, view.set), guard);
        }
        view.reads |= reads;
        view.test = 0;
        return view;
    }
    run_elsewhere(f, model, call);
    object_id object = effect_made(f, external, model, call);
    bool container = role_is_container((enum model_role)model->role);
    if (container) {
        fill_container(f, object, model, call);
    } else {
        effect_construct(f, object, model, call);
        if (model->role == ROLE_THREAD)
            note_thread_made(f, object);
        if (model->role == ROLE_OBJECT || model->role == ROLE_NONE)
            call_unknown(f, call);
    }
    struct val result = val_of(one(f, object));
    result.reads = reads | (container ? all_reads(call) : 0);
    return result;
}
