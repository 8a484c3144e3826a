/* polling: loops that ask a variable again and again whether another thread has set it (RL507, RL701). */
#include "program/hazards/finder.h"

#include <string.h>

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* What a loop does between two looks. */
enum busy { BUSY_WORKS, BUSY_SLEEPS, BUSY_SPINS };

struct polling {
    uint32_t begin, test, end; /* LOOP, TEST and END in the function */
    enum busy busy;
    bool sleeps; /* somewhere in it */
    bool naps;   /* ... for a moment only */
    bool waits;  /* for a condition or an event: who sets the variable can wake it up */
};

static bool is_pause(const struct note *n)
{
    return n->kind == NOTE_CALL && n->acc.model->pause;
}

/* A pause of less than this many seconds is over before anybody minds: written as a literal below a tenth. */
static bool is_short(const struct program *p, const struct context *c, uint32_t op)
{
    const struct ir_module *ir = p->units.data[c->unit].ir;
    struct ir_span span = ir->ops[ir->functions[c->function].first_op + op].span;
    struct str text = str_slice(p->units.data[c->unit].file->text, span.start, span.end);
    return str_find(text, STR("(0.0")) != SIZE_MAX || str_find(text, STR("(.0")) != SIZE_MAX ||
           str_find(text, STR("(0)")) != SIZE_MAX || str_find(text, STR("e-")) != SIZE_MAX;
}

/* Whether an instruction waits for a condition or an event. */
static bool waits_at(const struct context *c, uint32_t op)
{
    for (size_t i = 0; i < c->records->notes.len; i++) {
        const struct note *n = &c->records->notes.data[i];
        if (n->acc.op == op && n->kind == NOTE_CALL && (n->acc.model->effects & EFFECT_WAIT))
            return true;
    }
    return false;
}

static bool pauses_at(const struct context *c, uint32_t op)
{
    for (size_t i = 0; i < c->records->notes.len; i++)
        if (c->records->notes.data[i].acc.op == op && is_pause(&c->records->notes.data[i]))
            return true;
    return false;
}

/* Looks at the body: calls and writes are work, but for a pause. */
static void look_at_body(const struct program *p, const struct context *c, struct polling *loop)
{
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[c->function].first_op;
    bool works = false;
    for (uint32_t i = loop->test + 1; i < loop->end; i++) {
        switch (ops[i].code) {
        case IR_CALL:
            if (pauses_at(c, i))
                loop->sleeps = true, loop->naps = is_short(p, c, i);
            else
                works = true;
            loop->waits |= waits_at(c, i);
            break;
        case IR_AWAIT:
        case IR_YIELD:
        case IR_BIND:
        case IR_FOR:
        case IR_LOOP:
        case IR_WITH:
        case IR_WRITE_ATTR:
        case IR_WRITE_ITEM:
        case IR_WRITE_GLOBAL:
        case IR_WRITE_FREE:
        case IR_RAISE:
        case IR_RETURN:
        case IR_BREAK: works = true; break;
        default: break;
        }
    }
    loop->busy = works ? BUSY_WORKS : loop->sleeps ? BUSY_SLEEPS : BUSY_SPINS;
}

/* What is stored in a variable that ends the loop. */
struct ending {
    int truth;        /* `while x` 0, `while not x` 1; -1: it is compared with something */
    struct str other; /* what with, where that is a name or a literal; else empty */
    bool equal;       /* ends where the two are equal: `while x != other` */
};

/* The instruction before `end` that computes a value, or NULL. */
static const struct ir_op *maker_of(const struct ir_op *ops, uint32_t end, ir_value value)
{
    for (uint32_t i = end; value != 0 && i-- > 0;)
        if (ops[i].result == value)
            return &ops[i];
    return NULL;
}

/* A literal, or the last name of a variable, as it is written; else empty. */
static struct str written(const struct unit *u, const struct ir_op *op)
{
    if (op == NULL || (op->code != IR_CONST && op->code != IR_READ_GLOBAL && op->code != IR_READ_ATTR))
        return STR("");
    struct str text = str_trim(str_slice(u->file->text, op->span.start, op->span.end));
    size_t dot = op->code == IR_READ_ATTR ? str_rfind_char(text, '.') : SIZE_MAX;
    return dot == SIZE_MAX ? text : str_slice(text, dot + 1, text.len);
}

