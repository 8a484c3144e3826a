/* handlers: what belongs to one request, kept on an object that serves many threads at once: stored there and read
 * back, as if nobody else came between (RL315). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/symbols/classes.h"
#include "program/threads/apart.h"
#include "program/threads/served.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* ---- objects that serve requests ---- */

/* The handlers of the models that classes are known for by the names of parameters. */
struct services {
    VEC(const struct model *) handlers;
};

static bool has_param(const struct unit *u, const struct ir_function *fn, const char *name)
{
    for (uint32_t i = 1; i < fn->param_count; i++)
        if (str_equal(u->ir->names[u->ir->params[fn->first_param + i].name], str_of(name)))
            return true;
    return false;
}

/* Whether a handler of a server that has parameters of its own is called with the last of them (start_response). */
static bool is_called_as(const struct model *handler, const struct unit *u, const struct ir_function *fn)
{
    const char *const *last = handler->parameters;
    while (last != NULL && last[0] != NULL && last[1] != NULL)
        last++;
    return last != NULL && has_param(u, fn, *last);
}

/* A WSGI application or middleware (called with environ and start_response), or a middleware that is made with
 * get_response and called with each request: models say which. The server makes one, and calls it from all its threads.
 */
static bool serves_requests(const struct program *p, const struct services *services, object_id class_object)
{
    const struct object *o = object_at(p, class_object);
    if (o->kind != OBJECT_CLASS)
        return false;
    const struct unit *u = &p->units.data[o->a];
    bool called = false, wraps = false;
    for (uint32_t i = 1; i < u->ir->function_count; i++) {
        const struct ir_function *fn = &u->ir->functions[i];
        if (fn->class_index != o->b || fn->kind != IR_FN_FUNCTION)
            continue;
        struct str name = u->ir->names[fn->name];
        bool constructor = str_equal(name, STR("__init__")), call = str_equal(name, STR("__call__"));
        for (size_t k = 0; k < services->handlers.len; k++) {
            const struct model *handler = services->handlers.data[k];
            wraps |= constructor && handler->made_with != NULL && has_param(u, fn, handler->made_with);
            if (call && is_called_as(handler, u, fn))
                return true;
        }
        called |= call;
    }
    return called && wraps;
}

static bool is_entry(const struct services *services, struct str name)
{
    bool found = str_equal(name, STR("__call__"));
    for (size_t i = 0; i < services->handlers.len && !found; i++)
        found = served_entry(services->handlers.data[i], name);
    return found;
}

/* Whether a call of the object for a request leads to the access. */
static bool is_in_request(const struct program *p, const struct services *services, const struct acc *acc)
{
    context_id at = acc->context;
    for (int i = 0; i < 8 && at != 0; i++) {
        const struct context *c = context_at(p, at);
        const struct unit *u = &p->units.data[c->unit];
        const struct ir_function *fn = &u->ir->functions[c->function];
        if (fn->class_index != IR_NO_INDEX && is_entry(services, u->ir->names[fn->name]))
            return true;
        at = c->caller;
    }
    return false;
}

static bool is_constructing(const struct program *p, const struct acc *acc)
{
    const struct unit *u = &p->units.data[acc->unit];
    struct str name = u->ir->names[u->ir->functions[acc->function].name];
    return str_equal(name, STR("__init__")) || str_equal(name, STR("__new__")) || str_equal(name, STR("__setstate__"));
}

/* ---- pairs ---- */

/* Whether the read comes after the write in the same thread: later in the call, or in what it calls later. */
static bool is_read_back(const struct program *p, const struct acc *write, const struct acc *read)
{
    if (read->context == write->context)
        return read->op > write->op;
    context_id at = read->context;
    for (int i = 0; i < 8 && at != 0; i++) {
        const struct context *c = context_at(p, at);
        if (c->caller == write->context)
            return c->caller_op > write->op;
        at = c->caller;
    }
    return false;
}

/* Stored because it was not there yet: kept for all calls, not for this one. */
static bool is_lazy(const struct program *p, const struct acc *write)
{
    const struct context *c = context_at(p, write->context);
    for (size_t i = 0; i < c->records->spans.len; i++) {
        const struct span *s = &c->records->spans.data[i];
        bool same = s->last->op == write->op && s->last->object == write->object && s->last->field == write->field;
        if (same && s->via == VIA_CONTROL)
            return true;
    }
    return false;
}

