/* builtins: functions of the language that look at names or types, and so need more than a model. */
#include "program/evaluate/frame.h"

#include <string.h>

#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static set_id one(struct frame *f, object_id object)
{
    return sets_one(f->p->sets, object);
}

static name_id constant_name(const struct frame *f, const struct val *v)
{
    if (v == NULL || v->op >= f->fn->op_count)
        return 0;
    const struct ir_op *op = &f->ops[v->op];
    return op->code == IR_CONST && op->aux == IR_STRING ? name_of(f, op->a) : 0;
}

static struct val builtin_attribute(struct frame *f, const char *name, const struct call *call, bool *known)
{
    const struct val *object = call_arg(f, call, 0, NULL);
    name_id attribute = constant_name(f, call_arg(f, call, 1, NULL));
    *known = object != NULL && attribute != 0;
    struct val none = val_of(one(f, NONE_OBJECT));
    if (!*known)
        return none;
    if (strcmp(name, "builtins.setattr") == 0) {
        const struct val *value = call_arg(f, call, 2, NULL);
        place_write_attr(f, object, attribute, value != NULL ? value : &none, 0);
        return none;
    }
    struct val v = place_read_attr(f, object, attribute, 0);
    if (strcmp(name, "builtins.hasattr") == 0) {
        v.set = one(f, SCALAR_OBJECT);
        v.test = test_new(f, CHECK_MISSING, true, v.reads);
    } else {
        const struct val *fallback = call_arg(f, call, 2, NULL);
        if (fallback != NULL)
            v.set = value_union(f->p, v.set, fallback->set);
    }
    return v;
}

static object_id receiver_class(struct frame *f)
{
    const struct ir_function *fn = f->fn;
    while (fn->class_index == IR_NO_INDEX && fn->parent != IR_NO_INDEX)
        fn = &f->u->ir->functions[fn->parent];
    return fn->class_index == IR_NO_INDEX ? 0 : object_get(f->p, OBJECT_CLASS, f->c->unit, fn->class_index, 0);
}

static struct val builtin_super(struct frame *f, const struct call *call)
{
    object_id class_object = 0;
    const struct val *type = call_arg(f, call, 0, NULL), *self = call_arg(f, call, 1, NULL);
    if (type != NULL && sets_count(f->p->sets, type->set) == 1)
        class_object = sets_member(f->p->sets, type->set, 0);
    if (class_object == 0)
        class_object = receiver_class(f);
    set_id receivers = self != NULL ? self->set : f->fn->param_count > 0 ? context_args(f->p, f->c)[0].set : 0;
    struct val result = {0};
    for (uint32_t i = 0; i < sets_count(f->p->sets, receivers); i++)
        result.set = sets_add(f->p->sets, result.set,
                              object_get(f->p, OBJECT_SUPER, class_object, sets_member(f->p->sets, receivers, i), 0));
    if (result.set == 0)
        result.set = one(f, UNKNOWN_OBJECT);
    return result;
}

/* len(x) calls x.__len__(), where the class of x is the program's and has it. */
static bool builtin_protocol(struct frame *f, const char *builtin, const struct val *v, struct val *result)
{
    static const struct {
        const char *builtin;
        name_id method;
    } protocols[] = {{"builtins.len", NAME_LEN},   {"builtins.next", NAME_NEXT}, {"builtins.iter", NAME_ITER},
                     {"builtins.bool", NAME_BOOL}, {"builtins.str", NAME_STR},   {"builtins.repr", NAME_REPR}};
    struct program *p = f->p;
    name_id method = 0;
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcmp(builtin, protocols[i].builtin) == 0)
            method = protocols[i].method;
    bool known = false;
    for (uint32_t i = 0; method != 0 && i < sets_count(p->sets, v->set); i++) {
        object_id object = sets_member(p->sets, v->set, i), class_object = object_class(p, object);
        if (class_object == 0 || class_find(p, class_object) == NULL)
            continue;
        struct member m = class_member(p, class_object, method, f->id);
        if (m.holder == 0 || m.model != NULL)
            continue;
        *result = val_join(f, *result, call_method(f, object, method, NULL, 0));
        known = true;
    }
    return known;
}

/* iter(queue.get, None): what each step of the iterator calls. */
static struct val builtin_iter_calls(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    struct call step;
    call_begin(&step, call->op);
    step.callee = call->args[0];
    struct val element = call_run(f, &step);
    object_id iterator =
        object_modelled(p, object_external_named(p, "collections.abc.Iterator"), frame_site(f), frame_heap_context(f));
    if (!frame_once(f))
        object_at(p, iterator)->flags |= OBJECT_MANY;
    heap_write(p, iterator, FIELD_CONTENTS, element.set, UINT32_MAX, 0);
    frame_own(f, iterator);
    return (struct val){.set = one(f, iterator), .reads = element.reads};
}

bool effect_builtin(struct frame *f, const struct model *model, const struct call *call, struct val *result)
{
    const char *name = model->name;
    if (strncmp(name, "builtins.", 9) != 0)
        return false;
    bool known = false;
    if (strcmp(name, "builtins.getattr") == 0 || strcmp(name, "builtins.setattr") == 0 ||
        strcmp(name, "builtins.hasattr") == 0) {
        *result = builtin_attribute(f, name, call, &known);
        return known;
    }
    if (strcmp(name, "builtins.super") == 0) {
        *result = builtin_super(f, call);
        return true;
    }
    if (strcmp(name, "builtins.type") == 0 && call->count == 1) {
        *result = place_read_attr(f, &call->args[0], NAME_CLASS_ATTR, 0);
        return true;
    }
    if (strcmp(name, "builtins.iter") == 0 && call->count == 2 && !call->star[0] && !call->star[1]) {
        *result = builtin_iter_calls(f, call);
        return true;
    }
    if (call->count >= 1 && builtin_protocol(f, name, &call->args[0], result))
        return true;
    if (model->extreme && call->count > 1 && call->keywords[1] == 0 && !call->star[0]) { /* min(a, b) is one of them */
        for (uint32_t i = 0; i < call->count; i++)
            if (call->keywords[i] == 0)
                *result = val_join(f, *result, call->args[i]);
        return true;
    }
    if (strcmp(name, "builtins.bool") == 0 && call->count == 1) {
        *result = call->args[0];
        result->set = one(f, SCALAR_OBJECT);
        return true;
    }
    return false;
}

/* any(row.name == name for row in rows): whether it is among them. */
uint32_t builtin_search_test(struct frame *f, const struct model *model, uint64_t reads)
{
    bool all = strcmp(model->name, "builtins.all") == 0;
    uint64_t walked = all || strcmp(model->name, "builtins.any") == 0 ? span_walks(f, reads) : 0;
    return walked != 0 ? test_new(f, CHECK_IN, all, walked) : 0;
}

set_id effect_default(struct frame *f, const struct model *model, object_id receiver)
{
    const struct model *type = receiver != 0 ? object_type_model(f->p, receiver) : NULL;
    bool reads = type != NULL && type->scope == SCOPE_CONTEXT && (model->effects & EFFECT_READ);
    return reads ? heap_read(f->p, receiver, FIELD_DEFAULT, f->id) : 0;
}
