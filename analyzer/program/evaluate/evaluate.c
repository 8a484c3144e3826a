/* evaluate: runs the instructions of one context. */
#include "program/evaluate/frame.h"

#include <stdlib.h>
#include <string.h>

#include "program/hazards/leaks.h"
#include "program/hazards/memos.h"
#include "program/records/drafts.h"
#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/tally.h"
#include "program/threads/tasks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

static set_id unknown(struct frame *f)
{
    return sets_one(f->p->sets, UNKNOWN_OBJECT);
}

static set_id scalar(struct frame *f)
{
    return sets_one(f->p->sets, SCALAR_OBJECT);
}

static struct val eval_const(struct frame *f, const struct ir_op *op)
{
    return val_of(sets_one(f->p->sets, op->aux == IR_NONE ? NONE_OBJECT : SCALAR_OBJECT));
}

/* ---- allocation ---- */

/* Names of what NEW makes; 0: something immutable. */
static const name_id new_classes[IR_NEW_COUNT] = {
    [IR_NEW_LIST] = CLASS_LIST, [IR_NEW_TUPLE] = CLASS_TUPLE,         [IR_NEW_SET] = CLASS_SET,
    [IR_NEW_DICT] = CLASS_DICT, [IR_NEW_GENERATOR] = CLASS_GENERATOR,
};

#define ELEMENTS_MAX 10 /* elements of a display that are told apart */

static void new_element(struct frame *f, object_id object, const struct ir_op *op, uint32_t i)
{
    struct program *p = f->p;
    const struct ir_arg *arg = &f->u->ir->args[op->b + i];
    struct val v = *val_at(f, arg->value);
    if (arg->kind != IR_ARG_PLAIN)
        v = place_contents(f, &v);
    bool dict = op->aux == IR_NEW_DICT;
    if (dict && arg->kind == IR_ARG_PLAIN) {
        if (i % 2 == 0)
            return; /* keys are told by their text at each access */
        const struct ir_op *key = &f->ops[val_at(f, f->u->ir->args[op->b + i - 1].value)->op];
        if (key->code == IR_CONST && key->aux == IR_STRING && op->c <= 2 * ELEMENTS_MAX)
            heap_write(p, object,
                       intern_id(p->names, arena_printf(p->arena, "=%.*s", STR_FMT(f->u->ir->names[key->a]))), v.set,
                       UINT32_MAX, 0);
    } else if (!dict && arg->kind == IR_ARG_PLAIN && op->c <= ELEMENTS_MAX &&
               (op->aux == IR_NEW_TUPLE || op->aux == IR_NEW_LIST)) {
        heap_write(p, object, heap_element(p, i), v.set, UINT32_MAX, 0);
    }
    heap_write(p, object, FIELD_CONTENTS, v.set, f->c->unit, f->fn->first_op + f->op);
}

static struct val eval_new(struct frame *f, const struct ir_op *op)
{
    struct val result = {0};
    for (uint32_t i = 0; i < op->c; i++) {
        const struct val *v = val_at(f, f->u->ir->args[op->b + i].value);
        result.reads |= v->reads;
        result.params |= v->params;
    }
    if (new_classes[op->aux] == 0) {
        result.set = scalar(f);
        return result;
    }
    struct program *p = f->p;
    context_id context = frame_heap_context(f);
    object_id object = object_modelled(p, object_external(p, new_classes[op->aux]), frame_site(f), context);
    if (!frame_once(f))
        object_at(p, object)->flags |= OBJECT_MANY;
    uint32_t limit = op->c > 256 ? 256 : op->c; /* a long literal: its first elements tell what it holds */
    for (uint32_t i = 0; i < limit; i++)
        new_element(f, object, op, i);
    frame_own(f, object);
    result.set = sets_one(p->sets, object);
    return result;
}

/* ---- locals ---- */

static bool is_captured(const struct frame *f, uint32_t local)
{
    return (f->u->ir->locals[f->fn->first_local + local].flags & IR_LOCAL_CAPTURED) != 0;
}

