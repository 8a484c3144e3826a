#include "program/evaluate/frame.h"

#include "program/hazards/publish.h"
#include "program/records/written.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

void frame_own(struct frame *f, object_id object)
{
    if (sets_count(f->p->sets, f->now.owned) < OWNED_MAX)
        f->now.owned = sets_add(f->p->sets, f->now.owned, object);
    if (f->now.handed != 0)
        handoff_made(f, object);
}

static bool own_part(struct program *p, object_id object, void *data)
{
    struct frame *f = data;
    const struct object *o = object_at(p, object);
    bool part = o->kind == OBJECT_MODELLED && sets_has(p->sets, f->now.owned, o->home);
    if (part)
        frame_own(f, object);
    return part || sets_has(p->sets, f->now.owned, object);
}

void frame_own_taken(struct frame *f, set_id value)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        object_id object = sets_member(p->sets, value, i);
        const struct object *o = object_at(p, object);
        bool element = o->kind == OBJECT_PATH && o->b == FIELD_CONTENTS; /* whatever was put there */
        if (!element && ((o->kind != OBJECT_INSTANCE && o->kind != OBJECT_MODELLED) || (o->flags & OBJECT_KEPT)))
            continue;
        frame_own(f, object);
        heap_walk(p, object, own_part, f);
    }
}

bool access_by_thread(const struct frame *f, const struct val *key)
{
    return key != NULL && sets_has(f->p->sets, key->set, THREAD_ID_OBJECT) &&
           value_is(f->p, sets_remove(f->p->sets, key->set, NONE_OBJECT), THREAD_ID_OBJECT);
}

void access_own_found(struct frame *f, set_id value)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++) {
        object_id object = sets_member(f->p->sets, value, i);
        uint8_t kind = object_at(f->p, object)->kind;
        if (kind == OBJECT_INSTANCE || kind == OBJECT_MODELLED || kind == OBJECT_PATH)
            frame_own(f, object);
    }
}

struct escape {
    struct frame *f;
    bool by_thread; /* also what is reached by way of objects that are not owned any more */
    uint32_t found;
    object_id objects[64]; /* owned ones reached */
};

static bool escape_visit(struct program *p, object_id object, void *data)
{
    struct escape *e = data;
    bool owned = sets_has(p->sets, e->f->now.owned, object);
    if (owned && e->found < 64)
        e->objects[e->found++] = object;
    uint8_t kind = object_at(p, object)->kind;
    bool made = e->by_thread && (kind == OBJECT_INSTANCE || kind == OBJECT_MODELLED);
    return owned || made || kind == OBJECT_FUNCTION || kind == OBJECT_BOUND || kind == OBJECT_METHOD ||
           kind == OBJECT_CELLS;
}

static void escape(struct frame *f, set_id value, bool by_thread)
{
    if (f->now.owned == 0 || value == 0)
        return;
    struct program *p = f->p;
    uint32_t count = sets_count(p->sets, value);
    for (uint32_t i = 0; i < count; i++) {
        object_id object = sets_member(p->sets, value, i);
        uint8_t kind = object_at(p, object)->kind;
        bool owned = sets_has(p->sets, f->now.owned, object);
        if (!owned && !by_thread && kind != OBJECT_FUNCTION && kind != OBJECT_BOUND && kind != OBJECT_METHOD)
            continue;
        struct escape e = {.f = f, .by_thread = by_thread};
        heap_walk(p, object, escape_visit, &e);
        for (uint32_t j = 0; j < e.found; j++) {
            f->now.owned = sets_remove(p->sets, f->now.owned, e.objects[j]);
            if (sets_count(p->sets, f->given) < GIVEN_MAX)
                f->given = sets_add(p->sets, f->given, e.objects[j]);
            if (sets_has(p->sets, f->c->owned, e.objects[j]))
                f->c->escaped = sets_add(p->sets, f->c->escaped, e.objects[j]);
        }
    }
}

void frame_escape(struct frame *f, set_id value)
{
    escape(f, value, false);
}

void frame_escape_to_thread(struct frame *f, set_id value)
{
    escape(f, value, true);
}

