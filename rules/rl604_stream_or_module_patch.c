/* RL604 stream-or-module-patch: standard streams, hooks or attributes of a module are replaced while other threads run.
 */
#include "rules/list.h"
#include "rules/process.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool is_stream(enum model_state state)
{
    return state == STATE_STREAMS || state == STATE_HOOKS;
}

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_PATCH || (hazard->kind == HAZARD_PROCESS_STATE && is_stream(hazard->state));
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = process_act(arena, hazard);
    struct str meanwhile = process_meanwhile(arena, hazard);

    struct str what = hazard->kind == HAZARD_PATCH ? text_code(arena, hazard->place->name) : hazard->place->name;
    text->message = arena_printf(arena, "%.*s on %.*s replaces %.*s for every thread%.*s.", STR_FMT(code),
                                 STR_FMT(line), STR_FMT(what), STR_FMT(meanwhile));
    const char *instead = hazard->kind == HAZARD_PATCH
                              ? "Pass the replacement to the code that is to use it"
                              : "Write to a file object that is passed along: `print(…, file=out)`";
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "%s, instead of what %.*s does.", instead, STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/contextlib.html#contextlib.redirect_stdout",
    "https://cwe.mitre.org/data/definitions/366.html",
    NULL,
};

const struct rule rule_RL604 = {
    .code = "RL604",
    .name = "stream-or-module-patch",
    .summary = "standard streams, hooks or attributes of a module are replaced while other threads run",
    .explanation =
        "`redirect_stdout`, `sys.stdout = …` and an assignment to a module's attribute change what all threads use:\n"
        "\n"
        "1. Thread A redirects `sys.stdout` into its buffer and calls a function that prints.\n"
        "2. Thread B redirects it into B's buffer. What A's function prints from here on lands there.\n"
        "3. A puts back what it found; then B puts back A's buffer. The process prints into a buffer for good.\n"
        "\n"
        "It is the same with a function that is patched for the time of one call.\n",
    .bad = "import contextlib\n"
           "import io\n"
           "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def report(number):\n"
           "    print(\"number\", number)\n"
           "\n"
           "\n"
           "def capture(number):\n"
           "    out = io.StringIO()\n"
           "    with contextlib.redirect_stdout(out):\n"
           "        report(number)\n"
           "    return out.getvalue()\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor(4) as pool:\n"
           "    print(list(pool.map(capture, range(20))))\n",
    .good = "import io\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "def report(number, out):\n"
            "    print(\"number\", number, file=out)\n"
            "\n"
            "\n"
            "def capture(number):\n"
            "    out = io.StringIO()\n"
            "    report(number, out)\n"
            "    return out.getvalue()\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            "    print(list(pool.map(capture, range(20))))\n",
    .fix =
        "Give the code that prints the file to print to, and the code that is to behave differently the function to\n"
        "call. Where foreign code cannot be changed, run it in a process of its own.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
