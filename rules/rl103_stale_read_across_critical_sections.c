/* RL103 stale-read-across-critical-sections: read under the lock, released, written under the lock again. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return (shape_is_span(hazard, VIA_DATA) || shape_is_span(hazard, VIA_CONTROL)) && hazard->first_locked_alike;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct lock_advice lock = text_lock(arena, hazard);
    bool control = hazard->via == VIA_CONTROL;
    const char *act = hazard->last->writes ? "written" : "used";
    struct str story = text_interleaving(arena, hazard,
                                         control ? "both pass the test before either acts on it"
                                                 : "read the same old value, and one of their two updates is lost",
                                         control ? "the test no longer holds" : "that change is lost");
    const char *test = control ? "tested" : "read";
    struct str where =
        str_equal(span.first, span.last)
            ? arena_printf(arena, "%s and %s on %.*s", test, act, STR_FMT(span.last))
            : arena_printf(arena, "%s on %.*s and %s on %.*s", test, STR_FMT(span.first), act, STR_FMT(span.last));
    text->message = arena_printf(arena, "%.*s is %.*s, both under %.*s, but the lock is released in between. %.*s",
                                 STR_FMT(span.name), STR_FMT(where), STR_FMT(lock.lock), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-567", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL103 = {
    .code = "RL103",
    .name = "stale-read-across-critical-sections",
    .summary = "a value read under a lock is acted on under the same lock, which was released in between",
    .explanation = "Every single access holds the lock, so the code looks safe. But the lock is released between\n"
                   "the read and the write that relies on it, and what was read may be out of date by then:\n"
                   "\n"
                   "1. Thread A reads the balance, 100, under the lock, and releases it.\n"
                   "2. Thread B does the same, and reads 100.\n"
                   "3. Thread A stores 70 under the lock.\n"
                   "4. Thread B stores 60 under the lock.\n"
                   "\n"
                   "Two withdrawals were paid out, one was booked. A lock protects what happens while it is held\n"
                   "without interruption, not the single statements. Two `with lock:` blocks in a row, two calls\n"
                   "of methods that each take the lock, and `Condition.wait()` all interrupt it.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Account:\n"
           "    def __init__(self, balance):\n"
           "        self._lock = threading.Lock()\n"
           "        self._balance = balance\n"
           "\n"
           "    def withdraw(self, amount):\n"
           "        with self._lock:\n"
           "            balance = self._balance\n"
           "        fee = max(1, amount // 100)\n"
           "        with self._lock:\n"
           "            self._balance = balance - amount - fee\n"
           "\n"
           "\n"
           "account = Account(1000)\n"
           "threads = [threading.Thread(target=account.withdraw, args=(30,)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Account:\n"
            "    def __init__(self, balance):\n"
            "        self._lock = threading.Lock()\n"
            "        self._balance = balance\n"
            "\n"
            "    def withdraw(self, amount):\n"
            "        fee = max(1, amount // 100)\n"
            "        with self._lock:\n"
            "            self._balance = self._balance - amount - fee\n"
            "\n"
            "\n"
            "account = Account(1000)\n"
            "threads = [threading.Thread(target=account.withdraw, args=(30,)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make one critical section of the two, with the slow work before it. Where the work must lie\n"
           "between them, test under the second lock that the value is still the one that was read, and\n"
           "begin again where it is not.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
