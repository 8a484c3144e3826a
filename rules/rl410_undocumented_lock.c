/* RL410 undocumented-lock: no comment says what a lock protects. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOCK_SILENT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last);

    struct str name = text_code(arena, hazard->place->name);
    text->message =
        arena_printf(arena,
                     "%.*s is made on %.*s, and no comment says what it protects. Who changes the code next has "
                     "to guess which state needs it.",
                     STR_FMT(name), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(
            arena, "Say on %.*s what the lock guards; `# guarded by …` beside the state itself is also checked.",
            STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-1053", NULL};
static const char *const references[] = {
    "https://cwe.mitre.org/data/definitions/1053.html",
    NULL,
};

const struct rule rule_RL410 = {
    .code = "RL410",
    .name = "undocumented-lock",
    .summary = "no comment says what a lock protects",
    .explanation = "A lock protects what its author had in mind. The next author does not know:\n"
                   "\n"
                   "1. Thread A runs a method that takes the lock and changes two fields.\n"
                   "2. Somebody adds a method that changes one of them. Nothing says that it needs the lock.\n"
                   "3. Thread B runs the new method between A's two changes.\n"
                   "\n"
                   "This rule is an inventory for reviews and is off unless it is selected.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Cart:\n"
           "    def __init__(self):\n"
           "        self._lock = threading.Lock()\n"
           "        self._prices = []\n"
           "\n"
           "    def add(self, price):\n"
           "        with self._lock:\n"
           "            self._prices.append(price)\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Cart:\n"
            "    def __init__(self):\n"
            "        # Held while _prices is changed or summed up.\n"
            "        self._lock = threading.Lock()\n"
            "        self._prices = []\n"
            "\n"
            "    def add(self, price):\n"
            "        with self._lock:\n"
            "            self._prices.append(price)\n",
    .fix =
        "Write one line where the lock is made: what it guards, and which other locks may be held with it. Beside the\n"
        "state, `# guarded by self._lock` says it in a form that is checked.\n",
    .cwes = cwes,
    .references = references,
    .opt_in = true,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
