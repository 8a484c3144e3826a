/* RL507 busy-wait: a loop does nothing but ask whether another thread has set a variable. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_BUSY_WAIT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str other = text_other(arena, hazard), set = text_at(arena, &hazard->partner->site, last);
    const char *cost = hazard->while_loop ? "wakes up again and again for nothing, and notices late"
                                          : "keeps a core busy, and with the GIL holds up the very thread it waits for";
    bool flag = hazard->partner->constant;
    text->message =
        arena_printf(arena, "The loop on %.*s does nothing but ask %.*s until %.*s %s it (%.*s): it %s.", STR_FMT(line),
                     STR_FMT(code), STR_FMT(other), flag ? "sets" : "changes", STR_FMT(set), cost);
    const char *advice = flag
                             ? "Make it a `threading.Event`: `set()` on %.*s and `wait()` instead of the loop on %.*s."
                             : "Join the threads that are waited for; or take a `threading.Condition` around what "
                               "changes on %.*s, `notify()` it there, and `wait_for()` it instead of the loop on %.*s.";
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, advice, STR_FMT(set), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-400", "CWE-662", "CWE-833", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#event-objects",
    "https://cwe.mitre.org/data/definitions/662.html",
    NULL,
};

const struct rule rule_RL507 = {
    .code = "RL507",
    .name = "busy-wait",
    .summary = "a loop does nothing but ask whether another thread has set a variable",
    .explanation =
        "A loop that polls a variable waits without saying so:\n"
        "\n"
        "1. Thread A runs `while not self.ready: pass`.\n"
        "2. Thread B is to set `self.ready`. With the GIL it gets its turn only when A is made to give it up.\n"
        "3. B sets the flag. A sees it after its sleep; what B wrote before, A sees in an order that nothing "
        "promises.\n"
        "\n"
        "An event, a condition or a queue puts A to sleep, and wakes it when there is something to do.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Server:\n"
           "    def __init__(self):\n"
           "        self.ready = False\n"
           "        self.port = None\n"
           "\n"
           "    def serve(self):\n"
           "        self.port = 8000\n"
           "        self.ready = True\n"
           "\n"
           "\n"
           "server = Server()\n"
           "threading.Thread(target=server.serve).start()\n"
           "while not server.ready:\n"
           "    pass\n"
           "print(\"listening\")\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Server:\n"
            "    def __init__(self):\n"
            "        self.ready = threading.Event()\n"
            "        self.port = None\n"
            "\n"
            "    def serve(self):\n"
            "        self.port = 8000\n"
            "        self.ready.set()\n"
            "\n"
            "\n"
            "server = Server()\n"
            "threading.Thread(target=server.serve).start()\n"
            "server.ready.wait()\n"
            "print(\"listening\")\n",
    .fix = "Wait with what is made for it: `Event.wait()` for a flag, `Condition.wait_for()` for a state, "
           "`queue.get()` for\n"
           "work, `thread.join()` for an end. All of them take a timeout.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
