#include "cli/fixing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/output.h"
#include "racelint/fix.h"

enum {
    ROUNDS_MAX = 10, /* of edits: each round starts from what the one before left */
    PROOFS_MAX = 60  /* analyses of one round */
};

/* Instructions that may be evaluated to prove the edits of a report. Each proof analyses the whole program: reports of
 * programs that take long have fewer edits, or none, than --fix makes. */
#define REPORT_STEPS UINT64_C(1000000)

static unsigned proofs_for(const struct analysis *analysis, bool asked)
{
    struct program_stats stats;
    program_stats(analysis->program, &stats);
    uint64_t affordable = REPORT_STEPS / (stats.steps + 1);
    return asked || affordable > PROOFS_MAX ? PROOFS_MAX : (unsigned)affordable;
}

bool fixing_is_asked(const struct settings *settings)
{
    return settings->fix || settings->diff;
}

void fixing_open(struct fixing *fixing, const struct settings *settings, struct load *load)
{
    *fixing = (struct fixing){.settings = settings, .load = load};
    fixing->originals = memory_new((load->file_count + 1) * sizeof *fixing->originals);
    fixing->frontend = frontend_new();
}

void fixing_close(struct fixing *fixing)
{
    for (size_t i = 0; fixing->originals && i < fixing->load->file_count; i++) {
        free((char *)(uintptr_t)fixing->originals[i].ptr); /* taken over from a source_file */
    }
    free(fixing->originals);
    frontend_free(fixing->frontend);
    *fixing = (struct fixing){0};
}

/* Puts a text in the place of a loaded file's. */
static void exchange(struct fixing *fixing, size_t index, struct str text)
{
    struct loaded_file *file = &fixing->load->files[index];
    struct source_file edited;
    struct diagnostics *diagnostics = diagnostics_new();
    if (source_from_bytes(&edited, file->source.path, text, diagnostics) != SOURCE_OK) {
        BUG("an edited file cannot be read");
    }
    edited.full_path = file->source.full_path;
    edited.has_bom = file->source.has_bom;
    if (fixing->originals[index].ptr == NULL) {
        fixing->originals[index] = file->source.text;
        file->source.text = (struct str){0};
    }
    source_free(&file->source);
    arena_free(file->module->arena);
    file->source = edited;
    file->module = frontend_lower(fixing->frontend, &file->source, diagnostics);
    diagnostics_free(diagnostics);
}

static bool is_shown(const struct filtered *filtered, size_t index)
{
    return filtered->fates[index] == FATE_SHOWN;
}

bool fixing_round(struct fixing *fixing, const struct analysis *analysis, struct findings *findings,
                  const struct filtered *filtered, const struct rule_choice *choice)
{
    struct load *load = fixing->load;
    bool asked = fixing_is_asked(fixing->settings), any = false;
    if (filtered->count == 0 || proofs_for(analysis, asked) == 0) {
        return false;
    }
    struct fix_file *files = memory_new((load->file_count + 1) * sizeof *files);
    bool *wanted = memory_new((findings_count(findings) + 1) * sizeof *wanted);
    for (size_t i = 0; i < load->file_count; i++) {
        const struct loaded_file *file = &load->files[i];
        files[i] = (struct fix_file){&file->source, file->module, file->reported && !file->source.transcoded};
    }
    for (size_t i = 0; i < findings_count(findings); i++) {
        wanted[i] = is_shown(filtered, i);
    }
    struct fix_request request = {
        .options = &analysis->options,
        .files = files,
        .file_count = load->file_count,
        .program = analysis->program,
        .findings = findings,
        .choice = choice,
        .wanted = wanted,
        .least = (enum confidence)fixing->settings->min_confidence,
        .allowed = fixing->settings->unsafe_fixes ? FIX_UNSAFE : FIX_SAFE,
        .explains = asked,
        .proofs = proofs_for(analysis, asked),
    };
    struct fix_result result;
    fix_plan(&request, &result);
    for (size_t i = 0; i < load->file_count && asked && fixing->rounds < ROUNDS_MAX; i++) {
        if (result.texts[i].ptr != NULL) {
            exchange(fixing, i, result.texts[i]);
            any = true;
        }
    }
    fixing->fixed += any ? result.fixed : 0;
    fixing->rounds++;
    fix_result_release(&result, load->file_count);
    free(files);
    free(wanted);
    return any;
}

/* ---- the end ---- */

static bool is_input(const struct load *load, size_t index)
{
    return load->discovery.files[index].unsaved;
}

/* Whether the file still is what was read: an editor may have saved it in the meantime. */
static bool is_unchanged(const struct source_file *file, struct str original)
{
    struct source_file now;
    struct diagnostics *diagnostics = diagnostics_new();
    bool same = source_read(&now, file->path, file->full_path, diagnostics) == SOURCE_OK &&
                str_equal(now.text, original) && now.has_bom == file->has_bom;
    source_free(&now);
    diagnostics_free(diagnostics);
    return same;
}

static bool write_file(const struct fixing *fixing, size_t index)
{
    const struct source_file *file = &fixing->load->files[index].source;
    struct buf text = {0}, name = {0};
    bool good = is_unchanged(file, fixing->originals[index]);
    if (!good) {
        load_add_path(fixing->load, file->path, &name);
        message_error("'%s' is not changed: it was changed by somebody else in the meantime", name.ptr);
    } else {
        buf_add(&text, file->has_bom ? STR("\xef\xbb\xbf") : STR(""));
        buf_add(&text, file->text);
        good = output_result(buf_str(&text), file->full_path);
    }
    buf_release(&text);
    buf_release(&name);
    return good;
}

static bool print_diff(const struct fixing *fixing)
{
    struct buf out = {0};
    for (size_t i = 0; i < fixing->load->file_count; i++) {
        if (fixing->originals[i].ptr != NULL) {
            const struct source_file *file = &fixing->load->files[i].source;
            fix_diff(file->path, fixing->originals[i], file->text, &out);
        }
    }
    bool written = output_result(buf_str(&out), STR(""));
    buf_release(&out);
    return written;
}

/* Standard input goes to standard output, fixed or as it was. */
static bool print_input(const struct fixing *fixing, size_t index)
{
    const struct source_file *file = &fixing->load->files[index].source;
    bool changed = fixing->originals[index].ptr != NULL;
    struct buf text = {0};
    buf_add(&text, changed && file->has_bom ? STR("\xef\xbb\xbf") : STR(""));
    buf_add(&text, changed ? file->text : fixing->load->input);
    bool written = output_result(buf_str(&text), STR(""));
    buf_release(&text);
    return written;
}

bool fixing_finish(struct fixing *fixing)
{
    bool good = true;
    if (fixing->settings->diff) {
        return print_diff(fixing);
    }
    for (size_t i = 0; i < fixing->load->file_count && fixing->settings->fix; i++) {
        if (is_input(fixing->load, i)) {
            good = print_input(fixing, i) && good;
        } else if (fixing->originals[i].ptr != NULL) {
            good = write_file(fixing, i) && good;
        }
    }
    return good;
}