bool access_matters(const struct frame *f, object_id object)
{
    if (!f->recording || object == UNKNOWN_OBJECT)
        return false;
    if (sets_has(f->p->sets, f->now.owned, object))
        return false;
    const struct object *o = object_at(f->p, object);
    if (o->kind == OBJECT_NONE || o->kind == OBJECT_SCALAR)
        return false;
    if (f->in_constructor && o->kind != OBJECT_CLASS && f->c->arg_count > 0 &&
        sets_has(f->p->sets, context_args(f->p, f->c)[0].set, object))
        return false;
    enum model_role role = object_role(f->p, object);
    return role != ROLE_THREAD_LOCAL && role != ROLE_IMMUTABLE && role != ROLE_COUNTER_ATOMIC;
}

bool is_own_thread(const struct frame *f, object_id object)
{
    const struct root *root = &f->p->roots.data[f->c->root];
    return f->recording && root->kind == THREAD_SPAWNED && root->object == object;
}

static name_id key_text(struct frame *f, const struct val *key, bool *constant)
{
    *constant = false;
    if (key == NULL || key->op == UINT32_MAX)
        return 0;
    const struct ir_op *op = &f->ops[key->op];
    *constant = op->code == IR_CONST;
    return intern_id(f->p->names, str_trim(op_text(f, op)));
}

/* Whether the value read is looked into or called right away, so that it must still be what a check saw. */
static bool value_is_used(const struct frame *f, const struct ir_op *op)
{
    for (uint32_t i = f->op + 1; i < f->fn->op_count && i < f->op + 6; i++) {
        const struct ir_op *next = &f->ops[i];
        switch (next->code) {
        case IR_READ_ATTR:
        case IR_READ_ITEM:
        case IR_CALL:
        case IR_FOR:
        case IR_WITH:
        case IR_WRITE_ATTR:
        case IR_WRITE_ITEM:
        case IR_DELETE_ITEM:
            if (next->a == op->result)
                return true;
            break;
        default: break;
        }
    }
    return false;
}

/* Whether a parameter is a number or text that this thread was started with. */
static bool is_thread_argument(const struct frame *f, uint32_t param)
{
    const struct context *c = f->c;
    const struct root *root = &f->p->roots.data[c->root];
    if (root->kind != THREAD_SPAWNED || root->entry || root->spawner != c->caller || param >= c->arg_count)
        return false;
    return value_is(f->p, context_args(f->p, c)[param].set, SCALAR_OBJECT);
}

/* Whether a condition that holds here says that the object's owner is the thread that runs. */
static bool of_running_thread(const struct frame *f, object_id object)
{
    uint32_t steps = 0;
    for (uint32_t i = f->now.control; i != 0 && steps < 32; i = f->controls.data[i].parent, steps++) {
        const struct control *control = &f->controls.data[i];
        const struct test *t = &f->tests.data[control->test];
        if (!t->owner || !control->polarity)
            continue;
        for (uint64_t rest = t->reads; rest != 0; rest &= rest - 1) {
            const struct event *event = &f->events[__builtin_ctzll(rest)];
            for (uint32_t k = 0; k < event->count; k++)
                if (f->event_accs.data[event->first + k].object == object)
                    return true;
        }
    }
    return false;
}

static struct acc access_make(struct frame *f, object_id object, const struct access_info *info)
{
    const struct ir_op *op = &f->ops[f->op];
    struct acc acc = {.context = f->id,
                      .unit = f->c->unit,
                      .function = f->c->function,
                      .op = f->op,
                      .object = object,
                      .path = info->path,
                      .field = info->field,
                      .kind = (uint8_t)info->kind,
                      .flags = info->flags,
                      .locks = f->now.locks,
                      .tokens = f->now.tokens,
                      .running = f->now.running,
                      .span = op->span,
                      .model = info->model};
    if (f->now.own_locks != 0)
        acc.flags |= ACC_OWN_LOCK;
    if (of_running_thread(f, object))
        acc.flags |= ACC_OWN_THREAD;
    if ((acc.flags & ACC_RAISES) && region_handles_lookup(f))
        acc.flags = (acc.flags & ~(uint32_t)ACC_RAISES) | ACC_SAFE_KEY;
    acc.key = key_text(f, info->key, &acc.key_constant);
    if (info->key != NULL && info->key->params != 0 && (info->key->params & (info->key->params - 1)) == 0) {
        acc.key_param = (uint8_t)(__builtin_ctz(info->key->params) + 1);
        bool subscript = info->kind == ACCESS_LOAD || info->kind == ACCESS_STORE || info->kind == ACCESS_AUGMENTED;
        if (subscript && object_role(f->p, object) == ROLE_LIST && is_thread_argument(f, acc.key_param - 1u))
            acc.flags |= ACC_OWN_KEY;
    }
    if (info->key != NULL && (info->key->params & (info->key->params - 1)) != 0)
        acc.key_param = KEY_OF_SEVERAL;
    if (info->key != NULL && sets_has(f->p->sets, info->key->set, THREAD_ID_OBJECT))
        acc.flags |= ACC_OWN_THREAD;
    if (info->kind == ACCESS_LOAD && op->result != 0 && value_is_used(f, op))
        acc.flags |= ACC_USED;
    return acc;
}

