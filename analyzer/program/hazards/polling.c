/* polling: loops that ask a variable again and again whether another thread has set it (RL507, RL701). */
#include "program/hazards/finder.h"

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

static bool pauses_at(const struct context *c, uint32_t op)
{
    for (size_t i = 0; i < c->notes.len; i++)
        if (c->notes.data[i].acc.op == op && is_pause(&c->notes.data[i]))
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

/* The truth of the constant that is stored: 1, 0; -1: not known. */
static int truth_stored(const struct program *p, const struct acc *w)
{
    const struct ir_module *ir = p->units.data[w->unit].ir;
    const struct ir_op *ops = ir->ops + ir->functions[w->function].first_op, *store = &ops[w->op];
    ir_value value = store->code == IR_WRITE_GLOBAL ? store->b : store->c;
    for (uint32_t i = w->op; i-- > 0;)
        if (ops[i].result == value && ops[i].code == IR_CONST)
            return ops[i].aux == IR_TRUE ? 1 : ops[i].aux == IR_FALSE || ops[i].aux == IR_NONE ? 0 : -1;
    return -1;
}

/* The truth of the variable that ends the loop: `while x` 0, `while not x` 1; -1: it depends. */
static int truth_that_ends(const struct program *p, const struct context *c, const struct polling *loop, uint32_t read)
{
    const struct unit *u = &p->units.data[c->unit];
    const struct ir_op *ops = u->ir->ops + u->ir->functions[c->function].first_op;
    ir_value value = ops[read].result;
    int ends = 0;
    for (uint32_t i = read + 1; i < loop->test; i++) {
        if (ops[i].code == IR_COMPARE)
            return -1;
        if (ops[i].code == IR_UNARY && ops[i].aux == IR_OP_NOT && ops[i].a == value) {
            value = ops[i].result;
            ends = !ends;
        }
    }
    return ends;
}

/* Whether a write can end the loop: it stores a constant of that truth; where the loop does nothing but wait, any
 * change may be what it waits for. */
static bool may_end(const struct program *p, const struct acc *w, int ends, enum busy busy)
{
    if (w->flags & ACC_CONSTRUCTOR)
        return false;
    if ((w->flags & ACC_CONSTANT) == 0 || w->kind != ACCESS_STORE)
        return busy != BUSY_WORKS;
    int value = truth_stored(p, w);
    return ends < 0 || value < 0 || value == ends;
}

/* What another thread stores there, without a lock that the loop holds, too. */
static const struct acc *setter(struct finder *f, const struct acc *read, int ends, enum busy busy,
                                struct parallel_info *how)
{
    struct program *p = f->p;
    const struct acc *best = NULL;
    uint64_t place = finder_place(p, read);
    for (size_t i = finder_lower_bound(f->writes.data, f->writes.len, place);
         i < f->writes.len && f->writes.data[i].place == place; i++) {
        const struct acc *w = f->writes.data[i].acc;
        if (!may_end(p, w, ends, busy))
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
    if (a->op <= loop->begin || a->op >= loop->test || !asks || a->locks != 0)
        return false;
    struct parallel_info how = {PARALLEL_NO, false};
    const struct acc *w = setter(f, a, truth_that_ends(f->p, c, loop, a->op), loop->busy, &how);
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
    for (size_t i = 0; i < c->accs.len; i++)
        if (check_read(f, c, loop, &c->accs.data[i]))
            return;
    for (size_t i = 0; i < c->own_reads.len; i++) /* a thread object's loop over its own flag */
        if (check_read(f, c, loop, &c->own_reads.data[i]))
            return;
}

void find_polling(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        if (c->status != CONTEXT_DONE || c->accs.len + c->own_reads.len == 0)
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
