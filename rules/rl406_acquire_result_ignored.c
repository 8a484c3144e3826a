/* RL406 acquire-result-ignored: a lock is asked for with a timeout, and nobody looks whether it was given. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/taking.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_ACQUIRE_IGNORED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str lock = taking_lock(hazard->last, hazard->held), line = text_at(arena, last, last);
    struct str code = text_code(arena, hazard->last->text);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s can come back without the lock, and its result is not looked at: the code "
                     "behind it then runs beside the thread that has `%.*s`, and the release that follows takes "
                     "the lock away from it.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(lock));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena,
                                "Test the result on %.*s and leave where it is false, or wait for as long as it takes: "
                                "`with %.*s:`.",
                                STR_FMT(line), STR_FMT(lock)),
    };
}

static const char *const cwes[] = {"CWE-252", "CWE-667", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#threading.Lock.acquire",
    "https://cwe.mitre.org/data/definitions/252.html",
    NULL,
};

const struct rule rule_RL406 = {
    .code = "RL406",
    .name = "acquire-result-ignored",
    .summary = "a lock is asked for with a timeout, and nobody looks whether it was given",
    .explanation =
        "`acquire(timeout=…)` and `acquire(blocking=False)` return False where the lock is not to be had:\n"
        "\n"
        "1. Thread A holds the lock for longer than the timeout.\n"
        "2. Thread B's `acquire(timeout=1)` returns False. B goes on as if it had the lock.\n"
        "3. Both change the same state. Then B calls `release()`, which gives A's lock away: a third thread\n"
        "   can take it while A is still inside.\n"
        "\n"
        "Nothing fails as long as nobody holds the lock for long.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Report:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._rows = []\n"
           "\n"
           "    def add(self, row):\n"
           "        self._lock.acquire(timeout=1)\n"
           "        try:\n"
           "            self._rows.append(row)\n"
           "            self._rows.sort()\n"
           "        finally:\n"
           "            self._lock.release()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Report:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._rows = []\n"
            "\n"
            "    def add(self, row):\n"
            "        if not self._lock.acquire(timeout=1):\n"
            "            raise TimeoutError(\"the report is busy\")\n"
            "        try:\n"
            "            self._rows.append(row)\n"
            "            self._rows.sort()\n"
            "        finally:\n"
            "            self._lock.release()\n",
    .fix = "Look at what `acquire` returns before touching anything, and release only what was acquired. Where there\n"
           "is nothing useful to do without the lock, wait for it: `with lock:`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
