/* RL206 check-then-set-flag: a flag or state is tested and then set to a constant. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_CONTROL) || hazard->last->kind != ACCESS_STORE || !hazard->last->constant) {
        return false;
    }
    return !shape_checks_absence(hazard) && !shape_checks_size(hazard) && !shape_checks_presence(hazard);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str story = text_interleaving(arena, hazard, "both pass the test before either sets it, and both go on",
                                         "the test no longer holds, and both threads go on");
    text->message = arena_printf(arena, "%.*s is tested on %.*s and set on %.*s, a second step. %.*s",
                                 STR_FMT(span.name), STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/library/threading.html#event-objects",
    NULL,
};

const struct rule rule_RL206 = {
    .code = "RL206",
    .name = "check-then-set-flag",
    .summary = "a shared flag or state is tested and set in separate steps",
    .explanation = "`if not self._started: self._started = True; self._run()` is meant to run once. The test and\n"
                   "the assignment are two steps:\n"
                   "\n"
                   "1. Thread A tests `_started`: false.\n"
                   "2. Thread B tests `_started`: false.\n"
                   "3. Thread A sets it and starts the work.\n"
                   "4. Thread B sets it and starts the work a second time.\n"
                   "\n"
                   "The same goes for states (`if self.state == \"idle\": self.state = \"busy\"`) and for a\n"
                   "`close()` that tests, closes and then forgets its resource: two threads close it twice. An\n"
                   "`Event` does not help: its `is_set()` and `set()` are two steps, too.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Service:\n"
           "    def __init__(self):\n"
           "        self._started = False\n"
           "        self.runs = []\n"
           "\n"
           "    def ensure_started(self):\n"
           "        if not self._started:\n"
           "            self._started = True\n"
           "            self.runs.append(\"started\")\n"
           "\n"
           "\n"
           "service = Service()\n"
           "threads = [threading.Thread(target=service.ensure_started) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Service:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._started = False\n"
            "        self.runs = []\n"
            "\n"
            "    def ensure_started(self):\n"
            "        with self._lock:\n"
            "            if self._started:\n"
            "                return\n"
            "            self._started = True\n"
            "        self.runs.append(\"started\")\n"
            "\n"
            "\n"
            "service = Service()\n"
            "threads = [threading.Thread(target=service.ensure_started) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Test and set under one lock, then do the work outside it. To claim something once for all, a\n"
           "lock that is never released is the shortest way:\n"
           "`if self._claim.acquire(blocking=False): …`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
