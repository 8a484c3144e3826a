#include "program/evaluate/frame.h"

#include "ir/opcodes.h"
#include "program/records/notes.h"
#include "program/symbols/classes.h"
#include "program/threads/tasks.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* Something of unknown type that is entered or acquired, and is called a lock: taking it for one can only silence. */
static bool is_called_lock(const struct frame *f, object_id object)
{
    static const char *const parts[] = {"lock", "mutex", "cond", "sem", "Lock", "LOCK", "guard"};
    const struct object *o = object_at(f->p, object);
    if (o->kind != OBJECT_PATH || o->c != 0)
        return false;
    struct str name = name_text(f->p, o->b);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_find(name, str_of(parts[i])) != SIZE_MAX)
            return true;
    return false;
}

set_id lock_objects(struct frame *f, set_id value)
{
    set_id locks = 0;
    uint32_t count = sets_count(f->p->sets, value);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(f->p->sets, value, i);
        if (!role_is_lock(object_role(f->p, object)) && !is_called_lock(f, object))
            continue;
        /* a Condition made around a lock is that lock */
        const struct field *inner = heap_find(f->p, object, FIELD_INNER);
        if (inner != NULL && inner->value != 0 && sets_count(f->p->sets, inner->value) == 1 &&
            role_is_lock(object_role(f->p, sets_member(f->p->sets, inner->value, 0))))
            object = sets_member(f->p->sets, inner->value, 0);
        locks = sets_add(f->p->sets, locks, object);
    }
    return locks;
}

/* One object; or an instance, and what stands for any instance of its class. */
static bool is_same_holder(const struct program *p, object_id a, object_id b)
{
    if (a == b)
        return true;
    const struct object *x = object_at(p, a), *y = object_at(p, b);
    bool any = x->kind == OBJECT_GENERIC || y->kind == OBJECT_GENERIC;
    return any && object_class(p, a) != 0 && object_class(p, a) == object_class(p, b);
}

/* Of locks that one field of one object may hold, made in different places or given by who makes the object, one that
 * stands for all: they are one lock to all who go through that field. 0: they are not. */
static object_id one_field_lock(const struct program *p, set_id locks)
{
    object_id found = 0;
    for (uint32_t i = 0; i < sets_count(p->sets, locks); i++) {
        object_id lock = sets_member(p->sets, locks, i);
        const struct object *o = object_at(p, lock);
        if (o->kind == OBJECT_PATH && object_at(p, o->a)->kind == OBJECT_FUNCTION)
            continue; /* an argument */
        if (o->home == 0)
            return 0;
        const struct object *first = found != 0 ? object_at(p, found) : o;
        if (o->home_field != first->home_field || !is_same_holder(p, o->home, first->home))
            return 0;
        found = found != 0 ? found : lock;
    }
    return found;
}

/* The one lock that locks are, to whoever takes or gives them back; 0: they may be several. */
static object_id one_lock(const struct program *p, set_id locks)
{
    return sets_count(p->sets, locks) == 1 ? sets_member(p->sets, locks, 0) : one_field_lock(p, locks);
}

/* Taking a lock that may be one of several proves nothing, neither that it is held nor that it is not. */
void lock_acquire(struct frame *f, set_id locks)
{
    struct program *p = f->p;
    if (locks == 0)
        return;
    f->now.maybe_locks = sets_union(p->sets, f->now.maybe_locks, locks);
    object_id lock = one_lock(p, locks);
    if (lock == 0) {
        f->now.own_locks = sets_union(p->sets, f->now.own_locks, locks);
        return;
    }
    if (sets_has(p->sets, f->now.owned, lock)) {
        if (f->recording) {
            struct acc acc = {.context = f->id,
                              .unit = f->c->unit,
                              .function = f->c->function,
                              .op = f->op,
                              .object = lock,
                              .span = f->ops[f->op].span,
                              .locks = f->now.locks,
                              .running = f->now.running};
            struct rare_records *rare = context_rare(f->p, f->c);
            vec_push(&rare->local_locks, acc);
        }
        f->now.own_locks = sets_add(p->sets, f->now.own_locks, lock);
        return; /* nobody else can have it: it guards nothing */
    }
    f->now.locks = sets_add(p->sets, f->now.locks, lock);
    f->now.freed = sets_remove(p->sets, f->now.freed, lock);
    uint32_t token = token_new(f, f->op + 1, lock);
    if (token != 0)
        f->now.tokens = sets_add(p->sets, f->now.tokens, token);
}

/* Whether this call has taken the lock at some point. */
static bool is_taken_here(const struct frame *f, object_id lock)
{
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (f->acquired.data[i].lock == lock)
            return true;
    return false;
}

