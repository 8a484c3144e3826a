/* waits: tasks of a pool that wait for other tasks of the same pool. */
#include "program/evaluate/frame.h"

#include "program/evaluate/contexts.h"
#include "program/hazards/deadlocks.h"
#include "program/values/objects.h"

void wait_note(struct frame *f, set_id threads, struct ir_span span)
{
    struct program *p = f->p;
    const struct root *here = &p->roots.data[f->c->root];
    if (here->kind != THREAD_SPAWNED || here->executor == 0)
        return;
    for (uint32_t i = 0; i < sets_count(p->sets, threads); i++) {
        uint64_t waited;
        object_id thread = sets_member(p->sets, threads, i);
        if (!map_get(&p->root_by_object, thread, &waited))
            continue;
        if (!sets_has(p->sets, f->now.running, thread))
            continue; /* waited for already */
        if (p->roots.data[waited].executor != here->executor)
            continue;
        struct acc acc = {.context = f->id,
                          .unit = f->c->unit,
                          .function = f->c->function,
                          .op = f->op,
                          .object = here->executor,
                          .kind = ACCESS_USE,
                          .flags = ACC_WAITS,
                          .locks = f->now.locks,
                          .running = f->now.running,
                          .span = span};
        bool known = false;
        for (size_t k = 0; k < f->c->rare->waits.len && !known; k++)
            known = f->c->rare->waits.data[k].acc.op == f->op && f->c->rare->waits.data[k].waited == waited;
        if (!known) {
            struct rare_records *rare = context_rare(f->p, f->c);
            vec_push(&rare->waits, ((struct wait){acc, (root_id)waited}));
        }
    }
}

/* Whether the tasks make the pool themselves: then each has one of its own. */
static bool is_own_pool(const struct program *p, object_id executor, root_id root)
{
    const struct object *o = object_at(p, executor);
    return o->kind == OBJECT_MODELLED && o->c != 0 && o->c < p->contexts.len && context_at(p, o->c)->root == root;
}

static struct acc submission(const struct program *p, const struct root *root)
{
    const struct unit *u = &p->units.data[root->unit];
    const struct ir_op *op = &u->ir->ops[u->ir->functions[root->function].first_op + root->op];
    return (struct acc){.context = root->spawner,
                        .unit = root->unit,
                        .function = root->function,
                        .op = root->op,
                        .object = root->executor,
                        .kind = ACCESS_USE,
                        .flags = ACC_SPAWNS,
                        .span = op->span};
}

void find_pool_waits(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->waits.len; k++) {
            const struct wait *w = &c->rare->waits.data[k];
            if (is_own_pool(p, w->acc.object, c->root))
                continue;
            bool generic = p->roots.data[c->root].generic;
            struct hazard h = {.kind = HAZARD_POOL_WAIT,
                               .exposure = EXPOSURE_ANY_BUILD,
                               .confidence = generic ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
                               .why = STR("the pool has a limited number of threads")};
            struct acc first = submission(p, &p->roots.data[w->waited]);
            struct acc given = deadlock_shown(p, &first), last = deadlock_shown(p, &w->acc);
            finder_add(f, &h, &given, &last, NULL);
        }
    }
}
