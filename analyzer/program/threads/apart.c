#include "program/threads/apart.h"

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

/* ---- what else the threads reach ---- */

/* Whether code of the root reads a variable that holds the object. */
static bool comes_by(const struct program *p, root_id root, const struct field *holder)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->root == root && c->status == CONTEXT_DONE && k < c->accs.len; k++)
            if (c->accs.data[k].object == holder->object && c->accs.data[k].field == holder->name)
                return true;
    }
    return false;
}

void apart_check(struct program *p)
{
    for (root_id id = ROOT_FIRST_SPAWNED; id < p->roots.len; id++) {
        struct root *root = &p->roots.data[id];
        for (size_t i = 1; root->apart != 0 && i < p->fields.len; i++) {
            set_id held = sets_intersection(p->sets, p->fields.data[i].value, root->apart);
            if (held != 0 && comes_by(p, id, &p->fields.data[i]))
                root->apart = sets_minus(p->sets, root->apart, held);
        }
    }
}

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

bool apart_confined(const struct program *p, object_id object, root_id root)
{
    set_id apart = p->roots.data[root].apart;
    for (int i = 0; apart != 0 && i < CHAIN_MAX && object != 0; i++) {
        if (is_dealt(p, apart, object))
            return true;
        const struct object *o = object_at(p, object);
        if (o->home == 0 || !is_part_of(p, o, o->home))
            return false;
        object = o->home;
    }
    return false;
}
