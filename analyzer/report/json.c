/* json: the report for programs (schema version 1). Every key is always there, in this order. */
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
    json_set(object, "message", json_string(fix->message));
    json_set(object, "edits", json_array());
    return object;
}

static struct json *finding_json(const struct finding *finding)
{
    struct json *object = json_object();
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
    return object;
}

static struct json *summary_json(const struct report_summary *summary)
{
    struct json *object = json_object();
    json_set(object, "files", json_integer(summary->files));
    json_set(object, "lines", json_integer(summary->lines));
    json_set(object, "unparsed", json_integer(summary->unparsed));
    json_set(object, "findings", json_integer(summary->findings));
    json_set(object, "suppressed", json_integer(summary->suppressed));
    json_set(object, "hidden_low", json_integer(summary->hidden_low));
    json_set(object, "roots", json_integer(summary->roots));
    return object;
}

static struct json *diagnostics_json(const struct diagnostics *diagnostics)
{
    struct json *list = json_array();
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const struct diagnostic *diagnostic = diagnostics_at(diagnostics, i);
        struct json *object = json_object();
        json_set(object, "path", json_string(diagnostic->path));
        json_set(object, "line", json_integer(diagnostic->line));
        json_set(object, "code", word_json(diagnostic->code));
        json_set(object, "message", json_string(diagnostic->message));
        json_push(list, object);
    }
    return list;
}

static void json_write(const struct report_input *input, char **out)
{
    struct json *root = json_object();
    json_set(root, "schema", json_integer(SCHEMA_VERSION));
    struct json *tool = json_object();
    json_set(tool, "name", json_string(STR("racelint")));
    json_set(tool, "version", json_string(STR(RACELINT_VERSION)));
    json_set(root, "tool", tool);
    json_set(root, "summary", summary_json(&input->summary));
    struct json *findings = json_array();
    for (size_t i = 0; i < input->finding_count; i++) {
        json_push(findings, finding_json(input->findings[i]));
    }
    json_set(root, "findings", findings);
    json_set(root, "diagnostics", diagnostics_json(input->diagnostics));
    report_append_json(out, root);
}

const struct report_format report_format_json = {.name = "json", .write = json_write};
