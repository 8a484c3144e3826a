/* confidence: how sure a hazard is, and why. */
#include "program/evaluate/contexts.h"
#include "program/hazards/conventions.h"
#include "program/hazards/finder.h"
#include "program/hazards/phases.h"
#include "program/symbols/classes.h"
#include "program/symbols/units.h"
#include "program/threads/apart.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

object_id place_root_object(const struct program *p, object_id object)
{
    for (int i = 0; i < 12; i++) {
        const struct object *o = object_at(p, object);
        object_id next = 0;
        if (o->kind == OBJECT_PATH)
            next = o->a;
        if (o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE)
            next = o->home;
        if (o->kind == OBJECT_INSTANCE && o->home_field == FIELD_CONTENTS)
            return object; /* one of many in a registry */
        if (next == 0)
            return object;
        object = next;
    }
    return object;
}

/* The class of the instance that an object hangs off; NULL if it is none of the program's. */
static struct class_info *class_of_root(struct program *p, object_id object)
{
    const struct object *root = object_at(p, place_root_object(p, object));
    return root->kind == OBJECT_GENERIC || root->kind == OBJECT_INSTANCE ? class_find(p, root->a) : NULL;
}

/* Notes the classes whose instances have a threading.local, or a table under the identities of threads. */
static void find_kept_per_thread(struct program *p)
{
    for (size_t i = 1; i < p->objects.len; i++) {
        const struct object *o = p->objects.data[i];
        bool local = o->home != 0 && object_role(p, (object_id)i) == ROLE_THREAD_LOCAL;
        struct class_info *info = local ? class_of_root(p, o->home) : NULL;
        if (info != NULL)
            info->keeps_per_thread = true;
    }
    for (size_t i = 1; i < p->contexts.len; i++) {
        const struct context *c = p->contexts.data[i];
        for (size_t k = 0; c->status == CONTEXT_DONE && k < c->records->accs.len; k++) {
            const struct acc *acc = &c->records->accs.data[k];
            bool own = (acc->flags & ACC_OWN_THREAD) && (acc->flags & ACC_WRITES) && acc->field == FIELD_CONTENTS;
            struct class_info *info = own ? class_of_root(p, acc->object) : NULL;
            if (info != NULL)
                info->keeps_per_thread = true;
        }
    }
}

void confidence_prepare(struct program *p)
{
    find_kept_per_thread(p);
    for (size_t i = 0; i < p->units.len; i++) {
        const struct unit *u = &p->units.data[i];
        for (uint32_t k = 0; k < u->ir->function_count; k++) {
            const struct ir_function *fn = &u->ir->functions[k];
            object_id class_object = fn->class_index != IR_NO_INDEX ? u->class_object[fn->class_index] : 0;
            struct class_info *info = class_object != 0 ? class_find(p, class_object) : NULL;
            if (info == NULL || u->names[fn->name] != NAME_INIT)
                continue;
            info->doc_safe |= (fn->flags & IR_FN_DOC_SAFE) != 0;
            info->doc_unsafe |= (fn->flags & IR_FN_DOC_UNSAFE) != 0;
        }
    }
    for (size_t i = 0; i < p->classes.len; i++) {
        const struct class_info *info = p->classes.data[i];
        for (size_t k = 1; info->doc_safe && !info->doc_unsafe && k < info->mro.len; k++) {
            struct class_info *base = class_find(p, info->mro.data[k]);
            if (base != NULL)
                base->base_of_safe = true;
        }
    }
}

/* Whether a class says that its instances are meant to be used from threads. */
static const char *class_evidence(struct program *p, object_id class_object)
{
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL || info->doc_unsafe)
        return NULL;
    if (info->doc_safe)
        return "its class says that it is thread-safe";
    return info->base_of_safe ? "a class that derives from its own says that it is thread-safe" : NULL;
}

/* Whether what is filled in is, as far as is seen, something that there should be one of: an object of the program, a
 * container, or what nobody knows under a key. Of text, of numbers and of what is only passed on, the last one stored
 * is as good as the first. */
static bool fills_with_object(const struct program *p, const struct acc *store)
{
    const struct field *field = heap_find(p, store->object, store->field);
    if (store->kind != ACCESS_STORE || (store->flags & ACC_GIVEN))
        return true;
    for (uint32_t i = 0; field != NULL && i < sets_count(p->sets, field->value); i++) {
        object_id member = sets_member(p->sets, field->value, i);
        uint8_t kind = object_at(p, member)->kind;
        if (kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC ||
            (kind == OBJECT_MODELLED && !object_is_immutable(p, member)))
            return true;
    }
    return false;
}

