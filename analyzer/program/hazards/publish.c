#include "program/hazards/publish.h"

#include "base/keysort.h"
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/locks/guards.h"
#include "program/records/written.h"
#include "program/threads/reach.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

#define TESTED_MAX 16    /* variables tested in one call that are followed */
#define ANNOUNCED_MAX 64 /* records of one context */
#define READERS_MAX 64   /* of one place that are looked at */

/* ---- what conditions ask: recorded while a context is evaluated ---- */

static bool asks_whether_set(const struct test *t)
{
    return t->check == CHECK_NONE || t->check == CHECK_TRUE || t->check == CHECK_MISSING;
}

static void announce(struct draft *draft, const struct announced_draft *record)
{
    for (size_t i = 0; i < draft->announced.len; i++) {
        const struct announced_draft *known = &draft->announced.data[i];
        if (known->flag.op == record->flag.op && known->data.op == record->data.op &&
            known->flag.field == record->flag.field && known->flag.object == record->flag.object &&
            known->data.object == record->data.object && known->outcome == record->outcome)
            return;
    }
    if (draft->announced.len < ANNOUNCED_MAX)
        vec_push(&draft->announced, *record);
}

void publish_tested(struct frame *f, uint32_t test, bool loop)
{
    const struct test *t = &f->tests.data[test];
    if (!f->recording || !asks_whether_set(t))
        return;
    if (t->reads != 0) { /* the last read is what is tested; the others led to it */
        const struct event *event = &f->events[63 - __builtin_clzll(t->reads)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            if (read->kind != ACCESS_LOAD || read->field == FIELD_CONTENTS)
                continue;
            struct announced_draft record = {.flag = *read, .check = t->check, .outcome = ANNOUNCED_TESTED};
            announce(f->draft, &record);
            bool known = false;
            for (size_t i = 0; i < f->tested.len && !known; i++)
                known = f->tested.data[i].test == test;
            if (!known && f->tested.len < TESTED_MAX)
                vec_push(&f->tested, ((struct tested){test, event->first + k, loop}));
        }
    }
}

/* Whether a read is of state that a variable announces: a field beside it, or what the variable holds. */
static bool belongs_to(const struct program *p, const struct acc *read, const struct acc *flag)
{
    if (read->object == flag->object)
        return read->field != flag->field && read->field != FIELD_CONTENTS;
    const struct object *o = object_at(p, read->object);
    return o->home == flag->object && o->home_field == flag->field;
}

/* How a test came out where control is now; ANNOUNCED_EITHER where both ways lead here. */
static enum announced_outcome outcome_here(const struct frame *f, const struct tested *tested)
{
    uint32_t steps = 0;
    for (uint32_t i = f->now.control; i != 0 && steps < 64; i = f->controls.data[i].parent, steps++)
        if (f->controls.data[i].test == tested->test)
            return f->controls.data[i].polarity ? ANNOUNCED_TRUE : ANNOUNCED_FALSE;
    /* behind a loop its condition came out the other way */
    if (tested->loop)
        return f->tests.data[tested->test].negated ? ANNOUNCED_TRUE : ANNOUNCED_FALSE;
    return ANNOUNCED_EITHER;
}

void publish_used(struct frame *f, const struct acc *read)
{
    for (size_t i = 0; i < f->tested.len; i++) {
        const struct tested *tested = &f->tested.data[i];
        const struct acc *flag = &f->event_accs.data[tested->acc];
        if (flag->op >= read->op || !belongs_to(f->p, read, flag))
            continue;
        struct announced_draft record = {.flag = *flag,
                                         .data = *read,
                                         .check = f->tests.data[tested->test].check,
                                         .outcome = (uint8_t)outcome_here(f, tested)};
        announce(f->draft, &record);
    }
}

/* ---- the search ---- */

struct announcement {
    uint64_t place; /* of the variable tested */
    uint64_t position;
    const struct announced *record;
};

struct search {
    struct finder *f;
    VEC(struct announcement) list; /* by place, then position */
};

/* Where the data is used; 0 where no use is known. */
static uint32_t data_start(const struct announced *record)
{
    return record->data != NULL ? record->data->span.start : 0;
}

static int compare_announcements(const void *a, const void *b)
{
    const struct announcement *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    uint32_t i = data_start(x->record), j = data_start(y->record);
    if (i != j)
        return i < j ? -1 : 1;
    return (x->record->flag->context > y->record->flag->context) -
           (x->record->flag->context < y->record->flag->context);
}

/* The truth of the constant that an instruction stores: -1 unless it is one. */
static int stored_truth(const struct program *p, const struct acc *store)
{
    if (store->flags & ACC_VIA)
        return -1;
    const struct ir_module *ir = p->units.data[store->unit].ir;
    const struct ir_function *fn = &ir->functions[store->function];
    const struct ir_op *ops = ir->ops + fn->first_op, *op = &ops[store->op];
    uint32_t value = op->code == IR_WRITE_ATTR || op->code == IR_WRITE_FREE ? op->c
                     : op->code == IR_WRITE_GLOBAL                          ? op->b
                                                                            : 0;
    for (uint32_t i = store->op; value != 0 && i-- > 0;) {
        if (ops[i].result != value)
            continue;
        if (ops[i].code != IR_CONST)
            return -1;
        if (ops[i].aux == IR_TRUE)
            return 1;
        return ops[i].aux == IR_FALSE ? 0 : -1;
    }
    return -1;
}

