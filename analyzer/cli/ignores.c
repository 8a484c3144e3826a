#include "cli/ignores.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/output.h"
#include "cli/suppress.h"
#include "source/lines.h"
#include "source/logical_lines.h"
#include "source/path.h"

/* The bytes to be written at one place. Of several at one place, the codes are joined. */
struct insertion {
    size_t at;               /* offset in the file's bytes */
    size_t blanks;           /* bytes in front of it that are dropped: blanks at the end of a line */
    bool extends;            /* goes into the brackets of a comment that is there */
    VEC(const char *) codes; /* in order */
};

/* One file that gets comments. */
struct rewrite {
    const struct loaded_file *file;
    struct arena *arena;
    struct str bytes;   /* as it is now */
    VEC(size_t) starts; /* of its lines */
    struct suppressions suppressions;
    struct logical_lines lines;
    VEC(struct insertion) insertions; /* in order of place */
    struct buf result;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* Line ends are ASCII in every encoding that can be written here. */
static void index_lines(struct rewrite *rewrite)
{
    struct str bytes = rewrite->bytes;

    vec_push(&rewrite->starts, 0);
    for (size_t i = 0; i < bytes.len; i++) {
        bool crlf = bytes.ptr[i] == '\r' && i + 1 < bytes.len && bytes.ptr[i + 1] == '\n';
        if ((bytes.ptr[i] == '\n' || bytes.ptr[i] == '\r') && !crlf) {
            vec_push(&rewrite->starts, i + 1);
        }
    }
}

/* The end of a 1-based line, without its line end. */
static size_t line_end(const struct rewrite *rewrite, uint32_t line)
{
    size_t start = rewrite->starts.data[line - 1];
    size_t end = line < rewrite->starts.len ? rewrite->starts.data[line] : rewrite->bytes.len;

    while (end > start && (rewrite->bytes.ptr[end - 1] == '\n' || rewrite->bytes.ptr[end - 1] == '\r')) {
        end--;
    }
    return end;
}

/* The ignore comment with brackets that is for this statement alone, or NULL. */
static const struct suppression *comment_of(const struct rewrite *rewrite, uint32_t first, uint32_t last)
{
    for (size_t i = 0; i < rewrite->suppressions.items.len; i++) {
        const struct suppression *item = &rewrite->suppressions.items.data[i];
        uint32_t line = lines_find(&rewrite->file->source, item->start);
        if (item->directive->kind == DIRECTIVE_IGNORE && item->directive->item_count > 0 && line >= first &&
            line <= last) {
            return item;
        }
    }
    return NULL;
}

/* Where the comment for a finding goes. */
static struct insertion place_of(const struct rewrite *rewrite, const struct finding *finding)
{
    const struct source_file *source = &rewrite->file->source;
    uint32_t last = rewrite->lines.last[finding->where.line];
    const struct suppression *comment =
        source->transcoded ? NULL : comment_of(rewrite, rewrite->lines.first[finding->where.line], last);

    if (comment != NULL) {
        struct str item = comment->directive->items[comment->directive->item_count - 1];
        size_t offset = (size_t)(item.ptr + item.len - source->text.ptr);
        return (struct insertion){.at = offset + (source->has_bom ? 3 : 0), .extends = true};
    }
    size_t end = line_end(rewrite, last), kept = end;
    while (kept > rewrite->starts.data[last - 1] && is_blank(rewrite->bytes.ptr[kept - 1])) {
        kept--;
    }
    return (struct insertion){.at = end, .blanks = end - kept};
}

static void add_code(struct insertion *insertion, const char *code)
{
    size_t at = 0;

    while (at < insertion->codes.len && strcmp(insertion->codes.data[at], code) < 0) {
        at++;
    }
    if (at < insertion->codes.len && strcmp(insertion->codes.data[at], code) == 0) {
        return;
    }
    vec_push(&insertion->codes, code);
    memmove(&insertion->codes.data[at + 1], &insertion->codes.data[at],
            (insertion->codes.len - 1 - at) * sizeof *insertion->codes.data);
    insertion->codes.data[at] = code;
}

static void add_insertion(struct rewrite *rewrite, const struct finding *finding)
{
    struct insertion wanted = place_of(rewrite, finding);
    size_t at = rewrite->insertions.len;

    while (at > 0 && rewrite->insertions.data[at - 1].at > wanted.at) {
        at--;
    }
    if (at == 0 || rewrite->insertions.data[at - 1].at != wanted.at) {
        vec_push(&rewrite->insertions, wanted);
        memmove(&rewrite->insertions.data[at + 1], &rewrite->insertions.data[at],
                (rewrite->insertions.len - 1 - at) * sizeof *rewrite->insertions.data);
        rewrite->insertions.data[at] = wanted;
    } else {
        at--;
    }
    add_code(&rewrite->insertions.data[at], finding->rule->code);
}

static void build(struct rewrite *rewrite)
{
    size_t done = 0;

    for (size_t i = 0; i < rewrite->insertions.len; i++) {
        const struct insertion *insertion = &rewrite->insertions.data[i];
        buf_add(&rewrite->result, str_slice(rewrite->bytes, done, insertion->at - insertion->blanks));
        buf_add(&rewrite->result, insertion->extends ? STR("") : STR("  # racelint: ignore["));
        for (size_t k = 0; k < insertion->codes.len; k++) {
            buf_printf(&rewrite->result, "%s%s", insertion->extends || k > 0 ? ", " : "", insertion->codes.data[k]);
        }
        buf_add(&rewrite->result, insertion->extends ? STR("") : STR("]"));
        done = insertion->at;
    }
    buf_add(&rewrite->result, str_slice(rewrite->bytes, done, rewrite->bytes.len));
}

/* Reads what was built as it will be read from the file, and looks whether it is the same code, and every finding is
 * suppressed. */
static bool is_sound(const struct rewrite *rewrite, const struct finding *const *findings, size_t count)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file source = {0};
    struct frontend *frontend = frontend_new();
    struct suppressions suppressions;
    const struct ir_module *old = rewrite->file->module;
    bool good =
        source_from_bytes(&source, rewrite->file->source.path, buf_str(&rewrite->result), diagnostics) == SOURCE_OK;