static struct val eval_local(struct frame *f, const struct ir_op *op)
{
    struct val v = f->now.locals[op->a];
    if (is_captured(f, op->a)) {
        object_id cells = context_cells(f->p, f->id);
        name_id name = local_name(f, f->c->function, op->a);
        if (sets_has(f->p->sets, f->now.owned, cells)) {
            v.set = value_union(f->p, v.set, heap_read(f->p, cells, name, f->id));
        } else {
            uint64_t reads = v.reads;
            uint32_t test = v.test;
            v = place_read_cell(f, f->c->function, op->a, op->flags);
            v.reads |= reads;
            if (v.test == 0)
                v.test = test;
        }
    }
    if (v.set == 0)
        v.set = unknown(f);
    v.op = v.op != 0 ? v.op : f->op;
    return v;
}

static void eval_bind(struct frame *f, const struct ir_op *op)
{
    struct val v = *val_at(f, op->b), old = f->now.locals[op->a];
    f->now.locals[op->a] = v;
    if (f->now.handed != 0)
        handoff_dropped(f, &old);
    uint32_t flags = f->u->ir->locals[f->fn->first_local + op->a].flags;
    if (flags & IR_LOCAL_CAPTURED) {
        if (f->fn->kind != IR_FN_CLASS_BODY)
            place_write_cell(f, f->c->function, op->a, &v, op->flags);
    }
    if (f->fn->kind == IR_FN_CLASS_BODY && (flags & (IR_LOCAL_INNER | IR_LOCAL_SYNTHETIC)) == 0) {
        object_id class_object = object_get(f->p, OBJECT_CLASS, f->c->unit, f->fn->class_index, 0);
        frame_escape(f, v.set);
        heap_write(f->p, class_object, local_name(f, f->c->function, op->a), v.set, f->c->unit,
                   f->fn->first_op + f->op);
    }
}

/* ---- operators ---- */

static bool is_mutable_container(const struct program *p, object_id object)
{
    enum model_role role = object_role(p, object);
    return role == ROLE_LIST || role == ROLE_DICT || role == ROLE_SET || role == ROLE_DEQUE || role == ROLE_BYTEARRAY;
}

static struct val eval_binary(struct frame *f, const struct ir_op *op)
{
    const struct val *a = val_at(f, op->a), *b = val_at(f, op->b);
    struct val result = {.reads = a->reads | b->reads, .params = a->params | b->params, .set = scalar(f)};
    if (result.reads != 0 && op->aux == IR_OP_ADD)
        span_note_extreme(f, result.reads, true);
    bool formats = op->aux == IR_OP_MOD && value_is_scalar(f->p, a->set); /* "%s" % anything is text */
    if (formats || (value_is_scalar(f->p, a->set) && value_is_scalar(f->p, b->set)))
        return result;
    for (uint32_t i = 0; i < sets_count(f->p->sets, a->set); i++) {
        object_id object = sets_member(f->p->sets, a->set, i);
        if (!is_mutable_container(f->p, object) && object_role(f->p, object) != ROLE_TUPLE)
            continue;
        object_id fresh = object_modelled(f->p, object_class(f->p, object), frame_site(f), frame_heap_context(f));
        if (object_at(f->p, object_class(f->p, object))->kind != OBJECT_EXTERNAL)
            break;
        set_id contents = place_contents(f, a).set;
        if (op->aux != IR_OP_MUL) /* [job] * 3: the same elements again */
            contents = value_union(f->p, contents, place_contents(f, b).set);
        heap_write(f->p, fresh, FIELD_CONTENTS, contents, UINT32_MAX, 0);
        frame_own(f, fresh);
        result.set = sets_one(f->p->sets, fresh);
        return result;
    }
    result.set = unknown(f);
    return result;
}

/* The method that an in-place operator stands for, of the class of an object; NULL where it has none. */
static const struct model *inplace_model(const struct frame *f, object_id object, uint16_t operator)
{
    static const char *const methods[IR_OPERATOR_COUNT] = {
        [IR_OP_ADD] = "__iadd__", [IR_OP_SUB] = "__isub__", [IR_OP_MUL] = "__imul__",
        [IR_OP_AND] = "__iand__", [IR_OP_OR] = "__ior__",   [IR_OP_XOR] = "__ixor__",
    };
    const struct model *type = object_type_model(f->p, object);
    const char *method = operator<IR_OPERATOR_COUNT ? methods[operator] : NULL;
    return type != NULL && method != NULL ? models_member(f->p->models, type, str_of(method)) : NULL;
}