/* Whether a literal is written with one of these characters. */
static bool has_one_of(struct str text, struct str characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr(characters.ptr, text.ptr[i], characters.len) != NULL)
            return true;
    return false;
}

/* The truth of a literal: 1, 0; -1: not known. */
static int truth_of(struct str text, unsigned kind)
{
    size_t quote = 0;
    switch (kind) {
    case IR_TRUE: return 1;
    case IR_FALSE:
    case IR_NONE: return 0;
    case IR_INT: return has_one_of(text, STR("xXoObB")) ? -1 : has_one_of(text, STR("123456789"));
    case IR_STRING:
    case IR_BYTES:
        while (quote < text.len && text.ptr[quote] != '"' && text.ptr[quote] != '\'')
            quote++;
        for (size_t i = quote; i < text.len; i++)
            if (text.ptr[i] != text.ptr[quote])
                return 1;
        return 0;
    default: return -1;
    }
}

static struct ending ending_of(const struct program *p, const struct context *c, const struct polling *loop,
                               uint32_t read)
{
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[c->function].first_op;
    struct ending ending = {0};
    ir_value value = ops[read].result;
    for (uint32_t i = read + 1; i < loop->test; i++) {
        const struct ir_op *op = &ops[i];
        if (op->code == IR_COMPARE && (op->a == value || op->b == value)) {
            bool equality =
                op->aux == IR_OP_EQ || op->aux == IR_OP_IS || op->aux == IR_OP_NE || op->aux == IR_OP_IS_NOT;
            if (equality)
                ending.other = written(u, maker_of(ops, i, op->a == value ? op->b : op->a));
            ending.equal = op->aux == IR_OP_NE || op->aux == IR_OP_IS_NOT;
            ending.truth = -1;
            value = op->result;
        }
        if (op->code == IR_UNARY && op->aux == IR_OP_NOT && op->a == value) {
            value = op->result;
            ending.equal = !ending.equal;
            ending.truth = ending.truth < 0 ? -1 : !ending.truth;
        }
    }
    return ending;
}

static bool is_text(const struct ir_op *constant)
{
    return constant->aux == IR_STRING || constant->aux == IR_BYTES;
}

static bool is_name(struct str text)
{
    unsigned char first = (unsigned char)text.ptr[0];
    return first == '_' || (first | 32u) - 'a' < 26u;
}

/* Whether a constant that is stored ends the loop, as far as can be seen. A text that is empty is what is left of data
 * that a loop works off: no flag, unless the loop does nothing but wait. */
