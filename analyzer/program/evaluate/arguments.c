#include "program/evaluate/arguments.h"

#include "program/values/heap.h"
#include "program/values/objects.h"

/* What is left to hand out while the parameters are bound in order. */
struct hand_out {
    struct frame *f;
    const struct call *call;
    const struct unit *u;
    uint32_t site;       /* stands for the function as the place where *args and **kwargs are made */
    uint32_t next_plain; /* first positional argument not yet taken */
    bool used[32];       /* by argument */
};

/* *args: a tuple of the positional arguments that are left. */
static struct val bind_star(struct hand_out *h, object_id receiver)
{
    struct program *p = h->f->p;
    struct val v = {0};
    set_id elements[9], all = 0;
    uint32_t n = 0, key = 0;
    if (receiver != 0)
        elements[n++] = sets_one(p->sets, receiver);
    for (uint32_t k = 0; k < h->call->count && n < 8; k++) {
        if (h->call->keywords[k] != 0 || h->used[k])
            continue;
        h->used[k] = true;
        elements[n++] = h->call->args[k].set;
        v.reads |= h->call->args[k].reads;
    }
    for (uint32_t k = 0; k < n; k++) {
        all = value_union(p, all, elements[k]);
        key = (uint32_t)hash_words(key, elements[k], k, 0);
    }
    object_id tuple = object_packed(p, object_external(p, CLASS_TUPLE), h->site, key);
    for (uint32_t k = 0; k < n; k++)
        heap_write(p, tuple, heap_element(p, k), elements[k], UINT32_MAX, 0);
    heap_write(p, tuple, FIELD_CONTENTS, all, UINT32_MAX, 0);
    v.set = sets_one(p->sets, tuple);
    return v;
}

/* **kwargs: a dict of the keywords that are left, each in a field of its own ("=name"). */
static struct val bind_double_star(struct hand_out *h)
{
    struct program *p = h->f->p;
    const struct call *call = h->call;
    uint32_t key = 0;
    for (uint32_t k = 0; k < call->count; k++)
        if (call->keywords[k] != 0 && !h->used[k])
            key = (uint32_t)hash_words(key, call->args[k].set, call->keywords[k], 0);
    object_id dict = object_packed(p, object_external(p, CLASS_DICT), h->site, key);
    for (uint32_t k = 0; k < call->count; k++) {
        if (call->keywords[k] == 0 || h->used[k])
            continue;
        struct str name = name_text(p, call->keywords[k]);
        heap_write(p, dict, intern_id(p->names, arena_printf(p->arena, "=%.*s", STR_FMT(name))), call->args[k].set,
                   UINT32_MAX, 0);
        heap_write(p, dict, FIELD_CONTENTS, call->args[k].set, UINT32_MAX, 0);
    }
    return val_of(sets_one(p->sets, dict));
}

/* A plain parameter: by keyword, by position, or its default. */
static struct val bind_plain(struct hand_out *h, object_id function, const struct ir_param *param)
{
    const struct call *call = h->call;
    name_id keyword = h->u->names[param->name];
    for (uint32_t k = 0; k < call->count; k++)
        if (call->keywords[k] != 0 && call->keywords[k] == keyword) {
            h->used[k] = true;
            return call->args[k];
        }
    for (; param->kind != IR_PARAM_KEYWORD_ONLY && h->next_plain < call->count; h->next_plain++) {
        uint32_t k = h->next_plain;
        if (call->keywords[k] != 0 || h->used[k])
            continue;
        if (!call->star[k]) { /* *args of unknown length fills every parameter from here on */
            h->used[k] = true;
            h->next_plain++;
        }
        return call->args[k];
    }
    return param->has_default ? val_of(heap_read(h->f->p, function, keyword, h->f->id)) : (struct val){0};
}

void arguments_bind(struct frame *f, object_id function, object_id receiver, const struct call *call, struct binding *b)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, function);
    const struct unit *u = &p->units.data[o->a];
    const struct ir_function *fn = &u->ir->functions[o->b];
    struct hand_out h = {.f = f, .call = call, .u = u, .site = (fn->first_op & 0xfffff) | o->a << 20};
    b->count = fn->param_count > PARAMS_MAX ? PARAMS_MAX : fn->param_count;
    for (uint32_t i = 0; i < b->count; i++) {
        const struct ir_param *param = &u->ir->params[fn->first_param + i];
        struct val v;
        if (param->kind == IR_PARAM_STAR) {
            v = bind_star(&h, i == 0 ? receiver : 0);
        } else if (i == 0 && receiver != 0) {
            v = val_of(sets_one(p->sets, receiver));
            v.path = nesting_receiver(f, receiver, call);
        } else if (param->kind == IR_PARAM_DOUBLE_STAR) {
            v = bind_double_star(&h);
        } else {
            v = bind_plain(&h, function, param);
        }
        if (v.set == 0)
            v.set = sets_one(p->sets, UNKNOWN_OBJECT);
        b->params[i] = v;
        b->args[i] = (struct argument){v.set, 0};
    }
}