static uint32_t inplace_flags(const struct frame *f, const struct model *model, const struct val *operand)
{
    uint32_t flags = ACC_RESIZES;
    if (model == NULL || effect_is_one_step(f, model, operand))
        flags |= ACC_ATOMIC;
    return flags | (model != NULL && model->discards ? ACC_REMOVES : ACC_INSERTS);
}

/* x op= y: a list, set or dict, or what a model gives such a method, is changed in place; everything else makes a new
 * value. */
static struct val eval_inplace(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    struct val a = *val_at(f, op->a), b = *val_at(f, op->b);
    uint32_t objects[8], count = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, a.set) && count < 8; i++) {
        object_id object = sets_member(p->sets, a.set, i);
        if (is_mutable_container(p, object) || inplace_model(f, object, op->aux) != NULL)
            objects[count++] = object;
    }
    if (count == 0)
        return eval_binary(f, op);
    struct val added = place_contents(f, &b);
    for (uint32_t i = 0; i < count; i++) {
        if (!sets_has(p->sets, f->now.owned, objects[i]))
            frame_escape(f, added.set);
        heap_write(p, objects[i], FIELD_CONTENTS, added.set, f->c->unit, f->fn->first_op + f->op);
    }
    const struct model *model = inplace_model(f, objects[0], op->aux);
    struct access_info info = {
        .field = FIELD_CONTENTS, .kind = ACCESS_METHOD, .flags = inplace_flags(f, model, &b), .model = model};
    info.path = a.path;
    access_write(f, objects, count, &info, &added);
    a.reads = 0; /* the same object is stored back: nothing is lost */
    a.test = 0;
    return a;
}

static bool is_none(const struct frame *f, ir_value value)
{
    const struct ir_op *op = &f->ops[f->vals[value].op];
    return op->code == IR_CONST && op->aux == IR_NONE && op->result == value;
}

static struct val eval_membership(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    struct val key = *val_at(f, op->a), container = *val_at(f, op->b);
    struct val result = {
        .set = scalar(f), .reads = key.reads | container.reads, .params = key.params | container.params};
    uint32_t objects[8], count = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, container.set) && count < 8; i++) {
        object_id object = sets_member(p->sets, container.set, i);
        uint8_t kind = object_at(p, object)->kind;
        object_id class_object = object_class(p, object);
        if (class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS && kind != OBJECT_PATH &&
            !role_is_container(object_role(p, object))) {
            struct val v = call_method(f, object, NAME_CONTAINS, &key, 1);
            result.reads |= v.reads;
            result.test = test_join(f, result.test, v.test);
        } else if (kind == OBJECT_MODELLED || kind == OBJECT_PATH || kind == OBJECT_INSTANCE ||
                   kind == OBJECT_GENERIC || object_is_library_state(p, object)) {
            objects[count++] = object;
        }
    }
    struct access_info info = {.field = FIELD_CONTENTS, .kind = ACCESS_MEMBERSHIP, .key = &key};
    uint64_t reads = access_read(f, objects, count, &info);
    result.reads |= reads;
    uint32_t test = test_new(f, CHECK_IN, op->aux == IR_OP_NOT_IN, reads);
    result.test = test_join(f, result.test, test);
    return result;
}

/* owner == get_ident(): where it holds, no other thread passes the same test of the same state. */
static uint32_t test_owner(struct frame *f, bool negated, uint64_t reads)
{
    uint32_t test = test_new(f, CHECK_COMPARE, negated, reads);
    if (test != 0)
        f->tests.data[test].owner = true;
    return test;
}

