/* frames: frames of other threads, whose local variables are read (RL803). */
#include "program/hazards/frames.h"

#include <stdlib.h>

#include "ir/opcodes.h"

/* What a value or variable holds. */
enum holds {
    HOLDS_OTHER,
    HOLDS_FRAMES,  /* frames of all threads, one of another thread, or what leads to them */
    HOLDS_IDENTITY /* that of the running thread */
};

struct tracing {
    const struct unit *u;
    uint8_t *locals;  /* enum holds, by the module's locals */
    uint8_t *results; /* ... by its functions: what they return */
    uint8_t *values;  /* ... by the values of the function that is looked at */
    uint32_t own; /* how many regions are open inside of one where the frame is known to be the thread's own; 0: none */
    bool news;
};

static bool is_one_of(struct str name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (str_equal(name, str_of(*names)))
            return true;
    return false;
}

static void set(struct tracing *t, uint8_t *slot, uint8_t holds)
{
    if (holds != HOLDS_OTHER && *slot == HOLDS_OTHER) {
        *slot = holds;
        t->news = true;
    }
}

/* The instruction of a function that computes a value; NULL: none. */
static const struct ir_op *maker_of(const struct tracing *t, const struct ir_function *fn, ir_value value)
{
    for (uint32_t i = 0; value != 0 && i < fn->op_count; i++)
        if (t->u->ir->ops[fn->first_op + i].result == value)
            return &t->u->ir->ops[fn->first_op + i];
    return NULL;
}

/* The module's function that a call names; IR_NO_INDEX: none. */
static uint32_t function_named(const struct tracing *t, ir_name name)
{
    for (uint32_t i = 1; i < t->u->ir->function_count; i++)
        if (t->u->ir->functions[i].name == name && t->u->ir->functions[i].parent == 0 &&
            t->u->ir->functions[i].class_index == IR_NO_INDEX)
            return i;
    return IR_NO_INDEX;
}

/* Hands frames among the arguments of a call on to the parameters. */
static void give(struct tracing *t, const struct ir_op *call, uint32_t function)
{
    const struct ir_function *callee = &t->u->ir->functions[function];
    for (uint32_t i = 0; i < call->c; i++) {
        const struct ir_arg *arg = &t->u->ir->args[call->b + i];
        if (t->values[arg->value] != HOLDS_FRAMES)
            continue;
        for (uint32_t k = 0; k < callee->param_count; k++) {
            const struct ir_param *param = &t->u->ir->params[callee->first_param + k];
            if (arg->keyword != 0 ? param->name == arg->keyword : k == i)
                set(t, &t->locals[callee->first_local + param->local], HOLDS_FRAMES);
        }
    }
}

static uint8_t call_result(struct tracing *t, const struct ir_function *fn, const struct ir_op *call)
{
    static const char *const frames[] = {"_current_frames", "_current_exceptions", NULL};
    static const char *const identities[] = {"get_ident", "_get_ident", "current_thread", NULL};
    static const char *const passing[] = {"list",  "tuple",  "dict",     "iter",      "next", "sorted",
                                          "items", "values", "reversed", "enumerate", "zip",  NULL};
    const struct ir_op *callee = maker_of(t, fn, call->a);
    bool global = callee != NULL && callee->code == IR_READ_GLOBAL;
    if (t->values[call->a] == HOLDS_FRAMES)
        return HOLDS_FRAMES; /* a method of theirs */
    if (!global && (callee == NULL || callee->code != IR_READ_ATTR))
        return HOLDS_OTHER;
    struct str name = t->u->ir->names[global ? callee->a : callee->b];
    if (is_one_of(name, frames))
        return HOLDS_FRAMES;
    if (is_one_of(name, identities))
        return HOLDS_IDENTITY;
    uint32_t function = global ? function_named(t, callee->a) : IR_NO_INDEX;
    if (function != IR_NO_INDEX) {
        give(t, call, function);
        return t->results[function];
    }
    bool passed = false;
    for (uint32_t i = 0; i < call->c && global && is_one_of(name, passing); i++)
        passed |= t->values[t->u->ir->args[call->b + i].value] == HOLDS_FRAMES;
    return passed ? HOLDS_FRAMES : HOLDS_OTHER;
}

static uint8_t attribute(const struct tracing *t, const struct ir_op *read)
{
    static const char *const leading[] = {"items",  "values",  "get",      "pop",           "copy",
                                          "f_back", "tb_next", "tb_frame", "__traceback__", NULL};
    struct str name = t->u->ir->names[read->b];
    uint8_t base = t->values[read->a];
    bool leads = base == HOLDS_FRAMES ? is_one_of(name, leading) : str_equal(name, STR("ident"));
    return leads ? base : HOLDS_OTHER;
}

