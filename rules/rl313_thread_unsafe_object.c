/* RL313 thread-unsafe-object: an object that is not made for several threads is used by several. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (hazard->kind != HAZARD_MUTATION || hazard->last->lock_count > 0 || !hazard->place || !hazard->place->type) {
        return false;
    }
    const struct model *type = hazard->place->type;
    bool unlocked = !hazard->partner || hazard->partner->lock_count == 0;
    bool other_rule = type->role == ROLE_BYTEARRAY || type->role == ROLE_ITERATOR || type->role == ROLE_LOOP;
    return unlocked && type->safety == SAFETY_UNSAFE && type->scope == SCOPE_THREAD && !other_rule;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str name = text_code(arena, hazard->place->name), act = text_act(arena, hazard->last);
    struct str type = str_of(hazard->place->type->name);
    const char *then = hazard->place->type->harm ? hazard->place->type->harm : "one sees the other's half-done work";
    struct str together = arena_printf(arena, "use it at the same time; %s", then);
    struct str story = text_interleaving(arena, hazard, together.ptr, then);
    text->message = arena_printf(arena, "%.*s uses %.*s (`%.*s`), which is not made for several threads. %.*s",
                                 STR_FMT(act), STR_FMT(name), STR_FMT(type), STR_FMT(story));
    struct lock_advice lock = text_lock(arena, hazard);
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Give each thread its own (make it in the function that uses it, or keep it in a "
                                "`threading.local()`); or hold `%.*s` over every use of it that belongs together.",
                                STR_FMT(lock.lock)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-362", "CWE-663", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/library/sqlite3.html#sqlite3.connect",
    "https://docs.python.org/3/library/io.html#multi-threading",
    NULL,
};

const struct rule rule_RL313 = {
    .code = "RL313",
    .name = "thread-unsafe-object",
    .summary = "an object that is not made for several threads is shared without a lock",
    .explanation = "Many objects of libraries are made for one thread: they have a position, an open transaction, a\n"
                   "half-written buffer:\n"
                   "\n"
                   "1. Thread A rewinds a shared `io.StringIO` and writes its letter.\n"
                   "2. Thread B rewinds the same buffer and writes over what A wrote.\n"
                   "3. Both call `getvalue()` and send off a mixture of the two letters.\n"
                   "\n"
                   "`sqlite3` connections, `csv.writer`, `io.StringIO`, `pickle.Pickler`, `http.client` connections,\n"
                   "sessions of `requests` and SQLAlchemy are of this kind. A lock around single calls is often not\n"
                   "enough: what belongs together must be inside one `with`.\n",
    .bad = "import io\n"
           "import threading\n"
           "\n"
           "buffer = io.StringIO()\n"
           "\n"
           "\n"
           "def letter(name):\n"
           "    buffer.seek(0)\n"
           "    buffer.truncate()\n"
           "    buffer.write(\"Dear \" + name)\n"
           "    print(buffer.getvalue())\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=letter, args=(name,)) for name in (\"ann\", \"bob\")]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import io\n"
            "import threading\n"
            "\n"
            "\n"
            "def letter(name):\n"
            "    buffer = io.StringIO()\n"
            "    buffer.write(\"Dear \" + name)\n"
            "    print(buffer.getvalue())\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=letter, args=(name,)) for name in (\"ann\", \"bob\")]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Make one object for each thread or call: most of them cost little. `threading.local()` keeps one per\n"
           "thread. Connections belong in a pool that hands one to each user. Only where the object must be\n"
           "shared, guard it by one lock, held over the whole exchange.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
