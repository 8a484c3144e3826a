/* RL806 exported-mutable-registry: a module exports a container that functions change. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_EXPORTED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str name = text_code(arena, hazard->place->name);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s changes %.*s, which every user of the module can reach: with threads, each of "
                     "them needs to know how it is guarded.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(name));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Make %.*s private, and let functions that take its lock be the only way to it.",
                                STR_FMT(name)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-567", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/567.html",
    NULL,
};

const struct rule rule_RL806 = {
    .code = "RL806",
    .name = "exported-mutable-registry",
    .summary = "a module exports a container that functions change",
    .explanation =
        "What a module exports, any thread can use:\n"
        "\n"
        "1. Thread A registers a plugin: a function of the library puts it into the module's dict.\n"
        "2. Thread B, in the program that uses the library, loops over that dict.\n"
        "3. Neither can know what the other one does, and there is no lock that both know.\n"
        "\n"
        "This rule lists what threads could share. It is an inventory for those who make a library ready for free\n"
        "threading, and is off unless it is selected.\n",
    .bad = "plugins = {}\n"
           "\n"
           "\n"
           "def register(name, plugin):\n"
           "    plugins[name] = plugin\n",
    .good = "import threading\n"
            "\n"
            "_lock = threading.Lock()\n"
            "_plugins = {}\n"
            "\n"
            "\n"
            "def register(name, plugin):\n"
            "    with _lock:\n"
            "        _plugins[name] = plugin\n"
            "\n"
            "\n"
            "def plugins():\n"
            "    with _lock:\n"
            "        return dict(_plugins)\n",
    .fix = "Keep the container private, hand out copies, and change it only in functions that hold its lock. Or say in "
           "the\n"
           "documentation that it is to be filled before threads start.\n",
    .cwes = cwes,
    .references = references,
    .opt_in = true,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
