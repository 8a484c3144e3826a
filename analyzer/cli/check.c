#include <stdio.h>
#include <stdlib.h>

#include "cli/analysis.h"
#include "cli/baselines.h"
#include "cli/caching.h"
#include "cli/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/fixing.h"
#include "cli/folders.h"
#include "cli/ignores.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/statistics.h"
#include "racelint/report.h"
#include "settings/outputs.h"
#include "store/repository.h"

/* One run of `racelint check`. */
struct check {
    const struct settings *settings;
    const struct output *outputs; /* the reports to write */
    size_t output_count;
    struct folders folders; /* what holds in which folder */
    struct load load;
    struct progress progress;
    struct analysis analysis;
    struct findings *findings;
    struct run_baseline baseline;
    struct changes changes; /* since --diff-base */
    uint32_t gone;          /* findings of the baseline that were not found any more */
    struct filtered filtered;
    struct diagnostics *shown; /* of the files that are reported */
    uint32_t unparsed;         /* how many files they are about */
    size_t context_trouble;    /* diagnostics about other files */
    struct fixing fixing;      /* what was changed; settings NULL: nothing was to be */
    size_t found;              /* findings shown before anything was changed */
    double analysis_seconds, rules_seconds, fix_seconds, report_seconds;
};

/* Adds what there is to say of extension modules. */
static void add_extensions(struct check *check)
{
    for (size_t i = 0; i < check->load.file_count; i++) {
        if (check->load.files[i].extension != NULL) {
            findings_add_extension(check->findings, check->load.files[i].extension, &check->folders.choice);
        }
    }
    findings_sort(check->findings);
}

/* Analyses what is loaded, and chooses what is shown. Again after a round of fixes, without a second word of warning.
 */
static void analyze(struct check *check, const struct settings *settings, bool again)
{
    double start = clock_seconds();

    analysis_run(&check->analysis, settings, &check->load, &check->progress);
    if (!again) {
        analysis_warn(&check->analysis, settings, &check->load);
    }
    check->analysis_seconds += clock_seconds() - start;
    start = clock_seconds();
    check->findings = findings_of(check->analysis.program, &check->folders.choice);
    add_extensions(check);
    struct filter_by by = {
        .folders = &check->folders,
        .baseline = check->baseline.is_given ? &check->baseline : NULL,
        .changes = settings->diff_base.len > 0 ? &check->changes : NULL,
    };
    filter_run(&check->filtered, check->findings, &check->load, settings->quiet, &by);
    check->rules_seconds += clock_seconds() - start;
}

/* Whether some report carries edits, for editors to make. */
static bool reports_edits(const struct check *check)
{
    static const char *const formats[] = {"json", "json-lines", "sarif"};
    for (size_t i = 0; i < check->output_count; i++) {
        struct str name = str_of(report_at(check->outputs[i].format)->name);
        for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
            if (str_equal(name, str_of(formats[k]))) {
                return true;
            }
        }
    }
    return false;
}

/* Makes edits, round by round, until nothing more can be fixed; or only works them out, for reports. */
static void fix(struct check *check)
{
    struct settings silent = *check->settings;
    double start = clock_seconds();

    silent.quiet = true;
    check->found = check->filtered.count;
    if (!fixing_is_asked(check->settings) && (!reports_edits(check) || check->settings->statistics)) {
        return;
    }
    fixing_open(&check->fixing, check->settings, &check->load);
    while (fixing_round(&check->fixing, &check->analysis, check->findings, &check->filtered, &check->folders.choice)) {
        filter_free(&check->filtered);
        findings_free(check->findings);
        analysis_clear(&check->analysis);
        analyze(check, &silent, true);
    }
    check->fix_seconds = clock_seconds() - start;
}

/* Whether the settings call a kind of diagnostic off by its code, everywhere or in its file. That other rules are
 * selected is not enough: what was not analysed is said. */
static bool is_called_off(const struct check *check, const struct diagnostic *item)
{
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        if (str_equal(str_of(rule->code), str_of(item->code))) {
            const struct folder_settings *own = folders_at(&check->folders, item->path);
            return selection_ignores(own->settings, rule) || folder_ignores(own, item->path, rule);
        }
    }
    return false;
}

