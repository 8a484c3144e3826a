/* sarif: a SARIF 2.1.0 log with one run, for code scanning services and editors. */
#include "report/sarif_parts.h"

#include <stdlib.h>

#include "base/buf.h"
#include "report/formats.h"
#include "report/uri.h"

#define SCHEMA_URI "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define LIMIT_ID "output-limit"
#define ROOT_ID "SRCROOT"

struct json *sarif_message(struct str text)
{
    struct json *message = json_object();
    json_set(message, "text", json_string(text));
    return message;
}

/* Paths below the project root are relative to it; others have no base. */
static struct json *artifact_location(struct str path)
{
    struct json *location = json_object();
    struct buf uri = {0};
    bool absolute = str_starts(path, STR("/"));
    if (absolute) {
        buf_add(&uri, STR("file://"));
    }
    uri_add_path(&uri, path);
    json_set(location, "uri", json_string(buf_str(&uri)));
    if (!absolute && !str_starts(path, STR("../"))) {
        json_set(location, "uriBaseId", json_string(STR(ROOT_ID)));
    }
    buf_release(&uri);
    return location;
}

struct json *sarif_physical_location(const struct finding_range *where, bool line_only)
{
    struct json *location = json_object();
    json_set(location, "artifactLocation", artifact_location(where->path));
    if (where->line == 0) {
        return location;
    }
    struct json *region = json_object();
    json_set(region, "startLine", json_integer(where->line));
    if (!line_only) {
        uint32_t column = where->column > 0 ? where->column : 1;
        bool ordered = where->end_line > where->line || (where->end_line == where->line && where->end_column >= column);
        json_set(region, "startColumn", json_integer(column));
        json_set(region, "endLine", json_integer(ordered ? where->end_line : where->line));
        json_set(region, "endColumn", json_integer(ordered && where->end_column > 0 ? where->end_column : column));
    }
    json_set(location, "region", region);
    return location;
}

static int rule_order(const void *a, const void *b)
{
    const struct rule *const *left = a, *const *right = b;
    return str_compare(str_of((*left)->code), str_of((*right)->code));
}

static void collect_rules(struct sarif_run *run, const struct report_input *input, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = input->findings[i]->rule;
        size_t j = 0;
        while (j < run->rules.len && run->rules.data[j] != rule) {
            j++;
        }
        if (j == run->rules.len) {
            vec_push(&run->rules, rule);
        }
    }
    if (run->rules.len > 0) {
        qsort(run->rules.data, run->rules.len, sizeof *run->rules.data, rule_order);
    }
}

static struct json *tool_json(const struct sarif_run *run)
{
    struct json *tool = json_object(), *driver = json_object(), *rules = json_array();
    for (size_t i = 0; i < run->rules.len; i++) {
        json_push(rules, sarif_rule(run->rules.data[i]));
    }
    json_set(driver, "name", json_string(STR("racelint")));
    json_set(driver, "version", json_string(STR(RACELINT_VERSION)));
    json_set(driver, "semanticVersion", json_string(STR(RACELINT_VERSION)));
    report_set_homepage(driver, "informationUri");
    json_set(driver, "rules", rules);
    json_set(tool, "driver", driver);
    return tool;
}

static struct json *notification(struct str id, const char *level, struct str text)
{
    struct json *object = json_object(), *descriptor = json_object();
    json_set(descriptor, "id", json_string(id));
    json_set(object, "descriptor", descriptor);
    json_set(object, "level", json_string(str_of(level)));
    json_set(object, "message", sarif_message(text));
    return object;
}

static struct json *diagnostic_json(const struct diagnostic *diagnostic)
{
    struct json *object =
        notification(str_of(diagnostic->code), report_diagnostic_level(diagnostic), diagnostic->message);
    struct json *locations = json_array(), *location = json_object();
    struct finding_range where = {.path = diagnostic->path, .line = diagnostic->line};
    json_set(location, "physicalLocation", sarif_physical_location(&where, true));
    json_push(locations, location);
    json_set(object, "locations", locations);
    return object;
}

/* Says what was left out, and how much of it. */
static void push_limit(struct json *notifications, uint64_t left_out, const char *what)
{
    struct buf text = {0};
    if (left_out > 0) {
        buf_printf(&text, "%llu %s left out: code scanning takes no more.", (unsigned long long)left_out, what);
        json_push(notifications, notification(STR(LIMIT_ID), "warning", buf_str(&text)));
    }
    buf_release(&text);
}

static struct json *invocations_json(const struct sarif_run *run, const struct report_input *input, size_t written)
{
    struct json *list = json_array(), *invocation = json_object(), *notifications = json_array();
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        json_push(notifications, diagnostic_json(diagnostics_at(input->diagnostics, i)));
    }
    push_limit(notifications, input->finding_count - written, "findings are");
    push_limit(notifications, run->cut_locations, "related locations are");
    push_limit(notifications, run->cut_steps, "steps of threads are");
    json_set(invocation, "executionSuccessful", json_bool(true));
    json_set(invocation, "toolExecutionNotifications", notifications);
    json_push(list, invocation);
    return list;
}

static struct json *base_ids_json(struct str root)
{
    struct json *bases = json_object(), *base = json_object();
    if (root.len > 0) {
        struct buf uri = {0};
        uri_add_folder(&uri, root);
        json_set(base, "uri", json_string(buf_str(&uri)));
        buf_release(&uri);
    }
    json_set(base, "description", sarif_message(STR("The root of the project.")));
    json_set(bases, ROOT_ID, base);
    return bases;
}

static void sarif_write(const struct report_input *input, char **out)
{
    struct sarif_run run = {.compared = input->compared};
    size_t count = input->finding_count < SARIF_RESULTS_MAX ? input->finding_count : SARIF_RESULTS_MAX;
    collect_rules(&run, input, count);
    struct json *results = json_array();
    for (size_t i = 0; i < count; i++) {
        json_push(results, sarif_result(&run, input->findings[i]));
    }

    struct json *log = json_object(), *runs = json_array(), *object = json_object(), *automation = json_object();
    json_set(object, "tool", tool_json(&run));
    json_set(automation, "id", json_string(STR("racelint/")));
    json_set(object, "automationDetails", automation);
    json_set(object, "invocations", invocations_json(&run, input, count));
    json_set(object, "originalUriBaseIds", base_ids_json(input->root));
    json_set(object, "columnKind", json_string(STR("unicodeCodePoints")));
    json_set(object, "results", results);
    json_push(runs, object);
    json_set(log, "$schema", json_string(STR(SCHEMA_URI)));
    json_set(log, "version", json_string(STR("2.1.0")));
    json_set(log, "runs", runs);
    report_append_json(out, log);
    vec_release(&run.rules);
    line_hashes_release(&run.hashes);
}

const struct report_format report_format_sarif = {.name = "sarif", .write = sarif_write};
