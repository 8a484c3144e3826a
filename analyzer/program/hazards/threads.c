/* threads: thread objects used in ways that start no thread (RL702). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/symbols/classes.h"
#include "program/values/objects.h"

static void add(struct finder *f, enum hazard_kind kind, const struct note *n, const char *why)
{
    struct hazard h = {.kind = kind, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH, .why = str_of(why)};
    struct acc acc = deadlock_shown(f->p, &n->acc);
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- constructors that leave out their base's ---- */

/* Whether the code names the constructor of some class: super().__init__, Thread.__init__(self). */
static bool names_constructor(const struct unit *u, const struct ir_function *fn)
{
    for (uint32_t i = 0; i < fn->op_count; i++) {
        const struct ir_op *op = &u->ir->ops[fn->first_op + i];
        if (op->code == IR_READ_ATTR && u->names[op->b] == NAME_INIT)
            return true;
    }
    return false;
}

static void check_constructor(struct finder *f, const struct context *c, context_id id)
{
    struct program *p = f->p;
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_function *fn = &u->ir->functions[c->function];
    if (fn->class_index == IR_NO_INDEX || u->names[fn->name] != NAME_INIT || names_constructor(u, fn))
        return;
    object_id class_object = u->class_object[fn->class_index];
    const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
    /* Thread itself, and classes with bases that are not known, are another matter */
    if (info == NULL || info->model == NULL || info->model->role != ROLE_THREAD || info->itself != NULL)
        return;
    for (size_t i = 0; i < info->mro.len; i++)
        if (object_at(p, info->mro.data[i])->kind == OBJECT_CLASS && class_find(p, info->mro.data[i])->itself != NULL)
            return;
    struct acc acc = {.context = id,
                      .unit = c->unit,
                      .function = c->function,
                      .object = class_object,
                      .field = NAME_INIT,
                      .kind = ACCESS_USE,
                      .span = fn->head};
    struct hazard h = {.kind = HAZARD_THREAD_BASE, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    h.why = STR("start() raises RuntimeError");
    finder_add(f, &h, &acc, &acc, NULL);
}

void find_thread_misuse(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind == NOTE_RUN)
            add(f, HAZARD_THREAD_RUN, n, "no thread is started");
        if (n->kind == NOTE_UNUSED)
            add(f, HAZARD_THREAD_UNUSED, n, "nobody can start it");
        if (n->kind == NOTE_NOTHING)
            add(f, HAZARD_THREAD_EMPTY, n, "it has no target, and its class has no run()");
    }
    for (size_t i = 1; i < p->contexts.len; i++)
        if (p->contexts.data[i]->status == CONTEXT_DONE)
            check_constructor(f, p->contexts.data[i], (context_id)i);
}
