/* conventions: what the program itself shows of how its functions are meant to be called. Any caller may call a public
 * function; but where the program's own calls all come from one thread, or the name says that it is for the beginning,
 * nobody means to call it from several. */
#include "program/hazards/conventions.h"

#include <stdlib.h>

#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

enum {
    CALLED_BY_THREAD = 1, /* a thread runs it or calls it */
    CALLED_BESIDE = 2,    /* code that any caller may run calls it */
    CALLED_AT_ALL = 4,    /* code that no thread runs calls it */
    CALLED_BY_LOOP = 8,   /* ... such code of a module that uses a toolkit for user interfaces, also by way of others */
    CALLED_OFF_LOOP = 16  /* ... such code that uses none, called by nobody or in turn by such code */
};

static uint64_t function_key(const struct context *c)
{
    return (uint64_t)c->unit << 32 | c->function;
}

static bool is_of_thread(const struct program *p, const struct context *c)
{
    return p->roots.data[c->root].kind == THREAD_SPAWNED;
}

static struct str function_name(const struct program *p, const struct context *c)
{
    const struct unit *u = &p->units.data[c->unit];
    return u->ir->names[u->ir->functions[c->function].name];
}

/* ---- functions that only a thread runs ---- */

static bool has_call(const struct program *p, const struct context *c, uint64_t how)
{
    uint64_t known;
    return map_get(&p->called_how, function_key(c), &known) && (known & how) != 0;
}

static bool is_thread_only(const struct program *p, const struct context *c)
{
    return has_call(p, c, CALLED_BY_THREAD) && !has_call(p, c, CALLED_BESIDE);
}

/* Whether a context that any caller seems to make is of a function that only threads run, or comes of such a one. */
static bool comes_of_thread(const struct program *p, context_id id)
{
    for (; id != 0 && !is_of_thread(p, context_at(p, id)); id = context_at(p, id)->caller) {
        const struct context *c = context_at(p, id);
        if ((c->generic || c->callback) && is_thread_only(p, c))
            return true;
    }
    return false;
}

/* Marks the callees of one context that are called in the one way, or in the other; whether one of them was not known
 * to be. What a function that only threads run calls, it calls in the thread; when code outside calls what it is given,
 * nobody knows. */
static bool mark_calls(struct program *p, context_id id, uint64_t how)
{
    const struct context *c = context_at(p, id);
    bool news = false;
    for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->callees.len; k++) {
        const struct context *callee = context_at(p, c->records->callees.data[k]);
        bool by_thread = is_of_thread(p, callee);
        if (by_thread != (how == CALLED_BY_THREAD) || has_call(p, callee, how) || callee->callback ||
            (!by_thread && (function_key(callee) == function_key(c) || comes_of_thread(p, id))))
            continue;
        *map_slot(&p->called_how, function_key(callee), 0) |= how;
        news = true;
    }
    return news;
}

#define ROUNDS_MAX 6 /* functions that call functions that only threads run */

static void find_thread_only(struct program *p)
{
    for (size_t i = 1; i < p->contexts.len; i++)
        mark_calls(p, (context_id)i, CALLED_BY_THREAD);
    bool news = true;
    for (int round = 0; news && round < ROUNDS_MAX; round++) {
        news = false;
        for (size_t i = 1; i < p->contexts.len; i++)
            news |= mark_calls(p, (context_id)i, CALLED_BESIDE);
    }
}

/* ---- functions for the beginning ---- */

static bool says_beginning(struct str name)
{
    static const char *const words[] = {"main",       "setup",     "set_up",  "init",
                                        "initialize", "configure", "install", "bootstrap"};
    if (str_ends(name, STR("__")))
        return false;
    while (name.len > 0 && name.ptr[0] == '_')
        name = str_slice(name, 1, name.len);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str word = str_of(words[i]), rest = str_slice(name, word.len, name.len);
        if (str_starts(name, word) &&
            (rest.len == 0 || rest.ptr[0] == '_' || (rest.ptr[0] >= 'A' && rest.ptr[0] <= 'Z')))
            return true;
    }
    return false;
}

/* ---- what any caller is meant to run ---- */

