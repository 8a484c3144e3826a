#include "rules/shape.h"

bool shape_is_span(const struct hazard *hazard, enum span_via via)
{
    return hazard->kind == HAZARD_SPAN && hazard->via == via;
}

static bool of_contents(const struct hazard *hazard)
{
    return hazard->place && hazard->place->contents;
}

bool shape_checks_presence(const struct hazard *hazard)
{
    if (!of_contents(hazard)) {
        return false;
    }
    switch (hazard->check) {
    case CHECK_IN: return true;
    case CHECK_TRUE:
    case CHECK_NOT_NONE: /* of the result of get() */ return hazard->first->kind == ACCESS_METHOD;
    default: return false;
    }
}

bool shape_checks_absence(const struct hazard *hazard)
{
    if (!of_contents(hazard)) {
        return false;
    }
    switch (hazard->check) {
    case CHECK_NOT_IN:
    case CHECK_NONE:
    case CHECK_MISSING: return true;
    case CHECK_FALSE: /* of the result of get() */ return hazard->first->kind == ACCESS_METHOD;
    default: return false;
    }
}

bool shape_checks_size(const struct hazard *hazard)
{
    return of_contents(hazard) && (hazard->check == CHECK_SIZE || hazard->first->kind == ACCESS_SIZE);
}

bool shape_checks_unset(const struct hazard *hazard)
{
    if (of_contents(hazard)) {
        return false;
    }
    return hazard->check == CHECK_NONE || hazard->check == CHECK_FALSE || hazard->check == CHECK_MISSING;
}

bool shape_removes(const struct access *access)
{
    if (access->kind == ACCESS_DELETE) {
        return true;
    }
    return access->kind == ACCESS_METHOD && access->model && (access->model->effects & EFFECT_REMOVE) != 0;
}

bool shape_inserts(const struct access *access)
{
    if (access->kind == ACCESS_STORE) {
        return access->place && access->place->contents;
    }
    return access->kind == ACCESS_METHOD && access->model &&
           (access->model->effects & (EFFECT_INSERT | EFFECT_PUT)) != 0;
}

bool shape_acts_on_element(const struct hazard *hazard)
{
    switch (hazard->last->kind) {
    case ACCESS_LOAD:
    case ACCESS_USE:
    case ACCESS_AUGMENTED:
    case ACCESS_DELETE: return true;
    case ACCESS_METHOD: return !shape_inserts(hazard->last);
    default: return false;
    }
}

bool shape_act_fails_when_stale(const struct hazard *hazard)
{
    const struct access *act = hazard->last;
    return act->kind == ACCESS_METHOD && act->model && (act->model->effects & EFFECT_CHECK_THEN_RAISES) != 0;
}

bool shape_has_literal_key(const struct access *access)
{
    struct str key = str_trim(access->key);
    size_t i = key.len && key.ptr[0] == '-' ? 1 : 0;
    for (; i < key.len; i++) {
        if (key.ptr[i] < '0' || key.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

static bool holds(const struct access *access, uint32_t identity)
{
    for (uint32_t i = 0; i < access->lock_count; i++) {
        if (access->locks[i].identity == identity) {
            return true;
        }
    }
    return false;
}

bool shape_locks_only_the_act(const struct hazard *hazard)
{
    for (uint32_t i = 0; i < hazard->last->lock_count; i++) {
        if (!holds(hazard->first, hazard->last->locks[i].identity)) {
            return true;
        }
    }
    return false;
}

bool shape_share_a_lock(const struct access *a, const struct access *b)
{
    for (uint32_t i = 0; i < a->lock_count; i++) {
        if (holds(b, a->locks[i].identity)) {
            return true;
        }
    }
    return false;
}
