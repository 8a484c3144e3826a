/* spawn: thread roots: where they start, what they run, and where somebody waits for them. */
#include "program/evaluate/frame.h"

#include <string.h>

#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/threads/apart.h"
#include "program/threads/served.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static struct str target_label(struct program *p, set_id target)
{
    if (sets_count(p->sets, target) == 0)
        return STR("?");
    object_id object = sets_member(p->sets, target, 0);
    if (object_at(p, object)->kind == OBJECT_MODELLED) { /* partial */
        const struct field *inner = heap_find(p, object, FIELD_TARGET);
        if (inner != NULL && sets_count(p->sets, inner->value) > 0)
            object = sets_member(p->sets, inner->value, 0);
    }
    const struct object *o = object_at(p, object);
    if (o->kind == OBJECT_BOUND)
        o = object_at(p, o->a);
    if (o->kind == OBJECT_INSTANCE || o->kind == OBJECT_GENERIC)
        return object_display(p, object_class(p, object));
    if (o->kind != OBJECT_FUNCTION)
        return STR("?");
    const struct unit *u = &p->units.data[o->a];
    return u->ir->names[u->ir->functions[o->b].qualname];
}

static struct str spawner_label(struct program *p, const struct model *model)
{
    struct str name = str_of(model->name);
    size_t dot = str_rfind_char(name, '.');
    struct str last = str_slice(name, dot == SIZE_MAX ? 0 : dot + 1, name.len);
    if (model->is == MODEL_METHOD && dot != SIZE_MAX) {
        struct str rest = str_slice(name, 0, dot);
        size_t before = str_rfind_char(rest, '.');
        return str_slice(name, before == SIZE_MAX ? 0 : before + 1, name.len);
    }
    (void)p;
    return last;
}

#define ROOTS_MAX 4000 /* threads told apart; what further ones run is not evaluated for them */

/* Threads that one instruction starts, told apart; further ones are the last of them again. */
#define SITE_ROOTS_MAX 24
#define NESTED_ROOTS_MAX 4 /* the same of an instruction that runs in such a thread itself */

/* The root that stands for a further thread of the present instruction, where there are enough already: tasks
 * that submit each other have as many ways to come about as their sites have orders. 0: it gets a root of its own. */
static root_id root_of_site(struct frame *f)
{
    struct program *p = f->p;
    uint64_t *site = map_slot(&p->site_roots, frame_site(f), 0); /* how many << 32 | the last one */
    root_id last = (root_id)*site;
    bool nested = p->roots.data[f->c->root].kind == THREAD_SPAWNED;
    if (*site >> 32 < (nested ? NESTED_ROOTS_MAX : SITE_ROOTS_MAX)) {
        *site = ((*site >> 32) + 1) << 32 | p->roots.len;
        return 0;
    }
    p->roots.data[last].self_parallel = true;
    p->roots.data[last].joined = true;
    return last;
}

/* The root that an object stands for, made on first use. */
static root_id root_for(struct frame *f, object_id stands_for, struct str label)
{
    struct program *p = f->p;
    uint64_t found;
    if (map_get(&p->root_by_object, stands_for, &found))
        return (root_id)found;
    root_id shared = root_of_site(f);
    if (shared != 0) {
        map_put(&p->root_by_object, stands_for, shared);
        return shared;
    }
    struct root root = {.kind = THREAD_SPAWNED,
                        .object = stands_for,
                        .label = label,
                        .unit = f->c->unit,
                        .op = f->op,
                        .function = f->c->function,
                        .spawner = f->id};
    root.generic = p->roots.data[f->c->root].kind == THREAD_CALLER || p->roots.data[f->c->root].generic;
    root_id id = (root_id)p->roots.len;
    vec_push(&p->roots, root);
    map_put(&p->root_by_object, stands_for, id);
    p->has_threads = true;
    return id;
}

