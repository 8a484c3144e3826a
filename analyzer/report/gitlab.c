/* gitlab: a Code Quality report, for the widget of merge requests. Paths are those of the repository. */
#include "base/hash.h"
#include "report/formats.h"

enum { HASH_SIZE = 16 + 1 };

static struct json *location_json(const struct report_input *input, struct str path, uint32_t line, uint32_t end_line)
{
    struct json *location = json_object(), *lines = json_object();
    struct buf whole = {0};
    if (!str_starts(path, STR("/"))) {
        buf_add(&whole, input->prefix);
    }
    buf_add(&whole, path);
    json_set(lines, "begin", json_integer(line > 0 ? line : 1));
    json_set(lines, "end", json_integer(end_line > line ? end_line : line > 0 ? line : 1));
    json_set(location, "path", json_string(buf_str(&whole)));
    json_set(location, "lines", lines);
    buf_release(&whole);
    return location;
}

static struct json *issue_json(struct str check, struct str description, const char *severity, struct str fingerprint,
                               struct json *location)
{
    struct json *issue = json_object(), *categories = json_array();
    json_set(issue, "type", json_string(STR("issue")));
    json_set(issue, "check_name", json_string(check));
    json_set(issue, "description", json_string(description));
    json_push(categories, json_string(STR("Bug Risk")));
    json_set(issue, "categories", categories);
    json_set(issue, "severity", json_string(str_of(severity)));
    json_set(issue, "fingerprint", json_string(fingerprint));
    json_set(issue, "location", location);
    return issue;
}

static struct json *finding_issue(const struct report_input *input, const struct finding *finding)
{
    static const char *const severities[] = {
        [CONFIDENCE_LOW] = "minor", [CONFIDENCE_MEDIUM] = "major", [CONFIDENCE_HIGH] = "critical"};
    struct buf description = {0};
    buf_printf(&description, "%s %s: ", finding->rule->code, finding->rule->name);
    report_add_sentence(&description, finding->message);
    struct json *issue = issue_json(
        str_of(finding->rule->code), buf_str(&description), severities[finding->confidence], finding->fingerprint,
        location_json(input, finding->where.path, finding->where.line, finding->where.end_line));
    if (finding->fix.message.len > 0) {
        struct json *content = json_object();
        buf_clear(&description);
        buf_add(&description, STR("Fix: "));
        report_add_sentence(&description, finding->fix.message);
        json_set(content, "body", json_string(buf_str(&description)));
        json_set(issue, "content", content);
    }
    buf_release(&description);
    return issue;
}

/* A diagnostic is known by its file and what it says; where it stands may change. */
static struct json *diagnostic_issue(const struct report_input *input, const struct diagnostic *diagnostic)
{
    struct str code = str_of(diagnostic->code);
    struct buf description = {0}, fingerprint = {0};
    uint64_t hash = hash_mix(hash_bytes(diagnostic->path.ptr, diagnostic->path.len), hash_bytes(code.ptr, code.len));
    hash = hash_mix(hash, hash_bytes(diagnostic->message.ptr, diagnostic->message.len));
    buf_printf(&fingerprint, "%016llx", (unsigned long long)hash);
    buf_printf(&description, "%s: ", diagnostic->code);
    report_add_sentence(&description, diagnostic->message);
    struct json *issue = issue_json(code, buf_str(&description), code.ptr[4] == '1' ? "major" : "minor",
                                    buf_str(&fingerprint), location_json(input, diagnostic->path, diagnostic->line, 0));
    buf_release(&description);
    buf_release(&fingerprint);
    return issue;
}

static void gitlab_write(const struct report_input *input, char **out)
{
    struct json *issues = json_array();
    for (size_t i = 0; i < input->finding_count; i++) {
        json_push(issues, finding_issue(input, input->findings[i]));
    }
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        json_push(issues, diagnostic_issue(input, diagnostics_at(input->diagnostics, i)));
    }
    report_append_json(out, issues);
}

const struct report_format report_format_gitlab = {.name = "gitlab", .write = gitlab_write};
