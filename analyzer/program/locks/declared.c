#include "program/locks/declared.h"

#include "base/hash.h"
#include "program/locks/guards.h"
#include "program/symbols/classes.h"
#include "program/values/heap.h"
#include "program/values/objects.h"
#include "source/comments.h"
#include "source/logical_lines.h"

/* ---- reading ---- */

/* A `# guarded by` comment, and where an assignment must begin to have that guard. */
struct guarded_line {
    uint32_t from, to; /* bytes of the file */
    struct ir_span comment;
    struct str lock;
};

struct notes {
    struct program *p;
    uint32_t unit;
    struct logical_lines logical;   /* found when first needed; line_count 0 before */
    VEC(struct guarded_line) lines; /* in order of `from` */
};

static uint32_t line_start(const struct source_file *file, uint32_t line)
{
    return line <= file->line_count ? file->line_starts[line - 1] : (uint32_t)file->text.len;
}

/* What a comment is behind: its line, up to it; from the beginning of the statement where it stands on its last line.
 * Of a comment that stands alone: the statement that follows. */
static struct ir_span code_of(struct notes *r, struct ir_span comment)
{
    const struct source_file *file = r->p->units.data[r->unit].file;
    uint32_t line = source_position_at(file, comment.start).line;
    if (r->logical.line_count == 0)
        r->logical = logical_lines_of(r->p->arena, file);
    uint32_t meant = logical_lines_meant(&r->logical, file, line);
    if (meant != line)
        return (struct ir_span){line_start(file, meant), line_start(file, r->logical.last[meant] + 1)};
    uint32_t first = line == r->logical.last[line] ? r->logical.first[line] : line;
    return (struct ir_span){line_start(file, first), comment.start};
}

/* The innermost function whose head ends on these lines; UINT32_MAX for none. */
static uint32_t function_on_line(const struct unit *u, struct ir_span code)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 1; i < u->ir->function_count; i++) {
        const struct ir_function *fn = &u->ir->functions[i];
        if (fn->kind == IR_FN_FUNCTION && fn->head.start <= code.end && fn->head.end > code.start)
            found = i;
    }
    return found;
}

static void add_requires(struct notes *r, struct ir_span comment, const struct directive *directive)
{
    struct program *p = r->p;
    struct unit *u = &p->units.data[r->unit];
    uint32_t function = function_on_line(u, code_of(r, comment));
    if (function == UINT32_MAX)
        return;
    if (u->required_locks == NULL)
        u->required_locks = arena_array(p->arena, u->ir->function_count, sizeof *u->required_locks);
    u->required_locks[function] = directive;
}

static void add_guarded(struct notes *r, struct ir_span comment, struct str lock)
{
    struct ir_span code = code_of(r, comment);
    size_t at = r->lines.len;
    struct guarded_line line = {code.start, code.end, comment, lock};
    vec_push(&r->lines, line);
    for (; at > 0 && r->lines.data[at - 1].from > line.from; at--)
        r->lines.data[at] = r->lines.data[at - 1];
    r->lines.data[at] = line;
}

static void read_comment(struct notes *r, struct ir_span comment)
{
    struct str text = str_slice(r->p->units.data[r->unit].file->text, comment.start, comment.end);
    const struct directive *directives;
    uint32_t count = comment_directives(text, r->p->arena, &directives);
    for (uint32_t i = 0; i < count; i++) {
        if (directives[i].kind == DIRECTIVE_REQUIRES)
            add_requires(r, comment, &directives[i]);
        if (directives[i].kind == DIRECTIVE_GUARDED_BY)
            add_guarded(r, comment, directives[i].items[0]);
    }
}

/* Statements of several lines may hold so many comments. */
#define LINES_BACK 8

/* The comment that an assignment has, or NULL. */
static const struct guarded_line *line_of(const struct notes *r, uint32_t offset)
{
    size_t low = 0, high = r->lines.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->lines.data[middle].from <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i > 0 && i + LINES_BACK > low; i--)
        if (offset < r->lines.data[i - 1].to)
            return &r->lines.data[i - 1];
    return NULL;
}

