/* spans: where a write or use depends on an earlier read of the same place, by data, by control or by iteration. */
#include "program/evaluate/frame.h"

#include "program/values/objects.h"
#include "program/values/paths.h"

static bool same_place(const struct acc *a, const struct acc *b)
{
    return a->object == b->object && a->field == b->field;
}

/* The same for a read and what comes of it, which must be about one object: an abstract object may stand for several.
 */
static bool same_object(const struct frame *f, const struct acc *read, const struct acc *last)
{
    return same_place(read, last) && !paths_apart(f->p, read->path, last->path);
}

static bool keys_differ(const struct acc *a, const struct acc *b)
{
    return a->key != 0 && b->key != 0 && a->key != b->key && a->key_constant && b->key_constant;
}

/* Whether a read tells of the whole container what the next element makes different: its size, its greatest element. */
static bool is_measure(const struct acc *read)
{
    return read->kind == ACCESS_SIZE || (read->flags & ACC_ADVANCED) != 0;
}

/* The instruction that made a value, also where it came out of a display: a, b = c, d. */
static uint32_t made_by(const struct frame *f, const struct val *v)
{
    const struct ir_op *op = &f->ops[v->op];
    if (op->code != IR_UNPACK)
        return v->op;
    if (f->vals[op->a].op >= v->op)
        return v->op;
    const struct ir_op *display = &f->ops[f->vals[op->a].op];
    bool known = display->code == IR_NEW && display->result == op->a && op->aux < display->c;
    return known ? f->vals[f->u->ir->args[display->b + op->aux].value].op : v->op;
}

/* items[i], items[j] = items[j], items[i]: an element moves to another place of its list. */
static bool moves_element(const struct frame *f, const struct acc *read, const struct acc *last,
                          const struct val *stored)
{
    if (stored == NULL || stored->op >= f->fn->op_count || object_role(f->p, last->object) != ROLE_LIST)
        return false;
    return made_by(f, stored) == read->op && f->ops[read->op].code == IR_READ_ITEM && last->key != 0 &&
           read->key != 0 && last->kind == ACCESS_STORE;
}

/* An object that holds one value, and is no container: x.store(x.load() + 1) of an atomic. */
static bool replaces_value(const struct frame *f, const struct acc *read, const struct acc *last)
{
    bool stores = last->model != NULL && last->model->value != MODEL_NO_ARG && last->model->key == MODEL_NO_ARG;
    return stores && read->kind == ACCESS_METHOD && read->key == 0 && object_role(f->p, last->object) == ROLE_OBJECT;
}

/* Whether two accesses are under one key: the same expression, of variables that are not bound anew in between. */
static bool same_key(const struct frame *f, const struct acc *read, const struct acc *last)
{
    if (read->key == 0 || read->key != last->key)
        return false;
    if (read->key_constant || read->function != last->function || read->unit != last->unit)
        return true;
    struct str text = name_text(f->p, last->key);
    for (uint32_t i = read->op + 1; i < last->op; i++)
        if (f->ops[i].code == IR_BIND &&
            str_find_name(text, name_text(f->p, local_name(f, f->c->function, f->ops[i].a))) != SIZE_MAX)
            return false;
    return true;
}

/* Of a container, the value written must have been read under the same key, or be computed from the size or an extreme,
 * or be the very element that was read. */
static bool data_fits(const struct frame *f, const struct acc *read, const struct acc *last, const struct val *stored)
{
    if (last->field != FIELD_CONTENTS || replaces_value(f, read, last))
        return true;
    return is_measure(read) || same_key(f, read, last) || moves_element(f, read, last, stored);
}

/* Whether control can leave the thread between two instructions: a call, a loop's back edge, with or await lies there.
 */
static bool call_between(const struct frame *f, uint32_t from, uint32_t to)
{
    if (to < from)
        return true; /* around a loop */
    for (uint32_t i = from + 1; i < to && i < f->fn->op_count; i++) {
        uint8_t code = f->ops[i].code;
        if (code == IR_CALL || code == IR_FOR || code == IR_LOOP || code == IR_WITH || code == IR_AWAIT ||
            code == IR_YIELD)
            return true;
    }
    return false;
}

