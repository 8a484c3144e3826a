/* RL508 lock-across-await: a lock of threads is held across an await. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_AWAIT_HOLDING || hazard->kind == HAZARD_LOOP_WAITS;
}

/* The other way to stop an event loop with a lock: to wait for it in a coroutine. */
static void describe_wait(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), lock = hazard->held->name;
    struct str slow = text_code(arena, hazard->partner->text), where = text_at(arena, &hazard->partner->site, last);
    text->message =
        arena_printf(arena,
                     "%.*s waits for `%.*s` in a coroutine. While another thread holds it over %.*s (%.*s), "
                     "no task of this event loop goes on.",
                     STR_FMT(line), STR_FMT(lock), STR_FMT(slow), STR_FMT(where));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena,
                                "Do %.*s without `%.*s` held, or take the lock on %.*s in a thread: "
                                "`await asyncio.to_thread(…)`.",
                                STR_FMT(slow), STR_FMT(lock), STR_FMT(line)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->kind == HAZARD_LOOP_WAITS) {
        describe_wait(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_act(arena, hazard->last);

    struct str lock = hazard->held->name;
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s lets other tasks run while `%.*s` is held. The first of them that wants the "
                     "lock blocks the event loop, and with it the task that would release it.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(lock));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena, "Release `%.*s` before %.*s; between tasks, use an `asyncio.Lock` and `async with`.",
                         STR_FMT(lock), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-667", "CWE-833", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock",
    "https://cwe.mitre.org/data/definitions/833.html",
    NULL,
};

const struct rule rule_RL508 = {
    .code = "RL508",
    .name = "lock-across-await",
    .summary = "a lock of threads is held across an await, or waited for in a coroutine",
    .explanation = "A lock of `threading` blocks the thread that waits for it. In a coroutine this is the thread of "
                   "the event loop:\n"
                   "\n"
                   "1. Task A takes the lock and awaits a reply. The loop goes on with task B.\n"
                   "2. B wants the lock. `with lock:` does not await: it blocks the loop's thread.\n"
                   "3. The reply for A arrives, but nobody runs A any more. A never releases the lock.\n"
                   "\n"
                   "One thread is enough. With two tasks that never meet it works, which is why tests pass.\n",
    .bad = "import asyncio\n"
           "import threading\n"
           "\n"
           "lock = threading.Lock()\n"
           "balance = {\"amount\": 100}\n"
           "\n"
           "\n"
           "async def book(amount):\n"
           "    with lock:\n"
           "        before = balance[\"amount\"]\n"
           "        await asyncio.sleep(0.1)\n"
           "        balance[\"amount\"] = before - amount\n"
           "\n"
           "\n"
           "async def main():\n"
           "    await asyncio.gather(book(10), book(20))\n"
           "\n"
           "\n"
           "asyncio.run(main())\n",
    .good = "import asyncio\n"
            "\n"
            "lock = asyncio.Lock()\n"
            "balance = {\"amount\": 100}\n"
            "\n"
            "\n"
            "async def book(amount):\n"
            "    async with lock:\n"
            "        before = balance[\"amount\"]\n"
            "        await asyncio.sleep(0.1)\n"
            "        balance[\"amount\"] = before - amount\n"
            "\n"
            "\n"
            "async def main():\n"
            "    await asyncio.gather(book(10), book(20))\n"
            "\n"
            "\n"
            "asyncio.run(main())\n",
    .fix =
        "Between tasks of one loop, use `asyncio.Lock`. State that threads share as well is read or written under its\n"
        "`threading.Lock` in a few steps without an await; longer work goes to a thread with `asyncio.to_thread`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
