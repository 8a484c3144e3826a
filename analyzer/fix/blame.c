#include "fix/blame.h"

static bool has_stayed(const struct unit *unit, const struct proof *proof)
{
    for (size_t i = 0; i < unit->findings.len; i++) {
        for (size_t k = 0; k < proof->stayed.len; k++) {
            if (unit->findings.data[i] == proof->stayed.data[k]) {
                return true;
            }
        }
    }
    return false;
}

/* The innermost function around a spot, as a node; NO_NODE: the module, or a file that is not parsed. */
static uint32_t function_at(struct plan *plan, uint32_t file, uint32_t offset)
{
    const struct syntax *syntax = scene_syntax(&plan->scene, file);
    if (syntax == NULL) {
        return NO_NODE;
    }
    return syntax_function(syntax, syntax_find(syntax, (struct ir_span){offset, offset}));
}

static bool is_in_function(struct plan *plan, const struct origin *origin, uint32_t file, uint32_t offset)
{
    return origin->file == file && function_at(plan, file, origin->offset) == function_at(plan, file, offset);
}

static bool changes_function(struct plan *plan, const struct candidate *candidate, const struct origin *origin)
{
    for (size_t i = 0; i < candidate->edits.len; i++) {
        const struct edit *edit = &candidate->edits.data[i];
        if (is_in_function(plan, origin, edit->file, edit->start)) {
            return true;
        }
    }
    for (size_t i = 0; i < candidate->regions.len; i++) {
        const struct region *region = &candidate->regions.data[i];
        const struct syntax *syntax = scene_syntax(&plan->scene, region->file);
        if (is_in_function(plan, origin, region->file, region_span(syntax, region).start)) {
            return true;
        }
    }
    return false;
}

bool blame_suspects(struct plan *plan, const struct unit *unit, const struct proof *proof)
{
    if (has_stayed(unit, proof)) {
        return true;
    }
    for (size_t i = 0; i < proof->newly.len; i++) {
        if (changes_function(plan, &unit->candidates.data[unit->next], &proof->newly.data[i])) {
            return true;
        }
    }
    return false;
}
