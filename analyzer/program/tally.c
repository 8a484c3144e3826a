#include "program/tally.h"

#include <stdlib.h>

#include "base/vec.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* In unit->fates: CALL_RESOLVED, and a bit per enum unresolved above it. */
enum { CALL_RESOLVED = 1 };

#define TARGETS_MAX 64 /* kept of one call; what is called besides counts as unknown */

static uint16_t bit_of(enum unresolved reason)
{
    return (uint16_t)(2u << reason);
}

/* Why what an access path leads to is not known, by where it begins. */
static enum unresolved reason_of_path(const struct program *p, const struct object *o)
{
    while (o->kind == OBJECT_PATH)
        o = object_at(p, o->a);
    if (o->kind == OBJECT_FUNCTION)
        return UNRESOLVED_ARGUMENT;
    return o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_MODELLED ? UNRESOLVED_LIBRARY : UNRESOLVED_ATTRIBUTE;
}

/* What calling one object comes to; as call_object() decides it. */
static uint16_t fate_of(struct frame *f, object_id callee)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, callee);
    switch ((enum object_kind)o->kind) {
    case OBJECT_FUNCTION:
    case OBJECT_CLASS:
    case OBJECT_METHOD:
    case OBJECT_SCALAR: /* a method of an immutable value */ return CALL_RESOLVED;
    case OBJECT_BOUND: return object_at(p, o->a)->kind == OBJECT_FUNCTION ? CALL_RESOLVED : bit_of(UNRESOLVED_LIBRARY);
    case OBJECT_EXTERNAL: return o->model != NULL ? CALL_RESOLVED : bit_of(UNRESOLVED_LIBRARY);
    case OBJECT_MODELLED: /* a partial */
        return heap_find(p, callee, FIELD_TARGET) != NULL ? CALL_RESOLVED : bit_of(UNRESOLVED_VALUE);
    case OBJECT_INSTANCE:
    case OBJECT_GENERIC:
    case OBJECT_PATH: {
        object_id type = object_class(p, callee);
        bool callable =
            type != 0 && object_at(p, type)->kind == OBJECT_CLASS && class_member(p, type, NAME_CALL, 0).holder != 0;
        return callable ? CALL_RESOLVED : bit_of(o->kind == OBJECT_PATH ? reason_of_path(p, o) : UNRESOLVED_VALUE);
    }
    default: return bit_of(UNRESOLVED_VALUE);
    }
}

/* The library that an object of its comes from: "requests" of requests.get; 0 where it is not known. */
static name_id library_of(struct program *p, object_id callee)
{
    const struct object *o = object_at(p, callee);
    while (o->kind == OBJECT_PATH || o->kind == OBJECT_BOUND || o->kind == OBJECT_MODELLED)
        o = object_at(p, o->a);
    if (o->kind != OBJECT_EXTERNAL)
        return 0;
    struct str name = name_text(p, o->a);
    return intern_id(p->names, str_slice(name, 0, str_find(name, STR("."))));
}

void tally_call(struct frame *f, const struct call *call)
{
    struct program *p = f->p;
    struct unit *u = &p->units.data[f->c->unit];
    uint32_t op = f->fn->first_op + f->op;
    uint16_t fate = sets_count(p->sets, call->callee.set) == 0 ? bit_of(UNRESOLVED_VALUE) : 0;
    for (uint32_t i = 0; i < sets_count(p->sets, call->callee.set); i++) {
        object_id callee = sets_member(p->sets, call->callee.set, i);
        uint16_t one = fate_of(f, callee);
        name_id library = one == bit_of(UNRESOLVED_LIBRARY) ? library_of(p, callee) : 0;
        if (library != 0)
            map_put(&p->unresolved_library, (uint64_t)f->c->unit << 32 | op, library);
        fate |= one;
    }
    uint32_t number = callsite_number(&u->calls, op);
    u->fates[number] |= fate;
    set_id known = u->targets[number];
    set_id more = sets_count(p->sets, known) < TARGETS_MAX ? call->callee.set : sets_one(p->sets, UNKNOWN_OBJECT);
    u->targets[number] = sets_union(p->sets, known, more);
}

/* ---- the sum ---- */

const char *unresolved_text(enum unresolved reason)
{
    static const char *const texts[UNRESOLVED_COUNT] = {
        [UNRESOLVED_LIBRARY] = "of libraries without a model",
        [UNRESOLVED_ARGUMENT] = "on arguments of unknown type",
        [UNRESOLVED_ATTRIBUTE] = "on attributes and variables of unknown type",
        [UNRESOLVED_VALUE] = "on results of unresolved calls and other unknown values",
        [UNRESOLVED_UNREACHED] = "in code that is never reached",
    };
    if (reason >= UNRESOLVED_COUNT)
        BUG("reason %u", (unsigned)reason);
    return texts[reason];
}

struct library {
    struct str name;
    uint32_t calls;
};

static int compare_libraries(const void *left, const void *right)
{
    const struct library *a = left, *b = right;
    if (a->calls != b->calls)
        return a->calls < b->calls ? 1 : -1;
    return str_compare(a->name, b->name);
}

/* Why a call was not resolved: the reason nearest to what the reader can change. */
static enum unresolved reason_of(uint16_t fate)
{
    for (unsigned reason = 0; reason < UNRESOLVED_UNREACHED; reason++)
        if (fate & bit_of((enum unresolved)reason))
            return (enum unresolved)reason;
    return UNRESOLVED_UNREACHED;
}

static void add_libraries(const struct program *p, const uint32_t *calls, struct program_stats *stats)
{
    VEC(struct library) libraries = {0};
    for (name_id i = 1; i < intern_count(p->names); i++)
        if (calls[i] > 0)
            vec_push(&libraries, ((struct library){name_text(p, i), calls[i]}));
    if (libraries.len > 0)
        qsort(libraries.data, libraries.len, sizeof *libraries.data, compare_libraries);
    for (size_t i = 0; i < libraries.len && i < LIBRARIES_SHOWN; i++) {
        stats->libraries[i] = libraries.data[i].name;
        stats->library_calls[i] = libraries.data[i].calls;
        stats->library_count++;
    }
    vec_release(&libraries);
}

void program_stats(const struct program *p, struct program_stats *stats)
{
    uint32_t *calls = memory_new((intern_count(p->names) + 1) * sizeof *calls); /* per name of a library */
    *stats = (struct program_stats){.roots = (uint32_t)p->roots.len - ROOT_FIRST_SPAWNED};
    stats->steps = p->steps;
    stats->capped = p->capped;
    for (uint32_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        stats->functions += u->ir->function_count;
        uint32_t op = u->ir->is_stub ? CALLSITE_NONE : callsites_next(&u->calls, 0);
        for (uint32_t k = 0; op != CALLSITE_NONE; k++, op = callsites_next(&u->calls, op + 1)) {
            enum unresolved reason = reason_of(u->fates[k]);
            uint64_t library;
            stats->calls++;
            if (u->fates[k] & CALL_RESOLVED) {
                stats->calls_resolved++;
                continue;
            }
            stats->unresolved[reason]++;
            if (reason == UNRESOLVED_LIBRARY && map_get(&p->unresolved_library, (uint64_t)i << 32 | op, &library))
                calls[library]++;
        }
    }
    add_libraries(p, calls, stats);
    free(calls);
}