/* Parts the diagnostics: those about what the user named count, the others are only mentioned. */
static void sort_diagnostics(struct check *check)
{
    struct str last = STR("");

    check->shown = diagnostics_new();
    for (size_t i = 0; i < diagnostics_count(check->load.diagnostics); i++) {
        const struct diagnostic *item = diagnostics_at(check->load.diagnostics, i);
        bool missing = load_is_missing(&check->load, item->path);
        if (!missing && is_called_off(check, item)) {
            continue;
        }
        bool named = discovery_names(&check->load.discovery, item->path) &&
                     !folders_exclude(&check->folders, &check->load.discovery, item->path);
        if (!missing && !named) {
            check->context_trouble++;
            if (check->settings->verbose) {
                load_say(&check->load, item);
            }
            continue;
        }
        diagnostics_add(check->shown, item->path, item->line, item->code, item->message);
        load_say(&check->load, item);
        if (!missing && (check->unparsed == 0 || !str_equal(item->path, last))) {
            check->unparsed++;
            last = item->path;
        }
    }
}

static bool is_document(const struct report_format *format)
{
    return !str_equal(str_of(format->name), STR("text")) && !str_equal(str_of(format->name), STR("concise"));
}

/* Writes one report; false where it could not be written. */
static bool write_report(const struct check *check, struct report_input *input, const struct output *output)
{
    const struct settings *settings = check->settings;
    const struct report_format *format = report_at(output->format);
    struct diagnostics *none = diagnostics_new();
    struct buf text = {0};

    /* For people they stand on standard error already. */
    input->diagnostics = is_document(format) ? check->shown : none;
    input->color = output_has_color(settings->color, output->file);
    input->links = input->color && output_has_links(output->file);
    input->width = output_width(output->file);
    if (settings->statistics) {
        statistics_print(&check->filtered, is_document(format), &text);
    } else {
        char *report = NULL;
        format->write(input, &report);
        buf_add(&text, str_of(report));
        free(report);
    }
    bool written = output_result(buf_str(&text), output->file);
    buf_release(&text);
    diagnostics_free(none);
    return written;
}

static bool write_reports(const struct check *check)
{
    struct program_stats stats = {0};
    struct buf prefix = {0};
    bool written = true;

    program_stats(check->analysis.program, &stats);
    repository_add_prefix(&prefix, check->load.discovery.root);
    struct report_input input = {
        .findings = check->filtered.findings,
        .finding_count = check->filtered.count,
        .summary = {.files = (uint32_t)(check->load.file_count - check->load.extras),
                    .lines = (uint32_t)check->load.lines,
                    .unparsed = check->unparsed,
                    .findings = (uint32_t)check->filtered.count,
                    .suppressed = check->filtered.suppressed,
                    .hidden_low = check->filtered.hidden_low,
                    .baselined = check->filtered.baselined,
                    .gone = check->gone,
                    .unchanged = check->filtered.unchanged,
                    .roots = stats.roots},
        .root = check->load.discovery.root,
        .here = check->load.here,
        .prefix = buf_str(&prefix),
        .compared = check->baseline.is_given,
        .quiet = check->settings->quiet,
    };
    for (size_t i = 0; i < check->output_count; i++) {
        written = write_report(check, &input, &check->outputs[i]) && written;
    }
    buf_release(&prefix);
    return written;
}

static void print_files(const struct load *load, struct buf *out)
{
    const struct discovery *found = &load->discovery;
    for (size_t i = 0; i < found->file_count; i++) {
        if (found->files[i].reported) {
            load_add_path(load, found->files[i].path, out);
            buf_add_char(out, '\n');
        }
    }
}

/* Why calls were not resolved. */
static void say_unresolved(const struct program_stats *stats)
{
    struct buf libraries = {0};

    for (uint32_t i = 0; i < stats->library_count; i++) {
        buf_printf(&libraries, "%s%.*s %u", i > 0 ? ", " : " (most often: ", STR_FMT(stats->libraries[i]),
                   (unsigned)stats->library_calls[i]);
    }
    buf_add(&libraries, stats->library_count > 0 ? STR(")") : STR(""));
    for (unsigned i = 0; i < UNRESOLVED_COUNT; i++) {
        if (stats->unresolved[i] > 0) {
            message_note("not resolved: %u %s%s", (unsigned)stats->unresolved[i], unresolved_text((enum unresolved)i),
                         i == UNRESOLVED_LIBRARY ? libraries.ptr : "");
        }
    }
    buf_release(&libraries);
}

static void say_more(const struct check *check)
{
    const struct settings *settings = check->settings;
    const struct load *load = &check->load;
    bool any_reported = false;

    for (size_t i = 0; i < load->file_count; i++) {
        any_reported = any_reported || load->files[i].reported;
    }
    if (!any_reported && load->discovery.missing_count == 0 && !settings->quiet) {
        message_warning("there are no Python files in the paths given");
    }
    if (settings->verbose) {
        struct program_stats stats = {0};
        struct buf root = {0};
        program_stats(check->analysis.program, &stats);
        message_add_path(&root, load->discovery.root);
        message_note("the program is %s: %zu files, %llu lines (folders and files left out: %zu)", root.ptr,
                     load->file_count - (size_t)load->extras, (unsigned long long)load->lines, load->discovery.skipped);
        message_note("%u thread roots, %u functions, %u of %u calls resolved", (unsigned)stats.roots,
                     (unsigned)stats.functions, (unsigned)stats.calls_resolved, (unsigned)stats.calls);
        say_unresolved(&stats);
        if (stats.capped) {
            message_note("the program takes more work than is done for one of its size: calls were told apart less");
        }
        buf_release(&root);
    } else if (check->context_trouble > 0 && !settings->quiet) {
        message_note("files outside of the paths given could not be read or parsed in full; --verbose names them");
    }
}

