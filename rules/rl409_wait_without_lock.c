/* RL409 wait-without-lock: a condition is waited for or notified without holding it, or what it is about is changed or
 * tested so. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_WAIT_UNLOCKED || hazard->kind == HAZARD_PREDICATE_CHANGED ||
           hazard->kind == HAZARD_PREDICATE_TESTED;
}

/* What the wait is about, changed or tested without the lock. */
static void describe_predicate(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), name = hazard->held->name;
    struct str other = text_at(arena, &hazard->partner->site, last), wait = text_at(arena, &hazard->escape->site, last);
    struct str place = hazard->place->name;
    bool changed = hazard->kind == HAZARD_PREDICATE_CHANGED;
    text->message =
        changed
            ? arena_printf(arena,
                           "%.*s changes `%.*s` without holding `%.*s`, when those who wait for it have been woken "
                           "already. Who tests it on %.*s before the change waits on %.*s for a sign that has been.",
                           STR_FMT(line), STR_FMT(place), STR_FMT(name), STR_FMT(other), STR_FMT(wait))
            : arena_printf(arena,
                           "`%.*s` is tested on %.*s without holding `%.*s`, which is waited for on %.*s. If %.*s "
                           "changes it and wakes the waiters in between, this one waits for a sign that has been.",
                           STR_FMT(place), STR_FMT(line), STR_FMT(name), STR_FMT(wait), STR_FMT(other));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = name,
        .message = changed
                       ? arena_printf(arena, "Put %.*s inside the `with %.*s:` that wakes the waiters, before it does.",
                                      STR_FMT(line), STR_FMT(name))
                       : arena_printf(arena, "Put the test on %.*s inside of `with %.*s:`, around the wait.",
                                      STR_FMT(line), STR_FMT(name)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->kind != HAZARD_WAIT_UNLOCKED) {
        describe_predicate(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str name = hazard->held->name;
    text->message = arena_printf(arena,
                                 "%.*s on %.*s is called without holding `%.*s`. It raises RuntimeError; and what the "
                                 "condition is about may change between the test and the wait.",
                                 STR_FMT(code), STR_FMT(line), STR_FMT(name));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = name,
        .message = arena_printf(arena,
                                "Put %.*s, and the lines that change or test what the condition is about, inside "
                                "`with %.*s:`.",
                                STR_FMT(line), STR_FMT(name)),
    };
}

static const char *const cwes[] = {"CWE-662", "CWE-820", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#condition-objects",
    "https://cwe.mitre.org/data/definitions/820.html",
    NULL,
};

const struct rule rule_RL409 = {
    .code = "RL409",
    .name = "wait-without-lock",
    .summary = "a condition is waited for, notified, or its predicate handled, without holding it",
    .explanation =
        "A condition is a lock and a place to wait. `wait()`, `notify()` and `notify_all()` belong to the thread that\n"
        "holds the lock, and raise RuntimeError for any other:\n"
        "\n"
        "1. Thread A tests a flag and finds it unset.\n"
        "2. Thread B sets the flag and wakes everybody who waits; A does not wait yet.\n"
        "3. A begins to wait, for a wake-up that has been and gone.\n"
        "\n"
        "With the lock held over both the test and the wait, B cannot come between them; the exception is there\n"
        "to keep code from doing it any other way. It cannot see everything: a test before the lock is taken, or a\n"
        "change that comes after the wake-up, raises nothing and loses wake-ups all the same.\n",
    .bad = "import threading\n"
           "\n"
           "ready = threading.Condition()\n"
           "jobs = []\n"
           "\n"
           "\n"
           "def worker():\n"
           "    with ready:\n"
           "        while not jobs:\n"
           "            ready.wait()\n"
           "        job = jobs.pop()\n"
           "    print(job)\n"
           "\n"
           "\n"
           "def main():\n"
           "    thread = threading.Thread(target=worker)\n"
           "    thread.start()\n"
           "    with ready:\n"
           "        jobs.append(\"job\")\n"
           "    ready.notify()\n"
           "    thread.join()\n"
           "\n"
           "\n"
           "main()\n",
    .good = "import threading\n"
            "\n"
            "ready = threading.Condition()\n"
            "jobs = []\n"
            "\n"
            "\n"
            "def worker():\n"
            "    with ready:\n"
            "        while not jobs:\n"
            "            ready.wait()\n"
            "        job = jobs.pop()\n"
            "    print(job)\n"
            "\n"
            "\n"
            "def main():\n"
            "    thread = threading.Thread(target=worker)\n"
            "    thread.start()\n"
            "    with ready:\n"
            "        jobs.append(\"job\")\n"
            "        ready.notify()\n"
            "    thread.join()\n"
            "\n"
            "\n"
            "main()\n",
    .fix =
        "Hold the condition (`with condition:`) from the change of the state to the `notify()`, and from the test to\n"
        "the end of the `wait()`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
