/* RL705 daemon-write-at-exit: a daemon thread that uses files may be cut off in the middle. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_DAEMON;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    text->message =
        arena_printf(arena,
                     "%.*s on %.*s is done in a daemon thread. When the program ends, the thread is stopped "
                     "wherever it is: what it writes may be half written.",
                     STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Let the thread end by itself: an `Event` or a sentinel in its queue, and `join()` "
                                "before the program ends; then %.*s is reached and left in order.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-404", "CWE-662", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#thread-objects",
    "https://cwe.mitre.org/data/definitions/404.html",
    NULL,
};

const struct rule rule_RL705 = {
    .code = "RL705",
    .name = "daemon-write-at-exit",
    .summary = "a daemon thread that uses files may be cut off in the middle",
    .explanation = "The interpreter waits for ordinary threads when it exits, and not for daemon threads:\n"
                   "\n"
                   "1. Daemon thread B writes a file, in several steps.\n"
                   "2. Thread A, the main thread, returns from the last line of the program.\n"
                   "3. The interpreter is torn down. B stops between two of its steps, and its buffers are lost.\n"
                   "\n"
                   "The rule is off unless it is selected: for a daemon thread that only reads, or only keeps a cache, "
                   "nothing is\n"
                   "lost.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "def record():\n"
           "    while True:\n"
           "        with open(\"log.txt\", \"a\") as file:\n"
           "            file.write(\"still here\")\n"
           "\n"
           "\n"
           "threading.Thread(target=record, daemon=True).start()\n"
           "print(\"done\")\n",
    .good = "import threading\n"
            "\n"
            "stop = threading.Event()\n"
            "\n"
            "\n"
            "def record():\n"
            "    while not stop.wait(1):\n"
            "        with open(\"log.txt\", \"a\") as file:\n"
            "            file.write(\"still here\")\n"
            "\n"
            "\n"
            "thread = threading.Thread(target=record)\n"
            "thread.start()\n"
            "print(\"done\")\n"
            "stop.set()\n"
            "thread.join()\n",
    .fix = "Stop the thread and wait for it: set an event, or put a sentinel into its queue, and `join()`. Write to a\n"
           "temporary file and `os.replace` it where a torn file would do harm.\n",
    .cwes = cwes,
    .references = references,
    .opt_in = true,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
