/* RL203 check-then-pop: a container is found not empty (or not full), and then an element is taken (or put). */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_CONTROL) || !shape_checks_size(hazard)) {
        return false;
    }
    if (shape_removes(hazard->last) || shape_act_fails_when_stale(hazard)) {
        return true;
    }
    return hazard->last->kind == ACCESS_LOAD && shape_has_literal_key(hazard->last);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const char *failure = text_failure(hazard->last);
    struct str test = text_code(arena, hazard->first->text), act = text_act(arena, hazard->last);
    struct text_span span = text_span(arena, hazard);
    bool puts = shape_inserts(hazard->last);
    struct str together = arena_printf(arena, "both pass the test with one %s left, and the slower one gets %s",
                                       puts ? "free place" : "element", failure);
    struct str then = arena_printf(arena, "%.*s fails with %s", STR_FMT(span.last), failure);
    struct str story = text_interleaving(arena, hazard, together.ptr, then.ptr);
    text->message = arena_printf(arena, "What %.*s tells on %.*s may be out of date when %.*s runs on %.*s. %.*s",
                                 STR_FMT(test), STR_FMT(span.first), STR_FMT(act), STR_FMT(span.last), STR_FMT(story));
    if (hazard->guard) {
        text_fix_lock(text, hazard);
        return;
    }
    struct str step = arena_printf(arena, "do not test: run %.*s in a `try:` with `except %s:`", STR_FMT(act), failure);
    text_fix_step(text, hazard, FIX_ATOMIC_OPERATION, step, hazard->place->role != ROLE_QUEUE);
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/queue.html",
    "https://docs.python.org/3/library/collections.html#collections.deque",
    "https://docs.python.org/3/library/threadsafety.html",
    NULL,
};

const struct rule rule_RL203 = {
    .code = "RL203",
    .name = "check-then-pop",
    .summary = "a shared container is found not empty and an element is taken in a second step",
    .explanation = "`if backlog: item = backlog.pop()` asks for the size and takes an element in two steps.\n"
                   "Several threads can see the same last element:\n"
                   "\n"
                   "1. Thread A tests `backlog`: one element is left.\n"
                   "2. Thread B tests `backlog`: one element is left.\n"
                   "3. Thread A takes it.\n"
                   "4. Thread B calls `backlog.pop()`: `IndexError`.\n"
                   "\n"
                   "`while tasks: tasks.popleft()`, `len(x) > 0` before `x[0]`, `not q.empty()` before\n"
                   "`q.get_nowait()` and `not q.full()` before `q.put_nowait()` are the same: what `empty()`\n"
                   "says may be out of date when it returns.\n",
    .bad = "import threading\n"
           "from collections import deque\n"
           "\n"
           "backlog = deque(range(100))\n"
           "\n"
           "\n"
           "def drain():\n"
           "    while backlog:\n"
           "        item = backlog.popleft()\n"
           "        print(item)\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=drain) for _ in range(3)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "from collections import deque\n"
            "\n"
            "backlog = deque(range(100))\n"
            "\n"
            "\n"
            "def drain():\n"
            "    while True:\n"
            "        try:\n"
            "            item = backlog.popleft()\n"
            "        except IndexError:\n"
            "            return\n"
            "        print(item)\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=drain) for _ in range(3)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Take without asking and catch the exception: `IndexError` of lists and deques, `KeyError` of\n"
           "dicts and sets, `queue.Empty` and `queue.Full` of queues. Or let a `queue.Queue` wait:\n"
           "`q.get()` returns when there is something.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE + 1,
    .matches = matches,
    .describe = describe,
};
