/* RL402 lock-rebound: a lock is replaced, or made on first use, while others may have or make another one. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOCK_REBOUND;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str name = text_code(arena, text_state(arena, hazard));
    bool lazy = hazard->first != hazard->last;
    if (lazy) {
        struct str tested = text_at(arena, &hazard->first->site, last), made = text_at(arena, last, last);
        text->message = arena_printf(arena,
                                     "The lock %.*s is made on first use: %.*s finds that there is none, and %.*s "
                                     "makes it. Two threads can both get there, and each then holds a lock of its own.",
                                     STR_FMT(name), STR_FMT(tested), STR_FMT(made));
    } else {
        struct str partner = guarding_partner(arena, hazard), made = text_at(arena, last, last);
        text->message = arena_printf(arena,
                                     "The lock %.*s is replaced on %.*s. If %.*s before that, it holds the old lock "
                                     "while others take the new one, and the two do not keep each other out.",
                                     STR_FMT(name), STR_FMT(made), STR_FMT(partner));
    }
    struct str where = hazard->place->root == PLACE_INSTANCE ? STR("in `__init__`")
                       : hazard->place->root == PLACE_CLASS  ? STR("in the class body")
                                                             : STR("at module level");
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .lock = hazard->place->name,
        .message = arena_printf(arena, "Make the lock once, %.*s, and keep it.", STR_FMT(where)),
    };
}

static const char *const cwes[] = {"CWE-667", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/667.html",
    NULL,
};

const struct rule rule_RL402 = {
    .code = "RL402",
    .name = "lock-rebound",
    .summary = "a lock is replaced, or made on first use, so that two threads can hold two of them",
    .explanation = "Threads only keep each other out when they take the same lock. A lock in a variable that is\n"
                   "assigned again is not always the same:\n"
                   "\n"
                   "1. Thread A finds `self._lock` is None and makes a lock.\n"
                   "2. Thread B finds `self._lock` is None, too, and makes another one.\n"
                   "3. Thread A takes its lock, thread B takes the other one. Both are inside.\n"
                   "\n"
                   "So it is with a `reset()` that puts a new lock in the place of one that a thread holds. Locks\n"
                   "that are made anew in a fork handler, where there is only one thread, are fine.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Ledger:\n"
           "    def __init__(self):\n"
           "        self._lock = None\n"
           "        self._total = 0\n"
           "\n"
           "    def add(self, amount):\n"
           "        if self._lock is None:\n"
           "            self._lock = threading.Lock()\n"
           "        with self._lock:\n"
           "            self._total += amount\n"
           "\n"
           "\n"
           "ledger = Ledger()\n"
           "threads = [threading.Thread(target=ledger.add, args=(1,)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Ledger:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._total = 0\n"
            "\n"
            "    def add(self, amount):\n"
            "        with self._lock:\n"
            "            self._total += amount\n"
            "\n"
            "\n"
            "ledger = Ledger()\n"
            "threads = [threading.Thread(target=ledger.add, args=(1,)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make the lock where the state is made, in `__init__` or at module level, and never assign it\n"
           "again. A lock costs next to nothing; there is no gain in making it late.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 6,
    .matches = matches,
    .describe = describe,
};
