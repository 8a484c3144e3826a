#include "program/records/notes.h"

#include "ir/opcodes.h"
#include "program/evaluate/effects.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "program/values/paths.h"

#define NOTES_MAX 256 /* kept per context */

/* ---- whether a value is used ---- */

static bool uses(const struct frame *f, const struct ir_op *op, ir_value value)
{
    const struct ir_opcode_info *info = ir_opcode_info(op->code);
    const uint32_t operands[3] = {op->a, op->b, op->c};
    for (int i = 0; i < 3; i++)
        if ((info->operands[i] == IR_OPERAND_VALUE || info->operands[i] == IR_OPERAND_OPTVAL) && operands[i] == value)
            return true;
    bool takes_args = info->operands[1] == IR_OPERAND_ARGS;
    for (uint32_t i = 0; takes_args && i < op->c; i++)
        if (f->u->ir->args[op->b + i].value == value)
            return true;
    return false;
}

/* An expression statement: nobody looks at what it gives. */
static bool is_ignored(const struct frame *f)
{
    ir_value value = f->ops[f->op].result;
    if (value == 0)
        return false;
    for (uint32_t i = f->op + 1; i < f->fn->op_count; i++)
        if (uses(f, &f->ops[i], value))
            return false;
    return true;
}

/* ---- recording ---- */

struct note *note_add(struct frame *f, enum note_kind kind, object_id object, const struct model *model)
{
    struct context *c = f->c;
    for (size_t i = 0; i < c->records->notes.len; i++) {
        struct note *n = &c->records->notes.data[i];
        if (n->kind != kind || n->acc.op != f->op || n->acc.object != object || n->acc.model != model)
            continue;
        n->acc.locks = sets_intersection(f->p->sets, n->acc.locks, f->now.locks);
        n->acc.running = sets_union(f->p->sets, n->acc.running, f->now.running);
        n->again = true;
        return n;
    }
    if (c->records->notes.len == NOTES_MAX)
        return NULL;
    struct note n = {.kind = (uint8_t)kind};
    n.acc = (struct acc){.context = f->id,
                         .unit = f->c->unit,
                         .function = f->c->function,
                         .op = f->op,
                         .object = object,
                         .kind = ACCESS_USE,
                         .locks = f->now.locks,
                         .tokens = f->now.tokens,
                         .running = f->now.running,
                         .span = f->ops[f->op].span,
                         .model = model};
    vec_push(&c->records->notes, n);
    return &vec_last(&c->records->notes);
}

/* A loop that began with one of the locks held: what it tests, it tests again with the lock held. */
static bool looped_inside(const struct frame *f, set_id locks)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if ((r->code == IR_LOOP || r->code == IR_FOR) && !r->in_else &&
            (sets_overlap(f->p->sets, r->before.locks, locks) || sets_overlap(f->p->sets, r->before.own_locks, locks)))
            return true;
    }
    return false;
}

/* Below an `if` inside of the innermost `with` or loop. */
static bool below_test(const struct frame *f)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        if (r->code == IR_IF && (f->ops[r->op].flags & (IR_FLAG_TERNARY | IR_FLAG_BOOLEAN | IR_FLAG_ASSERT)) == 0)
            return true;
        if (r->code == IR_LOOP || r->code == IR_FOR || r->code == IR_WITH)
            return false;
    }
    return false;
}

/* ---- threads and tasks ---- */

/* `self.run()`: an object that calls its own method. */
static bool is_own_receiver(const struct frame *f, const struct val *base)
{
    return f->fn->class_index != IR_NO_INDEX && f->fn->param_count > 0 && base->params == 1 &&
           base->op < f->fn->op_count && f->ops[base->op].code == IR_LOCAL;
}

/* Whether the function has compared something with the running thread before: it knows in which one it is. */
static bool knows_its_thread(const struct frame *f)
{
    for (uint32_t i = 0; i < f->op; i++) {
        const struct ir_op *op = &f->ops[i];
        if (op->code == IR_COMPARE && (value_is(f->p, f->vals[op->a].set, THREAD_ID_OBJECT) ||
                                       value_is(f->p, f->vals[op->b].set, THREAD_ID_OBJECT)))
            return true;
    }
    return false;
}

static void note_touched(struct frame *f, object_id object, const struct model *model)
{
    if (!knows_its_thread(f))
        note_add(f, NOTE_TOUCHED, object, model);
}

