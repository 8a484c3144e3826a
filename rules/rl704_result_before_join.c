/* RL704 result-before-join: what a thread works out is read before the thread has ended. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_EARLY_READ;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last);

    struct text_span span = text_span(arena, hazard);
    struct str other = text_other(arena, hazard), does = text_partner_does(arena, hazard);
    text->message = arena_printf(arena, "%.*s is read on %.*s while %.*s may still be at work on it: it %.*s. %s.",
                                 STR_FMT(span.name), STR_FMT(line), STR_FMT(other), STR_FMT(does),
                                 hazard->never_joined ? "Nothing waits for the thread"
                                                      : "The code waits for the thread only afterwards");
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Call `join()` before %.*s; or let an executor run the work, and take what it returns "
                                "from `future.result()`.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-820", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#threading.Thread.join",
    "https://cwe.mitre.org/data/definitions/362.html",
    NULL,
};

const struct rule rule_RL704 = {
    .code = "RL704",
    .name = "result-before-join",
    .summary = "what a thread works out is read before the thread has ended",
    .explanation =
        "`start()` returns at once. What the thread puts somewhere is there when `join()` has returned, not before:\n"
        "\n"
        "1. Thread A starts thread B, which counts words into a dict.\n"
        "2. A reads the dict. It is empty, or half filled, or just being filled.\n"
        "3. A prints the total, and then waits for B.\n"
        "\n"
        "On a fast machine with a small input, B is often done in time.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Count:\n"
           "    words = 0\n"
           "\n"
           "\n"
           "def count(text, result):\n"
           "    result.words = len(text.split())\n"
           "\n"
           "\n"
           "result = Count()\n"
           "thread = threading.Thread(target=count, args=(\"one two three\", result))\n"
           "thread.start()\n"
           "print(result.words)\n"
           "thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Count:\n"
            "    words = 0\n"
            "\n"
            "\n"
            "def count(text, result):\n"
            "    result.words = len(text.split())\n"
            "\n"
            "\n"
            "result = Count()\n"
            "thread = threading.Thread(target=count, args=(\"one two three\", result))\n"
            "thread.start()\n"
            "thread.join()\n"
            "print(result.words)\n",
    .fix = "Wait first: `join()` the thread, or leave the `with` of the executor. `future.result()` waits and hands "
           "over the\n"
           "result in one.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
