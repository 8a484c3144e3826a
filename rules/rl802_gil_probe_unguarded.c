/* RL802 gil-probe-unguarded: sys._is_gil_enabled() is called where it may not exist. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_GIL_PROBE;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    text->message = arena_printf(arena,
                                 "%.*s on %.*s exists from Python 3.13 on, and is private. Older versions raise "
                                 "AttributeError here.",
                                 STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(
            arena, "On %.*s, ask for it first: `getattr(sys, \"_is_gil_enabled\", lambda: True)()`.", STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-758", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/sys.html#sys._is_gil_enabled",
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/758.html",
    NULL,
};

const struct rule rule_RL802 = {
    .code = "RL802",
    .name = "gil-probe-unguarded",
    .summary = "sys._is_gil_enabled() is called where it may not exist",
    .explanation =
        "The question whether the GIL is on has an answer only from Python 3.13 on:\n"
        "\n"
        "1. A library asks `sys._is_gil_enabled()` when it is imported, to choose between locks and none.\n"
        "2. On Python 3.12 thread A, the main thread, gets AttributeError, and the import fails.\n"
        "3. On 3.13 and later the answer may change while the program runs: an extension module that is "
        "imported later\n"
        "   turns the GIL on again for all threads.\n"
        "\n"
        "So whatever depends on the answer needs to be right for both. A project that asks for Python 3.13 or "
        "later\n"
        "(`requires-python` in pyproject.toml, `python_requires` in setup.cfg or setup.py, else the oldest "
        "classifier)\n"
        "has the function in any case; nothing is said there.\n",
    .bad = "import sys\n"
           "\n"
           "\n"
           "def needs_locks():\n"
           "    return not sys._is_gil_enabled()\n",
    .good = "import sys\n"
            "\n"
            "\n"
            "def needs_locks():\n"
            "    return not getattr(sys, \"_is_gil_enabled\", lambda: True)()\n",
    .fix = "Ask with a default, and do not build correctness on the answer: locks that are right without the GIL cost\n"
           "little with it. What the build supports is in `sysconfig.get_config_var(\"Py_GIL_DISABLED\")`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
