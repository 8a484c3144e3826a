#include "cli/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* One rule's findings. */
struct count {
    const struct rule *rule; /* NULL: of all rules */
    uint32_t findings;
    uint32_t by_confidence[3]; /* indexed by enum confidence */
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
        json_set(item, "high", json_integer(counts[i].by_confidence[CONFIDENCE_HIGH]));
        json_set(item, "medium", json_integer(counts[i].by_confidence[CONFIDENCE_MEDIUM]));
        json_set(item, "low", json_integer(counts[i].by_confidence[CONFIDENCE_LOW]));
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

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* One line of the table; the name fills its column. */
static void print_row(const struct count *count, size_t width, struct buf *out)
{
    const uint32_t *by = count->by_confidence;
    const char *code = count->rule != NULL ? count->rule->code : "all";

    buf_printf(out, "%-5s  %-*s  %6u  %6u  %6u  %6u\n", code, (int)width, count->rule != NULL ? count->rule->name : "",
               (unsigned)by[CONFIDENCE_HIGH], (unsigned)by[CONFIDENCE_MEDIUM], (unsigned)by[CONFIDENCE_LOW],
               (unsigned)count->findings);
}

static void print_table(const struct count *counts, size_t rules, struct buf *out)
{
    struct count all = {0};
    size_t width = strlen("name");

    for (size_t i = 0; i < rules && counts[i].findings > 0; i++) {
        width = larger(width, strlen(counts[i].rule->name));
        all.findings += counts[i].findings;
        for (size_t level = 0; level < 3; level++) {
            all.by_confidence[level] += counts[i].by_confidence[level];
        }
    }
    buf_printf(out, "%-5s  %-*s  %6s  %6s  %6s  %6s\n", "rule", (int)width, "name", "high", "medium", "low", "all");
    for (size_t i = 0; i < rules && counts[i].findings > 0; i++) {
        print_row(&counts[i], width, out);
    }
    print_row(&all, width, out);
}

void statistics_print(const struct filtered *filtered, bool as_json, struct buf *out)
{
    size_t rules = rules_count();
    struct count *counts = memory_new((rules + 1) * sizeof *counts);

    for (size_t i = 0; i < rules; i++) {
        counts[i].rule = rules_at(i);
        for (size_t j = 0; j < filtered->count; j++) {
            const struct finding *finding = filtered->findings[j];
            counts[i].findings += finding->rule == counts[i].rule;
            counts[i].by_confidence[finding->confidence] += finding->rule == counts[i].rule;
        }
    }
    qsort(counts, rules, sizeof *counts, compare_counts);
    if (as_json) {
        print_json(counts, rules, filtered->count, out);
    } else {
        print_table(counts, rules, out);
    }
    free(counts);
}