static uint64_t pair_key(root_id a, root_id b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* Notes that two threads may run at once. */
static void roots_beside(struct program *p, root_id a, root_id b)
{
    struct root *x = &p->roots.data[a], *y = &p->roots.data[b];
    if (x->object == 0 || y->object == 0)
        return;
    x->has_company = y->has_company = true;
    map_put(&p->roots_beside, pair_key(a, b), 1);
}

bool roots_meet(const struct program *p, root_id a, root_id b)
{
    return map_get(&p->roots_beside, pair_key(a, b), NULL);
}

/* One object that was made once is started at most once, even by a loop over all threads. */
static bool starts_once(const struct program *p, object_id thread)
{
    const struct object *o = object_at(p, thread);
    return (o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE) && (o->flags & OBJECT_MANY) == 0;
}

/* Starts a root: everything that runs now runs beside it. Running already, it runs beside itself. */
static void root_start(struct frame *f, root_id id, bool many)
{
    struct program *p = f->p;
    struct root *root = &p->roots.data[id];
    bool again = sets_has(p->sets, f->now.running, root->object) && !starts_once(p, root->object);
    if (many || again)
        root->self_parallel = true;
    root_id here = f->c->root;
    const struct root *spawner = &p->roots.data[here];
    /* code that any caller runs starts its thread once for each object, if nothing says otherwise */
    if ((spawner->self_parallel && spawner->kind == THREAD_SPAWNED) || spawner->interleaves)
        root->self_parallel = true;
    bool single_pool = root->executor != 0 && heap_find(p, root->executor, FIELD_WORKERS) != NULL;
    if (single_pool)
        root->self_parallel = false;
    for (uint32_t i = 0; i < sets_count(p->sets, f->now.running); i++) {
        uint64_t other;
        object_id member = sets_member(p->sets, f->now.running, i);
        if (!map_get(&p->root_by_object, member, &other) || other == id)
            continue;
        if (single_pool && p->roots.data[other].executor == root->executor)
            continue;
        if (other != here || spawner->self_parallel)
            roots_beside(p, id, (root_id)other);
    }
    f->now.running = sets_add(p->sets, f->now.running, root->object);
    f->now.joined = sets_remove(p->sets, f->now.joined, root->object);
    f->recording = true;
    f->c->started = sets_add(p->sets, f->c->started, root->object);
    f->begun = sets_add(p->sets, f->begun, root->object);
}

/* The opening instruction of the innermost loop around an instruction of a function; UINT32_MAX where it is in none. */
static uint32_t loop_around(const struct ir_op *ops, uint32_t op)
{
    int depth = 0;
    for (uint32_t i = op; i-- > 0;) {
        uint8_t code = ops[i].code;
        bool loop = code == IR_FOR || code == IR_LOOP;
        depth += code == IR_END;
        if (depth == 0 && loop)
            return i;
        depth -= depth > 0 && (loop || code == IR_IF || code == IR_TRY || code == IR_WITH);
    }
    return UINT32_MAX;
}

#define CALLS_MAX 8 /* from the code that makes an object to the code that starts a thread with it */

/* Whether each call of the present function gets an object of its own: no loop around the calls that lead here goes
 * round with the one object that its caller made before. */
static bool fresh_per_call(const struct frame *f, object_id object)
{
    const struct program *p = f->p;
    const struct object *o = object_at(p, object);
    const struct context *c = f->c;
    for (int i = 0; i < CALLS_MAX && c->caller != 0 && sets_has(p->sets, c->owned, object); i++) {
        const struct context *caller = context_at(p, c->caller);
        const struct unit *u = &p->units.data[caller->unit];
        const struct ir_function *fn = &u->ir->functions[caller->function];
        uint32_t loop = loop_around(u->ir->ops + fn->first_op, c->caller_op);
        uint32_t site = (o->b & 0xfffff) - fn->first_op;
        bool made_there = o->b >> 20 == caller->unit && site < fn->op_count;
        if (loop != UINT32_MAX)
            return !sets_has(p->sets, caller->owned, object) && (!made_there || site > loop);
        c = caller;
    }
    return true;
}

/* Whether each thread gets an object of its own: it was made in the same call and loop iteration as the thread. */
static bool fresh_per_thread(const struct frame *f, object_id object)
{
    if (!sets_has(f->p->sets, f->now.owned, object))
        return false;
    if (f->loop_depth == 0)
        return f->c->many && fresh_per_call(f, object);
    const struct object *o = object_at(f->p, object);
    if (o->kind != OBJECT_INSTANCE && o->kind != OBJECT_MODELLED)
        return false;
    uint32_t site = o->b;
    /* made inside the innermost loop around this instruction */
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if (r->code != IR_FOR && r->code != IR_LOOP)
            continue;
        uint32_t first = ((f->fn->first_op + r->op) & 0xfffff) | f->c->unit << 20;
        return site > first && (o->c == 0 || o->c == (o->kind == OBJECT_MODELLED ? f->id : context_cells(f->p, f->id)));
    }
    return false;
}