/* Whether the model of a loop's or widget's class says that it is for one thread only, and nothing of this method of
 * it, nor has a class of the program a method of its own. */
static bool is_for_one_thread(struct frame *f, object_id object, name_id method)
{
    struct program *p = f->p;
    const struct model *type = object_type_model(p, object);
    if (type == NULL || type->role != ROLE_LOOP || type->safety != SAFETY_UNSAFE)
        return false;
    object_id class_object = object_class(p, object);
    bool own = class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS &&
               class_member(p, class_object, method, 0).holder != 0;
    return !own && models_member(p->models, type, name_text(p, method)) == NULL;
}

void note_method(struct frame *f, const struct ir_op *op)
{
    uint32_t at = val_at(f, op->a)->op;
    const struct ir_op *callee = at < f->fn->op_count ? &f->ops[at] : op;
    if (callee->code != IR_READ_ATTR || (op->flags & IR_FLAG_DECORATOR))
        return;
    name_id name = name_of(f, callee->b);
    const struct val *base = val_at(f, callee->a);
    for (uint32_t i = 0; i < sets_count(f->p->sets, base->set); i++) {
        object_id object = sets_member(f->p->sets, base->set, i);
        uint8_t kind = object_at(f->p, object)->kind;
        if (kind != OBJECT_MODELLED && kind != OBJECT_INSTANCE && kind != OBJECT_GENERIC)
            continue;
        if (is_for_one_thread(f, object, name))
            note_touched(f, object, object_type_model(f->p, object));
        enum model_role role = kind != OBJECT_GENERIC ? object_role(f->p, object) : ROLE_NONE;
        if (role == ROLE_THREAD && name == NAME_RUN && !is_own_receiver(f, base))
            note_add(f, NOTE_RUN, object, NULL);
    }
}

/* What an argument of this call, or of the one that made the object, gave. */
static bool is_parameter(const struct program *p, object_id object)
{
    const struct object *o = object_at(p, object);
    return o->kind == OBJECT_PATH && object_at(p, o->a)->kind == OBJECT_FUNCTION;
}

/* Whether the default of a parameter can be called, too. Whoever gives something else gives a replacement for it (a
 * factory, a clock), and not what wants to hear of an event. */
static bool replaces_default(const struct frame *f, object_id callee)
{
    const struct object *o = object_at(f->p, callee);
    set_id values = heap_read(f->p, o->a, o->b, f->id);
    for (uint32_t i = 0; i < sets_count(f->p->sets, values); i++) {
        uint8_t kind = object_at(f->p, sets_member(f->p->sets, values, i))->kind;
        if (kind == OBJECT_FUNCTION || kind == OBJECT_CLASS || kind == OBJECT_EXTERNAL)
            return true;
    }
    return false;
}

void note_unknown_call(struct frame *f, object_id callee, const struct ir_op *op)
{
    const struct object *o = object_at(f->p, callee);
    if (f->now.locks == 0 || o->kind != OBJECT_PATH || o->c != 0 || op->code != IR_CALL ||
        (op->flags & IR_FLAG_DECORATOR))
        return;
    uint32_t at = val_at(f, op->a)->op;
    uint8_t code = at < f->fn->op_count ? f->ops[at].code : IR_UNKNOWN;
    const struct path *path = path_at(f->p, val_at(f, op->a)->path);
    bool element = path->kind == PATH_ELEMENT || path->kind == PATH_ITEM;
    bool written = code == IR_LOCAL || code == IR_READ_ITEM || code == IR_READ_ATTR;
    bool kept = is_parameter(f->p, callee) && (element || code == IR_READ_ATTR); /* not what this very call was given */
    if (!written || (!(element && o->b == FIELD_CONTENTS) && !kept) ||
        (kept && !element && replaces_default(f, callee)))
        return;
    struct note *n = note_add(f, NOTE_CALLBACK, callee, NULL);
    bool refers = op->c == 0 && !is_ignored(f); /* what gives a value and is given none may be a weak reference */
    if (n != NULL && element && kept && !refers)
        n->flags |= NOTE_LISTENER;
}

void note_await(struct frame *f)
{
    if (f->now.locks != 0)
        note_add(f, NOTE_AWAIT, 0, NULL);
}

