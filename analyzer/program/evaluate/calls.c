/* calls: from a call instruction to the functions it may run, with arguments bound and results brought back. */
#include "program/evaluate/frame.h"

#include "program/evaluate/arguments.h"
#include "program/hazards/leaks.h"
#include "program/hazards/memos.h"
#include "program/locks/declared.h"
#include "program/records/notes.h"
#include "program/records/written.h"
#include "program/symbols/annotations.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/threads/served.h"
#include "program/threads/tasks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static struct val call_object(struct frame *f, object_id callee, const struct call *call);

void call_add(struct call *call, struct val value, name_id keyword, bool star)
{
    if (call->count == CALL_ARGS_MAX)
        return;
    call->args[call->count] = value;
    call->keywords[call->count] = keyword;
    call->star[call->count++] = star;
}

void call_add_star(struct frame *f, struct call *call, const struct val *v)
{
    if (sets_count(f->p->sets, v->set) == 1) {
        object_id object = sets_member(f->p->sets, v->set, 0);
        if (heap_find(f->p, object, heap_element(f->p, 0)) != NULL) {
            for (uint32_t i = 0; i < 8; i++) {
                set_id element = heap_read(f->p, object, heap_element(f->p, i), f->id);
                if (element == 0)
                    break;
                call_add(call, val_of(element), 0, false);
            }
            return;
        }
        const struct field *contents = heap_find(f->p, object, FIELD_CONTENTS);
        if (object_role(f->p, object) == ROLE_TUPLE && (contents == NULL || contents->value == 0))
            return; /* () */
    }
    struct val contents = place_contents(f, v);
    contents.reads = v->reads;
    call_add(call, contents, 0, true);
}

void call_add_double_star(struct frame *f, struct call *call, const struct val *v)
{
    uint32_t count = sets_count(f->p->sets, v->set);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(f->p->sets, v->set, i);
        for (uint32_t k = object_at(f->p, object)->first_field; k != 0; k = f->p->fields.data[k].next) {
            struct str name = name_text(f->p, f->p->fields.data[k].name);
            if (name.len > 1 && name.ptr[0] == '=')
                call_add(call, val_of(f->p->fields.data[k].value), intern_id(f->p->names, str_slice(name, 1, name.len)),
                         false);
        }
    }
}

void call_from_op(struct frame *f, const struct ir_op *op, struct call *call)
{
    call_begin(call, op);
    call->callee = *val_at(f, op->a);
    for (uint32_t i = 0; i < op->c; i++) {
        const struct ir_arg *arg = &f->u->ir->args[op->b + i];
        const struct val *v = val_at(f, arg->value);
        if (arg->kind == IR_ARG_STAR)
            call_add_star(f, call, v);
        else if (arg->kind == IR_ARG_DOUBLE_STAR)
            call_add_double_star(f, call, v);
        else
            call_add(call, *v, arg->keyword != 0 ? name_of(f, arg->keyword) : 0, false);
    }
}

const struct val *call_arg(const struct frame *f, const struct call *call, int position, const char *keyword)
{
    name_id name = 0;
    for (uint32_t i = 0; i < call->count && keyword != NULL; i++) {
        if (call->keywords[i] == 0)
            continue;
        if (name == 0)
            name = intern_find(f->p->names, str_of(keyword));
        if (call->keywords[i] == name)
            return &call->args[i];
    }
    int seen = 0;
    for (uint32_t i = 0; i < call->count && position >= 0; i++) {
        if (call->keywords[i] != 0)
            continue;
        if (seen++ == position)
            return &call->args[i];
    }
    return NULL;
}

/* ---- calling a program function ---- */

/* Stored where other code finds it, and not only this call's. */
static bool is_shared_state(const struct frame *f, object_id object)
{
    const struct object *o = object_at(f->p, object);
    if (o->kind != OBJECT_MODELLED && o->kind != OBJECT_INSTANCE)
        return false;
    return o->home != 0 && !sets_has(f->p->sets, f->now.owned, object) && object_role(f->p, object) != ROLE_IMMUTABLE;
}

/* Calls of "any caller" are many: what they pass is kept only where it can matter (code to be called, shared containers
 * and instances); the rest is what the parameter is in general. */
