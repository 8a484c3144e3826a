/* RL004 bad-annotation: a guard is declared that does not exist. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_BAD_ANNOTATION;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str lock = text_code(arena, hazard->guard->name), code = text_code(arena, hazard->last->text);
    text->message =
        arena_printf(arena, "%.*s names the lock %.*s, which nothing here makes. The annotation guards nothing.",
                     STR_FMT(code), STR_FMT(lock));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message =
            STR("Name the lock as the code that takes it does (`self._lock`, or `_lock` for one of the module)."),
    };
}

static const char *const cwes[] = {"CWE-1116", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/1116.html",
    NULL,
};

const struct rule rule_RL004 = {
    .code = "RL004",
    .name = "bad-annotation",
    .summary = "a guard annotation names a lock that does not exist",
    .explanation = "`# guarded by self._lock`, `Annotated[T, GuardedBy(\"_lock\")]` and\n"
                   "`# racelint: requires(self._lock)` name a lock. Where no code makes a lock of that name, the\n"
                   "annotation is a slip of the pen, or was left behind when the lock was renamed, and what it\n"
                   "says is not checked:\n"
                   "\n"
                   "1. The lock is renamed to `_jobs_lock`; the comment still says `_lock`.\n"
                   "2. A method is added that uses the jobs without the lock, and no RL304 is reported.\n"
                   "3. Thread A holds the lock and works on the jobs; thread B changes them.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Board:\n"
           "    def __init__(self):\n"
           "        self._jobs_lock = threading.Lock()\n"
           "        self._jobs = {}  # guarded by self._lock\n"
           "\n"
           "    def add(self, name, job):\n"
           "        with self._jobs_lock:\n"
           "            self._jobs[name] = job\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Board:\n"
            "    def __init__(self):\n"
            "        self._jobs_lock = threading.Lock()\n"
            "        self._jobs = {}  # guarded by self._jobs_lock\n"
            "\n"
            "    def add(self, name, job):\n"
            "        with self._jobs_lock:\n"
            "            self._jobs[name] = job\n",
    .fix = "Correct the name, or drop the annotation.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 10,
    .matches = matches,
    .describe = describe,
};