/* The object that a value is, or that the method is bound to. */
static object_id receiver_of(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    return o->kind == OBJECT_BOUND ? o->b : object;
}

/* Those of a value that are made anew for each thread; others may have them, too. */
static set_id fresh_of(const struct frame *f, set_id value)
{
    struct program *p = f->p;
    set_id fresh = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id object = receiver_of(p, sets_member(p->sets, value, i));
        if (fresh_per_thread(f, object))
            fresh = sets_add(p->sets, fresh, object);
    }
    return fresh;
}

void spawn_deferred(struct frame *f, object_id task, const struct call *call)
{
    set_id apart = apart_dealt(f, call->args, call->count, 0);
    for (uint32_t i = 0; i < call->count; i++)
        apart = sets_union(f->p->sets, apart, fresh_of(f, call->args[i].set));
    if (apart != 0)
        heap_write(f->p, task, FIELD_APART, apart, UINT32_MAX, 0);
}

static void hand_over(struct frame *f, root_id id, set_id value)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id receiver = receiver_of(p, sets_member(p->sets, value, i));
        if (fresh_per_thread(f, receiver))
            p->roots.data[id].exclusive = sets_add(p->sets, p->roots.data[id].exclusive, receiver);
    }
    frame_escape_to_thread(f, value);
}

#define STARTS_MAX 8 /* a thread whose target starts it again, by whatever name, has no end */

/* Evaluates what the thread runs, in a context of its own root. */
static void root_run(struct frame *f, root_id id, set_id target, const struct call *args)
{
    struct program *p = f->p;
    if (f->starts == STARTS_MAX)
        return;
    const struct root *root = &p->roots.data[id];
    struct frame g = {.p = p,
                      .c = f->c,
                      .id = f->id,
                      .draft = f->draft,
                      .u = f->u,
                      .fn = f->fn,
                      .ops = f->ops,
                      .vals = f->vals,
                      .op = f->op,
                      .starts = (uint8_t)(f->starts + 1),
                      .recording = true};
    frame_locals(&g);
    g.now.running = sets_union(p->sets, f->now.running, root->self_parallel ? sets_one(p->sets, root->object) : 0);
    if (!root->self_parallel)
        g.now.running = sets_remove(p->sets, g.now.running, root->object);
    /* others may have the thread object, too; of several, which one they have is not known */
    bool several = root->self_parallel || root->repeated;
    g.now.owned = several ? root->exclusive : sets_remove(p->sets, root->exclusive, root->object);
    struct context *c = f->c;
    root_id before = c->root;
    bool many_before = c->many;
    c->root = id;
    c->many = many_before || root->self_parallel;
    struct call call = *args;
    call.callee = val_of(target);
    for (uint32_t i = 0; i < call.count; i++)
        call.args[i].reads = 0, call.args[i].test = 0; /* what this call has read is not known to the thread's */
    struct context saved = {.started = c->started, .joined = c->joined, .escaped = c->escaped};
    size_t written = c->records->written.len, takings = c->records->takings.len, notes = c->records->notes.len;
    call_run(&g, &call);
    c->records->written.len = written;
    c->records->takings.len = takings;
    c->records->notes.len = notes;
    c->started = saved.started;
    c->joined = saved.joined;
    c->escaped = saved.escaped;
    c->root = before;
    c->many = many_before;
    g.vals = NULL; /* the caller's */
    frame_release(&g);
}

/* The positional arguments that a tuple or list holds. */
static void spread(struct frame *f, struct call *call, set_id tuples)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, tuples) && i < 1; i++) {
        object_id tuple = sets_member(p->sets, tuples, i);
        uint32_t k = 0;
        for (; k < 12; k++) {
            set_id element = heap_read(p, tuple, heap_element(p, k), f->id);
            if (element == 0)
                break;
            call_add(call, val_of(element), 0, false);
        }
        struct val v = val_of(sets_one(p->sets, tuple));
        set_id contents = place_contents(f, &v).set;
        if (k == 0 && !value_is(p, contents, UNKNOWN_OBJECT))
            call_add(call, val_of(contents), 0, true);
    }
}