static void print_timings(const struct check *check, double total)
{
    const struct {
        const char *phase;
        double seconds;
    } phases[] = {
        {"find", check->load.find_seconds},
        {"read", check->load.read_seconds},
        {"cache", check->load.cache_seconds},
        {"parse", check->load.parse_seconds},
        {"analysis", check->analysis_seconds},
        {"rules", check->rules_seconds},
        {"fixes", check->fix_seconds},
        {"report", check->report_seconds},
        {"total", total},
        {"saved", check->load.saved_seconds},
    };

    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        fprintf(stderr, "timing: %s %.3f\n", phases[i].phase, phases[i].seconds);
    }
}

static int exit_status(const struct check *check)
{
    bool failed = diagnostics_count(check->shown) > 0;

    failed = failed || (check->settings->diff && check->fixing.fixed > 0 && check->settings->fail_on != FAIL_ON_NEVER);
    for (size_t i = 0; i < check->filtered.count && check->settings->fail_on != FAIL_ON_NEVER; i++) {
        failed = failed || check->filtered.findings[i]->confidence >= check->settings->fail_on;
    }
    if (check->load.discovery.missing_count > 0) {
        return EXIT_TROUBLE;
    }
    return failed && !check->settings->exit_zero ? EXIT_FOUND : EXIT_NOTHING;
}

/* Writes the baseline that was asked for; false, with a message printed, where that failed. */
static bool update_baseline(struct check *check)
{
    const struct settings *settings = check->settings;

    if (settings->write_baseline.len == 0) {
        if (check->baseline.is_given) {
            check->gone = baselines_gone(&check->baseline, !settings->quiet, settings->verbose);
        }
        return true;
    }
    if (!baselines_write(&check->baseline, check->findings, check->filtered.fates, settings->write_baseline,
                         settings->quiet)) {
        return false;
    }
    filter_shown_are_known(&check->filtered);
    return true;
}

static void say_fixed(const struct check *check)
{
    const struct settings *settings = check->settings;

    if (fixing_is_asked(settings) && !settings->quiet) {
        message_note("%zu of %zu findings %s", check->fixing.fixed, check->found,
                     settings->diff ? "would be fixed" : "fixed");
    }
}

static int run(struct check *check, double start)
{
    const struct settings *settings = check->settings;
    int status;

    progress_init(&check->progress, settings->quiet);
    struct caching caching;
    caching_open(&caching, settings, &check->load);
    load_files(&check->load, settings, LOAD_LOWER, &check->progress);
    caching_close(&caching, settings, &check->load);
    analyze(check, settings, false);
    bool added =
        !settings->add_ignores || ignores_add(&check->filtered, check->findings, &check->load, settings->quiet);
    fix(check);
    sort_diagnostics(check);
    say_more(check);
    double report_start = clock_seconds();
    if (fixing_is_asked(settings) && !fixing_finish(&check->fixing)) {
        return EXIT_TROUBLE;
    }
    say_fixed(check);
    bool result_is_text = settings->diff || (settings->fix && check->load.input.ptr != NULL);
    bool written = update_baseline(check) && (result_is_text || write_reports(check)) && added;
    status = written ? exit_status(check) : EXIT_TROUBLE;
    check->report_seconds = clock_seconds() - report_start;
    if (settings->timings) {
        print_timings(check, clock_seconds() - start);
    }
    return status;
}

static int show_files(const struct check *check)
{
    const struct discovery *found = &check->load.discovery;
    struct buf out = {0};

    for (size_t i = 0; i < diagnostics_count(check->load.diagnostics); i++) {
        load_say(&check->load, diagnostics_at(check->load.diagnostics, i));
    }
    print_files(&check->load, &out);
    bool written = output_result(buf_str(&out), check->settings->output_file);
    buf_release(&out);
    return written && found->missing_count == 0 ? EXIT_NOTHING : EXIT_TROUBLE;
}

/* Gives back what a run holds, which is the last that the process does. The system takes all memory back at once; to
 * free it piece by piece before that is work for the leak checkers of debug builds alone. */
