/* report: findings to text. One file per format in analyzer/report/; none of them sees the IR or the program. */
#ifndef RACELINT_REPORT_H
#define RACELINT_REPORT_H

#include "racelint/rules.h"

struct report_summary {
    uint32_t files, lines, unparsed, findings, suppressed, hidden_low, roots;
    uint32_t baselined; /* findings that are not reported because the baseline holds them */
    uint32_t gone;      /* findings that the baseline holds, and that are no longer there */
    uint32_t unchanged; /* findings that are not reported because none of their lines changed */
};

struct report_input {
    const struct finding *const *findings; /* already filtered, in order */
    size_t finding_count;
    const struct diagnostics *diagnostics; /* never NULL; for programs only: people see them on standard error */
    struct report_summary summary;
    struct str root;  /* absolute path of the project root, for SARIF's SRCROOT */
    struct str here;  /* the folder that people see paths from (text and concise); empty: the root */
    struct str prefix; /* the root as seen from the top of its repository: empty, or "services/shop/" */
    bool color;       /* ANSI colours (text and concise only) */
    bool links;       /* codes are hyperlinks to documentation (the same) */
    uint32_t width;   /* columns of the terminal that shows the report; 0: there is none */
    bool quiet;       /* no summary line */
    bool compared;    /* there is a baseline, and what is reported is new to it */
};

struct report_format {
    const char *name; /* "text" */
    /* Appends the report to *out (malloc memory, NUL-terminated; NULL at first). */
    void (*write)(const struct report_input *input, char **out);
};

const struct report_format *report_find(struct str name); /* NULL where none */
size_t report_count(void);
const struct report_format *report_at(size_t index);

/* Rule documentation, for `racelint rule`: text, json or markdown. */
void report_rule_text(const struct rule *rule, char **out);
void report_rules_json(const struct rule *const *rules, size_t count, char **out);
void report_rule_markdown(const struct rule *rule, char **out);
void report_rules_man(const struct rule *const *rules, size_t count, char **out); /* the source of racelint-rules(7) */

#endif