/* Keeps one record per instruction and place: evaluated again (second pass of a loop), what held both times holds. */
static void access_store(struct frame *f, struct acc *acc)
{
    struct context *c = f->c;
    bool again =
        c->records->accs.len > 0 && acc->op <= f->last_stored; /* else no record of this instruction can be there */
    f->last_stored = again ? f->last_stored : acc->op;
    for (size_t i = c->records->accs.len; again && i-- > 0 && c->records->accs.len - i < 256;) {
        struct acc *known = &c->records->accs.data[i];
        if (known->op != acc->op || known->object != acc->object || known->field != acc->field ||
            known->kind != acc->kind || (known->flags & ACC_WRITES) != (acc->flags & ACC_WRITES))
            continue;
        known->locks = acc->locks = sets_intersection(f->p->sets, known->locks, acc->locks);
        known->running = acc->running = sets_union(f->p->sets, known->running, acc->running);
        known->flags &= acc->flags | ~(uint32_t)(ACC_CONSTANT | ACC_FRESH | ACC_NONE);
        return;
    }
    vec_push(&c->records->accs, *acc);
}

uint64_t access_read(struct frame *f, const uint32_t *objects, uint32_t count, const struct access_info *info)
{
    uint32_t first = (uint32_t)f->event_accs.len;
    for (uint32_t i = 0; i < count; i++) {
        if (!access_matters(f, objects[i]))
            continue;
        struct acc acc = access_make(f, objects[i], info);
        access_store(f, &acc);
        vec_push(&f->event_accs, acc);
        if (acc.kind == ACCESS_ITERATE)
            span_iteration(f, &acc);
        publish_used(f, &acc);
        span_at_use(f, &acc);
    }
    uint32_t made = (uint32_t)f->event_accs.len - first;
    if (made == 0 || f->event_count == EVENTS_MAX)
        return 0;
    f->events[f->event_count] = (struct event){first, made};
    return (uint64_t)1 << f->event_count++;
}

/* A literal, or computed from nothing but literals and this call's own values: storing it twice stores the same. */
static bool is_plain_value(const struct frame *f, const struct val *stored)
{
    if (stored->reads != 0 || !value_is_scalar(f->p, stored->set))
        return false;
    if (stored->op >= f->fn->op_count)
        return false;
    switch (f->ops[stored->op].code) {
    case IR_CONST:
    case IR_READ_GLOBAL:
    case IR_READ_ATTR: return true;
    case IR_NEW:
    case IR_UNARY:
    case IR_BINARY:
    case IR_COMPARE: return true;
    default: return false;
    }
}

static name_id constant_text(const struct frame *f, const struct val *stored)
{
    const struct ir_op *op = &f->ops[stored->op];
    return op->code == IR_CONST ? intern_id(f->p->names, str_trim(op_text(f, op))) : 0;
}

/* Taken out of a queue by this very statement: it belongs to this thread. */
static bool is_received(const struct frame *f, const struct val *stored)
{
    if (stored->op >= f->fn->op_count || f->ops[stored->op].code != IR_CALL)
        return false;
    set_id callee = f->vals[f->ops[stored->op].a].set;
    for (uint32_t i = 0; i < sets_count(f->p->sets, callee); i++) {
        const struct object *o = object_at(f->p, sets_member(f->p->sets, callee, i));
        if (o->kind == OBJECT_METHOD && o->model != NULL && (o->model->effects & EFFECT_GET))
            return true;
    }
    return false;
}