void lock_found_held(struct frame *f, set_id locks)
{
    struct sets *sets = f->p->sets;
    object_id lock = one_lock(f->p, locks);
    enum model_role role = object_role(f->p, lock);
    if (lock == 0 || (role != ROLE_LOCK && role != ROLE_RLOCK && role != ROLE_CONDITION) || is_taken_here(f, lock) ||
        sets_has(sets, f->now.maybe_locks, lock) || sets_has(sets, f->now.own_locks, lock) ||
        sets_has(sets, f->now.freed, lock) || sets_has(sets, f->c->held_before, lock))
        return;
    f->c->held_before = sets_add(sets, f->c->held_before, lock);
    context_enqueue(f->p, f->id);
}

void lock_release(struct frame *f, set_id locks)
{
    uint32_t count = sets_count(f->p->sets, locks);
    for (uint32_t i = 0; i < count; i++) {
        object_id lock = sets_member(f->p->sets, locks, i);
        bool own = false; /* taken here: a caller that holds it, too, goes on holding it */
        for (uint32_t k = 0; k < f->acquired.len; k++) {
            if (f->acquired.data[k].lock != lock)
                continue;
            own |= sets_has(f->p->sets, f->now.tokens, f->acquired.data[k].token);
            f->now.tokens = sets_remove(f->p->sets, f->now.tokens, f->acquired.data[k].token);
        }
        if (!own || !sets_has(f->p->sets, f->c->locks, lock))
            f->now.locks = sets_remove(f->p->sets, f->now.locks, lock);
        f->now.own_locks = sets_remove(f->p->sets, f->now.own_locks, lock);
    }
    f->now.maybe_locks = sets_union(f->p->sets, sets_minus(f->p->sets, f->now.maybe_locks, locks), f->now.locks);
}

void lock_untaken(struct frame *f, struct flow *flow, uint32_t token)
{
    struct sets *sets = f->p->sets;
    for (uint32_t i = 0; i < f->acquired.len; i++) {
        const struct acquired *a = &f->acquired.data[i];
        if (a->token != token || (a->taking.flags & TAKING_TRIED) == 0 || !sets_has(sets, flow->tokens, token))
            continue;
        flow->tokens = sets_remove(sets, flow->tokens, token);
        if (sets_has(sets, f->c->locks, a->lock))
            continue; /* by a caller */
        flow->locks = sets_remove(sets, flow->locks, a->lock);
        flow->maybe_locks = sets_remove(sets, flow->maybe_locks, a->lock);
    }
}

/* with self.lock.reader(): a side of something unknown that is called a lock. */
static set_id lock_behind(struct frame *f, const struct val *manager)
{
    if (manager->op >= f->fn->op_count || f->ops[manager->op].code != IR_CALL ||
        !value_is(f->p, manager->set, UNKNOWN_OBJECT))
        return 0;
    const struct val *callee = val_at(f, f->ops[manager->op].a);
    if (callee->op >= f->fn->op_count || f->ops[callee->op].code != IR_READ_ATTR)
        return 0;
    return lock_objects(f, val_at(f, f->ops[callee->op].a)->set);
}

/* with self.rw.reading(): a side of an object of the program whose class is called a lock. How it is built, of a
 * condition and counters, says less than its name. */
static set_id own_lock_behind(struct frame *f, const struct val *manager)
{
    struct program *p = f->p;
    if (manager->op >= f->fn->op_count || f->ops[manager->op].code != IR_CALL)
        return 0;
    const struct val *callee = val_at(f, f->ops[manager->op].a);
    if (callee->op >= f->fn->op_count || f->ops[callee->op].code != IR_READ_ATTR)
        return 0;
    set_id value = val_at(f, f->ops[callee->op].a)->set;
    const struct object *o = sets_count(p->sets, value) == 1 ? object_at(p, sets_member(p->sets, value, 0)) : NULL;
    if (o == NULL || (o->kind != OBJECT_INSTANCE && o->kind != OBJECT_GENERIC) || class_find(p, o->a) == NULL)
        return 0;
    const struct object *class_object = object_at(p, o->a);
    const struct ir_module *ir = p->units.data[class_object->a].ir;
    struct str name = ir->names[ir->classes[class_object->b].name];
    bool lock = str_find(name, STR("Lock")) != SIZE_MAX || str_find(name, STR("Mutex")) != SIZE_MAX;
    return lock ? value : 0;
}

