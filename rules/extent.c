#include "rules/extent.h"

#include "rules/text.h"

static bool in_one_function(const struct site *a, const struct site *b)
{
    return a->file == b->file && str_equal(a->symbol, b->symbol);
}

/* The innermost call on the way to the accesses of a side; NULL where they lie in the thread's own function. */
static const struct thread_step *call_of(const struct thread_side *side)
{
    const struct thread_step *call = NULL;
    for (uint32_t i = 0; side && i < side->step_count; i++) {
        if (side->steps[i].effect == STEP_CALL) {
            call = &side->steps[i];
        }
    }
    return call;
}

/* The object that a method is called on, or a property read of: "ledger" of "ledger.balance(name)". */
static struct str object_called(struct str call)
{
    size_t open = str_find(call, STR("("));
    struct str path = str_slice(call, 0, open == SIZE_MAX ? call.len : open);
    size_t dot = str_rfind_char(path, '.');
    return str_slice(path, 0, dot == SIZE_MAX ? 0 : dot);
}

/* Finds the function that has both ends, be it by calls. */
static struct extent find_ends(const struct hazard *hazard)
{
    const struct site *first = &hazard->first->site, *last = &hazard->last->site;
    if (in_one_function(first, last)) {
        return (struct extent){.from = first, .to = last, .object = text_object(hazard->last)};
    }
    const struct thread_step *to_first = call_of(hazard->side);
    const struct thread_step *to_last = text_is_self_race(hazard) ? call_of(hazard->partner_side) : NULL;
    if (to_first && in_one_function(&to_first->site, last)) {
        return (struct extent){.from = &to_first->site, .to = last, .object = text_object(hazard->last)};
    }
    if (to_last && in_one_function(first, &to_last->site)) {
        return (struct extent){.from = first, .to = &to_last->site, .object = text_object(hazard->first)};
    }
    if (to_first && to_last && in_one_function(&to_first->site, &to_last->site)) {
        return (struct extent){.from = &to_first->site, .to = &to_last->site, .object = object_called(to_first->text)};
    }
    return (struct extent){0};
}

struct extent extent_of(struct arena *arena, const struct hazard *hazard)
{
    const struct site *last = &hazard->last->site;
    struct extent extent = find_ends(hazard);
    if (!extent.from) {
        struct str a = text_at(arena, &hazard->first->site, last), b = text_at(arena, last, last);
        extent.lines = arena_printf(arena, "%.*s and %.*s", STR_FMT(a), STR_FMT(b));
        return extent;
    }
    /* Around a loop the later step may come first in the file. */
    uint32_t begin = text_line(extent.from), begin_of_last = text_line(extent.to);
    uint32_t end = text_last_line(extent.to), end_of_first = text_last_line(extent.from);
    begin = begin_of_last < begin ? begin_of_last : begin;
    end = end_of_first > end ? end_of_first : end;
    extent.lines =
        begin == end ? arena_printf(arena, "line %u", begin) : arena_printf(arena, "lines %u-%u", begin, end);
    if (extent.from->file != last->file) {
        struct str name = text_file_name(extent.from->file->path);
        extent.lines = arena_printf(arena, "%.*s of %.*s", STR_FMT(extent.lines), STR_FMT(name));
    }
    return extent;
}