/* Whether a local gets the value, and is never read. */
static bool goes_nowhere(const struct frame *f)
{
    ir_value value = f->ops[f->op].result;
    const struct ir_op *bind = f->op + 1 < f->fn->op_count ? &f->ops[f->op + 1] : NULL;
    if (is_ignored(f))
        return true;
    if (bind == NULL || bind->code != IR_BIND || bind->b != value || f->fn->kind != IR_FN_FUNCTION ||
        (f->u->ir->locals[f->fn->first_local + bind->a].flags & IR_LOCAL_CAPTURED))
        return false;
    for (uint32_t i = 0; i < f->fn->op_count; i++)
        if ((f->ops[i].code == IR_LOCAL && f->ops[i].a == bind->a) || (i > f->op + 1 && uses(f, &f->ops[i], value)))
            return false;
    return true;
}

void note_thread_made(struct frame *f, object_id thread)
{
    if (f->ops[f->op].code == IR_CALL && goes_nowhere(f))
        note_add(f, NOTE_UNUSED, thread, NULL);
}

void note_task(struct frame *f, const struct model *model, object_id stands_for)
{
    if (f->ops[f->op].code != IR_CALL)
        return;
    bool ignored = is_ignored(f);
    if (!ignored && object_role(f->p, stands_for) != ROLE_FUTURE)
        return; /* an iterator over results: whoever walks it asks */
    struct note *n = note_add(f, ignored ? NOTE_DROPPED : NOTE_KEPT, stands_for, model);
    if (n != NULL && n->kind == NOTE_KEPT)
        n->flags |= NOTE_LISTENER;
}

/* Whether a handler only turns one exception into another one: it raises whatever it finds. */
static bool passes_on(const struct frame *f, uint32_t handler)
{
    const struct ir_op *ops = f->u->ir->ops;
    uint32_t end = f->fn->first_op + f->fn->op_count, depth = 0;
    for (uint32_t i = handler + 1; i < end; i++) {
        if (ir_opens(ops[i].code))
            depth++;
        else if (ops[i].code == IR_RAISE && depth == 0)
            return true;
        else if (depth == 0 && (ops[i].code == IR_END || ops[i].code == IR_EXCEPT || ops[i].code == IR_ELSE ||
                                ops[i].code == IR_FINALLY))
            return false;
        else if (ops[i].code == IR_END)
            depth--;
    }
    return false;
}

/* Whether what is run now is in a `try` with handlers; `well`: with one that does not raise in any case, if it is the
 * only one. */
static bool is_in_try(const struct frame *f, bool well)
{
    for (size_t i = f->regions.len; i-- > 0;) {
        const struct region *r = &f->regions.data[i];
        uint32_t handler = r->code == IR_TRY ? f->ops[r->op].c : 0;
        if (handler != 0 && !r->body_done && f->u->ir->ops[handler].code == IR_EXCEPT &&
            !(well && passes_on(f, handler)))
            return true;
        for (uint32_t k = 0; r->code == IR_WITH && k < sets_count(f->p->sets, r->subject.set); k++) {
            const struct model *type = object_type_model(f->p, sets_member(f->p->sets, r->subject.set, k));
            if (type != NULL && type->handles)
                return true;
        }
    }
    return false;
}

static bool is_handled(const struct frame *f)
{
    return is_in_try(f, false);
}

static bool is_handled_well(const struct frame *f)
{
    return is_in_try(f, true);
}

/* ---- state of each thread ---- */

void note_attribute(struct frame *f, enum note_kind kind, set_id objects, name_id name)
{
    uint8_t code = f->ops[f->op].code;
    for (uint32_t i = 0; i < sets_count(f->p->sets, objects); i++) {
        object_id object = sets_member(f->p->sets, objects, i);
        const struct object *o = object_at(f->p, object);
        if (o->kind != OBJECT_MODELLED || object_role(f->p, object) != ROLE_THREAD_LOCAL)
            continue;
        if (kind == NOTE_LOCAL_READ && code != IR_READ_ATTR)
            continue; /* getattr() with a default, hasattr() */
        if (kind == NOTE_LOCAL_SET && (f->ops[f->op].flags & IR_FLAG_AUGMENTED))
            continue; /* what is not there cannot be added to */
        struct note *n = note_add(f, kind, object, NULL);
        if (n == NULL)
            continue;
        n->acc.field = name;
        n->acc.kind = kind == NOTE_LOCAL_SET ? ACCESS_STORE : ACCESS_LOAD;
        bool tested = false;
        for (uint32_t k = f->now.control; k != 0; k = f->controls.data[k].parent)
            tested |= f->tests.data[f->controls.data[k].test].check == CHECK_MISSING;
        if (region_handles_lookup(f) || tested || is_handled(f))
            n->flags |= NOTE_HANDLED;
    }
}

