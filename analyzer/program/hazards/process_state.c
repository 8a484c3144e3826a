/* process_state: changes of what the whole process has only once, while several threads run: the environment, the
 * working directory, warning filters, standard streams, attributes of modules (RL601 to RL604). */
#include "program/hazards/finder.h"

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/values/objects.h"

/* A change of process-wide state. */
struct change {
    const struct acc *acc;
    enum model_state state; /* STATE_NONE: an attribute of a module or class outside the program */
    bool handled;           /* in a `try` with a handler */
};

struct changes {
    VEC(struct change) list;
    VEC(struct change) looks; /* at the same state */
};

static const struct model *model_of_attribute(struct program *p, const struct acc *a)
{
    struct str qualified = arena_printf(p->arena, "%.*s.%.*s", STR_FMT(name_text(p, object_at(p, a->object)->a)),
                                        STR_FMT(name_text(p, a->field)));
    return models_find(p->models, qualified);
}

/* Of a write to something outside the program: which state it belongs to. */
static enum model_state state_written(struct program *p, const struct acc *a)
{
    const struct object *o = object_at(p, a->object);
    const struct model *model = a->field == FIELD_CONTENTS ? o->model : model_of_attribute(p, a);
    return model != NULL ? (enum model_state)model->state : STATE_NONE;
}

static void collect(struct finder *f, struct changes *changes)
{
    struct program *p = f->p;
    for (size_t i = 0; i < f->writes.len; i++) {
        const struct acc *a = f->writes.data[i].acc;
        const struct object *o = object_at(p, a->object);
        if (o->kind != OBJECT_EXTERNAL || (o->model != NULL && o->model->role == ROLE_THREAD_LOCAL))
            continue;
        enum model_state state = state_written(p, a);
        if (state != STATE_NONE || a->field != FIELD_CONTENTS)
            vec_push(&changes->list, ((struct change){a, state, false}));
    }
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        bool calls = n->kind == NOTE_CALL && n->acc.model->is != MODEL_VALUE; /* sys.excepthook() changes nothing */
        bool about = calls || n->kind == NOTE_CHANGE || n->kind == NOTE_LOOK;
        if (!about || n->acc.model->state == STATE_NONE ||
            str_equal(p->units.data[n->acc.unit].dotted, str_of(n->acc.model->module)))
            continue; /* also of the very module that a model describes */
        struct change c = {&n->acc, (enum model_state)n->acc.model->state, (n->flags & NOTE_HANDLED) != 0};
        if (n->kind == NOTE_LOOK)
            vec_push(&changes->looks, c);
        else
            vec_push(&changes->list, c);
    }
}

/* Whether the attribute that is set is known to be a module's or a class's: by how it is imported, by the models, or by
 * the capital of a class. What else a module lends out may be an object that takes care of itself (flask.g). */
static bool is_patch(struct finder *f, const struct acc *a)
{
    struct program *p = f->p;
    struct str name = name_text(p, object_at(p, a->object)->a), last = name;
    for (size_t dot; (dot = str_find(last, STR("."))) != SIZE_MAX;)
        last = str_slice(last, dot + 1, last.len);
    bool module = last.len == name.len || models_has_standard_module(p->models, name);
    for (size_t i = 0; i < p->units.len && !module; i++) {
        const struct ir_module *ir = p->units.data[i].ir;
        for (uint32_t k = 0; k < ir->op_count && !module; k++)
            module = ir->ops[k].code == IR_IMPORT && str_equal(ir->names[ir->ops[k].a], name);
    }
    return module || (last.len > 0 && last.ptr[0] >= 'A' && last.ptr[0] <= 'Z');
}

static const struct root *root_of(const struct program *p, const struct acc *a)
{
    return &p->roots.data[context_at(p, a->context)->root];
}

/* Whether a thread of the program runs this, or runs beside it. */
static bool has_company(const struct program *p, const struct acc *a)
{
    const struct root *root = root_of(p, a);
    if (root->kind == THREAD_SPAWNED)
        return root->self_parallel || root->has_company || a->running != 0;
    return root->kind != THREAD_CALLER && a->running != 0;
}

static bool same_state(const struct change *a, const struct change *b)
{
    if (a->state != STATE_NONE || b->state != STATE_NONE)
        return a->state == b->state;
    return a->acc->object == b->acc->object && a->acc->field == b->acc->field;
}

/* One of these that may happen at the same time as a change, with no lock in common; the surest one. */
static const struct acc *meanwhile(struct finder *f, const struct change *list, size_t count, const struct change *c,
                                   struct parallel_info *how)
{
    const struct acc *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct change *other = &list[i];
        if (!same_state(c, other) || sets_overlap(f->p->sets, c->acc->locks, other->acc->locks))
            continue;
        struct parallel_info info = parallel_accesses(f->p, c->acc, other->acc);
        if (info.kind > how->kind || (info.kind == how->kind && best != NULL && other == c)) {
            *how = info;
            best = other->acc;
        }
    }
    return best;
}