/* What another variable holds: every thread stores the same object, as long as nobody changes that variable. */
static bool is_alias(const struct frame *f, const struct val *stored)
{
    if (stored->reads == 0 || stored->op >= f->fn->op_count)
        return false;
    uint8_t code = f->ops[stored->op].code;
    return code == IR_READ_ATTR || code == IR_READ_GLOBAL;
}

/* Whether it matters which of two equal objects it is. */
static bool has_identity(const struct program *p, set_id value)
{
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++)
        if (object_at(p, sets_member(p->sets, value, i))->flags & OBJECT_BARE)
            return true;
    return false;
}

/* An immutable value that no container's size decides, or one that is there already. */
static bool is_replaceable(const struct frame *f, const struct val *stored)
{
    if (span_measures(f, stored->reads) != 0)
        return false;
    return is_alias(f, stored) || (value_is_immutable(f->p, stored->set) && !has_identity(f->p, stored->set));
}

/* Whether an argument decides what is stored, apart from the receiver and those that the key is made from. */
static bool is_given(const struct frame *f, const struct val *stored, const struct val *key)
{
    uint32_t known = key != NULL ? key->params : 0;
    if (f->fn->class_index != IR_NO_INDEX)
        known |= 1;
    return (stored->params & ~known) != 0;
}

#define SOURCES_MAX 8 /* places read for one stored value */

/* Notes what a replaceable value was made from. */
static bool note_sources(struct frame *f, const struct val *stored)
{
    uint32_t count = 0;
    bool alias = !value_is_immutable(f->p, stored->set);
    for (uint64_t rest = stored->reads; rest != 0; rest &= rest - 1) {
        const struct event *event = &f->events[__builtin_ctzll(rest)];
        for (uint32_t k = 0; k < event->count; k++) {
            if (++count > SOURCES_MAX)
                return false;
            struct rare_records *rare = context_rare(f->p, f->c);
            vec_push(&rare->sources, ((struct source){f->op, alias, f->event_accs.data[event->first + k]}));
        }
    }
    return true;
}

/* Whether a local is read further down before it is bound again. */
static bool is_used_later(const struct frame *f, uint32_t local)
{
    for (uint32_t i = f->op + 1; i < f->fn->op_count; i++) {
        if (f->ops[i].code == IR_BIND && f->ops[i].a == local)
            return false;
        if (f->ops[i].code == IR_LOCAL && f->ops[i].a == local)
            return true;
    }
    return false;
}

/* A container, or what is written to like one (io.StringIO). */
static bool collects(const struct frame *f, object_id object)
{
    const struct model *type =
        object_at(f->p, object)->kind == OBJECT_MODELLED ? object_type_model(f->p, object) : NULL;
    return role_is_container(object_role(f->p, object)) || (type != NULL && type->safety == SAFETY_UNSAFE);
}

/* Finds the local that keeps what a place held before it is written: what another thread adds to that in between, or
 * takes as well, is lost. `used`: reads that the value written was computed from. */
static void exchange_kept(struct frame *f, const struct acc *acc, uint64_t used, bool empties)
{
    for (uint32_t i = 0; i < f->fn->local_count; i++) {
        const struct val *v = &f->now.locals[i];
        for (uint64_t rest = value_is_scalar(f->p, v->set) ? 0 : v->reads; rest != 0; rest &= rest - 1) {
            const struct event *event = &f->events[__builtin_ctzll(rest)];
            const struct acc *read = &f->event_accs.data[event->first];
            if (read->object != acc->object || read->field != acc->field || read->kind != ACCESS_LOAD)
                continue;
            if (!empties && !is_used_later(f, i))
                continue;
            uint32_t flags = empties || (used & rest & -rest) != 0 ? 0 : SPAN_SUCCEEDS;
            flags |= empties && is_used_later(f, i) ? SPAN_EXCHANGE : 0;
            span_at_exchange(f, acc, rest & -rest, flags);
            return;
        }
    }
}

