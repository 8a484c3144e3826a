#include "fix/plan.h"

const struct finding *unit_leader(const struct plan *plan, const struct unit *unit)
{
    return findings_at(plan->scene.request->findings, unit->findings.data[0]);
}

const struct hazard *unit_hazard(const struct plan *plan, const struct unit *unit, size_t i)
{
    for (size_t k = 0; k < unit->findings.len; k++) {
        const struct finding *finding = findings_at(plan->scene.request->findings, unit->findings.data[k]);
        if (i < finding->hazard_count) {
            return finding->hazards[i];
        }
        i -= finding->hazard_count;
    }
    return NULL;
}

/* Hazards that a lock over the accesses of the place does away with. */
static bool is_lockable(const struct hazard *hazard)
{
    switch (hazard->kind) {
    case HAZARD_SPAN:
    case HAZARD_UNGUARDED:
    case HAZARD_MUTATION:
    case HAZARD_BUFFER:
    case HAZARD_TORN:
    case HAZARD_SHARED_ITERATOR: return hazard->place != NULL;
    case HAZARD_MADE_ONCE: return hazard->place != NULL && hazard->place->root == PLACE_DEFAULT;
    case HAZARD_VIOLATION: return hazard->place != NULL && hazard->requires .len == 0;
    default: return false;
    }
}

static bool same_place(const struct plan *plan, const struct unit *unit, const struct finding *finding)
{
    const struct hazard *a = unit_leader(plan, unit)->hazards[0], *b = finding->hazards[0];
    return is_lockable(a) && is_lockable(b) && a->place->key == b->place->key;
}

static void add_finding(struct plan *plan, size_t index)
{
    const struct finding *finding = findings_at(plan->scene.request->findings, index);
    if (finding->hazard_count == 0) {
        return;
    }
    for (size_t i = 0; i < plan->units.len; i++) {
        if (same_place(plan, &plan->units.data[i], finding)) {
            vec_push(&plan->units.data[i].findings, index);
            return;
        }
    }
    vec_push(&plan->units, ((struct unit){.reason = NULL}));
    vec_push(&vec_last(&plan->units).findings, index);
}

void plan_make(struct plan *plan)
{
    const struct fix_request *request = plan->scene.request;
    for (size_t i = 0; i < findings_count(request->findings); i++) {
        if (request->wanted[i]) {
            add_finding(plan, i);
        }
    }
    for (size_t i = 0; i < plan->units.len; i++) {
        struct unit *unit = &plan->units.data[i];
        single_candidates(plan, unit);
        step_candidates(plan, unit);
        rewrite_candidates(plan, unit);
        if (is_lockable(unit_leader(plan, unit)->hazards[0])) {
            tally_candidates(plan, unit);
            hold_candidates(plan, unit);
        }
        if (unit->candidates.len == 0 && unit->reason == NULL) {
            unit->reason = plan_reason(unit_leader(plan, unit)->hazards[0]);
        }
    }
}

struct lock *plan_lock(struct plan *plan, struct lock *lock)
{
    for (size_t i = 0; i < plan->locks.len; i++) {
        if (str_equal(plan->locks.data[i]->key, lock->key)) {
            return plan->locks.data[i];
        }
    }
    vec_push(&plan->locks, lock);
    return lock;
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->units.len; i++) {
        struct unit *unit = &plan->units.data[i];
        for (size_t k = 0; k < unit->candidates.len; k++) {
            vec_release(&unit->candidates.data[k].regions);
            vec_release(&unit->candidates.data[k].edits);
        }
        vec_release(&unit->candidates);
        vec_release(&unit->findings);
    }
    vec_release(&plan->units);
    vec_release(&plan->locks);
}

/* ---- from candidates to edits ---- */

static bool has_edit(const edit_list *edits, const struct edit *edit)
{
    for (size_t i = 0; i < edits->len; i++) {
        const struct edit *other = &edits->data[i];
        if (other->file == edit->file && other->start == edit->start && other->end == edit->end &&
            str_equal(other->text, edit->text)) {
            return true;
        }
    }
    return false;
}