/* Whether a value is the receiver of a method: its first parameter. */
static bool is_receiver(const struct ir_module *ir, const struct ir_function *fn, uint32_t op, ir_value value)
{
    if (fn->class_index == IR_NO_INDEX || fn->kind != IR_FN_FUNCTION || fn->param_count == 0)
        return false;
    while (op > fn->first_op && ir->ops[op].result != value)
        op--;
    return ir->ops[op].code == IR_LOCAL && ir->ops[op].a == 0;
}

/* What an instruction assigns to or annotates: a variable of the module or class, or an attribute of the receiver. */
static bool assigned_name(const struct unit *u, uint32_t function, uint32_t index, struct declaration *d)
{
    const struct ir_module *ir = u->ir;
    const struct ir_function *fn = &ir->functions[function];
    const struct ir_op *op = &ir->ops[index];
    bool module = fn->kind == IR_FN_MODULE, body = fn->kind == IR_FN_CLASS_BODY;
    d->class_index = IR_NO_INDEX;
    switch (op->code) {
    case IR_WRITE_GLOBAL: d->name = u->names[op->a]; return true;
    case IR_BIND:
        d->class_index = fn->class_index;
        d->name = u->names[ir->locals[fn->first_local + op->a].name];
        return body && (ir->locals[fn->first_local + op->a].flags & IR_LOCAL_INNER) == 0;
    case IR_WRITE_ATTR:
    case IR_DECLARE:
        d->name = u->names[op->b];
        if (body || op->a != 0)
            d->class_index = fn->class_index;
        return op->a == 0 ? module || body : is_receiver(ir, fn, index, op->a);
    default: return false;
    }
}

/* The lock in Annotated[T, GuardedBy("_lock")]; empty where the annotation has none. */
static struct str lock_of_annotation(struct str text)
{
    size_t at = str_find(text, STR("GuardedBy("));
    if (at == SIZE_MAX)
        return STR("");
    struct str rest = str_slice(text, at + sizeof "GuardedBy(" - 1, text.len);
    size_t end = str_find(rest, STR(")"));
    struct str lock = str_trim(str_slice(rest, 0, end == SIZE_MAX ? rest.len : end));
    bool quoted = lock.len >= 2 && (lock.ptr[0] == '"' || lock.ptr[0] == '\'') && lock.ptr[lock.len - 1] == lock.ptr[0];
    return quoted ? str_slice(lock, 1, lock.len - 1) : lock;
}

static void read_function(struct notes *r, uint32_t function)
{
    const struct unit *u = &r->p->units.data[r->unit];
    const struct ir_function *fn = &u->ir->functions[function];
    for (uint32_t i = fn->first_op; i < fn->first_op + fn->op_count; i++) {
        const struct ir_op *op = &u->ir->ops[i];
        struct declaration d = {.unit = r->unit, .function = function, .span = op->span};
        const struct guarded_line *line = r->lines.len > 0 ? line_of(r, op->span.start) : NULL;
        if (op->code == IR_DECLARE)
            d.lock = lock_of_annotation(u->ir->names[op->c]);
        if (line != NULL && d.lock.len == 0)
            d.lock = line->lock, d.span = line->comment;
        if (d.lock.len > 0 && assigned_name(u, function, i, &d))
            vec_push(&r->p->declarations, d);
    }
}

void declared_link(struct program *p, uint32_t unit)
{
    struct notes r = {.p = p, .unit = unit};
    const struct ir_module *ir = p->units.data[unit].ir;
    bool annotated = false;
    for (uint32_t i = 0; i < ir->comment_count; i++)
        read_comment(&r, ir->comments[i].span);
    for (uint32_t i = 0; i < ir->name_count && !annotated; i++)
        annotated = str_find(ir->names[i], STR("GuardedBy(")) != SIZE_MAX;
    for (uint32_t i = 0; i < ir->function_count && (annotated || r.lines.len > 0); i++)
        read_function(&r, i);
    vec_release(&r.lines);
}

/* ---- resolving ---- */

/* The lock that a field holds: a Condition made around a lock is that lock. 0 where it holds no single lock. */
static object_id lock_in(const struct program *p, const struct field *field)
{
    if (field == NULL || sets_count(p->sets, field->value) != 1)
        return 0;
    object_id lock = sets_member(p->sets, field->value, 0);
    if (!role_is_lock(object_role(p, lock)))
        return 0;
    const struct field *inner = heap_find(p, lock, FIELD_INNER);
    object_id within =
        inner != NULL && sets_count(p->sets, inner->value) == 1 ? sets_member(p->sets, inner->value, 0) : 0;
    return within != 0 && role_is_lock(object_role(p, within)) ? within : lock;
}

