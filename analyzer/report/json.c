/* json: the report for programs (schema version 1). Every key is always there, in this order. json-lines: the same
 * objects, one on a line, so that a reader need not wait for the end. */
#include <stdlib.h>

#include "base/buf.h"
#include "report/formats.h"

#define SCHEMA_VERSION 1

/* A range whose place is not known has an empty path and line 0. */
static void location_set(struct json *object, const struct finding_range *where, bool column)
{
    json_set(object, "path", json_string(where->line > 0 ? where->path : STR("")));
    json_set(object, "line", json_integer(where->line));
    if (column) {
        json_set(object, "column", json_integer(where->column));
    }
}

static struct json *position_json(uint32_t line, uint32_t column)
{
    struct json *position = json_object();
    json_set(position, "line", json_integer(line));
    json_set(position, "column", json_integer(column));
    return position;
}

static struct json *string_or_null(struct str s)
{
    return s.len > 0 ? json_string(s) : json_null();
}

static struct json *word_json(const char *word)
{
    return json_string(str_of(word));
}

static struct json *state_json(const struct finding *finding)
{
    struct json *state = json_object();
    json_set(state, "name", json_string(finding->state_name));
    json_set(state, "owner", json_string(finding->state_owner));
    location_set(state, &finding->state_where, false);
    return state;
}

static struct json *guard_json(const struct finding *finding)
{
    if (finding->guard_lock.len == 0) {
        return json_null();
    }
    struct json *guard = json_object();
    json_set(guard, "lock", json_string(finding->guard_lock));
    json_set(guard, "held", json_integer(finding->guard_held));
    json_set(guard, "of", json_integer(finding->guard_of));
    return guard;
}

static struct json *related_json(const struct finding *finding)
{
    struct json *list = json_array();
    for (uint32_t i = 0; i < finding->related_count; i++) {
        struct json *related = json_object();
        location_set(related, &finding->related[i].where, true);
        json_set(related, "message", json_string(finding->related[i].message));
        json_push(list, related);
    }
    return list;
}

static struct json *step_json(const struct finding_step *step)
{
    struct json *object = json_object();
    location_set(object, &step->where, true);
    json_set(object, "effect", word_json(step_effect_text(step->effect)));
    json_set(object, "text", json_string(step->text));
    struct json *locks = json_array();
    for (uint32_t i = 0; i < step->lock_count; i++) {
        json_push(locks, json_string(step->locks[i]));
    }
    json_set(object, "locks", locks);
    return object;
}

static struct json *threads_json(const struct finding *finding)
{
    struct json *list = json_array();
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        const struct finding_thread *thread = &finding->threads[i];
        struct json *object = json_object();
        json_set(object, "root", string_or_null(thread->root));
        location_set(object, &thread->where, false);
        json_set(object, "many", json_bool(thread->many));
        struct json *steps = json_array();
        for (uint32_t j = 0; j < thread->step_count; j++) {
            json_push(steps, step_json(&thread->steps[j]));
        }
        json_set(object, "steps", steps);
        json_push(list, object);
    }
    return list;
}

static struct json *fix_json(const struct finding_fix *fix)
{
    struct json *object = json_object();
    json_set(object, "kind", word_json(report_fix_kind_word(fix->kind)));
    json_set(object, "applicability", word_json(report_applicability_word(fix->applicability)));
    json_set(object, "lock", string_or_null(fix->lock));
    json_set(object, "message", json_string(fix->done.len > 0 ? fix->done : fix->message));
    struct json *edits = json_array();
    for (uint32_t i = 0; i < fix->edit_count; i++) {
        const struct finding_edit *edit = &fix->edits[i];
        struct json *item = json_object();
        json_set(item, "path", json_string(edit->where.path));
        json_set(item, "start", position_json(edit->where.line, edit->where.column));
        json_set(item, "end", position_json(edit->where.end_line, edit->where.end_column));
        json_set(item, "text", json_string(edit->text));
        json_push(edits, item);
    }
    json_set(object, "edits", edits);
    return object;
}

/* The JSON report's objects for a finding, a diagnostic and the sums: each sets its keys on an object that may have
 * others already. */
