#include "cli/selection.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "settings/suggest.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_any_case(struct str s, struct str prefix)
{
    for (size_t i = 0; i < prefix.len; i++) {
        if (i == s.len || lower(s.ptr[i]) != lower(prefix.ptr[i])) {
            return false;
        }
    }
    return true;
}

unsigned selector_exactness(struct str selector, const struct rule *rule)
{
    struct str code = str_of(rule->code), name = str_of(rule->name);

    if (selector.len == 3 && starts_any_case(selector, STR("all"))) {
        return 1;
    }
    if (selector.len == name.len && starts_any_case(name, selector)) {
        return (unsigned)code.len;
    }
    return selector.len > 1 && starts_any_case(code, selector) ? (unsigned)selector.len : 0;
}

bool selector_is_known(struct str selector)
{
    for (size_t i = 0; i < rules_count(); i++) {
        if (selector_exactness(selector, rules_at(i)) > 0) {
            return true;
        }
    }
    return false;
}

void selector_suggest(struct str selector, struct buf *out)
{
    struct suggestion suggestion = suggestion_of(selector);

    for (size_t i = 0; i < rules_count(); i++) {
        suggestion_offer(&suggestion, str_of(rules_at(i)->code));
        suggestion_offer(&suggestion, str_of(rules_at(i)->name));
    }
    struct str best = suggestion_best(&suggestion);
    if (best.len > 0) {
        buf_printf(out, "; did you mean '%.*s'?", STR_FMT(best));
    }
}

static bool check_selectors(const char *option, const struct str_list *selectors)
{
    for (size_t i = 0; i < selectors->count; i++) {
        struct str selector = selectors->items[i];
        if (!selector_is_known(selector)) {
            struct buf hint = {0}, shown = {0};
            message_add_path(&shown, selector);
            buf_add(&hint, STR(""));
            selector_suggest(selector, &hint);
            message_error("option '--%s': there is no rule '%s'%s", option, shown.ptr, hint.ptr);
            buf_release(&hint);
            buf_release(&shown);
            return false;
        }
    }
    return true;
}

static unsigned best_exactness(const struct str_list *selectors, const struct rule *rule)
{
    unsigned best = 0;

    for (size_t i = 0; i < selectors->count; i++) {
        unsigned exactness = selector_exactness(selectors->items[i], rule);
        best = exactness > best ? exactness : best;
    }
    return best;
}

bool *selection_of(const struct settings *settings)
{
    if (!check_selectors("select", &settings->select) || !check_selectors("extend-select", &settings->extend_select) ||
        !check_selectors("ignore", &settings->ignore)) {
        return NULL;
    }
    bool *enabled = memory_new((rules_count() + 1) * sizeof *enabled);
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        unsigned wanted = best_exactness(&settings->select, rule);
        unsigned added = best_exactness(&settings->extend_select, rule);
        unsigned unwanted = best_exactness(&settings->ignore, rule);
        bool by_default = settings->select.count == 0 && !rule->opt_in;
        wanted = added > wanted ? added : wanted;
        enabled[i] = (wanted > 0 && wanted > unwanted) || (by_default && unwanted == 0);
    }
    return enabled;
}