/* with manager: a modelled lock or executor, an instance with __enter__, or the result of a generator function. */
void lock_enter(struct frame *f, struct region *region, const struct val *manager, struct val *entered)
{
    struct program *p = f->p;
    set_id locks_before = f->now.locks, tokens_before = f->now.tokens;
    *entered = *manager;
    entered->test = 0;
    set_id locks = lock_objects(f, manager->set);
    if (locks == 0)
        locks = lock_behind(f, manager);
    struct ir_span span = manager->op < f->fn->op_count ? f->ops[manager->op].span : f->ops[f->op].span;
    if (locks != 0) {
        nesting_take(f, locks, manager->path, span, TAKING_SCOPED);
    } else {
        set_id result = 0;
        object_id generator = object_external(p, CLASS_GENERATOR);
        uint32_t count = sets_count(p->sets, manager->set);
        for (uint32_t i = 0; i < count; i++) {
            object_id object = sets_member(p->sets, manager->set, i);
            const struct field *held = heap_find(p, object, FIELD_INNER);
            bool modelled = object_at(p, object)->kind == OBJECT_MODELLED, holds = held != NULL && held->value != 0;
            if (modelled && (holds || object_at(p, object)->a == generator)) {
                if (holds) /* a generator function's: held at its yield */
                    nesting_take(f, lock_objects(f, held->value), 0, span, TAKING_SCOPED);
                lock_acquire(f, own_lock_behind(f, manager)); /* also of the side that holds what it is made of */
                result = value_union(p, result, heap_read(p, object, FIELD_CONTENTS, f->id));
                continue;
            }
            object_id class_object = object_class(p, object);
            if (class_object != 0 && class_find(p, class_object) != NULL) {
                bool async = (f->ops[f->op].flags & IR_FLAG_ASYNC) != 0;
                struct val v = call_method(f, object, async ? NAME_AENTER : NAME_ENTER, NULL, 0);
                result = value_union(p, result, v.set);
            } else {
                result = sets_add(p->sets, result, object);
            }
        }
        entered->set = result != 0 ? result : manager->set;
        if (f->now.locks == locks_before)
            nesting_take(f, own_lock_behind(f, manager), 0, span, TAKING_SCOPED);
    }
    region->with_locks = sets_minus(p->sets, f->now.locks, locks_before);
    region->with_tokens = sets_minus(p->sets, f->now.tokens, tokens_before);
}

void lock_enter_by(struct frame *f, object_id stack, const struct val *manager)
{
    struct region entering = {0};
    struct val entered;
    lock_enter(f, &entering, manager, &entered);
    for (size_t i = f->regions.len; i-- > 0;) {
        struct region *r = &f->regions.data[i];
        if (r->code != IR_WITH || !sets_has(f->p->sets, r->subject.set, stack))
            continue;
        r->with_locks = sets_union(f->p->sets, r->with_locks, entering.with_locks);
        r->with_tokens = sets_union(f->p->sets, r->with_tokens, entering.with_tokens);
        return;
    }
}

void lock_left(struct frame *f, struct flow *flow, const struct region *with)
{
    struct sets *sets = f->p->sets;
    set_id taken = sets_union(sets, with->with_locks, lock_objects(f, with->subject.set));
    flow->locks = sets_minus(sets, flow->locks, with->with_locks);
    flow->own_locks = sets_minus(sets, flow->own_locks, with->subject.set);
    flow->maybe_locks = sets_union(sets, sets_minus(sets, flow->maybe_locks, taken), flow->locks);
    flow->tokens = sets_minus(sets, flow->tokens, with->with_tokens);
}

void lock_leave(struct frame *f, struct region *region)
{
    struct program *p = f->p;
    uint32_t count = sets_count(p->sets, region->subject.set);
    release_left(f, region);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(p->sets, region->subject.set, i);
        enum model_role role = object_role(p, object);
        const struct model *type = object_type_model(p, object);
        const struct model *leaves = role == ROLE_EXECUTOR ? models_member(p->models, type, STR("__exit__")) : NULL;
        if (leaves != NULL && (leaves->effects & EFFECT_JOIN))
            spawn_join_executor(f, object);
        task_scope_left(f, type);
        object_id class_object = object_class(p, object);
        if (class_object != 0 && class_find(p, class_object) != NULL && !f->now.dead) {
            struct val none = val_of(sets_one(p->sets, NONE_OBJECT));
            struct val args[3] = {none, none, none};
            call_method(f, object, NAME_EXIT, args, 3);
        }
    }
    lock_left(f, &f->now, region);
}

/* Whether the function gives an object of its own to somebody: as an argument, in a container, as a bound method. */
static bool is_passed_on(const struct frame *f, object_id object)
{
    for (uint32_t i = 0; i < f->fn->op_count; i++) {
        const struct ir_op *op = &f->ops[i];
        bool method = op->code == IR_READ_ATTR && (op->flags & IR_FLAG_CALLEE) == 0;
        if (method && sets_has(f->p->sets, f->vals[op->a].set, object))
            return true;
        bool takes_args = ir_opcode_info(op->code)->operands[1] == IR_OPERAND_ARGS;
        for (uint32_t k = 0; takes_args && k < op->c; k++)
            if (sets_has(f->p->sets, f->vals[f->u->ir->args[op->b + k].value].set, object))
                return true;
    }
    return false;
}

void lock_drop_shared(struct frame *f)
{
    struct rare_records *rare = f->c->rare;
    size_t kept = 0;
    for (size_t i = 0; i < rare->local_locks.len; i++) {
        object_id lock = rare->local_locks.data[i].object;
        bool kept_private = f->exit.locals == NULL || sets_has(f->p->sets, f->exit.owned, lock);
        if (kept_private && !is_passed_on(f, lock))
            rare->local_locks.data[kept++] = rare->local_locks.data[i];
    }
    if (kept < rare->local_locks.len)
        rare->local_locks.len = kept;
}
