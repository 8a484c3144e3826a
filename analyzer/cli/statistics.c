#include "cli/statistics.h"

#include <stdlib.h>

#include "base/json.h"

/* One rule's findings. */
struct count {
    const struct rule *rule;
    uint32_t findings;
};

bool statistics_have(struct str format)
{
    return str_equal(format, STR("text")) || str_equal(format, STR("concise")) || str_equal(format, STR("json"));
}

static int compare_counts(const void *left, const void *right)
{
    const struct count *a = left;
    const struct count *b = right;

    if (a->findings != b->findings) {
        return a->findings < b->findings ? 1 : -1;
    }
    return str_compare(str_of(a->rule->code), str_of(b->rule->code));
}

static void print_json(const struct count *counts, size_t rules, size_t findings, struct buf *out)
{
    struct json *root = json_object(), *list = json_array();

    for (size_t i = 0; i < rules && counts[i].findings > 0; i++) {
        struct json *item = json_object();
        json_set(item, "rule", json_string(str_of(counts[i].rule->code)));
        json_set(item, "name", json_string(str_of(counts[i].rule->name)));
        json_set(item, "findings", json_integer(counts[i].findings));
        json_push(list, item);
    }
    json_set(root, "schema", json_integer(1));
    json_set(root, "statistics", list);
    json_set(root, "findings", json_integer((int64_t)findings));
    char *text = json_print(root, true);
    buf_printf(out, "%s\n", text);
    free(text);
    json_free(root);
}

void statistics_print(const struct filtered *filtered, bool as_json, struct buf *out)
{
    size_t rules = rules_count();
    struct count *counts = memory_new((rules + 1) * sizeof *counts);

    for (size_t i = 0; i < rules; i++) {
        counts[i].rule = rules_at(i);
        for (size_t j = 0; j < filtered->count; j++) {
            counts[i].findings += filtered->findings[j]->rule == counts[i].rule;
        }
    }
    qsort(counts, rules, sizeof *counts, compare_counts);
    if (as_json) {
        print_json(counts, rules, filtered->count, out);
    } else {
        for (size_t i = 0; i < rules && counts[i].findings > 0; i++) {
            buf_printf(out, "%6u  %s  %s\n", (unsigned)counts[i].findings, counts[i].rule->code, counts[i].rule->name);
        }
        buf_printf(out, "%6zu  in all\n", filtered->count);
    }
    free(counts);
}