static void generalise_args(struct frame *f, object_id function, object_id receiver, struct binding *b)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, function);
    const struct unit *u = &p->units.data[o->a];
    const struct ir_function *fn = &u->ir->functions[o->b];
    bool constructs = receiver != 0 && u->names[fn->name] == NAME_INIT;
    for (uint32_t i = receiver != 0 ? 1 : 0; i < b->count; i++) {
        bool keep = false;
        for (uint32_t k = 0; k < sets_count(p->sets, b->args[i].set) && !keep; k++) {
            object_id object = sets_member(p->sets, b->args[i].set, k);
            uint8_t kind = object_at(p, object)->kind;
            keep = kind == OBJECT_FUNCTION || kind == OBJECT_BOUND || kind == OBJECT_CLASS || kind == OBJECT_CELLS ||
                   is_shared_state(f, object);
            keep = keep || (constructs && kind == OBJECT_GENERIC); /* a part is told what it belongs to */
            keep = keep || (i == 0 && fn->class_index != IR_NO_INDEX && kind == OBJECT_GENERIC); /* Base.method(self) */
        }
        if (keep)
            continue;
        b->args[i].set = annotation_param(p, o->a, o->b, i);
    }
}

/* Whether an object is held, directly or not, by one of those in a set. */
static bool hangs_off(const struct frame *f, object_id object, set_id holders)
{
    for (int i = 0; i < PATH_DEPTH_MAX && object != 0; i++) {
        const struct object *o = object_at(f->p, object);
        object = o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE ? o->home : 0;
        if (object != 0 && sets_has(f->p->sets, holders, object))
            return true;
    }
    return false;
}

/* The arguments that only this call has, and what it made and put into them. */
static set_id owned_args(struct frame *f, const struct binding *b)
{
    set_id owned = 0;
    struct sets *sets = f->p->sets;
    for (uint32_t i = 0; i < b->count && f->now.owned != 0; i++)
        if (sets_overlap(sets, b->args[i].set, f->now.owned))
            owned = sets_union(sets, owned, sets_intersection(sets, b->args[i].set, f->now.owned));
    set_id given = owned;
    uint32_t count = given != 0 ? sets_count(sets, f->now.owned) : 0;
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(sets, f->now.owned, i);
        if (hangs_off(f, object, given))
            owned = sets_add(sets, owned, object);
    }
    return owned;
}

/* The same access, told from here: it happens inside this call. */
static struct acc through_call(struct frame *f, const struct acc *inner, const struct binding *b)
{
    struct acc acc = access_in_call(f->p, inner, f->id, f->op);
    /* the callee's names mean nothing here: a key that it was given is told as the argument was written */
    uint32_t param = acc.key_param;
    if (!acc.key_constant)
        acc.key = 0;
    acc.key_param = 0;
    if (param > 0 && param <= b->count && b->params[param - 1].op < f->fn->op_count) {
        const struct val *given = &b->params[param - 1];
        acc.key = intern_id(f->p->names, str_trim(op_text(f, &f->ops[given->op])));
        acc.key_constant = f->ops[given->op].code == IR_CONST;
        if (given->params != 0 && (given->params & (given->params - 1)) == 0)
            acc.key_param = (uint8_t)(__builtin_ctz(given->params) + 1);
    }
    acc.tokens = f->now.tokens; /* the caller's own acquisitions, held around the whole call */
    return acc;
}

/* The result's events: what the callee read and returned counts as read here, under the locks of both. */
static uint64_t import_returned(struct frame *f, const struct context *callee, const struct binding *b, uint32_t *test)
{
    uint64_t all = 0;
    for (size_t i = 0; i < callee->records->returned.len; i++) {
        const struct returned *from = &callee->records->returned.data[i];
        if (f->event_count == EVENTS_MAX || !access_matters(f, from->acc.object))
            continue;
        struct returned r = *from;
        vec_push(&f->event_accs, through_call(f, &from->acc, b));
        f->events[f->event_count] = (struct event){(uint32_t)f->event_accs.len - 1, 1};
        uint64_t bit = (uint64_t)1 << f->event_count++;
        all |= bit;
        if (r.check != CHECK_NOT_A_CHECK) {
            bool negated = r.check == CHECK_NOT_IN || r.check == CHECK_NOT_NONE || r.check == CHECK_FALSE;
            enum check_kind check = r.check == CHECK_NOT_IN     ? CHECK_IN
                                    : r.check == CHECK_NOT_NONE ? CHECK_NONE
                                    : r.check == CHECK_FALSE    ? CHECK_TRUE
                                                                : (enum check_kind)r.check;
            *test = test_join(f, *test, test_new(f, check, negated, bit));
        }
    }
    return all;
}