static set_id held_between(struct frame *f, const struct acc *first, const struct acc *last, set_id last_tokens)
{
    set_id tokens = sets_intersection(f->p->sets, first->tokens, last_tokens);
    set_id held_before = sets_union(f->p->sets, f->c->locks, f->c->held_before);
    set_id held = sets_intersection(f->p->sets, held_before, f->now.locks); /* by the caller all along */
    (void)last;
    for (uint32_t i = 0; i < f->acquired.len; i++)
        if (sets_has(f->p->sets, tokens, f->acquired.data[i].token))
            held = sets_add(f->p->sets, held, f->acquired.data[i].lock);
    return held;
}

bool span_unbroken(struct frame *f, const struct acc *first, const struct acc *last)
{
    return held_between(f, first, last, f->now.tokens) != 0;
}

#define SPANS_MAX 256 /* of one context */

/* The same span, if the context has it. */
static struct span_draft *known_span(struct frame *f, const struct span_draft *span)
{
    for (size_t i = 0; i < f->draft->spans.len; i++) {
        struct span_draft *known = &f->draft->spans.data[i];
        if (known->first.op == span->first.op && known->first.context == span->first.context &&
            known->last.op == span->last.op && known->last.context == span->last.context &&
            same_place(&known->last, &span->last) && known->via == span->via && known->check == span->check &&
            ((known->last.flags ^ span->last.flags) & ACC_WRITES) == 0)
            return known;
    }
    return NULL;
}

static void span_add(struct frame *f, const struct acc *first, const struct acc *last, enum span_via via,
                     enum check_kind check, uint32_t flags, set_id last_tokens)
{
    struct span_draft span = {
        .first = *first, .last = *last, .via = (uint8_t)via, .check = (uint8_t)check, .flags = flags};
    struct span_draft *known = known_span(f, &span);
    if (known == NULL && f->draft->spans.len == SPANS_MAX)
        return;
    span.held = held_between(f, first, last, last_tokens);
    if ((first->flags | last->flags) & ACC_VIA)
        span.flags |= SPAN_THROUGH_CALL | SPAN_CALL_BETWEEN;
    if ((span.flags & SPAN_CALL_BETWEEN) == 0 && call_between(f, first->op, last->op))
        span.flags |= SPAN_CALL_BETWEEN;
    set_id common = sets_intersection(f->p->sets, first->locks, last->locks);
    if (sets_minus(f->p->sets, common, span.held) != 0)
        span.flags |= SPAN_HELD_ALIKE;
    if (known == NULL) {
        vec_push(&f->draft->spans, span);
        return;
    }
    known->held = sets_intersection(f->p->sets, known->held, span.held);
    known->flags |= span.flags;
}

/* What a test asks of the place at a point where it came out as `polarity`. */
static enum check_kind check_of(const struct test *t, const struct acc *read, bool polarity)
{
    switch ((enum check_kind)t->check) {
    case CHECK_IN: return polarity ? CHECK_IN : CHECK_NOT_IN;
    case CHECK_NONE: return polarity ? CHECK_NONE : CHECK_NOT_NONE;
    case CHECK_TRUE:
        if (read->kind == ACCESS_MEMBERSHIP)
            return polarity ? CHECK_IN : CHECK_NOT_IN;
        if (read->kind == ACCESS_SIZE && read->model != NULL && read->model->name != NULL)
            return CHECK_SIZE;
        return polarity ? CHECK_TRUE : CHECK_FALSE;
    case CHECK_COMPARE: return read->kind == ACCESS_SIZE ? CHECK_SIZE : CHECK_COMPARE;
    case CHECK_MISSING: return polarity ? CHECK_MISSING : CHECK_NOT_NONE;
    default: return (enum check_kind)t->check;
    }
}

struct found {
    const struct acc *read;
    uint32_t test; /* index into frame->tests */
    enum check_kind check;
    bool loop;
    set_id held;
    uint64_t event; /* its bit */
};