/* Changes that last for a block and are undone behind it: bad in a library that threads may call, whoever calls it. */
static bool is_temporary(enum model_state state)
{
    return state == STATE_WARNINGS || state == STATE_STREAMS || state == STATE_DIRECTORY || state == STATE_UMASK ||
           state == STATE_LOCALE;
}

/* Whether a call of this function, or of one that leads to it, has the process forked before the access, or ended or
 * replaced behind it: no other thread of this process goes on with what is changed. */
static bool is_between_processes(const struct program *p, const struct acc *a)
{
    uint32_t op = a->op;
    for (context_id id = a->context; id != 0; op = context_at(p, id)->caller_op, id = context_at(p, id)->caller) {
        const struct context *c = context_at(p, id);
        for (size_t i = 0; i < c->records->notes.len; i++) {
            const struct note *n = &c->records->notes.data[i];
            const struct model *model = n->kind == NOTE_CALL ? n->acc.model : NULL;
            bool forks = model != NULL && model->state == STATE_FORK && model->key == MODEL_NO_ARG;
            bool leaves = model != NULL && (model->ends_process || model->replaces_program);
            if ((forks && n->acc.op < op) || (leaves && n->acc.op > op))
                return true;
        }
    }
    return false;
}

/* Whether a lock held is one for the whole process. What one object has for itself keeps out who use that object, while
 * the state is everybody's. */
static bool locks_out_others(const struct program *p, const struct acc *a)
{
    for (uint32_t i = 0; i < sets_count(p->sets, a->locks); i++) {
        uint8_t kind = object_at(p, place_root_object(p, sets_member(p->sets, a->locks, i)))->kind;
        if (kind != OBJECT_GENERIC)
            return true;
    }
    return false;
}

/* A function of a library that changes the state and puts it back, with a context manager or by a second change; or
 * that draws numbers behind a seed() of its own. Those of tests, and for the beginning, are called by one thread. */
static bool may_be_called(const struct finder *f, const struct changes *changes, const struct change *c)
{
    const struct acc *a = c->acc;
    if (locks_out_others(f->p, a) || root_of(f->p, a)->kind != THREAD_CALLER ||
        f->p->units.data[a->unit].concrete[a->function] || convention_of_tests(f->p, a->unit) ||
        !convention_meant(f->p, a) || convention_at_exit(f->p, a))
        return false;
    if (c->state == STATE_RANDOM)
        return true;
    if (!is_temporary(c->state))
        return false;
    if (a->model != NULL && a->model->is == MODEL_CLASS)
        return true;
    for (size_t i = 0; i < changes->list.len; i++) {
        const struct acc *other = changes->list.data[i].acc;
        if (changes->list.data[i].state == c->state && other->context == a->context && other->op != a->op)
            return true;
    }
    return false;
}

static struct place *state_place(struct program *p, const struct acc *acc, enum model_state state)
{
    static const char *const names[] = {
        [STATE_NONE] = "",
        [STATE_ENVIRONMENT] = "the environment variables",
        [STATE_DIRECTORY] = "the working directory",
        [STATE_UMASK] = "the umask",
        [STATE_LOCALE] = "the locale",
        [STATE_SIGNALS] = "the signal handlers",
        [STATE_WARNINGS] = "the warning filters",
        [STATE_STREAMS] = "the standard streams",
        [STATE_HOOKS] = "the hooks of the interpreter",
        [STATE_RANDOM] = "the random generator of the module",
        [STATE_IMPORTS] = "the import path",
        [STATE_SETTINGS] = "a setting of the process",
        [STATE_FORK] = "the process",
    };
    struct place *place = arena_alloc(p->arena, sizeof *place);
    *place = (struct place){.root = PLACE_GLOBAL,
                            .name = str_of(names[state]),
                            .field = str_of(names[state]),
                            .variable = str_of(names[state])};
    if (state == STATE_NONE) {
        *place = *describe_place(p, acc);
        place->root = PLACE_GLOBAL;
    }
    place->owner = STR("process");
    return place;
}

/* Signal handlers are set in the main thread only: Python raises ValueError in any other. */
static bool is_refused(const struct program *p, const struct change *c)
{
    const struct root *root = root_of(p, c->acc);
    return c->acc->model != NULL && c->acc->model->runs == RUNS_SIGNAL && root->kind == THREAD_SPAWNED &&
           !root->callback && !root->generic && !root->entry;
}

/* Handlers and timers that the main thread sets, which alone runs handlers: no other thread relies on them. */
static bool is_of_main(const struct program *p, const struct change *c)
{
    return c->state == STATE_SIGNALS && root_of(p, c->acc)->kind != THREAD_SPAWNED;
}

