#include "rules/process.h"

#include "rules/text.h"

struct str process_meanwhile(struct arena *arena, const struct hazard *hazard)
{
    if (!hazard->partner) {
        return hazard->confidence == CONFIDENCE_LOW ? STR(", should other threads run") : STR(", while others run");
    }
    struct str other = text_other(arena, hazard);
    struct str where = text_at(arena, &hazard->partner->site, &hazard->last->site);
    if (text_is_self_race(hazard)) {
        return arena_printf(arena, ", while %.*s may do the same", STR_FMT(other));
    }
    struct str code = text_act(arena, hazard->partner);
    return arena_printf(arena, ", while %.*s may run %.*s (%.*s)", STR_FMT(other), STR_FMT(code), STR_FMT(where));
}

struct str process_act(struct arena *arena, const struct hazard *hazard)
{
    struct str code = text_act(arena, hazard->last);
    bool sets = hazard->last->kind == ACCESS_STORE && str_find(hazard->last->text, STR("=")) == SIZE_MAX;
    return sets ? arena_printf(arena, "Setting %.*s", STR_FMT(code)) : code;
}
