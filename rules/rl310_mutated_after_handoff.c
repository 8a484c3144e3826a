/* RL310 mutated-after-handoff: an object is changed after it was given to another thread. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_HANDED;
}

/* Whether the other thread takes the object out of a queue; else it got it as an argument. */
static bool is_through_queue(const struct hazard *hazard)
{
    const struct model *model = hazard->partner->model;
    return model && (model->effects & EFFECT_GET) != 0;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str given = text_code(arena, hazard->first->text), act = text_act(arena, hazard->last);
    struct str first_line = text_at(arena, &hazard->first->site, last), line = text_at(arena, last, last);
    struct str other = text_other(arena, hazard);
    struct str taken = text_at(arena, &hazard->partner->site, last);
    const char *how = is_through_queue(hazard) ? "takes it out of the queue" : "uses it";
    text->message = arena_printf(
        arena,
        "%.*s on %.*s gives the object to another thread, and %.*s on %.*s changes it afterwards. "
        "It is one object still: %.*s %s (%.*s) and may see it before, during or after the change.",
        STR_FMT(given), STR_FMT(first_line), STR_FMT(act), STR_FMT(line), STR_FMT(other), how, STR_FMT(taken));
    struct str path = text_path(hazard->last);
    struct str fresh =
        path.len ? arena_printf(arena, "make a new object for `%.*s`", STR_FMT(path)) : STR("make a new object");
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Instead of changing it on %.*s, %.*s; or give away a copy on %.*s.",
                                STR_FMT(line), STR_FMT(fresh), STR_FMT(first_line)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-362", "CWE-820", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/queue.html",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL310 = {
    .code = "RL310",
    .name = "mutated-after-handoff",
    .summary = "an object given to another thread is changed by the giver afterwards",
    .explanation =
        "A queue hands over references, not copies. Who put an object in and goes on using it shares it with\n"
        "the thread that takes it out, and the queue's own locking is of no help:\n"
        "\n"
        "1. Thread A puts `self.batch`, a list of five records, on a queue.\n"
        "2. Thread B takes the list out and begins to walk over it.\n"
        "3. Thread A calls `self.batch.clear()` to begin the next batch. B's loop ends early: the records\n"
        "   are lost.\n"
        "\n"
        "The same goes for an argument of `submit()` or `Thread(args=…)` that is filled anew for the next\n"
        "task while the last one runs.\n",
    .bad = "import queue\n"
           "import threading\n"
           "\n"
           "\n"
           "class Batcher:\n"
           "    def __init__(self, out):\n"
           "        self.out = out\n"
           "        self.batch = []\n"
           "\n"
           "    def flush(self):\n"
           "        self.out.put(self.batch)\n"
           "        self.batch.clear()\n"
           "\n"
           "\n"
           "def ship(batches):\n"
           "    for record in batches.get():\n"
           "        print(record)\n"
           "\n"
           "\n"
           "batches = queue.Queue()\n"
           "shipper = threading.Thread(target=ship, args=(batches,))\n"
           "shipper.start()\n"
           "batcher = Batcher(batches)\n"
           "batcher.batch.append(\"first\")\n"
           "batcher.flush()\n"
           "shipper.join()\n",
    .good = "import queue\n"
            "import threading\n"
            "\n"
            "\n"
            "class Batcher:\n"
            "    def __init__(self, out):\n"
            "        self.out = out\n"
            "        self.batch = []\n"
            "\n"
            "    def flush(self):\n"
            "        self.out.put(self.batch)\n"
            "        self.batch = []\n"
            "\n"
            "\n"
            "def ship(batches):\n"
            "    for record in batches.get():\n"
            "        print(record)\n"
            "\n"
            "\n"
            "batches = queue.Queue()\n"
            "shipper = threading.Thread(target=ship, args=(batches,))\n"
            "shipper.start()\n"
            "batcher = Batcher(batches)\n"
            "batcher.batch.append(\"first\")\n"
            "batcher.flush()\n"
            "shipper.join()\n",
    .fix = "Give the object away for good: bind the name to a new one (`self.batch = []`) instead of emptying the\n"
           "old one, or put a copy on the queue. What two threads are to share needs a lock.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
