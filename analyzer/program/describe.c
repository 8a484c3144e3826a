/* describe: turns internal records into what program.h promises to rules. */
#include "program/hazards/hazards.h"
#include "program/locks/guards.h"

#include <string.h>

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static struct str span_text(struct program *p, uint32_t unit, struct ir_span span)
{
    (void)p;
    return str_slice(p->units.data[unit].file->text, span.start, span.end);
}

/* One line of it, white space folded. */
static struct str one_line(struct program *p, struct str text)
{
    size_t limit = text.len > 120 ? 120 : text.len;
    char *out = arena_alloc(p->arena, limit + 4);
    size_t n = 0;
    for (size_t i = 0; i < limit; i++) {
        char c = text.ptr[i];
        bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (space && (n == 0 || out[n - 1] == ' '))
            continue;
        out[n++] = space ? ' ' : c;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    return (struct str){out, n};
}

static struct site site_of(struct program *p, uint32_t unit, uint32_t function, struct ir_span span)
{
    return (struct site){p->units.data[unit].file, span, function_qualname(p, unit, function)};
}

/* ---- places ---- */

/* A field that no code writes: the arguments of a thread, the elements of a tuple. */
static bool is_made_up(struct str field)
{
    return field.len > 0 && strchr("<#=", field.ptr[0]) != NULL;
}

/* How code of the owner writes a path to an object: "self.items", "CACHE", "Cls.registry"; empty where it cannot. */
static struct str path_name(struct program *p, object_id object, int depth)
{
    if (depth > 6)
        return STR("…");
    const struct object *o = object_at(p, object);
    switch (o->kind) {
    case OBJECT_GENERIC: return STR("self");
    case OBJECT_MODULE: return STR("");
    case OBJECT_CLASS: {
        struct str name = object_display(p, object);
        size_t dot = str_rfind_char(name, '.');
        return dot == SIZE_MAX ? name : str_slice(name, dot + 1, name.len);
    }
    case OBJECT_CELLS: return STR("");
    case OBJECT_EXTERNAL: return name_text(p, o->a);
    case OBJECT_FUNCTION: return STR("");
    case OBJECT_PATH: {
        struct str base = path_name(p, o->a, depth + 1);
        if (o->b == FIELD_CONTENTS)
            return arena_printf(p->arena, "%.*s[…]", STR_FMT(base));
        if (base.len == 0)
            return name_text(p, o->b);
        return arena_printf(p->arena, "%.*s.%.*s", STR_FMT(base), STR_FMT(name_text(p, o->b)));
    }
    case OBJECT_MODELLED:
    case OBJECT_INSTANCE: {
        if (o->home == 0)
            return o->kind == OBJECT_INSTANCE ? STR("self") : STR("");
        if (o->kind == OBJECT_INSTANCE)
            return STR("self");
        struct str field = name_text(p, o->home_field);
        if (is_made_up(field))
            return STR("");
        struct str base = path_name(p, o->home, depth + 1);
        if (o->home_field == FIELD_CONTENTS)
            return base.len > 0 ? arena_printf(p->arena, "%.*s[…]", STR_FMT(base)) : base;
        if (base.len == 0)
            return field;
        return arena_printf(p->arena, "%.*s.%.*s", STR_FMT(base), STR_FMT(field));
    }
    default: return STR("");
    }
}

static struct str member_name(struct program *p, struct str path, name_id field)
{
    if (path.len == 0)
        return name_text(p, field);
    return arena_printf(p->arena, "%.*s.%.*s", STR_FMT(path), STR_FMT(name_text(p, field)));
}

static enum place_root root_kind(const struct program *p, object_id object)
{
    switch (object_at(p, object)->kind) {
    case OBJECT_MODULE: return PLACE_GLOBAL;
    case OBJECT_CLASS: return PLACE_CLASS;
    case OBJECT_GENERIC:
    case OBJECT_INSTANCE: return PLACE_INSTANCE;
    case OBJECT_CELLS: return PLACE_CELL;
    default: return PLACE_OBJECT;
    }
}

/* The target expression in the text of an access: without ` += …` of an augmented assignment. */
static struct str target_text(struct program *p, const struct acc *acc)
{
    struct str text = span_text(p, acc->unit, acc->span);
    if (acc->kind != ACCESS_AUGMENTED)
        return text;
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] == '=') {
            size_t end = i;
            while (end > 0 && strchr("+-*/%@&|^<> \t\\", text.ptr[end - 1]) != NULL)
                end--;
            return str_slice(text, 0, end);
        }
    return text;
}