/* Where a lock is kept: its key is that of the field. */
struct lock_field {
    object_id holder;
    name_id name;
    object_id lock; /* what is there, 0 where that is not known to be one lock */
    bool exists;
};

static struct lock_field field_at(struct program *p, object_id holder, name_id name)
{
    const struct field *field = heap_find(p, holder, name);
    struct lock_field found = {holder, name, lock_in(p, field), field != NULL && field->value != 0};
    return found;
}

/* A field of the instances of a class, or of the class itself. A class with a base outside the program may have any. */
static struct lock_field class_lock(struct program *p, object_id class_object, name_id name)
{
    object_id owner = class_field_owner(p, class_object, name);
    struct lock_field found = field_at(p, object_generic(p, owner), name);
    if (found.exists)
        return found;
    struct member member = class_member(p, class_object, name, 0);
    if (member.holder != 0 && member.model == NULL)
        return field_at(p, member.holder, name);
    const struct class_info *info = class_find(p, class_object);
    for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
        const struct object *base = object_at(p, info->mro.data[i]);
        found.exists |= base->kind == OBJECT_EXTERNAL && !str_equal(name_text(p, base->a), STR("builtins.object"));
    }
    return found;
}

/* The object that a dotted name of a module means, its last part left out; 0 where it is not one. */
static object_id object_before(struct program *p, object_id module, struct str dotted)
{
    object_id object = module;
    for (size_t dot; (dot = str_find(dotted, STR("."))) != SIZE_MAX; dotted = str_slice(dotted, dot + 1, dotted.len)) {
        const struct field *field = heap_find(p, object, intern_id(p->names, str_slice(dotted, 0, dot)));
        if (field == NULL || sets_count(p->sets, field->value) != 1)
            return 0;
        object = sets_member(p->sets, field->value, 0);
    }
    return object;
}

static struct str last_part(struct str dotted)
{
    size_t dot = str_rfind_char(dotted, '.');
    return dot == SIZE_MAX ? dotted : str_slice(dotted, dot + 1, dotted.len);
}

/* The attribute that a lock's text names of the receiver: "_lock" of "self._lock"; empty where it names something else.
 */
static struct str own_attribute(const struct unit *u, uint32_t function, struct str text)
{
    const struct ir_function *fn = &u->ir->functions[function];
    struct str receiver = STR("self");
    if (fn->kind == IR_FN_FUNCTION && fn->param_count > 0)
        receiver = u->ir->names[u->ir->params[fn->first_param].name];
    size_t dot = str_find(text, STR("."));
    if (dot == SIZE_MAX || str_rfind_char(text, '.') != dot)
        return STR("");
    struct str first = str_slice(text, 0, dot);
    bool own = str_equal(first, receiver) || str_equal(first, STR("self")) || str_equal(first, STR("cls"));
    return own ? str_slice(text, dot + 1, text.len) : STR("");
}

/* What a lock's text means where it stands: an attribute of the receiver, of a class, or a name of the module. */
static struct lock_field lock_named(struct program *p, uint32_t unit, uint32_t class_index, uint32_t function,
                                    struct str text)
{
    const struct unit *u = &p->units.data[unit];
    object_id class_object = class_index != IR_NO_INDEX ? u->class_object[class_index] : 0;
    struct str own = own_attribute(u, function, text);
    if (own.len > 0 && class_object != 0)
        return class_lock(p, class_object, intern_id(p->names, own));
    name_id name = intern_id(p->names, last_part(text));
    if (str_find(text, STR(".")) == SIZE_MAX && class_object != 0) {
        struct lock_field found = class_lock(p, class_object, name);
        if (found.exists && (found.lock != 0 || heap_find(p, u->object, name) == NULL))
            return found;
    }
    object_id holder = object_before(p, u->object, text);
    if (holder == 0)
        return (struct lock_field){.exists = true}; /* through something that is not known */
    if (object_at(p, holder)->kind == OBJECT_CLASS)
        return class_lock(p, holder, name);
    struct lock_field found = field_at(p, holder, name);
    found.exists |= object_at(p, holder)->kind != OBJECT_MODULE;
    return found;
}