static void note_variable(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    const struct model *type = receiver != 0 ? object_type_model(f->p, receiver) : NULL;
    if (type == NULL || type->role != ROLE_THREAD_LOCAL || object_at(f->p, receiver)->kind != OBJECT_MODELLED)
        return;
    bool reads = (model->effects & EFFECT_READ) != 0;
    bool fallback = model->fallback >= 0 && call_arg(f, call, model->fallback, model->fallback_keyword) != NULL;
    if (heap_find(f->p, receiver, FIELD_DEFAULT) != NULL || (reads && (fallback || is_handled(f))))
        return;
    note_add(f, NOTE_VARIABLE, receiver, model);
}

/* ---- process-wide state ---- */

static void note_of_item(struct frame *f, enum note_kind kind, object_id object)
{
    struct note *n = note_add(f, kind, object, object_at(f->p, object)->model);
    uint8_t code = f->ops[f->op].code;
    if (n == NULL || kind != NOTE_CHANGE)
        return;
    n->acc.kind = code == IR_DELETE_ITEM ? ACCESS_DELETE : code == IR_CALL ? ACCESS_METHOD : ACCESS_STORE;
    n->acc.flags = ACC_WRITES;
}

void note_state(struct frame *f, enum note_kind kind, set_id containers)
{
    for (uint32_t i = 0; i < sets_count(f->p->sets, containers); i++) {
        object_id object = sets_member(f->p->sets, containers, i);
        const struct object *o = object_at(f->p, object);
        if (f->ops[f->op].code != IR_CALL && is_for_one_thread(f, object, NAME_SETITEM)) /* label["text"] = … */
            note_touched(f, object, object_type_model(f->p, object));
        if (o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->state != STATE_NONE)
            note_of_item(f, kind, object);
    }
}

/* ---- files ---- */

/* mkdir(exist_ok=True), rmtree(path, True) */
static bool does_not_mind(const struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *forgives = effect_arg(f, call, model->forgives, model->forgives_keyword);
    return forgives != NULL && !effect_is_constant(f, forgives, "False") && !effect_is_constant(f, forgives, "0") &&
           !value_is(f->p, forgives->set, NONE_OBJECT);
}

/* What a local variable stands for that is bound once: the instruction that makes its value; else the one given. */
static const struct ir_op *bound_once(const struct frame *f, const struct ir_op *op)
{
    const struct ir_op *made = NULL;
    for (uint32_t i = 0; op->code == IR_LOCAL && i < f->fn->op_count; i++) {
        if (f->ops[i].code != IR_BIND || f->ops[i].a != op->a)
            continue;
        uint32_t at = f->vals[f->ops[i].b].op;
        if (made != NULL || at >= f->fn->op_count)
            return op;
        made = &f->ops[at];
    }
    return made != NULL ? made : op;
}

/* open(…, "w"), "wb", "w+" */
static bool overwrites(const struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *mode = effect_arg(f, call, model->mode, model->mode_keyword);
    const struct ir_op *op = mode != NULL && mode->op < f->fn->op_count ? &f->ops[mode->op] : NULL;
    return op != NULL && op->code == IR_CONST && op->aux == IR_STRING && str_starts(f->u->ir->names[op->a], STR("w")) &&
           f->u->ir->names[op->a].len <= 3;
}

/* open(…); open(…, "r"), "rb" */
static bool only_reads(const struct frame *f, const struct model *model, const struct call *call)
{
    for (uint32_t i = 0; i < call->count; i++)
        if (call->star[i])
            return false;
    if (model->mode == MODEL_NO_ARG && model->mode_keyword == NULL)
        return false;
    const struct val *mode = effect_arg(f, call, model->mode, model->mode_keyword);
    if (mode == NULL)
        return true;
    const struct ir_op *op = mode->op < f->fn->op_count ? &f->ops[mode->op] : NULL;
    if (op == NULL || op->code != IR_CONST || op->aux != IR_STRING)
        return false;
    struct str text = f->u->ir->names[op->a];
    return str_starts(text, STR("r")) && str_find(text, STR("+")) == SIZE_MAX;
}

