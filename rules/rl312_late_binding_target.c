/* RL312 late-binding-target: a thread reads a loop variable when the loop has moved on. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_CAPTURE;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str name = hazard->place->field, line = text_at(arena, last, last);
    struct str bound = text_at(arena, &hazard->partner->site, last);
    struct str start = hazard->side->start.file ? text_at(arena, &hazard->side->start, last) : STR("");
    struct str who = start.len ? arena_printf(arena, "The thread started on %.*s", STR_FMT(start)) : STR("The thread");
    const char *then =
        hazard->while_loop
            ? "the loop goes on meanwhile, so that the thread may get the value of a later round, and two "
              "threads the same one"
            : "the loop is over by then, so that every thread gets the value of its last round";
    text->message =
        arena_printf(arena,
                     "%.*s reads `%.*s` (%.*s) when it gets there, not when it is made. The variable belongs to "
                     "the loop that binds it on %.*s: %s.",
                     STR_FMT(who), STR_FMT(name), STR_FMT(line), STR_FMT(bound), then);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Give the value to the thread when it is made: as an argument (`args=(%.*s,)`, "
                                "`submit(work, %.*s)`), or as a default (`lambda %.*s=%.*s: …`).",
                                STR_FMT(name), STR_FMT(name), STR_FMT(name), STR_FMT(name)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/faq/"
    "programming.html#why-do-lambdas-defined-in-a-loop-with-different-values-all-return-the-same-result",
    "https://docs.python.org/3/reference/executionmodel.html#resolution-of-names",
    NULL,
};

const struct rule rule_RL312 = {
    .code = "RL312",
    .name = "late-binding-target",
    .summary = "a closure that runs in a thread reads a loop variable, which the loop binds again meanwhile",
    .explanation = "A lambda or nested function does not keep the value of a variable of the function around it; it\n"
                   "looks the variable up when it runs:\n"
                   "\n"
                   "1. The main thread binds `name` to \"ann\" and starts thread A on `lambda: greet(name)`.\n"
                   "2. The main thread goes on and binds `name` to \"bob\".\n"
                   "3. Thread A gets going, reads `name`, and greets bob. Thread B does the same; nobody greets ann.\n"
                   "\n"
                   "Most of the time the thread is quick enough, which hides it. Where the threads are made in one\n"
                   "loop and started in a second one, all of them get the last value.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "def greet(name):\n"
           "    print(\"Dear\", name)\n"
           "\n"
           "\n"
           "def greet_all(names):\n"
           "    threads = []\n"
           "    for name in names:\n"
           "        thread = threading.Thread(target=lambda: greet(name))\n"
           "        thread.start()\n"
           "        threads.append(thread)\n"
           "    for thread in threads:\n"
           "        thread.join()\n"
           "\n"
           "\n"
           "greet_all([\"ann\", \"bob\"])\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "def greet(name):\n"
            "    print(\"Dear\", name)\n"
            "\n"
            "\n"
            "def greet_all(names):\n"
            "    threads = []\n"
            "    for name in names:\n"
            "        thread = threading.Thread(target=greet, args=(name,))\n"
            "        thread.start()\n"
            "        threads.append(thread)\n"
            "    for thread in threads:\n"
            "        thread.join()\n"
            "\n"
            "\n"
            "greet_all([\"ann\", \"bob\"])\n",
    .fix = "Pass the value as an argument of the thread or task. Where a closure is needed, bind the value to a\n"
           "default (`lambda name=name: greet(name)`) or use `functools.partial(greet, name)`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
