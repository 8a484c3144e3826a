/* What a module says of itself: docstrings, __all__, the __main__ guard. */
#include "frontend/python/lower.h"

#include "frontend/python/names.h"

/* ---- docstrings ---- */

static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
    c = lower_case(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '\'' || (unsigned char)c >= 0x80;
}

/* Whether `word` (lower case) stands at an offset, in any case of letters. */
static bool word_at(struct str s, size_t at, struct str word)
{
    if (at > s.len || s.len - at < word.len) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        if (lower_case(s.ptr[at + i]) != word.ptr[i]) {
            return false;
        }
    }
    return true;
}

/* The offset of the second half of "thread-safe", "thread safe" or "threadsafe" behind "thread". */
static size_t skip_joint(struct str s, size_t at)
{
    if (at < s.len && s.ptr[at] == '-') {
        at++;
    }
    while (at < s.len && is_blank(s.ptr[at])) {
        at++;
    }
    return at;
}

/* Whether one of the few words before an offset, within the sentence, turns its meaning round. */
static bool is_negated(struct str s, size_t at)
{
    static const struct str negations[] = {{"not", 3},     {"non", 3},    {"never", 5},  {"no", 2},
                                           {"neither", 7}, {"nor", 3},    {"isn't", 5},  {"aren't", 6},
                                           {"without", 7}, {"cannot", 6}, {"nothing", 7}};

    for (unsigned words = 0; words < 4; words++) {
        while (at > 0 && !is_word(s.ptr[at - 1])) {
            at--;
            if (s.ptr[at] == '.' || s.ptr[at] == ';' || s.ptr[at] == ':' || s.ptr[at] == '(' || s.ptr[at] == ',') {
                return false;
            }
        }
        size_t end = at;
        while (at > 0 && is_word(s.ptr[at - 1])) {
            at--;
        }
        at += at < end && s.ptr[at] == '\''; /* a quote, not an apostrophe */
        for (size_t i = 0; i < sizeof negations / sizeof negations[0]; i++) {
            if (end - at == negations[i].len && word_at(s, at, negations[i])) {
                return true;
            }
        }
    }
    return false;
}

/* The offset of the next "thread" from an offset on, in any case of letters, or s.len. Letters are looked at from
 * behind: one that is none of the word's lets the whole word be skipped. */
static size_t find_thread(struct str s, size_t at)
{
    static const uint8_t steps[] = {['t'] = 5, ['h'] = 4, ['r'] = 3, ['e'] = 2, ['a'] = 1};

    for (size_t last = at + 5; last < s.len;) {
        unsigned char c = (unsigned char)lower_case(s.ptr[last]);
        if (c == 'd' && word_at(s, last - 5, STR("thread"))) {
            return last - 5;
        }
        last += c < sizeof steps && steps[c] != 0 ? steps[c] : 6;
    }
    return s.len;
}

static unsigned text_flags(struct str s)
{
    unsigned flags = 0;

    for (size_t i = find_thread(s, 0); i < s.len; i = find_thread(s, i + 1)) {
        size_t half = skip_joint(s, i + 6);
        if (word_at(s, half, STR("unsafe"))) {
            flags |= IR_FN_DOC_UNSAFE;
        } else if (word_at(s, half, STR("safe")) &&
                   (half + 4 == s.len || !is_word(s.ptr[half + 4]))) { /* not "thread safety" */
            flags |= is_negated(s, i) ? IR_FN_DOC_UNSAFE : IR_FN_DOC_SAFE;
        }
    }
    return flags;
}

unsigned docstring_flags(struct lowering *low, uint32_t block)
{
    const struct tree *tree = low->tree;
    uint32_t statement = node_first(tree, block);

    if (statement == NO_NODE || node_kind(tree, statement) != NODE_EXPRESSION_STATEMENT) {
        return 0;
    }
    uint32_t text = node_first(tree, statement);
    if (text == NO_NODE || !string_is_plain(tree, text)) {
        return 0;
    }
    return text_flags(string_value(low, text));
}

/* ---- __all__ ---- */

