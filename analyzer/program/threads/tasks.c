#include "program/threads/tasks.h"

#include "program/threads/apart.h"
#include "program/values/objects.h"

/* The model of what a call instruction calls, where it calls one thing that is modelled. */
static const struct model *model_called(const struct frame *f, const struct ir_op *call)
{
    set_id callee = f->vals[call->a].set;
    if (sets_count(f->p->sets, callee) != 1)
        return NULL;
    const struct object *o = object_at(f->p, sets_member(f->p->sets, callee, 0));
    return o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_METHOD ? o->model : NULL;
}

static bool is_for_loop(const struct model *model)
{
    return (model->effects & EFFECT_LATER) && model->runs == RUNS_LOOP;
}

static bool has_argument(const struct frame *f, const struct ir_op *call, ir_value value)
{
    for (uint32_t k = 0; k < call->c; k++)
        if (f->u->ir->args[call->b + k].value == value)
            return true;
    return false;
}

/* Whether the coroutine that the present instruction calls becomes a task: what happens to it next decides. */
static bool is_task(const struct frame *f, const struct ir_function *fn)
{
    const struct ir_op *call = &f->ops[f->op];
    if ((fn->flags & IR_FN_ASYNC) == 0 || (fn->flags & IR_FN_GENERATOR) || call->code != IR_CALL)
        return false;
    for (uint32_t i = f->op + 1; i < f->fn->op_count; i++) {
        const struct ir_op *op = &f->ops[i];
        switch (op->code) {
        case IR_AWAIT:
            if (op->a == call->result)
                return false;
            break;
        case IR_BIND:
        case IR_ELEMENT:
            if (op->b == call->result)
                return true;
            break;
        case IR_CALL:
            if (has_argument(f, op, call->result)) {
                const struct model *model = model_called(f, op);
                return model != NULL && (is_for_loop(model) || (model->effects & EFFECT_INSERT));
            }
            break;
        default: break;
        }
    }
    return false;
}

void task_called(struct frame *f, const struct ir_function *fn, struct context *callee, const struct call *call)
{
    struct sets *sets = f->p->sets;
    if (!is_task(f, fn))
        return;
    set_id dealt = apart_dealt(f, call->args, call->count, 0);
    callee->dealt = sets_union(sets, callee->dealt, dealt);
    f->tasks = sets_union(sets, f->tasks, callee->begun);
    f->now.running = sets_union(sets, f->now.running, callee->begun);
    f->now.joined = sets_minus(sets, f->now.joined, callee->begun);
    f->recording |= callee->begun != 0;
}

/* The threads among some objects are waited for with the tasks. */
static void add_threads(struct frame *f, set_id objects)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, objects); i++) {
        object_id object = sets_member(f->p->sets, objects, i);
        if (map_get(&f->p->root_by_object, object, NULL))
            f->tasks = sets_add(f->p->sets, f->tasks, object);
    }
}

void task_given(struct frame *f, const struct model *model, const struct call *call)
{
    if ((f->fn->flags & IR_FN_ASYNC) == 0 || (!is_for_loop(model) && model->through == MODEL_NO_ARG))
        return;
    for (uint32_t i = 0; i < call->count; i++) {
        add_threads(f, call->args[i].set);
        add_threads(f, place_contents(f, &call->args[i]).set);
    }
}

static void tasks_done(struct frame *f)
{
    set_id done = sets_minus(f->p->sets, f->tasks, f->c->running);
    if (done == 0)
        return;
    wait_note(f, done, f->ops[f->op].span);
    spawn_join(f, done, true);
}

void task_awaited(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    const struct val *v = val_at(f, op->a);
    set_id ended = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, v->set); i++) {
        object_id object = sets_member(p->sets, v->set, i);
        if (map_get(&p->root_by_object, object, NULL) && !sets_has(p->sets, f->c->running, object))
            ended = sets_add(p->sets, ended, object);
    }
    if (ended != 0) {
        wait_note(f, ended, op->span);
        spawn_join(f, ended, f->loop_depth > 0);
        return;
    }
    if (v->op >= f->fn->op_count || f->ops[v->op].code != IR_CALL) { /* kept in a variable: a task */
        tasks_done(f);
        return;
    }
    const struct model *model = model_called(f, &f->ops[v->op]);
    if (model != NULL && (is_for_loop(model) || model->through != MODEL_NO_ARG))
        tasks_done(f);
}

void task_scope_left(struct frame *f, const struct model *type)
{
    const struct model *leaves = type != NULL ? models_member(f->p->models, type, STR("__aexit__")) : NULL;
    if (leaves != NULL && (leaves->effects & EFFECT_JOIN))
        tasks_done(f);
}
