/* RL803 foreign-frame-locals: the local variables of a frame are read while another thread runs it. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_FOREIGN_FRAME;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    text->message =
        arena_printf(arena,
                     "%.*s on %.*s looks into frames of `sys._current_frames()`, which other threads are "
                     "running. On free-threaded Python they go on meanwhile, and the interpreter may crash.",
                     STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Do not touch `f_locals` of other threads on %.*s; print stacks with "
                                "`faulthandler.dump_traceback(all_threads=True)`.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-416", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/362.html",
    NULL,
};

const struct rule rule_RL803 = {
    .code = "RL803",
    .name = "foreign-frame-locals",
    .summary = "the local variables of a frame are read while another thread runs it",
    .explanation =
        "A frame belongs to the thread that runs it:\n"
        "\n"
        "1. Thread A asks `sys._current_frames()` and gets the frame of thread B.\n"
        "2. With the GIL, B stands still while A looks.\n"
        "3. Without it, B goes on: it changes its variables and returns while A reads `f_locals`.\n"
        "\n"
        "The documentation of free threading says that this is not safe, and may crash. On Python 3.13 that goes for\n"
        "whatever is read of such a frame; from 3.14 on the rest of it is guarded.\n",
    .bad = "import sys\n"
           "\n"
           "\n"
           "def dump():\n"
           "    for ident, frame in sys._current_frames().items():\n"
           "        print(ident, frame.f_code.co_name, frame.f_locals)\n",
    .good = "import faulthandler\n"
            "\n"
            "\n"
            "def dump():\n"
            "    faulthandler.dump_traceback(all_threads=True)\n",
    .fix =
        "Let each thread tell about itself, or use `faulthandler`. A debugger stops threads with `sys.monitoring`, or\n"
        "looks at the process from outside.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