/* Collects the conditions over the place that hold here, innermost first. */
static uint32_t controls_over(struct frame *f, const struct acc *last, struct found *found, uint32_t max)
{
    uint32_t count = 0, steps = 0;
    if (f->now.control == 0 || (f->controls.data[f->now.control].places & place_bit(last->object, last->field)) == 0)
        return 0;
    for (uint32_t i = f->now.control; i != 0 && count < max && steps < 64; i = f->controls.data[i].parent, steps++) {
        const struct control *control = &f->controls.data[i];
        const struct test *t = &f->tests.data[control->test];
        if (t->owner)
            continue; /* whether this thread is the owner, no other thread decides */
        for (uint64_t rest = t->reads; rest != 0 && count < max; rest &= rest - 1) {
            const struct event *event = &f->events[__builtin_ctzll(rest)];
            for (uint32_t k = 0; k < event->count && count < max; k++) {
                const struct acc *read = &f->event_accs.data[event->first + k];
                if (!same_object(f, read, last) || keys_differ(read, last))
                    continue;
                found[count++] = (struct found){.read = read,
                                                .test = control->test,
                                                .check = check_of(t, read, control->polarity),
                                                .loop = control->loop,
                                                .held = held_between(f, read, last, f->now.tokens),
                                                .event = rest & -rest};
            }
        }
    }
    return count;
}

/* A check in one critical section with the act makes an earlier, unlocked check harmless (double-checked locking). */
bool span_rechecked(struct frame *f, const struct acc *last)
{
    struct found found[12];
    uint32_t count = controls_over(f, last, found, 12);
    for (uint32_t i = 0; i < count; i++)
        if (found[i].held != 0)
            return true;
    return false;
}

enum tested_how span_tested(struct frame *f, const struct acc *last)
{
    struct found found[12];
    uint32_t count = controls_over(f, last, found, 12);
    for (uint32_t i = 0; i < count; i++)
        if (!found[i].loop)
            return TESTED_ONCE;
    return count > 0 ? TESTED_BY_LOOP : TESTED_NOT;
}

bool span_validated(struct frame *f, const struct acc *last)
{
    uint32_t steps = 0;
    for (uint32_t i = f->now.control; i != 0 && steps < 64; i = f->controls.data[i].parent, steps++) {
        const struct test *t = &f->tests.data[f->controls.data[i].test];
        for (uint64_t rest = t->check == CHECK_COMPARE ? t->reads : 0; rest != 0; rest &= rest - 1) {
            const struct event *event = &f->events[__builtin_ctzll(rest)];
            for (uint32_t k = 0; k < event->count; k++) {
                const struct acc *read = &f->event_accs.data[event->first + k];
                if (read->object == last->object && held_between(f, read, last, f->now.tokens) != 0)
                    return true;
            }
        }
    }
    return false;
}

static bool test_is_part(const struct frame *f, uint32_t part, uint32_t whole)
{
    const struct test *t = &f->tests.data[whole];
    if (part == whole || t->left == 0)
        return part == whole;
    return test_is_part(f, part, t->left) || test_is_part(f, part, t->right); /* at most TEST_PARTS_MAX of them */
}

/* Whether a write stores a literal that an instruction since `first` makes. */
static bool stores_constant(const struct frame *f, uint32_t first, uint32_t write)
{
    const struct ir_op *op = &f->ops[write];
    ir_value stored = op->code == IR_WRITE_GLOBAL ? op->b : op->c;
    for (uint32_t i = first; i < write; i++)
        if (f->ops[i].result == stored)
            return f->ops[i].code == IR_CONST;
    return false;
}

/* As its name says: what is called so writes a line for people, whatever library the logger is of. */
bool span_is_report_name(struct str name)
{
    static const char *const names[] = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_equal(name, str_of(names[i])))
            return true;
    return false;
}

bool span_is_report(const struct frame *f, const struct ir_op *call)
{
    uint32_t at = f->vals[call->a].op;
    return at < f->fn->op_count && f->ops[at].code == IR_READ_ATTR &&
           span_is_report_name(f->u->ir->names[f->ops[at].b]);
}