static struct val eval_compare(struct frame *f, const struct ir_op *op)
{
    nesting_compared(f, op);
    if (op->aux == IR_OP_IN || op->aux == IR_OP_NOT_IN)
        return eval_membership(f, op);
    const struct val *a = val_at(f, op->a), *b = val_at(f, op->b);
    struct val result = {.set = scalar(f), .reads = a->reads | b->reads, .params = a->params | b->params};
    bool negated = op->aux == IR_OP_IS_NOT || op->aux == IR_OP_NE;
    bool identity = negated || op->aux == IR_OP_IS || op->aux == IR_OP_EQ;
    if (identity && (sets_has(f->p->sets, a->set, THREAD_ID_OBJECT) || sets_has(f->p->sets, b->set, THREAD_ID_OBJECT)))
        result.test = test_owner(f, negated, result.reads);
    else if (identity && is_none(f, op->b))
        result.test = test_new(f, CHECK_NONE, negated, a->reads);
    else if (identity && is_none(f, op->a))
        result.test = test_new(f, CHECK_NONE, negated, b->reads);
    else
        result.test = test_new(f, CHECK_COMPARE, false, result.reads);
    return result;
}

static struct val eval_unary(struct frame *f, const struct ir_op *op)
{
    const struct val *a = val_at(f, op->a);
    struct val result = {.set = scalar(f), .reads = a->reads, .params = a->params};
    if (op->aux == IR_OP_NOT)
        result.test = test_not(f, val_test(f, a));
    return result;
}

/* ---- generators, results ---- */

/* Which of the objects that are yielded only this call has, at whatever yield; none where they are more than a value
 * can be, which then count as shared. */
static void note_yielded(struct frame *f, set_id value)
{
    struct context *c = f->c;
    struct sets *sets = f->p->sets;
    if (sets_count(sets, c->yielded_shared) > VALUE_MAX)
        return;
    for (uint32_t i = 0; i < sets_count(sets, value); i++) {
        object_id object = sets_member(sets, value, i);
        if (sets_has(sets, f->now.owned, object))
            c->yielded_owned = sets_add(sets, c->yielded_owned, object);
        else
            c->yielded_shared = sets_add(sets, c->yielded_shared, object);
    }
    if (sets_count(sets, c->yielded_owned) > VALUE_MAX || sets_count(sets, c->yielded_shared) > VALUE_MAX)
        c->yielded_shared = sets_union(sets, c->yielded_shared, c->yielded_owned);
    c->yielded_owned = sets_minus(sets, c->yielded_owned, c->yielded_shared);
}

static void eval_yield(struct frame *f, const struct ir_op *op)
{
    struct context *c = f->c;
    set_id held = sets_minus(f->p->sets, f->now.locks, c->locks);
    c->yield_locks = c->yielded == 0 ? held : sets_intersection(f->p->sets, c->yield_locks, held);
    set_id value = op->a != 0 ? val_at(f, op->a)->set : sets_one(f->p->sets, NONE_OBJECT);
    if (op->code == IR_YIELD_FROM)
        value = place_contents(f, val_at(f, op->a)).set;
    note_yielded(f, value);
    frame_escape(f, value);
    c->yielded = value_union(f->p, c->yielded, value);
}

#define RETURNED_MAX 8

static void note_returned(struct frame *f, const struct val *v)
{
    struct context *c = f->c;
    uint32_t test = v->test;
    for (uint64_t rest = v->reads; rest != 0; rest &= rest - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(rest);
        enum check_kind check = CHECK_NOT_A_CHECK;
        if (test != 0 && f->tests.data[test].left == 0 && (f->tests.data[test].reads >> bit & 1)) {
            const struct test *t = &f->tests.data[test];
            check = (enum check_kind)t->check;
            if (t->negated && check == CHECK_IN)
                check = CHECK_NOT_IN;
            if (t->negated && check == CHECK_NONE)
                check = CHECK_NOT_NONE;
            if (t->negated && check == CHECK_TRUE)
                check = CHECK_FALSE;
        }
        const struct event *event = &f->events[bit];
        for (uint32_t k = 0; k < event->count && c->records->returned.len < RETURNED_MAX; k++) {
            const struct acc *acc = &f->event_accs.data[event->first + k];
            bool known = false;
            for (size_t i = 0; i < c->records->returned.len && !known; i++)
                known = c->records->returned.data[i].acc.op == acc->op &&
                        c->records->returned.data[i].acc.object == acc->object &&
                        c->records->returned.data[i].acc.context == acc->context;
            if (!known)
                vec_push(&c->records->returned, ((struct returned){*acc, (uint8_t)check}));
        }
    }
}

