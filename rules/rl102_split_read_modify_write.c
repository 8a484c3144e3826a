/* RL102 split-read-modify-write: a value is read, worked on, and written back later. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_DATA) && hazard->last->kind != ACCESS_AUGMENTED;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str story = text_interleaving(arena, hazard, "read the same old value, and one of their two updates is lost",
                                         "that change is lost");
    if (str_equal(span.first, span.last)) {
        text->message = arena_printf(arena, "%.*s is read and written back in separate steps. %.*s", STR_FMT(span.name),
                                     STR_FMT(story));
    } else {
        text->message = arena_printf(arena, "%.*s is read on %.*s and written back on %.*s, in separate steps. %.*s",
                                     STR_FMT(span.name), STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    }
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-567", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe",
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL102 = {
    .code = "RL102",
    .name = "split-read-modify-write",
    .summary = "a shared value is read, worked on and written back in separate steps",
    .explanation = "The value that is written depends on a value that was read before: `v = d.get(k, 0)` …\n"
                   "`d[k] = v + 1`, `self.best = max(self.best, score)`, `a = self.queue; self.queue = []`. Each\n"
                   "step alone is safe in CPython, the whole is not:\n"
                   "\n"
                   "1. Thread A reads `stock[\"apple\"]`: 5.\n"
                   "2. Thread B reads `stock[\"apple\"]`: 5, and stores 5 + 10.\n"
                   "3. Thread A stores 5 + 3.\n"
                   "\n"
                   "B's ten apples are gone. The read and the write may lie lines apart, in different helpers,\n"
                   "or behind a property: the longer the way, the more often it happens. It happens with the\n"
                   "GIL, too, as soon as a call or a loop lies in between.\n",
    .bad = "import threading\n"
           "\n"
           "stock = {\"apple\": 5}\n"
           "\n"
           "\n"
           "def deliver(fruit, crates):\n"
           "    for crate in crates:\n"
           "        present = stock.get(fruit, 0)\n"
           "        weight = sum(crate)\n"
           "        stock[fruit] = present + weight\n"
           "\n"
           "\n"
           "suppliers = [threading.Thread(target=deliver, args=(\"apple\", [[1, 2], [3]])) for _ in range(3)]\n"
           "for supplier in suppliers:\n"
           "    supplier.start()\n"
           "for supplier in suppliers:\n"
           "    supplier.join()\n"
           "print(stock)\n",
    .good = "import threading\n"
            "\n"
            "stock = {\"apple\": 5}\n"
            "stock_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def deliver(fruit, crates):\n"
            "    for crate in crates:\n"
            "        weight = sum(crate)\n"
            "        with stock_lock:\n"
            "            stock[fruit] = stock.get(fruit, 0) + weight\n"
            "\n"
            "\n"
            "suppliers = [threading.Thread(target=deliver, args=(\"apple\", [[1, 2], [3]])) for _ in range(3)]\n"
            "for supplier in suppliers:\n"
            "    supplier.start()\n"
            "for supplier in suppliers:\n"
            "    supplier.join()\n"
            "print(stock)\n",
    .fix = "Do the slow work first, then read and write inside one `with lock:` block. Where a value is\n"
           "only taken, use the single step: `d.pop(k, None)`, `deque.popleft()`, or a `queue.Queue`\n"
           "that hands each object to one thread.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_DATA,
    .matches = matches,
    .describe = describe,
};