/* The container in the text of an operation on it: "names" of "names.append(name)". */
static struct str container_text(struct program *p, const struct acc *acc)
{
    struct str text = target_text(p, acc);
    size_t open = acc->kind == ACCESS_METHOD ? str_find(text, STR("(")) : SIZE_MAX;
    size_t dot = open != SIZE_MAX ? str_rfind_char(str_slice(text, 0, open), '.') : SIZE_MAX;
    return dot != SIZE_MAX ? str_slice(text, 0, dot) : text;
}

static struct site declared_site(struct program *p, object_id object, name_id field)
{
    const struct field *f = heap_find(p, object, field);
    if (f == NULL || f->unit == UINT32_MAX)
        return (struct site){0};
    const struct unit *u = &p->units.data[f->unit];
    uint32_t function = 0;
    for (uint32_t i = 0; i < u->ir->function_count; i++)
        if (f->op >= u->ir->functions[i].first_op &&
            f->op < u->ir->functions[i].first_op + u->ir->functions[i].op_count)
            function = i;
    return site_of(p, f->unit, function, u->ir->ops[f->op].span);
}

static bool is_instance(const struct program *p, object_id object)
{
    uint8_t kind = object_at(p, object)->kind;
    return kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC;
}

/* The place as people write it: as it stands there, or by the path that leads to it. */
static struct str place_name(struct program *p, const struct acc *acc, enum model_role role)
{
    bool contents = acc->field == FIELD_CONTENTS;
    bool written_out = acc->kind == ACCESS_AUGMENTED || acc->kind == ACCESS_STORE || acc->kind == ACCESS_LOAD;
    if (written_out && (acc->flags & ACC_VIA) == 0)
        return one_line(p, target_text(p, acc));
    struct str path = path_name(p, acc->object, 0);
    if (!contents)
        path = member_name(p, path, acc->field);
    struct str name = path.len > 0 ? path : one_line(p, container_text(p, acc));
    bool subscript = role == ROLE_DICT || acc->kind == ACCESS_DELETE || written_out;
    if (!contents || acc->key == 0 || !subscript)
        return name;
    return arena_printf(p->arena, "%.*s[%.*s]", STR_FMT(name), STR_FMT(name_text(p, acc->key)));
}

#define NESTED_MAX 8 /* containers in containers */

/* Names the variable that holds the container, or the one that it is in. */
static void describe_variable(struct program *p, object_id holder, name_id field, struct place *place)
{
    for (int i = 0; i < NESTED_MAX && field == FIELD_CONTENTS && object_at(p, holder)->kind == OBJECT_MODELLED &&
                    object_at(p, holder)->home != 0;
         i++) {
        field = object_at(p, holder)->home_field;
        holder = object_at(p, holder)->home;
    }
    bool outer = field != FIELD_CONTENTS;
    place->variable = outer ? name_text(p, field) : place->field;
    place->set_up = outer ? declared_site(p, holder, field) : place->declared;
}

const struct place *describe_place(struct program *p, const struct acc *acc)
{
    struct place *place = arena_alloc(p->arena, sizeof *place);
    const struct object *o = object_at(p, acc->object);
    bool contents = acc->field == FIELD_CONTENTS;
    object_id holder = contents && o->home != 0 ? o->home : acc->object;
    name_id field = contents && o->home != 0 ? o->home_field : acc->field;
    object_id root = place_root_object(p, acc->object);
    place->root = root_kind(p, contents || !is_instance(p, acc->object) ? root : acc->object);
    place->contents = contents;
    place->field = contents && o->home == 0 && o->kind == OBJECT_PATH ? name_text(p, o->b) : name_text(p, field);
    if (contents && default_of_parameter(p, acc->object))
        place->root = PLACE_DEFAULT;
    place->owner = object_display(
        p,
        object_at(p, holder)->kind == OBJECT_INSTANCE || object_at(p, holder)->kind == OBJECT_GENERIC ? holder : root);
    place->declared = declared_site(p, holder, field);
    describe_variable(p, holder, field, place);
    place->role = object_role(p, acc->object);
    place->type = object_type_model(p, acc->object);
    place->name = place_name(p, acc, place->role);
    place->key = guard_group(p, acc->object, acc->field);
    return place;
}

