#include <stdlib.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "racelint/report.h"

/* The rules asked for, in the order in which they were; false, with a message printed, where one does not exist. */
static bool find_rules(const struct settings *settings, const struct rule **rules, size_t *count)
{
    bool all = settings->operands.count == 0 || settings->all_rules;

    *count = 0;
    for (size_t i = 0; all && i < rules_count(); i++) {
        rules[(*count)++] = rules_at(i);
    }
    for (size_t i = 0; i < settings->operands.count; i++) {
        struct str wanted = settings->operands.items[i];
        const struct rule *rule = rules_find(wanted);
        if (rule == NULL) {
            struct buf shown = {0};
            message_add_path(&shown, wanted);
            struct buf hint = {0};
            selector_suggest(wanted, &hint);
            if (hint.len == 0) {
                buf_add(&hint, STR("; 'racelint rule' lists them"));
            }
            message_error("there is no rule '%s'%s", shown.len > 0 ? shown.ptr : "", hint.ptr);
            buf_release(&shown);
            buf_release(&hint);
            return false;
        }
        if (!all) {
            rules[(*count)++] = rule;
        }
    }
    return true;
}

static void print_list(const struct rule *const *rules, size_t count, struct buf *out)
{
    int width = 0;

    for (size_t i = 0; i < count; i++) {
        int length = (int)str_of(rules[i]->name).len;
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s  %-*s  %s%s\n", rules[i]->code, width, rules[i]->name, rules[i]->summary,
                   rules[i]->opt_in ? " (off unless selected)" : "");
    }
}

static void print_each(const struct rule *const *rules, size_t count,
                       void (*print)(const struct rule *rule, char **out), struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        print(rules[i], &text);
        buf_printf(out, "%s%s", i > 0 ? "\n" : "", text != NULL ? text : "");
        free(text);
    }
}

int command_rule(const struct settings *settings)
{
    const struct rule **rules = memory_new((rules_count() + settings->operands.count + 1) * sizeof *rules);
    struct buf out = {0};
    char *json = NULL;
    size_t count;
    int status = EXIT_TROUBLE;

    if (find_rules(settings, rules, &count)) {
        if (settings->rule_format == RULE_FORMAT_JSON) {
            report_rules_json(rules, count, &json);
            buf_add(&out, str_of(json));
            free(json);
        } else if (settings->rule_format == RULE_FORMAT_MARKDOWN) {
            print_each(rules, count, report_rule_markdown, &out);
        } else if (settings->operands.count == 0 && !settings->all_rules) {
            print_list(rules, count, &out);
        } else {
            print_each(rules, count, report_rule_text, &out);
        }
        status = output_result(buf_str(&out), settings->output_file) ? EXIT_NOTHING : EXIT_TROUBLE;
    }
    buf_release(&out);
    free(rules);
    return status;
}