static uint8_t result_of(struct tracing *t, const struct ir_function *fn, const struct ir_op *op)
{
    switch (op->code) {
    case IR_CALL: return call_result(t, fn, op);
    case IR_LOCAL: return t->locals[fn->first_local + op->a];
    case IR_READ_ATTR: return attribute(t, op);
    case IR_READ_ITEM: return t->values[op->b] == HOLDS_IDENTITY ? HOLDS_OTHER : t->values[op->a];
    case IR_UNPACK:
    case IR_FOR: return t->values[op->a] == HOLDS_FRAMES ? HOLDS_FRAMES : HOLDS_OTHER;
    default: return HOLDS_OTHER;
    }
}

/* Whether a condition says that the frame is the running thread's own: `if ident == get_ident()`. */
static bool asks_for_own(const struct tracing *t, const struct ir_function *fn, const struct ir_op *branch)
{
    const struct ir_op *test = maker_of(t, fn, branch->a);
    return test != NULL && test->code == IR_COMPARE && (test->aux == IR_OP_EQ || test->aux == IR_OP_IS) &&
           (t->values[test->a] == HOLDS_IDENTITY || t->values[test->b] == HOLDS_IDENTITY);
}

/* Keeps track of the regions in which the frame is the running thread's own. */
static void follow_regions(struct tracing *t, const struct ir_function *fn, const struct ir_op *op)
{
    if (t->own > 0 && ir_opens(op->code))
        t->own++;
    else if (t->own == 0 && op->code == IR_IF && asks_for_own(t, fn, op))
        t->own = 1;
    else if (t->own > 0 && (op->code == IR_END || (op->code == IR_ELSE && t->own == 1)))
        t->own--;
}

/* One pass over a function; `found` may be NULL. */
static void trace(struct tracing *t, uint32_t function, frame_fn *found, void *data)
{
    const struct ir_function *fn = &t->u->ir->functions[function];
    for (uint32_t i = 0; i <= fn->op_count; i++)
        t->values[i] = HOLDS_OTHER;
    t->own = 0;
    for (uint32_t i = 0; i < fn->op_count; i++) {
        const struct ir_op *op = &t->u->ir->ops[fn->first_op + i];
        follow_regions(t, fn, op);
        if (op->result != 0)
            t->values[op->result] = result_of(t, fn, op);
        if (op->code == IR_BIND)
            set(t, &t->locals[fn->first_local + op->a], t->values[op->b]);
        if (op->code == IR_RETURN && op->a != 0)
            set(t, &t->results[function], t->values[op->a]);
        if (found != NULL && t->own == 0 && op->code == IR_READ_ATTR && t->values[op->a] == HOLDS_FRAMES &&
            str_equal(t->u->ir->names[op->b], STR("f_locals")))
            found(data, function, op->span);
    }
}

/* Whether the module asks for frames at all: most do not. */
static bool asks_for_frames(const struct ir_module *ir)
{
    bool named = false;
    for (uint32_t i = 0; i < ir->name_count && !named; i++)
        named = str_starts(ir->names[i], STR("_current_"));
    for (uint32_t i = 0; named && i < ir->op_count; i++) {
        const struct ir_op *op = &ir->ops[i];
        uint32_t name = op->code == IR_READ_ATTR || op->code == IR_IMPORT_FROM ? op->b : 0;
        if (name != 0 && str_starts(ir->names[name], STR("_current_")))
            return true;
    }
    return false;
}

#define ROUNDS_MAX 8 /* functions that hand frames to each other */

void frames_find(const struct program *p, uint32_t unit, frame_fn *found, void *data)
{
    const struct ir_module *ir = p->units.data[unit].ir;
    if (!asks_for_frames(ir))
        return;
    struct tracing t = {.u = &p->units.data[unit], .news = true};
    t.locals = memory_new(ir->local_count + 1);
    t.results = memory_new(ir->function_count + 1);
    t.values = memory_new(ir->op_count + 1);
    for (int round = 0; t.news && round < ROUNDS_MAX; round++) {
        t.news = false;
        for (uint32_t i = 0; i < ir->function_count; i++)
            trace(&t, i, NULL, NULL);
    }
    for (uint32_t i = 0; i < ir->function_count; i++)
        trace(&t, i, found, data);
    free(t.locals);
    free(t.results);
    free(t.values);
}