/* Whether the result of this instruction is what the function returns. */
static bool is_returned(const struct frame *f)
{
    ir_value value = f->ops[f->op].result;
    for (uint32_t i = f->op + 1; value != 0 && i < f->fn->op_count; i++)
        if (f->ops[i].code == IR_RETURN && f->ops[i].a == value)
            return true;
    return false;
}

/* The instruction that tells what a path is: a variable's own, where it is bound once, is a literal or a call. */
static const struct ir_op *path_op(const struct frame *f, uint32_t op, bool calls)
{
    const struct ir_op *made = bound_once(f, &f->ops[op]);
    return made->code == IR_CONST || (made->code == IR_CALL && calls) ? made : &f->ops[op];
}

enum { WHOLE = 1, PART = 2 }; /* how an argument of the function is in a path */
#define PATH_PARTS_MAX 4      /* calls in calls */

static int path_parts(const struct frame *f, const struct ir_op *op, int depth);

static int parts_of_value(const struct frame *f, ir_value value, int depth)
{
    const struct val *v = &f->vals[value];
    if (v->params == 0 || v->op >= f->fn->op_count)
        return 0;
    return depth < PATH_PARTS_MAX ? path_parts(f, &f->ops[v->op], depth + 1) : WHOLE;
}

/* The folder that something lies in, `order["customer"]`, `job.kind`: tasks with an argument each may have those in
 * common. */
static int path_parts(const struct frame *f, const struct ir_op *op, int depth)
{
    op = bound_once(f, op);
    int parts = 0;
    switch (op->code) {
    case IR_READ_ATTR:
    case IR_READ_ITEM: return PART;
    case IR_BINARY: return parts_of_value(f, op->a, depth) | parts_of_value(f, op->b, depth);
    case IR_CALL: {
        set_id callee = f->vals[op->a].set;
        const struct object *o =
            sets_count(f->p->sets, callee) == 1 ? object_at(f->p, sets_member(f->p->sets, callee, 0)) : NULL;
        if (o != NULL && o->kind == OBJECT_EXTERNAL && o->model != NULL && o->model->folder == FOLDER_OF)
            return PART;
        break;
    }
    case IR_NEW: break;
    default: return WHOLE;
    }
    for (uint32_t i = 0; i < op->c; i++)
        parts |= parts_of_value(f, f->u->ir->args[op->b + i].value, depth);
    return parts;
}

/* The one object by which several threads come to the path, where the path depends on the receiver alone: 0 for none.
 */
static set_id path_holder(struct frame *f, const struct val *key)
{
    if (key->params != 1 || f->fn->class_index == IR_NO_INDEX)
        return 0;
    set_id receiver = context_args(f->p, f->c)[0].set;
    if (sets_count(f->p->sets, receiver) != 1 || sets_overlap(f->p->sets, receiver, f->now.owned))
        return 0;
    const struct object *o = object_at(f->p, sets_member(f->p->sets, receiver, 0));
    return o->kind == OBJECT_INSTANCE && (o->flags & OBJECT_MANY) == 0 ? receiver : 0;
}

static void file_key(struct frame *f, struct note *n, const struct val *key, const struct ir_op *op)
{
    n->acc.key = intern_id(f->p->names, str_trim(op_text(f, op)));
    n->acc.key_constant = op->code == IR_CONST;
    bool one = op->code == IR_LOCAL && key->params != 0 && (key->params & (key->params - 1)) == 0;
    n->acc.key_param = one && is_returned(f) ? (uint8_t)(__builtin_ctz(key->params) + 1) : 0;
    n->targets = path_holder(f, key);
    if ((key->params != 0 && n->targets == 0) || sets_overlap(f->p->sets, key->set, f->now.owned))
        n->flags |= NOTE_OWN_KEY;
}

static bool asks_for_file(const struct model *model)
{
    return model->file == FILE_CHECK || model->file == FILE_CHECK_FOLDER;
}

/* The constant that a path is, or that its variable gets and nothing else; empty: it is none. */
static struct str constant_path(const struct frame *f, const struct ir_op *op)
{
    uint32_t local = op->a, binds = 0;
    ir_value bound = 0;
    for (uint32_t i = 0; op->code == IR_LOCAL && i < f->fn->op_count; i++)
        if (f->ops[i].code == IR_BIND && f->ops[i].a == local)
            bound = f->ops[i].b, binds++;
    for (uint32_t i = 0; binds == 1 && i < f->fn->op_count; i++)
        if (f->ops[i].result == bound)
            op = &f->ops[i];
    return op->code == IR_CONST ? f->u->ir->names[op->a] : STR("");
}

