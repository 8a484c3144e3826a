/* constructors: what the constructor of a modelled class leaves in its object: the target of a thread, the lock of a
 * condition, the limit of a semaphore. */
#include "program/evaluate/effects.h"
#include "program/threads/apart.h"

#include <string.h>

#include "program/records/notes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static set_id one(struct frame *f, object_id object)
{
    return sets_one(f->p->sets, object);
}

object_id effect_fresh(struct frame *f, object_id external)
{
    object_id object = object_modelled(f->p, external, frame_site(f), frame_heap_context(f));
    if (!frame_once(f))
        object_at(f->p, object)->flags |= OBJECT_MANY;
    frame_own(f, object);
    return object;
}

#define NAMED_SITE 0x80000000u /* in place of an allocation site: what goes by a name, with the name's id */

object_id effect_made(struct frame *f, object_id external, const struct model *model, const struct call *call)
{
    if (model->named == MODEL_NO_ARG && model->named_keyword == NULL)
        return effect_fresh(f, external);
    const struct val *name = effect_arg(f, call, model->named, model->named_keyword);
    const struct ir_op *op = name != NULL && name->op < f->fn->op_count ? &f->ops[name->op] : NULL;
    bool constant = op != NULL && op->code == IR_CONST;
    return object_modelled(f->p, external, constant ? NAMED_SITE | name_of(f, op->a) : frame_site(f), 0);
}

const struct val *effect_arg(const struct frame *f, const struct call *call, int position, const char *keyword)
{
    return position >= 0 || keyword != NULL ? call_arg(f, call, position, keyword) : NULL;
}

bool effect_is_constant(const struct frame *f, const struct val *v, const char *text)
{
    if (v == NULL || v->op >= f->fn->op_count)
        return false;
    const struct ir_op *op = &f->ops[v->op];
    return op->code == IR_CONST && str_equal(f->u->ir->names[op->a], str_of(text));
}

/* Whether `**kwargs`, or a `*args` of unknown length, stands among the arguments of a call. */
static bool takes_unknown_keywords(const struct frame *f, const struct ir_op *op)
{
    for (uint32_t i = 0; op->code == IR_CALL && i < op->c; i++)
        if (f->u->ir->args[op->b + i].kind != IR_ARG_PLAIN)
            return true;
    return false;
}

static void thread_fields(struct frame *f, object_id thread, const struct model *model, const struct call *call)
{
    const struct val *target = call_arg(f, call, model->target, model->target_keyword);
    const struct val *args = call_arg(f, call, model->target_args, model->args_keyword);
    const struct val *kwargs = call_arg(f, call, model->target_kwargs, model->kwargs_keyword);
    if (target != NULL)
        heap_write(f->p, thread, FIELD_TARGET, target->set, UINT32_MAX, 0);
    else if (takes_unknown_keywords(f, call->op))
        heap_write(f->p, thread, FIELD_TARGET, one(f, UNKNOWN_OBJECT), UINT32_MAX, 0);
    if (args != NULL)
        heap_write(f->p, thread, FIELD_ARGS, args->set, UINT32_MAX, 0);
    if (kwargs != NULL)
        heap_write(f->p, thread, FIELD_KWARGS, kwargs->set, UINT32_MAX, 0);
    set_id apart = apart_dealt(f, call->args, call->count, 0);
    if (apart != 0)
        heap_write(f->p, thread, FIELD_APART, apart, UINT32_MAX, 0);
    const struct val *daemon = effect_arg(f, call, model->daemon, model->daemon_keyword);
    if (daemon != NULL && effect_is_constant(f, daemon, "True"))
        heap_write(f->p, thread, FIELD_DAEMON, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
}

static void partial_fields(struct frame *f, object_id partial, const struct model *model, const struct call *call)
{
    struct program *p = f->p;
    object_id tuple = effect_fresh(f, object_external(p, CLASS_TUPLE));
    uint32_t position = 0;
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->keywords[i] != 0) {
            name_id name =
                intern_id(p->names, arena_printf(p->arena, "=%.*s", STR_FMT(name_text(p, call->keywords[i]))));
            heap_write(p, partial, name, call->args[i].set, UINT32_MAX, 0);
        } else if (position++ == (uint32_t)model->target) {
            heap_write(p, partial, FIELD_TARGET, call->args[i].set, UINT32_MAX, 0);
        } else {
            heap_write(p, tuple, heap_element(p, position - 2), call->args[i].set, UINT32_MAX, 0);
            heap_write(p, tuple, FIELD_CONTENTS, call->args[i].set, UINT32_MAX, 0);
        }
    }
    heap_write(p, partial, FIELD_ARGS, one(f, tuple), UINT32_MAX, 0);
}