/* A write of a callee, told from here. */
static struct acc told_here(struct frame *f, const struct written *w, const struct binding *b)
{
    struct acc inner = *w->origin;
    inner.key = w->key;
    inner.key_constant = w->key_constant;
    inner.key_param = w->key_param;
    inner.flags = w->flags & ~(uint32_t)ACC_VIA;
    return through_call(f, &inner, b);
}

/* Keeps a write that happens in a call; to the callers, two of one kind in one call are one. */
static void keep_written(struct frame *f, const struct written *w)
{
    struct context *c = f->c;
    for (size_t i = c->records->written.len; i-- > 0 && c->records->written.data[i].op == w->op;) {
        const struct written *known = &c->records->written.data[i];
        const struct acc *a = known->origin, *b = w->origin;
        bool same = a->object == b->object && a->field == b->field && a->kind == b->kind && a->locks == b->locks &&
                    known->flags == w->flags;
        if (same && known->key == w->key && known->key_param == w->key_param && known->params == w->params &&
            known->rechecked == w->rechecked && known->tested == w->tested && known->validated == w->validated &&
            known->takes == w->takes)
            return;
    }
    vec_push(&c->records->written, *w);
}

/* Whether a callee writes to what it made itself and nobody keeps: another object each time, whatever stands for it. */
static bool is_made_anew(const struct program *p, const struct context *callee, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->kind != OBJECT_MODELLED || (o->flags & OBJECT_MANY) == 0 || o->b >> 20 != callee->unit)
        return false;
    const struct ir_function *fn = &p->units.data[callee->unit].ir->functions[callee->function];
    uint32_t site = o->b & 0xfffff;
    if (site < fn->first_op || site - fn->first_op >= fn->op_count)
        return false;
    for (int i = 0; i < PATH_DEPTH_MAX && o->kind == OBJECT_MODELLED && o->home != 0; i++)
        o = object_at(p, o->home);
    return o->kind == OBJECT_MODELLED; /* an argument of a call, or of a partial */
}

static void import_written(struct frame *f, const struct context *callee, const struct binding *b)
{
    for (size_t i = 0; i < callee->records->written.len; i++) {
        const struct written *inner = &callee->records->written.data[i];
        uint64_t reads = 0;
        uint32_t params = 0;
        for (uint32_t rest = inner->params; rest != 0; rest &= rest - 1) {
            uint32_t k = (uint32_t)__builtin_ctz(rest);
            if (k < b->count)
                reads |= b->params[k].reads, params |= b->params[k].params;
        }
        uint32_t key = inner->key_param;
        uint64_t key_reads = key != 0 && key <= b->count ? b->params[key - 1].reads : 0;
        bool room = f->c->records->written.len < WRITTEN_MAX;
        if (!room && f->now.control == 0 && (reads | key_reads) == 0)
            continue;
        if (!access_matters(f, inner->origin->object) || is_made_anew(f->p, callee, inner->origin->object))
            continue; /* nothing here, nor in a caller, can depend on it */
        struct written w = *inner;
        struct acc acc = told_here(f, inner, b);
        bool deep = (inner->flags & ACC_VIA) != 0;
        access_given(f, &acc, b->params, b->count, inner->params,
                     key != 0 && key <= b->count ? &b->params[key - 1] : NULL);
        span_from_call(f, &w, &acc, reads, deep);
        if (!deep)
            access_exchanged(f, &acc);
        if (key_reads != 0)
            span_at_key(f, &acc, key_reads, f->now.tokens);
        written_tell(&w, &acc);
        w.params = params;
        if (room)
            keep_written(f, &w);
    }
}

/* A factory makes a lock anew for each call: two fields that it fills hold two locks, which are told apart by the call.
 */