/* Files of the kernel's are there as long as it runs, or never. */
static bool is_of_kernel(struct str path)
{
    if (path.len > 0 && (path.ptr[0] == '"' || path.ptr[0] == '\''))
        path = str_slice(path, 1, path.len);
    return str_starts(path, STR("/sys/")) || str_starts(path, STR("/proc/")) || str_starts(path, STR("/dev/"));
}

void note_file_from_call(struct frame *f, const struct context *callee, const struct val *given, uint32_t count)
{
    for (size_t i = 0; i < callee->records->notes.len; i++) {
        const struct note *inner = &callee->records->notes.data[i];
        uint32_t param = inner->acc.key_param;
        if (inner->kind != NOTE_FILE || !asks_for_file(inner->acc.model) || param == 0 || param > count ||
            given[param - 1].op >= f->fn->op_count)
            continue;
        const struct val key = given[param - 1];
        struct note *n = note_add(f, NOTE_FILE, inner->acc.object, inner->acc.model);
        if (n != NULL)
            file_key(f, n, &key, path_op(f, key.op, true));
        return;
    }
}

static void note_file(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    if (!asks_for_file(model) && model->file != FILE_ACT)
        return;
    bool names = model->key == MODEL_NO_ARG && model->key_keyword == NULL && receiver == 0; /* mktemp() */
    struct val itself = {.op = f->op};
    const struct val *key = names           ? &itself
                            : receiver == 0 ? call_arg(f, call, model->key, model->key_keyword)
                                            : &call->callee;
    if (key == NULL || key->op >= f->fn->op_count)
        return;
    const struct ir_op *op = path_op(f, key->op, receiver == 0 && !names);
    if (receiver != 0) { /* path.exists(): the path is what the method is read from */
        if (op->code != IR_READ_ATTR || f->vals[op->a].op >= f->fn->op_count)
            return;
        key = &f->vals[op->a];
        op = &f->ops[key->op];
    }
    struct note *n = is_of_kernel(constant_path(f, op)) ? NULL : note_add(f, NOTE_FILE, receiver, model);
    if (n == NULL)
        return;
    file_key(f, n, key, op);
    bool spawned = f->p->roots.data[f->c->root].kind == THREAD_SPAWNED;
    if (spawned && model->folder == FOLDER_MADE && path_parts(f, op, 0) == PART)
        n->flags &= (uint16_t)~NOTE_OWN_KEY; /* a folder for several of them */
    if (is_handled_well(f) || does_not_mind(f, model, call))
        n->flags |= NOTE_HANDLED;
    if (below_test(f))
        n->flags |= NOTE_BELOW_TEST;
    if (overwrites(f, model, call))
        n->flags |= NOTE_OVERWRITES;
    if (only_reads(f, model, call))
        n->flags |= NOTE_READS;
}

/* setlocale(LC_ALL) only asks. */
static bool only_asks(const struct frame *f, const struct model *model, const struct call *call)
{
    if (model->value < 0 || model->is != MODEL_FUNCTION)
        return false;
    const struct val *value = call_arg(f, call, model->value, model->value_keyword);
    return value == NULL || value_is(f->p, value->set, NONE_OBJECT);
}

/* Whether what a call is given is what its function was given. */
static bool all_from_arguments(const struct call *call)
{
    for (uint32_t i = 0; i < call->count; i++)
        if (call->args[i].params == 0)
            return false;
    return call->count > 0;
}

/* Whether one of the locks may be held; for one that a condition was made around, also as the same field of another
 * object, for which condition belongs to which object is not always known. */
static bool may_hold(const struct frame *f, set_id locks, bool around)
{
    if (sets_overlap(f->p->sets, f->now.maybe_locks, locks))
        return true;
    for (uint32_t i = 0; around && i < sets_count(f->p->sets, locks); i++) {
        const struct object *lock = object_at(f->p, sets_member(f->p->sets, locks, i));
        for (uint32_t k = 0; k < sets_count(f->p->sets, f->now.maybe_locks); k++) {
            const struct object *held = object_at(f->p, sets_member(f->p->sets, f->now.maybe_locks, k));
            if (held->home_field == lock->home_field && held->home_field != 0)
                return true;
        }
    }
    return false;
}

