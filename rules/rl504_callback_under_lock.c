/* RL504 callback-under-lock: code of others is called while a lock is held. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_CALLBACK;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str lock = hazard->held->name;
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s calls code that came from outside, with `%.*s` held. If that code comes back "
                     "to this object, or waits for a thread that does, it waits for the lock that it is called "
                     "under.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(lock));
    text->fix = (struct finding_fix){
        .kind = FIX_SNAPSHOT,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Copy what is to be called under `%.*s`, and make the call on %.*s when the lock is "
                                "released.",
                                STR_FMT(lock), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-667", "CWE-833", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#rlock-objects",
    "https://cwe.mitre.org/data/definitions/833.html",
    NULL,
};

const struct rule rule_RL504 = {
    .code = "RL504",
    .name = "callback-under-lock",
    .summary = "code of others is called while a lock is held",
    .explanation = "Who calls a listener, a hook or a factory does not know what it does:\n"
                   "\n"
                   "1. Thread A holds the lock of the hub and calls a listener.\n"
                   "2. The listener unsubscribes itself, which takes the same lock: A waits for itself.\n"
                   "3. Or it waits for thread B, which is about to publish and waits for A's lock.\n"
                   "\n"
                   "The code is right until somebody writes such a listener.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Hub:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._listeners = []\n"
           "\n"
           "    def subscribe(self, listener):\n"
           "        with self._lock:\n"
           "            self._listeners.append(listener)\n"
           "\n"
           "    def publish(self, event):\n"
           "        with self._lock:\n"
           "            for listener in self._listeners:\n"
           "                listener(event)\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Hub:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._listeners = []\n"
            "\n"
            "    def subscribe(self, listener):\n"
            "        with self._lock:\n"
            "            self._listeners.append(listener)\n"
            "\n"
            "    def publish(self, event):\n"
            "        with self._lock:\n"
            "            listeners = list(self._listeners)\n"
            "        for listener in listeners:\n"
            "            listener(event)\n",
    .fix =
        "Take a copy under the lock and call outside of it. Say in the documentation in which thread, and under which\n"
        "locks, listeners are called. An `RLock` only helps where the listener runs in the same thread.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_USE,
    .matches = matches,
    .describe = describe,
};
