/* RL003 unused-suppression: found where findings are suppressed (analyzer/cli); here is what it is. */
#include "rules/list.h"

static const char *const cwes[] = {"CWE-1116", NULL};
static const char *const references[] = {
    "https://cwe.mitre.org/data/definitions/1116.html",
    NULL,
};

const struct rule rule_RL003 = {
    .code = "RL003",
    .name = "unused-suppression",
    .summary = "an ignore comment that suppresses nothing",
    .explanation = "`# racelint: ignore[RL201]`, `# noqa: RL201` and `# racelint: skip-file` keep findings from\n"
                   "being reported. Where there is no such finding any more, the comment tells readers of a\n"
                   "hazard that is gone, and hides the next one:\n"
                   "\n"
                   "1. A counter is changed without a lock; the finding is suppressed.\n"
                   "2. The counter gets its lock. The comment stays.\n"
                   "3. A year later somebody drops the lock. Two threads lose updates again, and nothing is\n"
                   "   reported, because the comment still is there.\n"
                   "\n"
                   "Only rules that are on count: a comment for a rule that was not asked for may have its use.\n"
                   "Of several rules in one comment, the unused ones are named. The comment may stand on a line\n"
                   "that does not belong to the statement which is reported: then moving it is the fix.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Turnstile:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self.passed = 0\n"
           "\n"
           "    def turn(self):\n"
           "        with self._lock:\n"
           "            self.passed += 1  # racelint: ignore[RL101] an estimate is enough\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Turnstile:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self.passed = 0\n"
            "\n"
            "    def turn(self):\n"
            "        with self._lock:\n"
            "            self.passed += 1\n",
    .fix = "Delete the comment, or the rules in it that are named.\n",
    .cwes = cwes,
    .references = references,
};