/* How the code stands around a call on an object. */
static uint16_t circumstances(struct frame *f, object_id receiver)
{
    struct sets *sets = f->p->sets;
    set_id locks = receiver != 0 ? lock_objects(f, sets_one(sets, receiver)) : 0;
    uint16_t flags = 0;
    if (may_hold(f, locks, locks != 0 && !sets_has(sets, locks, receiver)))
        flags |= NOTE_HELD;
    if (f->loop_depth > 0)
        flags |= NOTE_IN_LOOP;
    if (looped_inside(f, locks))
        flags |= NOTE_LOOPED;
    if (below_test(f))
        flags |= NOTE_BELOW_TEST;
    if (is_ignored(f))
        flags |= NOTE_IGNORED;
    if (receiver != 0 && sets_has(sets, f->now.owned, receiver))
        flags |= NOTE_OWNED;
    if (is_handled(f))
        flags |= NOTE_HANDLED;
    return flags;
}

#define FEW_BYTES 16 /* as they are written, with quotes */

/* Whether a call sends a constant of a few bytes, to wake somebody up: there is room for them. */
static bool sends_little(const struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *sent = (model->effects & EFFECT_BLOCKS) && (model->effects & EFFECT_PUT) == 0
                                 ? call_arg(f, call, model->value, model->value_keyword)
                                 : NULL;
    return sent != NULL && sent->op < f->fn->op_count && f->ops[sent->op].code == IR_CONST &&
           op_text(f, &f->ops[sent->op]).len <= FEW_BYTES;
}

/* Whether a call waits for ever for what it wants, or not at all. */
static uint16_t patience(const struct frame *f, const struct model *model, const struct call *call)
{
    bool given = (model->effects & EFFECT_ACQUIRE) && all_from_arguments(call);
    return (uint16_t)((effect_may_give_up(f, model, call) ? NOTE_GIVES_UP : 0) | (given ? NOTE_OWN_KEY : 0) |
                      (sends_little(f, model, call) ? NOTE_AT_ONCE : 0));
}

/* The text of the constant that the `key` argument is; 0: it is none. */
static name_id constant_key(struct frame *f, const struct model *model, const struct call *call)
{
    const struct val *key = call_arg(f, call, model->key, model->key_keyword);
    bool constant = key != NULL && key->op < f->fn->op_count && f->ops[key->op].code == IR_CONST;
    return constant ? intern_id(f->p->names, str_trim(op_text(f, &f->ops[key->op]))) : 0;
}

void note_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call)
{
    const uint32_t interesting = EFFECT_ACQUIRE | EFFECT_RELEASE | EFFECT_WAIT | EFFECT_NOTIFY | EFFECT_SET |
                                 EFFECT_CLEAR | EFFECT_BLOCKS | EFFECT_LATER | EFFECT_JOIN | EFFECT_PUT;
    const struct model *type = receiver != 0 ? object_type_model(f->p, receiver) : NULL;
    bool of_loop = type != NULL && (type->role == ROLE_LOOP || type->scope == SCOPE_ASYNCIO) &&
                   (model->effects & (EFFECT_PURE | EFFECT_READ)) == 0;
    if (receiver != 0 && (model->effects & (EFFECT_READ | EFFECT_WRITE)) && model->state == STATE_NONE)
        note_state(f, model->effects & EFFECT_WRITE ? NOTE_CHANGE : NOTE_LOOK, sets_one(f->p->sets, receiver));
    const struct val *in_child = effect_arg(f, call, model->in_child, model->in_child_keyword);
    if (in_child != NULL && !value_is(f->p, in_child->set, NONE_OBJECT))
        note_add(f, NOTE_PREEXEC, 0, model);
    note_variable(f, model, receiver, call);
    note_file(f, model, receiver, call);
    bool changes = model->state != STATE_NONE && !only_asks(f, model, call);
    if (of_loop)
        note_touched(f, receiver, model);
    bool leaves = model->ends_process || model->replaces_program;
    if ((model->effects & interesting) == 0 && !changes && !leaves)
        return;
    struct note *n = note_add(f, NOTE_CALL, receiver, model);
    if (n == NULL)
        return;
    if (model->state == STATE_FORK)
        n->acc.key = constant_key(f, model, call);
    uint16_t flags = (uint16_t)(circumstances(f, receiver) | patience(f, model, call));
    bool later = (model->effects & EFFECT_LATER) && (model->target >= 0 || model->target_keyword != NULL);
    const struct val *target = later ? call_arg(f, call, model->target, model->target_keyword) : NULL;
    if (target != NULL)
        n->targets = sets_union(f->p->sets, n->targets, target->set);
    n->flags = n->again ? n->flags | flags : flags; /* what one pass over a loop or one callee says is enough */
}