/* A method of what this call got from another one: resp = request(…), resp.close(). */
static bool is_on_own(const struct frame *f, const struct ir_op *call)
{
    uint32_t at = f->vals[call->a].op;
    if (at >= f->fn->op_count || f->ops[at].code != IR_READ_ATTR)
        return false;
    uint32_t local = f->vals[f->ops[at].a].op;
    bool is_local = local < f->fn->op_count && f->ops[local].code == IR_LOCAL;
    for (uint32_t i = local; is_local && i-- > 0;) {
        if (f->ops[i].code != IR_BIND || f->ops[i].a != f->ops[local].a)
            continue;
        uint32_t made = f->vals[f->ops[i].b].op;
        return made < i && (f->ops[made].code == IR_CALL || f->ops[made].code == IR_UNPACK);
    }
    return false;
}

/* Whether all that a branch does is to store constants, and to say so: it does no harm that two threads do it. Where it
 * takes a sign back, each may also do something to an object of its own. */
static bool branch_is_bare(const struct frame *f, uint32_t first, bool takes_back)
{
    for (uint32_t i = first; i < f->fn->op_count; i++) {
        switch (f->ops[i].code) {
        case IR_CONST:
        case IR_LOCAL:
        case IR_READ_GLOBAL:
        case IR_READ_FREE:
        case IR_READ_ATTR: break;
        case IR_CALL:
            if (!span_is_report(f, &f->ops[i]) && !(takes_back && is_on_own(f, &f->ops[i])))
                return false;
            break;
        case IR_WRITE_GLOBAL:
        case IR_WRITE_FREE:
        case IR_WRITE_ATTR:
            if (!stores_constant(f, first, i))
                return false;
            break;
        default: return f->ops[i].code == IR_ELSE || f->ops[i].code == IR_END;
        }
    }
    return false;
}

/* Whether a test decides nothing but the innermost branch here. */
static bool decides_branch(const struct frame *f, uint32_t test)
{
    const struct region *r = f->regions.len > 0 ? &vec_last(&f->regions) : NULL;
    return r != NULL && r->code == IR_IF && r->test != 0 && test_is_part(f, test, r->test);
}

/* Whether a test decides nothing but the innermost branch here, and all that does is to store constants. */
static bool stores_only(const struct frame *f, const struct found *found)
{
    bool takes_back = found->check == CHECK_TRUE;
    if (!decides_branch(f, found->test))
        return false;
    const struct region *r = &vec_last(&f->regions);
    uint32_t first = r->op + 1;
    for (uint32_t depth = 0; r->in_else && first < f->op; first++) {
        uint8_t code = f->ops[first].code;
        if (code == IR_ELSE && depth == 0)
            return branch_is_bare(f, first + 1, takes_back);
        depth += code == IR_IF || code == IR_LOOP || code == IR_FOR || code == IR_TRY || code == IR_WITH;
        depth -= code == IR_END;
    }
    return branch_is_bare(f, first, takes_back);
}

/* A call of a builtin that changes nothing: len, isinstance, type. */
static bool only_looks(const struct frame *f, const struct ir_op *op)
{
    set_id callee = f->vals[op->a].set;
    if (sets_count(f->p->sets, callee) != 1)
        return false;
    const struct model *model = object_at(f->p, sets_member(f->p->sets, callee, 0))->model;
    const uint32_t harmless = EFFECT_PURE | EFFECT_SIZE | EFFECT_READ | EFFECT_ATOMIC;
    return model != NULL && str_starts(str_of(model->name), STR("builtins.")) && (model->effects & ~harmless) == 0;
}

/* The literal that is returned, NULL for anything else; also of an instruction that is yet to be run. */
static const struct ir_op *returned_literal(const struct frame *f, uint32_t at)
{
    for (uint32_t i = at; i-- > 0;)
        if (f->ops[i].result == f->ops[at].a)
            return f->ops[i].code == IR_CONST ? &f->ops[i] : NULL;
    return NULL;
}