static set_id lock_of_call(struct frame *f, const struct context *callee)
{
    struct program *p = f->p;
    if (sets_count(p->sets, callee->result) != 1)
        return callee->result;
    object_id made = sets_member(p->sets, callee->result, 0);
    struct object o = *object_at(p, made);
    bool fresh = o.kind == OBJECT_MODELLED && role_is_lock(object_role(p, made)) &&
                 sets_has(p->sets, callee->result_owned, made);
    if (!fresh || heap_find(p, made, FIELD_INNER) != NULL)
        return callee->result;
    object_id lock =
        object_modelled(p, o.a, frame_site(f), p->roots.data[f->c->root].kind == THREAD_CALLER ? 0 : f->id);
    if (!frame_once(f))
        object_at(p, lock)->flags |= OBJECT_MANY;
    frame_own(f, lock);
    return sets_one(p->sets, lock);
}

static struct val bring_back(struct frame *f, const struct context *callee, const struct binding *b)
{
    struct program *p = f->p;
    struct val result = val_of(lock_of_call(f, callee));
    import_written(f, callee, b);
    nesting_from_call(f, callee, b->params, b->count);
    result.reads = import_returned(f, callee, b, &result.test);
    for (uint32_t k = 0; k < b->count && k < 32; k++)
        if (callee->result_params & 1u << k)
            result.reads |= b->params[k].reads, result.params |= b->params[k].params;
    uint32_t escaped = sets_count(p->sets, callee->escaped);
    for (uint32_t i = 0; i < escaped; i++)
        frame_escape(f, sets_one(p->sets, sets_member(p->sets, callee->escaped, i)));
    f->now.owned = sets_union(p->sets, f->now.owned, callee->result_owned);
    for (uint32_t i = 0; f->now.handed != 0 && i < sets_count(p->sets, callee->result_owned); i++)
        handoff_made(f, sets_member(p->sets, callee->result_owned, i));
    set_id joined = sets_intersection(p->sets, f->now.running, callee->joined);
    f->now.running = sets_union(p->sets, sets_minus(p->sets, f->now.running, joined), callee->started);
    f->now.joined = sets_minus(p->sets, sets_union(p->sets, f->now.joined, joined), callee->started);
    f->begun = sets_union(p->sets, f->begun, callee->begun);
    for (uint32_t i = 0; i < sets_count(p->sets, callee->started); i++)
        f->recording = true;
    if (callee->locks_released != 0) {
        release_called(f, callee);
        lock_release(f, callee->locks_released);
    }
    f->now.maybe_locks = sets_union(p->sets, f->now.maybe_locks, callee->locks_kept);
    uint32_t added = sets_count(p->sets, callee->locks_added);
    for (uint32_t i = 0; i < added; i++) {
        set_id lock = sets_one(p->sets, sets_member(p->sets, callee->locks_added, i));
        lock_acquire(f, lock);
        if (f->ops[f->op].code == IR_CALL) /* what `with` enters it leaves */
            release_pending(f, lock);
    }
    if (added > 0)
        nesting_added(f, callee->locks_added);
    return result;
}

/* The present call is what a `with` enters. */
static bool is_entered(const struct frame *f)
{
    ir_value value = f->ops[f->op].result;
    uint32_t next = f->op + 1;
    return value != 0 && next < f->fn->op_count && f->ops[next].code == IR_WITH && f->ops[next].a == value;
}

/* A generator (or context manager made from one) is a fresh object that holds what is yielded. */
static struct val generator_result(struct frame *f, const struct context *callee)
{
    struct program *p = f->p;
    object_id external = object_external(p, CLASS_GENERATOR);
    object_id object = object_modelled(p, external, frame_site(f), frame_heap_context(f));
    if (!frame_once(f))
        object_at(p, object)->flags |= OBJECT_MANY;
    heap_write(p, object, FIELD_CONTENTS, callee->yielded, UINT32_MAX, 0);
    heap_write(p, object, FIELD_INNER, callee->yield_locks, UINT32_MAX, 0);
    frame_own(f, object);
    if (is_entered(f)) /* what a context manager made or took for the block is the block's */
        f->now.owned = sets_union(p->sets, f->now.owned, callee->yielded_owned);
    return val_of(sets_one(p->sets, object));
}

