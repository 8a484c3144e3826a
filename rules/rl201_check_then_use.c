/* RL201 check-then-use: an element is tested for and then relied on. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    if (!shape_is_span(hazard, VIA_CONTROL) || !shape_acts_on_element(hazard)) {
        return false;
    }
    if (shape_checks_presence(hazard)) {
        return true;
    }
    /* `if slots[i] is not None: del slots[i]`, and the else branch of `try: d[k] except KeyError:` */
    return hazard->place->contents && !shape_checks_size(hazard) && hazard->check != CHECK_COMPARE &&
           shape_removes(hazard->last);
}

/* The single step that does the same, where there is one: a clause in lower case. */
static struct str single_step(const struct hazard *hazard, struct arena *arena)
{
    const struct access *act = hazard->last;
    struct str container = text_container(act), key = act->key.len ? act->key : STR("…");
    enum model_role role = act->place->role;
    if (!container.len) {
        return STR("");
    }
    if (!shape_removes(act)) {
        if (role == ROLE_DICT && act->kind == ACCESS_LOAD) {
            return arena_printf(arena, "read it once with `%.*s.get(%.*s)` and test the result", STR_FMT(container),
                                STR_FMT(key));
        }
        return STR("");
    }
    if (role == ROLE_DICT) {
        return arena_printf(arena, "use `%.*s.pop(%.*s, None)`, which is one step", STR_FMT(container), STR_FMT(key));
    }
    if (role == ROLE_SET) {
        return arena_printf(arena, "use `%.*s.discard(%.*s)`, which is one step", STR_FMT(container), STR_FMT(key));
    }
    return arena_printf(arena, "do not test: catch the %s", text_failure(act));
}

/* A copy of what the container held, from which the key comes, and not a test of it. */
static bool is_copy(const struct access *first)
{
    return first->kind == ACCESS_METHOD && first->model && (first->model->effects & EFFECT_SNAPSHOT);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str test = text_code(arena, hazard->first->text), act = text_act(arena, hazard->last);
    struct text_span span = text_span(arena, hazard);
    const char *failure = text_failure(hazard->last);
    struct str together = arena_printf(arena, "both pass the test, and the slower one gets %s", failure);
    struct str then = arena_printf(arena, "%.*s fails with %s", STR_FMT(span.last), failure);
    struct str story = text_interleaving(arena, hazard, together.ptr, then.ptr);
    if (is_copy(hazard->first)) {
        together = arena_printf(arena, "both copy the same keys, and the slower one gets %s", failure);
        story = text_interleaving(arena, hazard, together.ptr, then.ptr);
        text->message = arena_printf(
            arena, "%.*s was there on %.*s, when %.*s was taken; it need not be any more. %.*s",
            STR_FMT(text_code(arena, hazard->last->key)), STR_FMT(span.first), STR_FMT(test), STR_FMT(story));
    } else {
        text->message =
            arena_printf(arena, "%.*s is tested on %.*s and relied on by %.*s on %.*s, a second step. %.*s",
                         STR_FMT(test), STR_FMT(span.first), STR_FMT(act), STR_FMT(span.last), STR_FMT(story));
    }
    struct str step = hazard->guard ? STR("") : single_step(hazard, arena);
    if (step.len) {
        text_fix_step(text, hazard, FIX_ATOMIC_OPERATION, step, true);
    } else {
        text_fix_lock(text, hazard);
    }
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/glossary.html#term-EAFP",
    "https://docs.python.org/3/glossary.html#term-LBYL",
    NULL,
};

const struct rule rule_RL201 = {
    .code = "RL201",
    .name = "check-then-use",
    .summary = "an element is found in a shared container and then relied on in a second step",
    .explanation = "`if key in jobs: run(jobs[key])` asks twice. Between the two questions another thread can\n"
                   "take the key away:\n"
                   "\n"
                   "1. Thread A tests `key in jobs`: true.\n"
                   "2. Thread B runs `del jobs[key]`.\n"
                   "3. Thread A reads `jobs[key]`: `KeyError`.\n"
                   "\n"
                   "The same goes for `del jobs[key]`, `jobs.pop(key)`, `names.remove(name)` and\n"
                   "`names.index(name)` behind such a test. Two threads that run the same lines are enough: both\n"
                   "pass the test, and the slower one fails.\n",
    .bad = "import threading\n"
           "\n"
           "jobs = {number: \"job %d\" % number for number in range(100)}\n"
           "\n"
           "\n"
           "def finish(numbers):\n"
           "    for number in numbers:\n"
           "        if number in jobs:\n"
           "            del jobs[number]\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=finish, args=(range(100),)) for _ in range(2)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "jobs = {number: \"job %d\" % number for number in range(100)}\n"
            "\n"
            "\n"
            "def finish(numbers):\n"
            "    for number in numbers:\n"
            "        jobs.pop(number, None)\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=finish, args=(range(100),)) for _ in range(2)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Ask once: `d.get(key)` and test the result, `d.pop(key, None)`, `s.discard(x)`, or do it and\n"
           "catch the exception (`try: … except KeyError:`). Where more than one step has to fit\n"
           "together, hold a lock around the test and the act.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};