static bool has_region(struct scene *scene, const region_list *regions, const struct site *function)
{
    for (size_t i = 0; i < regions->len; i++) {
        const struct syntax *s = scene_syntax(scene, regions->data[i].file);
        struct ir_span span = region_span(s, &regions->data[i]);
        if (function->file == s->file && function->span.start <= span.start && span.end <= function->span.end) {
            return true;
        }
    }
    return false;
}

/* Whether a function has a `with` on the lock already. */
static bool takes(struct scene *scene, const struct lock *lock, const struct site *function)
{
    struct syntax *s = scene_syntax(scene, scene_file(scene, function->file));
    for (uint32_t i = 1; s && !lock->is_new && i < s->tree.nodes.len; i++) {
        const struct node *node = &s->tree.nodes.data[i];
        struct str taken =
            node->start >= function->span.start && node->end <= function->span.end ? region_with_lock(s, i) : STR("");
        size_t dot = str_rfind_char(taken, '.');
        struct str name = dot == SIZE_MAX ? taken : str_slice(taken, dot + 1, taken.len);
        if (name.len > 0 && str_equal(name, lock->attr)) {
            return true;
        }
    }
    return false;
}

/* Whether a piece of code inside one region calls a function that takes the lock, too, now or by another region. */
static bool is_nested(struct plan *plan, const region_list *regions, const struct lock *lock)
{
    struct scene *scene = &plan->scene;
    for (size_t i = 0; i < regions->len; i++) {
        const struct region *outer = &regions->data[i];
        const struct syntax *s = scene_syntax(scene, outer->file);
        struct call_survey calls = program_calls(scene->request->program, s->file, region_span(s, outer), scene->arena);
        for (uint32_t k = 0; k < calls.function_count; k++) {
            if (has_region(scene, regions, &calls.functions[k]) || takes(scene, lock, &calls.functions[k])) {
                return true;
            }
        }
    }
    return false;
}

/* The regions of all candidates with one lock. */
static void collect_regions(const struct candidate *const *candidates, size_t count, const struct lock *lock,
                            region_list *regions)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; candidates[i]->lock == lock && k < candidates[i]->regions.len; k++) {
            vec_push(regions, candidates[i]->regions.data[k]);
        }
    }
}

static bool add_lock(struct plan *plan, const struct candidate *const *candidates, size_t count, size_t index,
                     edit_list *edits)
{
    struct lock *lock = candidates[index]->lock;
    for (size_t i = 0; i < index; i++) {
        if (candidates[i]->lock == lock) {
            return true; /* done with that one */
        }
    }
    if (!lock->is_new && lock->reentrant) {
        return true;
    }
    region_list regions = {0};
    collect_regions(candidates, count, lock, &regions);
    bool nested = is_nested(plan, &regions, lock);
    vec_release(&regions);
    if (lock->is_new) {
        return lock_create(&plan->scene, lock, nested || lock->reentrant, edits);
    }
    return !nested || lock_make_reentrant(&plan->scene, lock, edits);
}

bool plan_edits(struct plan *plan, const struct candidate *const *candidates, size_t count, edit_list *edits)
{
    region_list regions = {0};
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        for (size_t k = 0; k < candidates[i]->edits.len; k++) {
            if (!has_edit(edits, &candidates[i]->edits.data[k])) {
                vec_push(edits, candidates[i]->edits.data[k]);
            }
        }
        for (size_t k = 0; k < candidates[i]->regions.len; k++) {
            vec_push(&regions, candidates[i]->regions.data[k]);
        }
    }
    for (size_t i = 0; i < count && good; i++) {
        good = candidates[i]->lock == NULL || add_lock(plan, candidates, count, i, edits);
    }
    if (good) {
        regions_join(&regions, plan->scene.syntaxes);
        good = regions_edit(&regions, plan->scene.syntaxes, plan->scene.arena, edits);
    }
    vec_release(&regions);
    return good && edits_sort(edits);
}