/* The key of the field, or of that in which the lock was first kept. */
static uint64_t key_of(struct program *p, const struct lock_field *field)
{
    if (!field->exists || field->holder == 0)
        return 0;
    const struct object *lock = field->lock != 0 ? object_at(p, field->lock) : NULL;
    if (lock != NULL && lock->home != 0)
        return guard_group(p, lock->home, lock->home_field);
    return guard_group(p, field->holder, field->name);
}

static void note_place(struct program *p, object_id holder, name_id name, size_t index)
{
    map_put(&p->declared, guard_group(p, holder, name), index);
    map_put(&p->declared, guard_contents(p, holder, name), index);
}

void declared_resolve(struct program *p)
{
    for (size_t i = 0; i < p->declarations.len; i++) {
        struct declaration *d = &p->declarations.data[i];
        const struct unit *u = &p->units.data[d->unit];
        struct lock_field field = lock_named(p, d->unit, d->class_index, d->function, d->lock);
        d->key = key_of(p, &field);
        d->sample = field.lock;
        d->missing = !field.exists;
        if (d->key == 0)
            continue;
        object_id class_object = d->class_index != IR_NO_INDEX ? u->class_object[d->class_index] : 0;
        if (class_object != 0) {
            object_id generic = object_generic(p, class_object);
            note_place(p, generic, d->name, i);
            note_place(p, class_object, d->name, i);
        } else if (d->class_index == IR_NO_INDEX) {
            note_place(p, u->object, d->name, i);
        }
    }
}

bool declared_guard(const struct program *p, uint64_t group, struct guard *guard)
{
    uint64_t index;
    if (!map_get(&p->declared, group, &index))
        return false;
    const struct declaration *d = &p->declarations.data[index];
    guard->lock = d->key;
    guard->sample = d->sample;
    guard->text = d->lock;
    return true;
}

/* ---- declarations of locks that do not exist ---- */

static void add_bad(struct finder *f, const struct declaration *d, object_id object)
{
    struct program *p = f->p;
    const struct unit *u = &p->units.data[d->unit];
    struct acc acc = {.context = u->body,
                      .unit = d->unit,
                      .function = d->function,
                      .object = object,
                      .field = d->name,
                      .kind = ACCESS_USE,
                      .span = d->span};
    struct hazard h = {.kind = HAZARD_BAD_ANNOTATION,
                       .confidence = CONFIDENCE_HIGH,
                       .exposure = EXPOSURE_ANY_BUILD,
                       .guard_kind = GUARD_DECLARED,
                       .why = STR("nothing assigns it")};
    struct held_lock *lock = arena_alloc(p->arena, sizeof *lock);
    lock->name = d->lock;
    h.guard = lock;
    h.place = describe_place(p, &acc);
    h.first = h.last = describe_access(p, &acc, h.place);
    vec_push(&p->hazards, h);
}

static object_id owner_of(struct program *p, const struct declaration *d)
{
    const struct unit *u = &p->units.data[d->unit];
    object_id class_object = d->class_index != IR_NO_INDEX ? u->class_object[d->class_index] : 0;
    return class_object != 0 ? object_generic(p, class_object) : u->object;
}

/* The locks that a function is declared to require. */
static void check_requires(struct finder *f, uint32_t unit, uint32_t function)
{
    struct program *p = f->p;
    const struct unit *u = &p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    for (uint32_t i = 0; i < u->required_locks[function]->item_count; i++) {
        struct declaration d = {.unit = unit,
                                .class_index = fn->class_index,
                                .function = function,
                                .name = u->names[fn->name],
                                .lock = u->required_locks[function]->items[i],
                                .span = fn->head};
        bool of_class = fn->class_index != IR_NO_INDEX && u->class_object[fn->class_index] != 0;
        if (fn->class_index != IR_NO_INDEX && !of_class)
            continue; /* the class statement was never reached */
        if (!lock_named(p, unit, fn->class_index, function, d.lock).exists)
            add_bad(f, &d, owner_of(p, &d));
    }
}

bool declared_locks_exist(struct program *p, uint32_t unit, uint32_t function)
{
    const struct unit *u = &p->units.data[unit];
    for (uint32_t i = 0; i < u->required_locks[function]->item_count; i++)
        if (!lock_named(p, unit, u->ir->functions[function].class_index, function,
                        u->required_locks[function]->items[i])
                 .exists)
            return false;
    return true;
}

