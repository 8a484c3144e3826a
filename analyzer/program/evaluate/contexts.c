#include "program/evaluate/contexts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "program/values/objects.h"

#define CONTEXTS_MAX 14       /* per function, before they are joined */
#define MAIN_CONTEXTS_MAX 6   /* the same for the main thread */
#define LOCKS_MAX 24          /* at import time, of calls that are given locks: decorators, which lock is which */
#define CALLER_CONTEXTS_MAX 2 /* the same for import time and for what any caller reaches: most of a library */
#define RECEIVERS_MAX 3       /* times as many contexts as that: from then on receivers are joined, too */
#define DEPTH_MAX 60          /* nested evaluations; deeper calls wait in the queue */
#define RUNS_MAX 8            /* evaluations of one context */
#define CALLER_RUNS_MAX 2

/* Which parameters only get objects that the caller alone has: bit i for parameter i. */
static uint32_t owned_params(const struct program *p, const struct argument *args, uint32_t count, set_id owned)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < count && i < 32 && owned != 0; i++)
        if (args[i].set != 0 && sets_within(p->sets, args[i].set, owned))
            mask |= 1u << i;
    return mask;
}

/* What a method is called for: a lock of one receiver is not that of another, so they are never joined. */
static set_id receiver_of(const struct program *p, const struct call_key *key)
{
    if (key->any_receiver)
        return 0;
    const struct ir_function *fn = &p->units.data[key->unit].ir->functions[key->function];
    return fn->class_index != IR_NO_INDEX && key->arg_count > 0 ? key->args[0].set : 0;
}

/* Past CONTEXTS_MAX calls are joined: those for the same receiver, under the same locks, with the same parameters
 * owned. */
static uint64_t key_hash(const struct program *p, const struct call_key *key, bool widened)
{
    uint32_t parts[8] = {key->unit, key->function, key->env, key->root, key->locks, key->running, key->owned, widened};
    if (widened) {
        parts[5] = receiver_of(p, key);
        parts[6] = owned_params(p, key->args, key->arg_count, key->owned);
    }
    uint64_t hash = hash_bytes(parts, sizeof parts);
    if (!widened && key->arg_count > 0)
        hash = hash_mix(hash, hash_bytes(key->args, key->arg_count * sizeof *key->args));
    return hash;
}

static bool key_matches(const struct program *p, const struct context *c, const struct call_key *key, bool widened)
{
    if (c->unit != key->unit || c->function != key->function || c->env != key->env || c->root != key->root)
        return false;
    if (widened)
        return c->widened && c->locks == key->locks && c->receiver == receiver_of(p, key) &&
               c->owned_params == owned_params(p, key->args, key->arg_count, key->owned);
    return !c->widened && c->locks == key->locks && c->running == key->running && c->owned == key->owned &&
           c->arg_count == key->arg_count &&
           (key->arg_count == 0 || memcmp(context_args(p, c), key->args, key->arg_count * sizeof *key->args) == 0);
}

const struct argument *context_args(const struct program *p, const struct context *c)
{
    return c->arg_count == 0 ? NULL : p->arguments.data + c->first_arg;
}

struct rare_records *context_rare(struct program *p, struct context *c)
{
    if (c->rare == &p->nothing_rare)
        c->rare = arena_alloc(p->arena, sizeof *c->rare);
    return c->rare;
}

object_id context_cells(struct program *p, context_id id)
{
    struct context *c = context_at(p, id);
    if (c->cells == 0)
        c->cells = object_get(p, OBJECT_CELLS, id, 0, 0);
    return c->cells;
}

static context_id context_new(struct program *p, const struct call_key *key)
{
    struct context *c = arena_alloc(p->arena, sizeof *c);
    context_id id = (context_id)p->contexts.len;
    c->records = &p->nothing_recorded;
    c->rare = &p->nothing_rare;
    c->unit = key->unit;
    c->function = key->function;
    c->env = key->env;
    c->root = key->root;
    c->locks = key->locks;
    c->running = key->running;
    c->owned = key->owned;
    c->first_arg = (uint32_t)p->arguments.len;
    c->arg_count = key->arg_count;
    vec_reserve(&p->arguments, p->arguments.len + key->arg_count);
    for (uint32_t i = 0; i < key->arg_count; i++)
        vec_push(&p->arguments, key->args[i]);
    vec_push(&p->contexts, c);
    return id;
}

#define OWNED_MAX 64 /* of a joined context: past it, what hangs off the arguments is not followed any more */

/* What the calls that a context stands for own alone. Where many calls come together their arguments are soon unknown,
 * and what was in them is of no use. */
