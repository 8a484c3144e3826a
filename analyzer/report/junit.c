/* junit: a JUnit XML report: a test suite per file, a failed test per finding, an error per diagnostic. Where there is
 * nothing to say one test passes, since an empty report counts as a broken one in many places. Only what every reader's
 * schema knows is written: so a test has no line but in its name. */
#include "report/formats.h"
#include "report/text_parts.h"
#include "report/xml.h"

static void add_attribute(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, " %s=\"", name);
    xml_add_attribute(out, value);
    buf_add_char(out, '"');
}

static void add_number(struct buf *out, const char *name, size_t value)
{
    buf_printf(out, " %s=\"%zu\"", name, value);
}

/* "pkg.cache" for pkg/cache.py: readers group by it. */
static void add_class_name(struct buf *out, struct str path)
{
    struct buf name = {0};
    if (str_ends(path, STR(".py"))) {
        path.len -= 3;
    }
    for (size_t i = 0; i < path.len; i++) {
        buf_add_char(&name, path.ptr[i] == '/' ? '.' : path.ptr[i]);
    }
    add_attribute(out, "classname", buf_str(&name));
    buf_release(&name);
}

/* The suite of a file while it is written. */
struct suite {
    struct buf *out;
    struct buf name;  /* of the last test, without its number */
    unsigned repeats; /* how many tests of that name there are: equal ones follow each other */
};

/* Opens a test. Its name tells it from the others of the file. */
static void open_case(struct suite *suite, struct str path, struct str name, uint32_t line, uint32_t column)
{
    struct buf whole = {0};
    buf_add(&whole, name);
    if (line > 0) {
        buf_printf(&whole, " at line %u", (unsigned)line);
    }
    if (column > 0) {
        buf_printf(&whole, ", column %u", (unsigned)column);
    }
    suite->repeats = str_equal(buf_str(&whole), buf_str(&suite->name)) ? suite->repeats + 1 : 1;
    buf_clear(&suite->name);
    buf_add(&suite->name, buf_str(&whole));
    if (suite->repeats > 1) {
        buf_printf(&whole, " (%u)", suite->repeats);
    }
    buf_add(suite->out, STR("    <testcase"));
    add_attribute(suite->out, "name", buf_str(&whole));
    add_class_name(suite->out, path);
    buf_add(suite->out, STR(">\n"));
    buf_release(&whole);
}

static void close_case(struct buf *out, const char *element, struct str type, struct str message, struct str body)
{
    buf_printf(out, "      <%s", element);
    add_attribute(out, "type", type);
    add_attribute(out, "message", message);
    buf_add_char(out, '>');
    xml_add_text(out, body);
    buf_printf(out, "</%s>\n    </testcase>\n", element);
}

static void add_finding(struct suite *suite, const struct finding *finding)
{
    struct buf name = {0}, message = {0}, body = {0};
    struct pen pen = {.out = &body};
    buf_printf(&name, "%s %s", finding->rule->code, finding->rule->name);
    report_add_message(&message, finding);
    text_finding(&pen, finding);
    open_case(suite, finding->where.path, buf_str(&name), finding->where.line, finding->where.column);
    close_case(suite->out, "failure", str_of(report_confidence_word(finding->confidence)), buf_str(&message),
               buf_str(&body));
    buf_release(&name);
    buf_release(&message);
    buf_release(&body);
}

static void add_diagnostic(struct suite *suite, const struct diagnostic *diagnostic)
{
    struct str code = str_of(diagnostic->code);
    open_case(suite, diagnostic->path, code, diagnostic->line, 0);
    close_case(suite->out, "error", code, diagnostic->message, diagnostic->message);
}

static void open_suite(struct buf *out, struct str name, struct str file, size_t tests, size_t failures, size_t errors)
{
    buf_add(out, STR("  <testsuite"));
    add_attribute(out, "name", name);
    if (file.len > 0) {
        add_attribute(out, "file", file);
    }
    add_number(out, "tests", tests);
    add_number(out, "failures", failures);
    add_number(out, "errors", errors);
    add_number(out, "skipped", 0);
    buf_add(out, STR(">\n"));
}

/* Writes the suite of the file that the next finding or diagnostic is about, whichever comes first in order of path. */
static void add_suite(struct buf *out, const struct report_input *input, size_t *finding, size_t *diagnostic)
{
    size_t findings = *finding, diagnostics = *diagnostic, diagnostic_count = diagnostics_count(input->diagnostics);
    struct str path = findings < input->finding_count ? input->findings[findings]->where.path
                                                      : diagnostics_at(input->diagnostics, diagnostics)->path;
    if (diagnostics < diagnostic_count &&
        str_compare(diagnostics_at(input->diagnostics, diagnostics)->path, path) < 0) {
        path = diagnostics_at(input->diagnostics, diagnostics)->path;
    }
    while (findings < input->finding_count && str_equal(input->findings[findings]->where.path, path)) {
        findings++;
    }
    while (diagnostics < diagnostic_count && str_equal(diagnostics_at(input->diagnostics, diagnostics)->path, path)) {
        diagnostics++;
    }
    struct suite suite = {.out = out};
    open_suite(out, path, path, findings - *finding + diagnostics - *diagnostic, findings - *finding,
               diagnostics - *diagnostic);
    for (; *diagnostic < diagnostics; ++*diagnostic) {
        add_diagnostic(&suite, diagnostics_at(input->diagnostics, *diagnostic));
    }
    for (; *finding < findings; ++*finding) {
        add_finding(&suite, input->findings[*finding]);
    }
    buf_add(out, STR("  </testsuite>\n"));
    buf_release(&suite.name);
}

static void junit_write(const struct report_input *input, char **out)
{
    size_t findings = input->finding_count, errors = diagnostics_count(input->diagnostics);
    size_t finding = 0, diagnostic = 0;
    bool nothing = findings + errors == 0;
    struct buf text = {0};

    buf_add(&text, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"));
    add_attribute(&text, "name", STR("racelint"));
    add_number(&text, "tests", nothing ? 1 : findings + errors);
    add_number(&text, "failures", findings);
    add_number(&text, "errors", errors);
    buf_add(&text, STR(">\n"));
    if (nothing) {
        open_suite(&text, STR("racelint"), STR(""), 1, 0, 0);
        buf_add(&text, STR("    <testcase name=\"no race hazards\" classname=\"racelint\"/>\n  </testsuite>\n"));
    }
    while (finding < findings || diagnostic < errors) {
        add_suite(&text, input, &finding, &diagnostic);
    }
    buf_add(&text, STR("</testsuites>\n"));
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_junit = {.name = "junit", .write = junit_write};
