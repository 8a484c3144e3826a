/* RL302 inconsistent-guard: what other accesses do under a lock is done here without it. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_UNGUARDED && !hazard->locked_apart;
}

/* What may go wrong, as a sentence. */
static struct str story(struct arena *arena, const struct hazard *hazard)
{
    struct str partner = guarding_partner(arena, hazard);
    if (hazard->breaks_section) {
        return arena_printf(arena,
                            "When %.*s, it holds the lock so that nothing changes meanwhile; this change can come in "
                            "between.",
                            STR_FMT(partner));
    }
    if (!hazard->last->writes) {
        return arena_printf(arena, "If %.*s in between, it sees half of the change.", STR_FMT(partner));
    }
    return arena_printf(arena, "The lock keeps it apart from nothing: it can run while %.*s under the lock.",
                        STR_FMT(partner));
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str act = guarding_act(arena, hazard), evidence = guarding_evidence(arena, hazard);
    struct str lock = text_code(arena, hazard->guard->name), then = story(arena, hazard);
    text->message = arena_printf(arena, "%.*s without %.*s, although %.*s. %.*s", STR_FMT(act), STR_FMT(lock),
                                 STR_FMT(evidence), STR_FMT(then));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-820", "CWE-366", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/820.html",
    NULL,
};

const struct rule rule_RL302 = {
    .code = "RL302",
    .name = "inconsistent-guard",
    .summary = "state that is used under a lock elsewhere is changed, or read in several steps, without it",
    .explanation = "A lock only keeps threads apart that all take it. Most code here holds the lock when it\n"
                   "uses this state, and relies on nothing changing meanwhile; one place does not take it:\n"
                   "\n"
                   "1. Thread A takes the lock and finds three free seats.\n"
                   "2. Thread B empties the list, without the lock: nothing stops it.\n"
                   "3. Thread A takes a seat from a list that is empty now.\n"
                   "\n"
                   "The guard of a place is the lock that at least two thirds of its accesses hold (writes count\n"
                   "double, constructors do not count), or that all of its writes hold. A load of one value\n"
                   "without the lock is not reported: it sees the old state or the new one.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Seats:\n"
           "    def __init__(self, names):\n"
           "        self._lock = threading.Lock()\n"
           "        self._free = list(names)\n"
           "\n"
           "    def take(self):\n"
           "        with self._lock:\n"
           "            if self._free:\n"
           "                return self._free.pop()\n"
           "        return None\n"
           "\n"
           "    def give_back(self, name):\n"
           "        with self._lock:\n"
           "            self._free.append(name)\n"
           "\n"
           "    def close(self):\n"
           "        self._free.clear()\n"
           "\n"
           "\n"
           "seats = Seats([\"A1\", \"A2\", \"A3\"])\n"
           "takers = [threading.Thread(target=seats.take) for _ in range(4)]\n"
           "for taker in takers:\n"
           "    taker.start()\n"
           "seats.close()\n"
           "for taker in takers:\n"
           "    taker.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Seats:\n"
            "    def __init__(self, names):\n"
            "        self._lock = threading.Lock()\n"
            "        self._free = list(names)\n"
            "\n"
            "    def take(self):\n"
            "        with self._lock:\n"
            "            if self._free:\n"
            "                return self._free.pop()\n"
            "        return None\n"
            "\n"
            "    def give_back(self, name):\n"
            "        with self._lock:\n"
            "            self._free.append(name)\n"
            "\n"
            "    def close(self):\n"
            "        with self._lock:\n"
            "            self._free.clear()\n"
            "\n"
            "\n"
            "seats = Seats([\"A1\", \"A2\", \"A3\"])\n"
            "takers = [threading.Thread(target=seats.take) for _ in range(4)]\n"
            "for taker in takers:\n"
            "    taker.start()\n"
            "seats.close()\n"
            "for taker in takers:\n"
            "    taker.join()\n",
    .fix = "Hold the lock here as well. Where the state is walked over, take a copy under the lock and walk\n"
           "over the copy. Where the lock is not needed after all, say so with\n"
           "`# racelint: ignore[RL302] reason`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION + 5,
    .matches = matches,
    .describe = describe,
};
