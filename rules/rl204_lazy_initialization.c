/* RL204 lazy-initialization: a shared variable is found unset and then set. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_CONTROL) && shape_checks_unset(hazard) && hazard->last->kind == ACCESS_STORE &&
           !hazard->last->constant;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str story = text_interleaving(
        arena, hazard, "both find it unset, and the second one's value replaces the one that the first goes on using",
        "this assignment replaces what that thread goes on using");
    text->message = arena_printf(arena, "%.*s is found unset on %.*s and set on %.*s, a second step. %.*s",
                                 STR_FMT(span.name), STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-543", "CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/library/functools.html#functools.cached_property",
    NULL,
};

const struct rule rule_RL204 = {
    .code = "RL204",
    .name = "lazy-initialization",
    .summary = "a shared variable is initialised on first use without a lock",
    .explanation = "`if self._client is None: self._client = connect()` tests and sets in two steps, with\n"
                   "`connect()` in between:\n"
                   "\n"
                   "1. Thread A finds `_client` unset and begins to connect.\n"
                   "2. Thread B finds `_client` unset and begins to connect.\n"
                   "3. Thread A stores its client and uses it.\n"
                   "4. Thread B stores another client over it.\n"
                   "\n"
                   "Two connections are open, one of them is forgotten, and the two threads use different\n"
                   "objects. It does harm when the object holds something: a connection, a lock, registered\n"
                   "listeners, counted numbers. It does none when all that is lost is a second computation of an\n"
                   "equal value. `hasattr()`, `except AttributeError:`, `if not self._x:` and singletons made in\n"
                   "`__new__` are the same.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Client:\n"
           "    def __init__(self):\n"
           "        self.sent = []\n"
           "\n"
           "\n"
           "_client = None\n"
           "\n"
           "\n"
           "def client():\n"
           "    global _client\n"
           "    if _client is None:\n"
           "        _client = Client()\n"
           "    return _client\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=client) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Client:\n"
            "    def __init__(self):\n"
            "        self.sent = []\n"
            "\n"
            "\n"
            "_client = None\n"
            "_client_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def client():\n"
            "    global _client\n"
            "    with _client_lock:\n"
            "        if _client is None:\n"
            "            _client = Client()\n"
            "        return _client\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=client) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make the object where nothing runs in parallel yet: when the module is imported, or in\n"
           "`__init__`. Where it must be lazy, hold a lock around the test and the assignment.\n"
           "`functools.cache` and `cached_property` do not help: they may call the function twice.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