/* The locks that a function is declared to require: noted where this call does not hold them, taken as held in the
 * function. */
static set_id require_locks(struct frame *f, uint32_t unit, uint32_t function, object_id receiver)
{
    struct program *p = f->p;
    set_id required = declared_required(p, unit, function, receiver);
    set_id lacking = sets_minus(p->sets, required, sets_union(p->sets, f->now.locks, f->now.own_locks));
    bool matters = f->recording && (receiver == 0 || access_matters(f, receiver));
    for (uint32_t i = 0; i < sets_count(p->sets, lacking) && matters; i++) {
        struct acc acc = {.context = f->id,
                          .unit = f->c->unit,
                          .function = f->c->function,
                          .op = f->op,
                          .object = sets_member(p->sets, lacking, i),
                          .kind = ACCESS_USE,
                          .locks = f->now.locks,
                          .running = f->now.running,
                          .span = f->ops[f->op].span};
        struct rare_records *rare = context_rare(f->p, f->c);
        vec_push(&rare->unmet, ((struct unmet){acc, unit, function}));
    }
    return required;
}

/* What any caller makes is, to its methods, some instance of its class; so is what the main thread makes, where its
 * calls count as any caller's. */
static object_id any_instance(struct program *p, object_id receiver, bool whoever_made_it)
{
    const struct object *o = object_at(p, receiver);
    if (o->kind != OBJECT_INSTANCE || (o->c != 0 && !whoever_made_it) || object_at(p, o->a)->kind != OBJECT_CLASS)
        return receiver;
    return object_generic(p, o->a);
}

/* Whether a function that never returns only says that others do it: classes that derive from its own, which need not
 * be in the program. What follows a call is run, then. */
static bool is_left_to_others(const struct unit *u, const struct ir_function *fn)
{
    for (uint32_t i = fn->first_op; i < fn->first_op + fn->op_count; i++)
        if (u->ir->ops[i].code == IR_READ_GLOBAL &&
            str_equal(u->ir->names[u->ir->ops[i].a], STR("NotImplementedError")))
            return true;
    return false;
}

/* Who runs what a thread hands to the main loop. */
static root_id loop_root(const struct program *p, root_id thread)
{
    return p->roots.data[thread].generic ? ROOT_CALLER : ROOT_MAIN;
}

struct val call_function(struct frame *f, object_id function, object_id receiver, const struct call *call)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, function);
    uint32_t unit = o->a, index = o->b;
    context_id env = o->c;
    const struct ir_function *fn = &p->units.data[unit].ir->functions[index];
    struct binding b;
    root_id root = f->in_loop ? loop_root(p, f->c->root) : context_call_root(p, f->c->root, f->now.running);
    bool generic = p->roots.data[root].kind == THREAD_CALLER;
    object_id made = receiver;
    if (generic)
        receiver = any_instance(p, receiver, root != f->c->root);
    arguments_bind(f, function, receiver, call, &b);
    if (made != receiver && b.count > 0) {
        b.params[0].set = sets_one(p->sets, made);
        b.params[0].path = nesting_receiver(f, made, call);
    }
    set_id owned = owned_args(f, &b);
    if (made != receiver && sets_has(p->sets, f->now.owned, made))
        owned = sets_add(p->sets, owned, receiver);
    if (generic && env == 0)
        generalise_args(f, function, receiver, &b);
    p->units.data[unit].called[index] = true;
    if (!generic && !f->in_loop)
        p->units.data[unit].concrete[index] = true;
    set_id locks = sets_union(p->sets, f->now.locks, require_locks(f, unit, index, receiver)), running = f->now.running;
    if (f->in_loop) {
        locks = owned = 0;
        running = sets_add(p->sets, running, p->roots.data[f->c->root].object);
    }
    struct call_key key = {.unit = unit,
                           .function = index,
                           .env = env,
                           .root = root,
                           .locks = locks,
                           .running = running,
                           .owned = owned,
                           .args = b.args,
                           .arg_count = b.count};
    context_id callee = context_get(p, &key, f->id, f->op, !frame_once(f));
    context_at(p, callee)->callback |= f->calls_back;
    context_need(p, callee, f->id);
    if (f->guesses)
        vec_push(&f->c->records->guessed, callee);
    if (f->in_loop)
        return val_of(sets_one(p->sets, UNKNOWN_OBJECT));
    const struct context *c = context_at(p, callee);
    struct val result = bring_back(f, c, &b);
    task_called(f, fn, context_at(p, callee), call);
    note_file_from_call(f, c, b.params, b.count);
    if (made != receiver && sets_has(p->sets, c->escaped, receiver))
        frame_escape(f, sets_one(p->sets, made));
    if (fn->flags & IR_FN_GENERATOR) {
        struct val generator = generator_result(f, c);
        generator.reads = result.reads;
        return generator;
    }
    if (c->never_returns && c->status == CONTEXT_DONE && c->started == 0 &&
        !is_left_to_others(&p->units.data[unit], fn))
        f->now.dead = true;
    return result;
}

