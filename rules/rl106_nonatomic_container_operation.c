/* RL106 nonatomic-container-operation: one call or operator changes a container in several steps, while others look. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool is_container(enum model_role role)
{
    return role == ROLE_LIST || role == ROLE_DICT || role == ROLE_SET || role == ROLE_DEQUE || role == ROLE_BYTEARRAY;
}

/* A method or operator of the container itself. Functions that are given one (heapq.heappush) are RL301's. */
static bool matches(const struct hazard *hazard)
{
    const struct access *last = hazard->last;
    if (hazard->kind != HAZARD_MUTATION || last->lock_count > 0 || last->atomic || !hazard->place || !last->model) {
        return false;
    }
    if (hazard->partner && hazard->partner->lock_count > 0) {
        return false;
    }
    return last->model->is == MODEL_METHOD && is_container(hazard->place->role);
}

/* What others can see while the operation runs. */
static const char *effect_of(const struct access *access)
{
    if (access->model->harm) {
        return access->model->harm;
    }
    if (access->model->one_step_with || str_equal(access->method, STR("__setitem__"))) {
        return "takes in the new elements one by one, and runs Python code for each";
    }
    return "moves the elements in several steps";
}

static struct str remedy_of(struct rule_text *text, const struct hazard *hazard)
{
    const struct access *last = hazard->last;
    struct str container = text_container(last);
    if (str_equal(last->method, STR("sort")) && container.len > 0) {
        return arena_printf(text->arena, "leave the list alone and use a sorted copy, `sorted(%.*s)`",
                            STR_FMT(container));
    }
    if (last->model->one_step_with) {
        return STR("collect the new elements in a local list or dict first, then add that in one step");
    }
    return STR("");
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str code = text_code(arena, hazard->last->text), name = text_code(arena, text_state(arena, hazard));
    const char *effect = effect_of(hazard->last);
    if (text_is_self_race(hazard)) {
        struct str both = text_both(arena, hazard);
        text->message = arena_printf(arena,
                                     "%.*s is not one step: it %s. %.*s can run it on %.*s at the same time and build "
                                     "on each other's half-done work.",
                                     STR_FMT(code), effect, STR_FMT(both), STR_FMT(name));
    } else {
        struct str other = text_other(arena, hazard), does = text_partner_does(arena, hazard);
        text->message =
            arena_printf(arena, "%.*s is not one step: it %s. If %.*s %.*s meanwhile, it meets %.*s half done.",
                         STR_FMT(code), effect, STR_FMT(other), STR_FMT(does), STR_FMT(name));
    }
    struct str instead = remedy_of(text, hazard);
    if (instead.len > 0) {
        text_fix_step(text, hazard, FIX_SNAPSHOT, instead, true);
    } else {
        text_fix_lock(text, hazard);
    }
}

static const char *const cwes[] = {"CWE-366", "CWE-362", "CWE-820", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/library/stdtypes.html#list.sort",
    "https://docs.python.org/3/library/collections.html#collections.Counter.update",
    NULL,
};

const struct rule rule_RL106 = {
    .code = "RL106",
    .name = "nonatomic-container-operation",
    .summary = "one operation changes a shared container in several steps that other threads can see",
    .explanation = "It looks like one step, but it is not one of those that CPython makes whole:\n"
                   "\n"
                   "- `list.sort()` empties the list, sorts, and puts the elements back;\n"
                   "- `insert(0, x)`, `pop(0)`, `remove(x)`, `reverse()` and `*=` move elements one after another,\n"
                   "  and readers take no lock;\n"
                   "- `extend`, `+=`, `update`, `|=` and slice assignment from a generator or another iterator run\n"
                   "  Python code between any two elements;\n"
                   "- `Counter.update`, `Counter.subtract` and `+=` on counters read and store count by count.\n"
                   "\n"
                   "1. Thread A calls `readings.sort()`: the list is empty for a moment.\n"
                   "2. Thread B asks for `readings[-1]` and gets an `IndexError`, although nobody ever removed\n"
                   "   anything.\n"
                   "\n"
                   "Or: two threads update one `Counter`, both read 7 for a word, and both store 8.\n",
    .bad = "import threading\n"
           "\n"
           "readings = [20.5]\n"
           "\n"
           "\n"
           "def tidy(rounds):\n"
           "    for _ in range(rounds):\n"
           "        readings.sort()\n"
           "\n"
           "\n"
           "def highest(rounds):\n"
           "    for _ in range(rounds):\n"
           "        print(readings[-1])\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=tidy, args=(9,)), threading.Thread(target=highest, args=(9,))]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "readings = [20.5]\n"
            "readings_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def tidy(rounds):\n"
            "    for _ in range(rounds):\n"
            "        with readings_lock:\n"
            "            readings.sort()\n"
            "\n"
            "\n"
            "def highest(rounds):\n"
            "    for _ in range(rounds):\n"
            "        with readings_lock:\n"
            "            print(readings[-1])\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=tidy, args=(9,)), threading.Thread(target=highest, args=(9,))]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Hold one lock on both sides. Or make the change a single step: sort a copy with `sorted()`,\n"
           "collect new elements in a local list and `extend` by that, count into a `Counter` of the\n"
           "thread's own and merge them after `join()`, use a `collections.deque` with `appendleft` and\n"
           "`popleft` instead of `insert(0, …)` and `pop(0)`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION + 5,
    .matches = matches,
    .describe = describe,
};
