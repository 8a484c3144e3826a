/* RL309 shared-iterator: several threads take elements from one iterator. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_SHARED_ITERATOR;
}

static bool is_generator(const struct hazard *hazard)
{
    const struct model *type = hazard->place->type;
    return type && str_ends(str_of(type->name), STR("Generator"));
}

/* "enumerate" of "builtins.enumerate" */
static struct str kind_of(const struct hazard *hazard)
{
    const struct model *type = hazard->place->type;
    if (!type || is_generator(hazard) || str_ends(str_of(type->name), STR("Iterator"))) {
        return type && is_generator(hazard) ? STR("generator") : STR("iterator");
    }
    struct str name = str_of(type->name);
    size_t dot = str_rfind_char(name, '.');
    return dot == SIZE_MAX ? name : str_slice(name, dot + 1, name.len);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str act = text_act(arena, hazard->last), line = text_at(arena, last, last), kind = kind_of(hazard);
    bool generator = is_generator(hazard);
    const char *then = generator ? "one of them fails with ValueError (generator already executing)"
                                 : "an element is handed out twice, or lost";
    struct str together = arena_printf(arena, "do this at the same time; %s", then);
    struct str story = text_interleaving(arena, hazard, together.ptr, then);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s takes elements from a shared %.*s object, and taking one is not one step. "
                     "%.*s",
                     STR_FMT(act), STR_FMT(line), STR_FMT(kind), STR_FMT(story));
    struct lock_advice lock = text_lock(arena, hazard);
    struct str taken = lock.kind == FIX_EXISTING_LOCK
                           ? arena_printf(arena, "take elements inside `with %.*s:` only", STR_FMT(lock.lock))
                           : STR("take elements under a lock that all share");
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Put the elements in a `queue.SimpleQueue`, or %.*s (Python 3.15: wrap the iterator in "
                                "`threading.serialize_iterator`; for numbers alone, `itertools.count` is enough).",
                                STR_FMT(taken)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://docs.python.org/3/library/itertools.html#itertools.tee",
    "https://docs.python.org/3/reference/expressions.html#generator-iterator-methods",
    NULL,
};

const struct rule rule_RL309 = {
    .code = "RL309",
    .name = "shared-iterator",
    .summary = "several threads take elements from one iterator or generator",
    .explanation =
        "An iterator has a position, and `next()` reads it, takes the element and moves it on. Nothing holds\n"
        "another thread back meanwhile:\n"
        "\n"
        "1. Thread A calls `next(lines)` on an `enumerate` object and reads the number 7.\n"
        "2. Thread B does the same and reads 7, too.\n"
        "3. Both return line 7, or B returns another line with the same number.\n"
        "\n"
        "A generator that a second thread resumes while it runs raises ValueError, on every build. The\n"
        "iterators that `tee()` or `groupby()` return share a buffer, so that one for each thread does not\n"
        "help. `next(itertools.count())` is one step.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "def numbers():\n"
           "    for number in range(1000):\n"
           "        yield number\n"
           "\n"
           "\n"
           "def work(source):\n"
           "    for number in source:\n"
           "        print(number)\n"
           "\n"
           "\n"
           "source = numbers()\n"
           "threads = [threading.Thread(target=work, args=(source,)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import queue\n"
            "import threading\n"
            "\n"
            "\n"
            "def work(source):\n"
            "    while True:\n"
            "        number = source.get()\n"
            "        if number is None:\n"
            "            break\n"
            "        print(number)\n"
            "\n"
            "\n"
            "source = queue.SimpleQueue()\n"
            "threads = [threading.Thread(target=work, args=(source,)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for number in range(1000):\n"
            "    source.put(number)\n"
            "for thread in threads:\n"
            "    source.put(None)\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Hand the elements out through a queue, or let an executor do it: `pool.map(work, source)` takes all\n"
           "elements in the calling thread. Otherwise take each element under one lock. From Python 3.15,\n"
           "`threading.serialize_iterator(source)` does that, and `threading.concurrent_tee` replaces\n"
           "`itertools.tee`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
