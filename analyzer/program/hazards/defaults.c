/* defaults: containers that a class body or a parameter's default makes once, for all instances or calls, and that code
 * changes as if each had its own (RL307, RL308). */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

static bool is_parameter(const struct program *p, object_id function, name_id name)
{
    const struct object *o = object_at(p, function);
    const struct unit *u = &p->units.data[o->a];
    const struct ir_function *fn = &u->ir->functions[o->b];
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (u->names[u->ir->params[fn->first_param + i].name] == name)
            return true;
    return false;
}

bool default_of_parameter(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    if (o->home == 0 || object_at(p, o->home)->kind != OBJECT_FUNCTION)
        return false;
    /* a nested function is defined anew by each call around it, and so are its defaults */
    return object_at(p, o->home)->c == 0 && is_parameter(p, o->home, o->home_field);
}

static struct str text_of(const struct program *p, const struct acc *acc)
{
    return str_slice(p->units.data[acc->unit].file->text, acc->span.start, acc->span.end);
}

/* How the code of an access names a container of a class. */
enum naming { NAMED_OTHERWISE, NAMED_BY_INSTANCE, NAMED_BY_CLASS };

/* Looks for `x.field` in the text: x is the instance where it is the name of the method's first parameter. */
static enum naming naming_of(const struct program *p, const struct acc *acc)
{
    const struct unit *u = &p->units.data[acc->unit];
    const struct ir_function *fn = &u->ir->functions[acc->function];
    struct str field = name_text(p, object_at(p, acc->object)->home_field), text = text_of(p, acc);
    if (acc->flags & ACC_VIA)
        return NAMED_OTHERWISE;
    for (size_t i = 1; i + field.len <= text.len; i++) {
        if (text.ptr[i - 1] != '.' || !str_starts(str_slice(text, i, text.len), field))
            continue;
        if (i + field.len < text.len && str_is_name_byte(text.ptr[i + field.len]))
            continue;
        size_t begin = i - 1;
        while (begin > 0 && str_is_name_byte(text.ptr[begin - 1]))
            begin--;
        bool method = fn->class_index != IR_NO_INDEX && fn->param_count > 0;
        struct str self = method ? u->ir->names[u->ir->params[fn->first_param].name] : STR("");
        bool instance = str_equal(str_slice(text, begin, i - 1), self) && !str_equal(self, STR("cls"));
        return instance ? NAMED_BY_INSTANCE : NAMED_BY_CLASS;
    }
    return NAMED_OTHERWISE;
}

/* Code that names the container by the class means to share it. */
static bool is_shared_on_purpose(const struct finder *f, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (naming_of(f->p, f->all.data[i].acc) == NAMED_BY_CLASS)
            return true;
    return false;
}

/* A list, set or deque that is changed, a dict that is emptied or gets an entry with a fixed name, like a record;
 * entries with other keys make it a table, which may well be meant for all. */
static bool is_own_change(const struct program *p, const struct acc *acc, bool parameter)
{
    if ((acc->flags & ACC_WRITES) == 0 || acc->field != FIELD_CONTENTS || (acc->flags & ACC_VIA))
        return false;
    if (parameter)
        return true;
    if (naming_of(p, acc) != NAMED_BY_INSTANCE)
        return false;
    enum model_role role = object_role(p, acc->object);
    return role == ROLE_LIST || role == ROLE_SET || role == ROLE_DEQUE ||
           (role == ROLE_DICT && acc->kind == ACCESS_METHOD && (acc->flags & ACC_REMOVES) && acc->key == 0) ||
           (role == ROLE_DICT && acc->kind == ACCESS_STORE && acc->key_constant);
}

/* An entry of a table: the default may well be meant to remember, for all calls. */
static bool is_entry(const struct program *p, const struct acc *acc)
{
    return object_role(p, acc->object) == ROLE_DICT && acc->kind == ACCESS_STORE && !acc->key_constant;
}

struct meeting {
    const struct acc *partner;
    struct parallel_info parallel;
    uint32_t rank;
};

static struct meeting meet(struct finder *f, const struct acc *acc, size_t first, size_t end)
{
    struct program *p = f->p;
    struct meeting best = {0};
    if (end - first > 256)
        end = first + 256;
    for (size_t i = first; i < end; i++) {
        const struct acc *other = f->all.data[i].acc;
        if (sets_overlap(p->sets, acc->locks, other->locks))
            continue;
        struct parallel_info parallel = parallel_accesses(p, acc, other);
        if (parallel.kind == PARALLEL_NO)
            continue;
        uint32_t rank = (uint32_t)parallel.kind * 4 + (other->op == acc->op && other->function == acc->function) * 2u +
                        ((other->flags & ACC_WRITES) != 0);
        if (best.partner == NULL || rank > best.rank)
            best = (struct meeting){other, parallel, rank};
    }
    return best;
}

static void check_place(struct finder *f, size_t first, size_t end, bool parameter)
{
    struct program *p = f->p;
    for (size_t i = first; i < end; i++) {
        const struct acc *acc = f->all.data[i].acc;
        if (!is_own_change(p, acc, parameter) || (acc->flags & (ACC_OWN_LOCK | ACC_OWN_THREAD)))
            continue;
        struct meeting m = meet(f, acc, first, end);
        if (m.partner == NULL)
            continue;
        struct hazard h = {.kind = HAZARD_MADE_ONCE, .exposure = EXPOSURE_ANY_BUILD};
        struct span span = {.first = acc, .last = acc, .via = VIA_ITERATION};
        h.confidence = confidence_of(p, &span, m.partner, m.parallel, GUARDED_NEVER, &h.why);
        if (parameter && m.parallel.kind != PARALLEL_ROOTS && is_entry(p, acc))
            h.confidence = CONFIDENCE_LOW;
        object_id lock = finder_suggestion(p, acc, m.partner);
        if (lock != 0)
            h.suggestion = describe_lock(p, lock, acc);
        finder_add(f, &h, acc, acc, m.partner);
    }
}

void find_made_once(struct finder *f)
{
    const struct program *p = f->p;
    size_t end;
    for (size_t i = 0; i < f->all.len; i = end) {
        for (end = i + 1; end < f->all.len && f->all.data[end].place == f->all.data[i].place; end++)
            continue;
        const struct acc *acc = f->all.data[i].acc;
        const struct object *o = object_at(p, acc->object);
        if (acc->field != FIELD_CONTENTS || o->kind != OBJECT_MODELLED || o->home == 0)
            continue;
        bool of_class = object_at(p, o->home)->kind == OBJECT_CLASS;
        bool parameter = !of_class && default_of_parameter(p, acc->object);
        if ((of_class && !is_shared_on_purpose(f, i, end)) || parameter)
            check_place(f, i, end, parameter);
    }
}
