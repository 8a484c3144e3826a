#include "cli/suppress.h"

#include "cli/message.h"
#include "cli/selection.h"
#include "source/lines.h"
#include "source/logical_lines.h"

/* One file's comments being read. */
struct reading {
    struct suppressions *suppressions;
    const struct ir_module *module;
    const struct source_file *file;
    struct logical_lines lines; /* found when first needed; line_count 0 before */
    bool quiet;
};

static void warn(const struct reading *reading, uint32_t line, const char *what, struct str text, bool is_rule)
{
    struct buf path = {0}, shown = {0}, hint = {0};

    if (reading->quiet) {
        return;
    }
    message_add_path(&path, reading->file->path);
    message_add_path(&shown, text);
    buf_add(&shown, STR(""));
    buf_add(&hint, STR(""));
    if (is_rule) {
        selector_suggest(text, &hint);
    }
    message_warning("%s:%u: %s '%s'%s", path.ptr, (unsigned)line, what, shown.ptr, hint.ptr);
    buf_release(&path);
    buf_release(&shown);
    buf_release(&hint);
}

/* Widens a suppression on the line of a `def` or `class` to all of it. */
static void widen(const struct reading *reading, struct suppression *item, struct ir_span head, struct ir_span span)
{
    uint32_t first = lines_find(reading->file, head.start);
    uint32_t last = lines_find(reading->file, head.end);

    if (reading->lines.first[first] <= item->line && item->line <= reading->lines.last[last]) {
        uint32_t end = lines_find(reading->file, span.end > span.start ? span.end - 1 : span.end);
        item->last_line = end > item->last_line ? end : item->last_line;
    }
}

static void add(struct reading *reading, const struct directive *directive, uint32_t line)
{
    if (reading->lines.line_count == 0) {
        reading->lines = logical_lines_of(reading->suppressions->arena, reading->file);
    }
    struct suppression item = {directive, line, reading->lines.first[line], reading->lines.last[line], 0};
    for (uint32_t i = 0; i < reading->module->function_count; i++) {
        const struct ir_function *function = &reading->module->functions[i];
        if (function->kind == IR_FN_FUNCTION) {
            widen(reading, &item, function->head, function->span);
        }
    }
    for (uint32_t i = 0; i < reading->module->class_count; i++) {
        widen(reading, &item, reading->module->classes[i].head, reading->module->classes[i].span);
    }
    vec_push(&reading->suppressions->items, item);
}

static void check_rules(const struct reading *reading, const struct directive *directive, uint32_t line)
{
    for (uint32_t i = 0; i < directive->item_count; i++) {
        if (!selector_is_known(directive->items[i])) {
            warn(reading, line, "there is no rule", directive->items[i], true);
        }
    }
}

static void read_comment(struct reading *reading, struct ir_span span)
{
    struct str text = str_slice(reading->file->text, span.start, span.end);
    const struct directive *directives;
    uint32_t count = comment_directives(text, reading->suppressions->arena, &directives);

    for (uint32_t i = 0; i < count; i++) {
        uint32_t line = lines_find(reading->file, span.start);
        switch (directives[i].kind) {
        case DIRECTIVE_IGNORE:
            check_rules(reading, &directives[i], line);
            add(reading, &directives[i], line);
            break;
        case DIRECTIVE_NOQA: add(reading, &directives[i], line); break;
        case DIRECTIVE_SKIP_FILE: reading->suppressions->skip_file = true; break;
        case DIRECTIVE_MALFORMED:
            warn(reading, line, "this racelint comment is not understood:", directives[i].items[0], false);
            break;
        case DIRECTIVE_GUARDED_BY:
        case DIRECTIVE_REQUIRES: break; /* the analysis reads these */
        }
    }
}

void suppressions_read(struct suppressions *suppressions, const struct ir_module *module,
                       const struct source_file *file, bool quiet)
{
    struct reading reading = {.suppressions = suppressions, .module = module, .file = file, .quiet = quiet};

    *suppressions = (struct suppressions){.arena = arena_new()};
    for (uint32_t i = 0; i < module->comment_count; i++) {
        read_comment(&reading, module->comments[i].span);
    }
}

void suppressions_release(struct suppressions *suppressions)
{
    arena_free(suppressions->arena);
    vec_release(&suppressions->items);
    suppressions->arena = NULL;
}

static bool names_rule(const struct directive *directive, const struct rule *rule)
{
    for (uint32_t i = 0; i < directive->item_count; i++) {
        if (selector_exactness(directive->items[i], rule) > 0) {
            return true;
        }
    }
    return directive->item_count == 0;
}

bool suppressions_cover(struct suppressions *suppressions, const struct finding *finding)
{
    bool covered = suppressions->skip_file;

    for (size_t i = 0; i < suppressions->items.len; i++) {
        struct suppression *item = &suppressions->items.data[i];
        if (finding->where.line <= item->last_line && finding->where.end_line >= item->first_line &&
            names_rule(item->directive, finding->rule)) {
            item->used++;
            covered = true;
        }
    }
    return covered;
}
