/* list: every rule of rules.def, by name. */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include "racelint/rules.h"

#define RULE(code) extern const struct rule rule_##code;
#include "rules/rules.def"
#undef RULE

#endif