/* A cache, a registry, a lazy global, a flag of a module's, a counter: what every thread of a library's user goes
 * through. */
static bool is_strong_idiom(const struct program *p, const struct span *span)
{
    enum model_role role = object_role(p, span->last->object);
    if (span->via == VIA_DATA)
        return (span->flags & (SPAN_SUCCEEDS | SPAN_DISCARDS)) == 0; /* most that walk and clear shut something down */
    if (span->via == VIA_ITERATION && span->last->kind == ACCESS_ITERATE)
        return role == ROLE_DICT || role == ROLE_SET; /* the walk fails */
    if (span->via != VIA_CONTROL)
        return false;
    if (span->flags & SPAN_IN_PARTS)
        return true;
    if (span->check == CHECK_TRUE || span->check == CHECK_SIZE) /* if _spare: return _spare.pop() */
        return span->last->field == FIELD_CONTENTS && (span->last->flags & ACC_REMOVES) &&
               (span->last->flags & ACC_RAISES);
    if (span->check == CHECK_FALSE && span->last->kind == ACCESS_STORE && (span->flags & SPAN_IDEMPOTENT))
        return object_at(p, span->last->object)->kind == OBJECT_MODULE &&
               (span->flags & SPAN_CALL_BETWEEN) == 0; /* set before the work: what comes second is meant to stay out */
    if (span->check == CHECK_NONE || span->check == CHECK_MISSING || span->check == CHECK_NOT_IN)
        return (span->flags & (SPAN_INCOMPLETE | SPAN_DRAWN)) || fills_with_object(p, span->last);
    return span->check == CHECK_IN;
}

/* Whether two modules are of one top-level package: code of unrelated packages rarely runs against each other. */
static bool same_package(const struct program *p, uint32_t a, uint32_t b)
{
    struct str x = p->units.data[a].dotted, y = p->units.data[b].dotted;
    return str_equal(str_slice(x, 0, str_find(x, STR("."))), str_slice(y, 0, str_find(y, STR("."))));
}

/* Whether there is one instance of a class, as its metaclass has it. */
static bool is_single(const struct program *p, object_id class_object)
{
    const struct class_info *info = class_find(p, class_object);
    for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        if (base != NULL && base->singleton)
            return true;
    }
    return false;
}

/* Why an instance is shared, of which a variable, or a container that it holds, is used: it keeps something else for
 * each of the threads that use it; NULL if it does not. A variable that is only written anew may be that of whoever has
 * the turn. */
static const char *shared_beside_kept(const struct program *p, const struct span *span, object_id root)
{
    const struct object *o = object_at(p, span->last->object), *holder = object_at(p, root);
    bool instance = holder->kind == OBJECT_GENERIC || holder->kind == OBJECT_INSTANCE;
    bool part = span->last->object == root || (o->kind == OBJECT_MODELLED && o->home == root);
    if (!instance || !part || (span->via == VIA_DATA && span->last->kind != ACCESS_AUGMENTED))
        return NULL;
    const struct class_info *info = class_find(p, holder->a);
    for (size_t i = 0; info != NULL && i < info->mro.len; i++) {
        const struct class_info *base = class_find(p, info->mro.data[i]);
        if (base != NULL && base->keeps_per_thread)
            return "its class keeps something for each thread";
    }
    return NULL;
}

/* Whether a call gives back a function that closes over its variables: a decorator, or a factory of functions. */
static bool returns_closure(const struct program *p, context_id context)
{
    set_id result = context_at(p, context)->result;
    for (uint32_t i = 0; i < sets_count(p->sets, result); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, result, i));
        if (o->kind == OBJECT_FUNCTION && o->c == context)
            return true;
    }
    return false;
}

/* Why state is that of all who use the code, whichever thread they are; NULL where it is one object's or call's. */
static const char *shared_by_all(const struct program *p, object_id object, name_id field)
{
    const struct object *root = object_at(p, place_root_object(p, object)), *o = object_at(p, object);
    if (o->kind == OBJECT_PATH && o->b == FIELD_CONTENTS && field != FIELD_CONTENTS)
        return NULL; /* of one of many in a registry */
    if (str_starts(name_text(p, field), STR("__")) && str_ends(name_text(p, field), STR("__")))
        return NULL; /* __doc__, __module__: set by who makes the object */
    switch (root->kind) {
    case OBJECT_MODULE: return "it is module state that any thread can reach";
    case OBJECT_CLASS: return "it is class state that all instances share";
    case OBJECT_FUNCTION: /* of its own; an argument's path begins at the function, too. Decorators set what all have */
        return root == object_at(p, object) ? "it is state of a function that any thread can call" : NULL;
    case OBJECT_CELLS: return returns_closure(p, root->a) ? "all who call the function share it" : NULL;
    case OBJECT_GENERIC:
    case OBJECT_INSTANCE: return is_single(p, root->a) ? "there is one such object for the whole program" : NULL;
    default: return NULL;
    }
}

