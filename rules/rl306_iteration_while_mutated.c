/* RL306 iteration-while-mutated: a walk over a container that another thread changes. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_ITERATION);
}

static const char *consequence(enum model_role role)
{
    switch (role) {
    case ROLE_DICT: return "the walk fails with RuntimeError (dictionary changed size during iteration)";
    case ROLE_SET: return "the walk fails with RuntimeError (set changed size during iteration)";
    case ROLE_DEQUE: return "the walk fails with RuntimeError (deque mutated during iteration)";
    case ROLE_LIST:
    case ROLE_BYTEARRAY: return "the walk skips elements or sees them twice";
    default: return "the walk fails, or misses elements";
    }
}

/* The length of the brackets that a text begins with; 0: it begins with something else, or they are not closed. */
static size_t brackets(struct str text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        depth += text.ptr[i] == '[';
        depth -= text.ptr[i] == ']' && depth > 0;
        if (depth == 0) {
            return text.ptr[i] == ']' ? i + 1 : 0;
        }
    }
    return 0;
}

/* What is walked, as written: where the state is an element (`handlers[…]`), with the key behind the name. */
static struct str walked(const struct access *walk)
{
    struct str path = text_path(walk), name = walk->place->name;
    while (path.len > 0 && str_ends(name, STR("[…]"))) {
        size_t end = (size_t)(path.ptr - walk->text.ptr) + path.len;
        path.len += brackets(str_slice(walk->text, end, walk->text.len));
        name = str_slice(name, 0, name.len - STR("[…]").len);
    }
    return path;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str container = walked(hazard->first);
    struct str code = text_code(arena, container.len ? container : hazard->first->text);
    struct str line = text_at(arena, &hazard->first->site, &hazard->last->site);
    const char *then = consequence(hazard->place->role);
    struct str together = arena_printf(arena, "run this at the same time; while one changes it, %s of the other", then);
    struct str story = text_interleaving(arena, hazard, together.ptr, then);
    text->message = arena_printf(arena, "%.*s is walked element by element on %.*s. %.*s", STR_FMT(code), STR_FMT(line),
                                 STR_FMT(story));
    if (hazard->place->role == ROLE_NONE || !container.len) {
        text_fix_lock(text, hazard);
        return;
    }
    struct lock_advice lock = text_lock(arena, hazard);
    struct str step = arena_printf(arena, "walk over `%.*s.copy()`, which is taken in one step", STR_FMT(container));
    if (hazard->guard) {
        step = arena_printf(arena, "walk over `%.*s.copy()`, taken inside `with %.*s:`", STR_FMT(container),
                            STR_FMT(lock.lock));
    }
    text_fix_step(text, hazard, FIX_SNAPSHOT, step, false);
    if (hazard->guard) {
        text->fix.lock = lock.lock;
    }
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/library/stdtypes.html#dict-views",
    NULL,
};

const struct rule rule_RL306 = {
    .code = "RL306",
    .name = "iteration-while-mutated",
    .summary = "a shared container is walked element by element while another thread changes it",
    .explanation = "A `for` loop, a comprehension, `sum(d.values())`, `\", \".join(names)` or `tuple(d)` takes one\n"
                   "element after the other. In between, other threads may change the container:\n"
                   "\n"
                   "1. Thread A begins to loop over `prices.items()`.\n"
                   "2. Thread B runs `prices[\"tea\"] = 3`, a new key.\n"
                   "3. Thread A asks for the next element:\n"
                   "   `RuntimeError: dictionary changed size during iteration`.\n"
                   "\n"
                   "Dicts, sets and deques notice it and fail; a list does not, and elements are skipped or seen\n"
                   "twice.\n",
    .bad = "import threading\n"
           "\n"
           "prices = {\"coffee\": 4}\n"
           "\n"
           "\n"
           "def update(count):\n"
           "    for number in range(count):\n"
           "        prices[\"tea %d\" % number] = number\n"
           "\n"
           "\n"
           "def report():\n"
           "    for name, price in prices.items():\n"
           "        print(name, price)\n"
           "\n"
           "\n"
           "updater = threading.Thread(target=update, args=(1,))\n"
           "updater.start()\n"
           "report()\n"
           "updater.join()\n",
    .good = "import threading\n"
            "\n"
            "prices = {\"coffee\": 4}\n"
            "\n"
            "\n"
            "def update(count):\n"
            "    for number in range(count):\n"
            "        prices[\"tea %d\" % number] = number\n"
            "\n"
            "\n"
            "def report():\n"
            "    for name, price in prices.copy().items():\n"
            "        print(name, price)\n"
            "\n"
            "\n"
            "updater = threading.Thread(target=update, args=(1,))\n"
            "updater.start()\n"
            "report()\n"
            "updater.join()\n",
    .fix = "Walk over a copy that was taken in one step: `d.copy()`, `list(d)`, `list(d.items())`,\n"
           "`sorted(names)`. Where the class has a lock, take the copy under it and walk outside of it.\n"
           "`tuple(d.values())` is no such copy: it is a walk itself.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_DATA - 1,
    .matches = matches,
    .describe = describe,
};
