/* advice: which lock to take, and where, as the fixes of the rules say it. */
#include "rules/extent.h"
#include "rules/shape.h"
#include "rules/text.h"

/* Whether the state is a field of an instance, which then can have the lock. */
static bool is_field(const struct place *place, struct str object)
{
    return place->root == PLACE_INSTANCE || str_equal(object, STR("self")) || str_starts(object, STR("self."));
}

/* A lock's name as the code that must hold it would write it: "self._lock" is "stats._lock" where the state is that of
 * stats. */
static struct str lock_name(struct arena *arena, const struct hazard *hazard, const struct held_lock *lock,
                            struct str object)
{
    bool own = is_field(hazard->place, object) && str_equal(lock->owner, hazard->place->owner);
    if (!own || !object.len || str_equal(object, STR("self")) || !str_starts(lock->name, STR("self."))) {
        return lock->name;
    }
    struct str rest = str_slice(lock->name, sizeof "self." - 1, lock->name.len);
    return arena_printf(arena, "%.*s.%.*s", STR_FMT(object), STR_FMT(rest));
}

static const struct held_lock *common_lock(const struct access *a, const struct access *b)
{
    for (uint32_t i = 0; i < a->lock_count; i++) {
        for (uint32_t j = 0; j < b->lock_count; j++) {
            if (a->locks[i].identity == b->locks[j].identity) {
                return &a->locks[i];
            }
        }
    }
    return NULL;
}

const struct held_lock *text_existing_lock(const struct hazard *hazard)
{
    if (hazard->first_locked_alike) {
        const struct held_lock *common = common_lock(hazard->first, hazard->last);
        if (common) {
            return common;
        }
    }
    if (hazard->guard) {
        return hazard->guard;
    }
    return shape_locks_only_the_act(hazard) ? &hazard->last->locks[0] : hazard->suggestion;
}

/* "beside line 5", or `otherwise` where it is not known where the state is made. */
static struct str beside(struct arena *arena, const struct hazard *hazard, const char *otherwise)
{
    const struct site *declared = &hazard->place->declared, *last = &hazard->last->site;
    bool known = declared->file && !(declared->file == last->file && text_line(declared) == text_line(last));
    if (!known) {
        return str_of(otherwise);
    }
    struct str where = text_at(arena, declared, last);
    return arena_printf(arena, "beside %.*s", STR_FMT(where));
}

/* "table" of "pkg/table.py". */
static struct str module_name(struct str path)
{
    struct str file = text_file_name(path);
    size_t dot = str_rfind_char(file, '.');
    return str_slice(file, 0, dot == SIZE_MAX ? file.len : dot);
}

/* A module-level lock, as another module would write it. */
static struct str global_lock(struct arena *arena, const struct hazard *hazard)
{
    const struct site *declared = &hazard->place->declared;
    if (!declared->file || declared->file == hazard->last->site.file) {
        return STR("_lock");
    }
    struct str module = module_name(declared->file->path);
    return arena_printf(arena, "%.*s._lock", STR_FMT(module));
}

/* Whether the lines that get the lock call the function in which the other side needs it, too: the one thread takes it
 * twice. */
static bool takes_twice(const struct hazard *hazard)
{
    if (text_is_self_race(hazard) || !hazard->side) {
        return false;
    }
    const struct site *partner = &hazard->partner->site;
    bool elsewhere = !str_equal(partner->symbol, hazard->last->site.symbol);
    for (uint32_t i = 0; elsewhere && i < hazard->side->step_count; i++) {
        const struct site *site = &hazard->side->steps[i].site;
        if (site->file == partner->file && str_equal(site->symbol, partner->symbol)) {
            return true;
        }
    }
    return false;
}

