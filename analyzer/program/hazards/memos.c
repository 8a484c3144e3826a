#include "program/hazards/memos.h"

#include <stdlib.h>
#include <string.h>

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define CALLS_MAX 16 /* contexts of one function that are compared */

/* ---- which functions: noted while contexts are evaluated ---- */

static const struct model *memo_model(const struct program *p, set_id value)
{
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, value, i));
        if (o->kind == OBJECT_EXTERNAL && o->model != NULL && (o->model->effects & EFFECT_MEMO))
            return o->model;
    }
    return NULL;
}

bool memo_decorated(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    const struct model *model = memo_model(p, call->callee.set);
    const struct ir_op *callee = call->callee.op < f->fn->op_count ? &f->ops[call->callee.op] : NULL;
    if (model == NULL && callee != NULL && callee->code == IR_CALL) /* @lru_cache(maxsize=1) */
        model = memo_model(p, f->vals[callee->a].set);
    if (model == NULL)
        return false;
    for (uint32_t i = 0; i < sets_count(p->sets, call->args[0].set); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, call->args[0].set, i));
        if (o->kind != OBJECT_FUNCTION)
            continue;
        uint64_t key = (uint64_t)o->a << 32 | o->b;
        if (map_get(&p->memo_by_function, key, NULL))
            continue;
        map_put(&p->memo_by_function, key, p->memos.len);
        vec_push(&p->memos, ((struct memo){model}));
    }
    return true;
}

void memo_result(struct frame *f)
{
    struct program *p = f->p;
    struct context *c = f->c;
    uint64_t memo;
    if (c->result_owned == 0 || !map_get(&p->memo_by_function, (uint64_t)c->unit << 32 | c->function, &memo))
        return;
    object_id keeper = f->u->object;
    if (p->memos.data[memo].model->is == MODEL_CLASS && c->arg_count > 0 &&
        sets_count(p->sets, context_args(p, c)[0].set) > 0)
        keeper = sets_member(p->sets, context_args(p, c)[0].set, 0);
    struct str name = f->u->ir->names[f->fn->name];
    name_id field = intern_id(p->names, arena_printf(p->arena, "%.*s()", STR_FMT(name)));
    heap_write(p, keeper, field, c->result_owned, f->c->unit, f->fn->first_op);
    c->result_owned = 0;
}

/* ---- does it matter: the search ---- */

enum harm { HARM_NONE, HARM_LITTLE, HARM_TWO_OBJECTS, HARM_RUNS_TWICE };

struct keeper {
    uint32_t memo; /* index into program->memos */
    context_id id;
    const struct context *context;
};

struct search {
    struct finder *f;
    VEC(struct keeper) calls; /* contexts of such functions, by function */
};

static int compare_keepers(const void *left, const void *right)
{
    const struct keeper *x = left, *y = right;
    if (x->memo != y->memo)
        return x->memo < y->memo ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static bool is_written(const struct finder *f, object_id object)
{
    size_t at = finder_lower_bound(f->writes.data, f->writes.len, (uint64_t)object << 32);
    return at < f->writes.len && f->writes.data[at].place >> 32 == object;
}

/* Whether an object is changed after it was made: itself, or a container in one of its fields. */
static bool is_changed(const struct finder *f, object_id object)
{
    const struct program *p = f->p;
    if (is_written(f, object))
        return true;
    for (uint32_t k = object_at(p, object)->first_field; k != 0; k = p->fields.data[k].next) {
        set_id value = p->fields.data[k].value;
        for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
            object_id member = sets_member(p->sets, value, i);
            if (object_at(p, member)->home == object && is_written(f, member))
                return true;
        }
    }
    return false;
}

/* Of an object that is made by each run of the function: whether it matters that all use the same one. */
static enum harm harm_of_object(const struct finder *f, object_id object)
{
    const struct program *p = f->p;
    const struct object *o = object_at(p, object);
    enum model_role role = object_role(p, object);
    if (o->kind == OBJECT_INSTANCE)
        return is_changed(f, object) ? HARM_TWO_OBJECTS : HARM_LITTLE;
    if (o->kind != OBJECT_MODELLED || role == ROLE_IMMUTABLE || role == ROLE_TUPLE || role == ROLE_NONE)
        return HARM_NONE;
    if (role_is_lock(role) || role == ROLE_EVENT || role == ROLE_BARRIER || role == ROLE_QUEUE || role == ROLE_THREAD ||
        role == ROLE_EXECUTOR || role == ROLE_SERVER || role == ROLE_OBJECT || role == ROLE_LOOP)
        return HARM_TWO_OBJECTS;
    if (role_is_container(role) && role != ROLE_ITERATOR)
        return is_written(f, object) ? HARM_TWO_OBJECTS : HARM_LITTLE;
    return HARM_NONE;
}

