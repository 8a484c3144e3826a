/* RL304 guard-violation: a lock that the author declares as the guard, or as required, is not held. */
#include "rules/guarding.h"
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_VIOLATION;
}

static void describe_call(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str code = text_code(arena, hazard->last->text), lock = text_code(arena, hazard->guard->name);
    size_t dot = str_rfind_char(hazard->requires, '.');
    struct str name = str_slice(hazard->requires, dot == SIZE_MAX ? 0 : dot + 1, hazard->requires.len);
    text->message = arena_printf(arena,
                                 "%.*s calls a function without %.*s, which `%.*s()` is declared to require. Another "
                                 "thread that holds the lock does not keep it out.",
                                 STR_FMT(code), STR_FMT(lock), STR_FMT(name));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = hazard->guard->name,
        .message = arena_printf(arena, "Put line %u inside `with %.*s:`.", text_line(&hazard->last->site),
                                STR_FMT(hazard->guard->name)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    if (hazard->requires.len) {
        describe_call(hazard, text);
        return;
    }
    struct str act = guarding_act(arena, hazard), lock = text_code(arena, hazard->guard->name);
    struct str partner = guarding_partner(arena, hazard);
    text->message = arena_printf(arena, "%.*s without %.*s, which is declared as its guard. It may run just when %.*s.",
                                 STR_FMT(act), STR_FMT(lock), STR_FMT(partner));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-820", "CWE-366", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/library/typing.html#typing.Annotated",
    NULL,
};

const struct rule rule_RL304 = {
    .code = "RL304",
    .name = "guard-violation",
    .summary = "a lock that is declared as the guard of some state, or as required by a function, is not held",
    .explanation = "racelint reads what the author says of locks, and takes it at its word:\n"
                   "\n"
                   "- `self._jobs = {}  # guarded by self._lock`: every use of `self._jobs` outside the\n"
                   "  constructor holds `self._lock`, reads included.\n"
                   "- `jobs: Annotated[dict, GuardedBy(\"_lock\")]` says the same. `GuardedBy` may be any class of\n"
                   "  that name; racelint reads the annotation and runs nothing.\n"
                   "- `def _drop(self, name):  # racelint: requires(self._lock)`: whoever calls `_drop` holds\n"
                   "  the lock. In the function it counts as held.\n"
                   "\n"
                   "1. Thread A holds the lock and works on the jobs.\n"
                   "2. Thread B, which does not take it, changes them under A's hands.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Board:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._jobs = {}  # guarded by self._lock\n"
           "\n"
           "    def add(self, name, job):\n"
           "        with self._lock:\n"
           "            self._jobs[name] = job\n"
           "\n"
           "    def forget(self, name):\n"
           "        self._jobs.pop(name, None)\n"
           "\n"
           "\n"
           "board = Board()\n"
           "adder = threading.Thread(target=board.add, args=(\"sweep\", print))\n"
           "adder.start()\n"
           "board.forget(\"sweep\")\n"
           "adder.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Board:\n"
            "    def __init__(self):\n"
            "        self._lock = threading.Lock()\n"
            "        self._jobs = {}  # guarded by self._lock\n"
            "\n"
            "    def add(self, name, job):\n"
            "        with self._lock:\n"
            "            self._jobs[name] = job\n"
            "\n"
            "    def forget(self, name):\n"
            "        with self._lock:\n"
            "            self._drop(name)\n"
            "\n"
            "    def _drop(self, name):  # racelint: requires(self._lock)\n"
            "        self._jobs.pop(name, None)\n"
            "\n"
            "\n"
            "board = Board()\n"
            "adder = threading.Thread(target=board.add, args=(\"sweep\", print))\n"
            "adder.start()\n"
            "board.forget(\"sweep\")\n"
            "adder.join()\n",
    .fix = "Hold the lock, or correct the declaration.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 10,
    .matches = matches,
    .describe = describe,
};