/* A result that only this call has, and what it holds, is the caller's own from here on. */
static void note_owned_result(struct frame *f, set_id value)
{
    struct sets *sets = f->p->sets;
    set_id *to = region_has_finally(f) ? &f->exit_owned_all : &f->exit_owned;
    set_id owned = sets_intersection(sets, value, f->now.owned);
    for (uint32_t i = 0; owned != 0 && i < sets_count(sets, f->now.owned); i++) {
        object_id part = sets_member(sets, f->now.owned, i);
        if (sets_has(sets, owned, object_at(f->p, part)->home))
            *to = sets_add(sets, *to, part);
    }
    *to = sets_union(sets, *to, owned);
    f->exit_shared = sets_union(sets, f->exit_shared, sets_minus(sets, value, owned));
}

static void eval_return(struct frame *f, const struct ir_op *op)
{
    struct val v = op->a != 0 ? *val_at(f, op->a) : val_of(sets_one(f->p->sets, NONE_OBJECT));
    note_returned(f, &v);
    leak_note(f, v.set, LEAK_RETURNED);
    f->result.set = value_union(f->p, f->result.set, v.set);
    f->result.params |= v.params;
    note_owned_result(f, v.set);
    region_leave(f, op);
}

/* ---- the loop ---- */

static void set_result(struct frame *f, const struct ir_op *op, struct val v)
{
    v.op = f->op;
    v.path = nesting_path(f, op);
    f->vals[op->result] = v;
}

static void eval_value(struct frame *f, const struct ir_op *op)
{
    struct val v = {0};
    switch (op->code) {
    case IR_UNKNOWN: v.set = unknown(f); break;
    case IR_CONST: v = eval_const(f, op); break;
    case IR_NEW: v = eval_new(f, op); break;
    case IR_LOCAL:
        v = eval_local(f, op);
        f->vals[op->result] = v; /* keeps the instruction that made the value: `key` text and constants look through */
        if (v.op >= f->fn->op_count)
            f->vals[op->result].op = f->op;
        if (f->ops[f->vals[op->result].op].code != IR_CONST)
            f->vals[op->result].op = f->op;
        return;
    case IR_UNARY: v = eval_unary(f, op); break;
    case IR_BINARY: v = eval_binary(f, op); break;
    case IR_INPLACE: v = eval_inplace(f, op); break;
    case IR_COMPARE: v = eval_compare(f, op); break;
    case IR_UNPACK: v = unpack_element(f, op); break;
    case IR_MATCHES:
        v = (struct val){.set = scalar(f), .reads = val_at(f, op->a)->reads};
        v.test = test_new(f, CHECK_COMPARE, false, v.reads);
        break;
    case IR_PART:
        v = place_contents(f, val_at(f, op->a));
        v.reads = val_at(f, op->a)->reads;
        break;
    case IR_CALL: {
        struct call call;
        call_from_op(f, op, &call);
        note_method(f, op);
        tally_call(f, &call);
        v = call_run(f, &call);
        break;
    }
    case IR_FUNCTION: v = define_function(f, op); break;
    case IR_CLASS: v = define_class(f, op); break;
    case IR_IMPORT: v = define_import(f, op); break;
    case IR_IMPORT_FROM: v = define_import_from(f, op); break;
    case IR_AWAIT:
        note_await(f);
        task_awaited(f, op);
        v = *val_at(f, op->a);
        break;
    case IR_YIELD:
    case IR_YIELD_FROM:
        eval_yield(f, op);
        v.set = unknown(f);
        break;
    case IR_READ_GLOBAL: v = place_read_global(f, name_of(f, op->a), op->flags); break;
    case IR_READ_FREE: v = place_read_cell(f, op->a, op->b, op->flags); break;
    case IR_READ_ATTR: v = place_read_attr(f, val_at(f, op->a), name_of(f, op->b), op->flags); break;
    case IR_READ_ITEM: v = place_read_item(f, val_at(f, op->a), val_at(f, op->b), op->flags); break;
    default: BUG("instruction %u has no value", op->code);
    }
    set_result(f, op, v);
}