/* An object that some call made, and that is kept nowhere. */
static bool is_passing(const struct program *p, object_id object)
{
    const struct object *root = object_at(p, place_root_object(p, object));
    return (root->kind == OBJECT_INSTANCE || root->kind == OBJECT_MODELLED) && root->c == 0 && root->home == 0;
}

static bool is_store(const struct program *p, const struct acc *acc)
{
    const uint32_t other = ACC_CONSTANT | ACC_NONE | ACC_LOCK | ACC_OWN_LOCK | ACC_OWN_THREAD;
    return acc->kind == ACCESS_STORE && (acc->flags & other) == 0 && !is_lazy(p, acc) && !is_passing(p, acc->object);
}

static void add(struct finder *f, const struct acc *write, const struct acc *read, enum confidence confidence,
                struct str why)
{
    struct hazard h = {
        .kind = HAZARD_REQUEST_STATE, .exposure = EXPOSURE_ANY_BUILD, .confidence = confidence, .why = why};
    finder_add(f, &h, write, read, write);
}

/* Whether the object was there before the thread: given to it, or found by all from a module or class. */
static bool is_given(const struct program *p, const struct acc *acc)
{
    uint8_t kind = object_at(p, place_root_object(p, acc->object))->kind;
    if (kind == OBJECT_MODULE || kind == OBJECT_CLASS)
        return true;
    const struct context *c = context_at(p, acc->context);
    for (int i = 0; i < 60 && c->caller != 0 && context_at(p, c->caller)->root == c->root; i++)
        c = context_at(p, c->caller);
    const struct argument *args = context_args(p, c);
    for (uint32_t i = 0; i < c->arg_count; i++)
        if (sets_has(p->sets, args[i].set, acc->object))
            return true;
    return false;
}

/* A thread stores what its own call was given, and reads it back. */
static bool check_threads(struct finder *f, const struct located *list, size_t count, const struct acc *write)
{
    struct program *p = f->p;
    root_id root = context_at(p, write->context)->root;
    if (p->roots.data[root].kind != THREAD_SPAWNED || (write->flags & ACC_FROM_ARGUMENT) == 0)
        return false;
    if (parallel_accesses(p, write, write).kind != PARALLEL_ROOTS || !is_given(p, write) ||
        apart_one_at_a_time(p, write->object, root))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct acc *read = list[i].acc;
        if (read->kind != ACCESS_LOAD || context_at(p, read->context)->root != root)
            continue;
        if (sets_overlap(p->sets, read->locks, write->locks) || !is_read_back(p, write, read))
            continue;
        add(f, write, read, CONFIDENCE_HIGH, STR("several threads run this code on one object"));
        return true;
    }
    return false;
}

/* Nobody is seen to start the threads, but the class says that servers call it. */
static bool check_served(struct finder *f, const struct services *services, const struct located *list, size_t count,
                         const struct acc *write)
{
    struct program *p = f->p;
    if (is_constructing(p, write) || (write->flags & ACC_FROM_ARGUMENT) == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct acc *read = list[i].acc;
        if (read->kind != ACCESS_LOAD || !is_in_request(p, services, read) ||
            sets_overlap(p->sets, read->locks, write->locks))
            continue;
        if (read->unit == write->unit && read->function == write->function && read->op < write->op)
            continue;
        add(f, write, read, CONFIDENCE_MEDIUM, STR("servers call one object of this class from all their threads"));
        return true;
    }
    return false;
}

void find_request_state(struct finder *f)
{
    struct program *p = f->p;
    struct services services = {0};
    for (size_t i = 0; i < models_count(p->models); i++)
        if (models_at(p->models, i)->made_with != NULL || models_at(p->models, i)->parameters != NULL)
            vec_push(&services.handlers, models_at(p->models, i));
    size_t end;
    for (size_t from = 0; from < f->all.len; from = end) {
        for (end = from + 1; end < f->all.len && f->all.data[end].place == f->all.data[from].place; end++)
            continue;
        const struct acc *any = f->all.data[from].acc;
        object_id class_object = object_class(p, any->object);
        if (any->field == FIELD_CONTENTS || class_object == 0)
            continue;
        bool found = false;
        size_t count = end - from > 256 ? 256 : end - from;
        for (size_t i = from; i < from + count && !found; i++) {
            const struct acc *write = f->all.data[i].acc;
            if (!is_store(p, write))
                continue;
            found = check_threads(f, f->all.data + from, count, write) ||
                    (is_in_request(p, &services, write) && serves_requests(p, &services, class_object) &&
                     check_served(f, &services, f->all.data + from, count, write));
        }
    }
    vec_release(&services.handlers);
}
