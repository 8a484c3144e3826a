/* print: what the analysis knows, as text for `racelint debug program`. */
#include "racelint/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

static void print_roots(struct program *p, struct buf *out)
{
    for (size_t i = ROOT_FIRST_SPAWNED; i < p->roots.len; i++) {
        const struct root *root = &p->roots.data[i];
        if (root->entry) {
            buf_printf(out, "root %.*s%s\n", STR_FMT(root->label), root->self_parallel ? " many" : "");
            continue;
        }
        const struct unit *u = &p->units.data[root->unit];
        const struct ir_op *op = &u->ir->ops[u->ir->functions[root->function].first_op + root->op];
        struct source_position at = source_position_at(u->file, op->span.start);
        buf_printf(out, "root %.*s at %.*s:%u:%u%s%s\n", STR_FMT(root->label), STR_FMT(u->ir->path), at.line, at.column,
                   root->self_parallel ? " many" : "", root->generic ? " library" : "");
    }
}

static void print_locks(struct program *p, struct buf *out, set_id locks)
{
    if (locks == 0)
        return;
    buf_add(out, STR(" holding"));
    for (uint32_t i = 0; i < sets_count(p->sets, locks); i++) {
        const struct object *o = object_at(p, sets_member(p->sets, locks, i));
        struct str home = o->home != 0 ? object_display(p, o->home) : STR("?");
        buf_printf(out, " %.*s.%.*s", STR_FMT(home), STR_FMT(name_text(p, o->home_field)));
    }
}

static void print_context(struct program *p, struct buf *out, const struct context *c)
{
    const struct unit *u = &p->units.data[c->unit];
    struct str name = function_qualname(p, c->unit, c->function);
    buf_printf(out, "function %.*s in %.*s", STR_FMT(name), STR_FMT(p->roots.data[c->root].label));
    print_locks(p, out, c->locks);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < c->records->accs.len; i++) {
        const struct acc *a = &c->records->accs.data[i];
        struct source_position at = source_position_at(u->file, a->span.start);
        struct str owner = object_display(p, a->object);
        buf_printf(out, "  %u:%u %s %.*s.%.*s", at.line, at.column, a->flags & ACC_WRITES ? "write" : "read",
                   STR_FMT(owner), STR_FMT(name_text(p, a->field)));
        print_locks(p, out, a->locks);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < c->records->spans.len; i++) {
        const struct span *s = &c->records->spans.data[i];
        static const char *const via[] = {"data", "control", "iteration", "invariant"};
        struct source_position a = source_position_at(p->units.data[s->first->unit].file, s->first->span.start);
        struct source_position b = source_position_at(p->units.data[s->last->unit].file, s->last->span.start);
        buf_printf(out, "  span by %s %u:%u to %u:%u", via[s->via], a.line, a.column, b.line, b.column);
        print_locks(p, out, s->held);
        buf_add_char(out, '\n');
    }
}

void program_print(const struct program *program, char **out)
{
    struct program *p = (struct program *)(uintptr_t)program; /* names are made on the way: the caller sees no change */
    struct buf buf = {0};
    print_roots(p, &buf);
    for (size_t i = 1; i < p->contexts.len; i++)
        if (p->contexts.data[i]->records->accs.len > 0 || p->contexts.data[i]->records->spans.len > 0)
            print_context(p, &buf, p->contexts.data[i]);
    size_t before = *out != NULL ? strlen(*out) : 0;
    *out = memory_resize(*out, before + buf.len + 1);
    if (buf.len > 0)
        memcpy(*out + before, buf.ptr, buf.len);
    (*out)[before + buf.len] = 0;
    buf_release(&buf);
}