static void eval_effect(struct frame *f, const struct ir_op *op)
{
    switch (op->code) {
    case IR_BIND: eval_bind(f, op); break;
    case IR_WRITE_GLOBAL: place_write_global(f, name_of(f, op->a), val_at(f, op->b), op->flags); break;
    case IR_WRITE_FREE: place_write_cell(f, op->a, op->b, val_at(f, op->c), op->flags); break;
    case IR_WRITE_ATTR: place_write_attr(f, val_at(f, op->a), name_of(f, op->b), val_at(f, op->c), op->flags); break;
    case IR_WRITE_ITEM: place_write_item(f, val_at(f, op->a), val_at(f, op->b), val_at(f, op->c), op->flags); break;
    case IR_ELEMENT: {
        struct val container = *val_at(f, op->a);
        for (uint32_t i = 0; i < sets_count(f->p->sets, container.set); i++)
            heap_write(f->p, sets_member(f->p->sets, container.set, i), FIELD_CONTENTS, val_at(f, op->b)->set,
                       f->c->unit, f->fn->first_op + f->op);
        f->vals[op->a].reads |= val_at(f, op->b)->reads;
        break;
    }
    case IR_DELETE_LOCAL: f->now.locals[op->a] = (struct val){0}; break;
    case IR_DELETE_GLOBAL:
    case IR_DELETE_FREE:
    case IR_DELETE_ATTR:
    case IR_DELETE_ITEM: place_delete(f, op); break;
    case IR_DECLARE: define_declare(f, op); break;
    case IR_IMPORT_STAR: define_import_star(f, op); break;
    default: BUG("instruction %u is no effect", op->code);
    }
}

/* Runs one instruction; returns the index of the next. */
static uint32_t eval_op(struct frame *f, const struct ir_op *op)
{
    switch (op->code) {
    case IR_IF: return region_if(f, op);
    case IR_LOOP:
    case IR_FOR: return region_loop(f, op);
    case IR_TEST: return region_test(f, op);
    case IR_TRY: return region_try(f, op);
    case IR_EXCEPT: return region_except(f, op);
    case IR_CATCH: region_catch(f, op); return f->op + 1;
    case IR_WITH: return region_with(f, op);
    case IR_ELSE: return region_else(f, op);
    case IR_FINALLY: return region_finally(f, op);
    case IR_END: return region_end(f, op);
    case IR_RETURN: eval_return(f, op); return f->op + 1;
    case IR_RAISE:
        release_risk(f, op);
        region_leave(f, op);
        return f->op + 1;
    case IR_BREAK:
    case IR_CONTINUE: region_leave(f, op); return f->op + 1;
    default:
        release_risk(f, op);
        if (op->result != 0)
            eval_value(f, op);
        else
            eval_effect(f, op);
        return f->op + 1;
    }
}

/* Where control does not get to, only the region structure is followed. */
static bool is_structure(const struct ir_op *op)
{
    switch (op->code) {
    case IR_ELSE:
    case IR_EXCEPT:
    case IR_FINALLY:
    case IR_END: return true;
    default: return false;
    }
}

/* The index behind the END of a region that is not entered. */
static uint32_t skip_region(const struct frame *f, uint32_t index)
{
    const struct ir_op *op = &f->ops[index];
    while (op->code != IR_END)
        op = &f->ops[op->c - f->fn->first_op];
    return (uint32_t)(op - f->ops) + 1;
}

static bool opens_region(const struct ir_op *op)
{
    return op->code == IR_IF || op->code == IR_LOOP || op->code == IR_FOR || op->code == IR_TRY || op->code == IR_WITH;
}

static void frame_run(struct frame *f)
{
    uint32_t index = 0;
    while (index < f->fn->op_count) {
        const struct ir_op *op = &f->ops[index];
        f->op = index;
        f->p->steps++;
        if (f->now.dead && !is_structure(op))
            index = opens_region(op) ? skip_region(f, index) : index + 1;
        else
            index = eval_op(f, op);
    }
}

/* ---- one context ---- */

static bool is_constructor(struct str name)
{
    return str_equal(name, STR("__init__")) || str_equal(name, STR("__new__")) ||
           str_equal(name, STR("__post_init__")) || str_equal(name, STR("__setstate__"));
}