static void check_free(struct check *check)
{
#ifdef RACELINT_DEBUG
    baselines_release(&check->baseline);
    changes_release(&check->changes);
    filter_free(&check->filtered);
    if (check->findings != NULL) {
        findings_free(check->findings);
    }
    if (check->fixing.settings != NULL) {
        fixing_close(&check->fixing);
    }
    analysis_free(&check->analysis);
    if (check->shown != NULL) {
        diagnostics_free(check->shown);
    }
    load_free(&check->load);
    folders_release(&check->folders);
#else
    (void)check;
#endif
}

/* Whether no file is written twice under different names, which the parser of the command line cannot see. */
static bool outputs_differ(const struct check *check)
{
    const struct settings *settings = check->settings;
    struct buf shown = {0};

    for (size_t i = 0; i < check->output_count && shown.len == 0; i++) {
        struct str file = check->outputs[i].file;
        for (size_t k = 0; k < i && shown.len == 0; k++) {
            if (output_is_same(check->outputs[k].file, file)) {
                buf_add(&shown, STR("option '--output-file': two reports would go to '"));
                message_add_path(&shown, file);
            }
        }
        if (shown.len == 0 && output_is_same(settings->write_baseline, file)) {
            buf_add(&shown, STR("options '--output-file' and '--write-baseline' both name '"));
            message_add_path(&shown, file);
        }
    }
    if (shown.len > 0) {
        message_error("%s'", shown.ptr);
    }
    bool differ = shown.len == 0;
    buf_release(&shown);
    return differ;
}

/* Finds out which reports to write; false, with a message printed, where the options contradict each other. */
static bool find_outputs(struct check *check)
{
    const struct settings *settings = check->settings;
    struct buf error = {0};

    check->outputs = outputs_of(settings, &check->output_count, &error);
    if (check->outputs == NULL) {
        struct buf shown = {0};
        message_add_path(&shown, buf_str(&error));
        message_error("%s", shown.ptr);
        buf_release(&shown);
        buf_release(&error);
        return false;
    }
    buf_release(&error);
    for (size_t i = 0; i < check->output_count && settings->statistics; i++) {
        const struct report_format *format = report_at(check->outputs[i].format);
        if (!statistics_have(str_of(format->name))) {
            message_error("option '--statistics' knows the formats text, concise and json, not '%s'", format->name);
            return false;
        }
    }
    return outputs_differ(check);
}

/* Reads what findings are compared with; false, with a message printed, where that cannot be. */
static bool open_known(struct check *check)
{
    const struct settings *settings = check->settings;
    struct buf error = {0}, shown = {0};
    bool good = true;

    check->baseline.folders = &check->folders;
    check->baseline.load = &check->load;
    if (settings->diff_base.len > 0) {
        good = changes_read(&check->changes, check->load.discovery.root, settings->diff_base, &error);
    }
    if (!good) {
        message_add_path(&shown, buf_str(&error));
        message_error("%s", shown.ptr);
    }
    buf_release(&error);
    buf_release(&shown);
    return good;
}

/* Options that make no sense together. */
static bool check_options(const struct settings *settings)
{
    bool reads_input = settings->operands.count == 1 && str_equal(settings->operands.items[0], STR("-"));

    if (settings->diff_base.len > 0 && settings->write_baseline.len > 0) {
        message_error("options '--diff-base' and '--write-baseline' exclude each other: a baseline holds all findings");
        return false;
    }
    if (settings->diff_base.len > 0 && reads_input) {
        message_error("option '--diff-base' compares files; '-' (standard input) is none");
        return false;
    }
    if (settings->unsafe_fixes && !fixing_is_asked(settings)) {
        message_error("option '--unsafe-fixes' needs '--fix' or '--diff'");
        return false;
    }
    if (settings->add_ignores && fixing_is_asked(settings)) {
        message_error("options '--add-ignores' and '--fix' or '--diff' exclude each other");
        return false;
    }
    if (settings->fix && settings->diff) {
        message_error("options '--fix' and '--diff' exclude each other: --diff changes nothing");
        return false;
    }
    return true;
}

int command_check(const struct settings *settings)
{
    struct check check = {.settings = settings};
    double start = clock_seconds();
    int status = EXIT_TROUBLE;

    if (!check_options(settings) || !find_outputs(&check)) {
        return EXIT_TROUBLE;
    }
    if (folders_init(&check.folders, settings) && analysis_prepare(&check.analysis, settings) &&
        baselines_open(&check.baseline, settings) && load_find(&check.load, settings, LOAD_EXTENSIONS) &&
        folders_find(&check.folders, &check.load) && open_known(&check)) {
        status = settings->show_files ? show_files(&check) : run(&check, start);
    }
    check_free(&check);
    return status;
}
