/* finalizers: code that runs at no time of its own and takes a lock (RL510); forks beside threads (RL509). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

/* ---- locks in finalizers and signal handlers ---- */

/* What is known of finalizers and handlers, and of the locks that other code takes. */
struct odd_times {
    struct map runs; /* unit << 32 | function, given to what calls it -> RUNS_FINALIZER or RUNS_SIGNAL */
    struct map
        takers; /* lock -> where ordinary code takes it first, by the index of its context << 32 | of the taking */
};

static uint64_t function_key(uint32_t unit, uint32_t function)
{
    return (uint64_t)unit << 32 | function;
}

/* How the code comes to run: RUNS_FINALIZER, RUNS_SIGNAL or RUNS_UNSAID. */
static enum model_runs runs_as(const struct program *p, const struct odd_times *odd, const struct context *c)
{
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_function *fn = &u->ir->functions[c->function];
    uint64_t runs;
    if (fn->class_index != IR_NO_INDEX && u->names[fn->name] == NAME_DEL)
        return RUNS_FINALIZER;
    return map_get(&odd->runs, function_key(c->unit, c->function), &runs) ? (enum model_runs)runs : RUNS_UNSAID;
}

static void collect_callables(const struct finder *f, struct odd_times *odd)
{
    const struct program *p = f->p;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        bool later = n->targets != 0 && (n->acc.model->runs == RUNS_FINALIZER || n->acc.model->runs == RUNS_SIGNAL);
        for (uint32_t k = 0; later && k < sets_count(p->sets, n->targets); k++) {
            const struct object *o = object_at(p, sets_member(p->sets, n->targets, k));
            if (o->kind == OBJECT_BOUND)
                o = object_at(p, o->a);
            if (o->kind == OBJECT_FUNCTION && !map_get(&odd->runs, function_key(o->a, o->b), NULL))
                map_put(&odd->runs, function_key(o->a, o->b), n->acc.model->runs);
        }
    }
}

static void collect_takers(const struct program *p, struct odd_times *odd)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE || c->records->takings.len == 0 || runs_as(p, odd, c) != RUNS_UNSAID)
            continue;
        for (size_t k = 0; k < c->records->takings.len; k++) {
            const struct taking *t = &c->records->takings.data[k];
            if ((t->acc.flags & ACC_VIA) == 0 && (t->flags & TAKING_OWN) == 0 &&
                !map_get(&odd->takers, t->acc.object, NULL))
                map_put(&odd->takers, t->acc.object, (uint64_t)i << 32 | k);
        }
    }
}

/* Where ordinary code takes the same lock; NULL: nowhere. */
static const struct acc *taken_by_others(const struct program *p, const struct odd_times *odd, object_id lock)
{
    uint64_t at;
    if (!map_get(&odd->takers, lock, &at))
        return NULL;
    return &context_at(p, (context_id)(at >> 32))->records->takings.data[(uint32_t)at].acc;
}

/* A lock of the very object that goes: nobody has the object any more, so nobody holds its lock. */
static bool is_own(const struct program *p, const struct taking *t)
{
    const struct path *path = path_at(p, t->path);
    object_id home = object_at(p, t->acc.object)->home;
    uint8_t holder = home != 0 ? object_at(p, home)->kind : OBJECT_UNKNOWN;
    if (path->kind != PATH_ATTR || path->base == 0 || holder == OBJECT_CLASS || holder == OBJECT_MODULE)
        return false;
    const struct path *base = path_at(p, path->base);
    return base->kind == PATH_PARAM && base->a == 0;
}