/* Whether the instructions from one to another, but for the act, do nothing that others see, and return alike. */
static bool does_nothing(const struct frame *f, uint32_t from, uint32_t to, uint32_t act)
{
    const uint32_t nothing_yet = UINT32_MAX;
    uint32_t returned = nothing_yet; /* the kind of literal */
    int depth = 0;                   /* of branches that begin behind the act */
    for (uint32_t i = from; i < to; i++) {
        const struct ir_op *op = &f->ops[i];
        switch (op->code) {
        case IR_CONST:
        case IR_LOCAL:
        case IR_READ_GLOBAL:
        case IR_READ_FREE:
        case IR_READ_ATTR:
        case IR_UNARY:
        case IR_COMPARE:
        case IR_ELSE:
        case IR_CONTINUE: break;
        case IR_IF: depth += i > act; break;
        case IR_END: depth -= i > act && depth > 0; break;
        case IR_RETURN: {
            const struct ir_op *value = op->a != 0 ? returned_literal(f, i) : NULL;
            uint16_t kind = value != NULL ? value->aux : IR_NONE;
            if ((op->a != 0 && value == NULL) || (returned != nothing_yet && returned != kind))
                return false;
            if (i > act && depth == 0)
                return true;
            returned = kind;
            break;
        }
        default:
            if (i != act && (op->code != IR_CALL || i > act || !only_looks(f, op)))
                return false;
        }
    }
    return true;
}

/* if x not in seen: seen.add(x); or: if x in seen: return; seen.add(x). Who comes second does as much as the first. */
static bool only_inserts(const struct frame *f, const struct found *found, const struct acc *last)
{
    if (found->read->op >= last->op)
        return false;
    bool below = decides_branch(f, found->test);
    uint32_t end = below ? last->op : f->fn->op_count;
    while (below && f->ops[end].code != IR_END && f->ops[end].code != IR_ELSE)
        end++;
    return does_nothing(f, found->read->op + 1, end, last->op);
}

/* Whether it does no harm that two threads do what the check asks for. */
static bool is_bare(const struct frame *f, const struct found *found, const struct acc *last)
{
    if (last->field != FIELD_CONTENTS)
        return stores_only(f, found);
    return found->check == CHECK_NOT_IN && only_inserts(f, found, last);
}

/* Whether another check of the place shares more locks with the act: that one decides. */
static bool is_rechecked(const struct frame *f, const struct found *found, uint32_t count, uint32_t check)
{
    for (uint32_t i = 0; i < count; i++)
        if (found[i].held != found[check].held && sets_minus(f->p->sets, found[check].held, found[i].held) == 0)
            return true;
    return false;
}

/* Whether a check only asks how much there is: who then takes all that is there under a lock finds out for himself. */
static bool asks_how_much(const struct found *found)
{
    return found->check == CHECK_SIZE || found->check == CHECK_TRUE || found->check == CHECK_COMPARE;
}

/* Whether a write stores what is as good as what another thread stores in its place. */
static bool stores_replaceable(const struct acc *last)
{
    return (last->flags & (ACC_REPLACEABLE | ACC_GIVEN)) == ACC_REPLACEABLE && last->kind == ACCESS_STORE;
}

static void span_control(struct frame *f, const struct acc *last, bool writes, bool takes)
{
    struct found found[12];
    uint32_t count = controls_over(f, last, found, 12);
    for (uint32_t i = 0; i < count; i++)
        f->acted |= writes && found[i].held != 0 ? found[i].event : 0;
    for (uint32_t i = 0; i < count; i++) {
        /* a place that was claimed under the lock of the look is given back later, under the lock again */
        if (is_rechecked(f, found, count, i) || (found[i].held == 0 && (f->acted & found[i].event) != 0))
            continue;
        if (takes && asks_how_much(&found[i]))
            continue;
        if (found[i].read->op == last->op && found[i].read->context == last->context)
            continue;
        uint32_t flags = (found[i].loop ? SPAN_WHILE : 0);
        if (writes && (last->flags & ACC_CONSTANT) && last->kind == ACCESS_STORE)
            flags |= SPAN_IDEMPOTENT | (is_bare(f, &found[i], last) ? SPAN_BARE : 0);
        if (writes && stores_replaceable(last))
            flags |= SPAN_REPLACEABLE;
        /* an element added twice is in the set once */
        if (last->kind == ACCESS_METHOD && object_role(f->p, last->object) == ROLE_SET && (last->flags & ACC_INSERTS))
            flags |= SPAN_IDEMPOTENT | (is_bare(f, &found[i], last) ? SPAN_BARE : 0);
        span_add(f, found[i].read, last, VIA_CONTROL, found[i].check, flags, f->now.tokens);
    }
}