/* Appends the strings of a list or tuple; false where it has anything else. */
static bool all_append(struct lowering *low, uint32_t list)
{
    const struct tree *tree = low->tree;
    enum node_kind kind = list == NO_NODE ? NODE_NOTHING : node_kind(tree, list);

    if (kind != NODE_LIST && kind != NODE_TUPLE && kind != NODE_EXPRESSION_LIST) {
        return false;
    }
    for (uint32_t child = node_next_operand(tree, list, NO_NODE); child != NO_NODE;
         child = node_next_operand(tree, list, child)) {
        if (!string_is_plain(tree, child)) {
            return false;
        }
        ir_builder_all_name(low->ir, ir_builder_name(low->ir, string_value(low, child)));
    }
    return true;
}

static bool is_all(const struct tree *tree, uint32_t node)
{
    return node != NO_NODE && node_kind(tree, node) == NODE_IDENTIFIER &&
           str_equal(node_text(tree, node), STR("__all__"));
}

static void all_unknown(struct lowering *low)
{
    ir_builder_module(low->ir)->has_all = false;
    ir_builder_all_clear(low->ir);
}

void note_all(struct lowering *low, uint32_t left, uint32_t right, bool augmented)
{
    struct ir_module *module = ir_builder_module(low->ir);

    if (low->function != 0 || !is_all(low->tree, left)) {
        return;
    }
    if (!augmented) {
        ir_builder_all_clear(low->ir);
        module->has_all = true;
    }
    if (module->has_all && !all_append(low, right)) {
        all_unknown(low);
    }
}

void note_all_call(struct lowering *low, uint32_t call)
{
    const struct tree *tree = low->tree;
    struct ir_module *module = ir_builder_module(low->ir);
    uint32_t function = node_field(tree, call, FIELD_FUNCTION);
    uint32_t list = node_field(tree, call, FIELD_ARGUMENTS);

    if (low->function != 0 || !module->has_all || function == NO_NODE || node_kind(tree, function) != NODE_ATTRIBUTE ||
        !is_all(tree, node_field(tree, function, FIELD_OBJECT))) {
        return;
    }
    uint32_t method = node_field(tree, function, FIELD_ATTRIBUTE);
    uint32_t argument = list == NO_NODE ? NO_NODE : node_operand(tree, list, 0);
    struct str name = method == NO_NODE ? STR("") : node_text(tree, method);
    bool known = false;

    if (str_equal(name, STR("append")) && argument != NO_NODE && string_is_plain(tree, argument)) {
        ir_builder_all_name(low->ir, ir_builder_name(low->ir, string_value(low, argument)));
        known = true;
    } else if (str_equal(name, STR("extend"))) {
        known = all_append(low, argument);
    }
    if (!known) {
        all_unknown(low);
    }
}

/* ---- if __name__ == "__main__" ---- */

static bool is_main_string(const struct tree *tree, uint32_t node)
{
    if (node_kind(tree, node) != NODE_STRING) {
        return false;
    }
    struct str text = node_text(tree, node);
    return str_equal(text, STR("\"__main__\"")) || str_equal(text, STR("'__main__'"));
}

static bool is_name_variable(const struct tree *tree, uint32_t node)
{
    return node_kind(tree, node) == NODE_IDENTIFIER && str_equal(node_text(tree, node), STR("__name__"));
}

bool is_main_guard(const struct tree *tree, uint32_t condition)
{
    while (condition != NO_NODE && node_kind(tree, condition) == NODE_PARENTHESIZED_EXPRESSION) {
        condition = node_operand(tree, condition, 0);
    }
    if (condition == NO_NODE || node_kind(tree, condition) != NODE_COMPARISON_OPERATOR ||
        node_operand_count(tree, condition) != 2 || node_of_kind(tree, condition, TOKEN_EQUAL) == NO_NODE) {
        return false;
    }
    uint32_t left = node_operand(tree, condition, 0);
    uint32_t right = node_operand(tree, condition, 1);
    return (is_name_variable(tree, left) && is_main_string(tree, right)) ||
           (is_main_string(tree, left) && is_name_variable(tree, right));
}
