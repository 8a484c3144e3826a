/* RL602 process-state-mutation: state of the whole process is changed while other threads run. */
#include "rules/list.h"
#include "rules/process.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool is_other_state(enum model_state state)
{
    switch (state) {
    case STATE_NONE:
    case STATE_ENVIRONMENT:
    case STATE_WARNINGS:
    case STATE_STREAMS:
    case STATE_HOOKS:
    case STATE_FORK: return false;
    default: return true;
    }
}

static const char *advice(enum model_state state)
{
    switch (state) {
    case STATE_DIRECTORY: return "Use absolute paths, `dir_fd=` or `cwd=`";
    case STATE_UMASK: return "Give the mode to the call that makes the file, or `os.chmod` it";
    case STATE_LOCALE: return "Format with a library that takes the locale as an argument";
    case STATE_RANDOM: return "Use a `random.Random(seed)` of its own for each thread";
    case STATE_SIGNALS: return "Set signal handlers in the main thread, before others start";
    default: return "Set it once, before threads start";
    }
}

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_PROCESS_STATE && is_other_state(hazard->state);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = process_act(arena, hazard);
    struct str meanwhile = process_meanwhile(arena, hazard);

    if (hazard->raises) {
        text->message = arena_printf(arena,
                                     "%.*s on %.*s raises ValueError: a thread other than the main one runs it, and "
                                     "only the main one may change %.*s.",
                                     STR_FMT(code), STR_FMT(line), STR_FMT(hazard->place->name));
    } else {
        text->message = arena_printf(arena, "%.*s on %.*s changes %.*s for every thread%.*s.", STR_FMT(code),
                                     STR_FMT(line), STR_FMT(hazard->place->name), STR_FMT(meanwhile));
    }
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "%s, instead of changing it on %.*s.", advice(hazard->state), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/os.html#os.chdir",
    "https://docs.python.org/3/library/locale.html#locale.setlocale",
    "https://cwe.mitre.org/data/definitions/366.html",
    NULL,
};

const struct rule rule_RL602 = {
    .code = "RL602",
    .name = "process-state-mutation",
    .summary = "state of the whole process is changed while other threads run",
    .explanation =
        "The working directory, the umask, the locale, signal handlers, the state of `random`, the recursion limit "
        "and\n"
        "the like exist once per process, whichever thread sets them:\n"
        "\n"
        "1. Thread A changes to the directory of its job and opens \"result.txt\" there.\n"
        "2. Thread B changes to another directory in between.\n"
        "3. A's file is written into B's directory.\n"
        "\n"
        "Saving the old value and putting it back makes it worse: A restores what it found, which may be B's.\n"
        "`signal.signal` raises ValueError in any thread but the main one.\n",
    .bad = "import os\n"
           "import threading\n"
           "\n"
           "\n"
           "def build(folder):\n"
           "    os.chdir(folder)\n"
           "    with open(\"result.txt\", \"w\") as file:\n"
           "        file.write(\"done\")\n"
           "\n"
           "\n"
           "for folder in (\"one\", \"two\", \"three\"):\n"
           "    threading.Thread(target=build, args=(folder,)).start()\n",
    .good = "import os\n"
            "import threading\n"
            "\n"
            "\n"
            "def build(folder):\n"
            "    with open(os.path.join(folder, \"result.txt\"), \"w\") as file:\n"
            "        file.write(\"done\")\n"
            "\n"
            "\n"
            "for folder in (\"one\", \"two\", \"three\"):\n"
            "    threading.Thread(target=build, args=(folder,)).start()\n",
    .fix =
        "Use what takes the value as an argument: absolute paths, `cwd=` and `umask=` of `subprocess`, `os.open` with\n"
        "a mode, a `random.Random()` of one's own, the timeout of one socket. What has to be set for the process is\n"
        "set once, before threads start.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