/* Whether a constructor calls a function for the beginning: that is one, then, whoever makes such objects. */
static bool begins(const struct program *p, const struct context *constructor, const struct context *callee)
{
    const struct unit *u = &p->units.data[constructor->unit];
    return u->names[u->ir->functions[constructor->function].name] == NAME_INIT &&
           says_beginning(function_name(p, callee));
}

/* Follows the calls from the functions that anybody may call at any time. */
static void find_meant(struct program *p)
{
    VEC(context_id) work = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        bool entry = (c->generic || (c->caller == 0 && c->function != 0)) && c->status == CONTEXT_DONE;
        entry = entry && !is_of_thread(p, c);
        if (entry && !is_thread_only(p, c) && !says_beginning(function_name(p, c)))
            vec_push(&work, (context_id)i);
    }
    while (work.len > 0) {
        struct context *c = context_at(p, vec_pop(&work));
        if (c->meant)
            continue;
        c->meant = true;
        for (size_t i = 0; i < c->records->callees.len; i++) {
            const struct context *callee = context_at(p, c->records->callees.data[i]);
            bool own = is_of_thread(p, callee) || (callee->callback && is_thread_only(p, callee));
            if (!callee->meant && !own && !begins(p, c, callee))
                vec_push(&work, c->records->callees.data[i]);
        }
    }
    vec_release(&work);
}

bool convention_meant(const struct program *p, const struct acc *acc)
{
    const struct context *c = context_at(p, acc->context);
    return c->meant || p->roots.data[c->root].kind != THREAD_CALLER;
}

/* ---- functions that are given away ---- */

bool convention_given_away(const struct program *p, const struct acc *acc)
{
    for (context_id id = acc->context; id != 0; id = context_at(p, id)->caller) {
        const struct context *c = context_at(p, id);
        const struct ir_function *fn = &p->units.data[c->unit].ir->functions[c->function];
        const struct context *giver = c->callback && c->caller != 0 ? context_at(p, c->caller) : NULL;
        if (giver != NULL && giver->unit == c->unit && fn->parent == giver->function)
            return true;
    }
    return false;
}

/* ---- private functions ---- */

/* Notes the private names that are read otherwise than to call what they name: callbacks, elements of tables. */
static void find_handed_on(struct program *p)
{
    bool *met = memory_new(intern_count(p->names) * sizeof *met); /* by name_id, private or not */
    for (size_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        for (uint32_t k = 0; k < u->ir->op_count; k++) {
            const struct ir_op *op = &u->ir->ops[k];
            bool global = op->code == IR_READ_GLOBAL;
            if ((!global && op->code != IR_READ_ATTR) || (op->flags & IR_FLAG_CALLEE))
                continue;
            uint32_t name = global ? op->a : op->b;
            if (!met[u->names[name]] && str_starts(u->ir->names[name], STR("_")))
                map_put(&p->handed_on, u->names[name], 1);
            met[u->names[name]] = true;
        }
    }
    free(met);
}

bool convention_uncalled(const struct program *p, const struct acc *acc)
{
    const struct context *c = context_at(p, acc->context);
    const struct unit *u = &p->units.data[c->unit];
    struct str name = function_name(p, c);
    if (!c->generic || c->caller != 0 || !str_starts(name, STR("_")) || str_ends(name, STR("__")))
        return false;
    return !map_get(&p->handed_on, u->names[u->ir->functions[c->function].name], NULL);
}

/* ---- the end of the program ---- */

/* Notes the functions that are registered to run when the program ends. */
static void find_at_exit(struct program *p)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; k < c->records->notes.len; k++) {
            const struct note *n = &c->records->notes.data[k];
            set_id targets = n->kind == NOTE_CALL && n->acc.model->runs == RUNS_EXIT ? n->targets : 0;
            for (uint32_t t = 0; t < sets_count(p->sets, targets); t++) {
                const struct object *o = object_at(p, sets_member(p->sets, targets, t));
                if (o->kind == OBJECT_BOUND)
                    o = object_at(p, o->a);
                if (o->kind == OBJECT_FUNCTION)
                    map_put(&p->at_exit, (uint64_t)o->a << 32 | o->b, 1);
            }
        }
    }
}

bool convention_at_exit(const struct program *p, const struct acc *acc)
{
    return map_get(&p->at_exit, (uint64_t)acc->unit << 32 | acc->function, NULL);
}

