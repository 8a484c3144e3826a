/* RL506 wait-holding-two-locks: a condition is waited for while another lock is held. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_WAIT_HOLDING;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str held = hazard->held->name, own = hazard->wanted->name, waker = STR("who needs it");
    if (hazard->partner) {
        struct str where = text_at(arena, &hazard->partner->site, last), act = text_code(arena, hazard->partner->text);
        waker = arena_printf(arena, "the thread that would wake this one (%.*s on %.*s)", STR_FMT(act), STR_FMT(where));
    }
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s gives `%.*s` back while it waits, but keeps `%.*s`. Meanwhile %.*s waits for "
                     "that lock.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(own), STR_FMT(held), STR_FMT(waker));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Release `%.*s` before the wait on %.*s, or make the condition around that lock: "
                                "`threading.Condition(%.*s)`.",
                                STR_FMT(held), STR_FMT(line), STR_FMT(held)),
    };
}

static const char *const cwes[] = {"CWE-833", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#condition-objects",
    "https://cwe.mitre.org/data/definitions/833.html",
    NULL,
};

const struct rule rule_RL506 = {
    .code = "RL506",
    .name = "wait-holding-two-locks",
    .summary = "a condition is waited for while another lock is held",
    .explanation = "`wait()` gives back the lock of its own condition, and no other:\n"
                   "\n"
                   "1. Thread A takes `self._lock`, then `self._changed`, and waits. It still holds `self._lock`.\n"
                   "2. Thread B has what A waits for, and takes `self._lock` first, as A did. It waits for A.\n"
                   "3. A waits for B's `notify()`. Both wait for ever.\n"
                   "\n"
                   "The outer lock is often taken by a caller, in another file.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Buffer:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._changed = threading.Condition()\n"
           "        self._items = []\n"
           "\n"
           "    def put(self, item):\n"
           "        with self._lock:\n"
           "            with self._changed:\n"
           "                self._items.append(item)\n"
           "                self._changed.notify()\n"
           "\n"
           "    def take(self):\n"
           "        with self._lock:\n"
           "            with self._changed:\n"
           "                while not self._items:\n"
           "                    self._changed.wait()\n"
           "                return self._items.pop()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Buffer:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._changed = threading.Condition(self._lock)\n"
            "        self._items = []\n"
            "\n"
            "    def put(self, item):\n"
            "        with self._lock:\n"
            "            self._items.append(item)\n"
            "            self._changed.notify()\n"
            "\n"
            "    def take(self):\n"
            "        with self._lock:\n"
            "            while not self._items:\n"
            "                self._changed.wait()\n"
            "            return self._items.pop()\n",
    .fix =
        "Let one lock guard the state that is waited for: several conditions can be made around the same lock. Where\n"
        "two locks are needed, release the outer one before the wait and take both again, in their order, "
        "afterwards.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
