/* confidence: how sure a hazard is, and why (DESIGN 3.7). */
#include "program/classes.h"
#include "program/contexts.h"
#include "program/hazards.h"
#include "program/heap.h"
#include "program/objects.h"
#include "program/units.h"

object_id place_root_object(const struct program *p, object_id object) {
    for (int i = 0; i < 12; i++) {
        const struct object *o = object_at(p, object);
        object_id next = 0;
        if (o->kind == OBJECT_PATH) next = o->a;
        if (o->kind == OBJECT_MODELLED || o->kind == OBJECT_INSTANCE) next = o->home;
        if (next == 0) return object;
        object = next;
    }
    return object;
}

/* Whether a class shows that its instances are meant to be used from threads. */
static const char *class_evidence(struct program *p, object_id class_object) {
    const struct class_info *info = class_find(p, class_object);
    if (info == NULL) return NULL;
    if (info->doc_safe && !info->doc_unsafe) return "its class says that it is thread-safe";
    for (size_t i = 0; i < info->mro.len; i++) {
        object_id holder = info->mro.data[i];
        if (object_at(p, holder)->kind != OBJECT_CLASS) continue;
        object_id objects[2] = {holder, object_get(p, OBJECT_GENERIC, holder, 0, 0)};
        for (int k = 0; k < 2; k++)
            for (uint32_t f = object_at(p, objects[k])->first_field; f != 0; f = p->fields.data[f].next) {
                set_id value = p->fields.data[f].value;
                for (uint32_t n = 0; n < sets_count(p->sets, value); n++) {
                    object_id member = sets_member(p->sets, value, n);
                    const struct model *model = object_type_model(p, member);
                    if (role_is_lock(object_role(p, member)) && model != NULL && model->scope == SCOPE_THREAD)
                        return "its class owns a lock";
                }
            }
    }
    return NULL;
}

static const char *module_evidence(const struct program *p, uint32_t unit) {
    const struct unit *u = &p->units.data[unit];
    for (uint32_t f = object_at(p, u->object)->first_field; f != 0; f = p->fields.data[f].next) {
        set_id value = p->fields.data[f].value;
        for (uint32_t n = 0; n < sets_count(p->sets, value); n++)
            if (role_is_lock(object_role(p, sets_member(p->sets, value, n)))) return "its module owns a lock";
    }
    return NULL;
}

static bool is_module_instance(const struct program *p, object_id object) {
    return (object_at(p, object)->flags & OBJECT_SHARED) != 0;
}

static enum confidence callers_confidence(struct program *p, const struct span *span, struct str *why) {
    object_id root = place_root_object(p, span->last.object);
    const struct object *o = object_at(p, root);
    bool program_without_threads = p->has_entry && !p->has_threads;
    switch (o->kind) {
    case OBJECT_MODULE:
    case OBJECT_CLASS: {
        bool strong = span->via == VIA_CONTROL || span->via == VIA_DATA;
        const char *evidence = o->kind == OBJECT_MODULE ? module_evidence(p, o->a) : class_evidence(p, root);
        if (program_without_threads || (!strong && evidence == NULL)) return CONFIDENCE_LOW;
        *why = evidence != NULL             ? str_of(evidence)
               : o->kind == OBJECT_MODULE ? STR("it is module state that any thread can reach")
                                            : STR("it is class state that all instances share");
        return CONFIDENCE_MEDIUM;
    }
    case OBJECT_GENERIC:
    case OBJECT_INSTANCE: {
        const char *evidence = class_evidence(p, o->a);
        if (evidence == NULL && is_module_instance(p, root) && p->has_threads) evidence = "it belongs to a module-level instance";
        if (evidence == NULL || program_without_threads) return CONFIDENCE_LOW;
        *why = str_of(evidence);
        return CONFIDENCE_MEDIUM;
    }
    default: return CONFIDENCE_LOW;
    }
}

enum confidence confidence_of(struct program *p, const struct span *span, const struct acc *partner,
                              struct parallel_info parallel, struct str *why) {
    *why = STR("");
    if (parallel.same_root && (span->last.flags & ACC_OWN_KEY) && (partner->flags & ACC_OWN_KEY)) return CONFIDENCE_LOW;
    enum confidence confidence = CONFIDENCE_LOW;
    switch (parallel.kind) {
    case PARALLEL_ROOTS:
        *why = parallel.same_root ? STR("several threads run this code") : STR("two threads run this code and the other side");
        confidence = CONFIDENCE_HIGH;
        break;
    case PARALLEL_MIXED:
        *why = STR("a thread that this code starts runs beside its callers");
        confidence = CONFIDENCE_MEDIUM;
        break;
    case PARALLEL_CALLERS: confidence = callers_confidence(p, span, why); break;
    case PARALLEL_NO: BUG("confidence of accesses that do not meet");
    }
    if (confidence == CONFIDENCE_LOW && p->options.assume_threaded) {
        *why = STR("every public function is taken to run in threads");
        confidence = CONFIDENCE_MEDIUM;
    }
    if ((span->flags & SPAN_IDEMPOTENT) && span->via == VIA_CONTROL &&
        (span->check == CHECK_NONE || span->check == CHECK_NOT_IN || span->check == CHECK_MISSING))
        confidence = CONFIDENCE_LOW;
    return confidence;
}