static bool in_one_function(const struct acc *a, const struct acc *b)
{
    return a->unit == b->unit && a->function == b->function;
}

/* Whether a read lies in the function of a context, or in the one that calls it. */
static bool near_context(const struct program *p, const struct acc *read, const struct context *c)
{
    if (read->unit == c->unit && read->function == c->function)
        return true;
    const struct context *caller = c->caller != 0 ? context_at(p, c->caller) : NULL;
    return caller != NULL && caller->unit == read->unit && caller->function == read->function;
}

/* Whether a thread that tested the variable goes on as if what it announces were there, after the given store. */
static bool passes(const struct program *p, const struct announced *record, const struct acc *store,
                   const struct context *c)
{
    bool lazy = near_context(p, record->flag, c) && (store->flags & ACC_CONSTANT) == 0;
    if (record->check == CHECK_TRUE) {
        int truth = stored_truth(p, store);
        if (record->outcome == ANNOUNCED_TRUE)
            return truth == 1 || (truth < 0 && (store->flags & ACC_CONSTANT) == 0);
        if (record->outcome == ANNOUNCED_FALSE)
            return truth == 0;
        return near_context(p, record->flag, c) && truth != 0; /* if not _loaded: _load() */
    }
    return record->outcome == ANNOUNCED_FALSE || lazy;
}

struct publication {
    const struct context *context;
    const struct acc *store; /* of the variable that others test */
    const struct acc *later; /* the first write of what it announces */
    set_id held;             /* over both */
};

/* Whether the store replaces something that was as good: the later state had been written before. */
static bool written_before(const struct context *c, const struct acc *store, const struct acc *later)
{
    for (size_t i = 0; i < c->records->written.len; i++) {
        const struct written *w = &c->records->written.data[i];
        if (w->op < store->op && w->origin->object == later->object && w->origin->field == later->field)
            return true;
    }
    return false;
}

static bool misses_lock(const struct program *p, set_id held, const struct acc *acc)
{
    return held == 0 || !sets_overlap(p->sets, held, acc->locks);
}

/* Whether the later write fills what was stored, rather than another variable. */
static bool fills(const struct publication *pub)
{
    return pub->later->object != pub->store->object;
}

static void publish_add(struct search *s, const struct publication *pub, const struct announced *record,
                        const struct acc *use)
{
    struct program *p = s->f->p;
    const struct acc *flag = record->flag;
    struct parallel_info parallel = parallel_accesses(p, pub->store, flag);
    if (parallel.kind == PARALLEL_NO || !misses_lock(p, pub->held, flag))
        return;
    struct span span = {
        .first = flag, .last = pub->store, .via = VIA_CONTROL, .flags = SPAN_INCOMPLETE, .held = pub->held};
    bool flag_alone =
        record->check == CHECK_TRUE && (pub->store->flags & ACC_CONSTANT) && !near_context(p, flag, pub->context);
    span.check = flag_alone ? CHECK_TRUE : CHECK_NONE; /* a lazy variable is a strong idiom */
    struct hazard h = {.kind = HAZARD_PUBLISH,
                       .via = VIA_CONTROL,
                       .check = (enum check_kind)record->check,
                       .exposure = EXPOSURE_ANY_BUILD};
    h.confidence = confidence_of(p, &span, flag, parallel, GUARDED_NEVER, &h.why);
    if (convention_gated(p, flag))
        h.confidence = CONFIDENCE_LOW;
    /* two fields of one object, and no sign of threads: most objects are used by one thread at a time */
    if (h.confidence == CONFIDENCE_LOW && !fills(pub) && object_at(p, pub->store->object)->kind != OBJECT_MODULE)
        return;
    object_id lock = finder_suggestion(p, pub->store, flag);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, pub->store);
    h.later = describe_access(p, pub->later, describe_place(p, pub->later));
    h.later_use = use != NULL ? describe_access(p, use, describe_place(p, use)) : NULL;
    h.side = describe_side(p, pub->store, pub->later);
    finder_add(s->f, &h, pub->store, pub->store, flag);
}

/* Of a lazy variable: a read of the later state in the function that tests it, or in one of those that call this. */
static const struct acc *use_beside(struct search *s, const struct publication *pub)
{
    struct finder *f = s->f;
    uint64_t place = finder_place(f->p, pub->later);
    size_t from = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t i = from; i < f->all.len && i < from + READERS_MAX && f->all.data[i].place == place; i++) {
        const struct acc *read = f->all.data[i].acc;
        if ((read->flags & ACC_WRITES) || !near_context(f->p, read, pub->context))
            continue;
        if (in_one_function(read, pub->store) && read->op < pub->later->op)
            continue;
        if (misses_lock(f->p, pub->held, read) && parallel_accesses(f->p, pub->later, read).kind != PARALLEL_NO)
            return read;
    }
    return NULL;
}

