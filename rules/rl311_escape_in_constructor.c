/* RL311 escape-in-constructor: another thread gets the object before its constructor has set all fields. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_ESCAPE;
}

static bool is_start(const struct hazard *hazard)
{
    return hazard->partner_side && hazard->partner_side->start.file == hazard->escape->site.file &&
           hazard->partner_side->start.span.start == hazard->escape->site.span.start;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str name = text_code(arena, text_state(arena, hazard)), at = text_at(arena, last, last);
    struct str escape = text_code(arena, hazard->escape->text), where = text_at(arena, &hazard->escape->site, last);
    struct str read = text_code(arena, hazard->partner->text), there = text_at(arena, &hazard->partner->site, last);
    if (is_start(hazard)) {
        text->message =
            arena_printf(arena,
                         "The constructor sets %.*s on %.*s, when the thread that %.*s (%.*s) starts runs already. "
                         "That thread reads %.*s (%.*s), which may not be there yet: AttributeError.",
                         STR_FMT(name), STR_FMT(at), STR_FMT(escape), STR_FMT(where), STR_FMT(read), STR_FMT(there));
    } else {
        struct str other = text_other(arena, hazard);
        text->message = arena_printf(
            arena,
            "The constructor sets %.*s on %.*s, after %.*s (%.*s) has made the object known. If %.*s "
            "reads %.*s (%.*s) in between, it is not there yet: AttributeError.",
            STR_FMT(name), STR_FMT(at), STR_FMT(escape), STR_FMT(where), STR_FMT(other), STR_FMT(read), STR_FMT(there));
    }
    bool same = hazard->escape->site.file == last->file && str_equal(hazard->escape->site.symbol, last->symbol);
    struct str instead =
        same ? arena_printf(arena, "make %.*s (%.*s) the last step of the constructor", STR_FMT(escape), STR_FMT(where))
             : arena_printf(arena,
                            "set %.*s before that call, or move %.*s (%.*s) into a method such as `start()` "
                            "that is called when the object is complete",
                            STR_FMT(name), STR_FMT(escape), STR_FMT(where));
    text_fix_step(text, hazard, FIX_MANUAL, instead, false);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-909", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#thread-objects",
    "https://cwe.mitre.org/data/definitions/909.html",
    NULL,
};

const struct rule rule_RL311 = {
    .code = "RL311",
    .name = "escape-in-constructor",
    .summary = "a thread gets an object whose constructor has not set all of its fields yet",
    .explanation = "A constructor that starts a thread, or puts `self` into a registry, hands out an object that is\n"
                   "not complete:\n"
                   "\n"
                   "1. Thread A runs `__init__`, starts thread B, and is interrupted.\n"
                   "2. Thread B reads `self.paths`: `AttributeError`, and B is dead.\n"
                   "3. Thread A sets `self.paths`.\n"
                   "\n"
                   "With inheritance it happens although each class looks right: the base class starts the thread as\n"
                   "the last step of its `__init__`, and the subclass sets its own fields after\n"
                   "`super().__init__()`.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Poller:\n"
           "    def __init__(self, paths):\n"
           "        self.thread = threading.Thread(target=self.run)\n"
           "        self.thread.start()\n"
           "        self.paths = list(paths)\n"
           "\n"
           "    def run(self):\n"
           "        for path in self.paths:\n"
           "            print(path)\n"
           "\n"
           "\n"
           "poller = Poller([\"a\", \"b\"])\n"
           "poller.thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Poller:\n"
            "    def __init__(self, paths):\n"
            "        self.paths = list(paths)\n"
            "        self.thread = threading.Thread(target=self.run)\n"
            "        self.thread.start()\n"
            "\n"
            "    def run(self):\n"
            "        for path in self.paths:\n"
            "            print(path)\n"
            "\n"
            "\n"
            "poller = Poller([\"a\", \"b\"])\n"
            "poller.thread.join()\n",
    .fix = "Start the thread, or register the object, as the last step of the constructor. Where classes may\n"
           "derive from it, do so in a method of its own (`start()`) that is called on the complete object.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
