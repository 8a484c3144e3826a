#include "program/hazards/escapes.h"

#include "base/hash.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define LATE_MAX 32    /* records of one constructor */
#define READERS_MAX 64 /* of one field that are looked at */

static bool is_receiver(const struct frame *f, object_id object)
{
    return f->c->arg_count > 0 && sets_has(f->p->sets, context_args(f->p, f->c)[0].set, object);
}

/* Whether the field has a value already: of the class, or by an earlier statement of this constructor or a base's. */
static bool has_value(struct frame *f, object_id object, name_id name)
{
    object_id class_object = object_class(f->p, object);
    struct member m = {0};
    if (class_object != 0)
        m = class_member(f->p, class_object, name, f->id);
    if (m.holder != 0)
        return true;
    const struct field *field = heap_find(f->p, object, name);
    return field != NULL && (field->unit != f->c->unit || field->op != f->fn->first_op + f->op);
}

static struct acc late_access(const struct frame *f, object_id object, name_id field, struct ir_span span)
{
    return (struct acc){.context = f->id,
                        .unit = f->c->unit,
                        .function = f->c->function,
                        .op = f->op,
                        .object = object,
                        .field = field,
                        .kind = ACCESS_STORE,
                        .flags = ACC_WRITES | ACC_ATOMIC,
                        .locks = f->now.locks,
                        .tokens = f->now.tokens,
                        .running = f->now.running,
                        .span = span};
}

void escape_stored(struct frame *f, object_id object, name_id field)
{
    if (!f->in_constructor)
        return;
    set_id begun = sets_intersection(f->p->sets, f->begun, f->now.running);
    if ((begun == 0 && !f->registered) || !is_receiver(f, object) || has_value(f, object, field))
        return;
    for (size_t i = 0; i < f->c->rare->late.len; i++)
        if (f->c->rare->late.data[i].acc.op == f->op && f->c->rare->late.data[i].acc.object == object)
            return;
    if (f->c->rare->late.len == LATE_MAX)
        return;
    struct late late = {.acc = late_access(f, object, field, f->ops[f->op].span), .begun = begun};
    if (f->registered)
        late.registered = f->registration;
    struct rare_records *rare = context_rare(f->p, f->c);
    vec_push(&rare->late, late);
}

/* The object, or a method bound to it. */
static bool gives_receiver(const struct frame *f, set_id value)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++) {
        object_id object = sets_member(f->p->sets, value, i);
        const struct object *o = object_at(f->p, object);
        if (is_receiver(f, o->kind == OBJECT_BOUND ? o->b : object))
            return true;
    }
    return false;
}

void escape_registered(struct frame *f, object_id holder, set_id value)
{
    if (!f->in_constructor || f->registered || !gives_receiver(f, value))
        return;
    uint8_t kind = object_at(f->p, place_root_object(f->p, holder))->kind;
    if (kind != OBJECT_MODULE && kind != OBJECT_CLASS)
        return;
    f->registered = true;
    f->registration = late_access(f, holder, FIELD_CONTENTS, f->ops[f->op].span);
}

void escape_own_read(struct frame *f, object_id object, name_id field)
{
    if (!is_own_thread(f, object))
        return;
    for (size_t i = 0; i < f->c->rare->own_reads.len; i++)
        if (f->c->rare->own_reads.data[i].field == field)
            return;
    struct acc read = late_access(f, object, field, f->ops[f->op].span);
    read.kind = ACCESS_LOAD;
    read.flags = 0;
    if (f->c->rare->own_reads.len < LATE_MAX) {
        struct rare_records *rare = context_rare(f->p, f->c);
        vec_push(&rare->own_reads, read);
    }
}

/* ---- the search ---- */

