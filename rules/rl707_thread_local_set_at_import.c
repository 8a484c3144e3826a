/* RL707 thread-local-set-at-import: an attribute of a threading.local is set at import, for one thread only. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOCAL_AT_IMPORT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str set = text_at(arena, &hazard->first->site, last);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s is read in whatever thread comes here, but it is only set when the module is "
                     "imported (%.*s). Every other thread gets AttributeError.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(set));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Make a subclass of `threading.local` whose `__init__` sets it, which runs once in "
                                "each thread; or read it with `getattr(…, default)` on %.*s.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-665", "CWE-908", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#thread-local-data",
    "https://cwe.mitre.org/data/definitions/665.html",
    NULL,
};

const struct rule rule_RL707 = {
    .code = "RL707",
    .name = "thread-local-set-at-import",
    .summary = "an attribute of a threading.local is set at import, for one thread only",
    .explanation = "A `threading.local` is another object in each thread, empty at first:\n"
                   "\n"
                   "1. Thread A, the main thread, imports the module. `state.depth = 0` sets the attribute for A.\n"
                   "2. Thread B calls a function that does `state.depth += 1`.\n"
                   "3. B's `state` has no attribute `depth`: AttributeError.\n"
                   "\n"
                   "In tests, which run in one thread, all is well.\n",
    .bad = "import threading\n"
           "\n"
           "state = threading.local()\n"
           "state.depth = 0\n"
           "\n"
           "\n"
           "def enter():\n"
           "    state.depth += 1\n"
           "\n"
           "\n"
           "for _ in range(2):\n"
           "    threading.Thread(target=enter).start()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class State(threading.local):\n"
            "    def __init__(self):\n"
            "        self.depth = 0\n"
            "\n"
            "\n"
            "state = State()\n"
            "\n"
            "\n"
            "def enter():\n"
            "    state.depth += 1\n"
            "\n"
            "\n"
            "for _ in range(2):\n"
            "    threading.Thread(target=enter).start()\n",
    .fix = "Derive a class from `threading.local`: its `__init__` runs in each thread that touches the object. Or give "
           "every\n"
           "read a default.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
