/* RL303 disjoint-guards: both sides hold a lock, but never the same one. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->locked_apart && hazard->partner && hazard->last->lock_count > 0 && hazard->partner->lock_count > 0;
}

/* The lock that both sides should hold: the guard, else the one that the act holds. */
static struct str common_lock(const struct hazard *hazard)
{
    return hazard->guard ? hazard->guard->name : hazard->last->locks[0].name;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str act = guarding_act(arena, hazard), partner = guarding_partner(arena, hazard);
    struct str mine = guarding_locks(arena, hazard->last), theirs = guarding_locks(arena, hazard->partner);
    text->message = arena_printf(arena, "%.*s under %.*s, but %.*s under %.*s. Two different locks keep nobody apart.",
                                 STR_FMT(act), STR_FMT(mine), STR_FMT(partner), STR_FMT(theirs));
    struct str lock = common_lock(hazard);
    struct str at = text_at(arena, &hazard->last->site, &hazard->last->site);
    struct str other = text_at(arena, &hazard->partner->site, &hazard->last->site);
    struct str where = str_equal(at, other) ? at : arena_printf(arena, "%.*s and %.*s", STR_FMT(at), STR_FMT(other));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena, "Guard the state by one lock: hold `%.*s` on %.*s, whatever else is held there.",
                                STR_FMT(lock), STR_FMT(where)),
    };
}

static const char *const cwes[] = {"CWE-821", "CWE-366", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/821.html",
    NULL,
};

const struct rule rule_RL303 = {
    .code = "RL303",
    .name = "disjoint-guards",
    .summary = "two threads each hold a lock when they use the same state, but not the same lock",
    .explanation = "A lock keeps out those who wait for the same lock, and nobody else:\n"
                   "\n"
                   "1. Thread A takes `read_lock` and reads the total, 10.\n"
                   "2. Thread B takes `write_lock`, which is free, and reads the total, 10.\n"
                   "3. Thread A stores 11, thread B stores 11. One of the two updates is lost.\n"
                   "\n"
                   "It happens where a class has a lock for each group of methods rather than for each group of\n"
                   "fields, and where two classes that share an object each bring a lock of their own.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Traffic:\n"
           "    def __init__(self):\n"
           "        self._read_lock = threading.Lock()\n"
           "        self._write_lock = threading.Lock()\n"
           "        self.total = 0\n"
           "\n"
           "    def received(self, size):\n"
           "        with self._read_lock:\n"
           "            self.total += size\n"
           "\n"
           "    def sent(self, size):\n"
           "        with self._write_lock:\n"
           "            self.total += size\n"
           "\n"
           "\n"
           "traffic = Traffic()\n"
           "receiver = threading.Thread(target=traffic.received, args=(10,))\n"
           "sender = threading.Thread(target=traffic.sent, args=(20,))\n"
           "receiver.start()\n"
           "sender.start()\n"
           "receiver.join()\n"
           "sender.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Traffic:\n"
            "    def __init__(self):\n"
            "        self._total_lock = threading.Lock()\n"
            "        self.total = 0\n"
            "\n"
            "    def received(self, size):\n"
            "        with self._total_lock:\n"
            "            self.total += size\n"
            "\n"
            "    def sent(self, size):\n"
            "        with self._total_lock:\n"
            "            self.total += size\n"
            "\n"
            "\n"
            "traffic = Traffic()\n"
            "receiver = threading.Thread(target=traffic.received, args=(10,))\n"
            "sender = threading.Thread(target=traffic.sent, args=(20,))\n"
            "receiver.start()\n"
            "sender.start()\n"
            "receiver.join()\n"
            "sender.join()\n",
    .fix = "Let one lock guard the state, and hold that one wherever it is used. Name it for the state, not\n"
           "for the method.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 4,
    .matches = matches,
    .describe = describe,
};
