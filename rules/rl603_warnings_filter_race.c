/* RL603 warnings-filter-race: warning filters are changed in code that several threads run. */
#include "rules/list.h"
#include "rules/process.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_PROCESS_STATE && hazard->state == STATE_WARNINGS;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = process_act(arena, hazard);
    struct str meanwhile = process_meanwhile(arena, hazard);

    const char *builds = hazard->target_version >= 0x030e
                             ? "From Python 3.14 on, free-threaded builds keep them per context "
                               "(`sys.flags.context_aware_warnings`); builds with the GIL do not, unless they are "
                               "started with `-X context_aware_warnings=1`"
                         : hazard->target_version == 0 ? "Outside of `catch_warnings()` that is so on every build"
                                                       : "In Python 3.13 that is so on every build";
    text->message = arena_printf(arena, "%.*s on %.*s changes the warning filters for every thread%.*s. %s.",
                                 STR_FMT(code), STR_FMT(line), STR_FMT(meanwhile), builds);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Set the filters once, before threads start, instead of on %.*s; or require "
                                "`-X context_aware_warnings=1 -X thread_inherit_context=1`.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/warnings.html#warnings.catch_warnings",
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/366.html",
    NULL,
};

const struct rule rule_RL603 = {
    .code = "RL603",
    .name = "warnings-filter-race",
    .summary = "warning filters are changed in code that several threads run",
    .explanation =
        "`warnings.catch_warnings()` saves the filters and `showwarning` of the process and puts them back at the "
        "end:\n"
        "\n"
        "1. Thread A enters the block: it saves the filters and installs a list that records.\n"
        "2. Thread B enters its own block, saves A's recording state as \"the old one\", and installs its own list.\n"
        "3. A leaves and restores the filters, while B is still recording: B's warnings are printed, not recorded.\n"
        "4. B leaves and restores A's state for good. From here on the process records into a list nobody reads.\n"
        "\n"
        "From Python 3.14 on, the flag `context_aware_warnings` makes this belong to the context of each thread. It is "
        "on\n"
        "by default on free-threaded builds only. With `--target-version 3.14 --target-build free-threaded` such "
        "blocks "
        "are\n"
        "not reported; filters that are set outside of them are, on every version.\n",
    .bad = "import warnings\n"
           "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def old_api(number):\n"
           "    warnings.warn(\"deprecated\", DeprecationWarning)\n"
           "    return number\n"
           "\n"
           "\n"
           "def quietly(number):\n"
           "    with warnings.catch_warnings():\n"
           "        warnings.simplefilter(\"ignore\")\n"
           "        return old_api(number)\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor(4) as pool:\n"
           "    print(list(pool.map(quietly, range(20))))\n",
    .good = "import warnings\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "def old_api(number):\n"
            "    warnings.warn(\"deprecated\", DeprecationWarning)\n"
            "    return number\n"
            "\n"
            "\n"
            "warnings.simplefilter(\"ignore\", DeprecationWarning)\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            "    print(list(pool.map(old_api, range(20))))\n",
    .fix =
        "Set filters once at the start of the program, or around all of the work: enter the block before the threads\n"
        "start, and leave it when they have ended. Where 3.14 is the oldest version, run with both flags on.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
