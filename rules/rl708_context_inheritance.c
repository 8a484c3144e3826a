/* RL708 context-inheritance: a new thread relies on a context variable that another thread set. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_CONTEXT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str set = text_at(arena, &hazard->first->site, last);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s runs in a new thread and expects what another one has set (%.*s). A thread "
                     "starts with a copy of its starter's context only where `thread_inherit_context` is on: by "
                     "default on free-threaded builds from Python 3.14, and nowhere else. Otherwise the variable "
                     "has no value there, and this raises LookupError.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(set));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Pass the value as an argument, or run the target in a copy: "
                         "`contextvars.copy_context().run`; or give the variable that is read on %.*s a default.",
                         STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-665", "CWE-758", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/contextvars.html",
    "https://docs.python.org/3/library/threading.html#threading.Thread",
    "https://cwe.mitre.org/data/definitions/758.html",
    NULL,
};

const struct rule rule_RL708 = {
    .code = "RL708",
    .name = "context-inheritance",
    .summary = "a new thread relies on a context variable that another thread set",
    .explanation =
        "A context variable has a value per context, and each thread has a context of its own:\n"
        "\n"
        "1. Thread A sets the variable to the user of a request and starts thread B.\n"
        "2. On Python 3.13, and on builds with the GIL, B starts with an empty context: `get()` raises LookupError.\n"
        "3. On free-threaded Python 3.14, B starts with a copy of A's context and gets the user.\n"
        "\n"
        "Threads of a pool are started once, by whoever comes first, and keep the context of that moment. Other "
        "threads "
        "are\n"
        "not reported with `--target-version 3.14 --target-build free-threaded`.\n",
    .bad = "import contextvars\n"
           "import threading\n"
           "\n"
           "user = contextvars.ContextVar(\"user\")\n"
           "\n"
           "\n"
           "def greet():\n"
           "    print(\"hello\", user.get())\n"
           "\n"
           "\n"
           "user.set(\"ada\")\n"
           "threading.Thread(target=greet).start()\n",
    .good = "import contextvars\n"
            "import threading\n"
            "\n"
            "user = contextvars.ContextVar(\"user\", default=\"nobody\")\n"
            "\n"
            "\n"
            "def greet(name):\n"
            "    user.set(name)\n"
            "    print(\"hello\", user.get())\n"
            "\n"
            "\n"
            "threading.Thread(target=greet, args=(\"ada\",)).start()\n",
    .fix =
        "Say what is to be passed on: `threading.Thread(target=contextvars.copy_context().run, args=(work,))`, or an\n"
        "argument. Code that must behave alike on all builds does not rely on `thread_inherit_context`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