static void check_takings(struct finder *f, const struct odd_times *odd, const struct context *c, enum model_runs runs)
{
    struct program *p = f->p;
    for (size_t k = 0; k < c->records->takings.len; k++) {
        const struct taking *t = &c->records->takings.data[k];
        const struct model *type = object_type_model(p, t->acc.object);
        bool plain = type != NULL && type->role == ROLE_LOCK && type->scope == SCOPE_THREAD;
        if (!plain || (t->flags & (TAKING_TRIED | TAKING_OWN | TAKING_PROBED)) ||
            (runs == RUNS_FINALIZER && is_own(p, t)))
            continue;
        const struct acc *other = taken_by_others(p, odd, t->acc.object);
        if (other == NULL)
            continue;
        struct hazard h = {.kind = HAZARD_FINALIZER, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
        h.check = runs == RUNS_SIGNAL ? CHECK_TRUE : CHECK_NOT_A_CHECK;
        h.why = STR("one thread is enough");
        h.held = describe_lock(p, t->acc.object, &t->acc);
        h.escape = describe_access(p, other, NULL);
        struct acc acc = deadlock_shown(p, &t->acc);
        finder_add(f, &h, &acc, &acc, NULL);
    }
}

/* ---- forks ---- */

#define CALLERS_MAX 8 /* of the call of exec, followed outwards */

/* Whether the child runs another program soon, in the function that forks or in what that calls later: exec leaves the
 * locks behind. */
static bool executes(const struct finder *f, const struct note *fork)
{
    const struct program *p = f->p;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || !n->acc.model->replaces_program)
            continue;
        context_id at = n->acc.context;
        uint32_t op = n->acc.op;
        for (int k = 0; k < CALLERS_MAX && at != 0; k++) {
            const struct context *c = context_at(p, at);
            if (c->unit == fork->acc.unit && c->function == fork->acc.function && op > fork->acc.op)
                return true;
            at = c->caller;
            op = c->caller_op;
        }
    }
    return false;
}

static bool beside_threads(const struct program *p, const struct note *n)
{
    const struct root *root = &p->roots.data[context_at(p, n->acc.context)->root];
    if (root->kind == THREAD_CALLER)
        return false;
    return n->acc.running != 0 || root->kind == THREAD_SPAWNED;
}

/* How the program has its processes started. */
enum start_method { START_BY_DEFAULT, START_BY_FORK, START_OTHERWISE };

static bool chooses_start(const struct note *n)
{
    return n->acc.model->key != MODEL_NO_ARG || n->acc.model->key_keyword != NULL;
}

static enum start_method start_method(const struct finder *f)
{
    enum start_method method = START_BY_DEFAULT;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || n->acc.model->state != STATE_FORK || !chooses_start(n) || n->acc.key == 0)
            continue;
        struct str name = str_slice(name_text(f->p, n->acc.key), 1, name_text(f->p, n->acc.key).len - 1);
        if (str_equal(name, STR("fork")))
            return START_BY_FORK;
        method = START_OTHERWISE;
    }
    return method;
}

static bool makes_process(const struct note *n)
{
    const struct model *model = n->acc.model;
    return n->kind == NOTE_CALL && model->is == MODEL_CLASS && model->scope == SCOPE_PROCESS &&
           model->runs == RUNS_PROCESS && (model->from_version == 0 || model->role == ROLE_OBJECT);
}

#define FORKS_NO_MORE 0x030e /* from this version on, nothing is forked unless it is asked for */

static void check_fork(struct finder *f, const struct note *n, enum start_method method)
{
    bool process = makes_process(n);
    if (!beside_threads(f->p, n) || (n->kind == NOTE_CALL && !process && executes(f, n)))
        return;
    struct hazard h = {.kind = HAZARD_FORK, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.check = n->kind == NOTE_PREEXEC ? CHECK_TRUE : CHECK_NOT_A_CHECK;
    h.why = STR("threads of the program run here");
    if (process && method == START_BY_DEFAULT) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("before Python 3.14, processes are forked on Linux unless another start method is chosen");
    }
    struct place *place = arena_alloc(f->p->arena, sizeof *place);
    *place =
        (struct place){.root = PLACE_GLOBAL, .name = STR("the process"), .field = STR("fork"), .variable = STR("fork")};
    h.place = place;
    finder_add(f, &h, &n->acc, &n->acc, NULL);
}

void find_finalizers(struct finder *f)
{
    struct program *p = f->p;
    struct odd_times odd = {0};
    collect_callables(f, &odd);
    collect_takers(p, &odd);
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        enum model_runs runs =
            c->status == CONTEXT_DONE && c->records->takings.len > 0 ? runs_as(p, &odd, c) : RUNS_UNSAID;
        if (runs != RUNS_UNSAID)
            check_takings(f, &odd, c, runs);
    }
    map_release(&odd.runs);
    map_release(&odd.takers);
    enum start_method method = start_method(f);
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        bool forks = n->kind == NOTE_CALL && n->acc.model->state == STATE_FORK && !chooses_start(n);
        bool by_fork =
            method == START_BY_FORK || (method == START_BY_DEFAULT && p->options.target_version < FORKS_NO_MORE);
        if (n->kind == NOTE_PREEXEC || forks || (by_fork && makes_process(n)))
            check_fork(f, n, method);
    }
}