/* ---- what a callee may be ---- */

struct val call_method(struct frame *f, object_id receiver, name_id method, const struct val *args, uint32_t count)
{
    struct program *p = f->p;
    struct call call;
    call_begin(&call, &f->ops[f->op]);
    for (uint32_t i = 0; i < count; i++)
        call_add(&call, args[i], 0, false);
    object_id class_object = object_class(p, receiver);
    struct member m = class_object != 0 ? class_member(p, class_object, method, f->id) : (struct member){0};
    if (m.model != NULL)
        return effect_call(f, m.model, receiver, &call);
    struct val result = {0};
    for (uint32_t i = 0; m.holder != 0 && i < sets_count(p->sets, m.value); i++) {
        object_id member = sets_member(p->sets, m.value, i);
        if (object_at(p, member)->kind == OBJECT_FUNCTION)
            result = val_join(f, result, call_function(f, member, receiver, &call));
    }
    if (result.set == 0)
        result.set = sets_one(p->sets, UNKNOWN_OBJECT);
    return result;
}

bool call_is_callback(const struct program *p, object_id object)
{
    uint8_t kind = object_at(p, object)->kind;
    return kind == OBJECT_FUNCTION || kind == OBJECT_BOUND;
}

/* Memory that code outside the program writes into: what it gets it for. */
static void fill_buffers(struct frame *f, set_id value)
{
    struct program *p = f->p;
    uint32_t objects[4], count = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, value) && count < 4; i++) {
        object_id object = sets_member(p->sets, value, i);
        const struct model *type = object_role(p, object) == ROLE_BYTEARRAY ? object_type_model(p, object) : NULL;
        if (type != NULL && type->safety == SAFETY_UNSAFE)
            objects[count++] = object;
    }
    struct access_info info = {.field = FIELD_CONTENTS, .kind = ACCESS_METHOD};
    access_write(f, objects, count, &info, NULL);
}

#define REGISTERED_MIN 4 /* of what a registry holds: fewer may well be meant for one purpose */

/* Whether what is called was looked up by a key among code of several owners: listeners[channel]. Which of it the key
 * gives is not known, and most of it is for other keys. */
static bool is_guessed(const struct frame *f, const struct val *callee)
{
    const struct program *p = f->p;
    uint32_t count = sets_count(p->sets, callee->set);
    uint64_t first = UINT64_MAX;
    bool by_key = false, several = false;
    for (uint64_t rest = count >= REGISTERED_MIN ? callee->reads : 0; rest != 0 && !by_key; rest &= rest - 1) {
        const struct acc *read = &f->event_accs.data[f->events[__builtin_ctzll(rest)].first];
        by_key = read->field == FIELD_CONTENTS && read->key != 0 && !read->key_constant &&
                 object_role(p, read->object) == ROLE_DICT;
    }
    for (uint32_t i = 0; by_key && !several && i < count; i++) {
        const struct object *o = object_at(p, sets_member(p->sets, callee->set, i));
        if (o->kind == OBJECT_BOUND)
            o = object_at(p, o->a);
        if (o->kind != OBJECT_FUNCTION)
            continue;
        uint64_t owner = (uint64_t)o->a << 32 | p->units.data[o->a].ir->functions[o->b].class_index;
        first = first == UINT64_MAX ? owner : first;
        several |= owner != first;
    }
    return several;
}

