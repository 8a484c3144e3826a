/* RL703 lost-exception: the future of a task is dropped, and with it the exception that ends the task. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_DROPPED || hazard->kind == HAZARD_THREAD_LOST;
}

/* Most programs can live with a thread that ends with an exception, which is printed. */
static bool on_request(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_THREAD_LOST;
}

static void describe_thread(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);
    struct str where = text_at(arena, &hazard->escape->site, last), what = text_code(arena, hazard->escape->text);
    text->message = arena_printf(arena,
                                 "%.*s on %.*s starts a thread. What %.*s (%.*s) raises there ends the thread and is "
                                 "printed, and the program goes on without it.",
                                 STR_FMT(code), STR_FMT(line), STR_FMT(what), STR_FMT(where));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Handle exceptions in what %.*s starts, or set `threading.excepthook` to a function "
                                "that tells the rest of the program.",
                                STR_FMT(line)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->kind == HAZARD_THREAD_LOST) {
        describe_thread(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str fails = STR("what the task raises");
    if (hazard->escape) {
        struct str where = text_at(arena, &hazard->escape->site, last), what = text_code(arena, hazard->escape->text);
        fails = arena_printf(arena, "what %.*s (%.*s) raises", STR_FMT(what), STR_FMT(where));
    }
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s starts a task, and nobody %s its future: %.*s is seen by no one, and the "
                     "program goes on as if the work were done.",
                     STR_FMT(code), STR_FMT(line), hazard->while_loop ? "asks" : "keeps", STR_FMT(fails));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Keep what %.*s returns and ask for its `result()`, give it an `add_done_callback()` that "
                         "looks at `exception()`, or handle exceptions in the task.",
                         STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-391", "CWE-252", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.result",
    "https://cwe.mitre.org/data/definitions/391.html",
    NULL,
};

const struct rule rule_RL703 = {
    .code = "RL703",
    .name = "lost-exception",
    .summary = "the future of a task is dropped, and with it the exception that ends the task",
    .explanation =
        "A task that fails puts its exception into its future, and there it stays until somebody asks:\n"
        "\n"
        "1. Thread A submits ten uploads and drops the futures.\n"
        "2. In thread B of the pool, the third upload raises OSError. The exception goes into a future that is gone.\n"
        "3. The pool shuts down, A prints \"10 files uploaded\".\n"
        "\n"
        "Nothing is printed, not even at the end of the program. The same goes for the results of `map()`, which "
        "raise\n"
        "when they are taken, and only then.\n"
        "\n"
        "Where the rule is selected, it tells of threads, too, that an exception may end while nobody has set\n"
        "`threading.excepthook`. It is printed, which most programs can live with.\n",
    .bad = "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def upload(path):\n"
           "    if not path.endswith(\".txt\"):\n"
           "        raise ValueError(path)\n"
           "    print(\"uploaded\", path)\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor() as pool:\n"
           "    for path in (\"a.txt\", \"b.db\", \"c.txt\"):\n"
           "        pool.submit(upload, path)\n"
           "print(\"all uploaded\")\n",
    .good = "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "def upload(path):\n"
            "    if not path.endswith(\".txt\"):\n"
            "        raise ValueError(path)\n"
            "    print(\"uploaded\", path)\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor() as pool:\n"
            "    futures = [pool.submit(upload, path) for path in (\"a.txt\", \"b.txt\", \"c.txt\")]\n"
            "    for future in futures:\n"
            "        future.result()\n"
            "print(\"all uploaded\")\n",
    .fix = "Keep the futures and call `result()` on each, or walk over the results of `map()`. For tasks that nobody "
           "waits\n"
           "for, log failures in `add_done_callback`, or in a handler around the task's work.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .on_request = on_request,
    .matches = matches,
    .describe = describe,
};
