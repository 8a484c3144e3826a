#include "program/served.h"

#include "program/frame.h"
#include "program/objects.h"

#define SERVED_MAX 2000 /* what is registered after so many is not run */

static bool is_noted(const struct program *p, object_id function)
{
    for (size_t i = 0; i < p->served.len; i++)
        if (p->served.data[i].function == function)
            return true;
    return false;
}

void served_add(struct program *p, const struct model *model, set_id targets)
{
    for (uint32_t i = 0; i < sets_count(p->sets, targets) && p->served.len < SERVED_MAX; i++) {
        object_id target = sets_member(p->sets, targets, i);
        const struct object *o = object_at(p, target);
        if (o->kind == OBJECT_BOUND)
            o = object_at(p, o->a);
        if (o->kind != OBJECT_FUNCTION || is_noted(p, target))
            continue;
        bool async = (p->units.data[o->a].ir->functions[o->b].flags & IR_FN_ASYNC) != 0;
        vec_push(&p->served, ((struct served){target, model, async}));
    }
}

/* The first of these that a model says registers functions for a server. */
static const struct model *registers(const struct program *p, set_id callees, uint32_t effect)
{
    for (uint32_t i = 0; i < sets_count(p->sets, callees); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, callees, i));
        if ((o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_METHOD) && o->model != NULL &&
            o->model->runs == RUNS_SERVER && (o->model->effects & effect))
            return o->model;
    }
    return NULL;
}

void served_decorated(struct frame *f, const struct call *call)
{
    const struct model *model = registers(f->p, call->callee.set, EFFECT_DECORATOR);
    const struct ir_op *callee = call->callee.op < f->fn->op_count ? &f->ops[call->callee.op] : NULL;
    if (model == NULL && callee != NULL && callee->code == IR_CALL) /* @app.route("/") */
        model = registers(f->p, f->vals[callee->a].set, EFFECT_MAKES_DECORATOR);
    if (model != NULL)
        served_add(f->p, model, call->args[0].set);
}