/* ---- cleaning up after a failure ---- */

/* Whether a handler, whose instructions begin there, is one for any error. */
static bool catches_all(const struct ir_module *ir, const struct ir_op *ops, uint32_t handler, uint32_t end)
{
    for (uint32_t i = handler + 1; i < end; i++) {
        if (ops[i].code == IR_CATCH)
            return ops[i].a == 0 || (ops[i - 1].code == IR_READ_GLOBAL && ops[i - 1].result == ops[i].a &&
                                     (str_equal(ir->names[ops[i - 1].a], STR("Exception")) ||
                                      str_equal(ir->names[ops[i - 1].a], STR("BaseException"))));
    }
    return false;
}

#define NESTED_MAX 32 /* regions around an instruction */

bool convention_cleans_up(const struct program *p, const struct acc *acc)
{
    const struct ir_module *ir = p->units.data[acc->unit].ir;
    const struct ir_op *ops = ir->ops + ir->functions[acc->function].first_op;
    bool handler[NESTED_MAX]; /* of each region that is open: in a handler for any error */
    uint32_t depth = 0;
    for (uint32_t i = 0; i < acc->op; i++) {
        if (ir_opens(ops[i].code) && depth < NESTED_MAX)
            handler[depth++] = false;
        else if (ops[i].code == IR_END && depth > 0)
            depth--;
        else if ((ops[i].code == IR_ELSE || ops[i].code == IR_FINALLY || ops[i].code == IR_EXCEPT) && depth > 0)
            handler[depth - 1] = ops[i].code == IR_EXCEPT && catches_all(ir, ops, i, acc->op);
    }
    for (uint32_t i = 0; i < depth; i++)
        if (handler[i])
            return true;
    return false;
}

/* ---- main loops ---- */

static bool is_of_toolkit(const struct program *p, struct str name)
{
    const struct model *package = models_package(p->models, name);
    return package != NULL && package->role == ROLE_LOOP;
}

/* Whether a module uses a toolkit for user interfaces: it imports one, or has a name of one from another module, as
 * where one module of the program chooses which toolkit there is. */
static bool uses_toolkit(const struct program *p, const struct unit *u)
{
    const struct ir_function *body = &u->ir->functions[0];
    for (uint32_t i = body->first_op; i < body->first_op + body->op_count; i++) {
        const struct ir_op *op = &u->ir->ops[i];
        if ((op->code == IR_IMPORT || op->code == IR_IMPORT_FROM) && is_of_toolkit(p, u->ir->names[op->a]))
            return true;
    }
    for (uint32_t k = object_at(p, u->object)->first_field; k != 0; k = p->fields.data[k].next) {
        set_id value = p->fields.data[k].value;
        for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
            const struct object *o = object_at(p, sets_member(p->sets, value, i));
            if (o->kind == OBJECT_EXTERNAL && is_of_toolkit(p, name_text(p, o->a)))
                return true;
        }
    }
    return false;
}

/* Calls that any caller or the main thread makes, other than while modules are imported. */
static bool is_call(const struct program *p, const struct context *c, const struct context *callee)
{
    return !is_of_thread(p, callee) && p->roots.data[c->root].kind != THREAD_IMPORT &&
           function_key(c) != function_key(callee);
}

/* Marks what functions call that are marked so, or are of a module that uses a toolkit, or of one that does not and
 * that nobody calls; but for functions of toolkit modules. */
static void mark_from(struct program *p, uint64_t how)
{
    for (bool news = true; news;) {
        news = false;
        for (size_t i = 1; i < p->contexts.len; i++) {
            const struct context *c = p->contexts.data[i];
            bool toolkit = p->units.data[c->unit].main_loop;
            bool begins = how == CALLED_BY_LOOP ? toolkit : !toolkit && !has_call(p, c, CALLED_AT_ALL);
            if (c->status != CONTEXT_DONE || is_of_thread(p, c) || (!begins && !has_call(p, c, how)))
                continue;
            for (size_t k = 0; k < c->records->callees.len; k++) {
                const struct context *callee = context_at(p, c->records->callees.data[k]);
                if (p->units.data[callee->unit].main_loop || has_call(p, callee, how) || !is_call(p, c, callee))
                    continue;
                *map_slot(&p->called_how, function_key(callee), 0) |= how;
                news = true;
            }
        }
    }
}

