/* suggest: which lock that is there already could guard a place. */
#include "program/hazards/finder.h"

#include "program/values/objects.h"

static bool is_word_of(struct str word, struct str name)
{
    return str_find(name, word) != SIZE_MAX;
}

/* Whether a lock could be meant for a field, by its name: "_lock" is for anything, "_write_lock" for what is written.
 */
static bool is_named_for(struct str lock, struct str field)
{
    bool specific = false;
    for (size_t at = 0; at < lock.len;) {
        size_t end = at;
        while (end < lock.len && lock.ptr[end] != '_')
            end++;
        struct str word = str_slice(lock, at, end);
        at = end + 1;
        if (word.len < 3 ||
            is_word_of(word, STR("rlock_RLOCK_mutex_MUTEX_cond_condition_CONDITION_guard_GUARD_monitor")))
            continue;
        if (is_word_of(word, field))
            return true;
        specific = true;
    }
    return !specific;
}

/* The only lock among the fields of an object, where it could be meant for the field; 0 where there is none, or
 * several: which one is the author's to say. */
static object_id only_lock(const struct program *p, object_id root, struct str field)
{
    object_id found = 0;
    for (uint32_t k = object_at(p, root)->first_field; k != 0; k = p->fields.data[k].next) {
        set_id value = p->fields.data[k].value;
        if (sets_count(p->sets, value) != 1)
            continue;
        object_id member = sets_member(p->sets, value, 0);
        enum model_role role = object_role(p, member);
        if (role != ROLE_LOCK && role != ROLE_RLOCK && role != ROLE_CONDITION)
            continue;
        if (found != 0)
            return 0;
        found = member;
    }
    if (found == 0 || parallel_lock_is_weak(p, found))
        return 0;
    return is_named_for(name_text(p, object_at(p, found)->home_field), field) ? found : 0;
}

/* The object in whose field the place is, or what holds it; 0 where that is no instance. */
static object_id holder_of(const struct program *p, const struct acc *acc)
{
    const struct object *o = object_at(p, acc->object);
    object_id holder = o->kind == OBJECT_INSTANCE || o->kind == OBJECT_GENERIC ? acc->object : o->home;
    uint8_t kind = object_at(p, holder)->kind;
    return kind == OBJECT_INSTANCE || kind == OBJECT_GENERIC ? holder : 0;
}

/* A lock held at an access that could guard what it touches. */
static object_id held_lock(struct program *p, const struct acc *acc)
{
    for (uint32_t i = 0; i < sets_count(p->sets, acc->locks); i++) {
        object_id lock = sets_member(p->sets, acc->locks, i);
        if (parallel_lock_belongs(p, lock, acc) && !parallel_lock_is_weak(p, lock) &&
            parallel_lock_guards(p, lock, acc))
            return lock;
    }
    return 0;
}

object_id finder_suggestion(struct program *p, const struct acc *acc, const struct acc *partner)
{
    object_id held = partner != NULL ? held_lock(p, partner) : 0;
    if (held == 0)
        held = held_lock(p, acc);
    if (held != 0)
        return held;
    name_id name = acc->field == FIELD_CONTENTS ? object_at(p, acc->object)->home_field : acc->field;
    object_id own = only_lock(p, holder_of(p, acc), name_text(p, name));
    return own != 0 ? own : only_lock(p, place_root_object(p, acc->object), name_text(p, name));
}
