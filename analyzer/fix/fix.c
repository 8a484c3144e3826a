#include "racelint/fix.h"

#include <stdlib.h>

#include "fix/blame.h"
#include "fix/plan.h"
#include "fix/prove.h"

/* Candidates that hold together, each the choice of one unit. */
struct accepted {
    VEC(size_t) units;
    VEC(const struct candidate *) candidates;
};

struct work {
    const struct fix_request *request;
    struct plan plan;
    struct prover *prover;
    struct accepted accepted;
    VEC(const struct candidate *) chosen_of; /* per unit; NULL: none */
    VEC(size_t) refused;                     /* units whose first candidate does not hold, for a second look */
};

static bool edits_of(struct work *w, const struct candidate *const *candidates, size_t count, edit_list *edits)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < candidates[i]->regions.len; k++) {
            if (!w->request->files[candidates[i]->regions.data[k].file].writable) {
                return false;
            }
        }
    }
    if (!plan_edits(&w->plan, candidates, count, edits)) {
        return false;
    }
    for (size_t i = 0; i < edits->len; i++) {
        if (!w->request->files[edits->data[i].file].writable) {
            return false;
        }
    }
    return true;
}

/* Tries what is accepted with some units more. */
static bool holds_with(struct work *w, const size_t *units, size_t count, struct proof *proof)
{
    struct accepted all = {0};
    VEC(size_t) gone = {0};
    edit_list edits = {0};
    for (size_t i = 0; i < w->accepted.units.len + count; i++) {
        bool old = i < w->accepted.units.len;
        size_t index = old ? w->accepted.units.data[i] : units[i - w->accepted.units.len];
        const struct unit *unit = &w->plan.units.data[index];
        const struct candidate *candidate = old ? w->accepted.candidates.data[i] : &unit->candidates.data[unit->next];
        vec_push(&all.candidates, candidate);
        for (size_t k = 0; k < unit->findings.len; k++) {
            vec_push(&gone, unit->findings.data[k]);
        }
    }
    if (edits_of(w, all.candidates.data, all.candidates.len, &edits)) {
        prove(w->prover, &edits, gone.data, gone.len, proof);
    }
    if (!proof->holds && count == 1) {
        struct unit *unit = &w->plan.units.data[units[0]];
        unit->candidates.data[unit->next].nests = proof->deadlocks;
    }
    vec_release(&all.candidates);
    vec_release(&gone);
    vec_release(&edits);
    return proof->holds;
}

static void accept(struct work *w, const size_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct unit *unit = &w->plan.units.data[units[i]];
        const struct candidate *candidate = &unit->candidates.data[unit->next];
        vec_push(&w->accepted.units, units[i]);
        vec_push(&w->accepted.candidates, candidate);
        w->chosen_of.data[units[i]] = candidate;
    }
}

/* Whether a candidate has its turn with those that are that safe. */
static bool is_due(const struct work *w, const struct candidate *candidate, enum fix_applicability applicability)
{
    bool early = candidate->preferred && w->request->allowed != FIX_SAFE;
    return (early ? FIX_SAFE : candidate->applicability) == applicability;
}

/* The first candidate of a unit from an index on that is due; the number of candidates where there is none. */
static size_t candidate_from(const struct work *w, const struct unit *unit, size_t index,
                             enum fix_applicability applicability)
{
    while (index < unit->candidates.len && !is_due(w, &unit->candidates.data[index], applicability)) {
        index++;
    }
    return index;
}

/* Accepts a unit, if it holds with what is accepted. */
static bool settle_one(struct work *w, size_t index)
{
    struct proof proof = {0};
    bool holds = holds_with(w, &index, 1, &proof);
    if (holds) {
        accept(w, &index, 1);
    }
    proof_release(&proof);
    return holds;
}

/* Tries the candidates that held a thread up with its own lock with a new lock that it may take twice. */
static bool settle_reentrant(struct work *w, size_t index, enum fix_applicability applicability)
{
    struct unit *unit = &w->plan.units.data[index];
    for (unit->next = candidate_from(w, unit, 0, applicability); unit->next < unit->candidates.len;
         unit->next = candidate_from(w, unit, unit->next + 1, applicability)) {
        struct lock *lock = unit->candidates.data[unit->next].lock;
        if (!unit->candidates.data[unit->next].nests || !lock || !lock->is_new || lock->reentrant) {
            continue;
        }
        lock->reentrant = true;
        if (settle_one(w, index)) {
            return true;
        }
        lock->reentrant = false;
    }
    return false;
}

typedef VEC(size_t) unit_list;

static void settle(struct work *w, const size_t *units, size_t count);

static const struct lock *lock_of(const struct work *w, size_t index)
{
    const struct unit *unit = &w->plan.units.data[index];
    return unit->candidates.data[unit->next].lock;
}