/* Finds the functions that only modules with a toolkit call, or others that only those call. That says something of
 * programs that have a good part of such modules; others only bring a small window along. */
static void find_loop_only(struct program *p)
{
    size_t toolkits = 0;
    for (size_t i = 0; i < p->units.len; i++)
        toolkits += p->units.data[i].main_loop = uses_toolkit(p, &p->units.data[i]);
    p->has_main_loop = toolkits > 0 && toolkits * 4 >= p->units.len;
    for (size_t i = 1; p->has_main_loop && i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->callees.len; k++)
            if (is_call(p, c, context_at(p, c->records->callees.data[k])))
                *map_slot(&p->called_how, function_key(context_at(p, c->records->callees.data[k])), 0) |= CALLED_AT_ALL;
    }
    if (p->has_main_loop) {
        mark_from(p, CALLED_BY_LOOP);
        mark_from(p, CALLED_OFF_LOOP);
    }
}

bool convention_main_loop(const struct program *p, const struct acc *acc)
{
    const struct context *c = context_at(p, acc->context);
    bool only_loop = p->has_main_loop && has_call(p, c, CALLED_BY_LOOP) && !has_call(p, c, CALLED_OFF_LOOP);
    return !is_of_thread(p, c) && (p->units.data[c->unit].main_loop || only_loop);
}

/* ---- greenlets ---- */

static struct str top_package(struct str dotted)
{
    return str_slice(dotted, 0, str_find(dotted, STR(".")));
}

/* What the body of a package does, it does before any of its modules runs. */
static void find_greenlets(struct program *p)
{
    for (size_t i = 0; i < p->units.len; i++) {
        const struct unit *package = &p->units.data[i];
        bool outermost = package->is_package && str_find(package->dotted, STR(".")) == SIZE_MAX;
        for (size_t k = 0; package->greenlets && outermost && k < p->units.len; k++)
            if (str_equal(top_package(p->units.data[k].dotted), package->dotted))
                p->units.data[k].greenlets = true;
    }
}

bool convention_greenlets(const struct program *p, const struct acc *acc)
{
    return p->units.data[acc->unit].greenlets;
}

void conventions_prepare(struct program *p)
{
    find_at_exit(p);
    find_thread_only(p);
    find_meant(p);
    find_loop_only(p);
    find_greenlets(p);
    find_handed_on(p);
}

/* ---- tests ---- */

bool convention_of_tests(const struct program *p, uint32_t unit)
{
    struct str dotted = p->units.data[unit].dotted;
    while (dotted.len > 0) {
        size_t dot = str_find(dotted, STR("."));
        struct str part = str_slice(dotted, 0, dot);
        if (str_equal(part, STR("test")) || str_equal(part, STR("tests")) || str_equal(part, STR("testing")) ||
            str_equal(part, STR("unittest")) || str_equal(part, STR("conftest")) || str_starts(part, STR("test_")))
            return true;
        dotted = dot == SIZE_MAX ? STR("") : str_slice(dotted, dot + 1, dotted.len);
    }
    return false;
}

bool convention_in_test(const struct program *p, const struct acc *acc)
{
    const struct ir_module *ir = p->units.data[acc->unit].ir;
    for (uint32_t at = acc->function; at != 0 && at != IR_NO_INDEX; at = ir->functions[at].parent) {
        struct str name = ir->names[ir->functions[at].name];
        if (str_equal(name, STR("_test")) || str_equal(name, STR("test")))
            return true;
    }
    return convention_of_tests(p, acc->unit);
}

/* ---- readers that wait ---- */

/* A condition, or the lock inside of one. */
static bool is_condition(const struct program *p, object_id lock)
{
    object_id home = object_at(p, lock)->home;
    return object_role(p, lock) == ROLE_CONDITION || (home != 0 && object_role(p, home) == ROLE_CONDITION);
}

bool convention_gated(const struct program *p, const struct acc *read)
{
    const struct context *c = context_at(p, read->context);
    for (size_t i = 0; i < c->records->takings.len; i++)
        if (is_condition(p, c->records->takings.data[i].acc.object))
            return true;
    return false;
}
