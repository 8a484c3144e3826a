/* RL709 contextvar-misuse: a context variable is made in a function. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_CONTEXT_VAR;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    if (hazard->stored) {
        struct str change = text_act(arena, hazard->partner), where = text_at(arena, &hazard->partner->site, last);
        text->message =
            arena_printf(arena,
                         "The default of %.*s on %.*s is one object for all threads and tasks that have set "
                         "nothing, and %.*s (%.*s) changes it for all of them.",
                         STR_FMT(code), STR_FMT(line), STR_FMT(change), STR_FMT(where));
        text->fix = (struct finding_fix){
            .kind = FIX_MANUAL,
            .applicability = FIX_BY_HAND,
            .message =
                arena_printf(arena, "Use `None` for the default on %.*s, and set a new container where there is none.",
                             STR_FMT(line)),
        };
        return;
    }
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s makes a new variable each time it runs. What one call sets, another one does "
                     "not find; and contexts keep every variable that was ever set in them, with its value.",
                     STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Make the variable once, at the top level of the module, instead of on %.*s.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-401", "CWE-665", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar",
    "https://cwe.mitre.org/data/definitions/401.html",
    NULL,
};

const struct rule rule_RL709 = {
    .code = "RL709",
    .name = "contextvar-misuse",
    .summary = "a context variable is made in a function, or has a mutable default",
    .explanation =
        "A context variable is a key. Contexts hold on to their keys:\n"
        "\n"
        "1. Thread A calls a function that makes a `ContextVar` and sets it.\n"
        "2. Thread B calls it, too: that is another variable of the same name, without a value.\n"
        "3. The contexts of A and B keep both variables and values, though nobody can ask for them any more.\n"
        "\n"
        "In a server, each request leaves one behind.\n"
        "\n"
        "A default is one object for all contexts: what one thread puts into a list or dict that is the default, all\n"
        "others see.\n",
    .bad = "import contextvars\n"
           "\n"
           "\n"
           "def handle(request):\n"
           "    current = contextvars.ContextVar(\"current\")\n"
           "    current.set(request)\n"
           "    return current.get()\n",
    .good = "import contextvars\n"
            "\n"
            "current = contextvars.ContextVar(\"current\")\n"
            "\n"
            "\n"
            "def handle(request):\n"
            "    current.set(request)\n"
            "    return current.get()\n",
    .fix =
        "Make context variables at the top level of a module. What belongs to one object is an attribute of it. Set\n"
        "a new container in each context instead of a mutable default.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