static set_id owned_join(struct program *p, const struct context *c, set_id owned)
{
    set_id joined = sets_union(p->sets, c->owned, owned), kept = 0;
    if (sets_count(p->sets, joined) <= OWNED_MAX)
        return joined;
    const struct argument *args = context_args(p, c);
    for (uint32_t i = 0; i < c->arg_count; i++)
        kept = sets_union(p->sets, kept, sets_intersection(p->sets, args[i].set, joined));
    return kept;
}

/* Joins a further call into the context that stands for all of them. */
static void context_widen(struct program *p, context_id id, const struct call_key *key)
{
    struct context *c = context_at(p, id);
    set_id running = c->running, owned = c->owned;
    c->running = sets_union(p->sets, c->running, key->running);
    bool grown = false;
    for (uint32_t i = 0; i < c->arg_count && i < key->arg_count; i++) {
        struct argument *mine = &p->arguments.data[c->first_arg + i];
        if (mine->keyword != key->args[i].keyword)
            continue;
        set_id joined = value_union(p, mine->set, key->args[i].set);
        grown |= joined != mine->set;
        mine->set = joined;
    }
    c->owned = owned_join(p, c, key->owned);
    if (grown || running != c->running || owned != c->owned)
        context_enqueue(p, id);
}

static void context_note_caller(struct context *c, context_id caller, uint32_t caller_op, bool many)
{
    if (c->caller == 0 && c->status == CONTEXT_NEW && c->runs == 0 && !c->many) {
        c->caller = caller;
        c->caller_op = caller_op;
    } else if (c->caller != caller || c->caller_op != caller_op) {
        many = true;
    }
    if (c->function == 0)
        return; /* a module's body runs once, whoever imports it */
    if (many && !c->many)
        c->many = true;
}

static bool has_lock(const struct program *p, const struct argument *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < sets_count(p->sets, args[i].set); k++)
            if (role_is_lock(object_role(p, sets_member(p->sets, args[i].set, k))))
                return true;
    return false;
}

/* Whether a call is given a lock, or is one of a function made by such a call: synchronized(lock)(f). */
static bool is_given_lock(const struct program *p, const struct call_key *key)
{
    const struct context *made_by = context_at(p, key->env);
    return has_lock(p, key->args, key->arg_count) ||
           (key->env != 0 && has_lock(p, context_args(p, made_by), made_by->arg_count));
}

/* A large program gets fewer: what the main thread does alone is only of interest for the objects it makes, and what
 * many threads call in the end is the same code again and again. */
static unsigned contexts_max(const struct program *p, const struct call_key *key)
{
    switch (p->roots.data[key->root].kind) {
    case THREAD_IMPORT: return is_given_lock(p, key) ? LOCKS_MAX : CALLER_CONTEXTS_MAX;
    case THREAD_SPAWNED: return p->spawned_steps > p->spawned_limit ? 2 : CONTEXTS_MAX;
    case THREAD_MAIN: return p->main_steps > p->main_limit ? 1 : MAIN_CONTEXTS_MAX;
    default: return CALLER_CONTEXTS_MAX;
    }
}

/* 0 where there is none. */
static context_id context_find(const struct program *p, const struct call_key *key, bool widened, uint64_t hash)
{
    struct index_probe probe;
    for (context_id id = index_first(&p->context_index, hash, &probe); id != INDEX_NONE;
         id = index_next(&p->context_index, &probe))
        if (key_matches(p, p->contexts.data[id], key, widened))
            return id;
    return 0;
}

context_id context_get(struct program *p, const struct call_key *key, context_id caller, uint32_t caller_op, bool many)
{
    uint64_t hash = key_hash(p, key, false);
    context_id known = context_find(p, key, false, hash);
    if (known != 0) {
        context_note_caller(context_at(p, known), caller, caller_op, many);
        return known;
    }
    uint64_t function_key = (uint64_t)key->unit << 32 | key->function;
    uint64_t *made = map_slot(&p->context_count, function_key, 0);
    bool widened = false;
    struct call_key shared = *key;
    if (*made >= contexts_max(p, key) || p->steps > p->step_limit) {
        p->capped |= p->steps > p->step_limit;
        shared.any_receiver = *made >= RECEIVERS_MAX * contexts_max(p, key) || p->steps > p->step_limit;
        hash = key_hash(p, &shared, true);
        known = context_find(p, &shared, true, hash);
        if (known != 0) {
            context_widen(p, known, key);
            context_note_caller(context_at(p, known), caller, caller_op, true);
            return known;
        }
        many = widened = true;
    }
    (*made)++;
    context_id id = context_new(p, key);
    context_at(p, id)->widened = widened;
    context_at(p, id)->receiver = receiver_of(p, &shared);
    context_at(p, id)->owned_params = owned_params(p, key->args, key->arg_count, key->owned);
    index_add(&p->context_index, hash, id);
    context_note_caller(context_at(p, id), caller, caller_op, many);
    return id;
}

