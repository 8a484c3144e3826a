/* survey: what those who change the source ask of the analysis: who touches a place, and what a piece of code calls. */
#include <stdlib.h>
#include <string.h>

#include "program/evaluate/contexts.h"
#include "program/hazards/finder.h"
#include "program/locks/guards.h"
#include "program/symbols/classes.h"
#include "program/values/objects.h"

/* ---- accesses of places ---- */

static bool is_asked(uint64_t place, const uint64_t *places, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (places[i] == place)
            return true;
    return false;
}

static int compare_records(const void *left, const void *right)
{
    const struct located *a = left, *b = right;
    if (a->acc->unit != b->acc->unit)
        return a->acc->unit < b->acc->unit ? -1 : 1;
    if (a->acc->span.start != b->acc->span.start)
        return a->acc->span.start < b->acc->span.start ? -1 : 1;
    if (a->acc->span.end != b->acc->span.end)
        return a->acc->span.end < b->acc->span.end ? -1 : 1;
    if (a->acc->op != b->acc->op)
        return a->acc->op < b->acc->op ? -1 : 1;
    if (a->acc->kind != b->acc->kind)
        return a->acc->kind < b->acc->kind ? -1 : 1;
    return (a->acc->context > b->acc->context) - (a->acc->context < b->acc->context);
}

typedef VEC(struct located) record_list;

static void collect_records(struct program *p, const uint64_t *places, uint32_t count, record_list *records)
{
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->accs.len; k++) {
            const struct acc *acc = &c->records->accs.data[k];
            if (is_asked(guard_group(p, acc->object, acc->field), places, count))
                vec_push(records, ((struct located){finder_place(p, acc), acc_position(acc), acc}));
        }
    }
    if (records->len > 0)
        qsort(records->data, records->len, sizeof *records->data, compare_records);
}

static bool is_racing(struct program *p, const struct located *record, const record_list *all)
{
    for (size_t i = 0; i < all->len; i++) {
        const struct located *other = &all->data[i];
        if (other->place != record->place || ((other->acc->flags | record->acc->flags) & ACC_WRITES) == 0)
            continue;
        if (parallel_accesses(p, record->acc, other->acc).kind != PARALLEL_NO)
            return true;
    }
    return false;
}

static bool same_spot(const struct acc *a, const struct acc *b)
{
    return a->unit == b->unit && a->op == b->op && a->function == b->function && a->kind == b->kind;
}

/* Sums up the records of one instruction, [from, to). */
static struct place_access sum_up(struct program *p, const record_list *all, size_t from, size_t to)
{
    struct place_access sum = {0};
    struct acc joined = *all->data[from].acc;
    for (size_t i = from; i < to; i++) {
        const struct acc *acc = all->data[i].acc;
        joined.locks = sets_intersection(p->sets, joined.locks, acc->locks);
        sum.racing = sum.racing || is_racing(p, &all->data[i], all);
        sum.exposed = sum.exposed || !guard_in_constructor(p, acc);
    }
    sum.access = describe_access(p, &joined, describe_place(p, &joined));
    return sum;
}

uint32_t program_accesses(struct program *p, const uint64_t *places, uint32_t place_count, struct arena *arena,
                          struct place_access **accesses)
{
    record_list records = {0};
    uint32_t count = 0;
    collect_records(p, places, place_count, &records);
    *accesses = arena_array(arena, records.len, sizeof **accesses);
    for (size_t from = 0, to; from < records.len; from = to) {
        for (to = from + 1; to < records.len && same_spot(records.data[from].acc, records.data[to].acc);)
            to++;
        (*accesses)[count++] = sum_up(p, &records, from, to);
    }
    vec_release(&records);
    return count;
}

uint32_t program_places_changed(struct program *p, const struct source_file *file, struct ir_span span,
                                struct str owner, struct arena *arena, uint64_t **places)
{
    VEC(uint64_t) found = {0};
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->accs.len; k++) {
            const struct acc *acc = &c->records->accs.data[k];
            bool inside =
                p->units.data[acc->unit].file == file && acc->span.start >= span.start && acc->span.end <= span.end;
            if (!inside || (acc->flags & ACC_WRITES) == 0 || guard_in_constructor(p, acc))
                continue;
            uint64_t key = guard_group(p, acc->object, acc->field);
            if (!is_asked(key, found.data, (uint32_t)found.len) && str_equal(describe_place(p, acc)->owner, owner))
                vec_push(&found, key);
        }
    }
    *places = arena_array(arena, found.len, sizeof **places);
    for (size_t i = 0; i < found.len; i++)
        (*places)[i] = found.data[i];
    uint32_t count = (uint32_t)found.len;
    vec_release(&found);
    return count;
}

/* ---- calls ---- */

/* Whose calls have been, or are to be, looked at. */
struct reach {
    struct program *p;
    bool **seen; /* per unit, per function; NULL where none of the unit was met */
    VEC(uint64_t) work;
    VEC(struct site) functions;
};

