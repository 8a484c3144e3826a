#include "program/threads/served.h"

#include "program/evaluate/frame.h"
#include "program/symbols/classes.h"
#include "program/threads/entries.h"
#include "program/threads/named.h"
#include "program/values/objects.h"

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
        vec_push(&p->served, ((struct served){target, 0, model, async}));
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

/* ---- what nobody registers ---- */

bool served_entry(const struct model *handler, struct str name)
{
    for (const char *const *e = handler->entries; e != NULL && *e != NULL; e++)
        if (entry_glob(str_of(*e), name) && (!str_starts(name, STR("_")) || **e == '_'))
            return true;
    return false;
}

static bool is_served_handler(const struct model *model)
{
    return model != NULL && model->is == MODEL_CLASS && model->role == ROLE_HANDLER && model->runs == RUNS_SERVER;
}

/* The handlers of the models that stand for more than their own name. */
struct handlers {
    VEC(const struct model *) like, with_parameters;
};

static const struct model *handler_like(const struct handlers *handlers, struct str name)
{
    for (size_t i = 0; i < handlers->like.len; i++)
        if (entry_glob(str_of(handlers->like.data[i]->like), name))
            return handlers->like.data[i];
    return NULL;
}

/* The handler that a class of the program derives from, or NULL. */
static const struct model *handler_of(struct program *p, const struct handlers *handlers, const struct class_info *info)
{
    for (size_t i = 1; i < info->mro.len; i++) {
        object_id base = info->mro.data[i];
        const struct object *o = object_at(p, base);
        const struct class_info *own = o->kind == OBJECT_CLASS ? class_find(p, base) : NULL;
        const struct model *model = own != NULL ? own->itself : o->model;
        if (model == NULL)
            model = handler_like(handlers, own != NULL ? object_display(p, base) : name_text(p, o->a));
        if (is_served_handler(model))
            return model;
    }
    return NULL;
}

static void add_method(struct program *p, const struct model *model, object_id function, object_id class_object)
{
    const struct object *o = object_at(p, function);
    for (size_t i = 0; i < p->served.len; i++)
        if (p->served.data[i].function == function && p->served.data[i].class_object == class_object)
            return;
    bool async = (p->units.data[o->a].ir->functions[o->b].flags & IR_FN_ASYNC) != 0;
    if (p->served.len < SERVED_MAX)
        vec_push(&p->served, ((struct served){function, class_object, model, async}));
}

/* The entries of a class, inherited ones included, but not those of a class that is a handler of the library's. */
static set_id entries_of(struct program *p, const struct model *model, const struct class_info *info)
{
    set_id found = 0;
    for (size_t k = 0; k < info->mro.len; k++) {
        const struct object *holder = object_at(p, info->mro.data[k]);
        if (holder->kind != OBJECT_CLASS || class_find(p, info->mro.data[k])->itself != NULL)
            continue;
        for (uint32_t i = holder->first_field; i != 0; i = p->fields.data[i].next) {
            name_id name = p->fields.data[i].name;
            if (!served_entry(model, name_text(p, name)))
                continue;
            struct member m = class_member(p, info->object, name, 0);
            for (uint32_t s = 0; s < sets_count(p->sets, m.value); s++)
                if (object_at(p, sets_member(p->sets, m.value, s))->kind == OBJECT_FUNCTION)
                    found = sets_add(p->sets, found, sets_member(p->sets, m.value, s));
        }
    }
    return found;
}

static void collect_class(struct program *p, const struct model *model, const struct class_info *info)
{
    set_id entries = entries_of(p, model, info);
    for (uint32_t i = 0; i < sets_count(p->sets, entries); i++)
        add_method(p, model, sets_member(p->sets, entries, i), info->object);
}

