/* regions: control flow. Branches fork the flow state and join it; loops run their body twice where the first
 * pass leaves something behind for the second; conditions that hold are
 * kept in a list, also behind an early exit (`if k in d: return …`). */
#include "program/evaluate/frame.h"

#include "program/evaluate/loops.h"
#include "program/records/notes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

#define SECOND_PASS_DEPTH 2 /* loops nested deeper than this run their body once */

static struct region *region_push(struct frame *f, const struct ir_op *op)
{
    struct region region = {.code = op->code, .op = f->op, .control = f->now.control};
    region.merged.dead = region.abrupt.dead = region.body.dead = true;
    flow_copy(f, &region.before, &f->now);
    vec_push(&f->regions, region);
    return &vec_last(&f->regions);
}

static void region_release(struct frame *f, struct region *r)
{
    flow_release(f, &r->before);
    flow_release(f, &r->merged);
    flow_release(f, &r->abrupt);
    flow_release(f, &r->body);
}

/* The instruction index within the function of a module-wide one. */
static uint32_t local_index(const struct frame *f, uint32_t module_index)
{
    return module_index - f->fn->first_op;
}

/* ---- if ---- */

/* Whether a value is an argument that this call was not given, or given as None. */
static bool is_none_argument(const struct frame *f, ir_value value)
{
    const struct val *v = &f->vals[value];
    return v->path != 0 && path_at(f->p, v->path)->kind == PATH_PARAM && value_is(f->p, v->set, NONE_OBJECT);
}

/* The truth of a condition that is known beforehand: of a literal, or of a test for None of such an argument. */
static int constant_truth(const struct frame *f, ir_value value)
{
    const struct ir_op *op = &f->ops[f->vals[value].op];
    if (is_none_argument(f, value))
        return 0;
    if (op->code == IR_COMPARE && op->result == value && (op->aux == IR_OP_IS || op->aux == IR_OP_IS_NOT)) {
        const struct ir_op *other = &f->ops[f->vals[op->b].op];
        bool none = other->code == IR_CONST && other->result == op->b && other->aux == IR_NONE;
        return none && is_none_argument(f, op->a) ? op->aux == IR_OP_IS : -1;
    }
    if (op->code != IR_CONST || op->result != value)
        return -1;
    if (op->aux == IR_TRUE)
        return 1;
    if (op->aux == IR_FALSE || op->aux == IR_NONE)
        return 0;
    if (op->aux == IR_INT)
        return !str_equal(f->u->ir->names[op->a], STR("0"));
    return -1;
}

/* Where the condition is what a try to take a lock came to: without the lock on the side where it was not taken. */
static void if_untaken(struct frame *f, struct region *r, ir_value condition)
{
    bool negated = false;
    uint32_t at = val_at(f, condition)->op;
    while (at < f->fn->op_count && f->ops[at].code == IR_UNARY && f->ops[at].aux == IR_OP_NOT) {
        negated = !negated;
        at = val_at(f, f->ops[at].a)->op;
    }
    if (at < f->fn->op_count && f->ops[at].code == IR_CALL)
        lock_untaken(f, negated ? &f->now : &r->before, at + 1);
}

uint32_t region_if(struct frame *f, const struct ir_op *op)
{
    struct val *condition = val_at(f, op->a);
    int truth = constant_truth(f, op->a);
    region_push(f, op);
    struct region *r = &vec_last(&f->regions);
    r->subject = *condition;
    r->if_locks = f->now.locks;
    r->test = val_test(f, condition);
    if (op->flags & IR_FLAG_BOOLEAN) { /* `a and b` goes on as the value of its temporary: with what was asked of a */
        condition->test = r->test;
        for (uint32_t i = 0; i < f->fn->local_count; i++)
            if (f->now.locals[i].op == condition->op && f->now.locals[i].set == condition->set) {
                f->now.locals[i].test = r->test;
                r->before.locals[i].test = r->test;
            }
    }
    if_untaken(f, r, op->a);
    if (truth == 1)
        r->before.dead = true;
    if (truth == 0)
        f->now.dead = true;
    control_push(f, r->test, true, false);
    return f->op + 1;
}

static void if_else(struct frame *f, struct region *r)
{
    flow_take(f, &r->merged, &f->now);
    flow_take(f, &f->now, &r->before);
    f->now.control = r->control;
    control_push(f, r->test, false, false);
    r->in_else = true;
}

