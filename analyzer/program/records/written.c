#include "program/records/written.h"

#include "program/evaluate/contexts.h"

struct acc access_in_call(const struct program *p, const struct acc *inner, context_id id, uint32_t op)
{
    const struct context *c = context_at(p, id);
    const struct ir_module *ir = p->units.data[c->unit].ir;
    struct acc acc = *inner;
    if ((acc.flags & ACC_VIA) == 0) {
        acc.flags |= ACC_VIA;
        acc.inner.unit = acc.unit;
        acc.inner.function = acc.function;
        acc.inner.span = acc.span;
    }
    acc.context = id;
    acc.unit = c->unit;
    acc.function = c->function;
    acc.op = op;
    acc.path = 0;
    acc.span = ir->ops[ir->functions[c->function].first_op + op].span;
    return acc;
}

void written_tell(struct written *w, const struct acc *acc)
{
    w->op = acc->op;
    w->flags = acc->flags;
    w->tokens = acc->tokens;
    w->key = acc->key;
    w->key_constant = acc->key_constant;
    w->key_param = acc->key_param;
}

struct acc written_access(const struct program *p, context_id id, const struct written *w)
{
    if ((w->flags & ACC_VIA) == 0)
        return *w->origin;
    struct acc acc = access_in_call(p, w->origin, id, w->op);
    acc.flags = w->flags;
    acc.key = w->key;
    acc.key_constant = w->key_constant;
    acc.key_param = w->key_param;
    acc.tokens = w->tokens;
    return acc;
}
