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
                   "`setdefault`, `popleft`. Others are not. While they run, other threads see a state that\n"
                   "never should be seen, or change what the operation builds on:\n"
                   "\n"
                   "1. Thread A calls `scores.sort()`. The list looks empty until it is done.\n"
                   "2. Thread B loops over `scores` and finds nothing. Or it appends while A's key function\n"
                   "   runs, and A's sort fails with `ValueError`.\n"
                   "\n"
                   "`sort`, `insert`, `remove`, `pop(0)`, `extend` from a generator, `update` from anything but\n"
                   "a dict, and `Counter.update` are of this kind.\n",
    .bad = "import threading\n"
           "\n"
           "scores = []\n"
           "\n"
           "\n"
           "def play(rounds):\n"
           "    for number in range(rounds):\n"
           "        scores.append(number)\n"
           "\n"
           "\n"
           "def rank(rounds):\n"
           "    for _ in range(rounds):\n"
           "        scores.sort()\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=play, args=(100,)), threading.Thread(target=rank, args=(1,))]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "scores = []\n"
            "scores_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def play(rounds):\n"
            "    for number in range(rounds):\n"
            "        with scores_lock:\n"
            "            scores.append(number)\n"
            "\n"
            "\n"
            "def rank(rounds):\n"
            "    for _ in range(rounds):\n"
            "        with scores_lock:\n"
            "            scores.sort()\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=play, args=(100,)), threading.Thread(target=rank, args=(1,))]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Hold one lock on both sides. Or leave the shared object alone: sort a copy\n"
           "(`sorted(scores)`), build the new state in a local variable and publish it with one\n"
           "assignment, or hand changes to a single owner through a `queue.Queue`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
