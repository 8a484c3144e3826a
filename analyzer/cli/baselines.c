#include "cli/baselines.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/folders.h"
#include "cli/message.h"
#include "cli/output.h"
#include "settings/config.h"
#include "settings/options.h"
#include "source/path.h"

enum { GONE_MAX = 10 }; /* findings that are gone, named without --verbose */

bool baselines_open(struct run_baseline *baseline, const struct settings *settings)
{
    struct buf error = {0}, told = {0}, shown = {0};
    const struct setting_place *place = &settings->places[option_of_field(offsetof(struct settings, baseline))];
    bool good = true;

    *baseline = (struct run_baseline){.is_given = settings->baseline.len > 0, .shown = settings->baseline};
    baseline_init(&baseline->known);
    if (!baseline->is_given) {
        return true;
    }
    /* In a configuration file it is relative to that file's folder. */
    bool in_file = place->layer == LAYER_FILE && !str_starts(settings->baseline, STR("/"));
    struct str path = in_file ? path_join(baseline->known.arena, place->folder, settings->baseline)
                              : arena_str(baseline->known.arena, settings->baseline);
    if (settings->write_baseline.len > 0 && access(path.ptr, F_OK) != 0) { /* the first one is about to be written */
        baseline->is_given = false;
        return true;
    }
    good = baseline_read(&baseline->known, path, settings->baseline, &error);
    if (!good) {
        if (place->layer == LAYER_FILE) {
            place_print(place, &told);
            buf_add(&told, STR(": "));
        }
        buf_add(&told, buf_str(&error));
        message_add_path(&shown, buf_str(&told));
        message_error("%s", shown.ptr);
    }
    baseline_sort(&baseline->known);
    baseline->met_in_scope = memory_new((baseline->known.entries.len + 1) * sizeof *baseline->met_in_scope);
    buf_release(&error);
    buf_release(&told);
    buf_release(&shown);
    return good;
}

void baselines_release(struct run_baseline *baseline)
{
    if (baseline->known.arena != NULL) {
        baseline_release(&baseline->known);
    }
    free(baseline->met_in_scope);
}

static void match_pass(struct run_baseline *baseline, const struct findings *findings, enum finding_fate *fates,
                       bool *matched, bool anywhere)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        bool counts = fates[i] == FATE_SHOWN || fates[i] == FATE_UNSURE || fates[i] == FATE_ELSEWHERE;
        if (!counts || matched[i]) {
            continue;
        }
        struct str path = anywhere ? STR("") : finding->where.path;
        size_t entry = baseline_meet(&baseline->known, finding->fingerprint, path);
        matched[i] = entry != SIZE_MAX;
        if (matched[i] && fates[i] == FATE_SHOWN) {
            fates[i] = FATE_KNOWN;
            baseline->met_in_scope[entry]++;
        }
    }
}

void baselines_match(struct run_baseline *baseline, const struct findings *findings, enum finding_fate *fates)
{
    bool *matched = memory_new((findings_count(findings) + 1) * sizeof *matched);

    match_pass(baseline, findings, fates, matched, false);
    match_pass(baseline, findings, fates, matched, true);
    free(matched);
}

static bool has_trouble(const struct run_baseline *baseline, struct str path)
{
    const struct diagnostics *diagnostics = baseline->load->diagnostics;

    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        if (str_equal(diagnostics_at(diagnostics, i)->path, path)) {
            return true;
        }
    }
    return false;
}

/* Whether the run could have found what the entry stands for: its rule is on (or is no rule any more), its file was
 * asked for. */
static bool is_in_scope(const struct run_baseline *baseline, const struct baseline_entry *entry)
{
    for (size_t i = 0; i < rules_count(); i++) {
        if (str_equal(str_of(rules_at(i)->code), entry->rule) &&
            !folders_at(baseline->folders, entry->path)->enabled[i]) {
            return false;
        }
    }
    return discovery_names(&baseline->load->discovery, entry->path);
}

static void say_gone(const struct load *load, const struct baseline_entry *entry)
{
    struct buf line = {0};

    load_add_path(load, entry->path, &line);
    buf_add(&line, STR(": "));
    message_add_path(&line, entry->rule);
    if (entry->symbol.len > 0) {
        buf_add(&line, STR(" in "));
        message_add_path(&line, entry->symbol);
    }
    if (entry->state.len > 0) {
        buf_add(&line, STR(", "));
        message_add_path(&line, entry->state);
    }
    message_note("no longer found: %s", line.ptr);
    buf_release(&line);
}

uint32_t baselines_gone(const struct run_baseline *baseline, bool say, bool all)
{
    uint32_t gone = 0, entries = 0;

    for (size_t i = 0; i < baseline->known.entries.len; i++) {
        const struct baseline_entry *entry = &baseline->known.entries.data[i];
        /* Of a file that was not understood nobody knows whether it is better now. */
        if (entry->met == entry->count || !is_in_scope(baseline, entry) || has_trouble(baseline, entry->path)) {
            continue;
        }
        gone += entry->count - entry->met;
        if (say && (all || entries < GONE_MAX)) {
            say_gone(baseline->load, entry);
        }
        entries++;
    }
    if (say && gone > 0) {
        struct buf name = {0};
        message_add_path(&name, baseline->shown);
        if (entries > GONE_MAX && !all) {
            message_note("and %u places more; --verbose names them", entries - GONE_MAX);
        }
        message_note("the baseline can do without %u finding%s: check --baseline %s --write-baseline %s", gone,
                     gone == 1 ? "" : "s", name.ptr, name.ptr);
        buf_release(&name);
    }
    return gone;
}

/* What stays of an entry that the run is not about. */
static uint32_t kept_count(const struct run_baseline *baseline, size_t index)
{
    const struct baseline_entry *entry = &baseline->known.entries.data[index];

    if (is_in_scope(baseline, entry) && !has_trouble(baseline, entry->path)) {
        return 0;
    }
    return entry->count - baseline->met_in_scope[index];
}

bool baselines_write(const struct run_baseline *baseline, const struct findings *findings,
                     const enum finding_fate *fates, struct str file, bool quiet)
{
    struct baseline made;
    struct buf text = {0};
    size_t total = 0;

    baseline_init(&made);
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        if (fates[i] == FATE_SHOWN || fates[i] == FATE_KNOWN) {
            baseline_add(&made, &(struct baseline_entry){.fingerprint = finding->fingerprint,
                                                         .path = finding->where.path,
                                                         .rule = str_of(finding->rule->code),
                                                         .symbol = finding->symbol,
                                                         .state = finding->state_name,
                                                         .count = 1});
            total++;
        }
    }
    for (size_t i = 0; i < baseline->known.entries.len; i++) {
        struct baseline_entry entry = baseline->known.entries.data[i];
        entry.count = kept_count(baseline, i);
        if (entry.count > 0) {
            baseline_add(&made, &entry);
            total += entry.count;
        }
    }
    baseline_sort(&made);
    baseline_write(&made, &text);
    bool written = output_result(buf_str(&text), file);
    if (written && !quiet) {
        struct buf name = {0};
        message_add_path(&name, file);
        message_note("the baseline '%s' holds %zu finding%s", name.ptr, total, total == 1 ? "" : "s");
        buf_release(&name);
    }
    buf_release(&text);
    baseline_release(&made);
    return written;
}