/* self.front, self.back = self.back, self.front: where the place that is written is read in the same display. */
static void span_swap(struct frame *f, const struct acc *last, const struct val *stored)
{
    if (stored == NULL || stored->op >= f->fn->op_count || f->ops[stored->op].code != IR_UNPACK ||
        last->kind != ACCESS_STORE || last->field == FIELD_CONTENTS)
        return;
    const struct ir_op *display = &f->ops[f->vals[f->ops[stored->op].a].op];
    for (uint32_t i = 0; display->code == IR_NEW && i < display->c; i++) {
        const struct val *element = val_at(f, f->u->ir->args[display->b + i].value);
        for (uint64_t rest = element->reads & ~stored->reads; rest != 0; rest &= rest - 1) {
            const struct event *event = &f->events[__builtin_ctzll(rest)];
            for (uint32_t k = 0; k < event->count; k++) {
                const struct acc *read = &f->event_accs.data[event->first + k];
                if (same_object(f, read, last) && read->op == element->op)
                    span_add(f, read, last, VIA_DATA, CHECK_NOT_A_CHECK, 0, f->now.tokens);
            }
        }
    }
}

/* batch = list(events); events.clear(): what comes in between is dropped unseen. */
bool span_at_discard(struct frame *f, const struct acc *last)
{
    for (uint32_t i = f->event_count; i-- > 0;) {
        const struct event *event = &f->events[i];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            bool given = read->model != NULL && read->model->elements >= 0; /* all.extend(events) */
            bool copies = read->kind == ACCESS_ITERATE || (read->kind == ACCESS_METHOD && read->model != NULL &&
                                                           (given || (read->model->effects & EFFECT_SNAPSHOT) != 0));
            if (!copies || !same_object(f, read, last) || (read->flags & ACC_WRITES) || read->op >= last->op)
                continue;
            span_add(f, read, last, VIA_DATA, CHECK_NOT_A_CHECK, SPAN_DISCARDS, f->now.tokens);
            return span_unbroken(f, read, last);
        }
    }
    return false;
}

static void span_data(struct frame *f, const struct acc *last, uint64_t reads, const struct val *stored, uint32_t flags)
{
    bool validated = reads != 0 && span_validated(f, last);
    for (uint64_t rest = reads; rest != 0; rest &= rest - 1) {
        const struct event *event = &f->events[__builtin_ctzll(rest)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            bool stale = held_between(f, read, last, f->now.tokens) == 0;
            if (same_object(f, read, last) && data_fits(f, read, last, stored) && !(stale && validated))
                span_add(f, read, last, VIA_DATA, CHECK_NOT_A_CHECK, flags, f->now.tokens);
        }
    }
}

void span_at_write(struct frame *f, const struct acc *last, const struct val *stored, bool takes)
{
    span_swap(f, last, stored);
    span_data(f, last, stored != NULL ? stored->reads : 0, stored, 0);
    span_control(f, last, true, takes);
}

void span_at_exchange(struct frame *f, const struct acc *last, uint64_t reads, uint32_t flags)
{
    span_data(f, last, reads, NULL, flags);
}

void span_at_use(struct frame *f, const struct acc *last)
{
    if (f->now.control != 0)
        span_control(f, last, false, false);
}

/* jobs[len(jobs)] = job: the key is computed from what the insertion changes. */
void span_at_key(struct frame *f, const struct acc *last, uint64_t reads, set_id tokens)
{
    if (last->field != FIELD_CONTENTS || (last->flags & ACC_INSERTS) == 0)
        return;
    for (uint64_t rest = span_measures(f, reads); rest != 0; rest &= rest - 1) {
        const struct event *event = &f->events[__builtin_ctzll(rest)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            if (same_object(f, read, last))
                span_add(f, read, last, VIA_DATA, CHECK_NOT_A_CHECK, 0, tokens);
        }
    }
}