/* ---- accesses ---- */

/* The lock as the code that takes it writes it: the call around an access, or one of its callers. */
static struct str taken_as(struct program *p, object_id lock, context_id context)
{
    for (int depth = 0; depth < 8 && context != 0; depth++) {
        const struct context *c = context_at(p, context);
        for (size_t i = 0; i < c->records->takings.len; i++) {
            const struct acc *taking = &c->records->takings.data[i].acc;
            if (taking->object == lock && (taking->flags & ACC_VIA) == 0)
                return one_line(p, span_text(p, taking->unit, taking->span));
        }
        context = c->caller;
    }
    return STR("the lock");
}

const struct held_lock *describe_lock(struct program *p, object_id lock, const struct acc *near)
{
    struct held_lock *held = arena_alloc(p->arena, sizeof *held);
    const struct object *o = object_at(p, lock);
    struct str name = path_name(p, lock, 0);
    held->name = name.len > 0 ? name : taken_as(p, lock, near->context);
    held->owner = o->home != 0 ? object_display(p, o->home) : STR("");
    held->identity = lock;
    held->role = object_role(p, lock);
    const struct model *type = object_type_model(p, lock);
    held->of_tasks = type != NULL && type->scope == SCOPE_ASYNCIO;
    if (o->home != 0) {
        held->declared = declared_site(p, o->home, o->home_field);
    }
    return held;
}

static int compare_locks(const struct held_lock *a, const struct held_lock *b)
{
    int order = str_compare(a->name, b->name);
    return order != 0 ? order : str_compare(a->owner, b->owner);
}

static const struct held_lock *describe_locks(struct program *p, set_id locks, const struct acc *acc, uint32_t *count)
{
    uint32_t n = sets_count(p->sets, locks);
    *count = n;
    if (n == 0)
        return NULL;
    struct held_lock *list = arena_array(p->arena, n, sizeof *list);
    for (uint32_t i = 0; i < n; i++) {
        struct held_lock lock = *describe_lock(p, sets_member(p->sets, locks, i), acc);
        uint32_t at = i;
        while (at > 0 && compare_locks(&lock, &list[at - 1]) < 0)
            list[at] = list[at - 1], at--;
        list[at] = lock;
    }
    return list;
}

const struct access *describe_access(struct program *p, const struct acc *acc, const struct place *place)
{
    struct access *a = arena_alloc(p->arena, sizeof *a);
    a->site = site_of(p, acc->unit, acc->function, acc->span);
    a->kind = (enum access_kind)acc->kind;
    a->writes = (acc->flags & ACC_WRITES) != 0;
    a->atomic = (acc->flags & ACC_ATOMIC) != 0;
    a->constant = (acc->flags & ACC_CONSTANT) != 0;
    a->text = one_line(p, span_text(p, acc->unit, acc->span));
    a->model = acc->model;
    if (acc->model != NULL) {
        struct str name = str_of(acc->model->name);
        size_t dot = str_rfind_char(name, '.');
        a->method = str_slice(name, dot == SIZE_MAX ? 0 : dot + 1, name.len);
    }
    a->key = acc->key != 0 ? name_text(p, acc->key) : STR("");
    a->place = place;
    a->locks = describe_locks(p, acc->locks, acc, &a->lock_count);
    return a;
}

/* ---- sides ---- */

/* What a call does that is no access of a variable: to an event, or to the file system; STEP_READ for all others. */
static enum step_effect effect_of_call(const struct model *model)
{
    bool opens = model->mode != MODEL_NO_ARG || model->mode_keyword != NULL; /* perhaps only to read */
    if ((model->effects & (EFFECT_SET | EFFECT_CLEAR)) || (model->file == FILE_ACT && !opens))
        return STEP_UPDATE;
    return model->file == FILE_CHECK || model->file == FILE_CHECK_FOLDER ? STEP_CHECK : STEP_READ;
}

