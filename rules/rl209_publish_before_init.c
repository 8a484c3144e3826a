/* RL209 publish-before-init: state is set where other threads see it before what it stands for is there. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_PUBLISH;
}

/* Whether the container was there before, and is emptied. */
static bool empties(const struct hazard *hazard)
{
    return hazard->last->place->contents;
}

/* Whether the late write fills the very object that was stored, rather than another variable. */
static bool fills(const struct hazard *hazard)
{
    return hazard->later->place->contents || !str_equal(hazard->later->place->owner, hazard->place->owner);
}

static struct str lines_of(struct arena *arena, const struct hazard *hazard)
{
    return text_at(arena, &hazard->later->site, &hazard->last->site);
}

static struct str story(struct arena *arena, const struct hazard *hazard)
{
    struct str other =
        text_is_self_race(hazard) ? STR("another thread that runs the same code") : text_other(arena, hazard);
    struct str name = text_code(arena, text_state(arena, hazard));
    struct str where = text_at(arena, &hazard->partner->site, &hazard->last->site);
    if (hazard->place->contents) {
        return arena_printf(
            arena, "If %.*s takes it from there in between (%.*s), it goes on with an object that is not complete.",
            STR_FMT(other), STR_FMT(where));
    }
    if (fills(hazard)) {
        return arena_printf(
            arena, "If %.*s tests %.*s in between (%.*s), it goes on with an object that is there, but not complete.",
            STR_FMT(other), STR_FMT(name), STR_FMT(where));
    }
    struct str late = text_code(arena, hazard->later->place->name);
    if (!hazard->later_use) {
        return arena_printf(arena, "If %.*s tests %.*s in between (%.*s), it relies on %.*s too early.", STR_FMT(other),
                            STR_FMT(name), STR_FMT(where), STR_FMT(late));
    }
    struct str use = text_at(arena, &hazard->later_use->site, &hazard->last->site);
    return arena_printf(
        arena, "If %.*s tests %.*s in between (%.*s), it goes on to use %.*s (%.*s), which still has its old value.",
        STR_FMT(other), STR_FMT(name), STR_FMT(where), STR_FMT(late), STR_FMT(use));
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str name = text_code(arena, text_state(arena, hazard)), lines = lines_of(arena, hazard);
    struct str at = text_at(arena, &hazard->last->site, &hazard->last->site);
    if (empties(hazard)) {
        struct str other = text_other(arena, hazard), read = text_code(arena, hazard->partner->text);
        struct str where = text_at(arena, &hazard->partner->site, &hazard->last->site);
        text->message =
            arena_printf(arena,
                         "%.*s is emptied on %.*s and filled again on %.*s. If %.*s looks up %.*s in "
                         "between (%.*s), what it asks for is not there.",
                         STR_FMT(name), STR_FMT(at), STR_FMT(lines), STR_FMT(other), STR_FMT(read), STR_FMT(where));
        text_fix_step(text, hazard, FIX_MANUAL,
                      STR("build the new contents in a local variable and assign it as the last step"), false);
        return;
    }
    struct str then = story(arena, hazard);
    if (fills(hazard)) {
        text->message = arena_printf(arena, "%.*s is set on %.*s and filled afterwards, on %.*s. %.*s", STR_FMT(name),
                                     STR_FMT(at), STR_FMT(lines), STR_FMT(then));
        const char *how =
            hazard->place->contents
                ? "complete the object first, and put it into %.*s as the last step, behind %.*s"
                : "build the object in a local variable and assign it to %.*s as the last step, behind %.*s";
        struct str instead = arena_printf(arena, how, STR_FMT(name), STR_FMT(lines));
        text_fix_step(text, hazard, FIX_SNAPSHOT, instead, false);
        return;
    }
    struct str late = text_code(arena, hazard->later->place->name);
    text->message = arena_printf(arena, "%.*s is set on %.*s, before %.*s is on %.*s. %.*s", STR_FMT(name), STR_FMT(at),
                                 STR_FMT(late), STR_FMT(lines), STR_FMT(then));
    struct str instead = arena_printf(arena, "set %.*s last, behind %.*s", STR_FMT(name), STR_FMT(lines));
    text_fix_step(text, hazard, FIX_MANUAL, instead, false);
}

static const char *const cwes[] = {"CWE-362", "CWE-366", "CWE-909", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#event-objects",
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/909.html",
    NULL,
};

const struct rule rule_RL209 = {
    .code = "RL209",
    .name = "publish-before-init",
    .summary = "state is set where other threads see it before what it stands for is there",
    .explanation =
        "Other threads take a variable that is set for a sign that the work behind it is done. Here it is\n"
        "set first: an empty table that a loop then fills, a flag whose data follows, the first of\n"
        "several lazy variables through which all of them are tested.\n"
        "\n"
        "1. Thread A finds `_names` unset, sets it to an empty dict and begins to fill it.\n"
        "2. Thread B finds `_names` set and looks up a name that A has not come to yet: `KeyError`.\n"
        "3. Thread A stores that name.\n"
        "\n"
        "An unlocked test in front of a lock does the same: it lets B pass while A is still inside. And so does\n"
        "`clear()` followed by `update()`: B looks up what is about to come back.\n",
    .bad = "import threading\n"
           "\n"
           "_names = None\n"
           "\n"
           "\n"
           "def lookup(code):\n"
           "    global _names\n"
           "    if _names is None:\n"
           "        _names = {}\n"
           "        for number in range(100):\n"
           "            _names[number] = f\"name {number}\"\n"
           "    return _names[code]\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=lookup, args=(code,)) for code in (7, 99)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "_names = None\n"
            "_names_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def lookup(code):\n"
            "    global _names\n"
            "    with _names_lock:\n"
            "        if _names is None:\n"
            "            names = {}\n"
            "            for number in range(100):\n"
            "                names[number] = f\"name {number}\"\n"
            "            _names = names\n"
            "    return _names[code]\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=lookup, args=(code,)) for code in (7, 99)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Build the object in a local variable and assign it to the shared one as the last step: one store\n"
           "publishes all of it. Set a flag after its data, or use a `threading.Event`. Put what belongs\n"
           "together into one object (a tuple, a small class), so that there is one variable to test.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE + 5,
    .matches = matches,
    .describe = describe,
};
