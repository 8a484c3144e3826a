#include "racelint/frontend.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/build.h"
#include "base/hash.h"
#include "frontend/python/lower.h"
#include "frontend/python/repair.h"

const TSLanguage *tree_sitter_python(void);

struct frontend {
    TSParser *parser;
    struct grammar grammar;
    struct arena *scratch; /* cleared before each file */
    struct tree tree;
    struct scopes scopes;
    struct lowering lowering;
    struct ir_builder *ir;
};

/* A file with many errors is rarely Python at all: more of them would say nothing new. */
enum { ERRORS_REPORTED = 3, ERROR_TEXT = 40 };

struct frontend *frontend_new(void)
{
    struct frontend *frontend = memory_new(sizeof *frontend);

    frontend->parser = ts_parser_new();
    if (!ts_parser_set_language(frontend->parser, tree_sitter_python())) {
        BUG("tree-sitter refuses the Python grammar: their versions do not fit");
    }
    grammar_init(&frontend->grammar, tree_sitter_python());
    frontend->scratch = arena_new();
    frontend->ir = ir_builder_new();
    return frontend;
}

void frontend_free(struct frontend *frontend)
{
    if (frontend == NULL) {
        return;
    }
    ts_parser_delete(frontend->parser);
    grammar_release(&frontend->grammar);
    arena_free(frontend->scratch);
    tree_release(&frontend->tree);
    scopes_release(&frontend->scopes);
    lowering_release(&frontend->lowering);
    ir_builder_free(frontend->ir);
    free(frontend);
}

uint64_t frontend_version(void)
{
    struct str build = str_of(build_id);
    struct str library = str_of(utf8proc_version());
    struct str unicode = str_of(utf8proc_unicode_version());

    return hash_mix(hash_bytes(build.ptr, build.len),
                    hash_mix(hash_bytes(library.ptr, library.len), hash_bytes(unicode.ptr, unicode.len)));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == ';' || c == '\n' || c == '\r';
}

/* Where in an error something is wrong: behind the whole statements that an error node begins with. The parser makes a
 * node of all that comes before a mistake when it finds no end to it. */
static uint32_t first_wrong(const struct tree *tree, struct ir_span span)
{
    uint32_t node = 0;

    while (node < tree->nodes.len &&
           (node_kind(tree, node) != NODE_ERROR || tree_node(tree, node)->start != span.start ||
            tree_node(tree, node)->end != span.end)) {
        node++;
    }
    uint32_t wrong = span.start;
    uint32_t end = node < tree->nodes.len ? tree_node(tree, node)->after : 0;
    for (uint32_t child = node + 1; child < end; child = tree_node(tree, child)->after) {
        bool whole = node_role(node_kind(tree, child)) == ROLE_STATEMENT;
        for (uint32_t i = child; whole && i < tree_node(tree, child)->after; i++) {
            whole = node_kind(tree, i) != NODE_ERROR && tree_node(tree, i)->flags == 0;
        }
        if (!whole) {
            return wrong;
        }
        wrong = tree_node(tree, child)->end;
        while (wrong < span.end && is_blank(tree->text.ptr[wrong])) {
            wrong++;
        }
    }
    return span.start;
}

/* The first line of what could not be parsed, cut short, for a message. */
static struct str error_text(struct arena *arena, struct str text, struct ir_span span)
{
    size_t start = span.start;
    size_t end;

    while (start < span.end && start < text.len && (text.ptr[start] == '\n' || text.ptr[start] == '\r')) {
        start++;
    }
    end = start;
    while (end < span.end && end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r' &&
           end - start < ERROR_TEXT) {
        end++;
    }
    while (end > start && end < text.len && ((unsigned char)text.ptr[end] & 0xc0) == 0x80) {
        end--; /* not within a character */
    }
    bool cut = end < span.end;
    struct str shown = str_trim(str_slice(text, start, end));
    return arena_printf(arena, "%.*s%s", STR_FMT(shown), cut ? " …" : "");
}

static void report_errors(struct frontend *frontend, const struct source_file *file, struct diagnostics *diagnostics)
{
    const struct tree *tree = &frontend->tree;
    uint32_t last_line = 0;
    unsigned reported = 0;

    for (size_t i = 0; i < tree->errors.len; i++) {
        struct ir_span span = tree->errors.data[i];
        ir_builder_error(frontend->ir, span);
        if (reported == ERRORS_REPORTED || source_position_at(file, span.start).line == last_line) {
            continue;
        }
        span.start = first_wrong(tree, span);
        uint32_t line = source_position_at(file, span.start).line;
        struct str text = error_text(frontend->scratch, tree->text, span);
        struct str message =
            text.len > 0
                ? arena_printf(frontend->scratch, "cannot parse \"%.*s\"; the rest of the file is analysed",
                               STR_FMT(text))
                : arena_printf(frontend->scratch, "something is missing here; the rest of the file is analysed");
        diagnostics_add(diagnostics, file->path, line, "RL002", message);
        last_line = line;
        reported++;
    }
}

/* A module without contents, for a text that is not parsed. */
static void lower_refused(struct frontend *frontend, const struct source_file *file)
{
    struct ir_function function = {.name = ir_builder_name(frontend->ir, STR("<module>")),
                                   .kind = IR_FN_MODULE,
                                   .flags = IR_FN_ERROR,
                                   .parent = IR_NO_INDEX,
                                   .class_index = IR_NO_INDEX,
                                   .span = {0, (uint32_t)file->text.len}};

    ir_builder_enter(frontend->ir, ir_builder_function(frontend->ir, &function));
    ir_builder_leave(frontend->ir);
    ir_builder_error(frontend->ir, function.span);
}