static bool same_comment(const struct declaration *a, const struct declaration *b)
{
    return a->unit == b->unit && a->span.start == b->span.start;
}

void find_bad_annotations(struct finder *f)
{
    struct program *p = f->p;
    for (size_t i = 0; i < p->declarations.len; i++) {
        const struct declaration *d = &p->declarations.data[i];
        const struct unit *u = &p->units.data[d->unit];
        bool reached = d->class_index == IR_NO_INDEX || u->class_object[d->class_index] != 0;
        if (!d->missing || !reached || (i > 0 && same_comment(d, d - 1)))
            continue;
        add_bad(f, d, owner_of(p, d));
    }
    for (uint32_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        for (uint32_t k = 0; u->required_locks != NULL && k < u->ir->function_count; k++)
            if (u->required_locks[k] != NULL)
                check_requires(f, i, k);
    }
}

/* ---- requires ---- */

/* The lock in a receiver's attribute, as the code below sees it: a path where its type is not known. */
static object_id receiver_lock(struct program *p, object_id receiver, name_id name)
{
    struct lock_field field = field_at(p, receiver, name);
    if (field.lock != 0)
        return field.lock;
    if (field.exists)
        return 0;
    object_id class_object = object_class(p, receiver);
    if (class_object != 0 && object_at(p, class_object)->kind == OBJECT_CLASS) {
        struct lock_field of_class = class_lock(p, class_object, name);
        bool inherited =
            object_at(p, receiver)->kind == OBJECT_GENERIC || object_at(p, of_class.holder)->kind == OBJECT_CLASS;
        if (of_class.lock != 0 && inherited)
            return of_class.lock;
    }
    return object_path(p, receiver, name, 0);
}

set_id declared_required(struct program *p, uint32_t unit, uint32_t function, object_id receiver)
{
    const struct unit *u = &p->units.data[unit];
    if (u->required_locks == NULL || u->required_locks[function] == NULL)
        return 0;
    const struct directive *directive = u->required_locks[function];
    uint32_t class_index = u->ir->functions[function].class_index;
    set_id locks = 0;
    for (uint32_t i = 0; i < directive->item_count; i++) {
        struct str own = own_attribute(u, function, directive->items[i]);
        object_id lock = 0;
        if (own.len > 0 && receiver != 0)
            lock = receiver_lock(p, receiver, intern_id(p->names, own));
        else if (own.len == 0)
            lock = lock_named(p, unit, class_index, function, directive->items[i]).lock;
        if (lock != 0)
            locks = sets_add(p->sets, locks, lock);
    }
    return locks;
}

#define MODEL_BASES_MAX 6 /* steps from a modelled class to its bases */

/* The attribute that is the lock held around a method, by the model of a class or of its first bases; NULL for none. */
static const char *entry_held(const struct program *p, const struct model *model, struct str method)
{
    for (int i = 0; i < MODEL_BASES_MAX && model != NULL; i++) {
        for (const char *const *entry = model->entries; model->held != NULL && entry != NULL && *entry != NULL; entry++)
            if (str_equal(method, str_of(*entry)))
                return model->held;
        model =
            model->bases != NULL && model->bases[0] != NULL ? models_find(p->models, str_of(model->bases[0])) : NULL;
    }
    return NULL;
}

set_id declared_entry_lock(struct program *p, uint32_t unit, uint32_t function, object_id receiver)
{
    const struct unit *u = &p->units.data[unit];
    const struct ir_function *fn = &u->ir->functions[function];
    object_id class_object = receiver != 0 ? object_class(p, receiver) : 0;
    const struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
    for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        const struct model *model = base != NULL ? base->itself : object_at(p, info->mro.data[i])->model;
        const char *held = entry_held(p, model, u->ir->names[fn->name]);
        if (held == NULL)
            continue;
        name_id name = intern_id(p->names, str_of(held));
        struct lock_field field = class_lock(p, class_object, name);
        object_id unseen = object_path(p, receiver, name, object_external_named(p, "threading.RLock"));
        return sets_one(p->sets, field.lock != 0 ? field.lock : unseen);
    }
    return 0;
}
