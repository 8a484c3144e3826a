/* RL403 lock-scope-mismatch: a lock that each instance has for itself guards state that all of them share. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->wrong_scope && hazard->place && hazard->last->lock_count > 0;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str act = guarding_act(arena, hazard), locks = guarding_locks(arena, hazard->last);
    bool of_class = hazard->place->root == PLACE_CLASS;
    text->message = arena_printf(arena,
                                 "%.*s under %.*s, but each instance has a lock of its own, and the state belongs to "
                                 "the %s. Two threads with two instances do not keep each other out.",
                                 STR_FMT(act), STR_FMT(locks), of_class ? "class" : "module");
    struct str lock = of_class ? STR("_class_lock") : STR("_lock");
    struct str made = of_class ? STR("in the class body") : STR("at module level");
    struct str line = text_at(arena, &hazard->last->site, &hazard->last->site);
    text->fix = (struct finding_fix){
        .kind = FIX_NEW_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena, "Add `%.*s = threading.Lock()` %.*s, and hold that one on %.*s.", STR_FMT(lock),
                                STR_FMT(made), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-820", "CWE-821", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/821.html",
    NULL,
};

const struct rule rule_RL403 = {
    .code = "RL403",
    .name = "lock-scope-mismatch",
    .summary = "a lock that each instance has for itself guards state of the class or module",
    .explanation = "`self._lock`, made in `__init__`, is another lock in each instance. It keeps threads apart that\n"
                   "use the same instance. State of the class or of the module is used by all instances:\n"
                   "\n"
                   "1. Thread A, with the first instance, takes its lock and reads `Visit.count`, 7.\n"
                   "2. Thread B, with the second one, takes the other lock and reads 7, too.\n"
                   "3. Both store 8. One visit is lost.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Visit:\n"
           "    count = 0\n"
           "\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "\n"
           "    def note(self):\n"
           "        with self._lock:\n"
           "            Visit.count += 1\n"
           "\n"
           "\n"
           "def serve():\n"
           "    Visit().note()\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=serve) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Visit:\n"
            "    count = 0\n"
            "    _count_lock = threading.Lock()\n"
            "\n"
            "    def note(self):\n"
            "        with self._count_lock:\n"
            "            Visit.count += 1\n"
            "\n"
            "\n"
            "def serve():\n"
            "    Visit().note()\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=serve) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Keep a lock where the state is: a class attribute for state of the class, a module variable for\n"
           "state of the module.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 8,
    .matches = matches,
    .describe = describe,
};
