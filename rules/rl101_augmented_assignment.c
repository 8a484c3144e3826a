/* RL101 augmented-assignment: `place op= value` on shared state. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_DATA) && hazard->last->kind == ACCESS_AUGMENTED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct str code = text_code(text->arena, hazard->last->text);
    struct str story = text_interleaving(
        text->arena, hazard, "read the same old value, and one of their two updates is lost", "that change is lost");
    text->message = arena_printf(text->arena, "%.*s reads the old value and writes the new one in two steps. %.*s",
                                 STR_FMT(code), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-567", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe",
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL101 = {
    .code = "RL101",
    .name = "augmented-assignment",
    .summary = "an augmented assignment on shared state is a read and a write, not one step",
    .explanation = "`hits[page] += 1` looks like one step. Python runs it as three: read `hits[page]`, add 1,\n"
                   "store the sum. Another thread can do the same in between:\n"
                   "\n"
                   "1. Thread A reads `hits[page]`: 41.\n"
                   "2. Thread B reads `hits[page]`: 41.\n"
                   "3. Thread A stores 42.\n"
                   "4. Thread B stores 42.\n"
                   "\n"
                   "Two pages were served, one was counted. The same holds for `-=`, `|=` and the others, on\n"
                   "module globals, attributes, items of dicts and lists, and variables of an enclosing\n"
                   "function.\n"
                   "\n"
                   "With the GIL the threads seldom switch between the three steps; on a free-threaded build\n"
                   "they run at the same time, and the loss shows at once. A call on the right-hand side\n"
                   "(`total += measure()`) makes it happen on every build.\n",
    .bad = "import threading\n"
           "\n"
           "hits = {\"/\": 0, \"/about\": 0}\n"
           "\n"
           "\n"
           "def serve(page, requests):\n"
           "    for _ in range(requests):\n"
           "        hits[page] += 1\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=serve, args=(\"/\", 1000)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n"
           "print(hits)\n",
    .good = "import threading\n"
            "\n"
            "hits = {\"/\": 0, \"/about\": 0}\n"
            "hits_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def serve(page, requests):\n"
            "    for _ in range(requests):\n"
            "        with hits_lock:\n"
            "            hits[page] += 1\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=serve, args=(\"/\", 1000)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n"
            "print(hits)\n",
    .fix = "Hold one lock around the statement, and the same lock wherever the state is changed. Where\n"
           "only a fresh number is needed, `next()` on an `itertools.count()` is a single step. Where\n"
           "only the sum matters in the end, let each thread count for itself and add up after `join()`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_DATA + 2,
    .matches = matches,
    .describe = describe,
};