/* Settles suspects: those that take one lock together, for one may be wrong without the other; the rest one by one. */
static void settle_suspects(struct work *w, unit_list *suspects)
{
    unit_list company = {0};
    while (suspects->len > 0) {
        const struct lock *lock = lock_of(w, suspects->data[0]);
        size_t left = 0;
        vec_clear(&company);
        for (size_t i = 0; i < suspects->len; i++) {
            bool together = i == 0 || (lock != NULL && lock_of(w, suspects->data[i]) == lock);
            if (together) {
                vec_push(&company, suspects->data[i]);
            } else {
                suspects->data[left++] = suspects->data[i];
            }
        }
        suspects->len = left;
        settle(w, company.data, company.len);
    }
    vec_release(&company);
}

/* Parts units that do not hold together: first those that the proof does not blame, then the others; or two halves,
 * where that makes no parts. */
static void settle_parts(struct work *w, const size_t *units, size_t count, const struct proof *proof)
{
    unit_list innocent = {0}, suspects = {0};
    bool one_lock = lock_of(w, units[0]) != NULL;
    for (size_t i = 0; i < count; i++) {
        bool blamed = blame_suspects(&w->plan, &w->plan.units.data[units[i]], proof);
        vec_push(blamed ? &suspects : &innocent, units[i]);
        one_lock = one_lock && lock_of(w, units[i]) == lock_of(w, units[0]);
    }
    if (innocent.len == count || (suspects.len == count && one_lock)) {
        settle(w, units, count / 2);
        settle(w, units + count / 2, count - count / 2);
    } else {
        settle(w, innocent.data, innocent.len);
        settle_suspects(w, &suspects);
    }
    vec_release(&innocent);
    vec_release(&suspects);
}

/* Accepts as many of the units as hold together: all, or those of each part. */
static void settle(struct work *w, const size_t *units, size_t count)
{
    struct proof proof = {0};
    if (count == 0) {
        return;
    }
    if (holds_with(w, units, count, &proof)) {
        accept(w, units, count);
    } else if (count == 1) {
        vec_push(&w->refused, units[0]);
    } else {
        settle_parts(w, units, count, &proof);
    }
    proof_release(&proof);
}

/* Tries the other candidates of a unit that are as safe as the one that does not hold. */
static void settle_refused(struct work *w, size_t index, enum fix_applicability applicability)
{
    struct unit *unit = &w->plan.units.data[index];
    while ((unit->next = candidate_from(w, unit, unit->next + 1, applicability)) < unit->candidates.len) {
        if (settle_one(w, index)) {
            return;
        }
    }
    if (!settle_reentrant(w, index, applicability)) {
        unit->reason = prover_is_exhausted(w->prover) ? "there are too many findings to prove every edit"
                                                      : "the edit would not do, or would bring another hazard";
    }
}

/* Units that have a candidate that is that safe, and none yet. Those whose first one does not hold come again when each
 * had its turn, for proofs are limited. */
static void settle_all(struct work *w, enum fix_applicability applicability)
{
    unit_list units = {0};
    for (size_t i = 0; i < w->plan.units.len; i++) {
        struct unit *unit = &w->plan.units.data[i];
        if (w->chosen_of.data[i] != NULL) {
            continue;
        }
        unit->next = candidate_from(w, unit, 0, applicability);
        if (unit->next < unit->candidates.len) {
            vec_push(&units, i);
        }
    }
    settle(w, units.data, units.len);
    for (size_t i = 0; i < w->refused.len; i++) {
        settle_refused(w, w->refused.data[i], applicability);
    }
    w->refused.len = 0;
    vec_release(&units);
}

/* ---- what findings say ---- */

static struct finding_range range_of(const struct source_file *file, const struct edit *edit)
{
    struct source_position start = source_position_at(file, edit->start), end = source_position_at(file, edit->end);
    return (struct finding_range){file->path, start.line, start.column, end.line, end.column};
}

/* Those that come with a unit's candidate: the ones with the same new lock. */
static void company(const struct work *w, const struct candidate *candidate, struct accepted *with)
{
    for (size_t i = 0; i < w->accepted.candidates.len; i++) {
        const struct candidate *other = w->accepted.candidates.data[i];
        if (other == candidate || (candidate->lock && candidate->lock->is_new && other->lock == candidate->lock)) {
            vec_push(&with->candidates, other);
        }
    }
}

