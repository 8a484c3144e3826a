/* contexts: a function with what it was called with; made on demand, run to a fixpoint. */
#ifndef PROGRAM_CONTEXTS_H
#define PROGRAM_CONTEXTS_H

#include "program/state.h"

struct call_key {
    uint32_t unit, function;
    context_id env;
    root_id root;
    set_id locks, running, owned;
    const struct argument *args;
    uint32_t arg_count;
    bool any_receiver; /* of a context for further calls: it stands for all receivers */
};

static inline struct context *context_at(const struct program *p, context_id id)
{
    return p->contexts.data[id];
}

/* The context of a call, made where it is new. Past CONTEXTS_MAX per function one context takes all further calls of
 * its root, with everything they differ in joined. `many`: the call may happen more than once. */
context_id context_get(struct program *p, const struct call_key *key, context_id caller, uint32_t caller_op, bool many);
/* Whose call a call counts as: in a large program, the main thread's own (nobody runs beside it) are past its budget
 * taken for any caller's, whose contexts are there anyway. */
root_id context_call_root(const struct program *p, root_id root, set_id running);
/* Evaluates the context if it never was; `waiter` (or 0) runs again when the result changes. */
void context_need(struct program *p, context_id id, context_id waiter);
/* Whether the context may be evaluated another time: where not, it never will. */
bool context_may_run(const struct program *p, context_id id);
/* Puts a context in the queue of those to run (again), where it may run. */
void context_enqueue(struct program *p, context_id id);
/* Marks contexts that only superseded evaluations called: what they recorded does not happen. Once, when all is
 * evaluated. */
void contexts_drop_stale(struct program *p);
/* Runs the queue until it is empty. */
void contexts_drain(struct program *p);
void frames_free(struct program *p);                       /* those kept to be used again */
object_id context_cells(struct program *p, context_id id); /* the object that holds the closure cells of the call */
/* To record in: c->rare from now on. */
struct rare_records *context_rare(struct program *p, struct context *c);
const struct argument *context_args(const struct program *p, const struct context *c);

/* Implemented by evaluate.c: runs the function's instructions once, filling in the result. Returns whether it changed.
 */
bool context_evaluate(struct program *p, context_id id);

/* Whether two roots were seen to run at the same time; see spawn.c. */
bool roots_meet(const struct program *p, root_id a, root_id b);

#endif
