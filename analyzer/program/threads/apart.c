#include "program/threads/apart.h"

#include "base/map.h"
#include "base/vec.h"
#include "ir/opcodes.h"
#include "program/evaluate/contexts.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define CHAIN_MAX 8 /* objects that keep one another */

static bool is_made(const struct object *o)
{
    return o->kind == OBJECT_INSTANCE || o->kind == OBJECT_MODELLED;
}

/* Whether the call that makes an object stands among the elements of a display: `(Reader("a"), Reader("b"))`, so that
 * it is there once. Not where the display is multiplied. */
static bool is_made_in_display(const struct program *p, const struct object *o)
{
    uint32_t unit = o->b >> 20, site = o->b & 0xfffff;
    if (unit >= p->units.len || site >= p->units.data[unit].ir->op_count)
        return false;
    const struct ir_module *ir = p->units.data[unit].ir;
    ir_value made = ir->ops[site].result, display = 0;
    for (uint32_t i = site + 1; i < ir->op_count && made != 0; i++) {
        const struct ir_op *op = &ir->ops[i];
        for (uint32_t k = 0; op->code == IR_NEW && display == 0 && k < op->c; k++)
            if (ir->args[op->b + k].value == made)
                display = op->result;
        if (op->code == IR_BINARY && display != 0 && (op->a == display || op->b == display))
            return false;
        if (op->result == made)
            break; /* the next function numbers its values anew */
    }
    return display != 0;
}

/* Objects of which a container that is walked has several, each once. */
static bool is_one_of_many(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    return is_made(o) && ((o->flags & OBJECT_MANY) || is_made_in_display(p, o));
}

/* What the outermost loop around the present instruction deals out, one for each round. */
static set_id dealt_by_loop(struct frame *f)
{
    struct program *p = f->p;
    for (size_t i = 0; i < f->regions.len; i++) {
        const struct region *r = &f->regions.data[i];
        if (r->in_else || (r->code != IR_FOR && r->code != IR_LOOP))
            continue;
        if (r->code == IR_LOOP)
            return 0;
        const struct val *element = val_at(f, f->ops[r->op].result);
        struct val parts = place_contents(f, element); /* zip(), enumerate() */
        return sets_union(p->sets, element->set, parts.set);
    }
    return 0;
}

static void collect(const struct program *p, object_id object, set_id *once, set_id *twice)
{
    const struct object *o = object_at(p, object);
    if (o->kind == OBJECT_BOUND)
        object = o->b;
    if (!is_one_of_many(p, object))
        return;
    if (sets_has(p->sets, *once, object))
        *twice = sets_add(p->sets, *twice, object);
    *once = sets_add(p->sets, *once, object);
}

set_id apart_dealt(struct frame *f, const struct val *values, uint32_t count, set_id elements)
{
    struct program *p = f->p;
    set_id dealt = elements != 0 ? elements : dealt_by_loop(f), once = 0, twice = 0;
    for (uint32_t i = 0; i < count && dealt != 0; i++)
        for (uint32_t k = 0; k < sets_count(p->sets, values[i].set); k++) {
            object_id object = sets_member(p->sets, values[i].set, k);
            collect(p, object, &once, &twice);
            for (uint32_t n = 0; n < 4 && object_role(p, object) == ROLE_TUPLE; n++) {
                set_id part = heap_read(p, object, heap_element(p, n), f->id);
                for (uint32_t m = 0; m < sets_count(p->sets, part); m++)
                    collect(p, sets_member(p->sets, part, m), &once, &twice);
            }
        }
    return sets_minus(p->sets, sets_intersection(p->sets, once, dealt), twice);
}

/* ---- what hangs off an object ---- */

/* The function whose code makes an object; NULL: it is not known. */
static const struct ir_function *maker_of(const struct program *p, const struct object *o)
{
    uint32_t unit = o->b >> 20, site = o->b & 0xfffff;
    if (!is_made(o) || unit >= p->units.len)
        return NULL;
    const struct ir_module *ir = p->units.data[unit].ir;
    for (uint32_t i = 0; i < ir->function_count; i++)
        if (site >= ir->functions[i].first_op && site - ir->functions[i].first_op < ir->functions[i].op_count)
            return &ir->functions[i];
    return NULL;
}

/* Whether an object was made by a method of the one that keeps it: what others made may be kept by several. */
static bool is_part_of(const struct program *p, const struct object *part, object_id whole)
{
    const struct ir_function *fn = maker_of(p, part);
    object_id class_object = object_class(p, whole);
    if (fn == NULL || fn->class_index == IR_NO_INDEX || class_object == 0)
        return false;
    object_id maker = p->units.data[part->b >> 20].class_object[fn->class_index];
    return maker != 0 && class_derives_from(p, class_object, maker);
}