static void tell_fixed(struct work *w, const struct unit *unit, const struct candidate *candidate)
{
    struct accepted with = {0};
    edit_list edits = {0};
    company(w, candidate, &with);
    if (edits_of(w, with.candidates.data, with.candidates.len, &edits)) {
        struct finding_edit *list = arena_array(w->plan.scene.arena, edits.len, sizeof *list);
        for (size_t i = 0; i < edits.len; i++) {
            const struct source_file *file = w->request->files[edits.data[i].file].source;
            list[i] = (struct finding_edit){range_of(file, &edits.data[i]), edits.data[i].text};
        }
        for (size_t i = 0; i < unit->findings.len; i++) {
            struct finding_fix fix = findings_at(w->request->findings, unit->findings.data[i])->fix;
            fix.applicability = candidate->applicability;
            fix.edits = list;
            fix.edit_count = (uint32_t)edits.len;
            bool as_advised = fix.kind == candidate->kind && str_equal(fix.lock, candidate->lock_name);
            fix.done = candidate->message.len > 0 && !as_advised ? candidate->message : fix.done;
            fix.lock = candidate->lock_name;
            fix.kind = candidate->kind;
            findings_set_fix(w->request->findings, unit->findings.data[i], &fix);
        }
    }
    vec_release(&edits);
    vec_release(&with.candidates);
}

static void tell_manual(struct work *w, const struct unit *unit)
{
    for (size_t i = 0; i < unit->findings.len; i++) {
        struct finding_fix fix = findings_at(w->request->findings, unit->findings.data[i])->fix;
        fix.applicability = FIX_BY_HAND;
        if (w->request->explains) {
            struct str message = fix.message;
            message = str_ends(message, STR(".")) ? str_slice(message, 0, message.len - 1) : message;
            fix.message = scene_text(&w->plan.scene, "%.*s (left to you: %s).", STR_FMT(message), unit->reason);
        }
        findings_set_fix(w->request->findings, unit->findings.data[i], &fix);
    }
}

/* ---- the result ---- */

static void write_texts(struct work *w, struct fix_result *result)
{
    edit_list edits = {0};
    if (w->accepted.candidates.len == 0 ||
        !edits_of(w, w->accepted.candidates.data, w->accepted.candidates.len, &edits)) {
        vec_release(&edits);
        return;
    }
    for (size_t i = 0; i < edits.len; i++) {
        uint32_t file = edits.data[i].file;
        if (result->texts[file].ptr == NULL) {
            struct buf text = {0};
            edits_apply(&edits, file, w->request->files[file].source->text, &text);
            result->texts[file] = buf_str(&text); /* the buffer's memory is the result's from here on */
        }
    }
    for (size_t i = 0; i < w->accepted.units.len; i++) {
        result->fixed += w->plan.units.data[w->accepted.units.data[i]].findings.len;
    }
    vec_release(&edits);
}

static void work_open(struct work *w, const struct fix_request *request)
{
    size_t n = request->file_count;
    struct scene *scene = &w->plan.scene;
    w->request = request;
    scene->request = request;
    scene->arena = arena_new();
    scene->frontend = frontend_new();
    scene->syntaxes = memory_new((n + 1) * sizeof *scene->syntaxes);
    scene->parsed = memory_new((n + 1) * sizeof *scene->parsed);
    w->prover = prover_new(request, scene->frontend);
}

static void work_close(struct work *w)
{
    struct scene *scene = &w->plan.scene;
    plan_release(&w->plan);
    for (size_t i = 0; i < w->request->file_count; i++) {
        syntax_free(scene->syntaxes[i]);
    }
    free(scene->syntaxes);
    free(scene->parsed);
    prover_free(w->prover);
    frontend_free(scene->frontend);
    arena_free(scene->arena);
    vec_release(&w->accepted.units);
    vec_release(&w->accepted.candidates);
    vec_release(&w->chosen_of);
    vec_release(&w->refused);
}

void fix_plan(const struct fix_request *request, struct fix_result *result)
{
    struct work w = {0};
    *result = (struct fix_result){.texts = memory_new((request->file_count + 1) * sizeof *result->texts)};
    work_open(&w, request);
    plan_make(&w.plan);
    for (size_t i = 0; i < w.plan.units.len; i++) {
        vec_push(&w.chosen_of, NULL);
    }
    settle_all(&w, FIX_SAFE);
    if (request->allowed == FIX_SAFE) {
        write_texts(&w, result);
    }
    settle_all(&w, FIX_UNSAFE);
    if (request->allowed != FIX_SAFE) {
        write_texts(&w, result);
    }
    for (size_t i = 0; i < w.plan.units.len; i++) {
        const struct unit *unit = &w.plan.units.data[i];
        if (w.chosen_of.data[i]) {
            tell_fixed(&w, unit, w.chosen_of.data[i]);
        } else {
            tell_manual(&w, unit);
        }
    }
    work_close(&w);
}

void fix_result_release(struct fix_result *result, size_t file_count)
{
    for (size_t i = 0; i < file_count && result->texts; i++) {
        free((char *)(uintptr_t)result->texts[i].ptr); /* made by fix_plan; a str only lends it out as const */
    }
    free(result->texts);
    *result = (struct fix_result){0};
}
