/* rules: the registry. A rule is in it by its line in rules.def. */
#include "rules/list.h"

enum {
#define RULE(code) INDEX_##code,
#include "rules/rules.def"
#undef RULE
    RULE_COUNT
};

static const struct rule *const all_rules[] = {
#define RULE(code) [INDEX_##code] = &rule_##code,
#include "rules/rules.def"
#undef RULE
};

_Static_assert(sizeof all_rules / sizeof all_rules[0] == RULE_COUNT, "one constant for each line of rules.def");

size_t rules_count(void)
{
    return RULE_COUNT;
}

const struct rule *rules_at(size_t index)
{
    if (index >= RULE_COUNT) {
        BUG("there is no rule number %zu", index);
    }
    return all_rules[index];
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool equal_in_any_case(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (upper(a.ptr[i]) != upper(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

const struct rule *rules_find(struct str code_or_name)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        if (equal_in_any_case(code_or_name, str_of(rule->code)) || str_equal(code_or_name, str_of(rule->name))) {
            return rule;
        }
    }
    return NULL;
}
