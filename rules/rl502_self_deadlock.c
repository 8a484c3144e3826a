/* RL502 self-deadlock: a lock that is not reentrant is taken again by the thread that holds it. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/taking.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_SELF_DEADLOCK;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str lock = taking_lock(hazard->first, hazard->held);
    struct str first = text_at(arena, &hazard->first->site, last);
    struct str again = taking_where(arena, hazard->last, hazard->side, last);
    text->message = arena_printf(arena,
                                 "`%.*s` is taken on %.*s and, while it is held, taken again %.*s. It is no reentrant "
                                 "lock: the thread waits for itself, and everybody else for the lock.",
                                 STR_FMT(lock), STR_FMT(first), STR_FMT(again));
    const char *helper =
        hazard->through_call ? "call a helper that does the work without taking the lock" : "take it once around both";
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena, "On %.*s, %s; or make `%.*s` a `threading.RLock()`.",
                                STR_FMT(text_at(arena, last, last)), helper, STR_FMT(lock)),
    };
}

static const char *const cwes[] = {"CWE-764", "CWE-833", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/library/threading.html#rlock-objects",
    "https://cwe.mitre.org/data/definitions/764.html",
    NULL,
};

const struct rule rule_RL502 = {
    .code = "RL502",
    .name = "self-deadlock",
    .summary = "a lock that is not reentrant is taken again by the thread that holds it",
    .explanation =
        "`threading.Lock` does not know who holds it. A thread that takes it a second time waits for its own\n"
        "release, which never comes. One thread is enough:\n"
        "\n"
        "1. Thread A calls `checkout()` and takes `self._lock`.\n"
        "2. Still inside, it calls `total()`, which takes `self._lock`, too, and waits.\n"
        "3. Thread B calls `add()` and waits for the same lock. Nothing moves again.\n"
        "\n"
        "The second `with` is often in another method, and sometimes only on a path that tests do not\n"
        "take. A `Condition` made around a `Lock` is that lock; a `Condition` without an argument has an\n"
        "`RLock` of its own. `acquire(blocking=False)` and `acquire(timeout=…)` do not hang.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Cart:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._prices = []\n"
           "\n"
           "    def total(self):\n"
           "        with self._lock:\n"
           "            return sum(self._prices)\n"
           "\n"
           "    def checkout(self):\n"
           "        with self._lock:\n"
           "            amount = self.total()\n"
           "            self._prices = []\n"
           "            return amount\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Cart:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._prices = []\n"
            "\n"
            "    def _total_locked(self):\n"
            "        return sum(self._prices)\n"
            "\n"
            "    def total(self):\n"
            "        with self._lock:\n"
            "            return self._total_locked()\n"
            "\n"
            "    def checkout(self):\n"
            "        with self._lock:\n"
            "            amount = self._total_locked()\n"
            "            self._prices = []\n"
            "            return amount\n",
    .fix = "Split the method in two: a public one that takes the lock, and a private helper that expects it\n"
           "to be held (a name such as `_total_locked` says so), and call the helper from inside. Where public\n"
           "methods call each other on purpose, use `threading.RLock`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