/* One that lets several threads in: what is to let one in is made with that number, or without any. */
static void semaphore_fields(struct frame *f, object_id semaphore, const struct model *model, const struct call *call)
{
    const struct val *limit = effect_arg(f, call, model->limit, model->limit_keyword);
    if (limit != NULL && !effect_is_constant(f, limit, "1") && !effect_is_constant(f, limit, "0"))
        heap_write(f->p, semaphore, FIELD_SEVERAL, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
}

/* Whether a call is given one of the arguments "keyword=value" that a model names, as a constant. */
static bool asks_for_threads(const struct frame *f, const struct model *model, const struct call *call)
{
    for (const char *const *argument = model->threads_with; argument != NULL && *argument != NULL; argument++) {
        struct str text = str_of(*argument);
        size_t equals = str_rfind_char(text, '=');
        const char *keyword = arena_str(f->p->arena, str_slice(text, 0, equals)).ptr;
        bool is_key = model->key_keyword != NULL && strcmp(model->key_keyword, keyword) == 0;
        const struct val *given = effect_arg(f, call, is_key ? model->key : MODEL_NO_ARG, keyword);
        if (effect_is_constant(f, given, *argument + equals + 1))
            return true;
    }
    return false;
}

/* Whether a `with` around, in the same function, says that such executors run their tasks in threads unless they are
 * told otherwise: with parallel_config(backend="threading"): Parallel(…). */
static bool is_within_threads(struct frame *f, const struct model *executor, const struct call *made)
{
    if (effect_arg(f, made, executor->key, executor->key_keyword) != NULL)
        return false;
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        const struct ir_op *op = r->subject.op < f->fn->op_count ? &f->ops[r->subject.op] : NULL;
        if (r->code != IR_WITH || op == NULL || op->code != IR_CALL)
            continue;
        struct call call;
        call_begin(&call, op);
        for (uint32_t k = 0; k < op->c; k++) {
            const struct ir_arg *arg = &f->u->ir->args[op->b + k];
            call_add(&call, *val_at(f, arg->value), arg->keyword != 0 ? name_of(f, arg->keyword) : 0,
                     arg->kind != IR_ARG_PLAIN);
        }
        set_id callees = val_at(f, op->a)->set;
        for (uint32_t k = 0; k < sets_count(f->p->sets, callees); k++) {
            const struct model *model = object_at(f->p, sets_member(f->p->sets, callees, k))->model;
            if (model != NULL && model->configures != NULL && strcmp(model->configures, executor->name) == 0)
                return asks_for_threads(f, model, &call);
        }
    }
    return false;
}

static void executor_fields(struct frame *f, object_id executor, const struct model *model, const struct call *call)
{
    const struct val *workers = effect_arg(f, call, model->limit, model->limit_keyword);
    bool threads = asks_for_threads(f, model, call), around = !threads && is_within_threads(f, model, call);
    if (effect_is_constant(f, workers, "1") || (workers == NULL && model->limit_default == 1 && !around))
        heap_write(f->p, executor, FIELD_WORKERS, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
    if (threads || around)
        heap_write(f->p, executor, FIELD_THREADS, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
}

static void variable_fields(struct frame *f, object_id variable, const struct model *model, const struct call *call)
{
    if (model->scope == SCOPE_CONTEXT)
        note_add(f, NOTE_VARIABLE_MADE, variable, NULL);
    const struct val *value = effect_arg(f, call, model->fallback, model->fallback_keyword);
    if (value != NULL)
        heap_write(f->p, variable, FIELD_DEFAULT, value->set, UINT32_MAX, 0);
}

void effect_construct(struct frame *f, object_id object, const struct model *model, const struct call *call)
{
    struct program *p = f->p;
    switch ((enum model_role)model->role) {
    case ROLE_THREAD_LOCAL: variable_fields(f, object, model, call); break;
    case ROLE_THREAD: thread_fields(f, object, model, call); break;
    case ROLE_CONDITION: {
        const struct val *lock = effect_arg(f, call, model->through, model->through_keyword);
        set_id locks = lock != NULL ? lock_objects(f, lock->set) : 0;
        if (lock != NULL && !value_is(p, lock->set, NONE_OBJECT)) /* also of one that is not known */
            heap_write(p, object, FIELD_INNER, locks != 0 ? locks : one(f, UNKNOWN_OBJECT), UINT32_MAX, 0);
        break;
    }
    case ROLE_SEMAPHORE: semaphore_fields(f, object, model, call); break;
    case ROLE_QUEUE: {
        const struct val *size = effect_arg(f, call, model->limit, model->limit_keyword);
        if (size != NULL && !effect_is_constant(f, size, "0"))
            heap_write(p, object, FIELD_SEVERAL, one(f, SCALAR_OBJECT), UINT32_MAX, 0);
        break;
    }
    case ROLE_EXECUTOR: executor_fields(f, object, model, call); break;
    case ROLE_SERVER: spawn_server(f, object, model, call); break;
    default:
        if (strcmp(model->name, "builtins.property") == 0) {
            const struct val *getter = effect_arg(f, call, model->target, model->target_keyword);
            if (getter != NULL)
                heap_write(p, object, FIELD_TARGET, getter->set, UINT32_MAX, 0);
        }
        /* partial: an object that, called, calls its target */
        if (model->role == ROLE_OBJECT && model->target == 0 && (model->effects & EFFECT_DECORATOR))
            partial_fields(f, object, model, call);
        break;
    }
}