    if (good) {
        struct ir_module *module = frontend_lower(frontend, &source, diagnostics);
        suppressions_read(&suppressions, module, &source, NULL);
        good = source.line_count == rewrite->file->source.line_count && module->op_count == old->op_count &&
               module->error_count == old->error_count;
        for (size_t i = 0; i < count; i++) {
            good = good && suppressions_cover(&suppressions, findings[i]);
        }
        suppressions_release(&suppressions);
        arena_free(module->arena);
    }
    source_free(&source);
    frontend_free(frontend);
    diagnostics_free(diagnostics);
    return good;
}

/* Reads the file's bytes again; false where they are not those that were analysed. */
static bool read_bytes(struct rewrite *rewrite)
{
    const struct source_file *source = &rewrite->file->source;
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file again = {0};
    struct str folder = path_parent(source->full_path), name = path_name(source->full_path);

    rewrite->bytes = path_read_small(rewrite->arena, folder, arena_str(rewrite->arena, name).ptr, SOURCE_SIZE_MAX);
    bool same = source_from_bytes(&again, source->path, rewrite->bytes, diagnostics) == SOURCE_OK &&
                str_equal(again.text, source->text);
    source_free(&again);
    diagnostics_free(diagnostics);
    return same;
}

static bool fail(const struct rewrite *rewrite, const char *reason)
{
    struct buf path = {0};

    message_add_path(&path, rewrite->file->source.path);
    message_error("%s: no ignore comments were written: %s", path.ptr, reason);
    buf_release(&path);
    return false;
}

/* Writes the comments for all of a file's findings. */
static bool rewrite_run(struct rewrite *rewrite, const struct finding *const *findings, size_t count)
{
    const struct loaded_file *file = rewrite->file;

    if (!read_bytes(rewrite)) {
        return fail(rewrite, "the file has changed meanwhile");
    }
    index_lines(rewrite);
    if (rewrite->starts.len != file->source.line_count) {
        return fail(rewrite, "its encoding is not one that this can be done in");
    }
    rewrite->lines = logical_lines_of(rewrite->arena, &file->source);
    for (size_t i = 0; i < count; i++) {
        add_insertion(rewrite, findings[i]);
    }
    build(rewrite);
    if (!is_sound(rewrite, findings, count)) {
        return fail(rewrite, "they would change its code, or not be understood");
    }
    return output_result(buf_str(&rewrite->result), file->source.full_path);
}

static bool rewrite_file(const struct loaded_file *file, const struct finding *const *findings, size_t count)
{
    struct rewrite rewrite = {.file = file, .arena = arena_new()};

    suppressions_read(&rewrite.suppressions, file->module, &file->source, NULL);
    bool good = rewrite_run(&rewrite, findings, count);
    suppressions_release(&rewrite.suppressions);
    for (size_t i = 0; i < rewrite.insertions.len; i++) {
        vec_release(&rewrite.insertions.data[i].codes);
    }
    vec_release(&rewrite.insertions);
    vec_release(&rewrite.starts);
    buf_release(&rewrite.result);
    arena_free(rewrite.arena);
    return good;
}

/* The file that a finding is suppressed in; NULL where it lies outside of what is reported, or where a comment would be
 * no help. */
static const struct loaded_file *file_of(const struct load *load, const struct finding *finding)
{
    for (size_t i = 0; i < load->file_count; i++) {
        const struct loaded_file *file = &load->files[i];
        if (&file->source == finding->file) {
            bool is_remark = str_equal(str_of(finding->rule->code), STR("RL003"));
            return file->reported && file->module != NULL && !is_remark ? file : NULL;
        }
    }
    return NULL;
}

bool ignores_add(struct filtered *filtered, const struct findings *all, const struct load *load, bool quiet)
{
    size_t kept = 0, files = 0;
    uint32_t added = 0;
    bool good = true;

    for (size_t i = 0, end; i < filtered->count; i = end) { /* the findings of a file stand together */
        const struct loaded_file *file = file_of(load, filtered->findings[i]);
        VEC(const struct finding *) findings = {0};
        for (end = i; end < filtered->count && filtered->findings[end]->file == filtered->findings[i]->file; end++) {
            if (file_of(load, filtered->findings[end]) != NULL) {
                file = file_of(load, filtered->findings[end]);
                vec_push(&findings, filtered->findings[end]);
            }
        }
        bool written = file != NULL && rewrite_file(file, findings.data, findings.len);
        good = good && (written || file == NULL);
        for (size_t k = i; k < end; k++) {
            if (!written || file_of(load, filtered->findings[k]) == NULL) {
                filtered->findings[kept++] = filtered->findings[k];
            } else {
                filtered->fates[filtered->findings[k] - findings_at(all, 0)] = FATE_SUPPRESSED;
            }
        }
        files += written;
        added += written ? (uint32_t)findings.len : 0;
        vec_release(&findings);
    }
    filtered->count = kept;
    filtered->suppressed += added;
    if (!quiet) {
        message_note("ignore comments for %u finding%s were written to %zu file%s", (unsigned)added,
                     added == 1 ? "" : "s", files, files == 1 ? "" : "s");
    }
    return good;
}
