/* RL202 check-then-insert: an element is found missing and then inserted. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_CONTROL) || !shape_inserts(hazard->last)) {
        return false;
    }
    bool empty = shape_checks_size(hazard) && hazard->check == CHECK_FALSE;
    return (empty || shape_checks_absence(hazard)) && !shape_act_fails_when_stale(hazard);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str test = text_code(arena, hazard->first->text);
    struct text_span span = text_span(arena, hazard);
    if (hazard->in_parts) {
        text->message = arena_printf(
            arena,
            "%.*s is tested on %.*s, and what fills it, on %.*s and after it, are many steps. When the first of them "
            "is done, another thread that tests it finds it no longer empty, and goes on with a part of it.",
            STR_FMT(test), STR_FMT(span.first), STR_FMT(span.last));
        text_fix_lock(text, hazard);
        return;
    }
    bool keyed = hazard->last->kind == ACCESS_STORE;
    struct str story = text_interleaving(
        arena, hazard,
        keyed ? "both find it missing, and the second one's entry replaces the one that the first goes on using"
              : "both find it missing, and both insert it",
        keyed ? "this insertion replaces what that thread stored" : "it is inserted twice");
    text->message = arena_printf(arena, "%.*s is tested on %.*s and the insertion on %.*s is a second step. %.*s",
                                 STR_FMT(test), STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    struct str container = text_container(hazard->last);
    if (!keyed || hazard->guard || !container.len || hazard->place->role != ROLE_DICT) {
        text_fix_lock(text, hazard);
        return;
    }
    struct str key = hazard->last->key.len ? hazard->last->key : STR("key");
    struct str step =
        arena_printf(arena, "use `%.*s.setdefault(%.*s, …)`, which is one step, and go on with what it returns",
                     STR_FMT(container), STR_FMT(key));
    text_fix_step(text, hazard, FIX_ATOMIC_OPERATION, step, true);
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/stdtypes.html#dict.setdefault",
    "https://docs.python.org/3/library/threadsafety.html",
    NULL,
};

const struct rule rule_RL202 = {
    .code = "RL202",
    .name = "check-then-insert",
    .summary = "an element is found missing in a shared container and inserted in a second step",
    .explanation = "`if key not in cache: cache[key] = make(key)` tests and inserts in two steps, usually with\n"
                   "slow work in between:\n"
                   "\n"
                   "1. Thread A tests `key not in cache`: true.\n"
                   "2. Thread B tests `key not in cache`: true.\n"
                   "3. Thread A makes a value, stores it and goes on with it.\n"
                   "4. Thread B makes another value and stores it over A's.\n"
                   "\n"
                   "The work is done twice. Worse, the two threads now hold different objects for the same key:\n"
                   "a lock, a session or a list of listeners that A keeps is not the one that everybody else\n"
                   "finds. `if cache.get(key) is None:`, an `except KeyError:` that inserts, and\n"
                   "`if name not in names: names.append(name)` are the same.\n"
                   "\n"
                   "`if not table:` before a loop that fills the table is worse: the first entry makes the test fail,\n"
                   "and other threads go on with a table that is not complete. Fill a new one, then store it.\n",
    .bad = "import threading\n"
           "\n"
           "sessions = {}\n"
           "\n"
           "\n"
           "def session_of(user):\n"
           "    if user not in sessions:\n"
           "        sessions[user] = {\"user\": user, \"visits\": []}\n"
           "    return sessions[user]\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=session_of, args=(\"ada\",)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "sessions = {}\n"
            "\n"
            "\n"
            "def session_of(user):\n"
            "    return sessions.setdefault(user, {\"user\": user, \"visits\": []})\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=session_of, args=(\"ada\",)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "`d.setdefault(key, value)` tests and inserts in one step and returns what is there; it suits\n"
           "values that cost little and may be thrown away. Where the value must be made once only, hold\n"
           "a lock around the test and the insertion.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