root_id context_call_root(const struct program *p, root_id root, set_id running)
{
    uint8_t kind = p->roots.data[root].kind;
    bool alone = (kind == THREAD_MAIN || kind == THREAD_IMPORT) && running == 0;
    return alone && p->main_steps > p->main_limit ? ROOT_CALLER : root;
}

static unsigned runs_max(const struct program *p, const struct context *c)
{
    switch (p->roots.data[c->root].kind) {
    case THREAD_SPAWNED: return p->spawned_steps > p->spawned_limit ? CALLER_RUNS_MAX : RUNS_MAX;
    case THREAD_MAIN: return p->main_steps > p->main_limit ? 1 : CALLER_RUNS_MAX;
    default: return CALLER_RUNS_MAX;
    }
}

static void context_run(struct program *p, context_id id)
{
    struct context *c = context_at(p, id);
    if (c->runs >= runs_max(p, c)) {
        c->status = CONTEXT_DONE;
        return;
    }
    c->runs++;
    uint32_t size = p->units.data[c->unit].ir->functions[c->function].op_count;
    uint8_t kind = p->roots.data[c->root].kind;
    if (kind == THREAD_MAIN || kind == THREAD_IMPORT)
        p->main_steps += size;
    if (p->roots.data[c->root].kind == THREAD_SPAWNED)
        p->spawned_steps += size;
    c->status = CONTEXT_RUNNING;
    p->depth++;
    bool changed = context_evaluate(p, id);
    p->depth--;
    c->status = CONTEXT_DONE;
    if (!changed)
        return;
    for (size_t i = 0; i < c->waiting.len; i++)
        context_enqueue(p, c->waiting.data[i]);
}

void context_need(struct program *p, context_id id, context_id waiter)
{
    struct context *c = context_at(p, id);
    if (c->status == CONTEXT_NEW) {
        if (p->depth < DEPTH_MAX)
            context_run(p, id);
        else
            context_enqueue(p, id);
    }
    if (waiter == 0)
        return;
    struct context *caller = context_at(p, waiter);
    if (caller->records->callees.len == 0 || vec_last(&caller->records->callees) != id)
        vec_push(&caller->records->callees, id);
    /* only now: the waiter has what the first run gave */
    size_t first = c->waiting.len > 8 ? c->waiting.len - 8 : 0;
    for (size_t i = first; i < c->waiting.len; i++)
        if (c->waiting.data[i] == waiter)
            return;
    vec_push(&c->waiting, waiter);
}

static bool is_guessed(const struct context *c, context_id callee)
{
    for (size_t i = 0; i < c->records->guessed.len; i++)
        if (c->records->guessed.data[i] == callee)
            return true;
    return false;
}

/* Marks what entries reach: first what they get to for certain, then what they get to by a guess. */
static void contexts_mark_live(struct program *p, bool by_guess)
{
    VEC(context_id) work = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (!by_guess && c->caller == 0)
            vec_push(&work, (context_id)i);
        for (size_t k = 0; by_guess && c->live && k < c->records->guessed.len; k++)
            vec_push(&work, c->records->guessed.data[k]);
    }
    while (work.len > 0) {
        struct context *c = context_at(p, vec_pop(&work));
        if (c->live)
            continue;
        c->live = true;
        c->by_guess = by_guess;
        for (size_t i = 0; i < c->records->callees.len; i++)
            if (by_guess || !is_guessed(c, c->records->callees.data[i]))
                vec_push(&work, c->records->callees.data[i]);
    }
    vec_release(&work);
}

void contexts_drop_stale(struct program *p)
{
    contexts_mark_live(p, false);
    contexts_mark_live(p, true);
    for (size_t i = 1; i < p->contexts.len; i++) {
        struct context *c = p->contexts.data[i];
        if (!c->live)
            c->status = CONTEXT_STALE;
    }
}

bool context_may_run(const struct program *p, context_id id)
{
    const struct context *c = context_at(p, id);
    return c->runs < runs_max(p, c);
}

void context_enqueue(struct program *p, context_id id)
{
    struct context *c = context_at(p, id);
    if (c->queued || !context_may_run(p, id))
        return;
    c->queued = true;
    vec_push(&p->queue, id);
}

void contexts_drain(struct program *p)
{
    while (p->queue_head < p->queue.len) {
        context_id id = p->queue.data[p->queue_head++];
        context_at(p, id)->queued = false;
        if (context_at(p, id)->status == CONTEXT_RUNNING) {
            context_enqueue(p, id); /* asked for while it runs: once more afterwards */
            break;
        }
        context_run(p, id);
    }
    if (p->queue_head == p->queue.len) {
        vec_clear(&p->queue);
        p->queue_head = 0;
    }
}
