/* RL404 wrong-lock-kind: a lock that lets several threads in at once stands where a mutex is needed. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

/* State that two threads touch at once, whatever the steps. */
static bool is_race(const struct hazard *hazard)
{
    switch (hazard->kind) {
    case HAZARD_SPAN:
    case HAZARD_MUTATION:
    case HAZARD_BUFFER:
    case HAZARD_SHARED_ITERATOR: return true;
    default: return false;
    }
}

static bool matches(const struct hazard *hazard)
{
    return (hazard->weak && hazard->partner && is_race(hazard)) || hazard->kind == HAZARD_LOCK_FOR_PROCESSES;
}

/* It keeps threads apart, too, by ways that are made for more. */
static void describe_process_lock(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str line = text_at(arena, &hazard->last->site, &hazard->last->site), lock = hazard->held->name;
    text->message =
        arena_printf(arena,
                     "`%.*s`, taken on %.*s, is a lock of multiprocessing: a semaphore of the system, made for "
                     "processes. Only threads are seen to take it.",
                     STR_FMT(lock), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Make `%.*s` a `threading.Lock()`, which is made for threads and costs less.",
                                STR_FMT(lock)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->kind == HAZARD_LOCK_FOR_PROCESSES) {
        describe_process_lock(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct text_span span = text_span(arena, hazard);
    struct str line = text_at(arena, last, last), lock = hazard->weak->name;
    bool counts = hazard->weak->role == ROLE_SEMAPHORE;
    const char *kind = counts ? "is a semaphore that lets more than one thread in"
                              : "is a lock of asyncio, which keeps tasks apart and no threads";
    struct str story =
        text_interleaving(arena, hazard, "be inside at the same time", "both are inside at the same time");
    text->message = arena_printf(arena, "`%.*s`, held on %.*s, %s: it does not guard %.*s. %.*s", STR_FMT(lock),
                                 STR_FMT(line), kind, STR_FMT(span.name), STR_FMT(story));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Guard %.*s with a `threading.Lock()` of its own, taken inside of `%.*s`%s.",
                                STR_FMT(span.name), STR_FMT(lock),
                                counts ? ", which may go on limiting how many threads are there" : ""),
    };
}

static const char *const cwes[] = {"CWE-821", "CWE-667", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#semaphore-objects",
    "https://docs.python.org/3/library/asyncio-sync.html",
    "https://cwe.mitre.org/data/definitions/821.html",
    NULL,
};

const struct rule rule_RL404 = {
    .code = "RL404",
    .name = "wrong-lock-kind",
    .summary = "a lock that lets several threads in at once stands where a mutex is needed",
    .explanation =
        "A lock keeps out only what it is made for. A semaphore made with 3 lets three threads in, and a lock of\n"
        "asyncio keeps tasks apart that run in one thread:\n"
        "\n"
        "1. Threads A and B both enter `with self._slots:`, a `Semaphore(3)`; that is what it is for.\n"
        "2. A reads `self._used`, which is 7, and adds 1.\n"
        "3. B reads 7, too, and adds 1.\n"
        "4. Both write 8. One of the two is lost.\n"
        "\n"
        "With `Semaphore(1)` it would work, and looks the same from inside the `with`.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Downloads:\n"
           "    def __init__(self):\n"
           "        self._slots = threading.Semaphore(3)\n"
           "        self.finished = 0\n"
           "\n"
           "    def fetch(self, url):\n"
           "        with self._slots:\n"
           "            print(\"fetching\", url)\n"
           "            self.finished += 1\n"
           "\n"
           "\n"
           "downloads = Downloads()\n"
           "threads = [threading.Thread(target=downloads.fetch, args=(url,)) for url in (\"a\", \"b\", \"c\", \"d\")]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good =
        "import threading\n"
        "\n"
        "\n"
        "class Downloads:\n"
        "    def __init__(self):\n"
        "        self._slots = threading.Semaphore(3)\n"
        "        self._lock = threading.Lock()\n"
        "        self.finished = 0\n"
        "\n"
        "    def fetch(self, url):\n"
        "        with self._slots:\n"
        "            print(\"fetching\", url)\n"
        "            with self._lock:\n"
        "                self.finished += 1\n"
        "\n"
        "\n"
        "downloads = Downloads()\n"
        "threads = [threading.Thread(target=downloads.fetch, args=(url,)) for url in (\"a\", \"b\", \"c\", \"d\")]\n"
        "for thread in threads:\n"
        "    thread.start()\n"
        "for thread in threads:\n"
        "    thread.join()\n",
    .fix = "Give the state a `threading.Lock` of its own, and keep the semaphore for what it limits. State that\n"
           "threads and tasks share needs a `threading.Lock`, held for a moment and never across an `await`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 1,
    .matches = matches,
    .describe = describe,
};
