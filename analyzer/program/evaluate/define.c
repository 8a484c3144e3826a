/* define: functions, classes, imports and declared types. */
#include "program/evaluate/frame.h"

#include "program/symbols/annotations.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* Whether a function made here can see closure cells: some enclosing function is one. */
static bool closes_over(const struct frame *f)
{
    const struct ir_function *fn = f->fn;
    for (;;) {
        if (fn->kind == IR_FN_FUNCTION || fn->kind == IR_FN_LAMBDA)
            return true;
        if (fn->parent == IR_NO_INDEX)
            return false;
        fn = &f->u->ir->functions[fn->parent];
    }
}

struct val define_function(struct frame *f, const struct ir_op *op)
{
    context_id env = closes_over(f) ? f->id : 0;
    object_id function = object_get(f->p, OBJECT_FUNCTION, f->c->unit, op->a, env);
    for (uint32_t i = 0; i < op->c; i++) {
        const struct ir_arg *arg = &f->u->ir->args[op->b + i];
        if (arg->keyword != 0)
            heap_write(f->p, function, name_of(f, arg->keyword), val_at(f, arg->value)->set, f->c->unit,
                       f->fn->first_op + f->op);
    }
    if (env != 0)
        frame_own(f, function); /* what it is given as attributes, it is given before anybody calls it */
    return val_of(sets_one(f->p->sets, function));
}

/* A metaclass of the program that says what calling its classes does, or one of that name: it keeps the instances. */
static bool keeps_instances(struct frame *f, set_id metaclass)
{
    struct program *p = f->p;
    for (uint32_t i = 0; i < sets_count(p->sets, metaclass); i++) {
        object_id object = sets_member(p->sets, metaclass, i);
        if (str_find(object_display(p, object), STR("ingleton")) != SIZE_MAX)
            return true;
        if (object_at(p, object)->kind != OBJECT_CLASS)
            continue;
        struct member call = class_member(p, object, NAME_CALL, f->id);
        if (call.holder != 0 && call.model == NULL)
            return true;
    }
    return false;
}

static set_id program_classes(struct frame *f, set_id value)
{
    set_id classes = 0;
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++)
        if (object_at(f->p, sets_member(f->p->sets, value, i))->kind == OBJECT_CLASS)
            classes = sets_add(f->p->sets, classes, sets_member(f->p->sets, value, i));
    return classes;
}

/* A class is made by its metaclass: __init__(cls, name, bases, namespace). */
static void metaclass_init(struct frame *f, object_id class_object)
{
    struct program *p = f->p;
    struct member init = class_metamember(p, class_object, NAME_INIT, f->id);
    struct call call;
    call_begin(&call, &f->ops[f->op]);
    for (uint32_t i = 0; i < 3; i++)
        call_add(&call, val_of(sets_one(p->sets, i == 0 ? SCALAR_OBJECT : UNKNOWN_OBJECT)), 0, false);
    for (uint32_t i = 0; i < sets_count(p->sets, init.value); i++)
        if (object_at(p, sets_member(p->sets, init.value, i))->kind == OBJECT_FUNCTION)
            call_function(f, sets_member(p->sets, init.value, i), class_object, &call);
}

struct val define_class(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    object_id object = object_get(p, OBJECT_CLASS, f->c->unit, op->a, 0);
    p->units.data[f->c->unit].class_object[op->a] = object;
    set_id bases = 0, metaclasses = 0;
    bool singleton = false;
    for (uint32_t i = 0; i < op->c; i++) {
        const struct ir_arg *arg = &f->u->ir->args[op->b + i];
        if (arg->keyword != 0 && name_of(f, arg->keyword) == NAME_METACLASS) {
            singleton |= keeps_instances(f, val_at(f, arg->value)->set);
            metaclasses = program_classes(f, val_at(f, arg->value)->set);
        }
        if (arg->keyword != 0 || arg->kind != IR_ARG_PLAIN)
            continue;
        set_id base = val_at(f, arg->value)->set;
        for (uint32_t k = 0; k < sets_count(p->sets, base); k++) {
            object_id member = sets_member(p->sets, base, k);
            uint8_t kind = object_at(p, member)->kind;
            if ((kind == OBJECT_CLASS || kind == OBJECT_EXTERNAL) && member != object)
                bases = sets_add(p->sets, bases, member);
        }
    }
    class_define(p, object, bases, metaclasses)->singleton |= singleton;
    struct call_key key = {.unit = f->c->unit,
                           .function = f->u->ir->classes[op->a].body,
                           .env = closes_over(f) ? f->id : 0,
                           .root = f->c->root,
                           .locks = f->now.locks,
                           .running = f->now.running};
    context_id body = context_get(p, &key, f->id, f->op, !frame_once(f));
    context_need(p, body, f->id);
    metaclass_init(f, object);
    return val_of(sets_one(p->sets, object));
}

