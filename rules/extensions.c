#include "rules/extensions.h"

#include "rules/list.h"

static bool is_enabled(const struct rule *rule, const uint8_t *enabled)
{
    for (size_t i = 0; i < rules_count(); i++) {
        if (rules_at(i) == rule) {
            return enabled != NULL ? enabled[i] != RULE_OFF : !rule->opt_in;
        }
    }
    return false;
}

void findings_add_extension(struct findings *findings, const struct extension *extension,
                            const struct rule_choice *choice)
{
    struct arena *scratch = arena_new();
    const uint8_t *enabled = choice != NULL ? rule_choice_at(choice, extension->file->path) : NULL;
    bool modules = is_enabled(&rule_RL804, enabled), calls = is_enabled(&rule_RL805, enabled);

    for (uint32_t i = 0; i < extension->hazard_count; i++) {
        const struct extension_hazard *hazard = &extension->hazards[i];
        bool is_module = hazard->kind == EXTENSION_SILENT || hazard->kind == EXTENSION_WANTS_GIL;
        struct remark remark = {.file = extension->file, .start = hazard->start, .end = hazard->end};
        if (is_module ? !modules : !calls) {
            continue;
        }
        (is_module ? RL804_describe : RL805_describe)(scratch, extension, hazard, &remark);
        findings_add(findings, &remark);
    }
    arena_free(scratch);
}