/* A write of state beyond the function's own that adds something: an entry, a number. */
static bool counts(const struct written *w)
{
    if (w->origin->kind == ACCESS_AUGMENTED)
        return true;
    return w->origin->kind == ACCESS_METHOD && (w->origin->flags & ACC_INSERTS) != 0;
}

static enum harm harm_of(const struct finder *f, const struct context *c)
{
    enum harm harm = HARM_NONE;
    for (size_t i = 0; i < c->records->written.len; i++)
        if (counts(&c->records->written.data[i]))
            return HARM_RUNS_TWICE;
    for (uint32_t i = 0; i < sets_count(f->p->sets, c->result); i++) {
        enum harm one = harm_of_object(f, sets_member(f->p->sets, c->result, i));
        if (one > harm)
            harm = one;
    }
    return harm;
}

/* The keeping of the result, as a write of what keeps it: the instance's attribute, or the name of the function. */
static struct acc kept_by(struct program *p, const struct keeper *keeper)
{
    const struct context *c = keeper->context;
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_function *fn = &u->ir->functions[c->function];
    const struct model *model = p->memos.data[keeper->memo].model;
    object_id object = u->object;
    bool property = model->is == MODEL_CLASS;
    if (fn->class_index != IR_NO_INDEX)
        object = object_get(p, OBJECT_CLASS, c->unit, fn->class_index, 0);
    if (property && c->arg_count > 0 && sets_count(p->sets, context_args(p, c)[0].set) > 0)
        object = sets_member(p->sets, context_args(p, c)[0].set, 0);
    return (struct acc){.context = keeper->id,
                        .unit = c->unit,
                        .function = c->function,
                        .object = object,
                        .field = u->names[fn->name],
                        .kind = ACCESS_METHOD,
                        .flags = ACC_WRITES,
                        .locks = c->locks,
                        .running = c->running,
                        .span = fn->head,
                        .model = model};
}

static void memo_add(struct finder *f, const struct acc *mine, const struct acc *theirs, struct parallel_info parallel,
                     enum harm harm)
{
    struct program *p = f->p;
    struct span span = {.first = mine, .last = mine, .via = VIA_CONTROL, .check = CHECK_NONE, .held = mine->locks};
    struct hazard h = {.kind = HAZARD_MEMO, .exposure = EXPOSURE_ANY_BUILD, .runs_twice = harm == HARM_RUNS_TWICE};
    h.confidence = confidence_of(p, &span, theirs, parallel, GUARDED_NEVER, &h.why);
    if (harm == HARM_LITTLE)
        h.confidence = CONFIDENCE_LOW;
    object_id lock = finder_suggestion(p, mine, theirs);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, mine);
    finder_add(f, &h, mine, mine, theirs);
}

/* The best pair of calls that may run at once. */
static void memo_pair(struct search *s, size_t from, size_t to)
{
    struct program *p = s->f->p;
    if (to - from > CALLS_MAX)
        to = from + CALLS_MAX;
    struct parallel_info best = {PARALLEL_NO, false};
    size_t mine = from, theirs = from;
    for (size_t i = from; i < to; i++)
        for (size_t k = i; k < to; k++) {
            struct acc a = kept_by(p, &s->calls.data[i]), b = kept_by(p, &s->calls.data[k]);
            if (a.object != b.object || sets_overlap(p->sets, a.locks, b.locks))
                continue;
            struct parallel_info parallel = parallel_accesses(p, &a, &b);
            if (parallel.kind > best.kind)
                best = parallel, mine = i, theirs = k;
        }
    if (best.kind == PARALLEL_NO)
        return;
    enum harm harm = harm_of(s->f, s->calls.data[mine].context);
    if (harm == HARM_NONE || (harm == HARM_LITTLE && best.kind == PARALLEL_CALLERS))
        return;
    struct acc a = kept_by(p, &s->calls.data[mine]), b = kept_by(p, &s->calls.data[theirs]);
    memo_add(s->f, &a, &b, best, harm);
}

void find_memos(struct finder *f)
{
    struct program *p = f->p;
    struct search s = {.f = f};
    for (size_t i = 1; i < p->contexts.len && p->memos.len > 0; i++) {
        const struct context *c = p->contexts.data[i];
        uint64_t memo;
        if (c->status != CONTEXT_DONE || !map_get(&p->memo_by_function, (uint64_t)c->unit << 32 | c->function, &memo))
            continue;
        vec_push(&s.calls, ((struct keeper){(uint32_t)memo, (context_id)i, c}));
    }
    if (s.calls.len > 0)
        qsort(s.calls.data, s.calls.len, sizeof *s.calls.data, compare_keepers);
    for (size_t i = 0, end; i < s.calls.len; i = end) {
        for (end = i; end < s.calls.len && s.calls.data[end].memo == s.calls.data[i].memo; end++)
            continue;
        memo_pair(&s, i, end);
    }
    vec_release(&s.calls);
}