static void report_set_finding(struct json *object, const struct finding *finding)
{
    json_set(object, "rule", word_json(finding->rule->code));
    json_set(object, "name", word_json(finding->rule->name));
    json_set(object, "level", word_json(report_level_word(finding->confidence)));
    json_set(object, "confidence", word_json(report_confidence_word(finding->confidence)));
    json_set(object, "exposure", word_json(report_exposure_word(finding->exposure)));
    json_set(object, "message", json_string(finding->message));
    json_set(object, "path", json_string(finding->where.path));
    json_set(object, "start", position_json(finding->where.line, finding->where.column));
    json_set(object, "end", position_json(finding->where.end_line, finding->where.end_column));
    json_set(object, "symbol", json_string(finding->symbol));
    json_set(object, "state", state_json(finding));
    json_set(object, "guard", guard_json(finding));
    json_set(object, "related", related_json(finding));
    json_set(object, "threads", threads_json(finding));
    json_set(object, "fix", fix_json(&finding->fix));
    json_set(object, "fingerprint", json_string(finding->fingerprint));
}

static void report_set_summary(struct json *object, const struct report_summary *summary)
{
    json_set(object, "files", json_integer(summary->files));
    json_set(object, "lines", json_integer(summary->lines));
    json_set(object, "unparsed", json_integer(summary->unparsed));
    json_set(object, "findings", json_integer(summary->findings));
    json_set(object, "suppressed", json_integer(summary->suppressed));
    json_set(object, "hidden_low", json_integer(summary->hidden_low));
    json_set(object, "roots", json_integer(summary->roots));
    json_set(object, "baselined", json_integer(summary->baselined));
    json_set(object, "gone", json_integer(summary->gone));
    json_set(object, "unchanged", json_integer(summary->unchanged));
}

static void report_set_diagnostic(struct json *object, const struct diagnostic *diagnostic)
{
    json_set(object, "path", json_string(diagnostic->path));
    json_set(object, "line", json_integer(diagnostic->line));
    json_set(object, "code", word_json(diagnostic->code));
    json_set(object, "message", json_string(diagnostic->message));
}

static void set_tool(struct json *object)
{
    struct json *tool = json_object();
    json_set(tool, "name", json_string(STR("racelint")));
    json_set(tool, "version", json_string(STR(RACELINT_VERSION)));
    json_set(object, "tool", tool);
}

static void json_write(const struct report_input *input, char **out)
{
    struct json *root = json_object(), *summary = json_object(), *findings = json_array(), *diagnostics = json_array();
    json_set(root, "schema", json_integer(SCHEMA_VERSION));
    set_tool(root);
    report_set_summary(summary, &input->summary);
    json_set(root, "summary", summary);
    for (size_t i = 0; i < input->finding_count; i++) {
        struct json *finding = json_object();
        report_set_finding(finding, input->findings[i]);
        json_push(findings, finding);
    }
    json_set(root, "findings", findings);
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        struct json *diagnostic = json_object();
        report_set_diagnostic(diagnostic, diagnostics_at(input->diagnostics, i));
        json_push(diagnostics, diagnostic);
    }
    json_set(root, "diagnostics", diagnostics);
    report_append_json(out, root);
}

/* Begins a line: what it is about. */
static struct json *line_new(const char *kind)
{
    struct json *line = json_object();
    json_set(line, "kind", word_json(kind));
    return line;
}

static void line_add(struct buf *text, struct json *line)
{
    char *printed = json_print(line, false);
    buf_add(text, str_of(printed));
    buf_add_char(text, '\n');
    free(printed);
    json_free(line);
}

/* The sums come last, so that a reader who meets them knows that the report is whole. */
static void json_lines_write(const struct report_input *input, char **out)
{
    struct buf text = {0};
    for (size_t i = 0; i < input->finding_count; i++) {
        struct json *line = line_new("finding");
        report_set_finding(line, input->findings[i]);
        line_add(&text, line);
    }
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        struct json *line = line_new("diagnostic");
        report_set_diagnostic(line, diagnostics_at(input->diagnostics, i));
        line_add(&text, line);
    }
    struct json *line = line_new("summary");
    json_set(line, "schema", json_integer(SCHEMA_VERSION));
    set_tool(line);
    report_set_summary(line, &input->summary);
    line_add(&text, line);
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_json = {.name = "json", .write = json_write};
const struct report_format report_format_json_lines = {.name = "json-lines", .write = json_lines_write};
