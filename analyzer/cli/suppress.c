#include "cli/suppress.h"

#include "cli/message.h"
#include "cli/selection.h"
#include "source/lines.h"
#include "source/logical_lines.h"

/* One file's comments being read. */
struct reading {
    struct suppressions *suppressions;
    const struct ir_module *module; /* NULL: the source of an extension module */
    const struct source_file *file;
    struct logical_lines lines; /* found when first needed; line_count 0 before */
    const struct load *warned;  /* NULL: nobody is */
};

static void warn(const struct reading *reading, uint32_t line, const char *what, struct str text, bool is_rule)
{
    struct buf path = {0}, shown = {0}, hint = {0};

    if (reading->warned == NULL) {
        return;
    }
    load_add_path(reading->warned, reading->file->path, &path);
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

/* Whether nothing but blanks stands in front of the offset in its line. */
static bool begins_line(const struct source_file *file, uint32_t offset)
{
    uint32_t start = file->line_starts[lines_find(file, offset) - 1];

    return str_trim(str_slice(file->text, start, offset)).len == 0;
}

/* In languages other than Python a comment speaks for its lines or, where it stands alone, for the one below. */
static void add_plain(struct reading *reading, const struct directive *directive, struct ir_span span)
{
    const struct source_file *file = reading->file;
    bool whole = directive->kind == DIRECTIVE_SKIP_FILE;
    uint32_t first = lines_find(file, span.start), last = lines_find(file, span.end);
    uint32_t below = last < file->line_count ? last + 1 : last;
    bool alone = begins_line(file, span.start);
    struct suppression item = {.directive = directive,
                               .start = span.start,
                               .end = span.end,
                               .line = alone ? below : first,
                               .first_line = whole   ? 1
                                             : alone ? below
                                                     : first,
                               .last_line = whole   ? file->line_count
                                            : alone ? below
                                                    : last};

    vec_push(&reading->suppressions->items, item);
}

static void add(struct reading *reading, const struct directive *directive, struct ir_span span)
{
    if (reading->module == NULL) {
        add_plain(reading, directive, span);
        return;
    }
    if (reading->lines.line_count == 0) {
        reading->lines = logical_lines_of(reading->suppressions->arena, reading->file);
    }
    uint32_t line = lines_find(reading->file, span.start);
    if (directive->kind == DIRECTIVE_IGNORE) {
        line = logical_lines_meant(&reading->lines, reading->file, line);
    }
    struct suppression item = {.directive = directive,
                               .start = span.start,
                               .end = span.end,
                               .line = line,
                               .first_line = reading->lines.first[line],
                               .last_line = reading->lines.last[line]};
    if (directive->kind == DIRECTIVE_SKIP_FILE) {
        item.first_line = 1;
        item.last_line = reading->file->line_count;
        vec_push(&reading->suppressions->items, item);
        return;
    }
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

/* What a comment says, without the marks of other languages around it. */
static struct str words_of(struct str comment)
{
    if (str_starts(comment, STR("//")) || str_starts(comment, STR("/*"))) {
        comment = str_slice(comment, 2, str_ends(comment, STR("*/")) ? comment.len - 2 : comment.len);
    }
    return comment;
}

static void read_comment(struct reading *reading, struct ir_span span)
{
    struct str text = words_of(str_slice(reading->file->text, span.start, span.end));
    const struct directive *directives;
    uint32_t count = comment_directives(text, reading->suppressions->arena, &directives);

    for (uint32_t i = 0; i < count; i++) {
        uint32_t line = lines_find(reading->file, span.start);
        switch (directives[i].kind) {
        case DIRECTIVE_IGNORE:
            check_rules(reading, &directives[i], line);
            add(reading, &directives[i], span);
            break;
        case DIRECTIVE_NOQA:
        case DIRECTIVE_SKIP_FILE: add(reading, &directives[i], span); break;
        case DIRECTIVE_MALFORMED:
            warn(reading, line, "this racelint comment is not understood:", directives[i].items[0], false);
            break;
        case DIRECTIVE_GUARDED_BY:
        case DIRECTIVE_REQUIRES: break; /* the analysis reads these */
        }
    }
}

void suppressions_read(struct suppressions *suppressions, const struct ir_module *module,
                       const struct source_file *file, const struct load *warned)
{
    struct reading reading = {.suppressions = suppressions, .module = module, .file = file, .warned = warned};

    *suppressions = (struct suppressions){.arena = arena_new()};
    for (uint32_t i = 0; i < module->comment_count; i++) {
        read_comment(&reading, module->comments[i].span);
    }
}

void suppressions_read_extension(struct suppressions *suppressions, const struct extension *extension,
                                 const struct load *warned)
{
    struct reading reading = {.suppressions = suppressions, .file = extension->file, .warned = warned};

    *suppressions = (struct suppressions){.arena = arena_new()};
    for (uint32_t i = 0; i < extension->comment_count; i++) {
        read_comment(&reading, (struct ir_span){extension->comments[i].start, extension->comments[i].end});
    }
}

void suppressions_release(struct suppressions *suppressions)
{
    arena_free(suppressions->arena);
    vec_release(&suppressions->items);
    suppressions->arena = NULL;
}

/* The items of a directive that name a rule, as bits; of one that names all rules without items: all bits. */
static uint64_t items_naming(const struct directive *directive, const struct rule *rule)
{
    uint64_t found = 0;

    for (uint32_t i = 0; i < directive->item_count; i++) {
        if (selector_exactness(directive->items[i], rule) > 0) {
            found |= (uint64_t)1 << i;
        }
    }
    return directive->item_count == 0 ? UINT64_MAX : found;
}

bool suppressions_cover(struct suppressions *suppressions, const struct finding *finding)
{
    bool covered = false;

    for (size_t i = 0; i < suppressions->items.len; i++) {
        struct suppression *item = &suppressions->items.data[i];
        bool here = finding->where.line <= item->last_line && finding->where.end_line >= item->first_line;
        uint64_t naming = here ? items_naming(item->directive, finding->rule) : 0;
        if (naming != 0) {
            item->used++;
            item->used_items |= naming;
            covered = true;
        }
    }
    return covered;
}

/* ---- what is not used ---- */

/* Whether all rules that a selector means (NULL: all rules) are on, so that it would have been used; rules that are off
 * by default need not be. */
static bool is_asked_for(const struct str *selector, const uint8_t *enabled)
{
    bool any = false;

    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        bool meant = selector == NULL || selector_exactness(*selector, rule) > 0;
        if (meant && !enabled[i] && !rule->opt_in) {
            return false;
        }
        any = any || (meant && enabled[i]);
    }
    return any;
}

/* Whether a selector names RL003 itself. */
static bool is_about_this(struct str selector, const struct rule *unused)
{
    return selector_exactness(selector, unused) >= str_of(unused->code).len;
}

/* Whether a comment keeps the remark about a comment from being made: one that names RL003, or another one that is for
 * the whole file. */
static bool is_tolerated(const struct suppressions *suppressions, const struct suppression *about,
                         const struct rule *unused)
{
    for (size_t i = 0; i < suppressions->items.len; i++) {
        const struct suppression *item = &suppressions->items.data[i];
        const struct directive *directive = item->directive;
        bool here = item->first_line <= about->line && about->line <= item->last_line;
        if (directive->kind == DIRECTIVE_SKIP_FILE && item != about) {
            return true;
        }
        for (uint32_t k = 0; here && k < directive->item_count; k++) {
            if (is_about_this(directive->items[k], unused)) {
                return true;
            }
        }
    }
    return false;
}

/* Appends the items that suppressed nothing, as "`RL101` and `RL2`"; returns how many they are. */
static uint32_t list_unused(const struct suppression *item, const uint8_t *enabled, const struct rule *unused,
                            struct buf *out)
{
    const struct directive *directive = item->directive;
    struct str names[64];
    uint32_t count = 0;

    for (uint32_t i = 0; i < directive->item_count; i++) {
        const struct str *name = &directive->items[i];
        bool used = (item->used_items >> i & 1) != 0;
        if (!used && !is_about_this(*name, unused) && is_asked_for(name, enabled)) {
            names[count++] = *name;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        buf_printf(out, "%s`%.*s`", i == 0 ? "" : i + 1 < count ? ", " : " and ", STR_FMT(names[i]));
    }
    return count;
}

static void add_unused(const struct suppression *item, const struct source_file *file, const char *message,
                       const char *fix, struct findings *findings)
{
    struct remark remark = {
        .rule = rules_find(STR("RL003")),
        .confidence = CONFIDENCE_HIGH,
        .exposure = EXPOSURE_ANY_BUILD,
        .file = file,
        .start = item->start,
        .end = item->end,
        .about = str_slice(file->text, item->start, item->end),
        .message = str_of(message),
        .fix = str_of(fix),
    };

    findings_add(findings, &remark);
}

void suppressions_find_unused(const struct suppressions *suppressions, const struct source_file *file,
                              const uint8_t *enabled, struct findings *findings)
{
    const struct rule *unused = rules_find(STR("RL003"));

    for (size_t i = 0; i < suppressions->items.len; i++) {
        const struct suppression *item = &suppressions->items.data[i];
        const struct directive *directive = item->directive;
        struct buf names = {0}, message = {0}, fix = {0};
        if (is_tolerated(suppressions, item, unused)) {
            continue;
        }
        uint32_t count = list_unused(item, enabled, unused, &names);
        if (count > 0) {
            bool all = count == directive->item_count;
            buf_printf(&message, "No finding of %s is suppressed here.", names.ptr);
            buf_printf(&fix, "Delete %s%s.", all ? "the comment" : names.ptr, all ? "" : " from the comment");
        } else if (directive->item_count == 0 && item->used == 0 && is_asked_for(NULL, enabled)) {
            buf_printf(&message, "Nothing is suppressed %s.",
                       directive->kind == DIRECTIVE_SKIP_FILE ? "in this file" : "here");
            buf_add(&fix, STR("Delete the comment."));
        }
        if (message.len > 0) {
            add_unused(item, file, message.ptr, fix.ptr, findings);
        }
        buf_release(&names);
        buf_release(&message);
        buf_release(&fix);
    }
}
