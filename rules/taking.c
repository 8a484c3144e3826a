#include "rules/taking.h"

#include "rules/text.h"

/* Whether an access stands for a call that takes the lock further down. */
static bool is_inside_call(const struct access *access, const struct thread_side *side)
{
    if (!side || side->step_count < 2) {
        return false;
    }
    const struct thread_step *before = &side->steps[side->step_count - 2];
    const struct site *site = &access->site;
    return before->effect == STEP_CALL && before->site.file == site->file &&
           before->site.span.start == site->span.start && before->site.span.end == site->span.end;
}

struct str taking_lock(const struct access *access, const struct held_lock *lock)
{
    struct str text = str_trim(access->text);
    size_t call = str_find(text, STR(".acquire("));
    if (call != SIZE_MAX) {
        text = str_slice(text, 0, call);
    }
    bool is_name = text.len > 0 && str_find(text, STR("(")) == SIZE_MAX;
    return is_name || !lock ? text : lock->name;
}

struct str taking_where(struct arena *arena, const struct access *access, const struct thread_side *side,
                        const struct site *from)
{
    struct str at = text_at(arena, &access->site, from);
    if (!is_inside_call(access, side)) {
        return arena_printf(arena, "on %.*s", STR_FMT(at));
    }
    struct str call = text_code(arena, access->text);
    struct str inside = text_at(arena, &side->steps[side->step_count - 1].site, &access->site);
    return arena_printf(arena, "by the call %.*s on %.*s (it does so on %.*s)", STR_FMT(call), STR_FMT(at),
                        STR_FMT(inside));
}