static void import_body(struct frame *f, uint32_t unit)
{
    struct call_key key = {.unit = unit, .root = unit_root(&f->p->units.data[unit])};
    context_id body = context_get(f->p, &key, f->id, f->op, false);
    f->p->units.data[unit].body = body;
    context_need(f->p, body, f->id);
    if ((f->c->root == ROOT_IMPORT || f->c->root == ROOT_MAIN) && body != f->id) {
        const struct context *c = context_at(f->p, body);
        f->now.running = sets_union(f->p->sets, f->now.running, c->started);
        if (c->started != 0)
            f->recording = true;
    }
}

/* Makes the folders on the way to a module that are no packages known as attributes: of `import a.b.c`, where only c is
 * a module, b is a name outside of the program, whose attribute c is found again. */
static void link_namespaces(struct frame *f, struct str dotted, uint32_t whole)
{
    struct program *p = f->p;
    uint32_t outer = UINT32_MAX; /* the package around the part, where it is one */
    for (size_t start = 0, i = 0; i < dotted.len; i++) {
        if (dotted.ptr[i] != '.')
            continue;
        struct str part = str_slice(dotted, start, i), so_far = str_slice(dotted, 0, i);
        uint32_t unit = units_resolve(p, f->c->unit, so_far, 0);
        if (unit == UINT32_MAX) {
            name_id name = intern_id(p->names, so_far);
            if (outer != UINT32_MAX)
                heap_write(p, p->units.data[outer].object, intern_id(p->names, part),
                           sets_one(p->sets, object_external(p, name)), UINT32_MAX, 0);
            map_put(&p->in_namespace, intern_id(p->names, dotted), p->units.data[whole].object);
        }
        outer = unit;
        start = i + 1;
    }
}

struct val define_import(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    struct str dotted = f->u->ir->names[op->a];
    bool leaf = (op->flags & IR_FLAG_LEAF) != 0;
    uint32_t whole = units_resolve(p, f->c->unit, dotted, 0);
    if (whole != UINT32_MAX) {
        import_body(f, whole);
        link_namespaces(f, dotted, whole);
    }
    size_t dot = str_find(dotted, STR("."));
    struct str wanted = leaf || dot == SIZE_MAX ? dotted : str_slice(dotted, 0, dot);
    uint32_t unit = units_resolve(p, f->c->unit, wanted, 0);
    if (unit != UINT32_MAX) {
        import_body(f, unit);
        return val_of(sets_one(p->sets, p->units.data[unit].object));
    }
    return val_of(sets_one(p->sets, object_external(p, intern_id(p->names, wanted))));
}

struct val define_import_from(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    struct str module = f->u->ir->names[op->a];
    name_id name = name_of(f, op->b);
    uint32_t unit = units_resolve(p, f->c->unit, module, op->aux);
    if (unit != UINT32_MAX) {
        if (unit != f->c->unit)
            import_body(f, unit);
        set_id value = heap_read(p, p->units.data[unit].object, name, f->id);
        if (value != 0)
            return val_of(value);
        if (p->units.data[unit].is_package) {
            uint32_t sub = units_resolve(p, unit, name_text(p, name), 1);
            if (sub != UINT32_MAX) {
                import_body(f, sub);
                return val_of(sets_one(p->sets, p->units.data[sub].object));
            }
        }
        return val_of(sets_one(p->sets, object_path(p, p->units.data[unit].object, name, 0)));
    }
    bool joined = module.len > 0;
    uint32_t sub = units_resolve(
        p, f->c->unit,
        joined ? arena_printf(p->arena, "%.*s.%.*s", STR_FMT(module), STR_FMT(name_text(p, name))) : name_text(p, name),
        op->aux);
    if (sub != UINT32_MAX) { /* from a folder that is no package */
        import_body(f, sub);
        return val_of(sets_one(p->sets, p->units.data[sub].object));
    }
    struct str absolute = units_absolute_name(p, f->c->unit, module, op->aux);
    struct str qualified = arena_printf(p->arena, "%.*s.%.*s", STR_FMT(absolute), STR_FMT(name_text(p, name)));
    return val_of(sets_one(p->sets, object_external(p, intern_id(p->names, qualified))));
}

void define_import_star(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    uint32_t unit = units_resolve(p, f->c->unit, f->u->ir->names[op->a], op->aux);
    if (unit == UINT32_MAX || unit == f->c->unit)
        return;
    import_body(f, unit);
    const struct unit *from = &p->units.data[unit];
    for (uint32_t i = 1; i < from->ir->name_count; i++) {
        name_id name = from->names[i];
        struct str text = name_text(p, name);
        if (!unit_binds(from, name) || text.len == 0 || text.ptr[0] == '_')
            continue;
        heap_write(p, f->u->object, name, heap_read(p, from->object, name, f->id), f->c->unit, f->fn->first_op + f->op);
    }
}

