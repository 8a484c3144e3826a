/* RL308 shared-default-argument: the default value of a parameter, one object for all calls, is changed. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    bool changes = hazard->kind == HAZARD_MADE_ONCE || hazard->kind == HAZARD_SPAN || hazard->kind == HAZARD_MUTATION;
    return changes && hazard->place && hazard->place->root == PLACE_DEFAULT;
}

static const char *empty_one(enum model_role role)
{
    switch (role) {
    case ROLE_LIST: return "[]";
    case ROLE_SET: return "set()";
    case ROLE_DICT: return "{}";
    default: return "a new one";
    }
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct place *place = hazard->place;
    const struct site *last = &hazard->last->site;
    struct str act = text_act(arena, hazard->last), line = text_at(arena, last, last);
    struct str function = last->file ? text_symbol(last->file->path, place->owner) : place->owner;
    struct str story = text_interleaving(arena, hazard, "run this on the same object at the same time",
                                         "both work on the same object");
    text->message = arena_printf(arena,
                                 "%.*s on %.*s changes the default value of `%.*s`, which is made once, when %.*s() is "
                                 "defined, and shared by all calls. %.*s",
                                 STR_FMT(act), STR_FMT(line), STR_FMT(place->field), STR_FMT(function), STR_FMT(story));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Make the default None and begin the function with `if %.*s is None: %.*s = %s`; if it is "
                         "meant to be shared, keep it at module level, beside a lock.",
                         STR_FMT(place->field), STR_FMT(place->field), empty_one(place->role)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-1188", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/reference/compound_stmts.html#function-definitions",
    "https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects",
    NULL,
};

const struct rule rule_RL308 = {
    .code = "RL308",
    .name = "shared-default-argument",
    .summary = "a mutable default argument is changed in code that several threads run",
    .explanation = "A default value is made once, when the `def` statement runs. Every call that leaves the argument\n"
                   "out gets the same object, and so does every thread:\n"
                   "\n"
                   "1. Thread A calls `split(text_a)` and appends to `parts`, the default list.\n"
                   "2. Thread B calls `split(text_b)` and appends to the same list.\n"
                   "3. Both return it: each result has the parts of both texts.\n"
                   "\n"
                   "Without threads the calls see what earlier ones left behind; with threads they mix while they\n"
                   "run, and tests and updates of the object are lost like those of any global.\n",
    .bad = "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def split(text, parts=[]):\n"
           "    for part in text.split(\",\"):\n"
           "        parts.append(part.strip())\n"
           "    return parts\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor() as pool:\n"
           "    for parts in pool.map(split, [\"a, b\", \"c, d\"]):\n"
           "        print(parts)\n",
    .good = "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "def split(text, parts=None):\n"
            "    if parts is None:\n"
            "        parts = []\n"
            "    for part in text.split(\",\"):\n"
            "        parts.append(part.strip())\n"
            "    return parts\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor() as pool:\n"
            "    for parts in pool.map(split, [\"a, b\", \"c, d\"]):\n"
            "        print(parts)\n",
    .fix = "Make the default `None` and the object in the function. What is meant to be shared, such as a memo,\n"
           "belongs to the module or a class, where it can be seen and guarded by a lock, or to\n"
           "`functools.cache`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 2,
    .matches = matches,
    .describe = describe,
};