/* for key in list(jobs): del jobs[key]: the keys were there when they were copied. */
void span_at_removal(struct frame *f, const struct acc *last, uint64_t reads)
{
    const uint32_t wanted = ACC_REMOVES | ACC_RAISES;
    if (last->field != FIELD_CONTENTS || (last->flags & wanted) != wanted)
        return;
    for (; reads != 0; reads &= reads - 1) {
        const struct event *event = &f->events[__builtin_ctzll(reads)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            if (same_object(f, read, last) && read->kind == ACCESS_METHOD && read->model != NULL &&
                (read->model->effects & EFFECT_SNAPSHOT) && (read->flags & ACC_WRITES) == 0)
                span_add(f, read, last, VIA_CONTROL, CHECK_IN, 0, f->now.tokens);
        }
    }
}

uint64_t span_walks(const struct frame *f, uint64_t reads)
{
    uint64_t kept = 0;
    for (uint64_t rest = reads; rest != 0; rest &= rest - 1)
        if (f->event_accs.data[f->events[__builtin_ctzll(rest)].first].kind == ACCESS_ITERATE)
            kept |= rest & -rest;
    return kept;
}

uint64_t span_measures(const struct frame *f, uint64_t reads)
{
    uint64_t kept = 0;
    for (uint64_t rest = reads; rest != 0; rest &= rest - 1)
        if (is_measure(&f->event_accs.data[f->events[__builtin_ctzll(rest)].first]))
            kept |= rest & -rest;
    return kept;
}

void span_note_extreme(struct frame *f, uint64_t reads, bool advanced)
{
    for (uint64_t rest = reads; rest != 0; rest &= rest - 1) {
        const struct event *event = &f->events[__builtin_ctzll(rest)];
        for (uint32_t k = 0; k < event->count; k++) {
            struct acc *read = &f->event_accs.data[event->first + k];
            if (!advanced && read->kind == ACCESS_ITERATE)
                read->flags |= ACC_EXTREME;
            if (advanced && (read->flags & ACC_EXTREME))
                read->flags |= ACC_ADVANCED;
        }
    }
}

/* Whether the present instruction lies in what a test decides about, rather than behind it. */
static bool is_inside(const struct frame *f, const struct found *found)
{
    if (found->loop || found->check == CHECK_MISSING)
        return true;
    for (size_t i = f->regions.len; i-- > 0;)
        if (f->regions.data[i].test != 0 && test_is_part(f, found->test, f->regions.data[i].test))
            return true;
    return false;
}

/* A callee writes a place: with a value from an argument that was read from it here, or under a check of it here. */
void span_from_call(struct frame *f, const struct written *w, const struct acc *acc, uint64_t reads, bool deep)
{
    for (reads = w->validated ? 0 : reads; reads != 0; reads &= reads - 1) {
        const struct event *event = &f->events[__builtin_ctzll(reads)];
        for (uint32_t k = 0; k < event->count; k++) {
            const struct acc *read = &f->event_accs.data[event->first + k];
            if (same_place(read, acc) && data_fits(f, read, acc, NULL))
                span_add(f, read, acc, VIA_DATA, CHECK_NOT_A_CHECK, 0, f->now.tokens);
        }
    }
    if (w->rechecked || w->tested || w->validated || f->now.control == 0)
        return;
    struct found found[8];
    uint32_t count = controls_over(f, acc, found, 8);
    for (uint32_t i = 0; i < count; i++)
        if (found[i].held != 0)
            return;
    for (uint32_t i = 0; i < count; i++) {
        bool ends = found[i].loop && acc->field != FIELD_CONTENTS; /* `while not self.done: self.step()` */
        uint32_t flags = (found[i].loop ? SPAN_WHILE : 0) | (is_inside(f, &found[i]) && !deep ? 0 : SPAN_LOOSE);
        flags |= stores_replaceable(acc) ? SPAN_REPLACEABLE : 0;
        if (!ends && !(w->takes && asks_how_much(&found[i])))
            span_add(f, found[i].read, acc, VIA_CONTROL, found[i].check, flags, f->now.tokens);
    }
}

void span_iteration(struct frame *f, const struct acc *iterate)
{
    span_add(f, iterate, iterate, VIA_ITERATION, CHECK_NOT_A_CHECK, 0, iterate->tokens);
}