/* Whether a class body gives default values, not the fields that a decorator makes of them. */
static bool is_plain_class(const struct frame *f)
{
    if (f->fn->kind != IR_FN_CLASS_BODY)
        return false;
    object_id class_object = object_get(f->p, OBJECT_CLASS, f->c->unit, f->fn->class_index, 0);
    const struct class_info *info = class_find(f->p, class_object);
    return info != NULL && !info->dataclass;
}

/* Whether the value that an annotation comes with is known: objects of which the place is seen that makes them. What
 * the annotation says would be a second object beside them. */
static bool is_made_here(struct frame *f, const struct ir_op *declare)
{
    const struct ir_op *next = declare + 1;
    if (next >= f->ops + f->fn->op_count)
        return false;
    bool attribute = declare->a != 0 && next->code == IR_WRITE_ATTR && next->a == declare->a && next->b == declare->b;
    bool variable = declare->a == 0 && next->code == IR_BIND && is_plain_class(f);
    if (!attribute && !variable)
        return false;
    set_id value = val_at(f, attribute ? next->c : next->b)->set;
    for (uint32_t i = 0; i < sets_count(f->p->sets, value); i++) {
        uint8_t kind = object_at(f->p, sets_member(f->p->sets, value, i))->kind;
        if (kind != OBJECT_MODELLED && kind != OBJECT_INSTANCE)
            return false;
    }
    return value != 0;
}

/* The instruction of a function before `end` that makes a value, or NULL. */
static const struct ir_op *maker_of(const struct ir_op *first, const struct ir_op *end, ir_value value)
{
    while (end > first)
        if ((--end)->result == value)
            return end;
    return NULL;
}

/* Whether a value is a literal, or made by a call of what an annotation names: of Lock, by Lock() or threading.Lock().
 */
static bool makes(const struct ir_module *ir, const struct ir_op *first, const struct ir_op *write, struct str text)
{
    const struct ir_op *made = maker_of(first, write, write->c);
    if (made != NULL && made->code == IR_NEW)
        return true;
    const struct ir_op *callee = made != NULL && made->code == IR_CALL ? maker_of(first, made, made->a) : NULL;
    if (callee == NULL || (callee->code != IR_READ_GLOBAL && callee->code != IR_READ_ATTR))
        return false;
    struct str name = ir->names[callee->code == IR_READ_GLOBAL ? callee->a : callee->b];
    text = str_slice(text, 0, str_find(text, STR("[")));
    for (size_t dot; (dot = str_find(text, STR("."))) != SIZE_MAX;)
        text = str_slice(text, dot + 1, text.len);
    return str_equal(name, text);
}

/* Whether the constructor of a class makes what its body only declares; as above. */
static bool is_made_by_constructor(const struct frame *f, const struct ir_op *declare)
{
    const struct ir_module *ir = f->u->ir;
    if (declare->a != 0 || f->fn->kind != IR_FN_CLASS_BODY)
        return false;
    for (uint32_t i = 0; i < ir->function_count; i++) {
        const struct ir_function *fn = &ir->functions[i];
        if (fn->class_index != f->fn->class_index || f->u->names[fn->name] != NAME_INIT)
            continue;
        const struct ir_op *first = ir->ops + fn->first_op, *end = first + fn->op_count;
        for (const struct ir_op *op = first; op < end; op++)
            if (op->code == IR_WRITE_ATTR && op->b == declare->b && makes(ir, first, op, ir->names[declare->c]))
                return true;
    }
    return false;
}

void define_declare(struct frame *f, const struct ir_op *op)
{
    struct program *p = f->p;
    if (is_made_here(f, op) || is_made_by_constructor(f, op))
        return;
    struct str text = f->u->ir->names[op->c];
    name_id name = name_of(f, op->b);
    if (op->a != 0) {
        set_id bases = val_at(f, op->a)->set;
        for (uint32_t i = 0; i < sets_count(p->sets, bases); i++) {
            object_id object = sets_member(p->sets, bases, i);
            if (object_class(p, object) == 0)
                continue;
            const struct field *known = heap_find(p, object, name);
            if (known != NULL && known->value != 0)
                continue;
            heap_write(p, object, name, annotation_value(p, f->c->unit, text, object, name), f->c->unit,
                       f->fn->first_op + f->op);
        }
    } else if (f->fn->kind == IR_FN_CLASS_BODY && !str_starts(text, STR("ClassVar"))) {
        object_id class_object = object_get(p, OBJECT_CLASS, f->c->unit, f->fn->class_index, 0);
        object_id generic = object_generic(p, class_object);
        set_id value = annotation_value(p, f->c->unit, text, generic, name);
        if (value != 0)
            heap_write(p, generic, name, value, f->c->unit, f->fn->first_op + f->op);
    }
}
