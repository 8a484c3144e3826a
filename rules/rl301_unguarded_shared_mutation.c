/* RL301 unguarded-shared-mutation: state changed from parallel threads, not in single steps, without any lock. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (hazard->kind != HAZARD_MUTATION || hazard->last->lock_count > 0) {
        return false;
    }
    const struct access *partner = hazard->partner;
    if (!partner) {
        return !hazard->last->atomic;
    }
    return partner->lock_count == 0 && !(hazard->last->atomic && partner->atomic);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str code = text_code(arena, hazard->last->text), name = text_code(arena, hazard->place->name);
    if (text_is_self_race(hazard)) {
        struct str both = text_both(arena, hazard);
        text->message =
            arena_printf(arena,
                         "%.*s changes %.*s in several steps. %.*s can run it at the same time and see each "
                         "other's half-done work.",
                         STR_FMT(code), STR_FMT(name), STR_FMT(both));
    } else {
        struct str other = text_other(arena, hazard), does = text_partner_does(arena, hazard);
        text->message =
            arena_printf(arena,
                         "%.*s changes %.*s without a lock. At the same time, %.*s %.*s, and one of the two is "
                         "not a single step.",
                         STR_FMT(code), STR_FMT(name), STR_FMT(other), STR_FMT(does));
    }
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL301 = {
    .code = "RL301",
    .name = "unguarded-shared-mutation",
    .summary = "shared state is changed from several threads without a lock, and not in single steps",
    .explanation = "CPython makes many operations on lists, dicts and sets single steps: `append`, `d[k] = v`,\n"
                   "`setdefault`, `popleft`. Functions that work on a container from outside are not, and\n"
                   "many other objects make no promise at all. While one thread is inside, others change what\n"
                   "it builds on:\n"
                   "\n"
                   "1. Thread A calls `heapq.heappush(jobs, 3)`: it appends 3 and begins to move it up.\n"
                   "2. Thread B pushes 1: it appends 1 and moves it up, past elements that A has just read.\n"
                   "3. Thread A stores what it read. The list is no heap any more, or an element is in it twice.\n"
                   "\n"
                   "`heapq`, `bisect.insort`, `random.shuffle` and methods of objects that are documented as not\n"
                   "thread-safe are of this kind. Methods and operators of the container itself are RL106.\n",
    .bad = "import heapq\n"
           "import threading\n"
           "\n"
           "jobs = []\n"
           "\n"
           "\n"
           "def submit(numbers):\n"
           "    for number in numbers:\n"
           "        heapq.heappush(jobs, number)\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=submit, args=([3, 1, 2],)) for _ in range(3)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import heapq\n"
            "import threading\n"
            "\n"
            "jobs = []\n"
            "jobs_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def submit(numbers):\n"
            "    for number in numbers:\n"
            "        with jobs_lock:\n"
            "            heapq.heappush(jobs, number)\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=submit, args=([3, 1, 2],)) for _ in range(3)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Hold one lock on both sides. Or leave the shared object alone: use `queue.PriorityQueue` for a\n"
           "heap, build the new state in a local variable and publish it with one assignment, or hand\n"
           "changes to a single owner through a `queue.Queue`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