set_id served_entries_of(struct program *p, set_id objects)
{
    set_id found = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, objects); i++) {
        object_id object = sets_member(p->sets, objects, i), class_object = object_class(p, object);
        const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
        bool handler = info != NULL && info->model != NULL && info->model->role == ROLE_HANDLER;
        set_id entries = handler ? entries_of(p, info->model, info) : 0;
        for (uint32_t k = 0; k < sets_count(p->sets, entries); k++)
            found = sets_add(p->sets, found, object_get(p, OBJECT_BOUND, sets_member(p->sets, entries, k), object, 0));
        if (entries == 0)
            found = sets_add(p->sets, found, object);
    }
    return found;
}

/* Whether a function has exactly these parameters, behind the receiver of a method. */
static bool has_parameters(const struct unit *u, const struct ir_function *fn, const char *const *names)
{
    uint32_t first = fn->class_index != IR_NO_INDEX ? 1 : 0, count = 0;
    for (; names[count] != NULL; count++) {
        const struct ir_param *param = &u->ir->params[fn->first_param + first + count];
        if (first + count >= fn->param_count || !str_equal(u->ir->names[param->name], str_of(names[count])))
            return false;
    }
    return fn->param_count == first + count;
}

/* Whether a module keeps an instance of the class: then that is the one that is called, and not one made for a call. */
static bool is_kept_by_module(const struct program *p, object_id class_object)
{
    for (object_id i = 0; i < p->objects.len; i++) {
        const struct object *o = object_at(p, i);
        if (o->kind == OBJECT_INSTANCE && o->a == class_object && o->home != 0 &&
            object_at(p, o->home)->kind == OBJECT_MODULE)
            return true;
    }
    return false;
}

static void collect_functions(struct program *p, const struct model *model, uint32_t unit)
{
    const struct unit *u = &p->units.data[unit];
    for (uint32_t k = 1; k < u->ir->function_count; k++) {
        const struct ir_function *fn = &u->ir->functions[k];
        bool method = fn->class_index != IR_NO_INDEX;
        object_id class_object = method ? u->class_object[fn->class_index] : 0;
        if (fn->kind != IR_FN_FUNCTION || !has_parameters(u, fn, model->parameters))
            continue;
        bool called = method && class_object != 0 && str_equal(u->ir->names[fn->name], STR("__call__")) &&
                      is_kept_by_module(p, class_object);
        bool global = !method && fn->parent == 0;
        if (called || global)
            add_method(p, model, object_get(p, OBJECT_FUNCTION, unit, k, 0), class_object);
    }
}

/* What a setting names: of a class its entries; of a function, which makes the handler, what it has been seen to give.
 */
static void collect_named(struct program *p, const struct model *model)
{
    set_id objects = named_objects(p, str_of(model->named_in));
    for (uint32_t i = 0; i < sets_count(p->sets, objects); i++) {
        object_id object = sets_member(p->sets, objects, i);
        const struct object *o = object_at(p, object);
        const struct class_info *info = o->kind == OBJECT_CLASS ? class_find(p, object) : NULL;
        if (info != NULL)
            collect_class(p, model, info);
        for (size_t k = 1; o->kind == OBJECT_FUNCTION && k < p->contexts.len; k++)
            if (p->contexts.data[k]->unit == o->a && p->contexts.data[k]->function == o->b)
                served_add(p, model, p->contexts.data[k]->result);
    }
}

void served_collect(struct program *p)
{
    struct handlers handlers = {0};
    for (size_t i = 0; i < models_count(p->models); i++) {
        const struct model *model = models_at(p->models, i);
        if (model->like != NULL)
            vec_push(&handlers.like, model);
        if (model->parameters != NULL)
            vec_push(&handlers.with_parameters, model);
        if (model->named_in != NULL)
            collect_named(p, model);
    }
    for (size_t i = 0; i < p->classes.len; i++) {
        const struct model *model = handler_of(p, &handlers, p->classes.data[i]);
        if (model != NULL)
            collect_class(p, model, p->classes.data[i]);
    }
    for (uint32_t i = 0; i < p->units.len; i++)
        for (size_t k = 0; k < handlers.with_parameters.len && !p->units.data[i].ir->is_stub; k++)
            collect_functions(p, handlers.with_parameters.data[k], i);
    vec_release(&handlers.like);
    vec_release(&handlers.with_parameters);
}
