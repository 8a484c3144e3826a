/* rule_docs: the documentation that each rule carries, for terminals, programs and web pages. */
#include "report/rule_docs.h"

#include "base/buf.h"
#include "report/formats.h"
#include "report/style.h"
#include "report/wrap.h"

#define DOCS_INDENT 2

const char *rule_uri(const struct rule *rule)
{
    for (const char *const *item = rule->references; item != NULL && *item != NULL; item++) {
        if (str_starts(str_of(*item), STR("https://")) || str_starts(str_of(*item), STR("http://"))) {
            return *item;
        }
    }
    return NULL;
}

static bool is_given(const char *text)
{
    return text != NULL && str_trim(str_of(text)).len > 0;
}

static void text_section(struct buf *out, const char *title, const char *text, bool code)
{
    struct str rest = str_of(text);
    if (!is_given(text)) {
        return;
    }
    buf_printf(out, "\n%s\n", title);
    if (!code) {
        wrap_markdown(out, rest, DOCS_INDENT);
        return;
    }
    while (rest.len > 0 && rest.ptr[0] == '\n') {
        rest = str_slice(rest, 1, rest.len);
    }
    while (str_ends(rest, STR("\n"))) {
        rest.len--;
    }
    while (rest.len > 0) {
        size_t end = str_find(rest, STR("\n"));
        struct str line = str_slice(rest, 0, end);
        buf_printf(out, "%s%.*s\n", line.len > 0 ? "    " : "", STR_FMT(line));
        rest = str_slice(rest, end == SIZE_MAX ? rest.len : end + 1, rest.len);
    }
}

static void text_list(struct buf *out, const char *title, const char *const *items)
{
    if (items == NULL || items[0] == NULL) {
        return;
    }
    buf_printf(out, "\n%s\n", title);
    for (; *items != NULL; items++) {
        buf_printf(out, "%*s%s\n", DOCS_INDENT, "", *items);
    }
}

void report_rule_text(const struct rule *rule, char **out)
{
    struct buf text = {0}, summary = {0};
    buf_printf(&text, "%s %s\n", rule->code, rule->name);
    buf_printf(&text, "%*s", DOCS_INDENT, "");
    report_add_sentence(&summary, str_of(rule->summary));
    wrap_add(&text, buf_str(&summary), DOCS_INDENT, DOCS_INDENT, STYLE_WIDTH);
    buf_release(&summary);
    buf_add_char(&text, '\n');
    if (rule->opt_in) {
        buf_printf(&text, "%*sOff unless it is selected.\n", DOCS_INDENT, "");
    }
    text_section(&text, "What goes wrong", rule->explanation, false);
    text_section(&text, "Bad", rule->bad, true);
    text_section(&text, "Good", rule->good, true);
    text_section(&text, "How to fix it", rule->fix, false);
    text_list(&text, "Weaknesses", rule->cwes);
    text_list(&text, "References", rule->references);
    report_append(out, buf_str(&text));
    buf_release(&text);
}

static struct json *list_json(const char *const *items)
{
    struct json *list = json_array();
    for (; items != NULL && *items != NULL; items++) {
        json_push(list, json_string(str_of(*items)));
    }
    return list;
}

/* What the examples are written in. */
static const char *language_of(const struct rule *rule)
{
    return rule->language != NULL ? rule->language : "python";
}

void report_rules_json(const struct rule *const *rules, size_t count, char **out)
{
    struct json *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = rules[i];
        struct json *object = json_object();
        json_set(object, "code", json_string(str_of(rule->code)));
        json_set(object, "name", json_string(str_of(rule->name)));
        json_set(object, "summary", json_string(str_of(rule->summary)));
        json_set(object, "explanation", json_string(str_of(rule->explanation)));
        json_set(object, "language", json_string(str_of(language_of(rule))));
        json_set(object, "bad", json_string(str_of(rule->bad)));
        json_set(object, "good", json_string(str_of(rule->good)));
        json_set(object, "fix", json_string(str_of(rule->fix)));
        json_set(object, "cwes", list_json(rule->cwes));
        json_set(object, "references", list_json(rule->references));
        json_set(object, "opt_in", json_bool(rule->opt_in));
        json_push(list, object);
    }
    report_append_json(out, list);
}

static void markdown_section(struct buf *out, const char *title, const char *text, const char *fence)
{
    if (is_given(text)) {
        struct str body = str_trim(str_of(text));
        buf_printf(out, "\n## %s\n\n", title);
        if (fence != NULL) {
            buf_printf(out, "```%s\n%.*s\n```\n", fence, STR_FMT(body));
        } else {
            buf_printf(out, "%.*s\n", STR_FMT(body));
        }
    }
}

/* A weakness links to its entry in the CWE list, a web address to itself. */
static void markdown_reference(struct buf *out, const char *reference)
{
    struct str text = str_of(reference);
    struct str cwe = STR("CWE-");
    if (str_starts(text, cwe)) {
        struct str number = str_slice(text, cwe.len, text.len);
        buf_printf(out, "- [%s](https://cwe.mitre.org/data/definitions/%.*s.html)\n", reference, STR_FMT(number));
    } else if (str_starts(text, STR("http://")) || str_starts(text, STR("https://"))) {
        buf_printf(out, "- <%s>\n", reference);
    } else {
        buf_printf(out, "- %s\n", reference);
    }
}

void report_rule_markdown(const struct rule *rule, char **out)
{
    struct buf text = {0};
    bool any_cwe = rule->cwes != NULL && rule->cwes[0] != NULL;
    bool any_reference = rule->references != NULL && rule->references[0] != NULL;
    buf_printf(&text, "# %s (%s)\n\n", rule->name, rule->code);
    report_add_sentence(&text, str_of(rule->summary));
    buf_add_char(&text, '\n');
    if (rule->opt_in) {
        buf_add(&text, STR("\nThis rule is off unless it is selected.\n"));
    }
    markdown_section(&text, "What goes wrong", rule->explanation, NULL);
    markdown_section(&text, "Bad", rule->bad, language_of(rule));
    markdown_section(&text, "Good", rule->good, language_of(rule));
    markdown_section(&text, "How to fix it", rule->fix, NULL);
    if (any_cwe || any_reference) {
        buf_add(&text, STR("\n## References\n\n"));
    }
    for (const char *const *item = rule->cwes; any_cwe && *item != NULL; item++) {
        markdown_reference(&text, *item);
    }
    for (const char *const *item = rule->references; any_reference && *item != NULL; item++) {
        markdown_reference(&text, *item);
    }
    report_append(out, buf_str(&text));
    buf_release(&text);
}
