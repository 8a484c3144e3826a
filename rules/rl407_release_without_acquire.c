/* RL407 release-without-acquire: a lock is released that was released before. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_RELEASED_TWICE;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), lock = hazard->held->name;
    struct str code = text_code(arena, hazard->last->text), taken = STR("");
    if (hazard->escape) {
        struct str where = text_at(arena, &hazard->escape->site, last);
        taken = arena_printf(arena, " (taken on %.*s)", STR_FMT(where));
    }
    text->message = arena_printf(arena,
                                 "%.*s on %.*s releases `%.*s`%.*s, which this code has released already. It raises "
                                 "RuntimeError, or, if another thread has taken the lock meanwhile, takes it away from "
                                 "that thread.",
                                 STR_FMT(code), STR_FMT(line), STR_FMT(lock), STR_FMT(taken));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = lock,
        .message = arena_printf(arena, "Release `%.*s` once on each path; `with %.*s:` does it by itself.",
                                STR_FMT(lock), STR_FMT(lock)),
    };
}

static const char *const cwes[] = {"CWE-765", "CWE-832", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#threading.Lock.release",
    "https://cwe.mitre.org/data/definitions/765.html",
    NULL,
};

const struct rule rule_RL407 = {
    .code = "RL407",
    .name = "release-without-acquire",
    .summary = "a lock is released that was released before",
    .explanation =
        "`threading.Lock` does not know who holds it: whoever calls `release()` opens it.\n"
        "\n"
        "1. Thread A takes the lock, releases it on an early path, and then passes the `release()` of a\n"
        "   `finally` or of the end of a `with`.\n"
        "2. If nobody holds the lock, this second release raises RuntimeError.\n"
        "3. If thread B has taken it meanwhile, A opens B's lock. Thread C walks in while B is still inside.\n"
        "\n"
        "The second outcome leaves no trace but broken data.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Inbox:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._mails = []\n"
           "\n"
           "    def take(self):\n"
           "        self._lock.acquire()\n"
           "        try:\n"
           "            mails, self._mails = self._mails, []\n"
           "            self._lock.release()\n"
           "            return mails\n"
           "        finally:\n"
           "            self._lock.release()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Inbox:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._mails = []\n"
            "\n"
            "    def take(self):\n"
            "        with self._lock:\n"
            "            mails, self._mails = self._mails, []\n"
            "        return mails\n",
    .fix = "Give each acquisition exactly one release. `with` does so on every path; a section that has to end early\n"
           "becomes a shorter `with` block. Where a lock must be released for a while inside, take it again before\n"
           "the block ends.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