static void refused(struct finder *f, const struct change *c)
{
    struct hazard h = {.kind = HAZARD_PROCESS_STATE,
                       .state = c->state,
                       .exposure = EXPOSURE_ANY_BUILD,
                       .confidence = c->handled ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM,
                       .target_version = f->p->options.target_version,
                       .raises = true};
    h.why = c->handled ? STR("what the handler does about it is not known") : STR("a thread of the program runs this");
    h.place = state_place(f->p, c->acc, c->state);
    finder_add(f, &h, c->acc, c->acc, NULL);
}

/* Whether filters of warnings are changed by catch_warnings(), or behind one of this call: what such a block changes
 * belongs to its context where the flag context_aware_warnings is on. */
static bool is_of_block(const struct program *p, const struct changes *changes, const struct change *c)
{
    for (size_t i = 0; i < changes->list.len; i++) {
        const struct acc *block = changes->list.data[i].acc;
        if (changes->list.data[i].state != STATE_WARNINGS || block->model == NULL || block->model->is != MODEL_CLASS)
            continue;
        uint32_t op = c->acc->op;
        context_id id = c->acc->context;
        for (; id != 0 && id != block->context; id = context_at(p, id)->caller)
            op = context_at(p, id)->caller_op;
        if (id != 0 && block->op <= op)
            return true;
    }
    return false;
}

#define FLAGS_BY_BUILD 0x030e /* from this version on, free-threaded builds have that flag on */

/* How sure it is that a change harms others; `how` it meets what they do. */
static void weigh(struct finder *f, const struct change *c, bool company, enum parallel how, struct hazard *h)
{
    h->confidence = CONFIDENCE_LOW;
    h->why = STR("threads may call this");
    if (!company && c->acc->locks != 0) {
        h->confidence = CONFIDENCE_MEDIUM;
        h->why = STR("the lock held is one of many: each object has its own");
    }
    if (company && how == PARALLEL_ROOTS) {
        h->confidence = CONFIDENCE_HIGH;
        h->why = STR("it is the same for all threads");
    } else if (company && (is_temporary(c->state) || how == PARALLEL_MIXED)) {
        h->confidence = CONFIDENCE_MEDIUM;
        h->why = STR("other threads run meanwhile");
    } else if (company) {
        h->why = STR("other threads run meanwhile, but none is seen that relies on it");
    }
    if (c->state == STATE_NONE && h->confidence > CONFIDENCE_LOW && !is_patch(f, c->acc)) {
        h->confidence = CONFIDENCE_LOW;
        h->why = STR("what it is an attribute of is not known");
    }
}

static void judge(struct finder *f, const struct changes *changes, const struct change *c)
{
    struct program *p = f->p;
    bool company = has_company(p, c->acc), by_build = p->options.target_version >= FLAGS_BY_BUILD;
    bool by_context = c->state == STATE_WARNINGS && by_build && is_of_block(p, changes, c);
    if ((by_context && p->options.free_threaded) || (!company && !may_be_called(f, changes, c)))
        return;
    struct parallel_info how = {PARALLEL_NO, false};
    const struct acc *partner = company ? meanwhile(f, changes->list.data, changes->list.len, c, &how) : NULL;
    if (company && partner == NULL)
        partner = meanwhile(f, changes->looks.data, changes->looks.len, c, &how);
    if (company && partner == NULL && (c->acc->locks != 0 || c->state == STATE_IMPORTS))
        return; /* one lock for all who change it, or a folder more to search, and nobody else is seen */
    struct hazard h = {.kind = c->state == STATE_NONE ? HAZARD_PATCH : HAZARD_PROCESS_STATE,
                       .state = c->state,
                       .exposure = EXPOSURE_ANY_BUILD,
                       .target_version = by_build && !by_context ? 0 : p->options.target_version};
    weigh(f, c, company, how.kind, &h);
    if (h.confidence == CONFIDENCE_LOW && convention_of_tests(p, c->acc->unit))
        return; /* what runs tests has no threads of its own */
    if (by_context && h.confidence == CONFIDENCE_HIGH)
        h.confidence = CONFIDENCE_MEDIUM; /* on some builds of this version each thread has filters of its own */
    h.place = state_place(f->p, c->acc, c->state);
    finder_add(f, &h, c->acc, c->acc, partner);
}

void find_process_state(struct finder *f)
{
    struct changes changes = {0};
    collect(f, &changes);
    for (size_t i = 0; i < changes.list.len; i++) {
        const struct change *c = &changes.list.data[i];
        if (is_refused(f->p, c))
            refused(f, c);
        else if (c->state != STATE_FORK && !is_of_main(f->p, c) && !is_between_processes(f->p, c->acc))
            judge(f, &changes, c);
    }
    vec_release(&changes.list);
    vec_release(&changes.looks);
}
