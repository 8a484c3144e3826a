/* RL401 lock-per-call: a lock made in the call that uses it. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOCK_PER_CALL;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *site = &hazard->last->site;
    struct str code = text_code(arena, hazard->last->text);
    struct str symbol = site->file ? text_symbol(site->file->path, site->symbol) : site->symbol;
    text->message =
        arena_printf(arena,
                     "%.*s takes a lock that every call of %.*s() makes anew. No two threads ever take the same "
                     "one, so it holds nobody back.",
                     STR_FMT(code), STR_FMT(symbol));
    struct str lock = hazard->suggestion ? hazard->suggestion->name : STR("");
    struct str fix =
        arena_printf(arena,
                     "Make the lock once, beside the state that it is meant to guard (`self._lock` in `__init__`, "
                     "or `_lock` at module level), and take that one on line %u.",
                     text_line(site));
    if (lock.len) {
        fix = arena_printf(arena, "Take `%.*s` on line %u instead, and no new lock.", STR_FMT(lock), text_line(site));
    }
    text->fix = (struct finding_fix){.kind = lock.len ? FIX_EXISTING_LOCK : FIX_NEW_LOCK,
                                     .applicability = FIX_BY_HAND,
                                     .lock = lock,
                                     .message = fix};
}

static const char *const cwes[] = {"CWE-667", "CWE-820", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/667.html",
    NULL,
};

const struct rule rule_RL401 = {
    .code = "RL401",
    .name = "lock-per-call",
    .summary = "a lock made in the call that uses it guards nothing",
    .explanation = "A lock holds other threads back only when they use the same lock. One that is made inside\n"
                   "the function is a new one in every call:\n"
                   "\n"
                   "1. Thread A calls `book()`, makes a lock and takes it.\n"
                   "2. Thread B calls `book()`, makes another lock and takes it.\n"
                   "3. Both are inside their `with` block at the same time.\n"
                   "\n"
                   "`with threading.Lock():`, a local variable that holds a lock, and a lock that is made anew\n"
                   "for every request are all the same. A local lock that the function gives to the threads that\n"
                   "it starts is shared, and is fine.\n",
    .bad = "import threading\n"
           "\n"
           "seats = {\"A1\": None}\n"
           "\n"
           "\n"
           "def book(seat, name):\n"
           "    lock = threading.Lock()\n"
           "    with lock:\n"
           "        seats[seat] = name\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=book, args=(\"A1\", name)) for name in (\"ada\", \"bob\")]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "seats = {\"A1\": None}\n"
            "seats_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def book(seat, name):\n"
            "    with seats_lock:\n"
            "        seats[seat] = name\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=book, args=(\"A1\", name)) for name in (\"ada\", \"bob\")]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make the lock once, beside the state that it guards: at module level, in the class body, or\n"
           "in `__init__`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