/* What class statements run: modules are imported by one thread at a time. */
static bool is_of_class_statement(const struct program *p, const struct acc *acc)
{
    const struct ir_module *ir = p->units.data[acc->unit].ir;
    struct str name = ir->names[ir->functions[acc->function].name];
    return str_equal(name, STR("__init_subclass__")) || str_equal(name, STR("__set_name__"));
}

/* Whether only two calls of one function that empties a container are in each other's way: while stack: stack.pop().
 * What is emptied to the end is taken down, by whoever owns it. */
static bool empties(const struct span *span, const struct acc *partner)
{
    bool asks = span->via == VIA_CONTROL && (span->flags & SPAN_WHILE) &&
                (span->check == CHECK_TRUE || span->check == CHECK_SIZE);
    return asks && (span->last->flags & ACC_REMOVES) && partner->unit == span->last->unit &&
           partner->function == span->last->function;
}

/* Whether both are there for all to call at any time. */
static bool are_meant(const struct program *p, const struct acc *a, const struct acc *b)
{
    return convention_meant(p, a) && convention_meant(p, b);
}

/* Whether code runs in a program without threads, in tests, or while classes are made. */
static bool is_for_one_thread(const struct program *p, const struct acc *acc)
{
    return (p->has_entry && !p->has_threads) || convention_of_tests(p, acc->unit) || is_of_class_statement(p, acc);
}

/* How a place that only callers reach comes to be meant for threads. Owning a lock is no sign by itself: the lock must
 * be held at a good part of the accesses of this very place; one of them is enough for a counter, which is wrong for
 * good once two threads have met. */
static enum confidence callers_confidence(struct program *p, const struct span *span, const struct acc *partner,
                                          enum guarded guarded, struct str *why)
{
    object_id root = place_root_object(p, span->last->object);
    const struct object *o = object_at(p, root);
    if (is_for_one_thread(p, span->last))
        return CONFIDENCE_LOW;
    bool instance = o->kind == OBJECT_GENERIC || o->kind == OBJECT_INSTANCE;
    bool locked = (span->flags & SPAN_HELD_ALIKE) != 0; /* whoever takes a lock for each step has threads in mind */
    const char *global = shared_by_all(p, span->last->object, span->last->field);
    if (global == NULL && !instance && !locked)
        return CONFIDENCE_LOW;
    if (convention_given_away(p, span->last) && convention_given_away(p, partner))
        return CONFIDENCE_LOW;
    const char *evidence = class_evidence(p, o->kind == OBJECT_CLASS ? root : instance ? o->a : 0);
    if (evidence != NULL) {
        *why = str_of(evidence);
        return CONFIDENCE_MEDIUM;
    }
    if (empties(span, partner))
        return CONFIDENCE_LOW;
    if (object_role(p, span->last->object) == ROLE_QUEUE) {
        *why = STR("a queue is made for threads");
        return CONFIDENCE_MEDIUM;
    }
    if (convention_uncalled(p, span->last) || !are_meant(p, span->last, partner))
        return CONFIDENCE_LOW;
    if (guarded == GUARDED_OFTEN || (guarded == GUARDED_ONCE && span->last->kind == ACCESS_AUGMENTED)) {
        *why = STR("other code holds a lock when it uses this");
        return CONFIDENCE_MEDIUM;
    }
    if (global == NULL)
        global = shared_beside_kept(p, span, root);
    if (global == NULL || !is_strong_idiom(p, span) || !same_package(p, span->last->unit, partner->unit) ||
        convention_main_loop(p, span->last))
        return CONFIDENCE_LOW;
    *why = str_of(global);
    return CONFIDENCE_MEDIUM;
}

/* Whether it is not known that check and act, or act and partner, are about one element: their keys got lost in calls,
 * or the one names it and the other goes by a variable. */
