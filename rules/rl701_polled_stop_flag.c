/* RL701 polled-stop-flag: a plain variable is polled as a stop signal. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_POLLED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str other = text_other(arena, hazard), set = text_at(arena, &hazard->partner->site, last);
    const char *then = hazard->while_loop ? "goes on sleeping, and notices only when it has slept its turn"
                                          : "notices only when it comes by again, and nobody can wait for it";
    text->message =
        arena_printf(arena, "The loop on %.*s asks %.*s whether to go on. When %.*s sets it (%.*s), the loop %s.",
                     STR_FMT(line), STR_FMT(code), STR_FMT(other), STR_FMT(set), then);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Make it a `threading.Event`: `set()` on %.*s, and `while not stop.is_set():` or, with a "
                         "pause, `while not stop.wait(seconds):` on %.*s.",
                         STR_FMT(set), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-662", "CWE-833", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#event-objects",
    "https://cwe.mitre.org/data/definitions/662.html",
    NULL,
};

const struct rule rule_RL701 = {
    .code = "RL701",
    .name = "polled-stop-flag",
    .summary = "a plain variable is polled as a stop signal",
    .explanation =
        "A variable that one thread sets and another one polls works as long as the loop comes by often:\n"
        "\n"
        "1. Thread A runs `while self.running:`, and sleeps for a minute in each round.\n"
        "2. Thread B sets `self.running = False`, and joins A.\n"
        "3. B waits until A has slept its minute. If the work in the loop blocks for good, B waits for good.\n"
        "\n"
        "Nothing says in which order A sees what B wrote before: whatever the flag announces needs a lock or an event\n"
        "of its own. An `Event` is both the flag and something to wait for.\n",
    .bad = "import threading\n"
           "import time\n"
           "\n"
           "\n"
           "class Ticker(threading.Thread):\n"
           "    def __init__(self):\n"
           "        super().__init__()\n"
           "        self.running = True\n"
           "\n"
           "    def run(self):\n"
           "        while self.running:\n"
           "            print(\"tick\")\n"
           "            time.sleep(60)\n"
           "\n"
           "\n"
           "ticker = Ticker()\n"
           "ticker.start()\n"
           "input(\"press return to stop\")\n"
           "ticker.running = False\n"
           "ticker.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Ticker(threading.Thread):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.stop = threading.Event()\n"
            "\n"
            "    def run(self):\n"
            "        while not self.stop.wait(60):\n"
            "            print(\"tick\")\n"
            "\n"
            "\n"
            "ticker = Ticker()\n"
            "ticker.start()\n"
            "input(\"press return to stop\")\n"
            "ticker.stop.set()\n"
            "ticker.join()\n",
    .fix =
        "Use a `threading.Event`. `event.wait(seconds)` is the pause and the test in one, and ends at once when the\n"
        "event is set. A worker that waits on a queue is stopped by something put into the queue.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
