/* sarif_parts: the pieces of a SARIF 2.1.0 log, and the limits that GitHub's code scanning sets to one. */
#ifndef REPORT_SARIF_PARTS_H
#define REPORT_SARIF_PARTS_H

#include "base/json.h"
#include "base/vec.h"
#include "racelint/report.h"
#include "report/linehash.h"

enum {
    SARIF_RESULTS_MAX = 25000,    /* per run */
    SARIF_LOCATIONS_MAX = 1000,   /* per result, its own one included */
    SARIF_FLOW_STEPS_MAX = 10000, /* thread-flow locations per result */
    SARIF_DESCRIPTION_MAX = 1024, /* characters of a rule's description */
    SARIF_TAGS_MAX = 20           /* per rule */
};

/* One run while it is written. */
struct sarif_run {
    VEC(const struct rule *) rules; /* those of the findings, each once, in order of code: ruleIndex counts them */
    struct line_hashes hashes;      /* of the file `hashed` */
    const struct source_file *hashed;
    bool compared;                     /* with a baseline: the results are new */
    uint64_t cut_locations, cut_steps; /* left out because of the limits */
};

/* {"text": …} */
struct json *sarif_message(struct str text);
/* A physicalLocation: the whole region, or only its first line where `line_only`, or only the file where the line is 0.
 */
struct json *sarif_physical_location(const struct finding_range *where, bool line_only);

/* The description of a rule for tool.driver.rules. */
struct json *sarif_rule(const struct rule *rule);
/* One result. */
struct json *sarif_result(struct sarif_run *run, const struct finding *finding);
/* The fixes of a finding that has edits. */
struct json *sarif_fixes(const struct finding_fix *fix);
/* The code flows of a finding that has steps. */
struct json *sarif_code_flows(struct sarif_run *run, const struct finding *finding);

#endif
