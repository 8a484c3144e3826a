#include "cli/filter.h"

#include <stdlib.h>

#include "cli/baselines.h"
#include "cli/changed.h"
#include "cli/folders.h"
#include "cli/suppress.h"

static bool is_reported(const struct load *load, struct str path)
{
    size_t index = load_find_file(load, path);

    return index != SIZE_MAX && load->files[index].reported;
}

/* Whether any access of either side lies in a reported file. */
static bool touches_reported(const struct load *load, const struct finding *finding)
{
    if (is_reported(load, finding->where.path)) {
        return true;
    }
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        const struct finding_thread *thread = &finding->threads[i];
        for (uint32_t j = 0; j < thread->step_count; j++) {
            if (step_is_access(thread->steps[j].effect) && is_reported(load, thread->steps[j].where.path)) {
                return true;
            }
        }
    }
    for (uint32_t i = 0; i < finding->related_count; i++) {
        if (is_reported(load, finding->related[i].where.path)) {
            return true;
        }
    }
    return false;
}

/* The suppressions of all files; read where first needed, but for the reported files at once, for their warnings. */
struct all_suppressions {
    struct suppressions *items; /* [file_count]; arena NULL: not read */
    const struct load *load;
};

static void read_file(struct all_suppressions *all, size_t index, bool quiet)
{
    const struct loaded_file *file = &all->load->files[index];

    if (all->items[index].arena != NULL) {
        return;
    }
    if (file->module != NULL) {
        suppressions_read(&all->items[index], file->module, &file->source, quiet ? NULL : all->load);
    } else if (file->extension != NULL) {
        suppressions_read_extension(&all->items[index], file->extension, quiet ? NULL : all->load);
    }
}

static bool is_suppressed(struct all_suppressions *all, const struct finding *finding)
{
    size_t index = load_find_file(all->load, finding->where.path);

    if (index == SIZE_MAX) {
        return false;
    }
    read_file(all, index, true);
    return all->items[index].arena != NULL && suppressions_cover(&all->items[index], finding);
}

static bool is_remark(const struct finding *finding)
{
    return str_equal(str_of(finding->rule->code), STR("RL003"));
}

/* Adds the findings about comments that suppressed nothing. */
static void add_remarks(struct all_suppressions *all, struct findings *findings, const struct folders *folders)
{
    const struct rule *unused = rules_find(STR("RL003"));

    if (!folders_enable(folders, unused)) {
        return;
    }
    for (size_t i = 0; i < findings_count(findings); i++) {
        if (touches_reported(all->load, findings_at(findings, i))) {
            is_suppressed(all, findings_at(findings, i)); /* counts */
        }
    }
    for (size_t i = 0; i < all->load->file_count; i++) {
        const struct loaded_file *file = &all->load->files[i];
        const struct folder_settings *own = folders_at(folders, all->load->discovery.files[i].path);
        if (all->items[i].arena != NULL && file->reported && folder_enables(own, unused)) {
            suppressions_find_unused(&all->items[i], &file->source, own->enabled, findings);
        }
    }
    findings_sort(findings);
}

static enum finding_fate fate_of(struct all_suppressions *all, const struct finding *finding,
                                 const struct filter_by *by)
{
    const struct folder_settings *own = folders_at(by->folders, finding->where.path);

    if (!touches_reported(all->load, finding)) {
        return FATE_ELSEWHERE;
    }
    if (folder_ignores(own, finding->where.path, finding->rule)) {
        return FATE_IGNORED;
    }
    if (!is_remark(finding) && is_suppressed(all, finding)) { /* for remarks that was decided */
        return FATE_SUPPRESSED;
    }
    return finding->confidence >= own->settings->min_confidence ? FATE_SHOWN : FATE_UNSURE;
}

/* Collects what is shown, and counts the rest. */
static void count_fates(struct filtered *filtered, const struct findings *findings)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        switch (filtered->fates[i]) {
        case FATE_SHOWN: filtered->findings[filtered->count++] = finding; break;
        case FATE_SUPPRESSED: filtered->suppressed++; break;
        case FATE_UNSURE: filtered->hidden_low += finding->confidence == CONFIDENCE_LOW; break;
        case FATE_KNOWN: filtered->baselined++; break;
        case FATE_UNCHANGED: filtered->unchanged++; break;
        case FATE_ELSEWHERE:
        case FATE_IGNORED: break;
        }
    }
}

void filter_run(struct filtered *filtered, struct findings *findings, const struct load *load, bool quiet,
                const struct filter_by *by)
{
    struct all_suppressions all = {memory_new((load->file_count + 1) * sizeof *all.items), load};

    for (size_t i = 0; i < load->file_count; i++) {
        if (load->files[i].reported) {
            read_file(&all, i, quiet);
        }
    }
    add_remarks(&all, findings, by->folders);
    size_t count = findings_count(findings);
    *filtered = (struct filtered){.findings = memory_new((count + 1) * sizeof(struct finding *)),
                                  .fates = memory_new((count + 1) * sizeof *filtered->fates)};
    for (size_t i = 0; i < count; i++) {
        filtered->fates[i] = fate_of(&all, findings_at(findings, i), by);
    }
    if (by->baseline != NULL) {
        baselines_match(by->baseline, findings, filtered->fates);
    }
    for (size_t i = 0; i < count && by->changes != NULL; i++) {
        if (filtered->fates[i] == FATE_SHOWN && !changed_has(by->changes, load, findings_at(findings, i))) {
            filtered->fates[i] = FATE_UNCHANGED;
        }
    }
    count_fates(filtered, findings);
    for (size_t i = 0; i < load->file_count; i++) {
        if (all.items[i].arena != NULL) {
            suppressions_release(&all.items[i]);
        }
    }
    free(all.items);
}

void filter_shown_are_known(struct filtered *filtered)
{
    filtered->baselined += (uint32_t)filtered->count;
    filtered->count = 0;
}

void filter_free(struct filtered *filtered)
{
    free(filtered->findings);
    free(filtered->fates);
    *filtered = (struct filtered){0};
}