static bool keys_are_lost(const struct span *span, const struct acc *partner)
{
    const struct acc *first = span->first, *last = span->last;
    if (span->via != VIA_CONTROL || last->field != FIELD_CONTENTS || span->check == CHECK_SIZE ||
        first->kind == ACCESS_SIZE)
        return false;
    if ((span->flags & SPAN_THROUGH_CALL) && (first->key == 0 || last->key == 0))
        return true;
    return last->key != 0 && last->key_constant && partner->key != 0 && !partner->key_constant;
}

static bool is_of_entry(const struct program *p, const struct acc *acc)
{
    const struct root *root = &p->roots.data[context_at(p, acc->context)->root];
    return root->entry && !root->served;
}

static bool is_served(const struct program *p, const struct acc *acc)
{
    return p->roots.data[context_at(p, acc->context)->root].served;
}

static bool is_callback(const struct program *p, const struct acc *acc)
{
    return p->roots.data[context_at(p, acc->context)->root].callback;
}

/* Whether only two calls of one function that takes something down are in each other's way: whoever owns it takes it
 * down once. */
static bool takes_down(const struct span *span, const struct acc *partner)
{
    bool found = span->via == VIA_CONTROL && (span->check == CHECK_NOT_NONE || span->check == CHECK_TRUE);
    bool drops = partner->kind == ACCESS_STORE && (partner->flags & (ACC_NONE | ACC_TESTED)) == (ACC_NONE | ACC_TESTED);
    bool uses = (span->last->flags & ACC_WRITES) == 0 || (span->last->flags & ACC_NONE);
    return found && drops && uses && partner->unit == span->last->unit && partner->function == span->last->function;
}

/* Whether two objects may be of one class. */
static bool are_related(const struct program *p, object_id a, object_id b)
{
    object_id x = object_class(p, a), y = object_class(p, b);
    return x != 0 && y != 0 && (class_derives_from(p, x, y) || class_derives_from(p, y, x));
}

/* Whether a thread is started by the constructor of an object: whoever makes the object has it beside the thread. */
static bool starts_as_made(const struct program *p, const struct root *root, object_id owner)
{
    const struct unit *u = &p->units.data[root->unit];
    const struct ir_function *fn = &u->ir->functions[root->function];
    if (fn->class_index == IR_NO_INDEX || u->names[fn->name] != NAME_INIT)
        return false;
    object_id made = u->class_object[fn->class_index], of = object_class(p, owner);
    return made != 0 && of != 0 && class_derives_from(p, of, made);
}

/* Whether some variable of an object holds one that may be of the same class as another one. */
static bool has_like(const struct program *p, object_id holder, object_id like)
{
    for (uint32_t k = object_at(p, holder)->first_field; k != 0; k = p->fields.data[k].next) {
        set_id value = p->fields.data[k].value;
        for (uint32_t i = 0; i < sets_count(p->sets, value); i++)
            if (are_related(p, sets_member(p->sets, value, i), like))
                return true;
    }
    return false;
}

/* Whether the thread that an object keeps works on something of some class, of which the object has one for itself:
 * whether callers of that class have the very same one is not seen. */
static bool works_on_part(const struct program *p, object_id keeper, object_id thread, object_id owner)
{
    uint8_t kind = object_at(p, keeper)->kind;
    if (object_at(p, owner)->kind != OBJECT_GENERIC || (kind != OBJECT_GENERIC && kind != OBJECT_INSTANCE))
        return false;
    return !are_related(p, keeper, owner) && !are_related(p, thread, owner) && has_like(p, keeper, owner);
}

/* Whether a thread that runs an access is a part of what it works on: some object keeps the thread, or the object
 * itself the pool. A thread that nobody keeps, or a task for the pool of some other object, is a way to use an object,
 * which then is the thread's. */
static bool is_kept(const struct program *p, const struct acc *acc)
{
    const struct root *root = &p->roots.data[context_at(p, acc->context)->root];
    if (root->kind != THREAD_SPAWNED || root->entry || root->callback)
        return true;
    object_id owner = place_root_object(p, acc->object);
    const struct object *thread = object_at(p, root->object);
    uint8_t kind = object_at(p, owner)->kind;
    if (owner == root->object || (kind != OBJECT_GENERIC && kind != OBJECT_INSTANCE) || starts_as_made(p, root, owner))
        return true;
    if (root->executor != 0)
        return are_related(p, place_root_object(p, root->executor), owner);
    if (thread->kind != OBJECT_MODELLED && thread->kind != OBJECT_INSTANCE)
        return true;
    return thread->home != 0 && !works_on_part(p, thread->home, root->object, owner);
}