/* ---- futures that are kept, and never asked ---- */

/* Whether a value is the object, or a container that holds it. */
static bool carries(const struct frame *f, ir_value value, object_id object)
{
    set_id set = value != 0 ? f->vals[value].set : 0;
    if (sets_has(f->p->sets, set, object))
        return true;
    for (uint32_t i = 0; i < sets_count(f->p->sets, set); i++) {
        object_id holder = sets_member(f->p->sets, set, i);
        if (object_at(f->p, holder)->kind != OBJECT_MODELLED)
            continue;
        for (uint32_t k = object_at(f->p, holder)->first_field; k != 0; k = f->p->fields.data[k].next)
            if (sets_has(f->p->sets, f->p->fields.data[k].value, object))
                return true;
    }
    return false;
}

/* Whether a call gives the object to somebody who may ask it: what only waits for it, or puts it into a container of
 * this call's own, does not. */
static bool gives_away(const struct frame *f, const struct ir_op *op, object_id object)
{
    bool given = false;
    for (uint32_t i = 0; i < op->c && !given; i++)
        given = carries(f, f->u->ir->args[op->b + i].value, object);
    set_id callees = f->vals[op->a].set;
    for (uint32_t i = 0; given && i < sets_count(f->p->sets, callees); i++) {
        const struct object *o = object_at(f->p, sets_member(f->p->sets, callees, i));
        const uint32_t takes = EFFECT_PUT | EFFECT_SPAWN | EFFECT_LATER | EFFECT_CALLBACK;
        bool modelled = (o->kind == OBJECT_METHOD || o->kind == OBJECT_EXTERNAL) && o->model != NULL;
        if (!modelled || (o->model->effects & takes))
            return true;
        if (o->kind == OBJECT_METHOD && (o->model->effects & (EFFECT_INSERT | EFFECT_WRITE)) &&
            !sets_has(f->p->sets, f->exit.owned, o->a))
            return true;
    }
    return given && sets_count(f->p->sets, callees) == 0;
}

/* Whether an instruction asks a future for its result, or lets the object out of the function. */
static bool looks_at(const struct frame *f, const struct ir_op *op, object_id object, const struct model *type)
{
    const uint32_t asks = EFFECT_JOIN | EFFECT_LATER | EFFECT_SPAWN;
    switch (op->code) {
    case IR_READ_ATTR: {
        const struct model *member = models_member(f->p->models, type, f->u->ir->names[op->b]);
        return member != NULL && (member->effects & asks);
    }
    case IR_RETURN:
    case IR_YIELD:
    case IR_YIELD_FROM:
    case IR_AWAIT: return carries(f, op->a, object);
    case IR_WRITE_ATTR:
    case IR_WRITE_FREE: return carries(f, op->c, object);
    case IR_WRITE_GLOBAL: return carries(f, op->b, object);
    case IR_WRITE_ITEM:
        return (carries(f, op->b, object) || carries(f, op->c, object)) &&
               sets_intersection(f->p->sets, f->vals[op->a].set, f->exit.owned) != f->vals[op->a].set;
    case IR_BIND: {
        uint32_t flags = f->u->ir->locals[f->fn->first_local + op->a].flags;
        return (flags & IR_LOCAL_CAPTURED) && carries(f, op->b, object);
    }
    case IR_CALL: return gives_away(f, op, object);
    default: return false;
    }
}

void note_finish(struct frame *f)
{
    for (size_t i = 0; i < f->c->records->notes.len; i++) {
        struct note *n = &f->c->records->notes.data[i];
        const struct model *type = n->kind == NOTE_KEPT ? object_type_model(f->p, n->acc.object) : NULL;
        bool looked = type == NULL || type->scope == SCOPE_ASYNCIO || f->exit.locals == NULL;
        for (uint32_t k = 0; k < f->fn->op_count && !looked; k++)
            looked = looks_at(f, &f->ops[k], n->acc.object, type);
        if (!looked)
            n->kind = NOTE_DROPPED;
    }
}
