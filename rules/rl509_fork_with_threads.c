/* RL509 fork-with-threads: the process is forked while other threads run. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_FORK;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    const char *what = hazard->check == CHECK_TRUE ? "runs Python code in the child between fork and exec"
                                                   : "copies the process with this one thread only";
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s %s, while other threads run: a lock that one of them holds at that moment "
                     "stays locked in the child for ever.",
                     STR_FMT(code), STR_FMT(line), what);
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "%s, on %.*s.",
                                hazard->check == CHECK_TRUE
                                    ? "Use the arguments made for it (`cwd=`, `env=`, `umask=`, `start_new_session=`, "
                                      "`user=`) instead of `preexec_fn`"
                                    : "Start the child before the threads, with `subprocess`, or with "
                                      "`multiprocessing.get_context(\"spawn\")`",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/os.html#os.fork",
    "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    "https://cwe.mitre.org/data/definitions/667.html",
    NULL,
};

const struct rule rule_RL509 = {
    .code = "RL509",
    .name = "fork-with-threads",
    .summary = "the process is forked while other threads run",
    .explanation = "`fork()` copies the memory of all threads, and one thread:\n"
                   "\n"
                   "1. Thread A is in the middle of a logging call and holds the lock of the handler.\n"
                   "2. Thread B forks. In the child, there is no A, and the lock is taken.\n"
                   "3. The child logs one line and waits for ever.\n"
                   "\n"
                   "Locks of the C library and of extension modules are copied in the same way. Python 3.12 and later "
                   "warn about it;\n"
                   "from 3.14 on, `multiprocessing` does not fork by default any more.\n",
    .bad = "import os\n"
           "import threading\n"
           "\n"
           "\n"
           "def serve():\n"
           "    while True:\n"
           "        print(\"serving\")\n"
           "\n"
           "\n"
           "threading.Thread(target=serve, daemon=True).start()\n"
           "if os.fork() == 0:\n"
           "    print(\"child\")\n"
           "    os._exit(0)\n",
    .good = "import subprocess\n"
            "import sys\n"
            "import threading\n"
            "\n"
            "\n"
            "def serve():\n"
            "    while True:\n"
            "        print(\"serving\")\n"
            "\n"
            "\n"
            "threading.Thread(target=serve, daemon=True).start()\n"
            "subprocess.run([sys.executable, \"-c\", \"print('child')\"])\n",
    .fix = "Fork before any thread is started, or do not fork: `subprocess` for programs, the start methods \"spawn\" "
           "and\n"
           "\"forkserver\" of `multiprocessing` for functions.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