/* The object that an object is a part of, kept in a field or in a container there; 0 where it is none. */
static object_id whole_of(const struct program *p, object_id part)
{
    const struct object *o = object_at(p, part);
    if (o->kind == OBJECT_PATH)
        return o->a;
    object_id whole = is_made(o) ? o->home : 0;
    for (int i = 0; i < 2 && whole != 0 && role_is_container(object_role(p, whole)); i++)
        whole = object_at(p, whole)->home;
    return whole != 0 && (object_made_for(p, part) == whole || is_part_of(p, o, whole)) ? whole : 0;
}

/* ---- what else the threads reach ---- */

/* A variable that holds what threads are thought to have for themselves. */
struct holder {
    uint32_t field; /* index into program->fields */
    set_id readers; /* ids of threads' roots whose code reads it */
};

struct holders {
    VEC(struct holder) all;
    struct map by_place; /* object << 32 | name of the field -> index into all */
};

static uint64_t holder_key(object_id object, name_id field)
{
    return (uint64_t)object << 32 | field;
}

/* Collects the variables that hold one of the objects, and who reads them. */
static void holders_collect(struct program *p, set_id objects, struct holders *holders)
{
    for (size_t i = 1; i < p->fields.len && objects != 0; i++) {
        const struct field *field = &p->fields.data[i];
        if (!sets_overlap(p->sets, field->value, objects))
            continue;
        map_put(&holders->by_place, holder_key(field->object, field->name), holders->all.len);
        vec_push(&holders->all, ((struct holder){(uint32_t)i, 0}));
    }
    for (size_t i = 1; i < p->contexts.len && holders->all.len > 0; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->root < ROOT_FIRST_SPAWNED || c->status != CONTEXT_DONE)
            continue;
        for (size_t k = 0; k < c->records->accs.len; k++) {
            uint64_t found;
            if (!map_get(&holders->by_place,
                         holder_key(c->records->accs.data[k].object, c->records->accs.data[k].field), &found))
                continue;
            struct holder *holder = &holders->all.data[found];
            holder->readers = sets_add(p->sets, holder->readers, c->root);
        }
    }
}

static void holders_release(struct holders *holders)
{
    vec_release(&holders->all);
    map_release(&holders->by_place);
}

/* Whether the instruction that makes an object stands in a loop of its function. */
static bool is_made_in_loop(const struct program *p, const struct object *o)
{
    const struct ir_function *fn = maker_of(p, o);
    const struct ir_op *ops = p->units.data[o->b >> 20].ir->ops;
    uint32_t site = o->b & 0xfffff;
    for (uint32_t i = fn->first_op; i < site; i++) {
        uint32_t end = i;
        bool loop = ops[i].code == IR_FOR || ops[i].code == IR_LOOP;
        while (loop && ops[end].code != IR_END)
            end = ops[end].c;
        if (end > site)
            return true;
    }
    return false;
}

/* The object that made the thread, one thread for itself, and keeps it in a variable; 0 where there is none. */
static object_id keeper_of(const struct program *p, const struct root *root)
{
    const struct object *thread = object_at(p, root->object);
    if (!is_made(thread) || thread->home == 0 || thread->home_field == FIELD_CONTENTS || root->executor != 0)
        return 0;
    return is_part_of(p, thread, thread->home) && !is_made_in_loop(p, thread) ? thread->home : 0;
}

/* Whether a variable leads from a part of the keeper of a thread, or from the thread, to that keeper: its own. */
static bool leads_to_own(const struct program *p, const struct root *root, object_id keeper, object_id holder)
{
    const struct object *o = object_at(p, holder);
    if (o->kind == OBJECT_CELLS) { /* of one of its methods */
        const struct context *c = context_at(p, o->a);
        return c->arg_count > 0 && sets_has(p->sets, context_args(p, c)[0].set, keeper);
    }
    for (int i = 0; i < CHAIN_MAX && holder != 0 && holder != keeper; i++) {
        object_id whole = whole_of(p, holder);
        if (holder == root->object || whole == keeper)
            return true;
        holder = whole;
    }
    return false;
}

static bool stands_for_several(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    return o->kind == OBJECT_GENERIC || (o->kind == OBJECT_INSTANCE && (o->flags & OBJECT_MANY) != 0);
}

/* The object that makes threads of a root, one for itself, where there may be several such objects; 0: none. */
static object_id keeper_of_one_thread(const struct program *p, const struct root *root)
{
    object_id keeper = root->self_parallel ? keeper_of(p, root) : 0;
    return stands_for_several(p, keeper) ? keeper : 0; /* one alone starts a thread again and again */
}