static enum step_effect effect_of(const struct acc *acc)
{
    if (acc->flags & ACC_TAKES)
        return STEP_ACQUIRE;
    if (acc->flags & ACC_WAITS)
        return STEP_JOIN;
    if (acc->flags & ACC_SPAWNS)
        return STEP_SPAWN;
    if (acc->flags & ACC_HANDS)
        return STEP_CALL;
    if (acc->kind == ACCESS_ITERATE)
        return STEP_ITERATE;
    if (acc->kind == ACCESS_DELETE)
        return STEP_DELETE;
    if (acc->flags & ACC_WRITES)
        return acc->kind == ACCESS_STORE ? STEP_WRITE : STEP_UPDATE;
    if (acc->kind == ACCESS_MEMBERSHIP || acc->kind == ACCESS_SIZE)
        return STEP_CHECK;
    return acc->model != NULL ? effect_of_call(acc->model) : STEP_READ;
}

static struct thread_step step_at(struct program *p, uint32_t unit, uint32_t function, struct ir_span span,
                                  enum step_effect effect)
{
    struct thread_step step = {.site = site_of(p, unit, function, span), .effect = effect};
    step.text = one_line(p, span_text(p, unit, span));
    return step;
}

static struct thread_step access_step(struct program *p, const struct acc *acc)
{
    struct thread_step step = step_at(p, acc->unit, acc->function, acc->span, effect_of(acc));
    step.locks = describe_locks(p, acc->locks, acc, &step.lock_count);
    return step;
}

/* The access inside a call, behind the call that it happens in. */
static uint32_t add_access(struct program *p, const struct acc *acc, struct thread_step *steps)
{
    steps[0] = access_step(p, acc);
    if ((acc->flags & ACC_VIA) == 0)
        return 1;
    if (acc->flags & ACC_TAKES)
        steps[0].effect = STEP_CALL;
    steps[1] = step_at(p, acc->inner.unit, acc->inner.function, acc->inner.span, effect_of(acc));
    steps[1].locks = steps[0].locks;
    steps[1].lock_count = steps[0].lock_count;
    return 2;
}

#define CALLS_MAX 6

/* The calls from the thread's start to a context, outermost first. */
static uint32_t call_chain(struct program *p, context_id context, struct thread_step *steps)
{
    struct thread_step reversed[CALLS_MAX];
    uint32_t count = 0;
    const struct context *c = context_at(p, context);
    while (count < CALLS_MAX && c->caller != 0 && context_at(p, c->caller)->root == c->root) {
        const struct context *caller = context_at(p, c->caller);
        const struct unit *u = &p->units.data[caller->unit];
        const struct ir_op *op = &u->ir->ops[u->ir->functions[caller->function].first_op + c->caller_op];
        reversed[count++] = step_at(p, caller->unit, caller->function, op->span, STEP_CALL);
        c = caller;
    }
    for (uint32_t i = 0; i < count; i++)
        steps[i] = reversed[count - 1 - i];
    return count;
}

const struct thread_side *describe_side(struct program *p, const struct acc *first, const struct acc *last)
{
    struct thread_side *side = arena_alloc(p->arena, sizeof *side);
    const struct acc *start = first != NULL ? first : last;
    const struct root *root = &p->roots.data[context_at(p, start->context)->root];
    struct thread_step steps[CALLS_MAX + 6];
    uint32_t count = 0;
    side->kind = (enum thread_kind)root->kind;
    side->root = root->label;
    side->many = root->self_parallel;
    if (root->kind == THREAD_SPAWNED && !root->entry) {
        const struct unit *u = &p->units.data[root->unit];
        const struct ir_op *op = &u->ir->ops[u->ir->functions[root->function].first_op + root->op];
        steps[count++] = step_at(p, root->unit, root->function, op->span, STEP_SPAWN);
        side->start = steps[0].site;
    }
    count += call_chain(p, start->context, steps + count);
    if (first != NULL)
        count += add_access(p, first, steps + count);
    if (first == NULL || first->op != last->op || first->context != last->context || first->kind != last->kind)
        count += add_access(p, last, steps + count);
    side->steps = arena_copy(p->arena, steps, count, sizeof *steps);
    side->step_count = count;
    return side;
}