static bool ends(const struct program *p, const struct acc *w, const struct ending *ending, enum busy busy)
{
    const struct unit *u = &p->units.data[w->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[w->function].first_op, *store = &ops[w->op];
    const struct ir_op *value = maker_of(ops, w->op, store->code == IR_WRITE_GLOBAL ? store->b : store->c);
    struct str text = written(u, value);
    if (ending->truth >= 0) {
        if (busy == BUSY_WORKS && value != NULL && value->code == IR_CONST && is_text(value))
            return false;
        int truth = value != NULL && value->code == IR_CONST ? truth_of(text, value->aux) : -1;
        return truth < 0 || truth == ending->truth;
    }
    if (text.len == 0 || ending->other.len == 0)
        return true;
    bool same = str_equal(text, ending->other);
    return same == ending->equal || (!same && is_name(text) != is_name(ending->other));
}

/* Whether a write can end the loop: where that does nothing but wait, any change may be what it waits for. */
static bool may_end(const struct program *p, const struct acc *w, const struct ending *ending, enum busy busy)
{
    if (w->flags & ACC_CONSTRUCTOR)
        return false;
    if ((w->flags & ACC_CONSTANT) == 0 || w->kind != ACCESS_STORE)
        return busy != BUSY_WORKS;
    return ends(p, w, ending, busy);
}

/* What another thread stores there, without a lock that the loop holds, too. */
static const struct acc *setter(struct finder *f, const struct acc *read, const struct ending *ending, enum busy busy,
                                struct parallel_info *how)
{
    struct program *p = f->p;
    const struct acc *best = NULL;
    uint64_t place = finder_place(p, read);
    for (size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
         i < f->writes.len && f->writes.data[i].place == place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        if (!may_end(p, w, ending, busy))
            continue;
        struct parallel_info info = parallel_accesses(p, read, w);
        bool flag = (w->flags & ACC_CONSTANT) && w->kind == ACCESS_STORE;
        if (info.kind > how->kind && !info.same_root && (flag || info.kind == PARALLEL_ROOTS)) {
            *how = info;
            best = w;
        }
    }
    return best;
}

/* Whether somebody waits for the thread that runs a loop to end: code of the program, or the interpreter, which only
 * leaves daemon threads behind. */
static bool is_awaited(const struct program *p, const struct context *c)
{
    const struct root *root = &p->roots.data[c->root];
    bool daemon = heap_find(p, root->object, FIELD_DAEMON) != NULL || heap_find(p, root->object, NAME_DAEMON) != NULL;
    if (root->kind != THREAD_SPAWNED || root->entry || !daemon)
        return true;
    for (size_t i = 1; i < p->contexts.len; i++)
        if (sets_has(p->sets, p->contexts.data[i]->joined, root->object))
            return true;
    return false;
}

static bool check_read(struct finder *f, const struct context *c, const struct polling *loop, const struct acc *a)
{
    bool plain = a->kind == ACCESS_LOAD && a->field != FIELD_CONTENTS && (a->flags & (ACC_VIA | ACC_CALLEE)) == 0;
    bool asks = plain || (loop->busy != BUSY_WORKS && (a->flags & ACC_WRITES) == 0 &&
                          (a->kind == ACCESS_SIZE || a->kind == ACCESS_MEMBERSHIP));
    if (a->op <= loop->begin || a->op >= loop->test || !asks || a->locks != 0 || (loop->waits && !loop->sleeps))
        return false;
    struct parallel_info how = {PARALLEL_NO, false};
    struct ending ending = ending_of(f->p, c, loop, a->op);
    const struct acc *w = setter(f, a, &ending, loop->busy, &how);
    if (w == NULL || how.kind == PARALLEL_CALLERS)
        return false;
    struct hazard h = {.exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_LOW};
    h.kind = loop->busy == BUSY_WORKS ? HAZARD_POLLED : HAZARD_BUSY_WAIT;
    h.while_loop = loop->sleeps;
    h.why = STR("the loop asks between two rounds of its work");
    bool seen = how.kind == PARALLEL_ROOTS; /* both threads are */
    if ((loop->sleeps && (!loop->naps || loop->busy == BUSY_SLEEPS || seen)) || loop->busy == BUSY_SPINS) {
        h.confidence = CONFIDENCE_MEDIUM;
        h.why = loop->sleeps ? STR("the loop sleeps when the variable is set") : STR("the loop keeps a core busy");
    }
    if (h.kind == HAZARD_POLLED && !is_awaited(f->p, c)) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("nobody waits for the thread, a daemon, to end");
    }
    finder_add(f, &h, a, a, w);
    return true;
}

static void check_condition(struct finder *f, const struct context *c, const struct polling *loop)
{
    for (size_t i = 0; i < c->records->accs.len; i++)
        if (check_read(f, c, loop, &c->records->accs.data[i]))
            return;
    for (size_t i = 0; i < c->rare->own_reads.len; i++) /* a thread object's loop over its own flag */
        if (check_read(f, c, loop, &c->rare->own_reads.data[i]))
            return;
}

void find_polling(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE || c->records->accs.len + c->rare->own_reads.len == 0)
            continue;
        const struct ir_function *fn = &p->units.data[c->unit].ir->functions[c->function];
        const struct ir_op *ops = p->units.data[c->unit].ir->ops + fn->first_op;
        for (uint32_t k = 0; k < fn->op_count; k++) {
            if (ops[k].code != IR_LOOP)
                continue;
            struct polling loop = {.begin = k, .test = k, .end = ops[k].c - fn->first_op};
            while (loop.test < loop.end && ops[loop.test].code != IR_TEST)
                loop.test++;
            if (loop.test == loop.end)
                continue;
            look_at_body(p, c, &loop);
            check_condition(f, c, &loop);
        }
    }
}
