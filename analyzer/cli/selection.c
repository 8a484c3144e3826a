#include "cli/selection.h"

#include <stddef.h>
#include <stdlib.h>

#include "cli/message.h"
#include "settings/config.h"
#include "settings/suggest.h"
#include "source/gitignore.h"

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

/* Says that a rule does not exist, and where it was named. */
static void say_unknown(const char *key, struct str selector, const struct setting_place *place)
{
    struct buf where = {0}, text = {0}, shown = {0};

    if (place->layer == LAYER_COMMAND_LINE) {
        buf_printf(&where, "option '--%s'", key);
    } else {
        place_print(place, &where);
        buf_printf(&where, ": %s", key);
    }
    buf_printf(&text, "%s: there is no rule '%.*s'", where.ptr, STR_FMT(selector));
    selector_suggest(selector, &text);
    message_add_path(&shown, buf_str(&text));
    message_error("%s", shown.ptr);
    buf_release(&where);
    buf_release(&text);
    buf_release(&shown);
}

static bool check_selectors(const char *key, const struct str_list *selectors)
{
    bool good = true;

    for (size_t i = 0; i < selectors->count; i++) {
        if (!selector_is_known(selectors->items[i])) {
            say_unknown(key, selectors->items[i], &selectors->places[i]);
            good = false;
        }
    }
    return good;
}

static bool check_settings(const struct settings *settings)
{
    bool good = check_selectors("select", &settings->select);

    good = check_selectors("extend-select", &settings->extend_select) && good;
    good = check_selectors("ignore", &settings->ignore) && good;
    for (size_t i = 0; i < settings->per_file_ignores.count; i++) {
        good = check_selectors("per-file-ignores", &settings->per_file_ignores.items[i].rules) && good;
    }
    return good;
}

/* How well a list of selectors names a rule, and who said so. */
struct naming {
    unsigned exactness; /* as of selector_exactness; 0: not at all */
    enum setting_layer layer;
};

/* The best of the selectors that `lowest` and the layers above it said. */
static struct naming best_naming(const struct str_list *selectors, const struct rule *rule, enum setting_layer lowest)
{
    struct naming best = {0, LAYER_PRESET};

    for (size_t i = 0; i < selectors->count; i++) {
        enum setting_layer layer = selectors->places[i].layer;
        unsigned exactness = layer >= lowest ? selector_exactness(selectors->items[i], rule) : 0;
        if (exactness > best.exactness || (exactness == best.exactness && exactness > 0 && layer > best.layer)) {
            best = (struct naming){exactness, layer};
        }
    }
    return best;
}

static bool is_better(struct naming a, struct naming b)
{
    return a.exactness > b.exactness || (a.exactness == b.exactness && a.layer > b.layer);
}

uint8_t *selection_of(const struct settings *settings)
{
    if (!check_settings(settings)) {
        return NULL;
    }
    /* Who selects anew goes before what the layers below added and ignored. */
    enum setting_layer layer = settings->places[option_of_field(offsetof(struct settings, select))].layer;
    uint8_t *enabled = memory_new((rules_count() + 1) * sizeof *enabled);
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        struct naming wanted = best_naming(&settings->select, rule, layer);
        struct naming added = best_naming(&settings->extend_select, rule, layer);
        struct naming unwanted = best_naming(&settings->ignore, rule, layer);
        bool by_default = layer == LAYER_PRESET && !rule->opt_in;
        wanted = is_better(added, wanted) ? added : wanted;
        bool selected = wanted.exactness > 0 && is_better(wanted, unwanted);
        enabled[i] = selected ? RULE_SELECTED : by_default && unwanted.exactness == 0 ? RULE_ON : RULE_OFF;
    }
    return enabled;
}

bool selection_ignores(const struct settings *settings, const struct rule *rule)
{
    return best_naming(&settings->ignore, rule, LAYER_PRESET).exactness > 1;
}

/* ---- per-file-ignores ---- */

struct file_ignores {
    struct arena *arena;
    const struct file_rules_list *list;
    const struct gitignore **patterns; /* of each line of the list */
};

struct file_ignores *file_ignores_new(const struct settings *settings)
{
    struct file_ignores *ignores = memory_new(sizeof *ignores);
    const struct file_rules_list *list = &settings->per_file_ignores;

    *ignores = (struct file_ignores){.arena = arena_new(), .list = list};
    ignores->patterns = arena_array(ignores->arena, list->count + 1, sizeof *ignores->patterns);
    for (size_t i = 0; i < list->count; i++) {
        bool negated = list->items[i].pattern.ptr[0] == '!';
        struct str pattern = str_slice(list->items[i].pattern, negated ? 1 : 0, list->items[i].pattern.len);
        ignores->patterns[i] = gitignore_from_list(ignores->arena, &pattern, 1);
    }
    return ignores;
}

void file_ignores_free(struct file_ignores *ignores)
{
    arena_free(ignores->arena);
    free(ignores);
}

/* Whether the pattern names the file or a folder around it. */
static bool names_file(const struct gitignore *patterns, struct str path)
{
    bool is_folder = false;

    for (struct str at = path; at.len > 0; is_folder = true) {
        if (gitignore_match(patterns, at, is_folder) == GITIGNORE_IGNORED) {
            return true;
        }
        size_t slash = str_rfind_char(at, '/');
        at = slash == SIZE_MAX ? STR("") : str_slice(at, 0, slash);
    }
    return false;
}

bool file_ignores_cover(const struct file_ignores *ignores, struct str path, const struct rule *rule)
{
    for (size_t i = 0; i < ignores->list->count; i++) {
        const struct file_rules *line = &ignores->list->items[i];
        bool negated = line->pattern.ptr[0] == '!';
        for (size_t k = 0; k < line->rules.count; k++) {
            if (selector_exactness(line->rules.items[k], rule) > 0 &&
                names_file(ignores->patterns[i], path) != negated) {
                return true;
            }
        }
    }
    return false;
}
