/* conditions: which branches of the preprocessor a free-threaded build of CPython 3.13 or later takes. */
#include <stdlib.h>
#include <string.h>

#include "extension/tokens.h"

enum truth { TRUTH_UNKNOWN, TRUTH_YES, TRUTH_NO };

/* One open #if. */
struct branch {
    bool is_dead;    /* the present branch is dropped */
    bool is_decided; /* a branch before this one is taken for sure */
};

/* More open #ifs than this are taken as unknown. */
enum { DEPTH_MAX = 64 };

/* From this version on there are free-threaded builds: 3.13, in whatever pre-release. */
enum { FIRST_VERSION = 0x030d0000, FIRST_RELEASE = 0x030d00ff };

static enum truth not(enum truth truth) {
    return truth == TRUTH_YES  ? TRUTH_NO
           : truth == TRUTH_NO ? TRUTH_YES
                               : TRUTH_UNKNOWN;
}

/* Takes away the brackets around all of it. */
static struct str unwrap(struct str text)
{
    for (text = str_trim(text); text.len >= 2 && text.ptr[0] == '(' && text.ptr[text.len - 1] == ')';) {
        size_t depth = 0, i = 0;
        do {
            depth += text.ptr[i] == '(';
            depth -= text.ptr[i] == ')';
        } while (depth > 0 && ++i < text.len);
        if (i + 1 != text.len) {
            break;
        }
        text = str_trim(str_slice(text, 1, text.len - 1));
    }
    return text;
}

static enum truth of_macro(struct str name)
{
    static const struct str implementations[] = {{"PYPY_VERSION", 12}, {"GRAALVM_PYTHON", 14}};

    for (size_t i = 0; i < sizeof implementations / sizeof *implementations; i++) {
        if (str_equal(name, implementations[i])) {
            return TRUTH_NO;
        }
    }
    return str_equal(name, STR("Py_GIL_DISABLED")) ? TRUTH_YES : TRUTH_UNKNOWN;
}

/* PY_VERSION_HEX < 0x030D0000, and the like. */
static enum truth of_version(struct str text)
{
    struct str rest = str_trim(str_slice(text, sizeof "PY_VERSION_HEX" - 1, text.len));
    char digits[24] = "";
    bool less = str_starts(rest, STR("<")), more = str_starts(rest, STR(">"));
    bool equal = rest.len > 1 && rest.ptr[1] == '=';
    struct str number = str_trim(str_slice(rest, equal ? 2 : 1, rest.len));

    if ((!less && !more) || number.len >= sizeof digits || number.len == 0) {
        return TRUTH_UNKNOWN;
    }
    memcpy(digits, number.ptr, number.len);
    unsigned long long value = strtoull(digits, NULL, 0);
    if (value > (less ? FIRST_VERSION + 0xff : FIRST_RELEASE)) {
        return TRUTH_UNKNOWN;
    }
    return less ? TRUTH_NO : TRUTH_YES;
}

/* One condition without && and ||. */
static enum truth of_part(struct str text)
{
    text = unwrap(text);
    if (str_starts(text, STR("!"))) {
        struct str rest = str_trim(str_slice(text, 1, text.len));
        return str_starts(rest, STR("!")) ? TRUTH_UNKNOWN : not(of_part(rest));
    }
    if (str_starts(text, STR("defined"))) {
        return of_macro(unwrap(str_slice(text, sizeof "defined" - 1, text.len)));
    }
    if (str_starts(text, STR("PY_VERSION_HEX"))) {
        return of_version(text);
    }
    return str_equal(text, STR("0")) ? TRUTH_NO : str_equal(text, STR("1")) ? TRUTH_YES : of_macro(text);
}

/* A list of conditions that one operator joins; of mixed ones nothing is known. */
static enum truth of_condition(struct str text)
{
    bool any = str_find(text, STR("||")) != SIZE_MAX, all = str_find(text, STR("&&")) != SIZE_MAX;
    struct str operator= any ? STR("||") : STR("&&");
    enum truth strong = any ? TRUTH_YES : TRUTH_NO, result = not(strong);

    if (any && all) {
        return TRUTH_UNKNOWN;
    }
    text = unwrap(text);
    for (size_t at = 0; at <= text.len;) {
        size_t found = str_find(str_slice(text, at, text.len), operator);
        size_t end = found == SIZE_MAX ? text.len : at + found;
        enum truth part = of_part(str_slice(text, at, end));
        if (part == strong) {
            return strong;
        }
        result = part == TRUTH_UNKNOWN ? part : result;
        at = end + operator.len;
        if (found == SIZE_MAX) {
            break;
        }
    }
    return result;
}

/* What stands behind '#' and a word, without the comment that may follow. */
static struct str rest_of(struct str text, size_t from)
{
    struct str rest = str_slice(text, from, text.len);
    size_t block = str_find(rest, STR("/*"));
    rest = block != SIZE_MAX ? str_slice(rest, 0, block) : rest;
    size_t line = str_find(rest, STR("//"));

    return str_trim(line != SIZE_MAX ? str_slice(rest, 0, line) : rest);
}

static struct branch branch_of(enum truth truth, bool decided)
{
    return (struct branch){.is_dead = decided || truth == TRUTH_NO, .is_decided = decided || truth == TRUTH_YES};
}

/* Opens, changes or closes a branch; false where the directive is about something else. */
static bool apply(struct str directive, struct branch *branches, size_t *depth)
{
    struct str text = str_trim(str_slice(directive, 1, directive.len));
    struct branch *last = *depth > 0 && *depth <= DEPTH_MAX ? &branches[*depth - 1] : NULL;
    bool opens = str_starts(text, STR("if"));

    if (opens) {
        bool named = str_starts(text, STR("ifdef")), negated = str_starts(text, STR("ifndef"));
        struct str rest = rest_of(text, negated ? 6 : named ? 5 : 2);
        enum truth truth = named ? of_macro(rest) : negated ? not(of_macro(rest)) : of_condition(rest);
        if ((*depth)++ < DEPTH_MAX) {
            branches[*depth - 1] = branch_of(truth, false);
        }
    } else if (str_starts(text, STR("elif"))) {
        if (last != NULL) {
            bool plain = str_starts(text, STR("elif ")) || str_starts(text, STR("elif("));
            *last = branch_of(plain ? of_condition(rest_of(text, 4)) : TRUTH_UNKNOWN, last->is_decided);
        }
    } else if (str_starts(text, STR("else"))) {
        if (last != NULL) {
            *last = branch_of(TRUTH_UNKNOWN, last->is_decided);
        }
    } else if (str_starts(text, STR("endif"))) {
        *depth -= *depth > 0;
    } else {
        return false;
    }
    return true;
}

void tokens_drop_dead(struct tokens *tokens)
{
    struct branch branches[DEPTH_MAX];
    size_t depth = 0, kept = 0;

    for (size_t i = 0; i < tokens->items.len; i++) {
        bool dead = tokens->items.data[i].kind == TOKEN_DIRECTIVE && apply(token_text(tokens, i), branches, &depth);
        for (size_t k = 0; k < depth && k < DEPTH_MAX; k++) {
            dead = dead || branches[k].is_dead;
        }
        if (!dead) {
            tokens->items.data[kept++] = tokens->items.data[i];
        }
    }
    tokens->items.len = kept;
}
