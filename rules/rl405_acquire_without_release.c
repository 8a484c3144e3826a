/* RL405 acquire-without-release: a path, exceptions included, leaves a function with a lock still held. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/taking.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LEFT_HELD;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str lock = taking_lock(hazard->last, hazard->held), taken = text_at(arena, last, last);
    struct str where = text_at(arena, &hazard->escape->site, last), code = text_code(arena, hazard->escape->text);
    if (hazard->raises) {
        text->message = arena_printf(arena,
                                     "`%.*s` is taken on %.*s, and an exception on %.*s (%.*s) leaves the function "
                                     "without releasing it: everybody who wants the lock then waits for ever.",
                                     STR_FMT(lock), STR_FMT(taken), STR_FMT(where), STR_FMT(code));
    } else {
        text->message =
            arena_printf(arena,
                         "`%.*s` is taken on %.*s and released on other paths, but not on the one that "
                         "leaves the function on %.*s (%.*s): everybody who wants the lock then waits for ever.",
                         STR_FMT(lock), STR_FMT(taken), STR_FMT(where), STR_FMT(code));
    }
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena,
                                "Use `with %.*s:` around the lines from %.*s to the release; it gives the lock back on "
                                "every path.",
                                STR_FMT(lock), STR_FMT(taken)),
    };
}

static const char *const cwes[] = {"CWE-667", "CWE-772", "CWE-833", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#using-locks-conditions-and-semaphores-in-the-with-statement",
    "https://cwe.mitre.org/data/definitions/667.html",
    NULL,
};

const struct rule rule_RL405 = {
    .code = "RL405",
    .name = "acquire-without-release",
    .summary = "a path, exceptions included, leaves a function with a lock still held",
    .explanation =
        "A lock that is taken by a call is given back by a call, if control gets there:\n"
        "\n"
        "1. Thread A calls `acquire()`, and what it does next raises an exception, or returns early.\n"
        "2. Its `release()` is never reached. A goes on, perhaps handling the exception somewhere above.\n"
        "3. Thread B calls `acquire()` and waits for ever; so does A, the next time it comes by.\n"
        "\n"
        "The path is often one that tests do not take: an error, an empty input, a `continue`. In a context\n"
        "manager made from a generator, an exception of the `with` block comes out of the `yield`.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Ledger:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._entries = []\n"
           "\n"
           "    def add(self, text):\n"
           "        self._lock.acquire()\n"
           "        entry = parse(text)\n"
           "        self._entries.append(entry)\n"
           "        self._lock.release()\n"
           "\n"
           "\n"
           "def parse(text):\n"
           "    name, value = text.split(\"=\")\n"
           "    return name, int(value)\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Ledger:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._entries = []\n"
            "\n"
            "    def add(self, text):\n"
            "        entry = parse(text)\n"
            "        with self._lock:\n"
            "            self._entries.append(entry)\n"
            "\n"
            "\n"
            "def parse(text):\n"
            "    name, value = text.split(\"=\")\n"
            "    return name, int(value)\n",
    .fix = "Take the lock with `with`. Where that is not possible, let the statement right behind `acquire()` be a\n"
           "`try` whose `finally` releases; in a generator-based context manager, the `yield` belongs into that\n"
           "`try`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