/* listeners.discard(callback): of whatever it is, what has a method of this name does not call what it gives up. */
static bool takes_out(const struct frame *f)
{
    static const char *const names[] = {"discard", "remove", "index", "count"};
    const struct ir_op *op = &f->ops[f->op];
    uint32_t made = op->code == IR_CALL ? f->vals[op->a].op : UINT32_MAX;
    if (made >= f->fn->op_count || f->ops[made].code != IR_READ_ATTR)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_equal(f->u->ir->names[f->ops[made].b], str_of(names[i])))
            return true;
    return false;
}

/* Something outside the program gets the arguments: it may keep them, and may call what can be called. */
void call_unknown(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    struct call callback;
    call_begin(&callback, call->op);
    for (uint32_t i = 0; i < 3; i++)
        call_add(&callback, val_of(sets_one(p->sets, UNKNOWN_OBJECT)), 0, i == 0);
    for (uint32_t i = 0; i < call->count; i++) {
        leak_note(f, call->args[i].set, LEAK_PASSED);
        fill_buffers(f, call->args[i].set);
        frame_escape(f, call->args[i].set);
        for (uint32_t k = 0; k < sets_count(p->sets, call->args[i].set); k++) {
            object_id object = sets_member(p->sets, call->args[i].set, k);
            if (!call_is_callback(p, object) || takes_out(f))
                continue;
            bool dead = f->now.dead, calls_back = f->calls_back, guesses = f->guesses;
            f->calls_back = true;
            f->guesses = is_guessed(f, &call->args[i]);
            call_object(f, object, &callback);
            f->calls_back = calls_back;
            f->guesses = guesses;
            f->now.dead = dead;
        }
    }
}

static const struct model *function_model(const struct program *p, object_id function)
{
    const struct object *o = object_at(p, function);
    const struct unit *u = &p->units.data[o->a];
    return u->modelled != NULL ? u->modelled[o->b] : NULL;
}

static struct val call_object(struct frame *f, object_id callee, const struct call *call)
{
    struct program *p = f->p;
    struct object o = *object_at(p, callee);
    switch ((enum object_kind)o.kind) {
    case OBJECT_FUNCTION: {
        const struct model *model = function_model(p, callee);
        if (model != NULL && model->is == MODEL_FUNCTION)
            return effect_call(f, model, 0, call);
        if (model != NULL && model->is == MODEL_CLASS)
            return effect_instance(f, object_external_named(p, model->name), call);
        return call_function(f, callee, 0, call);
    }
    case OBJECT_BOUND:
        if (object_at(p, o.a)->kind != OBJECT_FUNCTION)
            break;
        if (function_model(p, o.a) != NULL)
            return effect_call(f, function_model(p, o.a), o.b, call);
        return call_function(f, o.a, o.b, call);
    case OBJECT_CLASS: return instance_make(f, callee, call);
    case OBJECT_METHOD:
        if (o.model->is == MODEL_CLASS && o.b == NAME_CALL) /* super().__call__ of a metaclass */
            return instance_by_type(f, o.a, call);
        return effect_call(f, o.model, o.a, call);
    case OBJECT_EXTERNAL:
        if (o.model == NULL) {
            set_id made = instance_bare(f, callee, call);
            if (made != 0)
                return val_of(made);
            break;
        }
        if (o.model->is == MODEL_CLASS)
            return effect_instance(f, callee, call);
        return o.model->defers ? call_defers(f, o.model, call) : effect_call(f, o.model, 0, call);
    case OBJECT_MODELLED: return call_modelled(f, callee, call);
    case OBJECT_INSTANCE:
    case OBJECT_GENERIC:
    case OBJECT_PATH: { /* of a parameter with an annotation, among others */
        struct val args[CALL_ARGS_MAX];
        object_id type = object_class(p, callee);
        for (uint32_t i = 0; i < call->count; i++)
            args[i] = call->args[i];
        if (type != 0 && object_at(p, type)->kind == OBJECT_CLASS &&
            class_member(p, type, NAME_CALL, f->id).holder != 0)
            return call_method(f, callee, NAME_CALL, args, call->count);
        break;
    }
    default: break;
    }
    note_unknown_call(f, callee, call->op);
    if (call_hands_to_loop(f, call))
        call_in_loop(f, call);
    else
        call_unknown(f, call);
    return val_of(sets_one(p->sets, UNKNOWN_OBJECT));
}