static void spread_keywords(struct frame *f, struct call *call, set_id dicts)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, dicts); i++)
        for (uint32_t k = object_at(p, sets_member(p->sets, dicts, i))->first_field; k != 0;
             k = p->fields.data[k].next) {
            struct str name = name_text(p, p->fields.data[k].name);
            if (name.len > 1 && name.ptr[0] == '=')
                call_add(call, val_of(p->fields.data[k].value), intern_id(p->names, str_slice(name, 1, name.len)),
                         false);
        }
}

/* A pool task that submits its like, a timer that sets itself again: one root stands for all of them. */
object_id spawn_again(struct frame *f)
{
    struct program *p = f->p;
    root_id id = f->c->root;
    for (int i = 0; i < 16 && p->roots.data[id].kind == THREAD_SPAWNED; i++) {
        struct root *root = &p->roots.data[id];
        if (root->unit == f->c->unit && root->function == f->c->function && root->op == f->op) {
            root->self_parallel = true;
            return root->object;
        }
        id = context_at(p, root->spawner)->root;
    }
    return 0;
}

/* Which objects of a task a loop around the call deals out, or map() itself. */
static void deal(struct frame *f, root_id id, set_id target, const struct call *args, bool elements)
{
    struct val values[CALL_ARGS_MAX + 1] = {val_of(target)};
    uint32_t count = 1;
    set_id all = 0;
    for (uint32_t i = 0; i < args->count; i++) {
        values[count++] = args->args[i];
        all = sets_union(f->p->sets, all, args->args[i].set);
    }
    set_id dealt = apart_dealt(f, values, count, elements ? all : 0);
    for (uint32_t i = 0; i < sets_count(f->p->sets, target); i++) { /* tasks: see spawn_deferred */
        const struct field *apart = heap_find(f->p, sets_member(f->p->sets, target, i), FIELD_APART);
        dealt = apart != NULL ? sets_union(f->p->sets, dealt, apart->value) : dealt;
    }
    f->p->roots.data[id].apart = sets_union(f->p->sets, f->p->roots.data[id].apart, dealt);
}

/* submit(fn, *args), map(fn, *iterables), start_new_thread(fn, args), to_thread(fn, *args, **kwargs) … */
void spawn_target(struct frame *f, object_id stands_for, const struct model *model, set_id target,
                  const struct call *args, object_id executor)
{
    struct program *p = f->p;
    struct call inner;
    call_begin(&inner, args->op);
    int position = 0;
    for (uint32_t i = 0; i < args->count; i++) {
        if (args->keywords[i] != 0) {
            if (model->rest >= 0)
                call_add(&inner, args->args[i], args->keywords[i], false);
            continue;
        }
        int at = position++;
        if (model->rest >= 0 && at >= model->rest && at != model->target)
            call_add(&inner, args->args[i], 0, args->star[i]);
        if (model->elements >= 0 && at >= model->elements && at != model->target) {
            struct val element = place_contents(f, &args->args[i]);
            if (model->spread)
                spread(f, &inner, element.set);
            else
                call_add(&inner, element, 0, false);
        }
        if (at == model->target_args)
            spread(f, &inner, args->args[i].set);
    }
    const struct val *by_keyword = call_arg(f, args, -1, model->args_keyword);
    if (by_keyword != NULL && model->args_keyword != NULL)
        spread(f, &inner, by_keyword->set);
    const struct val *keywords = call_arg(f, args, model->target_kwargs, model->kwargs_keyword);
    if (keywords != NULL)
        spread_keywords(f, &inner, keywords->set);
    struct str label =
        arena_printf(p->arena, "%.*s(%.*s)", STR_FMT(spawner_label(p, model)), STR_FMT(target_label(p, target)));
    root_id id = root_for(f, stands_for, label);
    if (p->roots.len > ROOTS_MAX)
        return;
    p->roots.data[id].executor = executor;
    p->roots.data[id].repeated |= (model->many && !model->one_per_call) || f->loop_depth > 0;
    bool pooled = model->many && (!model->one_per_call || p->roots.data[f->c->root].kind == THREAD_CALLER);
    for (uint32_t i = 0; i < inner.count && !pooled; i++) {
        handoff_started(f, stands_for, &inner.args[i]);
        hand_over(f, id, inner.args[i].set);
    }
    capture_started(f, stands_for, target);
    hand_over(f, id, target);
    for (uint32_t i = 0; i < args->count; i++)
        frame_escape_to_thread(f, args->args[i].set);
    deal(f, id, target, &inner, model->elements >= 0);
    root_start(f, id, pooled);
    root_run(f, id, served_entries_of(p, target), &inner);
}