static void new_lock(struct arena *arena, const struct hazard *hazard, struct str object, struct lock_advice *advice)
{
    const struct place *place = hazard->place;
    const char *made = "lock", *otherwise = "where the object is made";
    advice->lock = STR("lock");
    if (is_field(place, object) || (place->root == PLACE_OBJECT && object.len)) {
        made = "self._lock";
        otherwise = place->root == PLACE_OBJECT ? "in the constructor of the object" : "in `__init__`";
        advice->lock = object.len ? arena_printf(arena, "%.*s._lock", STR_FMT(object)) : STR("self._lock");
    } else if (place->root == PLACE_CLASS) {
        made = "_lock";
        otherwise = "in the class body";
        advice->lock = arena_printf(arena, "%.*s._lock", STR_FMT(text_last_name(place->owner)));
    } else if (place->root == PLACE_GLOBAL) {
        made = "_lock";
        otherwise = "at module level";
        advice->lock = global_lock(arena, hazard);
    } else if (place->root == PLACE_CELL) {
        otherwise = "in the enclosing function";
    }
    struct str where = beside(arena, hazard, otherwise);
    advice->creation = arena_printf(arena, "add `%s = threading.%s()` %.*s", made,
                                    takes_twice(hazard) ? "RLock" : "Lock", STR_FMT(where));
}

/* ", and line 21 too" where the other side needs the lock as well and does not hold it. */
static struct str partner_too(struct arena *arena, const struct hazard *hazard, const struct held_lock *lock)
{
    const struct access *partner = hazard->partner;
    if (text_is_self_race(hazard)) {
        return STR("");
    }
    for (uint32_t i = 0; lock && i < partner->lock_count; i++) {
        if (partner->locks[i].identity == lock->identity) {
            return STR("");
        }
    }
    struct str where = text_at(arena, &partner->site, &hazard->last->site);
    return arena_printf(arena, ", and %.*s too", STR_FMT(where));
}

struct lock_advice text_lock(struct arena *arena, const struct hazard *hazard)
{
    struct lock_advice advice = {.kind = FIX_EXISTING_LOCK};
    struct extent extent = extent_of(arena, hazard);
    const struct held_lock *lock = text_existing_lock(hazard);
    if (lock) {
        advice.lock = lock_name(arena, hazard, lock, extent.object);
    } else {
        advice.kind = FIX_NEW_LOCK;
        new_lock(arena, hazard, extent.object, &advice);
    }
    struct str too = partner_too(arena, hazard, lock);
    if (!extent.from) {
        advice.holding = arena_printf(arena, "hold `%.*s` without a break over %.*s%.*s", STR_FMT(advice.lock),
                                      STR_FMT(extent.lines), STR_FMT(too));
        return advice;
    }
    bool joins = hazard->first_locked_alike && str_starts(extent.lines, STR("lines"));
    const char *inside = joins ? "into one" : "inside", *block = joins ? " block" : "";
    advice.holding = arena_printf(arena, "put %.*s %s `with %.*s:`%s%.*s", STR_FMT(extent.lines), inside,
                                  STR_FMT(advice.lock), block, STR_FMT(too));
    return advice;
}

/* A clause as a sentence: a capital at its beginning, a full stop at its end. */
static struct str sentence(struct arena *arena, struct str clause)
{
    char head = clause.len ? clause.ptr[0] : '\0';
    if (head < 'a' || head > 'z') {
        return arena_printf(arena, "%.*s.", STR_FMT(clause));
    }
    struct str tail = str_slice(clause, 1, clause.len);
    return arena_printf(arena, "%c%.*s.", head - 'a' + 'A', STR_FMT(tail));
}

/* "add … and put …", as one clause. */
static struct str lock_clause(struct arena *arena, const struct lock_advice *advice)
{
    if (!advice->creation.len) {
        return advice->holding;
    }
    return arena_printf(arena, "%.*s and %.*s", STR_FMT(advice->creation), STR_FMT(advice->holding));
}

void text_fix_lock(struct rule_text *text, const struct hazard *hazard)
{
    struct lock_advice advice = text_lock(text->arena, hazard);
    text->fix = (struct finding_fix){
        .kind = advice.kind,
        .applicability = FIX_BY_HAND,
        .lock = advice.lock,
        .message = sentence(text->arena, lock_clause(text->arena, &advice)),
    };
}

void text_fix_step(struct rule_text *text, const struct hazard *hazard, enum fix_kind kind, struct str instead,
                   bool or_lock)
{
    text->fix = (struct finding_fix){.kind = kind, .applicability = FIX_BY_HAND};
    if (or_lock) {
        struct lock_advice advice = text_lock(text->arena, hazard);
        struct str lock = lock_clause(text->arena, &advice);
        instead = arena_printf(text->arena, "%.*s; or %.*s", STR_FMT(instead), STR_FMT(lock));
        text->fix.lock = advice.lock;
    }
    text->fix.message = sentence(text->arena, instead);
}
