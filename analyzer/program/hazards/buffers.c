/* buffers: bytes and numbers that several threads store into an object that promises nothing about it (RL314). A
 * bytearray locks itself for each item and slice; array.array, mmap and views of memory do not say that they do. */
#include "program/hazards/finder.h"

#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

#define PARTNERS_MAX 256 /* accesses of a buffer that are looked at */

static bool is_store(const struct program *p, const struct acc *acc)
{
    if ((acc->flags & ACC_WRITES) == 0 || acc->field != FIELD_CONTENTS ||
        (acc->kind != ACCESS_STORE && acc->kind != ACCESS_DELETE))
        return false;
    if (object_role(p, acc->object) != ROLE_BYTEARRAY || (acc->flags & (ACC_OWN_LOCK | ACC_OWN_KEY | ACC_OWN_THREAD)))
        return false;
    const struct model *type = object_type_model(p, acc->object);
    return type != NULL && type->safety == SAFETY_UNSAFE;
}

/* An index or slice written out in numbers: the same for every thread. */
static bool is_literal_key(const struct program *p, const struct acc *acc)
{
    struct str key = acc->key != 0 ? name_text(p, acc->key) : STR("");
    for (size_t i = 0; i < key.len; i++)
        if ((key.ptr[i] < '0' || key.ptr[i] > '9') && key.ptr[i] != ':' && key.ptr[i] != '-' && key.ptr[i] != ' ')
            return false;
    return true;
}

static void check_store(struct finder *f, const struct acc *acc)
{
    struct program *p = f->p;
    uint64_t place = finder_place(p, acc);
    const struct acc *partner = NULL;
    struct parallel_info best = {PARALLEL_NO, false};
    size_t i = finder_lower_bound(f->all.data, f->all.len, place);
    for (size_t end = i + PARTNERS_MAX; i < end && i < f->all.len && f->all.data[i].place == place; i++) {
        const struct acc *other = f->all.data[i].acc;
        if (sets_overlap(p->sets, acc->locks, other->locks) || other->kind == ACCESS_SIZE)
            continue;
        if (acc->key_constant && other->key_constant && acc->key != other->key)
            continue;
        struct parallel_info parallel = parallel_accesses(p, acc, other);
        if (parallel.kind <= best.kind)
            continue;
        best = parallel;
        partner = other;
    }
    if (partner == NULL)
        return;
    struct hazard h = {.kind = HAZARD_BUFFER, .exposure = EXPOSURE_FREE_THREADED};
    struct span span = {.first = acc, .last = acc, .via = VIA_ITERATION};
    h.confidence = confidence_of(p, &span, partner, best, GUARDED_NEVER, &h.why);
    if (!is_literal_key(p, acc)) {
        h.confidence = CONFIDENCE_LOW;
        h.why = STR("each thread may have a part of its own");
    }
    object_id lock = finder_suggestion(p, acc, partner);
    if (lock != 0)
        h.suggestion = describe_lock(p, lock, acc);
    finder_add(f, &h, acc, acc, partner);
}

void find_buffers(struct finder *f)
{
    for (size_t i = 0; i < f->writes.len; i++)
        if (is_store(f->p, f->writes.data[i].acc))
            check_store(f, f->writes.data[i].acc);
}