#define CALLEES_MAX 6

/* Decorators outside the program give back the function, or something that behaves like it. atexit.register() does,
 * too, but what it does besides counts. */
static bool decorates(const struct program *p, object_id callee)
{
    const struct object *o = object_at(p, callee);
    if (o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->runs == RUNS_EXIT)
        return false;
    return o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_UNKNOWN || o->kind == OBJECT_PATH ||
           o->kind == OBJECT_METHOD || o->kind == OBJECT_MODELLED || o->kind == OBJECT_SCALAR ||
           (o->kind == OBJECT_FUNCTION && o->model != NULL);
}

/* Applies a decorator that is known to give back what it decorates, and notes what it does besides. */
static bool gives_back(struct frame *f, const struct call *call)
{
    const struct sets *sets = f->p->sets;
    served_decorated(f, call);
    return memo_decorated(f, call) ||
           (sets_count(sets, call->callee.set) == 1 && decorates(f->p, sets_member(sets, call->callee.set, 0)));
}

/* The receivers of an acquire() or release() that several locks may be meant by, as locks of one field: one call about
 * all of them, not one of each that happens or does not. 0: it is no such call. */
static set_id locks_meant(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    set_id locks = 0;
    uint32_t count = sets_count(p->sets, call->callee.set), effects = 0;
    for (uint32_t i = 0; i < count && count > 1; i++) {
        const struct object *o = object_at(p, sets_member(p->sets, call->callee.set, i));
        if (o->kind != OBJECT_METHOD || o->model == NULL || o->model->held != NULL ||
            lock_objects(f, sets_one(p->sets, o->a)) == 0)
            return 0;
        uint32_t effect = o->model->effects & (EFFECT_ACQUIRE | EFFECT_RELEASE);
        if (effect == 0 || (effects != 0 && effect != effects))
            return 0;
        effects = effect;
        locks = sets_add(p->sets, locks, o->a);
    }
    return locks;
}

struct val call_run(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    struct val result = {0};
    set_id locks = call->locks == 0 ? locks_meant(f, call) : 0;
    if (locks != 0) {
        struct call about_all = *call;
        about_all.locks = locks;
        about_all.callee.set = sets_one(p->sets, sets_member(p->sets, call->callee.set, 0));
        return call_run(f, &about_all);
    }
    if ((call->op->flags & IR_FLAG_DECORATOR) && call->count == 1 && gives_back(f, call))
        return call->args[0];
    uint32_t count = sets_count(p->sets, call->callee.set);
    bool guesses = f->guesses, in_loop = f->in_loop;
    f->guesses = is_guessed(f, &call->callee);
    f->in_loop = in_loop || call_means_loop(f, &call->callee);
    if (count > CALLEES_MAX)
        count = CALLEES_MAX;
    struct flow before = {0}, merged = {.dead = true};
    if (count > 1)
        flow_copy(f, &before, &f->now);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            flow_copy(f, &f->now, &before);
        object_id callee = sets_member(p->sets, call->callee.set, i);
        struct val v = call_object(f, callee, call);
        /* what a method outside the program returns comes from its receiver */
        bool variable = call->callee.op < f->fn->op_count && f->ops[call->callee.op].code == IR_READ_GLOBAL;
        if (variable)
            ; /* which function a variable holds is one thing, what the function returns another */
        else if (object_at(p, callee)->kind == OBJECT_METHOD || object_at(p, callee)->kind <= OBJECT_SCALAR ||
                 object_at(p, callee)->kind == OBJECT_PATH)
            v.reads |= call->callee.reads, v.params |= call->callee.params;
        result = i == 0 ? v : val_join(f, result, v);
        if (count > 1)
            flow_join(f, &merged, &f->now);
    }
    if (count > 1) {
        bool dead = merged.locals == NULL;
        if (!dead)
            flow_take(f, &f->now, &merged);
        flow_release(f, &before);
        flow_release(f, &merged);
        f->now.dead = dead;
    }
    f->guesses = guesses;
    f->in_loop = in_loop;
    if (result.set == 0)
        result.set = sets_one(p->sets, UNKNOWN_OBJECT);
    return result;
}