/* Whether a thread that runs an access was started in the same package: who starts one elsewhere says nothing of
 * callers here. */
static bool starts_near(const struct program *p, const struct acc *acc)
{
    const struct root *root = &p->roots.data[context_at(p, acc->context)->root];
    return root->kind != THREAD_SPAWNED || root->entry || same_package(p, root->unit, acc->unit);
}

/* A thread that a library starts, beside those who call the library. */
static enum confidence mixed_confidence(struct program *p, const struct span *span, const struct acc *partner,
                                        struct str *why)
{
    *why = is_of_entry(p, span->last) || is_of_entry(p, partner)
               ? STR("the settings name code that threads run beside this")
           : is_served(p, span->last) || is_served(p, partner)
               ? STR("the threads of a server run one side beside the other")
               : STR("a thread that this code starts runs beside its callers");
    if (is_callback(p, span->last) || is_callback(p, partner))
        return CONFIDENCE_LOW;
    if (!starts_near(p, span->last) || !starts_near(p, partner))
        return CONFIDENCE_LOW;
    if (!are_meant(p, span->last, partner))
        return CONFIDENCE_LOW;
    if (!is_kept(p, span->last) || !is_kept(p, partner))
        return CONFIDENCE_LOW;
    return CONFIDENCE_MEDIUM;
}

