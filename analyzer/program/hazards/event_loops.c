/* event_loops: objects of an event loop or a user interface that another thread touches (RL706). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/values/objects.h"

/* The thread that made an object; ROOT_CALLER where that is not known. */
static root_id maker_of(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind != OBJECT_MODELLED || o->c == 0 || o->c >= p->contexts.len)
        return ROOT_CALLER;
    return context_at(p, o->c)->root;
}

/* Whether a thread runs event loops itself: run_forever(), run_until_complete(), asyncio.run(), mainloop(). */
static bool runs_loops(const struct finder *f, root_id root)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_CALL || context_at(f->p, n->acc.context)->root != root)
            continue;
        const struct model *type = n->acc.object != 0 ? object_type_model(f->p, n->acc.object) : NULL;
        bool method = type != NULL && type->role == ROLE_LOOP && (n->acc.model->effects & EFFECT_BLOCKS);
        const uint32_t runs = EFFECT_BLOCKS | EFFECT_CALLBACK;
        if (method || (n->acc.object == 0 && (n->acc.model->effects & runs) == runs))
            return true;
    }
    return false;
}

/* Whether a call has the name of a method of event loops that hands a callback to the loop, of whatever object. */
static bool is_handed_to_loop(const struct program *p, const struct context *caller, uint32_t call)
{
    const struct ir_module *ir = p->units.data[caller->unit].ir;
    const struct ir_op *ops = ir->ops + ir->functions[caller->function].first_op;
    for (uint32_t i = call; ops[call].code == IR_CALL && i-- > 0;) {
        if (ops[i].result == ops[call].a)
            return ops[i].code == IR_READ_ATTR && models_hands_to_loop(p->models, ir->names[ops[i].b]);
    }
    return false;
}

#define CALLERS_MAX 16 /* of a call, followed outwards */

/* Whether the code is a callback that was given to a loop: it runs in the loop's thread. */
static bool is_called_by_loop(const struct program *p, const struct context *c)
{
    for (int depth = 0; depth < CALLERS_MAX && c->caller != 0; depth++) {
        const struct context *caller = context_at(p, c->caller);
        for (size_t i = 0; i < caller->records->notes.len; i++) {
            const struct note *n = &caller->records->notes.data[i];
            if (n->kind == NOTE_CALL && n->acc.op == c->caller_op && (n->acc.model->effects & EFFECT_LATER))
                return true;
        }
        if (caller->root != c->root)
            return false;
        if (is_handed_to_loop(p, caller, c->caller_op))
            return true;
        c = caller;
    }
    return false;
}

static void check_touch(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    const struct context *c = context_at(p, n->acc.context);
    const struct root *here = &p->roots.data[c->root];
    const struct ir_function *fn = &p->units.data[c->unit].ir->functions[c->function];
    const struct model *type = object_type_model(p, n->acc.object);
    bool safe = n->acc.model->safety == SAFETY_SAFE || (n->acc.model->effects & (EFFECT_BLOCKS | EFFECT_SPAWN));
    if (here->kind != THREAD_SPAWNED || safe || (fn->flags & IR_FN_ASYNC) || is_called_by_loop(p, c))
        return; /* a coroutine runs in a loop, wherever that is */
    root_id maker = maker_of(p, n->acc.object);
    if (maker == c->root || runs_loops(f, c->root))
        return;
    bool known = maker != ROOT_CALLER;
    struct hazard h = {.kind = HAZARD_LOOP_TOUCHED, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = known ? STR("it was made by another thread than the one that uses it here")
                  : STR("a thread that runs no event loop uses it");
    h.check = type != NULL && type->role == ROLE_LOOP && type->scope != SCOPE_ASYNCIO ? CHECK_NOT_A_CHECK
                                                                                      : CHECK_TRUE; /* of asyncio's */
    struct acc acc = deadlock_shown(p, &n->acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

void find_loop_touches(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++)
        if (f->notes.data[i]->kind == NOTE_TOUCHED)
            check_touch(f, f->notes.data[i]);
}
