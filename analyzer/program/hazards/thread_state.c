/* thread_state: state that each thread, or each context, has for itself, relied on in a thread that never set it
 * (RL707, RL708), and context variables made where they do not last (RL709). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static const struct root *root_of(const struct program *p, const struct note *n)
{
    return &p->roots.data[context_at(p, n->acc.context)->root];
}

static bool at_import(const struct program *p, const struct note *n)
{
    return p->units.data[n->acc.unit].ir->functions[n->acc.function].kind == IR_FN_MODULE;
}

static bool is_context_var(const struct program *p, object_id object)
{
    const struct model *type = object_type_model(p, object);
    return type != NULL && type->scope == SCOPE_CONTEXT;
}

/* The setting of the same attribute that every thread but one lacks; NULL where some other code sets it, too. */
static const struct note *only_set_at_import(const struct finder *f, const struct note *read)
{
    const struct note *found = NULL;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_LOCAL_SET || n->acc.object != read->acc.object || n->acc.field != read->acc.field)
            continue;
        if (!at_import(f->p, n))
            return NULL;
        found = n;
    }
    return found;
}

static void check_local(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    enum thread_kind kind = (enum thread_kind)root_of(p, n)->kind;
    const struct note *set = kind == THREAD_SPAWNED || kind == THREAD_CALLER ? only_set_at_import(f, n) : NULL;
    if (set == NULL || (n->flags & NOTE_HANDLED))
        return;
    struct hazard h = {.kind = HAZARD_LOCAL_AT_IMPORT, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("every thread but the one that imports the module lacks it");
    struct acc first = set->acc, partner = set->acc;
    if (kind == THREAD_SPAWNED)
        h.confidence = CONFIDENCE_HIGH;
    finder_add(f, &h, &first, &n->acc, &partner);
}

/* ---- context variables ---- */

/* Where another thread sets the variable; NULL where the reader's own thread does, too, or nobody. */
static const struct note *set_elsewhere(const struct finder *f, const struct note *read)
{
    const struct note *found = NULL;
    root_id reader = context_at(f->p, read->acc.context)->root;
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind != NOTE_VARIABLE || n->acc.object != read->acc.object ||
            (n->acc.model->effects & EFFECT_WRITE) == 0)
            continue;
        if (context_at(f->p, n->acc.context)->root == reader)
            return NULL;
        found = n;
    }
    return found;
}

#define INHERITED_FROM 0x030e /* free-threaded builds start threads with a copy of the context */

static void check_variable(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    bool inherits = p->options.free_threaded && p->options.target_version >= INHERITED_FROM;
    if (inherits && root_of(p, n)->executor == 0)
        return; /* threads of a pool have the context of whoever came first */
    if (root_of(p, n)->kind != THREAD_SPAWNED || (n->acc.model->effects & EFFECT_WRITE))
        return;
    const struct note *set = set_elsewhere(f, n);
    if (set == NULL || str_find(root_of(p, n)->label, STR("?")) != SIZE_MAX)
        return; /* what it runs first is not of the program: it may well be a context's run() */
    struct hazard h = {.kind = HAZARD_CONTEXT, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("whether a thread starts with a copy of the context depends on version and build");
    h.target_version = p->options.target_version;
    struct acc first = set->acc, partner = set->acc;
    finder_add(f, &h, &first, &n->acc, &partner);
}

/* What threads of the program change of the container that a variable has for a default; NULL: there is no such. */
static const struct acc *change_of_default(const struct finder *f, object_id variable)
{
    const struct program *p = f->p;
    const struct field *value = heap_find(p, variable, FIELD_DEFAULT);
    for (size_t i = 0; value != NULL && i < f->writes.len; i++) {
        const struct acc *w = f->writes.data[i].acc;
        bool thread = p->roots.data[context_at(p, w->context)->root].kind == THREAD_SPAWNED;
        if (thread && w->field == FIELD_CONTENTS && sets_has(p->sets, value->value, w->object) &&
            role_is_container(object_role(p, w->object)))
            return w;
    }
    return NULL;
}

/* A default that all contexts get, and that some change as if it were their own. */
static void check_default(struct finder *f, const struct note *n)
{
    const struct acc *change = change_of_default(f, n->acc.object);
    if (change == NULL)
        return;
    struct hazard h = {.kind = HAZARD_CONTEXT_VAR, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("a thread of the program changes it");
    h.stored = true;
    struct acc partner = *change;
    finder_add(f, &h, &n->acc, &n->acc, &partner);
}

static void check_made(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    check_default(f, n);
    const struct unit *u = &p->units.data[n->acc.unit];
    const struct ir_function *fn = &u->ir->functions[n->acc.function];
    uint8_t kind = fn->kind;
    if (kind != IR_FN_FUNCTION && kind != IR_FN_LAMBDA)
        return;
    struct hazard h = {.kind = HAZARD_CONTEXT_VAR, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("contexts keep the variable, and what it was set to, for good");
    if (fn->class_index != IR_NO_INDEX && u->names[fn->name] == NAME_INIT) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("how many such objects there are is not seen");
    } else if (object_at(p, n->acc.object)->home != 0) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("it is kept, perhaps to be made once only");
    } else if (convention_of_tests(p, n->acc.unit)) {
        return; /* one for each test */
    }
    finder_add(f, &h, &n->acc, &n->acc, NULL);
}

void find_thread_state(struct finder *f)
{
    for (size_t i = 0; i < f->notes.len; i++) {
        const struct note *n = f->notes.data[i];
        if (n->kind == NOTE_LOCAL_READ)
            check_local(f, n);
        else if (n->kind == NOTE_VARIABLE && is_context_var(f->p, n->acc.object))
            check_variable(f, n);
        else if (n->kind == NOTE_VARIABLE_MADE)
            check_made(f, n);
    }
}