static void if_end(struct frame *f, struct region *r)
{
    if (!r->in_else)
        if_else(f, r);
    bool then_dead = r->merged.dead, else_dead = f->now.dead;
    if (then_dead || else_dead)
        nesting_branched(f, &f->ops[r->op]);
    if (then_dead)
        return; /* what follows runs only where the condition was false: keep it as a condition */
    if (else_dead) {
        flow_take(f, &f->now, &r->merged);
        return;
    }
    /* `if lock: lock.acquire()`: where there is no lock there is nothing to guard; nor to release, for `if lock:
     * lock.release()` */
    set_id tested = sets_minus(f->p->sets, lock_objects(f, r->subject.set), r->if_locks);
    set_id locks = sets_intersection(f->p->sets, tested, sets_union(f->p->sets, f->now.locks, r->merged.locks));
    set_id tokens = locks != 0 ? sets_union(f->p->sets, f->now.tokens, r->merged.tokens) : 0;
    flow_join(f, &f->now, &r->merged);
    f->now.locks = sets_union(f->p->sets, f->now.locks, locks);
    f->now.tokens = sets_union(f->p->sets, f->now.tokens, tokens);
    f->now.control = r->control;
}

/* ---- loops ---- */

uint32_t region_loop(struct frame *f, const struct ir_op *op)
{
    if (op->code == IR_FOR && (op->flags & IR_FLAG_ASYNC))
        note_await(f);
    struct region *r = region_push(f, op);
    f->loop_depth++;
    if (op->code == IR_FOR) {
        r->subject = *val_at(f, op->a);
        struct val *element = val_at(f, op->result);
        uint32_t objects[8], count = 0;
        set_id elements = 0;
        for (uint32_t i = 0; i < sets_count(f->p->sets, r->subject.set) && count < 8; i++) {
            object_id object = sets_member(f->p->sets, r->subject.set, i);
            enum model_role role = object_role(f->p, object);
            uint8_t kind = object_at(f->p, object)->kind;
            if (role_is_container(role) && role != ROLE_TUPLE && role != ROLE_ITERATOR)
                objects[count++] = object;
            if (kind == OBJECT_PATH && role == ROLE_NONE && object_class(f->p, object) == 0)
                objects[count++] = object;
            object_id class_object = object_class(f->p, object);
            if (class_object != 0 && object_at(f->p, class_object)->kind == OBJECT_CLASS) {
                struct val it = call_method(f, object, NAME_ITER, NULL, 0);
                elements = value_union(f->p, elements, place_contents(f, &it).set);
            }
        }
        r = &vec_last(&f->regions);
        struct access_info info = {.field = FIELD_CONTENTS, .kind = ACCESS_ITERATE};
        uint32_t walked = r->subject.op < f->fn->op_count ? r->subject.op : f->op;
        iterator_consumed(f, r->subject.set, f->ops[walked].span, NULL);
        uint64_t reads = access_read(f, objects, count, &info);
        *element = place_contents(f, &r->subject);
        element->set = value_union(f->p, element->set, elements);
        element->reads = r->subject.reads | reads;
        element->params = r->subject.params;
        element->op = f->op;
        element->path = paths_step(f->p, r->subject.path, PATH_ELEMENT, f->op, 0);
    }
    return f->op + 1;
}

uint32_t region_test(struct frame *f, const struct ir_op *op)
{
    struct val *condition = val_at(f, op->a);
    size_t i = f->regions.len;
    while (i > 0 && f->regions.data[i - 1].code != IR_LOOP)
        i--;
    if (i == 0)
        return f->op + 1;
    struct region *r = &f->regions.data[i - 1];
    uint32_t test = val_test(f, condition);
    if (constant_truth(f, op->a) != 1) {
        uint32_t control = f->now.control;
        f->now.control = r->control;
        flow_join(f, &r->merged, &f->now);
        f->now.control = control;
    }
    r->test = test;
    control_push(f, test, true, true);
    return f->op + 1;
}

/* At the end of the body: once more with what the first pass left behind, then on. */
static bool loop_again(struct frame *f, struct region *r)
{
    flow_join(f, &f->now, &r->abrupt);
    flow_release(f, &r->abrupt);
    capture_overtaken(f, r->op);
    if (r->second_pass || f->now.dead || f->loop_depth > SECOND_PASS_DEPTH || !loop_carries(f, r))
        return false;
    r->second_pass = true;
    if (r->code == IR_FOR)
        val_at(f, f->ops[r->op].result)->path = paths_step(f->p, r->subject.path, PATH_ELEMENT, r->op, 1);
    flow_join(f, &f->now, &r->before);
    f->now.control = r->control;
    return true;
}