/* Whether the test is one that an empty container passes like a full one. */
static bool empty_passes(const struct publication *pub, const struct program *p, const struct announced *record)
{
    if (record->check != CHECK_TRUE)
        return true;
    if (!near_context(p, record->flag, pub->context))
        return false;
    enum model_role role = object_role(p, pub->later->object);
    return role != ROLE_LIST && role != ROLE_DEQUE;
}

static void publish_pair(struct search *s, const struct publication *pub)
{
    struct program *p = s->f->p;
    uint64_t place = finder_place(p, pub->store);
    size_t low = 0, high = s->list.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->list.data[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < s->list.len && i < low + READERS_MAX && s->list.data[i].place == place; i++) {
        const struct announced *record = s->list.data[i].record;
        if (record->outcome == ANNOUNCED_TESTED) {
            if (fills(pub)) {
                if (empty_passes(pub, p, record))
                    publish_add(s, pub, record, NULL);
                continue;
            }
            if ((pub->store->flags & ACC_CONSTANT) || !near_context(p, record->flag, pub->context))
                continue;
            const struct acc *use = use_beside(s, pub);
            if (use != NULL)
                publish_add(s, pub, record, use);
            continue;
        }
        if (fills(pub) || record->data->object != pub->later->object || record->data->field != pub->later->field)
            continue;
        if (!passes(p, record, pub->store, pub->context) || !misses_lock(p, pub->held, record->data))
            continue;
        publish_add(s, pub, record, record->data);
    }
}

static bool is_announced(const struct search *s, const struct acc *store)
{
    uint64_t place = finder_place(s->f->p, store);
    size_t low = 0, high = s->list.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->list.data[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->list.len && s->list.data[low].place == place;
}

/* Whether a later write completes what a store announced. */
static bool completes(const struct program *p, const struct acc *store, const struct acc *later)
{
    if (later->op <= store->op || later->kind == ACCESS_DELETE ||
        (later->flags & (ACC_NONE | ACC_REMOVES | ACC_AUGMENTED)))
        return false;
    if (later->object == store->object)
        return later->field != store->field && later->field != FIELD_CONTENTS && later->kind == ACCESS_STORE;
    const struct object *o = object_at(p, later->object);
    if (o->home != store->object || o->home_field != store->field || (store->flags & ACC_FRESH) == 0)
        return false;
    if (later->field == FIELD_CONTENTS) /* who finds a queue empty waits */
        return (later->flags & ACC_INSERTS) != 0 && object_role(p, later->object) != ROLE_QUEUE;
    return o->kind == OBJECT_INSTANCE && (later->flags & ACC_VIA) == 0; /* its methods see to themselves */
}

/* Whether the later variable is tested in between: then it does not hang on the first one. */
static bool tested_itself(const struct context *c, const struct acc *store, const struct acc *later)
{
    for (size_t i = 0; i < c->records->announced.len; i++) {
        const struct acc *flag = c->records->announced.data[i].flag;
        if (flag->object == later->object && flag->field == later->field && flag->op > store->op &&
            flag->op < later->op)
            return true;
    }
    return false;
}

static void publish_in(struct search *s, const struct context *c)
{
    struct program *p = s->f->p;
    for (size_t i = 0; i < c->records->written.len; i++) {
        const struct acc *store = c->records->written.data[i].origin;
        if ((c->records->written.data[i].flags & ACC_VIA) || store->kind != ACCESS_STORE ||
            store->field == FIELD_CONTENTS || (store->flags & (ACC_NONE | ACC_OWN_LOCK)))
            continue;
        if (!is_announced(s, store))
            continue;
        for (size_t k = 0; k < c->records->written.len; k++) {
            struct acc later = written_access(p, store->context, &c->records->written.data[k]);
            if (!completes(p, store, &later) || written_before(c, store, &later) || tested_itself(c, store, &later) ||
                !reach_leads_to(p, store, later.op))
                continue;
            struct publication pub = {c, store, &later, sets_intersection(p->sets, store->locks, later.locks)};
            publish_pair(s, &pub);
        }
    }
}

void find_publish(struct finder *f)
{
    struct search s = {.f = f};
    for (size_t i = 1; i < f->p->contexts.len; i++) {
        const struct context *c = f->p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->announced.len; k++)
            vec_push(&s.list, ((struct announcement){finder_place(f->p, c->records->announced.data[k].flag),
                                                     acc_position(c->records->announced.data[k].flag),
                                                     &c->records->announced.data[k]}));
    }
    keysort(s.list.data, s.list.len, sizeof *s.list.data, compare_announcements);
    for (size_t i = 1; s.list.len > 0 && i < f->p->contexts.len; i++)
        if (f->p->contexts.data[i]->status == CONTEXT_DONE)
            publish_in(&s, f->p->contexts.data[i]);
    vec_release(&s.list);
}
