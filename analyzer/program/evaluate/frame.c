#include "program/evaluate/frame.h"

#include <stdlib.h>
#include <string.h>

#include "program/hazards/publish.h"
#include "program/values/objects.h"

struct val val_of(set_id set)
{
    return (struct val){.set = set};
}

/* An array for the locals of a flow state, with anything in it. */
static struct val *locals_take(struct frame *f)
{
    return f->spare_locals.len > 0 ? vec_pop(&f->spare_locals)
                                   : memory_resize(NULL, f->locals_room * sizeof(struct val));
}

#define LOCALS_ROOM_MIN 16 /* most functions have no more: their frames can be used for each other */

void frame_locals(struct frame *f)
{
    uint32_t count = f->fn->local_count;
    if (count > f->locals_room || f->locals_room == 0) {
        while (f->spare_locals.len > 0)
            free(vec_pop(&f->spare_locals));
        f->locals_room = count > LOCALS_ROOM_MIN ? count : LOCALS_ROOM_MIN;
    }
    f->now.locals = locals_take(f);
    memset(f->now.locals, 0, count * sizeof *f->now.locals);
}

void flow_copy(struct frame *f, struct flow *to, const struct flow *from)
{
    struct val *locals = to->locals;
    uint32_t count = f->fn->local_count;
    if (locals == NULL)
        locals = locals_take(f);
    if (count > 0)
        memcpy(locals, from->locals, count * sizeof *locals);
    *to = *from;
    to->locals = locals;
}

void flow_release(struct frame *f, struct flow *flow)
{
    if (flow->locals != NULL)
        vec_push(&f->spare_locals, flow->locals);
    *flow = (struct flow){.dead = true};
}

void flow_take(struct frame *f, struct flow *to, struct flow *from)
{
    flow_release(f, to);
    *to = *from;
    *from = (struct flow){.dead = true};
}

/* Alike but for the instruction that made them. */
static inline bool val_equal(const struct val *a, const struct val *b)
{
    return a->set == b->set && a->reads == b->reads && a->test == b->test && a->params == b->params &&
           a->path == b->path;
}

struct val val_join(struct frame *f, struct val a, struct val b)
{
    if (val_equal(&a, &b))
        return a;
    if (a.set == 0 && a.reads == 0)
        return b;
    if (b.set == 0 && b.reads == 0)
        return a;
    return (struct val){.set = value_union(f->p, a.set, b.set),
                        .test = test_join(f, a.test, b.test),
                        .reads = a.reads | b.reads,
                        .params = a.params | b.params,
                        .op = a.op,
                        .path = a.path == b.path ? a.path : 0};
}

static uint32_t token_for(const struct frame *f, set_id tokens, object_id lock)
{
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (f->acquired.data[i].lock == lock && sets_has(f->p->sets, tokens, f->acquired.data[i].token))
            return f->acquired.data[i].token;
    return 0;
}

uint32_t token_new(struct frame *f, uint32_t token, object_id lock)
{
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (f->acquired.data[i].token == token && f->acquired.data[i].lock == lock)
            return token;
    if (f->acquired.len == ACQUIRED_MAX)
        return 0;
    vec_push(&f->acquired, ((struct acquired){.token = token, .lock = lock}));
    return token;
}

#define JOIN_TOKEN 0x80000000u

static struct acquired *acquired_at(struct frame *f, uint32_t token, object_id lock)
{
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (f->acquired.data[i].token == token && f->acquired.data[i].lock == lock)
            return &f->acquired.data[i];
    return NULL;
}

/* What is known of a lock that was taken in two ways. */
static void acquired_join(struct frame *f, object_id lock, uint32_t token, uint32_t x, uint32_t y)
{
    const struct acquired *one = acquired_at(f, x, lock), *other = acquired_at(f, y, lock);
    struct acquired *joined = acquired_at(f, token, lock);
    if (one == NULL || other == NULL || joined == NULL)
        return;
    joined->taking = one->taking;
    if (other->taking.acc.context == 0)
        joined->taking.acc.context = 0;
    if (other->taking.path != one->taking.path)
        joined->taking.path = 0;
    joined->taking.flags = (uint8_t)((one->taking.flags | other->taking.flags) & ~TAKING_SCOPED);
}

