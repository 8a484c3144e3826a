#include "rules/guarding.h"

#include "rules/text.h"

struct str guarding_evidence(struct arena *arena, const struct hazard *hazard)
{
    switch (hazard->guard_kind) {
    case GUARD_DECLARED: return STR("it is declared as the guard");
    case GUARD_OF_WRITES:
        if (hazard->guard_writes > 1) {
            return arena_printf(arena, "all %u writes hold it", hazard->guard_writes);
        }
        return STR("the one write holds it");
    default: break;
    }
    if (hazard->guard_held == hazard->guard_of) {
        return STR("all other accesses hold it");
    }
    return arena_printf(arena, "%u of %u accesses hold it", hazard->guard_held, hazard->guard_of);
}

static const char *verb_of(const struct access *access)
{
    switch (access->kind) {
    case ACCESS_DELETE: return "deletes";
    case ACCESS_ITERATE: return "walks over";
    default: return access->writes ? "changes" : "reads";
    }
}

struct str guarding_act(struct arena *arena, const struct hazard *hazard)
{
    struct str code = text_act(arena, hazard->last), state = text_state(arena, hazard);
    struct str name = text_code(arena, state);
    const char *verb = verb_of(hazard->last);
    if (str_equal(code, name)) { /* the text is the place alone: "self._jobs" of "self._jobs = []" */
        return arena_printf(arena, "line %u %s %.*s", text_line(&hazard->last->site), verb, STR_FMT(name));
    }
    return arena_printf(arena, "%.*s %s %.*s", STR_FMT(code), verb, STR_FMT(name));
}

struct str guarding_partner(struct arena *arena, const struct hazard *hazard)
{
    struct str other = text_other(arena, hazard), does = text_partner_does(arena, hazard);
    return arena_printf(arena, "%.*s %.*s", STR_FMT(other), STR_FMT(does));
}

struct str guarding_locks(struct arena *arena, const struct access *access)
{
    struct str all = STR("");
    for (uint32_t i = 0; i < access->lock_count; i++) {
        struct str name = text_code(arena, access->locks[i].name);
        const char *joint = i == 0 ? "" : i + 1 == access->lock_count ? " and " : ", ";
        all = arena_printf(arena, "%.*s%s%.*s", STR_FMT(all), joint, STR_FMT(name));
    }
    return all;
}
