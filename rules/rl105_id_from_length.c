/* RL105 id-from-length: a number for a new element is computed from the size, or the greatest element, of its
 * container. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_DATA) || !hazard->place || !hazard->place->contents) {
        return false;
    }
    bool measured = hazard->first->kind == ACCESS_SIZE || hazard->first->kind == ACCESS_ITERATE;
    bool replaces = hazard->last->kind == ACCESS_STORE && hazard->place->role != ROLE_DICT; /* an item that is there */
    return measured && shape_inserts(hazard->last) && !replaces;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str measure = text_code(arena, hazard->first->text), act = text_code(arena, hazard->last->text);
    struct str story = text_interleaving(arena, hazard, "get the same number, and two elements share it",
                                         "the number is taken by then");
    text->message =
        arena_printf(arena,
                     "The number for a new element is computed from %.*s on %.*s, and the element is added by "
                     "%.*s in a later step. %.*s",
                     STR_FMT(measure), STR_FMT(span.first), STR_FMT(act), STR_FMT(story));
    text_fix_step(text, hazard, FIX_PRIMITIVE,
                  STR("take numbers from one `itertools.count()` with `next()`, which is one step"), true);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-694", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/itertools.html#itertools.count",
    "https://cwe.mitre.org/data/definitions/694.html",
    "https://docs.python.org/3/library/threadsafety.html",
    NULL,
};

const struct rule rule_RL105 = {
    .code = "RL105",
    .name = "id-from-length",
    .summary = "an id or index is computed from the size of a shared container and then inserted",
    .explanation = "`orders[len(orders) + 1] = order` or `ids.append(max(ids) + 1)` asks the container for the next\n"
                   "number, and only then makes that number taken:\n"
                   "\n"
                   "1. Thread A finds 7 orders and decides on number 8.\n"
                   "2. Thread B finds 7 orders and decides on number 8.\n"
                   "3. Thread A stores its order under 8.\n"
                   "4. Thread B stores its order under 8: A's order is gone, or two orders carry one number.\n"
                   "\n"
                   "With removals it goes wrong without threads, too: the number of a removed element is\n"
                   "given out again.\n",
    .bad = "import threading\n"
           "\n"
           "orders = {}\n"
           "\n"
           "\n"
           "def place(items):\n"
           "    number = len(orders) + 1\n"
           "    orders[number] = list(items)\n"
           "    return number\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=place, args=([\"tea\"],)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import itertools\n"
            "import threading\n"
            "\n"
            "orders = {}\n"
            "numbers = itertools.count(1)\n"
            "\n"
            "\n"
            "def place(items):\n"
            "    number = next(numbers)\n"
            "    orders[number] = list(items)\n"
            "    return number\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=place, args=([\"tea\"],)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Take numbers from one `itertools.count()`: `next()` is one step. Or compute the number and insert\n"
           "the element inside one `with lock:` block. Where the number need not be small, `uuid.uuid4()`\n"
           "needs nothing shared at all.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_DATA + 5,
    .matches = matches,
    .describe = describe,
};
