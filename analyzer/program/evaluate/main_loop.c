/* main_loop: what a thread hands to a main loop, which runs it in a thread of its own. */
#include "program/evaluate/contexts.h"
#include "program/evaluate/frame.h"
#include "program/values/paths.h"

static bool is_in_thread(const struct frame *f)
{
    return f->p->roots.data[f->c->root].kind == THREAD_SPAWNED;
}

static uint64_t *loop_params(const struct frame *f)
{
    return map_slot(&f->p->loop_params, (uint64_t)f->c->unit << 32 | f->c->function, 0);
}

/* A bit for the parameter of the function that a value is; 0 where it is none. */
static uint64_t param_bit(const struct frame *f, const struct val *v)
{
    const struct path *path = path_at(f->p, v->path);
    return path->kind == PATH_PARAM && path->a < 64 ? UINT64_C(1) << path->a : 0;
}

void call_in_loop(struct frame *f, const struct call *call)
{
    uint64_t params = 0;
    for (uint32_t i = 0; i < call->count; i++)
        params |= param_bit(f, &call->args[i]);
    uint64_t *known = params != 0 ? loop_params(f) : NULL;
    if (known != NULL && (*known & params) != params) {
        *known |= params;
        context_enqueue(f->p, f->id); /* for the calls of them that were met before */
    }
    f->in_loop = is_in_thread(f);
    call_unknown(f, call);
    f->in_loop = false;
}

bool call_means_loop(const struct frame *f, const struct val *callee)
{
    uint64_t bit = f->p->loop_params.len > 0 && is_in_thread(f) ? param_bit(f, callee) : 0;
    return bit != 0 && (*loop_params(f) & bit) != 0;
}

bool call_hands_to_loop(const struct frame *f, const struct call *call)
{
    if (call->op->code != IR_CALL || !is_in_thread(f))
        return false;
    uint32_t made = f->vals[call->op->a].op;
    if (made >= f->fn->op_count || f->ops[made].code != IR_READ_ATTR)
        return false;
    for (uint32_t i = 0; i < call->count; i++)
        for (uint32_t k = 0; k < sets_count(f->p->sets, call->args[i].set); k++)
            if (call_is_callback(f->p, sets_member(f->p->sets, call->args[i].set, k)))
                return models_runs_in_loop(f->p->models, f->u->ir->names[f->ops[made].b]);
    return false;
}