/* A display with elements, or such a one sorted: its loop runs at least once. */
static bool has_elements(const struct frame *f, const struct val *walked)
{
    uint32_t at = walked->op;
    for (int i = 0; i < 3 && at < f->fn->op_count; i++) {
        const struct ir_op *op = &f->ops[at];
        const struct ir_arg *arg = op->c > 0 ? &f->u->ir->args[op->b] : NULL;
        if (op->code == IR_NEW)
            return op->aux <= IR_NEW_SET && arg != NULL && arg->kind == IR_ARG_PLAIN;
        if (op->code != IR_CALL || arg == NULL || arg->kind != IR_ARG_PLAIN)
            return false;
        set_id callee = f->vals[op->a].set;
        const struct object *o =
            sets_count(f->p->sets, callee) == 1 ? object_at(f->p, sets_member(f->p->sets, callee, 0)) : NULL;
        if (o == NULL || o->kind != OBJECT_EXTERNAL || o->model == NULL || !o->model->keeps_length)
            return false;
        at = f->vals[arg->value].op;
    }
    return false;
}

static void loop_exit(struct frame *f, struct region *r)
{
    if (r->code == IR_FOR) {
        /* a lock of each element, taken and kept: without elements there is nothing to guard */
        set_id locks = f->now.dead ? 0 : f->now.locks, tokens = f->now.dead ? 0 : f->now.tokens;
        if (!has_elements(f, &r->subject) || f->now.dead)
            flow_join(f, &f->now, &r->before);
        flow_join(f, &f->now, &r->merged);
        f->now.locks = sets_union(f->p->sets, f->now.locks, locks);
        f->now.tokens = sets_union(f->p->sets, f->now.tokens, tokens);
    } else {
        flow_take(f, &f->now, &r->merged);
    }
    f->now.control = r->control;
    f->loop_depth--;
    if (r->code != IR_FOR)
        return;
    if (r->searched && !f->now.dead) { /* none of the elements was the right one */
        uint64_t walked = span_walks(f, val_at(f, f->ops[r->op].result)->reads);
        control_push(f, test_new(f, CHECK_IN, false, walked), false, false);
    }
    uint32_t walked = r->subject.op < f->fn->op_count ? r->subject.op : r->op;
    spawn_join_results(f, r->subject.set, f->ops[walked].span);
}

/* ---- try ---- */

static bool try_has_finally(const struct frame *f, const struct ir_op *op)
{
    const struct ir_op *at = op;
    for (int i = 0; i < 10000 && at->code != IR_END; i++) {
        if (at->code == IR_FINALLY)
            return true;
        at = &f->ops[local_index(f, at->c)];
    }
    return false;
}

/* By its last part, since where a name comes from is not known before the handler is evaluated. */
void regions_prepare(struct program *p)
{
    for (size_t i = 0; i < models_count(p->models); i++) {
        const struct model *model = models_at(p->models, i);
        if (!model->may_mean_gone && !model->lookup_error)
            continue;
        struct str full = str_of(model->name);
        name_id name = intern_find(p->names, str_slice(full, str_rfind_char(full, '.') + 1, full.len));
        if (name != 0) /* the program has such a name */
            map_put(&p->lookup_errors, name, 1);
    }
}

static bool is_lookup_error(const struct frame *f, ir_name name)
{
    return map_get(&f->p->lookup_errors, name_of(f, name), NULL);
}

/* Looks at the handlers of a TRY: the types they name, or none at all. */
static bool try_handles_lookup(const struct frame *f, const struct ir_op *op)
{
    const struct ir_op *clause = op;
    for (int i = 0; i < 1000 && clause->code != IR_END; i++) {
        if (clause->code == IR_EXCEPT)
            for (const struct ir_op *at = clause + 1; at < clause + 24; at++) {
                if (at->code == IR_READ_GLOBAL && is_lookup_error(f, at->a))
                    return true;
                if (at->code == IR_READ_ATTR && is_lookup_error(f, at->b))
                    return true;
                if (at->code == IR_CATCH && at->a == 0)
                    return true;
                if (at->code == IR_CATCH || at->code == IR_END)
                    break;
            }
        clause = &f->ops[local_index(f, clause->c)];
    }
    return false;
}

