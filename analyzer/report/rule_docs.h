/* rule_docs: what reports link rules to. */
#ifndef REPORT_RULE_DOCS_H
#define REPORT_RULE_DOCS_H

#include "racelint/rules.h"

/* The address of the page that tells most about a rule's hazard; NULL where it has none. */
const char *rule_uri(const struct rule *rule);

#endif