/* A thread made without a target, whose class does not pass one on, either. */
static bool has_nothing_to_run(struct program *p, object_id thread)
{
    if (object_role(p, thread) != ROLE_THREAD || heap_find(p, thread, FIELD_ARGS) != NULL)
        return false;
    const struct model *type = object_type_model(p, thread);
    if (type->bases != NULL || (type->target == MODEL_NO_ARG && type->target_keyword == NULL))
        return false; /* a thread of a library's, with a run() of its own */
    object_id class_object = object_class(p, thread);
    if (object_at(p, thread)->kind != OBJECT_INSTANCE)
        return object_at(p, thread)->kind == OBJECT_MODELLED;
    struct member init = class_member(p, class_object, NAME_INIT, 0);
    return init.holder == 0 || init.model != NULL;
}

/* thread.start(): runs the target given at construction, or the subclass's run. */
void spawn_start(struct frame *f, object_id thread, const struct model *model)
{
    struct program *p = f->p;
    (void)model;
    object_id again = spawn_again(f);
    if (again != 0) { /* a thread started by its like: nothing new to run */
        f->now.running = sets_add(p->sets, f->now.running, again);
        frame_escape_to_thread(f, sets_one(p->sets, thread));
        return;
    }
    const struct model *type = object_type_model(p, thread);
    struct call inner;
    call_begin(&inner, &f->ops[f->op]);
    set_id target = 0;
    object_id class_object = object_class(p, thread);
    static const name_id entries[] = {NAME_RUN};
    if (class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS) {
        struct member m = class_member(p, class_object, entries[0], f->id);
        for (uint32_t i = 0; m.model == NULL && i < sets_count(p->sets, m.value); i++) {
            object_id member = sets_member(p->sets, m.value, i);
            if (object_at(p, member)->kind == OBJECT_FUNCTION)
                target = sets_add(p->sets, target, object_get(p, OBJECT_BOUND, member, thread, 0));
        }
    }
    if (target == 0) {
        target = heap_read(p, thread, FIELD_TARGET, f->id);
        if (target == 0 && has_nothing_to_run(p, thread))
            note_add(f, NOTE_NOTHING, thread, NULL);
        spread(f, &inner, heap_read(p, thread, FIELD_ARGS, f->id));
        spread_keywords(f, &inner, heap_read(p, thread, FIELD_KWARGS, f->id));
    }
    struct str type_name = type != NULL ? spawner_label(p, type) : STR("Thread");
    struct str label =
        class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS
            ? arena_printf(p->arena, "%.*s.start()", STR_FMT(object_display(p, class_object)))
            : arena_printf(p->arena, "%.*s(target=%.*s)", STR_FMT(type_name), STR_FMT(target_label(p, target)));
    root_id id = root_for(f, thread, label);
    p->roots.data[id].exclusive = sets_add(p->sets, p->roots.data[id].exclusive, thread); /* a thread starts once */
    p->roots.data[id].repeated |= f->loop_depth > 0;
    set_id apart = sets_union(p->sets, heap_read(p, thread, FIELD_APART, f->id), fresh_of(f, target));
    for (uint32_t i = 0; i < inner.count; i++) {
        apart = sets_union(p->sets, apart, fresh_of(f, inner.args[i].set));
        handoff_started(f, thread, &inner.args[i]);
    }
    frame_escape_to_thread(f, sets_one(p->sets, thread));
    for (uint32_t i = 0; i < inner.count; i++)
        hand_over(f, id, inner.args[i].set);
    capture_started(f, thread, target);
    hand_over(f, id, target);
    p->roots.data[id].apart = sets_union(p->sets, p->roots.data[id].apart, apart);
    root_start(f, id, false);
    root_run(f, id, target, &inner);
}

