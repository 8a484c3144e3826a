/* RL305 guarded-state-leak: a guarded container, or a live view of it, leaves its critical section. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LEAK;
}

static const char *noun_of(enum model_role role)
{
    switch (role) {
    case ROLE_LIST: return "list";
    case ROLE_DICT: return "dict";
    case ROLE_SET: return "set";
    case ROLE_DEQUE: return "deque";
    default: return "container";
    }
}

static bool is_view(struct str text)
{
    return str_ends(text, STR(".items()")) || str_ends(text, STR(".keys()")) || str_ends(text, STR(".values()"));
}

/* The expression that is handed out: "self._jobs" of "return self._jobs". */
static struct str expression(const struct access *access)
{
    struct str text = str_trim(access->text);
    if (str_starts(text, STR("return "))) {
        text = str_trim(str_slice(text, sizeof "return " - 1, text.len));
    }
    return text;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str code = text_code(arena, hazard->last->text), name = text_code(arena, hazard->place->name);
    struct str lock = text_code(arena, hazard->guard->name), evidence = guarding_evidence(arena, hazard);
    struct str partner = guarding_partner(arena, hazard);
    text->message = arena_printf(
        arena,
        "%.*s hands out the %s %.*s itself, which %.*s guards (%.*s). The caller uses it without the "
        "lock, while %.*s.",
        STR_FMT(code), noun_of(hazard->place->role), STR_FMT(name), STR_FMT(lock), STR_FMT(evidence), STR_FMT(partner));
    struct str given = expression(hazard->last);
    struct str instead = is_view(given) ? arena_printf(arena, "list(%.*s)", STR_FMT(given))
                                        : arena_printf(arena, "%.*s.copy()", STR_FMT(given));
    struct str step = arena_printf(arena, "hand out a copy, `%.*s`, taken under `%.*s`", STR_FMT(instead),
                                   STR_FMT(hazard->guard->name));
    text_fix_step(text, hazard, FIX_SNAPSHOT, step, false);
    text->fix.lock = hazard->guard->name;
}

static const char *const cwes[] = {"CWE-366", "CWE-362", "CWE-375", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/stdtypes.html#dict-views",
    "https://cwe.mitre.org/data/definitions/375.html",
    NULL,
};

const struct rule rule_RL305 = {
    .code = "RL305",
    .name = "guarded-state-leak",
    .summary = "a container that a lock guards is handed out, and used without the lock",
    .explanation = "`return self._jobs` under the lock does not return the jobs as they are now. It returns the\n"
                   "container, which goes on changing:\n"
                   "\n"
                   "1. Thread A takes the lock, gets the dict, and releases the lock.\n"
                   "2. Thread A loops over the dict.\n"
                   "3. Thread B takes the lock, which is free, and adds a key.\n"
                   "4. Thread A: `RuntimeError: dictionary changed size during iteration`.\n"
                   "\n"
                   "`d.items()`, `d.keys()` and `d.values()` are no copies either: they are views of the dict.\n"
                   "What is taken out together with the container's replacement (`jobs, self._jobs = self._jobs,\n"
                   "[]`) belongs to the one who took it, and is fine.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Board:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._jobs = {}\n"
           "\n"
           "    def add(self, name, job):\n"
           "        with self._lock:\n"
           "            self._jobs[name] = job\n"
           "\n"
           "    def finish(self, name):\n"
           "        with self._lock:\n"
           "            return self._jobs.pop(name, None)\n"
           "\n"
           "    def jobs(self):\n"
           "        with self._lock:\n"
           "            return self._jobs\n"
           "\n"
           "\n"
           "board = Board()\n"
           "adder = threading.Thread(target=board.add, args=(\"sweep\", print))\n"
           "adder.start()\n"
           "print(len(board.jobs()))\n"
           "adder.join()\n"
           "board.finish(\"sweep\")\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Board:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._jobs = {}\n"
            "\n"
            "    def add(self, name, job):\n"
            "        with self._lock:\n"
            "            self._jobs[name] = job\n"
            "\n"
            "    def finish(self, name):\n"
            "        with self._lock:\n"
            "            return self._jobs.pop(name, None)\n"
            "\n"
            "    def jobs(self):\n"
            "        with self._lock:\n"
            "            return self._jobs.copy()\n"
            "\n"
            "\n"
            "board = Board()\n"
            "adder = threading.Thread(target=board.add, args=(\"sweep\", print))\n"
            "adder.start()\n"
            "print(len(board.jobs()))\n"
            "adder.join()\n"
            "board.finish(\"sweep\")\n",
    .fix = "Hand out a copy that is taken under the lock (`.copy()`, `list(d.items())`), or offer methods\n"
           "that do under the lock what callers want to do.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 2,
    .matches = matches,
    .describe = describe,
};