static void frame_begin(struct frame *f)
{
    struct program *p = f->p;
    struct context *c = f->c;
    bool captured = false;
    f->now.owned = c->owned;
    f->now.locks = f->now.maybe_locks = sets_union(p->sets, c->locks, c->held_before);
    f->now.running = c->running;
    if (function_runs_locked(p, c->unit, c->function)) /* which lock is not known: it proves nothing either way */
        f->now.own_locks = sets_one(p->sets, object_get(p, OBJECT_FUNCTION, c->unit, c->function, 0));
    enum thread_kind kind = (enum thread_kind)p->roots.data[c->root].kind;
    bool beside_entries = kind == THREAD_MAIN && c->function != 0 && p->options.entry_count > 0;
    f->recording = kind == THREAD_CALLER || kind == THREAD_SPAWNED || c->running != 0 || beside_entries;
    for (uint32_t i = 0; i < f->fn->local_count; i++)
        captured |= (f->u->ir->locals[f->fn->first_local + i].flags & IR_LOCAL_CAPTURED) != 0;
    if (captured)
        frame_own(f, context_cells(p, f->id));
    f->in_constructor = f->fn->class_index != IR_NO_INDEX && is_constructor(f->u->ir->names[f->fn->name]);
    const struct argument *args = context_args(p, c);
    for (uint32_t i = 0; i < c->arg_count && i < f->fn->param_count; i++) {
        const struct ir_param *param = &f->u->ir->params[f->fn->first_param + i];
        struct val v = {.set = args[i].set, .params = i < 32 ? 1u << i : 0, .op = 0};
        v.path = paths_step(p, 0, PATH_PARAM, i, 0);
        f->now.locals[param->local] = v;
        for (uint32_t k = 0; param->kind == IR_PARAM_DOUBLE_STAR && k < sets_count(p->sets, v.set); k++)
            frame_own(f, sets_member(p->sets, v.set, k)); /* each call makes its own **kwargs */
        if (is_captured(f, param->local))
            heap_write(p, context_cells(p, f->id), local_name(f, c->function, param->local), v.set, UINT32_MAX, 0);
    }
}

/* Of one function: what is of another size for another one. */
static void frame_clear(struct frame *f)
{
    for (size_t i = 0; i < f->regions.len; i++) {
        flow_release(f, &f->regions.data[i].before);
        flow_release(f, &f->regions.data[i].merged);
        flow_release(f, &f->regions.data[i].abrupt);
        flow_release(f, &f->regions.data[i].body);
    }
    vec_clear(&f->regions);
    flow_release(f, &f->now);
    flow_release(f, &f->exit);
}

void frame_release(struct frame *f)
{
    frame_clear(f);
    free(f->vals);
    while (f->spare_locals.len > 0)
        free(vec_pop(&f->spare_locals));
    vec_release(&f->spare_locals);
    vec_release(&f->regions);
    vec_release(&f->event_accs);
    vec_release(&f->tests);
    vec_release(&f->controls);
    vec_release(&f->tested);
    vec_release(&f->acquired);
    vec_release(&f->pending);
    vec_release(&f->handoffs);
    vec_release(&f->own_captures);
}

/* Makes room for the values of the frame's function, of which no instruction has made any yet. */
static void frame_values(struct frame *f)
{
    if (f->fn->value_count > f->vals_room) {
        f->vals_room = f->fn->value_count;
        f->vals = memory_resize(f->vals, f->vals_room * sizeof *f->vals);
    }
    for (uint32_t i = 0; i < f->fn->value_count; i++)
        f->vals[i] = (struct val){.op = UINT32_MAX};
}