/* Adds the comments of the tree and those that the repair hid from it, in order of position. */
static void add_comments(struct frontend *frontend, const struct repaired *repaired)
{
    const struct tree *tree = &frontend->tree;
    size_t hidden = 0;

    for (size_t i = 0; i < tree->comments.len; i++) {
        struct ir_span span = tree->comments.data[i];
        while (hidden < repaired->comment_count && repaired->comments[hidden].start < span.start) {
            struct repair_span before = repaired->comments[hidden++];
            ir_builder_comment(frontend->ir, (struct ir_span){before.start, before.end});
        }
        ir_builder_comment(frontend->ir, span);
    }
    for (; hidden < repaired->comment_count; hidden++) {
        struct repair_span rest = repaired->comments[hidden];
        ir_builder_comment(frontend->ir, (struct ir_span){rest.start, rest.end});
    }
}

static void report_notes(const struct source_file *file, const struct repaired *repaired,
                         struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < repaired->note_count; i++) {
        const struct repair_note *note = &repaired->notes[i];
        uint32_t line = source_position_at(file, note->offset).line;
        diagnostics_add(diagnostics, file->path, line, "RL002", note->message);
    }
}

static void report_old_statement(struct frontend *frontend, const struct source_file *file,
                                 struct diagnostics *diagnostics)
{
    const struct tree *tree = &frontend->tree;
    uint32_t old = frontend->lowering.old_statement;

    if (old != NO_NODE) {
        uint32_t line = source_position_at(file, tree->nodes.data[old].start).line;
        const char *word = node_kind(tree, old) == NODE_PRINT_STATEMENT ? "print" : "exec";
        diagnostics_add(
            diagnostics, file->path, line, "RL002",
            arena_printf(frontend->scratch, "`%s` is no statement of Python 3; it is read as a call", word));
    }
}

static void report_left_out(struct frontend *frontend, const struct ir_module *module, const struct source_file *file,
                            struct diagnostics *diagnostics)
{
    for (uint32_t i = 0; i < module->function_count; i++) {
        const struct ir_function *function = &module->functions[i];
        if (function->flags & IR_FN_LEFT_OUT) {
            diagnostics_add(diagnostics, file->path, source_position_at(file, function->span.start).line, "RL002",
                            arena_printf(frontend->scratch,
                                         "this code is not analysed: it has %u variables, in branches that nest too "
                                         "deeply for so many",
                                         function->local_count));
        }
    }
}

static void lower_tree(struct frontend *frontend, const struct source_file *file, const struct repaired *repaired,
                       struct diagnostics *diagnostics)
{
    tree_flatten(&frontend->tree, &frontend->grammar, repaired->tree, file->text);
    scopes_build(&frontend->scopes, &frontend->tree, frontend->ir);
    lower_module(&frontend->lowering, &frontend->tree, &frontend->scopes, frontend->ir);
    add_comments(frontend, repaired);
    report_notes(file, repaired, diagnostics);
    report_errors(frontend, file, diagnostics);
    report_old_statement(frontend, file, diagnostics);
}

#ifdef RACELINT_DEBUG
/* Debug builds check every module, and that each node of a text without errors had a handler. */
static void check_module(const struct frontend *frontend, const struct ir_module *module)
{
    struct str message = {0};

    if (!ir_verify(module, &message)) {
        BUG("%.*s: %.*s", STR_FMT(module->path), STR_FMT(message));
    }
    if (frontend->lowering.unexpected > 0 && module->error_count == 0) {
        BUG("%.*s: %u nodes stand where the grammar does not allow them", STR_FMT(module->path),
            frontend->lowering.unexpected);
    }
}
#endif

struct ir_module *frontend_lower(struct frontend *frontend, const struct source_file *file,
                                 struct diagnostics *diagnostics)
{
    arena_clear(frontend->scratch);
    ir_builder_begin(frontend->ir, file->path);
    struct repair_result result = repair_parse(frontend->parser, frontend->scratch, file->text);
    if (result.refused) {
        diagnostics_add(diagnostics, file->path, 1, "RL002", result.reason);
        lower_refused(frontend, file);
    } else {
        lower_tree(frontend, file, &result.parsed, diagnostics);
        ts_tree_delete(result.parsed.tree);
    }
    struct ir_module *module = ir_builder_finish(frontend->ir);
    report_left_out(frontend, module, file, diagnostics);
#ifdef RACELINT_DEBUG
    check_module(frontend, module);
#endif
    return module;
}

bool frontend_tree(struct frontend *frontend, const struct source_file *file, struct tree *tree)
{
    arena_clear(frontend->scratch);
    struct repair_result result = repair_parse(frontend->parser, frontend->scratch, file->text);
    if (result.refused) {
        return false;
    }
    tree_flatten(tree, &frontend->grammar, result.parsed.tree, file->text);
    ts_tree_delete(result.parsed.tree);
    return true;
}

uint32_t frontend_parse_only(struct frontend *frontend, const struct source_file *file)
{
    uint32_t errors = 0;

    arena_clear(frontend->scratch);
    struct repair_result result = repair_parse(frontend->parser, frontend->scratch, file->text);
    if (result.refused) {
        return 1;
    }
    if (ts_node_has_error(ts_tree_root_node(result.parsed.tree))) {
        tree_flatten(&frontend->tree, &frontend->grammar, result.parsed.tree, file->text);
        errors = (uint32_t)frontend->tree.errors.len;
    }
    ts_tree_delete(result.parsed.tree);
    return errors;
}