static void reach_function(struct reach *r, uint32_t unit, uint32_t function)
{
    const struct unit *u = &r->p->units.data[unit];
    if (r->seen[unit] == NULL)
        r->seen[unit] = memory_new((u->ir->function_count + 1) * sizeof(bool));
    if (r->seen[unit][function])
        return;
    r->seen[unit][function] = true;
    vec_push(&r->work, (uint64_t)unit << 32 | function);
    struct site site = {u->file, u->ir->functions[function].span, function_qualname(r->p, unit, function)};
    vec_push(&r->functions, site);
}

static void note_effects(struct call_survey *survey, const struct model *model)
{
    const uint32_t waiting = EFFECT_WAIT | EFFECT_JOIN | EFFECT_GET | EFFECT_PUT | EFFECT_ACQUIRE;
    if (model->effects & EFFECT_BLOCKS)
        survey->blocks = true;
    if (model->effects & waiting)
        survey->waits = true;
    if (model->effects & (EFFECT_CALLBACK | EFFECT_SPAWN))
        survey->unknown = true;
}

static void reach_class(struct reach *r, object_id class_object, struct call_survey *survey)
{
    static const char *const constructors[] = {"__init__", "__new__", "__post_init__"};
    for (size_t i = 0; i < sizeof constructors / sizeof *constructors; i++) {
        name_id name = intern_id(r->p->names, str_of(constructors[i]));
        struct member member = class_member(r->p, class_object, name, 0);
        set_id values = member.model == NULL ? member.value : 0;
        for (uint32_t k = 0; k < sets_count(r->p->sets, values); k++) {
            const struct object *o = object_at(r->p, sets_member(r->p->sets, values, k));
            if (o->kind == OBJECT_FUNCTION)
                reach_function(r, o->a, o->b);
            else
                survey->unknown = true;
        }
    }
}

static void reach_target(struct reach *r, object_id target, struct call_survey *survey)
{
    const struct object *o = object_at(r->p, target);
    const struct object *function = o->kind == OBJECT_BOUND ? object_at(r->p, o->a) : o;
    if (function->kind == OBJECT_FUNCTION)
        reach_function(r, function->a, function->b);
    else if (o->kind == OBJECT_CLASS)
        reach_class(r, target, survey);
    else if ((o->kind == OBJECT_EXTERNAL || o->kind == OBJECT_METHOD) && o->model != NULL)
        note_effects(survey, o->model);
    else if (o->kind != OBJECT_SCALAR && o->kind != OBJECT_METHOD)
        survey->unknown = true;
}

/* Looks at the calls of one function, or of the piece of it that lies in `within`. */
static void survey_ops(struct reach *r, uint32_t unit, uint32_t function, struct ir_span within,
                       struct call_survey *survey)
{
    const struct unit *u = &r->p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    uint32_t end = fn->first_op + fn->op_count;
    for (uint32_t i = callsites_next(&u->calls, fn->first_op); i < end; i = callsites_next(&u->calls, i + 1)) {
        const struct ir_op *op = &u->ir->ops[i];
        if (op->span.start < within.start || op->span.end > within.end)
            continue;
        set_id targets = u->targets[callsite_number(&u->calls, i)];
        struct call_survey one = {.unknown = sets_count(r->p->sets, targets) == 0};
        for (uint32_t k = 0; k < sets_count(r->p->sets, targets); k++)
            reach_target(r, sets_member(r->p->sets, targets, k), &one);
        struct site site = {u->file, op->span, {0}};
        if ((one.blocks || one.waits) && survey->slow.file == NULL)
            survey->slow = site;
        if (one.unknown && survey->strange.file == NULL)
            survey->strange = site;
        survey->unknown |= one.unknown;
        survey->blocks |= one.blocks;
        survey->waits |= one.waits;
    }
}

static int compare_sites(const void *left, const void *right)
{
    const struct site *a = left, *b = right;
    int order = str_compare(a->file->path, b->file->path);
    return order != 0 ? order : (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

struct call_survey program_calls(struct program *p, const struct source_file *file, struct ir_span span,
                                 struct arena *arena)
{
    struct reach r = {.p = p, .seen = memory_new((p->units.len + 1) * sizeof *r.seen)};
    struct call_survey survey = {0};
    for (uint32_t i = 0; i < p->units.len; i++) {
        const struct ir_module *ir = p->units.data[i].ir;
        for (uint32_t k = 0; p->units.data[i].file == file && k < ir->function_count; k++)
            if (ir->functions[k].kind != IR_FN_LAMBDA || ir->functions[k].span.start <= span.start)
                survey_ops(&r, i, k, span, &survey);
    }
    while (r.work.len > 0) {
        uint64_t next = vec_pop(&r.work);
        uint32_t unit = (uint32_t)(next >> 32), function = (uint32_t)next;
        survey_ops(&r, unit, function, (struct ir_span){0, UINT32_MAX}, &survey);
    }
    if (r.functions.len > 0)
        qsort(r.functions.data, r.functions.len, sizeof *r.functions.data, compare_sites);
    struct site *functions = arena_array(arena, r.functions.len, sizeof *functions);
    if (r.functions.len > 0)
        memcpy(functions, r.functions.data, r.functions.len * sizeof *functions);
    survey.functions = functions;
    survey.function_count = (uint32_t)r.functions.len;
    for (size_t i = 0; i < p->units.len; i++)
        free(r.seen[i]);
    free(r.seen);
    vec_release(&r.work);
    vec_release(&r.functions);
    return survey;
}
