/* RL503 blocking-under-lock: something that may take long is done while a lock is held that other threads need. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_BLOCKING;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str lock = hazard->held->name, other = text_other(arena, hazard);
    struct str needs = text_at(arena, &hazard->partner->site, last);
    const char *then = hazard->while_loop ? "waits for that thread, which itself needs the lock: neither goes on"
                                          : "waits as long, for no reason of its own";
    text->message = arena_printf(
        arena, "%.*s on %.*s may take long, with `%.*s` held. Meanwhile %.*s, which takes the lock (%.*s), %s.",
        STR_FMT(code), STR_FMT(line), STR_FMT(lock), STR_FMT(other), STR_FMT(needs), then);
    if (hazard->while_loop) {
        text->message = arena_printf(arena,
                                     "%.*s on %.*s waits for a thread with `%.*s` held, and that thread takes the lock "
                                     "(%.*s): neither of them goes on.",
                                     STR_FMT(code), STR_FMT(line), STR_FMT(lock), STR_FMT(needs));
    }
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message =
            arena_printf(arena,
                         "Take what %.*s needs into local variables under `%.*s`, release the lock, and do it then; "
                         "take the lock again to store the result.",
                         STR_FMT(line), STR_FMT(lock)),
    };
}

static const char *const cwes[] = {"CWE-667", "CWE-833", "CWE-410", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/667.html",
    NULL,
};

const struct rule rule_RL503 = {
    .code = "RL503",
    .name = "blocking-under-lock",
    .summary = "something that may take long is done while a lock is held that other threads need",
    .explanation =
        "A lock is to be held for a few steps. What waits for the network, a file, a thread or the clock makes "
        "everybody\n"
        "wait who needs the lock:\n"
        "\n"
        "1. Thread A takes the lock and sends a request, which takes two seconds.\n"
        "2. Threads B, C and D want to add one element to a dict under the same lock. They wait two seconds.\n"
        "3. If A waits for something that B is to do (`join`, `result`, `queue.get`), it waits for good.\n"
        "\n"
        "With eight cores and free threading, one such lock brings the program back to one.\n",
    .bad = "import threading\n"
           "import time\n"
           "\n"
           "\n"
           "class Prices:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._prices = {}\n"
           "\n"
           "    def refresh(self):\n"
           "        while True:\n"
           "            with self._lock:\n"
           "                time.sleep(2)\n"
           "                self._prices[\"tea\"] = 4\n"
           "\n"
           "    def price(self, name):\n"
           "        with self._lock:\n"
           "            return self._prices.get(name)\n"
           "\n"
           "\n"
           "prices = Prices()\n"
           "threading.Thread(target=prices.refresh, daemon=True).start()\n"
           "print(prices.price(\"tea\"))\n",
    .good = "import threading\n"
            "import time\n"
            "\n"
            "\n"
            "class Prices:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._prices = {}\n"
            "\n"
            "    def refresh(self):\n"
            "        while True:\n"
            "            time.sleep(2)\n"
            "            with self._lock:\n"
            "                self._prices[\"tea\"] = 4\n"
            "\n"
            "    def price(self, name):\n"
            "        with self._lock:\n"
            "            return self._prices.get(name)\n"
            "\n"
            "\n"
            "prices = Prices()\n"
            "threading.Thread(target=prices.refresh, daemon=True).start()\n"
            "print(prices.price(\"tea\"))\n",
    .fix =
        "Work outside of the lock, and hold it only to read the inputs and to store the result. Where one of several\n"
        "threads is to do the work and the others are to wait for it, say so: a future, an event, or a lock for this\n"
        "one resource that nothing else uses.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_USE,
    .matches = matches,
    .describe = describe,
};
