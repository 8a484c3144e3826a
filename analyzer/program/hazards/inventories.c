/* inventories: what a reviewer wants listed, rather than told: locks without a word on what they protect (RL410),
 * mutable state that a library exports (RL806), daemon threads that write files (RL705). All are off by default. */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/values/heap.h"
#include "program/values/objects.h"

/* ---- locks without a word ---- */

static uint32_t line_start(struct str text, uint32_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

/* Whether a comment can be meant to say what a lock is for. */
static bool speaks_of_guarding(struct str comment)
{
    static const char *const words[] = {"guard",    "protect", "held",   "hold", "serial", "exclusive",
                                        "synchron", "lock",    "while",  "turn", "access", "thread",
                                        "race",     "time",    "mutual", "state"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_find(comment, str_of(words[i])) != SIZE_MAX)
            return true;
    return false;
}

/* Such a comment on the line, or on the one above it. */
static bool has_comment(const struct unit *u, uint32_t at)
{
    struct str text = u->file->text;
    uint32_t line = line_start(text, at), above = line > 0 ? line_start(text, line - 1) : 0, end = at;
    while (end < text.len && text.ptr[end] != '\n')
        end++;
    for (uint32_t i = 0; i < u->ir->comment_count; i++) {
        struct ir_span span = u->ir->comments[i].span;
        if (span.start >= above && span.start < end && speaks_of_guarding(str_slice(text, span.start, span.end)))
            return true;
    }
    return false;
}

/* Whether the class or the module says the lock's name in some comment or text. */
static bool is_named_in_text(const struct unit *u, struct str name)
{
    for (uint32_t i = 0; i < u->ir->comment_count; i++) {
        struct ir_span span = u->ir->comments[i].span;
        if (str_find(str_slice(u->file->text, span.start, span.end), name) != SIZE_MAX)
            return true;
    }
    return false;
}

static void check_lock(struct finder *f, object_id lock)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, lock);
    const struct model *type = object_type_model(p, lock);
    bool guards = type != NULL && (type->role == ROLE_LOCK || type->role == ROLE_RLOCK) && type->scope == SCOPE_THREAD;
    if (o->kind != OBJECT_MODELLED || o->home == 0 || !guards)
        return;
    const struct field *field = heap_find(p, o->home, o->home_field);
    if (field == NULL || field->unit == UINT32_MAX)
        return;
    const struct unit *u = &p->units.data[field->unit];
    const struct ir_op *op = &u->ir->ops[field->op];
    if (u->body == 0 || has_comment(u, op->span.start) || is_named_in_text(u, name_text(p, o->home_field)))
        return;
    struct acc acc = {.context = u->body,
                      .unit = field->unit,
                      .op = field->op,
                      .object = o->home,
                      .field = o->home_field,
                      .kind = ACCESS_STORE,
                      .flags = ACC_WRITES,
                      .span = op->span};
    for (uint32_t i = 0; i < u->ir->function_count; i++) {
        const struct ir_function *fn = &u->ir->functions[i];
        if (field->op >= fn->first_op && field->op < fn->first_op + fn->op_count)
            acc.function = i;
    }
    struct hazard h = {.kind = HAZARD_LOCK_SILENT, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("no comment names it");
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- exported state ---- */

static void check_exported(struct finder *f, const struct acc *a)
{
    struct program *p = f->p;
    const struct object *o = object_at(p, a->object);
    bool container = a->field == FIELD_CONTENTS && o->kind == OBJECT_MODELLED && o->home != 0 &&
                     object_at(p, o->home)->kind == OBJECT_MODULE;
    if (!container || !role_is_container(object_role(p, a->object)) || a->function == 0)
        return;
    struct str name = name_text(p, o->home_field);
    if (str_starts(name, STR("_")))
        return;
    struct hazard h = {.kind = HAZARD_EXPORTED, .exposure = EXPOSURE_FREE_THREADED, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("every user of the module can reach it");
    struct acc acc = *a;
    finder_add(f, &h, &acc, &acc, NULL);
}

/* ---- daemon threads ---- */

static void check_daemon(struct finder *f, const struct note *n)
{
    struct program *p = f->p;
    const struct root *root = &p->roots.data[context_at(p, n->acc.context)->root];
    const struct model *model = n->acc.model;
    bool writes = n->kind == NOTE_FILE && model->file == FILE_ACT && (n->flags & NOTE_READS) == 0;
    if (!writes || root->kind != THREAD_SPAWNED || root->object == 0 ||
        heap_find(p, root->object, FIELD_DAEMON) == NULL)
        return;
    struct hazard h = {.kind = HAZARD_DAEMON, .exposure = EXPOSURE_ANY_BUILD, .confidence = CONFIDENCE_MEDIUM};
    h.why = STR("nobody waits for a daemon thread");
    struct place *place = arena_alloc(p->arena, sizeof *place);
    *place = (struct place){.root = PLACE_OBJECT, .name = name_text(p, n->acc.key)};
    place->field = place->variable = place->name;
    h.place = place;
    finder_add(f, &h, &n->acc, &n->acc, NULL);
}

void find_inventories(struct finder *f)
{
    for (object_id i = 1; i < f->p->objects.len; i++)
        check_lock(f, i);
    for (size_t i = 0; i < f->writes.len; i++)
        check_exported(f, f->writes.data[i].acc);
    for (size_t i = 0; i < f->notes.len; i++)
        check_daemon(f, f->notes.data[i]);
}