/* Acquisitions where two paths meet: the same one, or, for a lock that each path took in its own way (a wait in a loop
 * took it anew), a token of the meeting point: from here on the lock is held without interruption. */
static set_id tokens_join(struct frame *f, const struct flow *a, const struct flow *b)
{
    struct sets *sets = f->p->sets;
    if (a->tokens == b->tokens)
        return a->tokens;
    set_id tokens = sets_intersection(sets, a->tokens, b->tokens);
    set_id locks = sets_intersection(sets, a->locks, b->locks);
    for (uint32_t i = 0; i < sets_count(sets, locks); i++) {
        object_id lock = sets_member(sets, locks, i);
        uint32_t x = token_for(f, a->tokens, lock), y = token_for(f, b->tokens, lock);
        if (x == 0 || y == 0 || token_for(f, tokens, lock) != 0)
            continue;
        uint32_t token = token_new(f, JOIN_TOKEN | (f->op * 8 + i % 8), lock);
        if (token == 0)
            continue;
        tokens = sets_add(sets, tokens, token);
        acquired_join(f, lock, token, x, y);
    }
    return tokens;
}

/* What one side has for itself and the other never saw: job = jobs.pop() if jobs else None. */
static set_id owned_beside(struct frame *f, const struct flow *has, const struct flow *lacks)
{
    struct sets *sets = f->p->sets;
    if (sets_count(sets, f->given) == GIVEN_MAX) /* perhaps given away */
        return 0;
    set_id only = sets_minus(sets, sets_minus(sets, has->owned, lacks->owned), f->given);
    for (uint32_t i = 0; only != 0 && i < f->fn->local_count; i++)
        if (sets_overlap(sets, lacks->locals[i].set, only))
            only = sets_minus(sets, only, lacks->locals[i].set);
    return only;
}

static set_id owned_join(struct frame *f, const struct flow *a, const struct flow *b)
{
    if (a->owned == b->owned)
        return a->owned;
    struct sets *sets = f->p->sets;
    set_id one = sets_union(sets, owned_beside(f, a, b), owned_beside(f, b, a));
    return sets_union(sets, sets_intersection(sets, a->owned, b->owned), one);
}

void flow_join(struct frame *f, struct flow *into, const struct flow *other)
{
    if (other->dead || other->locals == NULL)
        return;
    if (into->dead || into->locals == NULL) {
        flow_copy(f, into, other);
        return;
    }
    struct sets *sets = f->p->sets;
    set_id owned = owned_join(f, into, other);
    for (uint32_t i = 0; i < f->fn->local_count; i++)
        if (!val_equal(&into->locals[i], &other->locals[i]))
            into->locals[i] = val_join(f, into->locals[i], other->locals[i]);
    into->owned = owned;
    into->tokens = tokens_join(f, into, other);
    into->locks = sets_intersection(sets, into->locks, other->locks);
    into->own_locks = sets_intersection(sets, into->own_locks, other->own_locks);
    into->maybe_locks = sets_union(sets, into->maybe_locks, other->maybe_locks);
    into->freed = sets_intersection(sets, into->freed, other->freed);
    /* waiting for a thread on one side only (`if t: t.join()`) counts: the other side had nothing to wait for */
    set_id joined = sets_union(sets, into->joined, other->joined);
    into->running = sets_minus(sets, sets_union(sets, into->running, other->running),
                               sets_minus(sets, joined, sets_intersection(sets, into->running, other->running)));
    into->joined = joined;
    into->handed = sets_union(sets, into->handed, other->handed);
}

uint32_t test_new(struct frame *f, enum check_kind check, bool negated, uint64_t reads)
{
    if (reads == 0)
        return 0;
    vec_push(&f->tests, ((struct test){.check = (uint8_t)check, .negated = negated, .reads = reads}));
    return (uint32_t)f->tests.len - 1;
}

uint32_t test_not(struct frame *f, uint32_t test)
{
    if (test == 0)
        return 0;
    struct test copy = f->tests.data[test];
    if (copy.left != 0) {
        copy.left = test_not(f, copy.left);
        copy.right = test_not(f, copy.right);
    }
    copy.negated = !copy.negated;
    vec_push(&f->tests, copy);
    return (uint32_t)f->tests.len - 1;
}