void spawn_join(struct frame *f, set_id threads, bool loop)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, threads); i++) {
        object_id object = sets_member(p->sets, threads, i);
        uint64_t id;
        if (!map_get(&p->root_by_object, object, &id))
            continue;
        /* several threads behind one name: waited for only by a loop over them */
        if (p->roots.data[id].self_parallel && !loop)
            continue;
        if (sets_has(p->sets, f->now.running, object)) /* else another way to here may start it: see flow_join */
            f->now.joined = sets_add(p->sets, f->now.joined, object);
        f->now.running = sets_remove(p->sets, f->now.running, object);
        f->c->joined = sets_add(p->sets, f->c->joined, object);
    }
}

void spawn_join_results(struct frame *f, set_id walked, struct ir_span span)
{
    set_id threads = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, walked); i++) {
        object_id object = sets_member(f->p->sets, walked, i);
        bool pooled = map_get(&f->p->root_by_object, object, NULL) && object_role(f->p, object) != ROLE_THREAD;
        if (pooled)
            threads = sets_add(f->p->sets, threads, object);
    }
    if (threads == 0)
        return;
    wait_note(f, threads, span);
    spawn_join(f, threads, true);
}

void spawn_join_executor(struct frame *f, object_id executor)
{
    struct program *p = f->p;
    for (size_t i = 0; i < p->roots.len; i++)
        if (p->roots.data[i].executor == executor)
            spawn_join(f, sets_one(p->sets, p->roots.data[i].object), true);
}

/* A threading server: the handler class's entries run in many threads, each with an instance of its own. */
static void spawn_handler(struct frame *f, object_id server, object_id handler_class, const struct model *model)
{
    struct program *p = f->p;
    const struct class_info *info = class_find(p, handler_class);
    if (info == NULL || info->model == NULL || info->model->entries == NULL)
        return;
    object_id instance = object_get(p, OBJECT_INSTANCE, handler_class, frame_site(f), server);
    object_at(p, instance)->flags |= OBJECT_MANY;
    heap_write(p, instance, NAME_SERVER, sets_one(p->sets, server), UINT32_MAX, 0);
    frame_escape_to_thread(f, sets_one(p->sets, server));
    struct str label = arena_printf(p->arena, "%.*s(%.*s)", STR_FMT(spawner_label(p, model)),
                                    STR_FMT(object_display(p, handler_class)));
    root_id id = root_for(f, instance, label);
    p->roots.data[id].exclusive = sets_one(p->sets, instance);
    root_start(f, id, true);
    for (size_t k = 0; k < info->mro.len; k++) {
        object_id holder = info->mro.data[k];
        if (object_at(p, holder)->kind != OBJECT_CLASS)
            continue;
        for (uint32_t field = object_at(p, holder)->first_field; field != 0; field = p->fields.data[field].next) {
            struct field entry = p->fields.data[field];
            bool runs = served_entry(info->model, name_text(p, entry.name));
            for (uint32_t i = 0; runs && i < sets_count(p->sets, entry.value); i++) {
                object_id member = sets_member(p->sets, entry.value, i);
                if (object_at(p, member)->kind != OBJECT_FUNCTION)
                    continue;
                struct call call;
                call_begin(&call, &f->ops[f->op]);
                root_run(f, id, sets_one(p->sets, object_get(p, OBJECT_BOUND, member, instance, 0)), &call);
            }
        }
    }
}

void spawn_server(struct frame *f, object_id server, const struct model *model, const struct call *call)
{
    struct program *p = f->p;
    if (!model->many) { /* a plain server is threading when its class also mixes threads in */
        object_id class_object = object_class(p, server);
        const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
        bool threading = false;
        for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
            const struct model *base = object_at(p, info->mro.data[i])->model;
            threading |= base != NULL && base->role == ROLE_SERVER && base->many;
        }
        if (!threading)
            return;
    }
    for (uint32_t i = 0; i < call->count; i++)
        for (uint32_t k = 0; k < sets_count(p->sets, call->args[i].set); k++) {
            object_id object = sets_member(p->sets, call->args[i].set, k);
            if (object_at(p, object)->kind == OBJECT_CLASS)
                spawn_handler(f, server, object, model);
        }
}
