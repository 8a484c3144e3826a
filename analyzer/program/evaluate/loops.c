#include "program/evaluate/loops.h"

#include <stdlib.h>

/* A variable that is bound where control is, at this depth of regions. */
struct bound {
    uint32_t local, depth;
};

/* A walk over a loop's body in the order of its text. */
struct walk {
    bool *bound;   /* [local_count]: every way to this point binds it in the body */
    bool *carried; /* [local_count]: read where it may still have the value of the iteration before */
    VEC(struct bound) stack;
};

/* A clause or region ends: what only it bound is not bound any more. */
static void leave(struct walk *w, uint32_t depth)
{
    while (w->stack.len > 0 && vec_last(&w->stack).depth >= depth)
        w->bound[vec_pop(&w->stack).local] = false;
}

static void bind(struct walk *w, uint32_t local, uint32_t depth)
{
    if (w->bound[local])
        return;
    w->bound[local] = true;
    vec_push(&w->stack, ((struct bound){local, depth}));
}

/* Walks from behind the opening instruction to the loop's own END or ELSE. */
static void walk_body(const struct frame *f, const struct region *r, struct walk *w)
{
    uint32_t depth = 1;
    for (const struct ir_op *op = &f->ops[r->op + 1]; depth > 0; op++) {
        switch (op->code) {
        case IR_IF:
        case IR_LOOP:
        case IR_FOR:
        case IR_TRY:
        case IR_WITH: depth++; break;
        case IR_ELSE:
        case IR_EXCEPT:
        case IR_FINALLY:
            if (depth == 1)
                return;
            leave(w, depth);
            break;
        case IR_END: leave(w, depth--); break;
        case IR_LOCAL: w->carried[op->a] |= !w->bound[op->a]; break;
        case IR_BIND: bind(w, op->a, depth); break;
        default: break;
        }
    }
}

static bool local_changes(const struct val *before, const struct val *now)
{
    if (now->set == 0 && now->reads == 0)
        return false;
    return before->set != now->set || before->reads != now->reads || before->test != now->test ||
           before->params != now->params || before->path != now->path;
}

bool loop_carries(struct frame *f, const struct region *r)
{
    struct sets *sets = f->p->sets;
    const struct flow *before = &r->before, *now = &f->now;
    if (before->locals == NULL || sets_intersection(sets, now->owned, before->owned) != before->owned)
        return true;
    if (now->locks != before->locks || now->own_locks != before->own_locks || now->maybe_locks != before->maybe_locks ||
        now->tokens != before->tokens || now->running != before->running || now->joined != before->joined ||
        now->handed != before->handed)
        return true;
    uint32_t count = f->fn->local_count, first = 0;
    while (first < count && !local_changes(&before->locals[first], &now->locals[first]))
        first++;
    if (first == count)
        return false;
    struct walk w = {.bound = memory_new(count * sizeof *w.bound), .carried = memory_new(count * sizeof *w.carried)};
    walk_body(f, r, &w);
    bool carries = false;
    for (uint32_t i = first; i < count && !carries; i++)
        carries = w.carried[i] && local_changes(&before->locals[i], &now->locals[i]);
    free(w.bound);
    free(w.carried);
    vec_release(&w.stack);
    return carries;
}