bool region_has_finally(const struct frame *f)
{
    for (size_t i = f->regions.len; i-- > 0;)
        if (f->regions.data[i].code == IR_TRY && f->regions.data[i].has_finally && !f->regions.data[i].in_finally)
            return true;
    return false;
}

bool region_handles_lookup(const struct frame *f)
{
    for (size_t i = f->regions.len; i-- > 0;)
        if (f->regions.data[i].code == IR_TRY && !f->regions.data[i].body_done && f->regions.data[i].handles_lookup)
            return true;
    return false;
}

uint32_t region_try(struct frame *f, const struct ir_op *op)
{
    struct region *r = region_push(f, op);
    r->handles_lookup = try_handles_lookup(f, op);
    r->has_finally = try_has_finally(f, op);
    r->reads_before = f->event_count;
    return f->op + 1;
}

static void try_body_done(struct frame *f, struct region *r)
{
    if (r->body_done) {
        if (!r->in_finally && !f->now.dead) {
            r->ends++;
            r->end_control = f->now.control;
        }
        if (!r->in_finally)
            flow_join(f, &r->merged, &f->now); /* end of a handler or of ELSE */
        return;
    }
    r->body_done = true;
    flow_take(f, &r->body, &f->now);
}

uint32_t region_except(struct frame *f, const struct ir_op *op)
{
    (void)op;
    struct region *r = &vec_last(&f->regions);
    try_body_done(f, r);
    struct flow entry = {.dead = true};
    flow_copy(f, &entry, &r->before);
    if (!r->body.dead)
        flow_join(f, &entry, &r->body);
    flow_take(f, &f->now, &entry);
    flow_release(f, &entry);
    f->now.control = r->control;
    f->now.dead = r->before.dead;
    uint64_t all = f->event_count == 64 ? UINT64_MAX : ((uint64_t)1 << f->event_count) - 1;
    uint64_t earlier = r->reads_before >= 64 ? UINT64_MAX : ((uint64_t)1 << r->reads_before) - 1;
    control_push(f, test_new(f, CHECK_MISSING, false, all & ~earlier), true, false);
    return f->op + 1;
}

/* Only a handler of what a failed look-up raises says that the place was empty. */
void region_catch(struct frame *f, const struct ir_op *op)
{
    struct region *r = &vec_last(&f->regions);
    if (op->a != 0) {
        bool lookup = false;
        struct val types = *val_at(f, op->a), parts = place_contents(f, &types);
        set_id all = value_union(f->p, types.set, parts.set);
        for (uint32_t i = 0; i < sets_count(f->p->sets, all); i++) {
            const struct object *o = object_at(f->p, sets_member(f->p->sets, all, i));
            lookup |= o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->lookup_error;
        }
        if (!lookup)
            f->now.control = r->control;
    } else {
        f->now.control = r->control;
    }
    struct val *v = val_at(f, op->result);
    *v = val_of(sets_one(f->p->sets, UNKNOWN_OBJECT));
    v->op = f->op;
}

uint32_t region_finally(struct frame *f, const struct ir_op *op)
{
    (void)op;
    struct region *r = &vec_last(&f->regions);
    try_body_done(f, r);
    if (!r->in_else)
        flow_join(f, &r->merged, &r->body);
    r->in_finally = true;
    r->normal_dead = r->merged.dead;
    flow_take(f, &f->now, &r->merged);
    flow_join(f, &f->now, &r->abrupt);
    f->now.control = r->control;
    return f->op + 1;
}

static void try_end(struct frame *f, struct region *r)
{
    if (!r->in_finally) {
        try_body_done(f, r);
        if (!r->in_else)
            flow_join(f, &r->merged, &r->body);
        flow_take(f, &f->now, &r->merged);
        /* handlers that only leave: what follows ran the body to its end; a body that only leaves: it ran the handler
         */
        f->now.control = !r->in_else && r->body.dead && r->ends == 1 ? r->end_control : r->control;
        return;
    }
    if (!r->normal_dead)
        return;
    bool returns = r->returns;
    size_t outer = f->regions.len - 1;
    if (returns) {
        while (outer > 0) {
            struct region *o = &f->regions.data[outer - 1];
            if (o->code == IR_TRY && o->has_finally && !o->in_finally) {
                flow_join(f, &o->abrupt, &f->now);
                o->returns = true;
                break;
            }
            outer--;
        }
        if (outer == 0)
            frame_exit(f);
    }
    f->now.dead = true;
}