#define TEST_PARTS_MAX 4

static uint32_t test_parts(const struct frame *f, uint32_t test)
{
    const struct test *t = &f->tests.data[test];
    if (t->left == 0)
        return 1;
    return test_parts(f, t->left) + test_parts(f, t->right); /* at most TEST_PARTS_MAX leaves: bounded */
}

uint32_t test_join(struct frame *f, uint32_t a, uint32_t b)
{
    if (a == 0 || a == b)
        return b;
    if (b == 0)
        return a;
    if (test_parts(f, a) + test_parts(f, b) > TEST_PARTS_MAX)
        return a;
    const struct test *x = &f->tests.data[a], *y = &f->tests.data[b];
    struct test joined = {.left = a, .right = b, .reads = x->reads | y->reads};
    vec_push(&f->tests, joined);
    return (uint32_t)f->tests.len - 1;
}

/* The truth of a container is a look at its size. */
static uint32_t container_test(struct frame *f, const struct val *v)
{
    uint32_t objects[8], count = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, v->set) && count < 8; i++) {
        object_id object = sets_member(f->p->sets, v->set, i);
        enum model_role role = object_role(f->p, object);
        if (role_is_container(role) && role != ROLE_TUPLE && role != ROLE_ITERATOR)
            objects[count++] = object;
    }
    struct access_info info = {.field = FIELD_CONTENTS, .kind = ACCESS_SIZE};
    return count == 0 ? 0 : test_new(f, CHECK_TRUE, false, access_read(f, objects, count, &info));
}

uint32_t val_test(struct frame *f, const struct val *v)
{
    if (v->test != 0)
        return v->test;
    uint32_t container = container_test(f, v);
    return test_join(f, test_new(f, CHECK_TRUE, false, v->reads), container);
}

void control_push(struct frame *f, uint32_t test, bool polarity, bool loop)
{
    if (test == 0)
        return;
    struct test t = f->tests.data[test];
    if (t.left != 0) {
        control_push(f, t.left, polarity, loop);
        control_push(f, t.right, polarity, loop);
        return;
    }
    struct control control = {.parent = f->now.control, .test = test, .polarity = polarity != t.negated, .loop = loop};
    control.places = f->controls.data[f->now.control].places;
    for (uint64_t rest = t.reads; rest != 0; rest &= rest - 1) {
        const struct event *event = &f->events[__builtin_ctzll(rest)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            control.places |= place_bit(read->object, read->field);
        }
    }
    vec_push(&f->controls, control);
    f->now.control = (uint32_t)f->controls.len - 1;
    publish_tested(f, test, loop);
}

struct str op_text(const struct frame *f, const struct ir_op *op)
{
    return str_slice(f->u->file->text, op->span.start, op->span.end);
}

name_id name_of(const struct frame *f, ir_name name)
{
    return f->u->names[name];
}

struct val *val_at(struct frame *f, ir_value value)
{
    return &f->vals[value];
}

uint32_t frame_site(const struct frame *f)
{
    /* the module's instructions have distinct indices; units are told apart by the high bits */
    uint32_t site = f->fn->first_op + f->op;
    return (site & 0xfffff) | f->c->unit << 20;
}

#define SITE_CONTEXTS_MAX 24

context_id frame_heap_context(struct frame *f)
{
    struct program *p = f->p;
    if (p->roots.data[f->c->root].kind == THREAD_CALLER)
        return 0;
    uint32_t site = frame_site(f);
    if (map_get(&p->site_contexts, (uint64_t)site << 32 | f->id, NULL))
        return f->id;
    uint64_t *count = map_slot(&p->site_contexts, (uint64_t)site << 32, 0);
    if (*count >= SITE_CONTEXTS_MAX) {
        struct root *root = &p->roots.data[f->c->root];
        if (root->heap_context == 0 && root->kind == THREAD_SPAWNED)
            root->heap_context = f->id;
        return root->heap_context;
    }
    ++*count;
    map_put(&p->site_contexts, (uint64_t)site << 32 | f->id, 1);
    return f->id;
}

bool frame_once(const struct frame *f)
{
    return f->loop_depth == 0 && !f->c->many;
}
