/* RL505 pool-waits-on-itself: a task of a pool waits for another task of the same pool. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_POOL_WAIT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str wait = text_code(arena, hazard->last->text), line = text_at(arena, last, last);
    struct str given = text_at(arena, &hazard->first->site, last);
    struct str pool = hazard->place->field.len ? text_code(arena, hazard->place->name) : STR("the pool");
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s runs in a thread of %.*s and waits there for a task that was given to the "
                     "same pool on %.*s. When every thread of the pool waits like this, none is left to run "
                     "the tasks.",
                     STR_FMT(wait), STR_FMT(line), STR_FMT(pool), STR_FMT(given));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Let the task return what is left to do, and let the caller that is outside of the pool "
                         "submit it and wait; or give the inner tasks on %.*s a pool of their own.",
                         STR_FMT(given)),
    };
}

static const char *const cwes[] = {"CWE-833", "CWE-410", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor",
    "https://cwe.mitre.org/data/definitions/833.html",
    NULL,
};

const struct rule rule_RL505 = {
    .code = "RL505",
    .name = "pool-waits-on-itself",
    .summary = "a pool task waits for another task of its own pool",
    .explanation = "A pool has a limited number of threads, and a task that waits keeps its thread:\n"
                   "\n"
                   "1. Thread A of a pool of two runs a task, which submits a second task and waits for its result.\n"
                   "2. Thread B runs another task, which does the same.\n"
                   "3. Both second tasks are in the queue, and no thread is free to run them.\n"
                   "\n"
                   "With a small input or a big pool it works; the day the pool is full, it stops for good.\n"
                   "`result()`, `wait()`, `as_completed()`, walking over the results of `map()` and `shutdown()` all\n"
                   "wait. With a timeout, the wait ends in an exception instead.\n",
    .bad = "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "pool = ThreadPoolExecutor(2)\n"
           "\n"
           "\n"
           "def page(number):\n"
           "    return f\"page {number}\"\n"
           "\n"
           "\n"
           "def chapter(number):\n"
           "    pages = [pool.submit(page, number * 10 + i) for i in range(3)]\n"
           "    return [future.result() for future in pages]\n"
           "\n"
           "\n"
           "print(list(pool.map(chapter, range(4))))\n",
    .good = "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "pool = ThreadPoolExecutor(2)\n"
            "\n"
            "\n"
            "def page(number):\n"
            "    return f\"page {number}\"\n"
            "\n"
            "\n"
            "def chapter(number):\n"
            "    return list(pool.map(page, range(number * 10, number * 10 + 3)))\n"
            "\n"
            "\n"
            "print([chapter(number) for number in range(4)])\n",
    .fix = "Wait only from outside of the pool: let a task return the work that it found, and submit that from\n"
           "the function that collects the results, level by level. Where a task must wait, the tasks that it\n"
           "waits for need a pool of their own, which waits for nobody.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