/* b = self.pending; self.pending = [] */
static void exchange_reads(struct frame *f, const struct acc *acc, const struct val *stored)
{
    if (acc->field == FIELD_CONTENTS || stored == NULL)
        return;
    bool empties = (acc->flags & (ACC_FRESH | ACC_NONE)) != 0;
    uint8_t owner = object_at(f->p, acc->object)->kind;
    if (!empties && ((owner != OBJECT_MODULE && owner != OBJECT_CLASS) || (acc->flags & ACC_CONSTANT)))
        return;
    if ((acc->flags & ACC_FRESH) && !collects(f, sets_member(f->p->sets, stored->set, 0)))
        return;
    exchange_kept(f, acc, stored->reads, empties);
}

void access_exchanged(struct frame *f, const struct acc *acc)
{
    const struct field *field = acc->field != FIELD_CONTENTS ? heap_find(f->p, acc->object, acc->field) : NULL;
    bool empties = field != NULL && acc->kind == ACCESS_STORE && (acc->flags & ACC_FRESH) != 0;
    for (uint32_t i = 0; empties && i < sets_count(f->p->sets, field->value); i++) {
        object_id member = sets_member(f->p->sets, field->value, i);
        empties = member == NONE_OBJECT || collects(f, member);
    }
    if (empties)
        exchange_kept(f, acc, 0, true);
}

/* The same under one lock: the old object is this call's alone from here on. Whether it takes a container, and leaves
 * another one in its place. */
static bool exchange_takes(struct frame *f, const struct acc *acc)
{
    bool taken = false;
    if ((acc->flags & (ACC_FRESH | ACC_NONE)) == 0 || acc->field == FIELD_CONTENTS || f->now.tokens == 0)
        return false;
    for (uint32_t i = 0; i < f->fn->local_count; i++) {
        const struct val v = f->now.locals[i];
        for (uint64_t rest = v.reads; rest != 0; rest &= rest - 1) {
            const struct acc *read = &f->event_accs.data[f->events[__builtin_ctzll(rest)].first];
            if (read->object != acc->object || read->field != acc->field || read->kind != ACCESS_LOAD ||
                (read->op != v.op && v.reads != (rest & -rest)) || !span_unbroken(f, read, acc))
                continue;
            for (uint32_t k = 0; k < sets_count(f->p->sets, v.set); k++) {
                if (!role_is_container(object_role(f->p, sets_member(f->p->sets, v.set, k))))
                    continue;
                frame_own(f, sets_member(f->p->sets, v.set, k));
                taken |= (acc->flags & ACC_FRESH) != 0;
            }
        }
    }
    return taken;
}

/* Whether this call has looked at what it replaces, under the lock it still holds: a check that a caller made before is
 * not what it relies on. */
static bool exchange_looks(struct frame *f, const struct acc *acc, const struct val *stored)
{
    if (acc->kind != ACCESS_STORE || f->now.tokens == 0)
        return false;
    for (uint32_t i = 0; i < f->event_count; i++) {
        const struct acc *read = &f->event_accs.data[f->events[i].first];
        bool depends = stored != NULL && (stored->reads & (UINT64_C(1) << i)) != 0;
        if (!depends && read->object == acc->object && read->field == acc->field && read->kind == ACCESS_LOAD &&
            read->context == acc->context && span_unbroken(f, read, acc))
            return true;
    }
    return false;
}

static bool stores_lock(const struct program *p, set_id value)
{
    for (uint32_t i = 0; i < sets_count(p->sets, value); i++) {
        const struct model *type = object_type_model(p, sets_member(p->sets, value, i));
        if (type != NULL && role_is_lock((enum model_role)type->role) && type->scope != SCOPE_ASYNCIO)
            return true;
    }
    return false;
}

static bool is_slice_key(const struct frame *f, const struct val *key)
{
    return key->op < f->fn->op_count && f->ops[key->op].code == IR_NEW;
}

