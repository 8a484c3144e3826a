/* RL801 gil-reliance: code relies on the GIL, says a comment, or tunes it. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_GIL_REMARK || hazard->kind == HAZARD_GIL_SWITCH || hazard->kind == HAZARD_GIL_BRANCH;
}

static void describe_branch(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    text->message = arena_printf(arena,
                                 "%.*s on %.*s asks about the GIL, and a lock is taken or made for one answer only. "
                                 "The GIL never made several steps one: threads switch between them on every build.",
                                 STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "Lock on both sides of the branch on %.*s, or, for what is one step, on none.",
                                STR_FMT(line)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->kind == HAZARD_GIL_BRANCH) {
        describe_branch(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    bool remark = hazard->kind == HAZARD_GIL_REMARK;
    text->message = remark
                        ? arena_printf(arena,
                                       "%.*s, says the text on %.*s. On free-threaded Python there is no GIL: what is "
                                       "safe only because of it is not safe there.",
                                       STR_FMT(code), STR_FMT(line))
                        : arena_printf(arena,
                                       "%.*s on %.*s sets how often threads hand on the GIL. On free-threaded Python "
                                       "nothing is handed on: threads run at the same time.",
                                       STR_FMT(code), STR_FMT(line));
    text->fix = (struct finding_fix){
        .kind = FIX_MANUAL,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena, "%s %.*s.",
                                remark ? "Find out what the operation really is (one step, or several), guard it if "
                                         "need be, and mend the text on"
                                       : "Guard what must not be interrupted with a lock, and drop the call on",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-1116", "CWE-758", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://docs.python.org/3/library/sys.html#sys.setswitchinterval",
    "https://cwe.mitre.org/data/definitions/758.html",
    NULL,
};

const struct rule rule_RL801 = {
    .code = "RL801",
    .name = "gil-reliance",
    .summary = "code relies on the GIL, says a comment, or tunes it or branches on it",
    .explanation = "With the GIL, one thread runs at a time. It never was a promise about more than single steps:\n"
                   "\n"
                   "1. A comment says that a counter needs no lock \"because of the GIL\".\n"
                   "2. On free-threaded Python, threads A and B run the line at the same moment.\n"
                   "3. Both read 7 and write 8.\n"
                   "\n"
                   "Some of what such comments speak of is still one step (`list.append`), by locks of the objects "
                   "themselves; the\n"
                   "comment tells the wrong reason, and the next change may not know. Text that explains the GIL, or "
                   "that says what\n"
                   "happens without it, is not reported.\n",
    .bad = "names = []\n"
           "\n"
           "\n"
           "# No lock needed: append is atomic because of the GIL.\n"
           "def add(name):\n"
           "    names.append(name)\n",
    .good = "import itertools\n"
            "\n"
            "# next() on a counter is one step on every build, with the GIL and without it.\n"
            "hits = itertools.count()\n"
            "\n"
            "\n"
            "def hit():\n"
            "    next(hits)\n",
    .fix = "Look the operation up in the documentation of free threading. Where it is several steps, take a lock; "
           "where it\n"
           "is one, say that it is, and of what.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_MUTATION,
    .matches = matches,
    .describe = describe,
};
