/* RL702 run-instead-of-start: a thread object is used in a way that starts no thread. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool is_misuse(enum hazard_kind kind)
{
    return kind == HAZARD_THREAD_RUN || kind == HAZARD_THREAD_UNUSED || kind == HAZARD_THREAD_EMPTY ||
           kind == HAZARD_THREAD_BASE;
}

static size_t misuse_index(enum hazard_kind kind)
{
    switch (kind) {
    case HAZARD_THREAD_RUN: return 0;
    case HAZARD_THREAD_UNUSED: return 1;
    case HAZARD_THREAD_EMPTY: return 2;
    default: return 3;
    }
}

static bool matches(const struct hazard *hazard)
{
    return is_misuse(hazard->kind);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    static const char *const done[] = {
        "calls `run()` itself, in the thread that is here: nothing runs beside it",
        "makes a thread that nobody can start: what it is to do never happens",
        "starts a thread that has nothing to do: no target, and its class has no `run()`",
        "does not call the constructor of its base class: `start()` raises RuntimeError"};
    static const char *const better[] = {
        "Call `start()`, and `join()` where the result is needed", "Keep the thread and call `start()`",
        "Give it a `target=`, or its class a method `run()`", "Call `super().__init__()` first"};
    size_t index = misuse_index(hazard->kind);
    struct str name = hazard->kind == HAZARD_THREAD_BASE ? STR("The constructor") : code;
    text->message = arena_printf(arena, "%.*s on %.*s %s.", STR_FMT(name), STR_FMT(line), done[index]);
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "%s, on %.*s.", better[index], STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-572", "CWE-662", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#threading.Thread.run",
    "https://cwe.mitre.org/data/definitions/572.html",
    NULL,
};

const struct rule rule_RL702 = {
    .code = "RL702",
    .name = "run-instead-of-start",
    .summary = "a thread object is used in a way that starts no thread",
    .explanation =
        "`Thread.run()` is what the thread does, `Thread.start()` is what makes a thread do it:\n"
        "\n"
        "1. Thread A makes a `Thread` object and calls `run()`. The work is done in A, which waits for it.\n"
        "2. A goes on with what it believed to run in thread B. There is no thread B.\n"
        "3. What was meant to happen at once happens one after the other; and a loop that was to serve in the\n"
        "   background never lets A go on.\n"
        "\n"
        "A thread object that is made and dropped, one without target and `run()`, and a subclass whose `__init__` "
        "does\n"
        "not call its base's start nothing, either.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "def download(url):\n"
           "    print(\"downloading\", url)\n"
           "\n"
           "\n"
           "for url in (\"a\", \"b\", \"c\"):\n"
           "    thread = threading.Thread(target=download, args=(url,))\n"
           "    thread.run()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "def download(url):\n"
            "    print(\"downloading\", url)\n"
            "\n"
            "\n"
            "for url in (\"a\", \"b\", \"c\"):\n"
            "    thread = threading.Thread(target=download, args=(url,))\n"
            "    thread.start()\n",
    .fix = "Call `start()`. A subclass of `Thread` calls `super().__init__()` first of all and overrides `run()`; "
           "everybody\n"
           "else passes a `target=`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