/* What is known of the value that a write stores. */
static void describe_stored(struct frame *f, struct acc *acc, const struct access_info *info, const struct val *stored)
{
    if (is_plain_value(f, stored))
        acc->flags |= ACC_CONSTANT;
    if (stored->params & ~(f->fn->class_index != IR_NO_INDEX ? 1u : 0u) || is_received(f, stored))
        acc->flags |= ACC_FROM_ARGUMENT;
    if (stores_lock(f->p, stored->set))
        acc->flags |= ACC_LOCK;
    if (acc->flags & ACC_CONSTANT)
        acc->stored = constant_text(f, stored);
    if (is_given(f, stored, info->key))
        acc->flags |= ACC_GIVEN;
    if (info->kind == ACCESS_STORE && is_replaceable(f, stored) && note_sources(f, stored))
        acc->flags |= ACC_REPLACEABLE;
    if (value_is(f->p, stored->set, NONE_OBJECT))
        acc->flags |= ACC_NONE;
    if (stored->reads == 0 && stored->set != 0 && !sets_has(f->p->sets, stored->set, UNKNOWN_OBJECT) &&
        (acc->flags & ACC_CONSTANT) == 0 && !value_is_scalar(f->p, stored->set))
        acc->flags |= ACC_FRESH;
}

void access_given(struct frame *f, struct acc *acc, const struct val *params, uint32_t count, uint32_t given,
                  const struct val *key)
{
    if ((acc->flags & (ACC_GIVEN | ACC_REPLACEABLE)) != (ACC_GIVEN | ACC_REPLACEABLE))
        return;
    for (uint32_t i = 0; i < count && i < 32; i++)
        if ((given & 1u << i) && is_given(f, &params[i], key))
            return;
    for (uint32_t i = 0; i < count && i < 32; i++)
        if ((given & 1u << i) && !note_sources(f, &params[i]))
            return;
    acc->flags &= ~(uint32_t)ACC_GIVEN;
}

#define OWN_WRITES_MAX 16 /* kept per context */

/* What a thread stores in its own object is no access that could meet others of its kind; but who started the thread
 * may read it too early. */
static void own_write(struct frame *f, object_id object, const struct access_info *info, const struct val *stored)
{
    if (info->kind != ACCESS_STORE || stored == NULL || !is_own_thread(f, object) ||
        f->c->rare->own_writes.len == OWN_WRITES_MAX)
        return;
    struct acc acc = access_make(f, object, info);
    acc.flags |= ACC_WRITES;
    if (stored->op < f->fn->op_count && f->ops[stored->op].code == IR_CONST)
        acc.flags |= ACC_CONSTANT;
    struct rare_records *rare = context_rare(f->p, f->c);
    vec_push(&rare->own_writes, acc);
}

void access_write(struct frame *f, const uint32_t *objects, uint32_t count, const struct access_info *info,
                  const struct val *stored)
{
    for (uint32_t i = 0; i < count; i++) {
        own_write(f, objects[i], info, stored);
        if (!access_matters(f, objects[i]))
            continue;
        struct acc acc = access_make(f, objects[i], info);
        acc.flags |= ACC_WRITES;
        if (stored != NULL)
            describe_stored(f, &acc, info, stored);
        enum tested_how tested = span_tested(f, &acc);
        if (tested == TESTED_ONCE)
            acc.flags |= ACC_TESTED;
        access_store(f, &acc);
        if (f->now.handed != 0)
            handoff_changed(f, &acc, info->path);
        bool discards = info->model != NULL && info->model->discards && span_at_discard(f, &acc);
        bool takes = exchange_takes(f, &acc) || discards;
        span_at_write(f, &acc, stored, takes);
        if (info->key != NULL && !is_slice_key(f, info->key))
            span_at_key(f, &acc, info->key->reads, f->now.tokens);
        if (info->key != NULL)
            span_at_removal(f, &acc, info->key->reads);
        exchange_reads(f, &acc, stored);
        if (f->c->records->written.len < WRITTEN_MAX) {
            struct written w = {.origin = arena_copy(f->p->arena, &acc, 1, sizeof acc),
                                .params = stored != NULL ? stored->params : 0,
                                .rechecked = span_rechecked(f, &acc) || exchange_looks(f, &acc, stored),
                                .tested = tested != TESTED_NOT,
                                .validated = span_validated(f, &acc),
                                .takes = takes};
            written_tell(&w, &acc);
            vec_push(&f->c->records->written, w);
        }
    }
}
