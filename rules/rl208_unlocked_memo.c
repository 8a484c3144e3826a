/* RL208 unlocked-memo: a function whose result functools keeps, and that two threads may run at once. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_MEMO;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str name = text_code(arena, hazard->place->field), memo = text_code(arena, hazard->last->method);
    const char *harm = hazard->runs_twice
                           ? "What it changes besides is then changed twice."
                           : "Each gets an object of its own, and only one of the two is kept for those who ask later.";
    text->message =
        arena_printf(arena,
                     "%.*s keeps the result of %.*s, but takes no lock while the function runs: threads that ask "
                     "before there is a result all run it. %s",
                     STR_FMT(memo), STR_FMT(name), harm);
    text_fix_step(
        text, hazard, FIX_MANUAL,
        arena_printf(arena,
                     "make the object when the module is imported or in `__init__`, or compute it under a lock "
                     "that is held over the test and the store, instead of %.*s",
                     STR_FMT(memo)),
        false);
}

static const char *const cwes[] = {"CWE-362", "CWE-543", "CWE-367", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/functools.html#functools.cached_property",
    "https://docs.python.org/3/library/functools.html#functools.lru_cache",
    NULL,
};

const struct rule rule_RL208 = {
    .code = "RL208",
    .name = "unlocked-memo",
    .summary = "a memoised function that must run once may run in several threads at once",
    .explanation = "`functools.cache` and `lru_cache` never lose an entry, but they do not make other threads wait:\n"
                   "\n"
                   "1. Thread A calls `pool()`, finds nothing kept, and runs the function.\n"
                   "2. Thread B calls `pool()`, finds nothing kept, and runs the function.\n"
                   "3. A gets one pool, B another one; later callers get the one that was stored last.\n"
                   "\n"
                   "`cached_property` has had no lock either since Python 3.12. It does no harm where the function\n"
                   "only computes a value. It does where the result is a connection, a lock, a queue, a list that\n"
                   "everybody appends to, or where the function itself counts or registers something.\n",
    .bad = "import functools\n"
           "import threading\n"
           "\n"
           "\n"
           "@functools.cache\n"
           "def audit_lock():\n"
           "    return threading.Lock()\n"
           "\n"
           "\n"
           "def work():\n"
           "    with audit_lock():\n"
           "        print(\"one at a time\")\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=work) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import functools\n"
            "import threading\n"
            "\n"
            "audit_lock = threading.Lock()\n"
            "\n"
            "\n"
            "@functools.cache\n"
            "def label(number):\n"
            "    return f\"thread {number}\"\n"
            "\n"
            "\n"
            "def work(number):\n"
            "    with audit_lock:\n"
            "        print(label(number))\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make the one object at import or in `__init__`. Where it must be lazy, keep it in a variable and\n"
           "test and set that inside one `with lock:` block. Leave memos to functions whose second run does\n"
           "no harm.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