/* Two threads that both fill in the same value do no harm; a value as good as the other's does little. */
static enum confidence harm(const struct span *span, struct parallel_info parallel, enum confidence confidence)
{
    bool fills = span->via == VIA_CONTROL && (span->check == CHECK_NONE || span->check == CHECK_NOT_IN ||
                                              span->check == CHECK_MISSING || span->check == CHECK_FALSE);
    if (span->flags & SPAN_BARE)
        return CONFIDENCE_LOW;
    if (span->check == CHECK_SIZE && (span->flags & SPAN_IDEMPOTENT))
        return CONFIDENCE_LOW;                   /* the bound of a set: one element more */
    if (!fills || (span->flags & SPAN_IN_PARTS)) /* whoever comes in between finds it half filled */
        return confidence;
    bool mark = span->last->kind == ACCESS_METHOD || span->last->stored != 0;
    bool claim =
        mark && span->last->field == FIELD_CONTENTS && parallel.kind != PARALLEL_CALLERS; /* both go on with it */
    if ((span->flags & SPAN_IDEMPOTENT) && span->check != CHECK_FALSE)
        return claim ? confidence : CONFIDENCE_LOW;
    bool flag =
        span->check == CHECK_FALSE && (span->flags & SPAN_IDEMPOTENT); /* what matters is what is done once it is set */
    if (flag || (span->flags & (SPAN_REPLACEABLE | SPAN_LIKE)) == 0)
        return confidence;
    bool threads = parallel.kind == PARALLEL_ROOTS && (span->flags & SPAN_REPLACEABLE) == 0;
    return threads && confidence == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* Two threads that two calls of library code start, each for some object: whether that is one object is not seen. */
static bool of_two_calls(const struct program *p, const struct acc *a, const struct acc *b,
                         struct parallel_info parallel)
{
    const struct root *x = &p->roots.data[context_at(p, a->context)->root];
    const struct root *y = &p->roots.data[context_at(p, b->context)->root];
    if (!x->generic || !y->generic || x->entry || y->entry)
        return false;
    if (parallel.same_root ? x->repeated : x->unit == y->unit && x->function == y->function)
        return false;
    uint8_t kind = object_at(p, place_root_object(p, a->object))->kind;
    return kind != OBJECT_MODULE && kind != OBJECT_CLASS;
}

/* Threads on both sides. */
static enum confidence roots_confidence(struct program *p, const struct span *span, const struct acc *partner,
                                        struct parallel_info parallel, enum guarded guarded, struct str *why)
{
    *why = parallel.same_root && is_of_entry(p, partner) ? STR("the settings name it as code that several threads run")
           : parallel.same_root                          ? STR("several threads run this code")
                                                         : STR("two threads run this code and the other side");
    root_id here = context_at(p, span->last->context)->root, there = context_at(p, partner->context)->root;
    bool one_by_one = parallel.same_root || apart_starts_anew(p, here, there);
    if (one_by_one && apart_one_at_a_time(p, span->last->object, there))
        return callers_confidence(p, span, partner, guarded, why);
    if (!of_two_calls(p, span->last, partner, parallel))
        return CONFIDENCE_HIGH;
    if (parallel.same_root && (!is_kept(p, span->last) || parallel_is_one_at_a_time(p, span->last)))
        return callers_confidence(p, span, partner, guarded, why);
    return CONFIDENCE_MEDIUM;
}

/* Whether a thread stands for several: they were too many to tell apart. */
static bool is_joined(const struct program *p, const struct acc *acc)
{
    return p->roots.data[context_at(p, acc->context)->root].joined;
}

/* What little harm, or a connection that is not certain, leaves of it. */
static enum confidence temper(const struct program *p, const struct span *span, const struct acc *partner,
                              struct parallel_info parallel, enum confidence confidence)
{
    bool lost = keys_are_lost(span, partner);
    if (parallel.kind != PARALLEL_ROOTS && (lost || takes_down(span, partner)))
        return CONFIDENCE_LOW;
    bool doubtful = lost || (span->flags & SPAN_LOOSE) || is_joined(p, span->last) || is_joined(p, partner);
    if (doubtful && confidence > CONFIDENCE_LOW)
        confidence--;
    return harm(span, parallel, confidence);
}

/* A literal that is used like any other value of its type, and tells nothing: "", b"", 0, (). */
static bool is_empty_literal(struct str text)
{
    struct str end = text.len >= 2 ? str_slice(text, text.len - 2, text.len) : text;
    return str_equal(text, STR("0")) || str_equal(text, STR("()")) ||
           (text.len <= 3 && (str_equal(end, STR("\"\"")) || str_equal(end, STR("''"))));
}

/* Whether a check without a lock is only a glance, since the act looks once more under the lock that it takes, and
 * finds something empty that can be used like any other value, as where self._text is tested, and sent and set to ""
 * under the lock. Of None it could not; and what is filled in by two is another matter. */
static bool looks_again(struct program *p, const struct span *span)
{
    const struct acc *last = span->last;
    bool found = span->via == VIA_CONTROL && (span->check == CHECK_NOT_NONE || span->check == CHECK_TRUE);
    bool clears = last->kind == ACCESS_STORE && last->stored != 0 && is_empty_literal(name_text(p, last->stored));
    set_id taken = found && clears ? sets_minus(p->sets, last->locks, span->first->locks) : 0;
    const struct context *c = context_at(p, span->first->context);
    for (size_t i = 0; taken != 0 && i < c->records->accs.len; i++) {
        const struct acc *look = &c->records->accs.data[i];
        if (look->op > span->first->op && look->op < last->op && (look->flags & (ACC_WRITES | ACC_VIA)) == 0 &&
            finder_place(p, look) == finder_place(p, last) && sets_overlap(p->sets, look->locks, taken))
            return true;
    }
    return false;
}

bool confidence_kept_apart(struct program *p, const struct acc *a, const struct acc *b)
{
    if (context_at(p, a->context)->by_guess || context_at(p, b->context)->by_guess || parallel_taken_apart(p, a, b))
        return true;
    if (convention_greenlets(p, a) && convention_greenlets(p, b))
        return true;
    return convention_at_exit(p, a) || convention_at_exit(p, b) || phases_apart(p, a, b);
}

enum confidence confidence_of(struct program *p, const struct span *span, const struct acc *partner,
                              struct parallel_info parallel, enum guarded guarded, struct str *why)
{
    *why = STR("");
    if (parallel.same_root && (span->last->flags & ACC_OWN_KEY) && (partner->flags & ACC_OWN_KEY))
        return CONFIDENCE_LOW;
    if (object_is_library_state(p, span->last->object))
        return CONFIDENCE_LOW; /* seldom does another thread mean the same key */
    if (confidence_kept_apart(p, span->last, partner) || looks_again(p, span))
        return CONFIDENCE_LOW;
    if (span->last->kind == ACCESS_ITERATE && convention_cleans_up(p, span->last))
        return CONFIDENCE_LOW;
    enum confidence confidence = CONFIDENCE_LOW;
    switch (parallel.kind) {
    case PARALLEL_ROOTS: confidence = roots_confidence(p, span, partner, parallel, guarded, why); break;
    case PARALLEL_MIXED: confidence = mixed_confidence(p, span, partner, why); break;
    case PARALLEL_CALLERS: confidence = callers_confidence(p, span, partner, guarded, why); break;
    case PARALLEL_NO: BUG("confidence of accesses that do not meet");
    }
    if (confidence == CONFIDENCE_LOW && p->options.assume_threaded) {
        *why = STR("every public function is taken to run in threads");
        confidence = CONFIDENCE_MEDIUM;
    }
    return temper(p, span, partner, parallel, confidence);
}
