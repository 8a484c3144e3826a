/* RL501 lock-order-inversion: two threads take the same locks in different orders. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/taking.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_LOCK_ORDER;
}

static bool same_start(const struct access *a, const struct access *b)
{
    return a->site.file == b->site.file && a->site.span.start == b->site.span.start;
}

/* Whether both locks are the same field of two objects, and both threads run the same code. */
static bool is_of_two_objects(const struct hazard *hazard)
{
    bool same_code = same_start(hazard->first, hazard->partner_first) && same_start(hazard->last, hazard->partner);
    return hazard->held->identity == hazard->wanted->identity || (same_code && hazard->chain_count == 0);
}

/* "`A.lock` is taken on line 3 and then `B.lock` on line 4" */
static struct str order_of(struct arena *arena, const struct access *first, struct str held, const struct access *last,
                           struct str wanted, const struct thread_side *side, const struct site *from)
{
    struct str at = text_at(arena, &first->site, from), then = taking_where(arena, last, side, from);
    return arena_printf(arena, "`%.*s` is taken on %.*s and then `%.*s` %.*s", STR_FMT(held), STR_FMT(at),
                        STR_FMT(wanted), STR_FMT(then));
}

static void describe_objects(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str held = taking_lock(hazard->first, hazard->held), wanted = taking_lock(hazard->last, hazard->wanted);
    struct str order = order_of(arena, hazard->first, held, hazard->last, wanted, hazard->side, last);
    text->message = arena_printf(arena,
                                 "%.*s, the locks of two objects of one kind, in the order in which the caller names "
                                 "them. A thread that names them the other way round holds the one and waits for the "
                                 "other, and neither goes on.",
                                 STR_FMT(order));
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = held,
        .message = arena_printf(arena,
                                "Take `%.*s` and `%.*s` in an order that does not depend on the caller: sort the two "
                                "objects by a number or name that never changes.",
                                STR_FMT(held), STR_FMT(wanted)),
    };
}

/* What the threads between the two ends of a longer circle wait for. */
static struct str between(struct arena *arena, const struct hazard *hazard)
{
    struct str text = STR("");
    for (uint32_t i = 0; i < hazard->chain_count; i++) {
        const struct access *wait = hazard->chain[i];
        struct str code = text_code(arena, wait->text), at = text_at(arena, &wait->site, &hazard->last->site);
        text = arena_printf(arena, "%.*s; who holds that one waits for %.*s (%.*s)", STR_FMT(text), STR_FMT(code),
                            STR_FMT(at));
    }
    return text;
}

/* The two locks by name; by their classes where both are called the same: `Room._lock` and `Guest._lock`. */
static struct str lock_name(struct arena *arena, const struct hazard *hazard, const struct access *access,
                            const struct held_lock *lock)
{
    const struct held_lock *other = lock == hazard->held ? hazard->wanted : hazard->held;
    if (!lock || !str_equal(lock->name, other->name) || str_equal(lock->owner, other->owner)) {
        return taking_lock(access, lock);
    }
    return arena_printf(arena, "%.*s.%.*s", STR_FMT(text_last_name(lock->owner)), STR_FMT(text_last_name(lock->name)));
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (is_of_two_objects(hazard)) {
        describe_objects(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str held = lock_name(arena, hazard, hazard->first, hazard->held);
    struct str wanted = lock_name(arena, hazard, hazard->last, hazard->wanted);
    struct str order = order_of(arena, hazard->first, held, hazard->last, wanted, hazard->side, last);
    struct str other_held =
        lock_name(arena, hazard, hazard->partner_first, hazard->chain_count ? NULL : hazard->wanted);
    struct str other_wanted = lock_name(arena, hazard, hazard->partner, hazard->held);
    struct str back =
        order_of(arena, hazard->partner_first, other_held, hazard->partner, other_wanted, hazard->partner_side, last);
    struct str middle = between(arena, hazard);
    const char *who = hazard->chain_count ? "Threads that run these" : "Two threads that run these";
    text->message = arena_printf(arena,
                                 "%.*s%.*s; elsewhere, %.*s. %s at the same time each hold one lock and wait for the "
                                 "other's, for ever.",
                                 STR_FMT(order), STR_FMT(middle), STR_FMT(back), who);
    text->fix = (struct finding_fix){
        .kind = FIX_EXISTING_LOCK,
        .applicability = FIX_BY_HAND,
        .lock = held,
        .message = arena_printf(arena,
                                "Take `%.*s` and `%.*s` in the same order everywhere, or release the first before the "
                                "second is taken.",
                                STR_FMT(held), STR_FMT(wanted)),
    };
}

static const char *const cwes[] = {"CWE-833", "CWE-667", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://cwe.mitre.org/data/definitions/833.html",
    "https://docs.python.org/3/library/contextlib.html#contextlib.ExitStack",
    NULL,
};

const struct rule rule_RL501 = {
    .code = "RL501",
    .name = "lock-order-inversion",
    .summary = "locks are taken in opposite orders on paths that may run in parallel",
    .explanation = "A thread that holds one lock while it waits for a second one needs that nobody does the same the\n"
                   "other way round:\n"
                   "\n"
                   "1. Thread A takes `accounts_lock`.\n"
                   "2. Thread B takes `journal_lock`.\n"
                   "3. Thread A wants `journal_lock` and waits for B.\n"
                   "4. Thread B wants `accounts_lock` and waits for A.\n"
                   "\n"
                   "Nothing fails and nothing moves. The second lock is often taken in a function that is called\n"
                   "with the first one held. The same happens with one lock per object: `transfer(a, b)` and\n"
                   "`transfer(b, a)` take the locks of two accounts in two orders.\n",
    .bad = "import threading\n"
           "\n"
           "accounts_lock = threading.Lock()\n"
           "journal_lock = threading.Lock()\n"
           "accounts = {\"ann\": 10}\n"
           "journal = []\n"
           "\n"
           "\n"
           "def deposit(name, amount):\n"
           "    with accounts_lock:\n"
           "        accounts[name] = accounts.get(name, 0) + amount\n"
           "        with journal_lock:\n"
           "            journal.append((name, amount))\n"
           "\n"
           "\n"
           "def replay():\n"
           "    with journal_lock:\n"
           "        with accounts_lock:\n"
           "            for name, amount in journal:\n"
           "                accounts[name] = accounts.get(name, 0) + amount\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=deposit, args=(\"ann\", 5)), threading.Thread(target=replay)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import threading\n"
            "\n"
            "accounts_lock = threading.Lock()\n"
            "journal_lock = threading.Lock()\n"
            "accounts = {\"ann\": 10}\n"
            "journal = []\n"
            "\n"
            "\n"
            "def deposit(name, amount):\n"
            "    with accounts_lock:\n"
            "        accounts[name] = accounts.get(name, 0) + amount\n"
            "        with journal_lock:\n"
            "            journal.append((name, amount))\n"
            "\n"
            "\n"
            "def replay():\n"
            "    with accounts_lock:\n"
            "        with journal_lock:\n"
            "            for name, amount in journal:\n"
            "                accounts[name] = accounts.get(name, 0) + amount\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=deposit, args=(\"ann\", 5)), threading.Thread(target=replay)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Give the locks one order, write it down beside them, and take them in that order everywhere. For\n"
           "locks of several objects, sort the objects by something that never changes:\n"
           "`first, second = sorted((a, b), key=lambda account: account.number)`. Better still, release the\n"
           "first lock before calling code that takes another one.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};
