/* RL411 lost-event-signal: an event is cleared after the state that it announces was looked at. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOST_SIGNAL;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str look = text_code(arena, hazard->escape->text), seen = text_at(arena, &hazard->escape->site, last);
    struct str other = text_other(arena, hazard), set = text_at(arena, &hazard->partner->site, last);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s comes after the code has looked at %.*s (%.*s). If %.*s sets the event in "
                     "between (%.*s), the clear wipes that signal out, and the next wait does not end.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(look), STR_FMT(seen), STR_FMT(other), STR_FMT(set));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Move %.*s up, right behind the wait and before %.*s; or use a `queue.Queue`, which "
                                "keeps what is put into it.",
                                STR_FMT(line), STR_FMT(seen)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-367", "CWE-662", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#event-objects",
    "https://cwe.mitre.org/data/definitions/362.html",
    NULL,
};

const struct rule rule_RL411 = {
    .code = "RL411",
    .name = "lost-event-signal",
    .summary = "an event is cleared after the state that it announces was looked at",
    .explanation =
        "An event is one bit, and does not count. Who clears it must look at what it announces afterwards:\n"
        "\n"
        "1. Thread A waits for the event, wakes, and takes all jobs that are there.\n"
        "2. Thread B appends a job and sets the event, which is set already.\n"
        "3. A is done and clears the event, B's signal with it.\n"
        "4. A waits. The job lies there until somebody sets the event again, perhaps never.\n"
        "\n"
        "It is the same with `if not jobs:` followed by `clear()` and `wait()`: a job that arrives after the test is\n"
        "announced before the clear.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Printer:\n"
           "    def __init__(self):\n"
           "        self._wake = threading.Event()\n"
           "        self._jobs = []\n"
           "        threading.Thread(target=self._run, daemon=True).start()\n"
           "\n"
           "    def add(self, job):\n"
           "        self._jobs.append(job)\n"
           "        self._wake.set()\n"
           "\n"
           "    def _run(self):\n"
           "        while True:\n"
           "            self._wake.wait()\n"
           "            while self._jobs:\n"
           "                print(self._jobs.pop())\n"
           "            self._wake.clear()\n"
           "\n"
           "\n"
           "printer = Printer()\n"
           "printer.add(\"a page\")\n",
    .good = "import queue\n"
            "import threading\n"
            "\n"
            "\n"
            "class Printer:\n"
            "    def __init__(self):\n"
            "        self._jobs = queue.SimpleQueue()\n"
            "        threading.Thread(target=self._run, daemon=True).start()\n"
            "\n"
            "    def add(self, job):\n"
            "        self._jobs.put(job)\n"
            "\n"
            "    def _run(self):\n"
            "        while True:\n"
            "            print(self._jobs.get())\n"
            "\n"
            "\n"
            "printer = Printer()\n"
            "printer.add(\"a page\")\n",
    .fix =
        "Clear first, then look: `wait()`, `clear()`, and only then take what is there. What is announced after the\n"
        "clear sets the event again. A queue or a `Condition` with the state in its `while` needs no such care.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
