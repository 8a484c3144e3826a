/* RL408 wait-outside-loop: a condition is waited for without testing again what is waited for. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_WAIT_ONCE;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str name = hazard->held->name;
    const char *how = hazard->check == CHECK_NOT_A_CHECK
                          ? "is not about anything that the code tests: a `notify()` that came before is lost, and "
                            "being woken does not mean that there is something to do"
                          : "is below an `if`: when it ends, another thread may have been quicker, and what was "
                            "tested is not tested again";
    text->message = arena_printf(arena, "%.*s on %.*s %s.", STR_FMT(code), STR_FMT(line), how);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Put the wait on %.*s into `while not <what it waits for>:`, or use "
                                "`%.*s.wait_for(lambda: <what it waits for>)`, which loops by itself.",
                                STR_FMT(line), STR_FMT(name)),
    };
}

static const char *const cwes[] = {"CWE-662", "CWE-367", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#condition-objects",
    "https://cwe.mitre.org/data/definitions/662.html",
    NULL,
};

const struct rule rule_RL408 = {
    .code = "RL408",
    .name = "wait-outside-loop",
    .summary = "a condition is waited for without testing again what is waited for",
    .explanation =
        "`wait()` says that somebody called `notify()`, not that what the thread waits for is there:\n"
        "\n"
        "1. Threads A and B both wait because the list is empty.\n"
        "2. Thread C appends one element and calls `notify_all()`, or thread D comes by without waiting.\n"
        "3. B takes the element. A wakes, goes on below its `if`, and takes from an empty list.\n"
        "\n"
        "A wait with a timeout ends without any reason, too. And a `notify()` that comes before the `wait()` is\n"
        "not kept: who does not test first can sleep for ever.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Mailbox:\n"
           "    def __init__(self):\n"
           "        self._changed = threading.Condition()\n"
           "        self._mails = []\n"
           "\n"
           "    def put(self, mail):\n"
           "        with self._changed:\n"
           "            self._mails.append(mail)\n"
           "            self._changed.notify_all()\n"
           "\n"
           "    def take(self):\n"
           "        with self._changed:\n"
           "            if not self._mails:\n"
           "                self._changed.wait()\n"
           "            return self._mails.pop()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Mailbox:\n"
            "    def __init__(self):\n"
            "        self._changed = threading.Condition()\n"
            "        self._mails = []\n"
            "\n"
            "    def put(self, mail):\n"
            "        with self._changed:\n"
            "            self._mails.append(mail)\n"
            "            self._changed.notify_all()\n"
            "\n"
            "    def take(self):\n"
            "        with self._changed:\n"
            "            while not self._mails:\n"
            "                self._changed.wait()\n"
            "            return self._mails.pop()\n",
    .fix =
        "Wait in a `while` over the very state that the code relies on, with the condition held around test, wait\n"
        "and use; `wait_for()` is that loop in one call. Where a `queue.Queue` or an `Event` says the same, use it.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
