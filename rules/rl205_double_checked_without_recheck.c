/* RL205 double-checked-without-recheck: tested outside the lock, initialised inside it, not tested again. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_CONTROL) || hazard->first_locked_alike) {
        return false;
    }
    if (!shape_locks_only_the_act(hazard) || shape_share_a_lock(hazard->first, hazard->last)) {
        return false;
    }
    bool initialises = shape_checks_unset(hazard) && hazard->last->kind == ACCESS_STORE;
    return initialises || (shape_checks_absence(hazard) && shape_inserts(hazard->last));
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str lock = hazard->last->locks[0].name;
    struct str who = text_is_self_race(hazard) ? text_both(arena, hazard) : STR("Two threads");
    text->message =
        arena_printf(arena,
                     "%.*s is tested on %.*s without %.*s, and set on %.*s under the lock without a second test. %.*s "
                     "can both pass the test; the one that waits for the lock then sets it once more.",
                     STR_FMT(span.name), STR_FMT(span.first), STR_FMT(lock), STR_FMT(span.last), STR_FMT(who));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena, "Repeat the test of %.*s inside `with %.*s:`, before %.*s.", STR_FMT(span.first),
                                STR_FMT(lock), STR_FMT(span.last)),
    };
}

static const char *const cwes[] = {"CWE-609", "CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/609.html",
    NULL,
};

const struct rule rule_RL205 = {
    .code = "RL205",
    .name = "double-checked-without-recheck",
    .summary = "a test outside the lock is not repeated inside it before the state is set",
    .explanation = "The test runs without the lock, to spare the lock once the value is there; the value is made\n"
                   "inside the lock. What is missing is the second test:\n"
                   "\n"
                   "1. Thread A finds the value missing, takes the lock and begins to make it.\n"
                   "2. Thread B finds the value missing and waits for the lock.\n"
                   "3. Thread A stores its value, releases the lock and goes on with its value.\n"
                   "4. Thread B gets the lock, and makes and stores the value once more.\n"
                   "\n"
                   "The lock only makes the two threads do it one after the other. The value is made twice, and\n"
                   "A's is replaced.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Settings:\n"
           "    _instance = None\n"
           "    _lock = threading.Lock()\n"
           "\n"
           "    @classmethod\n"
           "    def instance(cls):\n"
           "        if cls._instance is None:\n"
           "            with cls._lock:\n"
           "                cls._instance = cls()\n"
           "        return cls._instance\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=Settings.instance) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Settings:\n"
            "    _instance = None\n"
            "    _lock = threading.Lock()\n"
            "\n"
            "    @classmethod\n"
            "    def instance(cls):\n"
            "        if cls._instance is None:\n"
            "            with cls._lock:\n"
            "                if cls._instance is None:\n"
            "                    cls._instance = cls()\n"
            "        return cls._instance\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=Settings.instance) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Repeat the test as the first thing inside the lock. Where speed does not matter, drop the\n"
           "outer test.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