/* Whether a read by a thread may come before the store. */
static bool reads_early(struct program *p, const struct late *late, const struct acc *read)
{
    if ((read->flags & ACC_WRITES) || sets_overlap(p->sets, read->locks, late->acc.locks))
        return false;
    const struct root *root = &p->roots.data[context_at(p, read->context)->root];
    if (root->kind != THREAD_SPAWNED || object_role(p, root->object) == ROLE_HANDLER)
        return false; /* a server is started later */
    if (sets_has(p->sets, late->begun, root->object))
        return true;
    return late->registered.context != 0 && sets_has(p->sets, late->acc.running, root->object);
}

/* Of a thread that is the object itself: what it reads of itself. */
static const struct acc *own_reader(struct finder *f, const struct late *late)
{
    struct program *p = f->p;
    uint64_t root;
    if (!map_get(&p->root_by_object, late->acc.object, &root) || !sets_has(p->sets, late->begun, late->acc.object))
        return NULL;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->root == root && c->status == CONTEXT_DONE && k < c->rare->own_reads.len; k++)
            if (c->rare->own_reads.data[k].field == late->acc.field &&
                reads_early(p, late, &c->rare->own_reads.data[k]))
                return &c->rare->own_reads.data[k];
    }
    return NULL;
}

/* Who reads the field of that very object, or of some object of its class. */
static const struct acc *early_reader(struct finder *f, const struct late *late)
{
    struct program *p = f->p;
    const struct acc *own = own_reader(f, late);
    if (own != NULL)
        return own;
    uint64_t place = finder_place(p, &late->acc);
    size_t from = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t i = from; i < f->all.len && i < from + READERS_MAX && f->all.data[i].place == place; i++)
        if (reads_early(p, late, f->all.data[i].acc))
            return f->all.data[i].acc;
    return NULL;
}

/* Where the thread that reads was started: as an access in the constructor's words, by the spawning instruction. */
static struct acc started_at(const struct program *p, const struct late *late, const struct acc *read)
{
    const struct root *root = &p->roots.data[context_at(p, read->context)->root];
    if (root->entry || !sets_has(p->sets, late->begun, root->object))
        return late->registered;
    const struct ir_module *ir = p->units.data[root->unit].ir;
    struct acc start = late->acc;
    start.unit = root->unit;
    start.function = root->function;
    start.op = root->op;
    start.span = ir->ops[ir->functions[root->function].first_op + root->op].span;
    return start;
}

static void escape_add(struct finder *f, const struct late *late, const struct acc *read)
{
    struct program *p = f->p;
    const struct root *root = &p->roots.data[context_at(p, read->context)->root];
    struct hazard h = {.kind = HAZARD_ESCAPE, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_HIGH};
    bool started = sets_has(p->sets, late->begun, root->object);
    h.why =
        started ? STR("the constructor itself starts the thread") : STR("a thread that runs already finds the object");
    if (root->generic)
        h.confidence = CONFIDENCE_MEDIUM;
    if (convention_gated(p, read))
        h.confidence = CONFIDENCE_LOW;
    struct acc escape = started_at(p, late, read);
    h.escape = describe_access(p, &escape, NULL);
    finder_add(f, &h, &late->acc, &late->acc, read);
}

void find_escapes(struct finder *f)
{
    struct map told = {0}; /* constructor and root: one finding */
    for (size_t i = 1; i < f->p->contexts.len; i++) {
        const struct context *c = f->p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->rare->late.len; k++) {
            const struct acc *read = early_reader(f, &c->rare->late.data[k]);
            if (read == NULL)
                continue;
            uint32_t parts[3] = {c->unit, c->function, context_at(f->p, read->context)->root};
            uint64_t *seen = map_slot(&told, hash_bytes(parts, sizeof parts) >> 1, 0);
            if (*seen != 0 && *seen != c->rare->late.data[k].acc.op + 1)
                continue;
            *seen = c->rare->late.data[k].acc.op + 1;
            escape_add(f, &c->rare->late.data[k], read);
        }
    }
    map_release(&told);
}
