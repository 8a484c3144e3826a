/* RL706 loop-touched-off-thread: an object of an event loop is used from another thread. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

/* "a thread running work() (started at line 12)" */
static struct str thread_of(struct arena *arena, const struct hazard *hazard)
{
    struct hazard other = *hazard;
    other.partner = hazard->last;
    other.partner_side = hazard->side;
    struct str text = text_other(arena, &other);
    bool another = str_starts(text, STR("another "));
    struct str rest = str_slice(text, another ? sizeof "another " - 1 : 0, text.len);
    return another ? arena_printf(arena, "a %.*s", STR_FMT(rest)) : text;
}

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOOP_TOUCHED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    bool asyncio = hazard->check == CHECK_TRUE;
    struct str who = thread_of(arena, hazard);
    const char *what = asyncio ? "an object of asyncio, which belongs to the thread that runs its event loop"
                               : "an object that belongs to the thread that runs its main loop";
    text->message = arena_printf(arena,
                                 "%.*s on %.*s is called in %.*s, on %s: the loop does not wake up for it, or "
                                 "meets a state that is half changed.",
                                 STR_FMT(code), STR_FMT(line), STR_FMT(who), what);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "On %.*s, %s.", STR_FMT(line),
                                asyncio ? "let the loop make the call: `loop.call_soon_threadsafe(…)`, or "
                                          "`asyncio.run_coroutine_threadsafe(…, loop)` for a coroutine"
                                        : "put it into a queue that the main loop empties, or use what the library "
                                          "offers to post a call to its own thread"),
    };
}

static const char *const cwes[] = {"CWE-820", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/asyncio-dev.html#asyncio-multithreading",
    "https://docs.python.org/3/library/tkinter.html#threading-model",
    "https://cwe.mitre.org/data/definitions/366.html",
    NULL,
};

const struct rule rule_RL706 = {
    .code = "RL706",
    .name = "loop-touched-off-thread",
    .summary = "an object of an event loop is used from another thread",
    .explanation =
        "Event loops and widgets are made for one thread. Only a few of their methods may be called from others:\n"
        "\n"
        "1. Thread A runs the loop, which sleeps until something is due.\n"
        "2. Thread B finishes a job and calls `future.set_result(…)`. It schedules a callback in a list that belongs "
        "to A.\n"
        "3. Nobody wakes A: the callback runs when A happens to wake for another reason, or never.\n"
        "\n"
        "If A runs at that moment, both change its list of callbacks.\n",
    .bad = "import asyncio\n"
           "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "pool = ThreadPoolExecutor(2)\n"
           "\n"
           "\n"
           "def report(job):\n"
           "    print(\"job done\", job.exception())\n"
           "\n"
           "\n"
           "def work(number, future):\n"
           "    future.set_result(number * number)\n"
           "\n"
           "\n"
           "async def square(number):\n"
           "    future = asyncio.get_running_loop().create_future()\n"
           "    pool.submit(work, number, future).add_done_callback(report)\n"
           "    return await future\n"
           "\n"
           "\n"
           "print(asyncio.run(square(7)))\n",
    .good = "import asyncio\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "pool = ThreadPoolExecutor(2)\n"
            "\n"
            "\n"
            "def work(number):\n"
            "    return number * number\n"
            "\n"
            "\n"
            "async def square(number):\n"
            "    loop = asyncio.get_running_loop()\n"
            "    return await loop.run_in_executor(pool, work, number)\n"
            "\n"
            "\n"
            "print(asyncio.run(square(7)))\n",
    .fix =
        "From another thread, use `loop.call_soon_threadsafe` and `asyncio.run_coroutine_threadsafe`, or let the loop\n"
        "start the work with `run_in_executor` or `asyncio.to_thread` and await it. User interfaces have such a call,\n"
        "too: signals and slots in Qt, an `after()` that polls a queue in tkinter.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
