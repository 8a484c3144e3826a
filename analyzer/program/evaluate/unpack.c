/* unpack: `a, b = …`: what the parts of a tuple are, of a display, of tuples that are kept, and of those that a loop
 * over zip(), enumerate() or items() goes through; and slices. */
#include "program/evaluate/frame.h"

#include "program/evaluate/effects.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define COPIES_MAX 4 /* list(sorted(d.items())): calls that give back the elements they get */

/* `a, b = c, d` is two assignments: the value of an element of the display. NULL: it is no such display. */
static const struct val *display_element(struct frame *f, const struct val *source, const struct ir_op *op)
{
    const struct ir_op *display = source->op < f->op ? &f->ops[source->op] : NULL;
    if (display == NULL || display->code != IR_NEW || display->result != op->a || display->aux != IR_NEW_TUPLE ||
        op->flags != 0 || op->aux >= display->c)
        return NULL;
    for (uint32_t i = 0; i <= op->aux; i++)
        if (f->u->ir->args[display->b + i].kind != IR_ARG_PLAIN)
            return NULL;
    return val_at(f, f->u->ir->args[display->b + op->aux].value);
}

/* zip(), map(): what is unpacked are the elements. Of an iterator that is not known better, they may be its like. */
static bool is_used_up(const struct program *p, object_id object)
{
    const struct model *model = object_role(p, object) == ROLE_ITERATOR ? object_type_model(p, object) : NULL;
    return model != NULL && !str_equal(str_of(model->name), STR("collections.abc.Iterator"));
}

/* The model of all that a call may call; NULL where they are several, or not known. */
static const struct model *callee_model(struct frame *f, const struct ir_op *call)
{
    set_id callee = val_at(f, call->a)->set;
    const struct model *model = NULL;
    for (uint32_t i = 0; i < sets_count(f->p->sets, callee); i++) {
        const struct object *o = object_at(f->p, sets_member(f->p->sets, callee, i));
        bool known = (o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_METHOD) && o->model != NULL;
        if (!known || (model != NULL && model->deals != o->model->deals))
            return NULL;
        model = o->model;
    }
    return model;
}

/* The argument at a position, where all up to there are plain ones. */
static const struct val *plain_argument(struct frame *f, const struct ir_op *call, uint32_t position)
{
    for (uint32_t i = 0; i <= position; i++)
        if (i >= call->c || f->u->ir->args[call->b + i].kind != IR_ARG_PLAIN ||
            f->u->ir->args[call->b + i].keyword != 0)
            return NULL;
    return val_at(f, f->u->ir->args[call->b + position].value);
}

/* 0: such tuples have no such part, or it is not known which argument it comes from. */
static set_id part_dealt(struct frame *f, const struct model *model, const struct ir_op *call, const struct val *tuple,
                         uint32_t part)
{
    if (model->deals == DEALS_EACH) {
        const struct val *from = plain_argument(f, call, part);
        set_id elements = from != NULL ? place_contents(f, from).set : 0;
        return from != NULL && elements == 0 ? sets_one(f->p->sets, UNKNOWN_OBJECT) : elements;
    }
    if (part == 0)
        return sets_one(f->p->sets, model->deals == DEALS_NUMBERED ? SCALAR_OBJECT : UNKNOWN_OBJECT);
    return part == 1 ? tuple->set : 0;
}

/* A part of the tuple that a loop is at: which part of it is the element, the model of what deals the tuples out says.
 */
static bool dealt_element(struct frame *f, const struct val *source, const struct ir_op *op, set_id *element)
{
    const struct ir_op *loop = source->op < f->op ? &f->ops[source->op] : NULL;
    if (loop == NULL || loop->code != IR_FOR || loop->result != op->a || op->flags != 0)
        return false;
    const struct val *walked = val_at(f, loop->a);
    for (int i = 0; i < COPIES_MAX && walked != NULL && walked->op < source->op; i++) {
        const struct ir_op *call = &f->ops[walked->op];
        const struct model *model = call->code == IR_CALL ? callee_model(f, call) : NULL;
        if (model == NULL || (model->deals == DEALS_ELEMENTS && !model->keeps_length))
            return false;
        if (model->deals == DEALS_ELEMENTS) {
            walked = plain_argument(f, call, 0);
            continue;
        }
        *element = part_dealt(f, model, call, source, op->aux);
        return *element != 0;
    }
    return false;
}

struct val unpack_element(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    struct val source = *val_at(f, op->a);
    const struct val *element_of_display = display_element(f, &source, op);
    if (element_of_display != NULL)
        return *element_of_display;
    struct val result = {.reads = source.reads, .params = source.params};
    if (dealt_element(f, &source, op, &result.set))
        return result;
    for (uint32_t i = 0; i < sets_count(p->sets, source.set); i++) {
        object_id object = sets_member(p->sets, source.set, i);
        set_id element = 0;
        enum model_role role = object_role(p, object);
        if (role == ROLE_TUPLE || role == ROLE_LIST) {
            element = heap_read(p, object, heap_element(p, op->aux), f->id);
            if (element == 0)
                element = heap_read(p, object, FIELD_CONTENTS, f->id);
        } else if (object > THREAD_ID_OBJECT && !is_used_up(p, object)) {
            element = sets_one(p->sets, object); /* pairs whose parts are not told apart */
        }
        result.set = value_union(p, result.set, element);
    }
    if (result.set == 0)
        result.set = sets_one(p->sets, UNKNOWN_OBJECT);
    return result;
}

set_id slice_of(struct frame *f, const struct val *base, set_id contents)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, base->set); i++) {
        object_id object = sets_member(p->sets, base->set, i);
        if (object_role(p, object) != ROLE_LIST && object_role(p, object) != ROLE_TUPLE)
            return 0;
    }
    if (sets_count(p->sets, base->set) == 0)
        return 0;
    object_id list = effect_fresh(f, object_external(p, CLASS_LIST));
    if (contents != 0 && !value_is(p, contents, UNKNOWN_OBJECT))
        heap_write(p, list, FIELD_CONTENTS, contents, UINT32_MAX, 0);
    return sets_one(p->sets, list);
}
