#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "report/formats.h"
#include "report/rule_docs.h"
#include "report/sarif_parts.h"

/* The text as a sentence, as SARIF wants it, cut at the limit of descriptions. */
static struct json *description(struct str text)
{
    static const struct str dots = {"...", 3};
    struct buf sentence = {0};
    size_t characters = 0, end = 0;
    report_add_sentence(&sentence, text);
    for (size_t i = 0; i < sentence.len; i++) {
        characters += ((unsigned char)sentence.ptr[i] & 0xC0) != 0x80;
        end = characters <= SARIF_DESCRIPTION_MAX - dots.len ? i + 1 : end;
    }
    if (characters > SARIF_DESCRIPTION_MAX) {
        struct buf cut = {0};
        buf_add(&cut, str_slice(buf_str(&sentence), 0, end));
        buf_add(&cut, dots);
        buf_release(&sentence);
        sentence = cut;
    }
    struct json *message = sarif_message(buf_str(&sentence));
    buf_release(&sentence);
    return message;
}

/* The first paragraph of the explanation; the summary where that begins with something else than prose. */
static struct str first_paragraph(const struct rule *rule)
{
    struct str text = str_trim(str_of(rule->explanation));
    struct str paragraph = str_slice(text, 0, str_find(text, STR("\n\n")));
    if (paragraph.len == 0 || str_starts(paragraph, STR("```")) || str_starts(paragraph, STR("#"))) {
        return str_of(rule->summary);
    }
    return paragraph;
}

static struct json *help_json(const struct rule *rule)
{
    struct json *help = json_object();
    char *text = NULL, *markdown = NULL;
    report_rule_text(rule, &text);
    report_rule_markdown(rule, &markdown);
    json_set(help, "text", json_string(str_of(text)));
    json_set(help, "markdown", json_string(str_of(markdown)));
    free(text);
    free(markdown);
    return help;
}

/* Tags as code scanning knows them: "external/cwe/cwe-362". */
static struct json *tags_json(const struct rule *rule)
{
    struct json *tags = json_array();
    static const char *const general[] = {"concurrency", "correctness", "python"};
    size_t count = 0;
    for (; count < sizeof general / sizeof *general; count++) {
        json_push(tags, json_string(str_of(general[count])));
    }
    for (const char *const *cwe = rule->cwes; cwe != NULL && *cwe != NULL && count < SARIF_TAGS_MAX; cwe++, count++) {
        struct buf tag = {0};
        buf_add(&tag, STR("external/cwe/"));
        for (const char *c = *cwe; *c != '\0'; c++) {
            buf_add_char(&tag, (char)tolower((unsigned char)*c));
        }
        json_push(tags, json_string(buf_str(&tag)));
        buf_release(&tag);
    }
    return tags;
}

struct json *sarif_rule(const struct rule *rule)
{
    struct json *object = json_object();
    json_set(object, "id", json_string(str_of(rule->code)));
    json_set(object, "name", json_string(str_of(rule->name)));
    json_set(object, "shortDescription", description(str_of(rule->summary)));
    json_set(object, "fullDescription", description(first_paragraph(rule)));
    json_set(object, "help", help_json(rule));
    if (rule_uri(rule) != NULL) {
        json_set(object, "helpUri", json_string(str_of(rule_uri(rule))));
    }
    struct json *configuration = json_object();
    json_set(configuration, "enabled", json_bool(!rule->opt_in));
    json_set(configuration, "level", json_string(STR("warning")));
    json_set(object, "defaultConfiguration", configuration);
    struct json *properties = json_object();
    json_set(properties, "tags", tags_json(rule));
    json_set(properties, "precision", json_string(rule->opt_in ? STR("medium") : STR("high")));
    json_set(properties, "problem.severity", json_string(STR("warning")));
    json_set(object, "properties", properties);
    return object;
}