/* Each keeper has its own thread, and each such thread its own keeper, as long as it does not come by others. */
static void apart_add_keeper(struct program *p, root_id id, const struct holders *holders)
{
    struct root *root = &p->roots.data[id];
    object_id keeper = keeper_of_one_thread(p, root);
    for (size_t i = 0; keeper != 0 && i < holders->all.len; i++) {
        const struct holder *holder = &holders->all.data[i];
        const struct field *field = &p->fields.data[holder->field];
        if (sets_has(p->sets, holder->readers, id) && sets_has(p->sets, field->value, keeper) &&
            !leads_to_own(p, root, keeper, field->object))
            return;
    }
    if (keeper != 0)
        root->apart = sets_add(p->sets, sets_add(p->sets, root->apart, keeper), root->object);
}

void apart_check(struct program *p)
{
    struct holders holders = {0};
    set_id objects = 0;
    for (root_id id = ROOT_FIRST_SPAWNED; id < p->roots.len; id++) {
        struct root *root = &p->roots.data[id];
        object_id keeper = keeper_of_one_thread(p, root);
        root->apart = sets_union(p->sets, root->apart, context_at(p, root->spawner)->dealt);
        objects = sets_union(p->sets, objects, root->apart);
        objects = keeper != 0 ? sets_add(p->sets, objects, keeper) : objects;
    }
    holders_collect(p, objects, &holders);
    for (root_id id = ROOT_FIRST_SPAWNED; id < p->roots.len; id++) {
        struct root *root = &p->roots.data[id];
        for (size_t i = 0; root->apart != 0 && i < holders.all.len; i++)
            if (sets_has(p->sets, holders.all.data[i].readers, id))
                root->apart = sets_minus(p->sets, root->apart, p->fields.data[holders.all.data[i].field].value);
        apart_add_keeper(p, id, &holders);
    }
    holders_release(&holders);
}

/* Where any caller starts the threads, an object is some instance of its class. */
static bool is_dealt(const struct program *p, set_id apart, object_id object)
{
    const struct object *o = object_at(p, object);
    for (uint32_t i = 0; o->kind == OBJECT_GENERIC && i < sets_count(p->sets, apart); i++) {
        const struct object *dealt = object_at(p, sets_member(p->sets, apart, i));
        if (dealt->kind == OBJECT_INSTANCE && dealt->a == o->a)
            return true;
    }
    return sets_has(p->sets, apart, object);
}

/* Whether one call in a loop leads to the start of both threads: they were told apart by what ran already. */
static bool starts_alike(const struct program *p, const struct root *x, const struct root *y)
{
    const struct context *a = context_at(p, x->spawner), *b = context_at(p, y->spawner);
    bool same_start = x->unit == y->unit && x->function == y->function && x->op == y->op;
    return same_start && x->spawner != 0 && y->spawner != 0 && a->caller == b->caller && a->caller_op == b->caller_op;
}

/* The object that makes the threads of both roots for itself, at one place; 0: none. */
static object_id keeper_of_both(const struct program *p, const struct root *x, const struct root *y)
{
    object_id keeper = keeper_of(p, x);
    bool same_place = object_at(p, x->object)->b == object_at(p, y->object)->b;
    return keeper_of(p, y) == keeper && same_place ? keeper : 0;
}

bool apart_alike(const struct program *p, root_id a, root_id b)
{
    const struct root *x = &p->roots.data[a], *y = &p->roots.data[b];
    return starts_alike(p, x, y) || keeper_of_both(p, x, y) != 0;
}

bool apart_starts_anew(const struct program *p, root_id a, root_id b)
{
    object_id keeper = keeper_of_both(p, &p->roots.data[a], &p->roots.data[b]);
    return keeper != 0 && !stands_for_several(p, keeper);
}

bool apart_one_at_a_time(const struct program *p, object_id object, root_id root)
{
    object_id keeper = keeper_of(p, &p->roots.data[root]);
    for (int i = 0; keeper != 0 && i < CHAIN_MAX && object != 0; i++) {
        if (object == keeper)
            return true;
        object = whole_of(p, object);
    }
    return false;
}

bool apart_confined(const struct program *p, object_id object, root_id root)
{
    set_id apart = p->roots.data[root].apart;
    for (int i = 0; apart != 0 && i < CHAIN_MAX && object != 0; i++) {
        if (is_dealt(p, apart, object))
            return true;
        object = whole_of(p, object);
    }
    return false;
}