/* A frame for a context; its vectors have the room that an earlier evaluation needed. */
static struct frame *frame_take(struct program *p, context_id id)
{
    struct context *c = context_at(p, id);
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_function *fn = &u->ir->functions[c->function];
    struct frame *f = p->spare_frames.len > 0 ? vec_pop(&p->spare_frames) : memory_new(sizeof *f);
    struct frame old = *f;
    *f = (struct frame){.p = p, .c = c, .id = id, .u = u, .fn = fn, .ops = u->ir->ops + fn->first_op};
    f->exit.dead = true;
#define KEEP(vector) (f->vector = old.vector, vec_clear(&f->vector))
    f->vals = old.vals;
    f->vals_room = old.vals_room;
    f->locals_room = old.locals_room;
    KEEP(regions);
    KEEP(event_accs);
    KEEP(tests);
    KEEP(controls);
    KEEP(tested);
    KEEP(acquired);
    KEEP(pending);
    KEEP(handoffs);
    KEEP(own_captures);
#undef KEEP
    f->draft = old.draft != NULL ? old.draft : draft_new(p);
    f->spare_locals = old.spare_locals;
    frame_locals(f);
    frame_values(f);
    vec_push(&f->tests, ((struct test){0}));
    vec_push(&f->controls, ((struct control){0}));
    return f;
}

static void frame_give_back(struct frame *f)
{
    frame_clear(f);
    vec_push(&f->p->spare_frames, f);
}

void frames_free(struct program *p)
{
    for (size_t i = 0; i < p->spare_frames.len; i++) {
        draft_free(p->spare_frames.data[i]->draft);
        frame_release(p->spare_frames.data[i]);
        free(p->spare_frames.data[i]);
    }
    vec_release(&p->spare_frames);
}

/* What a caller can see of a result, to tell whether it changed. */
struct outcome {
    uint32_t parts[15];
};

static struct outcome outcome_of(const struct context *c)
{
    return (struct outcome){{c->result, c->result_owned, c->escaped, c->started, c->joined, c->locks_added,
                             c->locks_released, c->yield_locks, c->yielded, (uint32_t)c->records->returned.len,
                             (uint32_t)c->records->written.len, (uint32_t)c->records->takings.len, c->never_returns,
                             c->yielded_owned, c->begun}};
}

static void frame_finish(struct frame *f)
{
    struct sets *sets = f->p->sets;
    struct context *c = f->c;
    if (!f->now.dead) {
        f->result.set = value_union(f->p, f->result.set, sets_one(sets, NONE_OBJECT));
        frame_exit(f);
    }
    c->result = f->result.set;
    c->begun = sets_union(sets, c->begun, f->begun);
    c->result_params = f->result.params;
    c->never_returns = f->exit.locals == NULL;
    lock_drop_shared(f);
    if (f->exit.locals == NULL)
        return;
    set_id owned = sets_union(sets, f->exit_owned, sets_intersection(sets, f->exit_owned_all, f->exit.owned));
    c->result_owned = sets_minus(sets, owned, f->exit_shared);
    memo_result(f);
    c->locks_added = sets_minus(sets, sets_minus(sets, f->exit.locks, c->locks), c->held_before);
    c->locks_released = sets_minus(sets, c->locks, f->exit.locks);
    c->started = sets_minus(sets, f->exit.running, c->running);
    c->joined = sets_minus(sets, c->joined, f->exit.running);
}

static void rare_clear(struct rare_records *rare)
{
    vec_clear(&rare->sources);
    vec_clear(&rare->local_locks);
    vec_clear(&rare->leaks);
    vec_clear(&rare->unmet);
    vec_clear(&rare->nestings);
    vec_clear(&rare->waits);
    vec_clear(&rare->handed);
    vec_clear(&rare->captures);
    vec_clear(&rare->consumed);
    vec_clear(&rare->late);
    vec_clear(&rare->own_reads);
    vec_clear(&rare->own_writes);
}

bool context_evaluate(struct program *p, context_id id)
{
    struct context *c = context_at(p, id);
    struct frame *f = frame_take(p, id);
    struct outcome before = outcome_of(c);
    if (c->rare != &p->nothing_rare)
        rare_clear(c->rare);
    draft_begin(f->draft, c);
    c->started = c->joined = c->locks_kept = 0;
    c->yielded_owned = c->yielded_shared = 0;
    frame_begin(f);
    frame_run(f);
    frame_finish(f);
    release_finish(f);
    note_finish(f);
    struct outcome after = outcome_of(c);
    draft_keep(f->draft, c);
    frame_give_back(f);
    return memcmp(before.parts, after.parts, sizeof before.parts) != 0;
}