/* ---- with ---- */

uint32_t region_with(struct frame *f, const struct ir_op *op)
{
    if (op->flags & IR_FLAG_ASYNC)
        note_await(f);
    struct val manager = *val_at(f, op->a);
    region_push(f, op);
    struct region entering = {0};
    struct val entered;
    lock_enter(f, &entering, &manager, &entered);
    struct region *r = &vec_last(&f->regions);
    r->subject = manager;
    r->with_locks = entering.with_locks;
    r->with_tokens = entering.with_tokens;
    if (entered.set != manager.set)
        entered.path = 0;
    *val_at(f, op->result) = entered;
    val_at(f, op->result)->op = f->op;
    return f->op + 1;
}

/* ---- clauses and ends ---- */

uint32_t region_else(struct frame *f, const struct ir_op *op)
{
    struct region *r = &vec_last(&f->regions);
    switch (r->code) {
    case IR_IF: if_else(f, r); break;
    case IR_LOOP:
    case IR_FOR:
        if (loop_again(f, r))
            return r->op + 1;
        loop_exit(f, r);
        r->in_else = true;
        break;
    case IR_TRY:
        try_body_done(f, r);
        r->in_else = true;
        flow_take(f, &f->now, &r->body);
        f->now.control = r->control;
        break;
    default: BUG("else of instruction %u", r->code);
    }
    (void)op;
    return f->op + 1;
}

uint32_t region_end(struct frame *f, const struct ir_op *op)
{
    struct region *r = &vec_last(&f->regions);
    (void)op;
    switch (r->code) {
    case IR_IF: if_end(f, r); break;
    case IR_LOOP:
    case IR_FOR:
        if (!r->in_else) {
            if (loop_again(f, r))
                return r->op + 1;
            loop_exit(f, r);
        }
        break;
    case IR_TRY: try_end(f, r); break;
    case IR_WITH: {
        struct region copy = *r;
        lock_leave(f, &copy);
        r = &vec_last(&f->regions);
        break;
    }
    default: break;
    }
    region_release(f, r);
    f->regions.len--;
    return f->op + 1;
}

void frame_exit(struct frame *f)
{
    struct flow *exit = &f->exit;
    struct flow leaving = {0};
    release_exit(f);
    flow_copy(f, &leaving, &f->now);
    for (size_t i = 0; i < f->regions.len; i++)
        if (f->regions.data[i].code == IR_WITH)
            lock_left(f, &leaving, &f->regions.data[i]);
    set_id kept = sets_minus(f->p->sets, leaving.locks, f->c->locks);
    f->c->locks_kept = sets_union(f->p->sets, f->c->locks_kept, kept);
    flow_join(f, exit, &leaving);
    flow_release(f, &leaving);
}

static void loop_leave(struct frame *f, bool again)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        struct region *r = &f->regions.data[i];
        if ((r->code == IR_LOOP || r->code == IR_FOR) && !r->in_else) {
            struct flow leaving = {0};
            flow_copy(f, &leaving, &f->now);
            for (size_t k = i; k < f->regions.len; k++)
                if (f->regions.data[k].code == IR_WITH)
                    lock_left(f, &leaving, &f->regions.data[k]);
            flow_join(f, again ? &r->abrupt : &r->merged, &leaving);
            flow_release(f, &leaving);
            return;
        }
    }
}

void region_leave(struct frame *f, const struct ir_op *op)
{
    if (f->now.dead)
        return;
    size_t i = f->regions.len;
    for (; i > 0; i--) {
        struct region *r = &f->regions.data[i - 1];
        bool loop = (r->code == IR_LOOP || r->code == IR_FOR) && !r->in_else;
        r->searched |= loop && (op->code == IR_RETURN || op->code == IR_RAISE);
        if (loop && (op->code == IR_BREAK || op->code == IR_CONTINUE))
            break;
        if (r->code != IR_TRY || !r->has_finally || r->in_finally)
            continue;
        flow_join(f, &r->abrupt, &f->now);
        if (op->code == IR_RETURN)
            r->returns = true;
        break;
    }
    bool through_finally = i > 0 && f->regions.data[i - 1].code == IR_TRY;
    if (op->code == IR_RETURN && !through_finally)
        frame_exit(f);
    if (op->code == IR_BREAK || op->code == IR_CONTINUE)
        loop_leave(f, op->code == IR_CONTINUE);
    f->now.dead = true;
}
