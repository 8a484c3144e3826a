/* RL510 lock-in-finalizer: a finalizer or signal handler takes a lock that the interrupted thread may hold. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/taking.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_FINALIZER;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last);

    struct str lock = taking_lock(hazard->last, hazard->held);
    struct str where = taking_where(arena, hazard->last, hazard->side, last);
    struct str elsewhere = text_at(arena, &hazard->escape->site, last);
    const char *when = hazard->check == CHECK_TRUE
                           ? "A signal handler runs between any two steps of the main thread"
                           : "A finalizer runs wherever the last reference goes, or where garbage "
                             "is collected";
    text->message =
        arena_printf(arena,
                     "%s, also while the thread holds `%.*s` (%.*s). It takes the same lock %.*s, and waits "
                     "for the thread that it interrupts: itself.",
                     when, STR_FMT(lock), STR_FMT(elsewhere), STR_FMT(where));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Let %.*s only note what is to be done (`deque.append`, `queue.SimpleQueue.put`) for code "
                         "that runs later; or make `%.*s` a `threading.RLock()` if the state may be seen half "
                         "changed.",
                         STR_FMT(line), STR_FMT(lock)),
    };
}

static const char *const cwes[] = {"CWE-764", "CWE-833", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/reference/datamodel.html#object.__del__",
    "https://docs.python.org/3/library/queue.html#queue.SimpleQueue",
    "https://cwe.mitre.org/data/definitions/833.html",
    NULL,
};

const struct rule rule_RL510 = {
    .code = "RL510",
    .name = "lock-in-finalizer",
    .summary = "a finalizer or signal handler takes a lock that the interrupted thread may hold",
    .explanation =
        "Finalizers (`__del__`, callbacks of `weakref`) and signal handlers do not run when they are called, but when "
        "it\n"
        "happens to be time:\n"
        "\n"
        "1. Thread A takes the lock of the pool and makes a new dict. That sets off a garbage collection.\n"
        "2. The collection finds an old connection, and runs its `__del__` in A, there and then.\n"
        "3. `__del__` gives the connection back to the pool: it takes the pool's lock, which A holds. A waits for A.\n"
        "\n"
        "It happens once in a million calls.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Pool:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._free = []\n"
           "\n"
           "    def take(self):\n"
           "        with self._lock:\n"
           "            return self._free.pop() if self._free else Lease(self, {})\n"
           "\n"
           "    def give(self, connection):\n"
           "        with self._lock:\n"
           "            self._free.append(connection)\n"
           "\n"
           "\n"
           "class Lease:\n"
           "    def __init__(self, pool: Pool, connection):\n"
           "        self.pool = pool\n"
           "        self.connection = connection\n"
           "\n"
           "    def __del__(self):\n"
           "        self.pool.give(self.connection)\n",
    .good = "import collections\n"
            "\n"
            "\n"
            "class Pool:\n"
            "    def __init__(self):\n"
            "        self._free = collections.deque()\n"
            "\n"
            "    def take(self):\n"
            "        try:\n"
            "            return self._free.pop()\n"
            "        except IndexError:\n"
            "            return Lease(self, {})\n"
            "\n"
            "    def give(self, connection):\n"
            "        self._free.append(connection)\n"
            "\n"
            "\n"
            "class Lease:\n"
            "    def __init__(self, pool: Pool, connection):\n"
            "        self.pool = pool\n"
            "        self.connection = connection\n"
            "\n"
            "    def __del__(self):\n"
            "        self.pool.give(self.connection)\n",
    .fix =
        "Do as little as possible there: append to a `deque`, put into a `queue.SimpleQueue` (its `put` is made for\n"
        "this), or set a flag, and let ordinary code do the rest. Better still, close things explicitly: `with`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
