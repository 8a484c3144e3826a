#include "rules/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "rules/convert.h"
#include "rules/fingerprint.h"
#include "rules/remarks.h"

struct findings {
    struct arena *arena; /* owns the array and every string in it */
    struct finding *items;
    size_t count;
    size_t room;     /* of the array */
    size_t numbered; /* so many have their final fingerprints */
};

static bool is_within(struct str path, struct str folder)
{
    return str_starts(path, folder) && path.len > folder.len && path.ptr[folder.len] == '/';
}

const uint8_t *rule_choice_at(const struct rule_choice *choice, struct str path)
{
    for (size_t i = choice->folder_count; i-- > 0;) {
        if (is_within(path, choice->folders[i].path)) {
            return choice->folders[i].enabled;
        }
    }
    return choice->enabled;
}

/* The most specific of the enabled rules that match, the first in order of code among equals; NULL where none does. */
static const struct rule *rule_of(const struct hazard *hazard, const struct rule_choice *choice)
{
    const uint8_t *enabled = choice != NULL ? rule_choice_at(choice, hazard->last->site.file->path) : NULL;
    const struct rule *best = NULL;
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        enum rule_state state = enabled != NULL ? (enum rule_state)enabled[i] : rule->opt_in ? RULE_OFF : RULE_ON;
        if (!rule->matches || state == RULE_OFF || (best && rule->specificity <= best->specificity)) {
            continue;
        }
        if (rule->on_request && state != RULE_SELECTED && rule->on_request(hazard)) {
            continue;
        }
        if (rule->matches(hazard)) {
            best = rule;
        }
    }
    return best;
}

bool step_is_access(enum step_effect effect)
{
    switch (effect) {
    case STEP_READ:
    case STEP_WRITE:
    case STEP_UPDATE:
    case STEP_DELETE:
    case STEP_CHECK:
    case STEP_ITERATE: return true;
    default: return false;
    }
}

static int compare_findings(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int order = str_compare(a->where.path, b->where.path);
    if (order == 0) {
        order = (a->where.line > b->where.line) - (a->where.line < b->where.line);
    }
    if (order == 0) {
        order = (a->where.column > b->where.column) - (a->where.column < b->where.column);
    }
    if (order == 0) {
        order = str_compare(str_of(a->rule->code), str_of(b->rule->code));
    }
    if (order == 0) {
        order = str_compare(a->fingerprint, b->fingerprint);
    }
    return order ? order : str_compare(a->message, b->message);
}

struct findings *findings_from(const struct hazard *const *hazards, size_t count, const struct rule_choice *choice)
{
    VEC(struct told) told = {0};
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = rule_of(hazards[i], choice);
        if (rule) {
            vec_push(&told, (struct told){hazards[i], rule});
        }
    }
    struct arena *scratch = arena_new();
    struct fold_list folds = fold_all(scratch, told.data, told.len);
    struct findings *findings = memory_new(sizeof *findings);
    findings->arena = arena_new();
    findings->items = arena_array(findings->arena, folds.count, sizeof *findings->items);
    findings->count = folds.count;
    for (size_t i = 0; i < folds.count; i++) {
        findings->items[i] = convert_fold(findings->arena, &folds.items[i]);
    }
    arena_free(scratch);
    vec_release(&told);
    findings->room = folds.count;
    findings_sort(findings);
    return findings;
}

struct findings *findings_of(const struct program *program, const struct rule_choice *choice)
{
    VEC(const struct hazard *) hazards = {0};
    uint32_t count = program_hazard_count(program);
    for (uint32_t i = 0; i < count; i++) {
        vec_push(&hazards, program_hazard_at(program, i));
    }
    struct findings *findings = findings_from(hazards.data, hazards.len, choice);
    vec_release(&hazards);
    return findings;
}

void findings_add(struct findings *findings, const struct remark *remark)
{
    if (findings->count == findings->room) {
        struct finding *larger = arena_array(findings->arena, 2 * findings->room + 8, sizeof *larger);
        if (findings->count > 0) {
            memcpy(larger, findings->items, findings->count * sizeof *larger);
        }
        findings->items = larger;
        findings->room = 2 * findings->room + 8;
    }
    findings->items[findings->count++] = remark_finding(findings->arena, remark);
}

void findings_sort(struct findings *findings)
{
    size_t done = findings->numbered;

    if (findings->count > done) {
        qsort(findings->items + done, findings->count - done, sizeof *findings->items, compare_findings);
    }
    fingerprint_number(findings->arena, findings->items + done, findings->count - done);
    findings->numbered = findings->count;
    if (done > 0) {
        qsort(findings->items, findings->count, sizeof *findings->items, compare_findings);
    }
}

void findings_free(struct findings *findings)
{
    if (findings) {
        arena_free(findings->arena);
        free(findings);
    }
}

size_t findings_count(const struct findings *findings)
{
    return findings->count;
}

const struct finding *findings_at(const struct findings *findings, size_t index)
{
    if (index >= findings->count) {
        BUG("there is no finding number %zu", index);
    }
    return &findings->items[index];
}

void findings_set_fix(struct findings *findings, size_t index, const struct finding_fix *fix)
{
    struct arena *arena = findings->arena;
    struct finding_edit *edits = arena_array(arena, fix->edit_count, sizeof *edits);
    for (uint32_t i = 0; i < fix->edit_count; i++) {
        edits[i] = fix->edits[i];
        edits[i].where.path = arena_str(arena, fix->edits[i].where.path);
        edits[i].text = arena_str(arena, fix->edits[i].text);
    }
    if (index >= findings->count) {
        BUG("there is no finding number %zu", index);
    }
    struct finding_fix *kept = &findings->items[index].fix;
    *kept = *fix;
    kept->lock = arena_str(arena, fix->lock);
    kept->message = arena_str(arena, fix->message);
    kept->done = arena_str(arena, fix->done);
    kept->edits = edits;
}
