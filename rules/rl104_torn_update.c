/* RL104 torn-update: two fields that only change together, under a lock, are read one after the other without it. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_TORN;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str first = text_code(arena, hazard->pair->place->name), name = text_code(arena, text_state(arena, hazard));
    struct str first_at = text_at(arena, &hazard->pair->site, last), last_at = text_at(arena, last, last);
    struct str changed = text_at(arena, &hazard->partner->site, last);
    struct str lock =
        hazard->partner->lock_count > 0 ? text_code(arena, hazard->partner->locks[0].name) : STR("a lock");
    struct str where = str_equal(first_at, last_at)
                           ? arena_printf(arena, "are both read on %.*s", STR_FMT(last_at))
                           : arena_printf(arena, "are read on %.*s and %.*s", STR_FMT(first_at), STR_FMT(last_at));
    text->message =
        arena_printf(arena,
                     "%.*s and %.*s %.*s without %.*s, under which they always change together (%.*s). A change "
                     "in between gives one of them from before it and the other one from behind it.",
                     STR_FMT(first), STR_FMT(name), STR_FMT(where), STR_FMT(lock), STR_FMT(changed));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-820", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL104 = {
    .code = "RL104",
    .name = "torn-update",
    .summary = "values that only change together under a lock are read one by one without it",
    .explanation = "Each read is a single step, but the two belong together: wherever they change, they change under\n"
                   "one lock, in one go.\n"
                   "\n"
                   "1. Thread A reads `self.x`: 3, of the position (3, 3).\n"
                   "2. Thread B takes the lock and moves to (7, 7).\n"
                   "3. Thread A reads `self.y`: 7. It has (3, 7), where nobody ever was.\n"
                   "\n"
                   "A minimum and a maximum, a sum and a count, a key and its value: the pair was never in the state\n"
                   "that the reader sees.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Robot:\n"
           "    def __init__(self):\n"
           "        self.lock = threading.Lock()\n"
           "        self.x = 0\n"
           "        self.y = 0\n"
           "\n"
           "    def move(self, x, y):\n"
           "        with self.lock:\n"
           "            self.x = x\n"
           "            self.y = y\n"
           "\n"
           "    def position(self):\n"
           "        return (self.x, self.y)\n"
           "\n"
           "\n"
           "def drive(robot):\n"
           "    for step in range(100):\n"
           "        robot.move(step, step)\n"
           "\n"
           "\n"
           "robot = Robot()\n"
           "driver = threading.Thread(target=drive, args=(robot,))\n"
           "driver.start()\n"
           "print(robot.position())\n"
           "driver.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Robot:\n"
            "    def __init__(self):\n"
            "        self.lock = threading.Lock()\n"
            "        self.x = 0\n"
            "        self.y = 0\n"
            "\n"
            "    def move(self, x, y):\n"
            "        with self.lock:\n"
            "            self.x = x\n"
            "            self.y = y\n"
            "\n"
            "    def position(self):\n"
            "        with self.lock:\n"
            "            return (self.x, self.y)\n"
            "\n"
            "\n"
            "def drive(robot):\n"
            "    for step in range(100):\n"
            "        robot.move(step, step)\n"
            "\n"
            "\n"
            "robot = Robot()\n"
            "driver = threading.Thread(target=drive, args=(robot,))\n"
            "driver.start()\n"
            "print(robot.position())\n"
            "driver.join()\n",
    .fix = "Read both under the lock. Or keep them in one object, a tuple that each change replaces as a\n"
           "whole: one store and one load need no lock.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
